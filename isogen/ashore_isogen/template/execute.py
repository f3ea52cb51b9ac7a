"""A parsed template is done to a root tree, command by command."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Protocol, assert_never

from ashore_installer.errors import InstallerError
from ashore_isogen.template import commands as c
from ashore_isogen.template.files import Files
from ashore_isogen.template.tree import Tree


class PackageBackend(Protocol):
    """How a distribution's packages come into the root tree."""

    def request(self, command: c.InstallPkg) -> None:
        """Adds packages to the transaction. Raises BadInput for names that don't exist, at the latest in `transact`."""

    def transact(self) -> None:
        """Installs what was requested, once. Raises InstallerError."""

    def files_of(self, packages: str) -> Sequence[str]:
        """The files, as absolute paths inside, of all installed packages whose names match the glob `packages`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Executor:
    """Does commands. `enter` runs a program with the tree as its `/`; `report` gets a line for each thing to know."""

    tree: Tree
    packages: PackageBackend
    enter: Callable[[Sequence[str]], object]
    report: Callable[[str], None]

    def execute(self, lines: Iterable[c.Line]) -> None:
        """All of `lines` in their order. Raises InstallerError with file and line of the first that fails."""
        for line in lines:
            try:
                self._do(line)
            except (InstallerError, OSError) as error:
                if not line.may_fail:
                    raise _failed(line, error) from error
                self.report(f"{line.where}: {error} (ignored)")

    def _do(self, line: c.Line) -> None:
        files = Files(self.tree, partial(self._tell, line.where))
        match line.command:
            case c.InstallPkg() as command:
                self.packages.request(command)
            case c.RunPkgTransaction():
                self.packages.transact()
            case c.RemovePkg(packages=packages):
                for name in packages:
                    files.remove_package(name, self.packages.files_of(name))
            case c.RemoveFrom() as command:
                files.remove_from(command, self.packages.files_of(command.package))
            case c.RunCmd(argv=argv):
                self.enter(argv)
            case c.Systemctl(verb=verb, units=units):
                self.enter(("systemctl", "--no-reload", verb, *units))
            case c.Log(message=message):
                self.report(message)
            case command:
                _do_files(files, command)

    def _tell(self, where: c.Where, text: str) -> None:
        self.report(f"{where}: {text}")


FileCommand = (
    c.Install | c.MakeDirs | c.Copy | c.Move | c.HardLink | c.Symlink | c.Remove | c.RemoveKmod | c.Chmod | c.Replace
    | c.Append
)  # fmt: skip


def _do_files(files: Files, command: FileCommand) -> None:
    match command:
        case c.Install():
            files.install(command)
        case c.MakeDirs():
            files.make_dirs(command)
        case c.Copy():
            files.copy(command)
        case c.Move():
            files.move(command)
        case c.HardLink():
            files.hard_link(command)
        case c.Symlink():
            files.symlink(command)
        case c.Remove():
            files.remove(command)
        case c.RemoveKmod():
            files.remove_kmods(command)
        case c.Chmod():
            files.chmod(command)
        case c.Replace():
            files.replace(command)
        case c.Append():
            files.append(command)
        case _:
            assert_never(command)


def _failed(line: c.Line, error: InstallerError | OSError) -> InstallerError:
    if isinstance(error, InstallerError):
        return InstallerError(f"{line}\n{error.message}", error.hint)
    return InstallerError(f"{line}\n{error}", f"Correct line {line.where.line} of {line.where.file}.")
