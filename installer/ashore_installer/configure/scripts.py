"""Scripts of a kickstart that run when the system is installed (`%post`).

A script runs in the new system or, with `--nochroot`, in the live one, where the new system is at /mnt/sysimage and
/mnt/sysroot (Anaconda's names) and `ANA_INSTALL_PATH` says so too. The physical root is below that, at /sysroot.
"""

from __future__ import annotations

import logging
import os
import shlex
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from ashore_installer.chroot import Chroot
from ashore_installer.configure.files import PRIVATE, write
from ashore_installer.context import Context
from ashore_installer.errors import InstallerError
from ashore_installer.plan import Script
from ashore_installer.run import CommandFailed, Runner

log = logging.getLogger(__name__)

SYSROOT, SYSIMAGE = "sysroot", "sysimage"
SHOWN_LINES = 200
"""Lines of a script that faces are shown; all of them are in the log."""
SCRIPT_DIRECTORY = "/run/ashore-scripts"
"""In the new system; /run is a tmpfs there, so nothing stays behind."""


class ScriptFailed(InstallerError):
    """A script with `--erroronfail` did not end well."""


def run_scripts(context: Context, chroot: Chroot, scripts: tuple[Script, ...], mounts: Path) -> None:
    """Run `scripts` in their order. `mounts` is where the live system shows the new one to them (/mnt).

    One that fails is warned of, or raises ScriptFailed when it has `--erroronfail`.
    """
    with _shown_at(context.run, chroot.root, mounts) as outside:
        for number, script in enumerate(scripts, 1):
            output = _Output(show=context.note, keep=bool(script.log))
            try:
                if script.chroot:
                    _run_inside(chroot, script, number, output)
                else:
                    _run_outside(context.run, outside, script, number, output)
            except CommandFailed as error:
                _complain(context, script, number, error)
            finally:
                _keep_output(context, chroot, script, "".join(output.kept))


@dataclass(slots=True)
class _Output:
    """What a script prints: all of it goes into the log and is kept for `--log`, the beginning to the faces."""

    show: Callable[[str], None]
    keep: bool
    kept: list[str] = field(default_factory=list)
    lines: int = 0

    def __call__(self, line: str) -> None:
        log.info("script: %s", line)
        if self.keep:
            self.kept.append(f"{line}\n")
        self.lines += 1
        if self.lines <= SHOWN_LINES:
            self.show(line)
        if self.lines == SHOWN_LINES:
            self.show("(the rest of the output is in the log)")


def _run_inside(chroot: Chroot, script: Script, number: int, output: _Output) -> None:
    place = f"{SCRIPT_DIRECTORY}/{number}"
    chroot.path(SCRIPT_DIRECTORY).mkdir(mode=0o700, exist_ok=True)
    file = write(chroot.root, place, script.body, 0o700)
    try:
        chroot.follow((*shlex.split(script.interpreter), place), output)
    finally:
        file.unlink(missing_ok=True)


def _run_outside(commands: Runner, root: Path, script: Script, number: int, output: _Output) -> None:
    with tempfile.TemporaryDirectory(prefix="ashore-scripts-") as directory:
        file = write(Path(directory), str(number), script.body, 0o700)
        argv = (*shlex.split(script.interpreter), os.fspath(file))
        commands.follow(argv, output, env={"ANA_INSTALL_PATH": os.fspath(root)})


@contextmanager
def _shown_at(commands: Runner, root: Path, mounts: Path) -> Iterator[Path]:
    """The new system at both of Anaconda's places; gives the first."""
    places = [mounts / name for name in (SYSROOT, SYSIMAGE)]
    try:
        for place in places:
            place.mkdir(parents=True, exist_ok=True)
            commands.run(("mount", "--rbind", "--make-rprivate", root, place))
        yield places[0]
    finally:
        for place in places:
            if os.path.ismount(place):
                commands.run(("umount", "--recursive", "--lazy", place))


def _complain(context: Context, script: Script, number: int, error: CommandFailed) -> None:
    where = f"line {script.line} of the kickstart" if script.line else f"number {number}"
    how = "was not found" if error.returncode == 127 else f"failed with exit status {error.returncode}"
    message = f"The %post script at {where} ({script.interpreter}) {how}."
    last = "\n".join(error.stderr.strip().splitlines()[-3:])
    if script.error_on_fail:
        raise ScriptFailed(f"{message}\n{last}".rstrip(), "Its output is in the log.") from error
    context.warn(f"{message} The installation goes on.")


def _keep_output(context: Context, chroot: Chroot, script: Script, text: str) -> None:
    """Write `--log`: a path of the system that the script runs in."""
    if not script.log:
        return
    try:
        write(chroot.root if script.chroot else Path("/"), script.log, text, PRIVATE)
    except OSError as error:
        context.warn(f"The log {script.log} of a %post script can't be written: {error.strerror}.")
