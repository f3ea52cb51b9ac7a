"""What is built once and used many times, outside of the work tree.

An entry is a directory named by the digest of what it was made from. It is made under a lock, beside its place, and
renamed to it when it is complete: an entry that exists is whole, and a build that failed leaves nothing.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from ashore_installer.errors import InstallerError

Tell = Callable[[str], None]
KEPT = 2  # entries of a kind: the one in use, and the one of the branch that was in use before


def digest_of(parts: Iterable[bytes]) -> str:
    """A digest of `parts` in their order, hexadecimal. Their lengths go in too, so that no two lists look the same."""
    found = hashlib.sha256()
    for part in parts:
        found.update(len(part).to_bytes(8, "big"))
        found.update(part)
    return found.hexdigest()[:32]


def files_of(directory: Path) -> list[Path]:
    """All files below `directory` that a person wrote, sorted: no byte code and nothing hidden."""
    return sorted(path for path in directory.rglob("*") if path.is_file() and _written(path.relative_to(directory)))


def _written(path: Path) -> bool:
    return not any(part == "__pycache__" or part.startswith(".") for part in path.parts)


def contents(directory: Path) -> Iterator[bytes]:
    """Names, kinds and bytes of `files_of(directory)`, for a digest. Modes don't count but for being executable."""
    for path in files_of(directory):
        yield path.relative_to(directory).as_posix().encode()
        yield b"x" if os.access(path, os.X_OK) else b"-"
        yield path.read_bytes()


@dataclass(frozen=True, slots=True)
class Cache:
    """The directory `top`; its parents are made when something is put there."""

    top: Path

    @classmethod
    def of_user(cls, environment: Mapping[str, str] = os.environ) -> Cache:
        """$ASHORE_CACHE, else $XDG_CACHE_HOME/ashore, else ~/.cache/ashore."""
        if own := environment.get("ASHORE_CACHE"):
            return cls(Path(own).absolute())
        base = environment.get("XDG_CACHE_HOME") or Path(environment.get("HOME") or Path.home(), ".cache")
        return cls(Path(base, "ashore"))

    def entry(self, kind: str, digest: str) -> Path:
        return self.top / kind / digest

    def find(self, kind: str, digest: str) -> Path | None:
        """The finished entry, or None. Notes that it was used."""
        entry = self.entry(kind, digest)
        if not entry.is_dir():
            return None
        with suppress(PermissionError):  # another user's cache is of use too
            os.utime(entry)
        return entry

    def make(self, kind: str, digest: str, build: Callable[[Path], None], tell: Tell) -> Path:
        """The entry, built by `build` into an empty directory unless it exists. Waits for whoever builds it now."""
        if found := self.find(kind, digest):
            return found
        with self.lock(f"{kind}-{digest}", tell):
            return self.find(kind, digest) or self._build(kind, digest, build)

    @contextmanager
    def lock(self, name: str, tell: Tell) -> Iterator[None]:
        """Holds the lock `name`; the system frees it when we die."""
        with self._lock_file(name).open("w", encoding="ascii") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                tell(f"Waiting for another build ({name})")
                fcntl.flock(file, fcntl.LOCK_EX)
            yield

    @contextmanager
    def hold(self, entry: Path) -> Iterator[int]:
        """Keeps `entry` from being removed. The file descriptor does it too, for a program that inherits it."""
        number = os.open(entry, os.O_RDONLY | os.O_DIRECTORY)
        try:
            fcntl.flock(number, fcntl.LOCK_SH)
            yield number
        finally:
            os.close(number)

    def forget(self, kind: str, digest: str) -> None:
        """Removes an entry, unless it is held: then it is in use, and stays."""
        if self.find(kind, digest):
            with self.lock(f"{kind}-{digest}", lambda _: None):
                self._remove_unless_held(self.entry(kind, digest))

    def _build(self, kind: str, digest: str, build: Callable[[Path], None]) -> Path:
        entry = self.entry(kind, digest)
        unfinished = self.top / "unfinished" / f"{kind}-{digest}"
        remove_tree(unfinished)  # of a build that was killed; we hold its lock
        self._sweep()
        try:
            unfinished.mkdir(parents=True)
            entry.parent.mkdir(parents=True, exist_ok=True)
            build(unfinished)
            unfinished.rename(entry)
        finally:
            remove_tree(unfinished)
        self._prune(kind, entry)
        return entry

    def _sweep(self) -> None:
        """Removes what other builds left that were killed: nobody holds their locks any more."""
        for path in (self.top / "unfinished").glob("*"):
            lock = self.top / "locks" / f"{path.name}.lock"
            if not lock.exists():
                continue
            with lock.open("w", encoding="ascii") as file, suppress(BlockingIOError):
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                remove_tree(path)

    def _prune(self, kind: str, newest: Path) -> None:
        """Removes all but the most recently used entries of a kind; those that are held stay too."""
        with self.lock(f"prune-{kind}", lambda _: None):
            others = [path for path in (self.top / kind).iterdir() if path != newest]
            others.sort(key=lambda path: path.stat().st_mtime, reverse=True)
            for path in others[KEPT - 1 :]:
                self._remove_unless_held(path)

    def _remove_unless_held(self, entry: Path) -> None:
        number = os.open(entry, os.O_RDONLY | os.O_DIRECTORY)
        try:
            fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
            gone = self.top / "unfinished" / f"old-{entry.parent.name}-{entry.name}"
            gone.parent.mkdir(exist_ok=True)
            entry.rename(gone)  # at once, so that nobody finds half of it
            remove_tree(gone)
        except BlockingIOError:
            pass
        finally:
            os.close(number)

    def _lock_file(self, name: str) -> Path:
        locks = self.top / "locks"
        try:
            locks.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            hint = "Set ASHORE_CACHE to a directory with about 3 GB of free space."
            raise InstallerError(f"Can't write to the cache {self.top}: {error.strerror}.", hint) from error
        return locks / f"{name}.lock"


def remove_tree(path: Path) -> None:
    if path.exists():
        shutil.rmtree(path)
