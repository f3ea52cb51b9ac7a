"""Virtual machines to try media in: what a machine is made of, how QEMU is told, and `ashore iso boot`."""
