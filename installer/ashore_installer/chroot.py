"""The new system as it will see itself: for its own programs, and for scripts, that run during the installation.

A deployment's own tree is read-only there, as it is once the system runs: its files are hard links into the ostree
repository, and a script that wrote to /usr would change what the repository says it has. /etc, /var and /boot are
what gets written. A system made of packages (traditional mode) is simply mounted, with all of its file systems.
"""

from __future__ import annotations

import logging
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ashore_installer.context import Context
from ashore_installer.errors import InstallerError
from ashore_installer.run import CommandFailed, Runner

log = logging.getLogger(__name__)

LINK_LIMIT = 40
"""Symbolic links that are followed in one path, as the kernel does (path_resolution(7))."""

ENVIRONMENT = {
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "HOME": "/root",
    "LC_ALL": "C.UTF-8",
    "TERM": "dumb",
}
"""All that programs in the new system see of an environment."""

RESOLV_CONF = Path("/etc/resolv.conf")
UDEV = Path("/run/udev")
"""What udev knows of the disks: dracut and LVM ask it what they lie on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chroot:
    """The new system, mounted at `root` of the running one."""

    root: Path
    commands: Runner

    def run(self, argv: Sequence[str], *, stdin: bytes | None = None) -> str:
        """Run a program of the new system and give its stdout. Raises CommandFailed, which names only `argv`."""
        try:
            return self.commands.run(self._inside(argv), stdin=stdin)
        except CommandFailed as error:
            raise CommandFailed(argv, error.returncode, error.stderr) from error

    def follow(self, argv: Sequence[str], on_line: Callable[[str], None]) -> None:
        """The same for programs that take minutes: each line of their output goes to `on_line` as it comes."""
        try:
            self.commands.follow(self._inside(argv), on_line)
        except CommandFailed as error:
            raise CommandFailed(argv, error.returncode, error.stderr) from error

    def path(self, path: str) -> Path:
        """Where a path of the new system is in the running one."""
        return inside(self.root, path)

    def _inside(self, argv: Sequence[str]) -> tuple[str, ...]:
        # A PID namespace of its own: what a program leaves running ends with it and keeps no mount busy.
        root = os.fspath(self.root)
        environment = (f"{name}={value}" for name, value in ENVIRONMENT.items())
        unshare = ("unshare", "--mount", "--pid", "--fork", "--kill-child", f"--mount-proc={self.path('/proc')}")
        return ("env", "-i", *environment, *unshare, "chroot", root, *argv)


@contextmanager
def enter(context: Context, *, network: bool = False) -> Iterator[Chroot]:
    """The new system of `context` with API file systems; a deployment with its /etc, /var, /boot and /sysroot.

    With `network` its programs can resolve names as the running system does. All is unmounted at the end.
    """
    root = context.target.parent / "chroot"
    root.mkdir(mode=0o700, parents=True, exist_ok=True)
    chroot = Chroot(root=root, commands=context.run)
    try:
        _mount(context, root)
        if network:
            _lend_resolver(chroot)
        yield chroot
    finally:
        _unmount(context.run, root)


def inside(root: Path, path: str) -> Path:
    """Where `path` leads for a system whose root is `root`; its links, absolute ones too, never lead out of there.

    What does not exist is taken as it is written. Raises InstallerError when links go round in circles.
    """
    found: list[str] = []
    left = _parts(path)[::-1]
    links = 0
    while left:
        part = left.pop()
        if part == "..":
            del found[-1:]
            continue
        here = root.joinpath(*found, part)
        if not here.is_symlink():
            found.append(part)
            continue
        links += 1
        if links > LINK_LIMIT:
            raise InstallerError(f"The image's links at {path} lead nowhere.", "Make the image again.")
        target = os.fspath(here.readlink())
        if target.startswith("/"):
            found.clear()
        left += _parts(target)[::-1]
    return root.joinpath(*found)


@contextmanager
def api_file_systems(context: Context) -> Iterator[None]:
    """/proc, /sys, /dev and /run at the target itself, for programs that enter it by themselves (rpm's scriptlets).

    Without them `>/dev/null` makes a file of that name, and kernel-install finds no mounts (proc_mounts(5)). What they
    hide has Fedora's modes (its package filesystem), as rpm can't set them then.
    """
    mounted: list[Path] = []

    def mount(name: str, *words: str, mode: int = 0o755) -> None:
        place = inside(context.target, name)
        place.mkdir(mode=mode, parents=True, exist_ok=True)
        context.run.run(("mount", *words, place))
        mounted.append(place)

    try:
        mount("/proc", "-t", "proc", "-o", "nosuid,noexec,nodev", "proc", mode=0o555)
        mount("/sys", "--rbind", "--make-rprivate", "/sys", mode=0o555)
        mount("/dev", "--rbind", "--make-rprivate", "/dev")
        mount("/run", "-t", "tmpfs", "-o", "mode=0755,nosuid,nodev", "tmpfs")
        if UDEV.is_dir():
            mount(os.fspath(UDEV), "--bind", os.fspath(UDEV))
        yield
    finally:
        for place in reversed(mounted):
            _unmount(context.run, place)


def stateroot_var(context: Context) -> Path:
    """/var of the new system: of a deployment one for all of its stateroot (ostree/deploy/NAME/var)."""
    return context.target / "var" if context.plain else context.root().parent.parent / "var"


def _parts(path: str) -> list[str]:
    return [part for part in path.split("/") if part not in ("", ".")]


def _mount(context: Context, root: Path) -> None:
    deployment, target = context.root(), context.target

    def mount(name: str, *words: str | Path) -> None:
        # Below `root`, whatever links the image has instead of directories.
        context.run.run(("mount", *words, inside(root, name)))

    mount("/", "--rbind", "--make-rprivate", deployment)
    if not context.plain:
        mount("/", "-o", "remount,bind,ro")
        mount("/etc", "--bind", deployment / "etc")
        mount("/var", "--rbind", "--make-rprivate", stateroot_var(context))
        mount("/sysroot", "--bind", target)
        mount("/boot", "--rbind", "--make-rprivate", target / "boot")
    mount("/dev", "--rbind", "--make-rprivate", "/dev")
    mount("/sys", "--rbind", "--make-rprivate", "/sys")
    mount("/run", "-t", "tmpfs", "-o", "mode=0755", "tmpfs")
    if context.plain and UDEV.is_dir():
        inside(root, os.fspath(UDEV)).mkdir(parents=True, exist_ok=True)
        mount(os.fspath(UDEV), "--bind", UDEV)
    if inside(root, "/tmp").is_dir():
        # In some images a link to /sysroot/tmp, which is made when the system starts.
        mount("/tmp", "-t", "tmpfs", "-o", "mode=1777", "tmpfs")


def _unmount(commands: Runner, root: Path) -> None:
    """Unmount what is mounted at `root`, if anything is, with all below it."""
    if not os.path.ismount(root):
        return
    try:
        commands.run(("umount", "--recursive", root))
    except CommandFailed as error:
        # Nothing of the target is lost by this: the file systems are synchronised when they are unmounted themselves.
        log.warning("the new system is in use and is unmounted lazily: %s", error)
        commands.run(("umount", "--recursive", "--lazy", root))


def _lend_resolver(chroot: Chroot) -> None:
    """Put the running system's resolv.conf where the new system looks for one, if there is a place for it.

    The usual link into /run leads into a tmpfs and leaves nothing behind; a file of the image is covered.
    """
    place = chroot.path("/etc/resolv.conf")
    if not RESOLV_CONF.exists():
        return
    if place.is_relative_to(chroot.root / "run"):
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(RESOLV_CONF, place)
    elif place.is_file():
        chroot.commands.run(("mount", "--bind", RESOLV_CONF, place))
    else:
        log.info("the new system has no /etc/resolv.conf: names can't be resolved in it yet")
