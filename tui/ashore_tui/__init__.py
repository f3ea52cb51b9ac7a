"""The faces of Ashore: the `ashore` command, the line mode and the live system's own start."""
