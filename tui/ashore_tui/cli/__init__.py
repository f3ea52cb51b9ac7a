"""The commands of `ashore`, one module each."""
