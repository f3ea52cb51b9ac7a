"""A small writer of OCI image layouts: the sample image is made with it, and every odd image that tests need."""

from ashore_isogen.oci.entry import (
    Entry,
    Kind,
    block_device,
    character_device,
    directory,
    fifo,
    hardlink,
    opaque,
    regular,
    symlink,
    whiteout,
)
from ashore_isogen.oci.layout import Compression, ImageSpec, Layer, LayoutWriter, StoredLayer, write_layout
from ashore_isogen.oci.tar import tar_bytes, write_tar
from ashore_isogen.oci.tree import Tree, tar_entries

__all__ = [
    "Compression", "Entry", "ImageSpec", "Kind", "Layer", "LayoutWriter", "StoredLayer", "Tree", "block_device",
    "character_device", "directory", "fifo", "hardlink", "opaque", "regular", "symlink", "tar_bytes", "tar_entries",
    "whiteout", "write_layout", "write_tar",
]  # fmt: skip
