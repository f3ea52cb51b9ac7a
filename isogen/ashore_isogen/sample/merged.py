"""An image of a layout as one tree: what a container engine would see, by path."""

from __future__ import annotations

import io
import json
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO, Any

from ashore_installer.errors import BadInput
from ashore_isogen.oci import Entry, Kind, tar_entries
from ashore_isogen.oci.entry import OPAQUE, WHITEOUT
from ashore_isogen.oci.layout import LAYER, REF_NAME

KEPT = 1 << 16
"""Contents of files up to this many bytes are always kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Merged:
    """`config` is the image's configuration; `layers` are the digests of its blobs; `tree` has entries by path."""

    config: dict[str, Any]
    layers: tuple[str, ...]
    tree: dict[bytes, Entry] = field(default_factory=dict)

    def text(self, path: str) -> str:
        """The content of a small file; empty when there is none."""
        entry = self.tree.get(path.encode())
        return entry.content.decode(errors="replace") if entry and isinstance(entry.content, bytes) else ""

    def names(self, directory: str) -> set[str]:
        """The names in a directory."""
        start = directory.encode() + b"/"
        return {
            path[len(start) :].split(b"/")[0].decode(errors="replace") for path in self.tree if path.startswith(start)
        }


def merge(layout: Path, tag: str, wanted: Iterable[str] = ()) -> Merged:
    """The image `tag` with its layers merged. Large files keep their content if they end with one of `wanted`.

    Raises BadInput.
    """
    manifest = _json(layout, _tags(layout).get(tag, ""))
    found = Merged(
        config=_json(layout, manifest["config"]["digest"]),
        layers=tuple(layer["digest"] for layer in manifest["layers"]),
    )
    ends = tuple(name.encode() for name in wanted)
    for layer in manifest["layers"]:
        with _blob(layout, layer["digest"]).open("rb") as blob:
            _overlay(found.tree, tar_entries(_unpacked(blob, layer["mediaType"].removeprefix(LAYER))), ends)
    return found


def _tags(layout: Path) -> dict[str, str]:
    try:
        index = json.loads((layout / "index.json").read_bytes())
    except OSError as error:
        raise BadInput(f"{layout} is no OCI layout: {error.strerror}.", "Build the sample first.") from error
    return {entry.get("annotations", {}).get(REF_NAME, ""): entry["digest"] for entry in index["manifests"]}


def _json(layout: Path, digest: str) -> Any:
    try:
        return json.loads(_blob(layout, digest).read_bytes())
    except OSError as error:
        raise BadInput(f"{layout} lacks the image or one of its blobs.", "Build it again.") from error


def _blob(layout: Path, digest: str) -> Path:
    return layout / "blobs" / "sha256" / digest.removeprefix("sha256:")


def _unpacked(blob: IO[bytes], suffix: str) -> IO[bytes]:
    if suffix == "+zstd":
        import zstandard  # Only whoever reads such a layer needs the library.

        return zstandard.ZstdDecompressor().stream_reader(blob)
    return io.BytesIO(zlib.decompress(blob.read(), 16 + zlib.MAX_WBITS)) if suffix == "+gzip" else blob


def _overlay(tree: dict[bytes, Entry], layer: Iterator[Entry], ends: tuple[bytes, ...]) -> None:
    """Put a layer on `tree` (OCI image-spec, layer.md): whiteouts hide what is below, never what is beside them."""
    below = set(tree)
    for entry in layer:
        head, _, name = entry.path.rpartition(b"/")
        start = head + b"/" if head else b""
        if name == OPAQUE:
            _remove(tree, below, start)
        elif name.startswith(WHITEOUT):
            _remove(tree, below, start + name.removeprefix(WHITEOUT))
        else:
            if entry.kind is not Kind.DIRECTORY:
                _remove(tree, below, entry.path)
            below.discard(entry.path)
            tree[entry.path] = replace(entry, content=_content(entry, ends))


def _remove(tree: dict[bytes, Entry], below: set[bytes], path: bytes) -> None:
    """Remove `path` and all below it; or, when it ends with a slash, only what is below."""
    inside = path if path.endswith(b"/") or not path else path + b"/"
    for gone in [known for known in below if known == path or known.startswith(inside)]:
        below.discard(gone)
        tree.pop(gone, None)


def _content(entry: Entry, ends: tuple[bytes, ...]) -> bytes:
    if isinstance(entry.content, bytes | Path) or not (entry.size <= KEPT or entry.path.endswith(ends)):
        return b""
    return entry.content.read(entry.size)
