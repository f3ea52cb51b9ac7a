"""A layer's bytes: read, decompressed and checked in one pass.

The digest of the blob and the diff_id of the tar stream in it are computed while the bytes go by. Reading, hashing
and decompressing release the interpreter's lock and run in a thread ahead of the consumer, so that a second core
does them.
"""

from __future__ import annotations

import hashlib
import queue
import threading
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, cast

from ashore_installer.errors import InstallerError
from ashore_installer.image import LayerInfo
from ashore_installer.payload.layout import CHUNK, check_digest, chunks, open_blob
from ashore_installer.units import MiB

AHEAD = 4
"""Pieces of at most `CHUNK` bytes that are decompressed ahead of the consumer."""
ZSTD_WINDOW = 128 * MiB
"""The most memory a zstd frame may ask for: what `zstd --ultra -22` needs and the zstd program accepts by default."""

Pieces = Iterator[bytes]


def layer_pieces(
    root: Path, layer: LayerInfo, on_bytes: Callable[[int], None] = lambda _count: None, *, verify: bool = True
) -> Pieces:
    """The tar stream of a layer of the OCI layout at `root`, in pieces of at most 1 MiB.

    `on_bytes` is told how many bytes of the blob were read more. The stream must be read to its end: only there the
    digests are compared, and an InstallerError names the layer when they differ. Without `verify` nothing is hashed:
    that is for a look at a layer that is read whole again afterwards.
    """
    decompress = _decompressor(layer)

    def read() -> Pieces:
        blob_digest, diff_id = hashlib.sha256(), hashlib.sha256()
        with open_blob(root, layer.digest, layer.size) as blob:

            def compressed() -> Pieces:
                for piece in chunks(blob):
                    if verify:
                        blob_digest.update(piece)
                    on_bytes(len(piece))
                    yield piece

            for piece in decompress(compressed()):
                if verify:
                    diff_id.update(piece)
                yield piece
        if verify:
            check_digest(layer.digest, blob_digest.hexdigest())
            _check_diff_id(layer, diff_id.hexdigest())

    return read()


def ahead(pieces: Pieces) -> Pieces:
    """The same pieces, made in a thread that is at most `AHEAD` of them ahead. Errors come through."""
    slots: queue.Queue[bytes | BaseException | None] = queue.Queue(AHEAD)
    stop = threading.Event()
    thread = threading.Thread(target=_fill, args=(pieces, slots, stop), name="layer", daemon=True)
    thread.start()
    try:
        while (piece := slots.get()) is not None:
            if isinstance(piece, BaseException):
                raise piece
            yield piece
    finally:
        stop.set()
        while thread.is_alive():
            _drain(slots)
            thread.join(0.01)


def _fill(pieces: Pieces, slots: queue.Queue[bytes | BaseException | None], stop: threading.Event) -> None:
    try:
        for piece in pieces:
            slots.put(piece)
            if stop.is_set():
                return
        slots.put(None)
    except BaseException as error:  # noqa: BLE001 (the consumer raises it)
        slots.put(error)


def _drain(slots: queue.Queue[bytes | BaseException | None]) -> None:
    try:
        while True:
            slots.get_nowait()
    except queue.Empty:
        return


def _decompressor(layer: LayerInfo) -> Callable[[Pieces], Pieces]:
    kind = layer.media_type
    if kind.endswith(("+gzip", ".tar.gzip")):
        return lambda pieces: _gunzip(layer, pieces)
    if kind.endswith(("+zstd", ".tar.zstd")):
        return lambda pieces: _unzstd(layer, pieces)
    if kind.endswith(".tar"):
        return lambda pieces: pieces
    raise InstallerError(
        f"The layer {layer.digest} has the unknown type {kind!r}.", "Make the image with gzip or zstd layers."
    )


def _gunzip(layer: LayerInfo, pieces: Pieces) -> Pieces:
    """Decompress gzip members (RFC 1952); several in a row are one stream, as gzip(1) does it."""
    member = None
    try:
        for piece in pieces:
            while piece:
                member = member or zlib.decompressobj(wbits=31)
                yield member.decompress(piece, CHUNK)
                piece = member.unused_data if member.eof else member.unconsumed_tail
                member = None if member.eof else member
        while member and (data := member.decompress(b"", CHUNK)):
            yield data
    except zlib.error as error:
        raise _broken(layer, str(error)) from error
    if member and not member.eof:
        raise _broken(layer, "it ends too early")


def _unzstd(layer: LayerInfo, pieces: Pieces) -> Pieces:
    """Decompress zstd frames (RFC 8878), skippable ones included, as zstd:chunked has them at its end."""
    import zstandard

    context = zstandard.ZstdDecompressor(max_window_size=ZSTD_WINDOW)
    source = cast("IO[bytes]", _Readable(pieces))
    try:
        with context.stream_reader(source, read_size=CHUNK, read_across_frames=True) as reader:
            while data := reader.read(CHUNK):
                yield data
    except zstandard.ZstdError as error:
        raise _broken(layer, str(error)) from error


class _Readable:
    """Pieces as what zstandard wants of a file object, its `read`; it asks for as many bytes as a piece can have."""

    def __init__(self, pieces: Pieces) -> None:
        self._pieces = pieces

    def read(self, size: int = -1) -> bytes:
        piece = next(self._pieces, b"")
        if 0 <= size < len(piece):
            raise RuntimeError("pieces are no longer than what is asked for")
        return piece


def _broken(layer: LayerInfo, why: str) -> InstallerError:
    return InstallerError(
        f"The layer {layer.digest} can't be decompressed: {why}.", "Check the medium, or make the image again."
    )


def _check_diff_id(layer: LayerInfo, found: str) -> None:
    if layer.diff_id != f"sha256:{found}":
        raise InstallerError(
            f"The layer {layer.digest} is not the one that the image's configuration names: its tar stream has the "
            f"digest sha256:{found} instead of {layer.diff_id}.",
            "Make the image again.",
        )
