"""A root tree seen from inside: no path and no symbolic link leads out of it."""

from __future__ import annotations

import fnmatch
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from ashore_installer.errors import BadInput

LINKS = 40  # as many as Linux follows (path_resolution(7))
_MAGIC = re.compile(r"[*?\[]")


@dataclass(frozen=True, slots=True)
class Tree:
    """The directory `root`, taken as `/`."""

    root: Path

    def path(self, inside: str, *, follow: bool = True) -> Path:
        """Where `inside` is on this machine: symbolic links are followed as a process in the tree would follow them.

        `follow=False` gives the last component itself, for what is about a link and not about its target. What does
        not exist yet is given as it is written. Raises BadInput for a path with too many `..` or a loop of links.
        """
        return self.root.joinpath(*self._parts(inside, follow=follow))

    def inside(self, path: Path) -> str:
        """The opposite of `path`."""
        return "/" + path.relative_to(self.root).as_posix()

    def glob(self, pattern: str) -> tuple[str, ...]:
        """What matches, sorted, as absolute paths inside. `*` does not match `/` and no leading dot, as in a shell."""
        found = [PurePosixPath("/")]
        for part in _parts_of(pattern):
            found = [match for base in found for match in self._matches(base, part)]
        return tuple(sorted(str(path) for path in found))

    def _matches(self, base: PurePosixPath, part: str) -> Iterator[PurePosixPath]:
        directory = self.path(str(base))
        if not _MAGIC.search(part):
            if os.path.lexists(directory / part):
                yield base / part
        elif directory.is_dir():
            names = fnmatch.filter(sorted(path.name for path in directory.iterdir()), part)
            yield from (base / name for name in names if part.startswith(".") or not name.startswith("."))

    def _parts(self, inside: str, *, follow: bool) -> list[str]:
        done: list[str] = []
        todo = list(reversed(_parts_of(inside)))
        links = 0
        while todo:
            part = todo.pop()
            if part == "..":  # from a link; at the top it stays at the top, as it does for a process inside
                done = done[:-1]
                continue
            done.append(part)
            here = self.root.joinpath(*done)
            if (todo or follow) and here.is_symlink():
                links += 1
                if links > LINKS:
                    raise BadInput(f"{inside} is a loop of symbolic links.", "Name the file itself.")
                link = here.readlink()
                done = [] if link.is_absolute() else done[:-1]
                todo += [part for part in reversed(link.parts) if part != "/"]
        return done


def _parts_of(inside: str) -> list[str]:
    parts: list[str] = []
    for part in PurePosixPath("/" + inside).parts[1:]:
        if part != "..":
            parts.append(part)
        elif parts:
            parts.pop()
        else:
            raise BadInput(f"The path {inside} leads out of the root tree.", "Take the .. out of it.")
    return parts
