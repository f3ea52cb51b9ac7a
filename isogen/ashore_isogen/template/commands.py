"""The commands of a template, as data. Paths are those inside the root tree, with or without a leading `/`."""

from __future__ import annotations

import shlex
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Where:
    """A line of a template; `file` is relative to the template directory, `line` counts from 1."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


@dataclass(frozen=True, slots=True, kw_only=True)
class InstallPkg:
    """Asks for packages, by name or glob; nothing is installed before `run_pkg_transaction`."""

    specs: tuple[str, ...]
    excluding: tuple[str, ...] = ()
    required: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class RunPkgTransaction:
    """Installs all packages that were asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RemovePkg:
    """Deletes the files of the packages whose names match; their removal scripts don't run."""

    packages: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveFrom:
    """Deletes the files of a package that match (with `all_but`: that don't match); `*` matches `/` too."""

    package: str
    files: tuple[str, ...]
    all_but: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveKmod:
    """Deletes kernel modules by path below `kernel/`, but not those with one of `keep` in their path."""

    globs: tuple[str, ...]
    keep: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Install:
    source: str
    dest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MakeDirs:
    paths: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    source: str
    dest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    source: str
    dest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HardLink:
    source: str
    dest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Symlink:
    """A symbolic link at `path` that says `target`; what is at `path` already is removed."""

    target: str
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Remove:
    globs: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chmod:
    glob: str
    mode: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Replace:
    """Replaces a regular expression in every line of the files that match."""

    pattern: str
    replacement: str
    globs: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Append:
    file: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RunCmd:
    """Runs a program inside the root tree: `runcmd chroot ${root} PROGRAM…`."""

    argv: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Systemctl:
    verb: str
    units: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Log:
    message: str


Command = (
    InstallPkg | RunPkgTransaction | RemovePkg | RemoveFrom | RemoveKmod | Install | MakeDirs | Copy | Move | HardLink
    | Symlink | Remove | Chmod | Replace | Append | RunCmd | Systemctl | Log
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One command with its place. `words` is what was written, after expansion. `may_fail` is the `-` prefix."""

    where: Where
    words: tuple[str, ...]
    command: Command
    may_fail: bool = False

    def __str__(self) -> str:
        return f"{self.where}: {'-' if self.may_fail else ''}{shlex.join(self.words)}"
