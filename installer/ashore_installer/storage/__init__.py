"""Disks: the layout as pure functions, and blivet, which carries it out."""
