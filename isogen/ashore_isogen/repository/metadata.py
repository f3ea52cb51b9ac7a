"""What libdnf5 has kept of the repositories that packages were collected from."""

from __future__ import annotations

import bz2
import gzip
import lzma
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from xml.etree import ElementTree

from ashore_installer.errors import InstallerError

_ZSTD = b"\x28\xb5\x2f\xfd"
_UNPACK: dict[bytes, Callable[[bytes], bytes]] = {
    b"\x1f\x8b": gzip.decompress,
    b"\xfd7zXZ": lzma.decompress,
    b"BZh": bz2.decompress,
}
"""By how such files begin (file(1))."""
_TYPES = ("group", "group_gz", "group_xz", "group_zst")
"""Names that createrepo_c has given to the groups in repomd.xml."""


def group_files(cache: Path, ids: Iterable[str]) -> Iterator[Path]:
    """The comps.xml of each repository that has one, in their order; they may be compressed.

    libdnf5 keeps a repository's metadata in `ID-HASH/repodata` of its cache.
    """
    for name in ids:
        for index in sorted(cache.glob(f"{name}-*/repodata/repomd.xml")):
            if index.parent.parent.name.rpartition("-")[0] == name:
                yield from _groups(index)


def unpacked(path: Path, zstd: Callable[[Path], bytes]) -> bytes:
    """The content of a file, decompressed. `zstd` decompresses what Python's own library can't yet."""
    content = path.read_bytes()
    if content.startswith(_ZSTD):
        return zstd(path)
    for start, unpack in _UNPACK.items():
        if content.startswith(start):
            return unpack(content)
    return content


def _groups(index: Path) -> Iterator[Path]:
    """repomd.xml names files relative to the repository; libdnf5 keeps them under their own names."""
    try:
        top = ElementTree.parse(index).getroot()
    except ElementTree.ParseError as error:
        raise InstallerError("The metadata of a repository can't be read.", "Tell who maintains it.") from error
    found = {one.get("type"): one.find("{*}location") for one in top.findall("{*}data")}
    for kind in _TYPES:
        place = found.get(kind)
        file = index.parent / Path(place.get("href", "") if place is not None else "").name
        if place is not None and file.is_file():
            yield file
            return
