"""What the file commands do to a root tree. Globs that match nothing are told, never an error, as in lorax."""

from __future__ import annotations

import fnmatch
import os
import re
import shutil
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from ashore_installer.errors import BadInput
from ashore_isogen.template import commands as c
from ashore_isogen.template.tree import Tree


@dataclass(frozen=True, slots=True)
class Files:
    """Changes the files of `tree`; `tell` gets a line for everything that matched nothing."""

    tree: Tree
    tell: Callable[[str], None]

    def install(self, command: c.Install) -> None:
        """Copies files with mode and times. Directories are refused, as in lorax."""
        for source in self._wanted(command.source):
            path = self.tree.path(source)
            if path.is_dir():
                raise BadInput(f"{source} is a directory.", "Install the files in it: add /* to the path.")
            shutil.copy2(path, self._target(command.dest, path.name))

    def make_dirs(self, command: c.MakeDirs) -> None:
        for path in command.paths:
            self.tree.path(path).mkdir(parents=True, exist_ok=True)

    def copy(self, command: c.Copy) -> None:
        source = self._one(command.source)
        target = self._target(command.dest, source.name)
        if source.is_dir() and not source.is_symlink():
            shutil.copytree(source, target, symlinks=True)
        else:
            shutil.copy2(source, target, follow_symlinks=False)

    def move(self, command: c.Move) -> None:
        source = self._one(command.source)
        shutil.move(source, self._target(command.dest, source.name))

    def hard_link(self, command: c.HardLink) -> None:
        source = self._one(command.source)
        self._target(command.dest, source.name).hardlink_to(source)

    def symlink(self, command: c.Symlink) -> None:
        path = self.tree.path(command.path, follow=False)
        if os.path.lexists(path):
            delete(path)
        path.symlink_to(command.target)

    def remove(self, command: c.Remove) -> None:
        for pattern in command.globs:
            for match in self._matches(pattern):
                delete(self.tree.path(match, follow=False))

    def chmod(self, command: c.Chmod) -> None:
        for match in self._wanted(command.glob):
            self.tree.path(match).chmod(command.mode)

    def replace(self, command: c.Replace) -> None:
        """Line by line, in place, so that the owner and the mode of the file stay. Telling when nothing changed."""
        for match in (match for pattern in command.globs for match in self._wanted(pattern)):
            path = self.tree.path(match)
            old = path.read_text(encoding="utf-8", errors="surrogateescape")
            new = "".join(re.sub(command.pattern, command.replacement, line) for line in old.splitlines(keepends=True))
            if old == new:
                self.tell(f"{command.pattern} is not in {match}")
            path.write_text(new, encoding="utf-8", errors="surrogateescape")

    def append(self, command: c.Append) -> None:
        with self.tree.path(command.file).open("a", encoding="utf-8") as file:
            file.write(command.text + "\n")

    def remove_package(self, name: str, files: Sequence[str]) -> None:
        """Deletes the files of the packages that match `name`. Directories stay: others may have files in them."""
        if not files:
            self.tell(f"no package matches {name}")
        self._unlink(files)

    def remove_from(self, command: c.RemoveFrom, files: Sequence[str]) -> None:
        """Deletes those of `files`, the files of the packages, that are meant."""
        chosen = [file for file in files if _chosen(file, command)]
        if not chosen:
            self.tell(f"no file of {command.package} matches")
        self._unlink(chosen)

    def remove_kmods(self, command: c.RemoveKmod) -> None:
        for pattern in command.globs:
            for match in self._matches(f"/lib/modules/*/kernel/{pattern}"):
                for path in _files_below(self.tree.path(match, follow=False)):
                    if not any(keep in self.tree.inside(path) for keep in command.keep):
                        path.unlink()

    def _unlink(self, files: Iterable[str]) -> None:
        for file in files:
            path = self.tree.path(file, follow=False)
            if path.is_symlink() or path.is_file():
                path.unlink()

    def _matches(self, pattern: str) -> tuple[str, ...]:
        found = self.tree.glob(pattern)
        if not found:
            self.tell(f"nothing matches {pattern}")
        return found

    def _wanted(self, pattern: str) -> tuple[str, ...]:
        if found := self.tree.glob(pattern):
            return found
        raise BadInput(f"Nothing in the root tree matches {pattern}.", "Correct the path.")

    def _one(self, inside: str) -> Path:
        path = self.tree.path(inside, follow=False)
        if os.path.lexists(path):
            return path
        raise BadInput(f"There is no {inside} in the root tree.", "Correct the path.")

    def _target(self, dest: str, name: str) -> Path:
        """`dest`, or `name` in it when it is a directory."""
        path = self.tree.path(dest)
        return self.tree.path(f"{dest}/{name}") if path.is_dir() else path


def delete(path: Path) -> None:
    """Whatever is at `path`; a link itself, not its target."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink()


def _chosen(file: str, command: c.RemoveFrom) -> bool:
    return any(fnmatch.fnmatchcase(file, glob) for glob in command.files) != command.all_but


def _files_below(path: Path) -> list[Path]:
    if path.is_dir():
        return [Path(directory) / name for directory, _, names in os.walk(path) for name in sorted(names)]
    return [path]
