"""Checksums of what goes onto a medium.

Each byte is read once more than a plain copy would: to say what it is, or, where that is known already (blobs are named
by their digests, the live runtime never changes), to compare it while the medium is written.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Lock

from ashore_installer import codec
from ashore_installer.errors import BadInput, InstallerError
from ashore_installer.mediacheck import content_digest
from ashore_installer.medium import PAYLOAD, MediumFile
from ashore_isogen.cache import Cache, digest_of
from ashore_isogen.iso import Item
from ashore_isogen.live import LiveRuntime
from ashore_isogen.report import Report

KIND = "sums"
_NAME = "sums.json"
_BLOBS = f"{PAYLOAD}/blobs/sha256/"

Sums = Mapping[str, str]
"""SHA-256 in hexadecimal by path on the medium."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kept:
    sums: dict[str, str]


def described(items: Sequence[Item], known: Sums, report: Report) -> tuple[MediumFile, ...]:
    """Size and SHA-256 of each file; those with a known one are not read. Files are read in parallel."""
    listed = [(item, item.source.stat().st_size) for item in items]
    meter = _Meter(sum(size for item, size in listed if item.path not in known), report)

    def describe(entry: tuple[Item, int]) -> MediumFile:
        item, size = entry
        return MediumFile(path=item.path, size=size, sha256=known.get(item.path) or _digest(item, meter))

    with ThreadPoolExecutor() as pool:  # hashlib lets other threads run meanwhile
        return tuple(pool.map(describe, listed))


def blob_sums(items: Sequence[Item]) -> dict[str, str]:
    """Those of the payload's blobs, from their names."""
    return {item.path: item.path.removeprefix(_BLOBS) for item in items if item.path.startswith(_BLOBS)}


def kept_sums(runtime: LiveRuntime, cache: Cache | None) -> dict[str, str]:
    """Those of the runtime's files, if a medium with it was made before."""
    entry = cache.find(KIND, _key(runtime)) if cache else None
    if entry is None:
        return {}
    try:
        return codec.from_json((entry / _NAME).read_text(encoding="utf-8"), _Kept, "The kept checksums").sums
    except (OSError, ValueError, BadInput):
        return {}  # somebody touched it; the files themselves know better


def keep_sums(items: Sequence[Item], files: Sequence[MediumFile], runtime: LiveRuntime, cache: Cache | None) -> None:
    """Keep those of the files that come from the runtime."""
    own = {item.path for item in items if item.source.is_relative_to(runtime.directory)}
    text = codec.to_json(_Kept(sums={file.path: file.sha256 for file in files if file.path in own}))
    if cache:
        with suppress(OSError, InstallerError):  # a cache that can't be written only costs time
            cache.make(KIND, _key(runtime), lambda entry: _write(entry / _NAME, text), lambda _: None)


@contextmanager
def compared_meanwhile(items: Sequence[Item], expected: Sums) -> Iterator[None]:
    """Compare the items that have an expected checksum while the block runs. Raises BadInput after it."""
    stopped = Event()

    def stop(_read: int) -> None:
        if stopped.is_set():
            raise _Stopped

    with ThreadPoolExecutor(max_workers=1) as pool:  # the block needs the other processors
        try:
            found = [pool.submit(_compare, item, expected[item.path], stop) for item in items if item.path in expected]
            yield
            for comparison in found:
                comparison.result()
        finally:
            stopped.set()
            pool.shutdown(cancel_futures=True)


def file_digest(path: Path) -> str:
    """SHA-256 of a whole file, in hexadecimal."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


class _Stopped(Exception):
    """Nobody needs the result any more."""


class _Meter:
    """Adds up what several threads have read."""

    def __init__(self, total: int, report: Report) -> None:
        self._lock = Lock()
        self._done, self._total, self._report = 0, total, report

    def add(self, count: int) -> None:
        with self._lock:
            self._done += count
            self._report.progress(self._done, self._total)


def _digest(item: Item, meter: _Meter) -> str:
    before = 0

    def advance(read: int) -> None:
        nonlocal before
        meter.add(read - before)
        before = read

    with item.source.open("rb", buffering=0) as stream:
        return content_digest(item.path, stream, advance)


def _compare(item: Item, expected: str, stop: Callable[[int], None]) -> None:
    with item.source.open("rb", buffering=0) as stream:
        if content_digest(item.path, stream, stop) == expected:
            return
    if item.path.startswith(_BLOBS):
        raise BadInput(
            f"The blob sha256:{expected} of the image is damaged.",
            "The copy of the image is not whole: copy it again.",
        )
    raise BadInput(
        f"{item.source} is not what it was when it was made.",
        f"Remove {item.source.parent}; it is made again when it is needed.",
    )


def _key(runtime: LiveRuntime) -> str:
    return digest_of([runtime.digest.encode()])


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")
