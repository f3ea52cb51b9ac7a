"""Installer media: the live runtime, the ISO, the payload on it, and QEMU to try them in."""
