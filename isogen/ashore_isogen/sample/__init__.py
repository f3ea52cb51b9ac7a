"""The sample bootable container image."""
