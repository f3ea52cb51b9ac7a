"""The inside of the sandbox: mounts, goes into the root tree and runs a program there as its only child.

Run by file name, with nothing but the standard library, in namespaces of its own, so that all its mounts are gone when
it ends. argv: a JSON object with the fields of `Setup`, then the program and its arguments. As the first process of its
PID namespace it also collects the children that other processes leave behind.
"""

from __future__ import annotations

import ctypes
import json
import os
import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

NOT_FOUND = 127
MNT_DETACH = 2  # umount2(2)


@dataclass(frozen=True)
class Setup:
    """`keep`: changes go to `root` itself. `binds`: (source, target, read only). `copies`: (source, target).

    `trees`: other root trees inside, which programs enter by themselves.
    """

    root: str
    keep: bool
    binds: list[tuple[str, str, bool]]
    copies: list[tuple[str, str]]
    trees: list[str]
    env: dict[str, str]
    chdir: str


def main() -> int:
    setup, command = Setup(**json.loads(sys.argv[1])), sys.argv[2:]
    signal.signal(signal.SIGINT, _leave_it_to_the_program)
    root = _itself(setup.root) if setup.keep else _covered(setup.root)
    _mount_kernel(root)
    for source, target, read_only in setup.binds:
        _bind(source, _place(root, target, like=Path(source)), read_only=read_only)
    for source, target in setup.copies:
        _copy(Path(source), root / target)
    for tree in setup.trees:
        _mount_kernel(root / tree.lstrip("/"))
    _enter(root)
    return _run(command, setup)


def _mount(*words: str, fds: tuple[int, ...] = ()) -> None:
    subprocess.run(["mount", *words], check=True, stdin=subprocess.DEVNULL, pass_fds=fds)


def _itself(root: str) -> Path:
    """The root tree as a mount of its own, which pivot_root(2) needs."""
    _mount("--bind", root, root)
    return Path(root)


def _covered(root: str) -> Path:
    """The root tree under an overlay that takes all changes in memory.

    The tmpfs is mounted over the tree itself, in our mount namespace only, so that no directory has to be made and
    removed; the tree below stays reachable by a file descriptor.
    """
    lower = os.open(root, os.O_PATH | os.O_DIRECTORY)
    _mount("-t", "tmpfs", "-o", "mode=0755", "tmpfs", root)
    upper, work, merged = (Path(root, name) for name in ("upper", "work", "merged"))
    for directory in (upper, work, merged):
        directory.mkdir(mode=0o755)
    options = f"lowerdir=/proc/self/fd/{lower},upperdir={upper},workdir={work}"
    if not _really_root():
        options += ",userxattr"  # trusted.* attributes need a capability in the first user namespace
    _mount("-t", "overlay", "-o", options, "overlay", str(merged), fds=(lower,))
    os.close(lower)
    return merged


def _really_root() -> bool:
    """True in the first user namespace: there, all ids are mapped to themselves."""
    return Path("/proc/self/uid_map").read_text(encoding="ascii").split() == ["0", "0", "4294967295"]


def _mount_kernel(root: Path) -> None:
    for name in ("proc", "sys", "dev", "run", "tmp"):
        (root / name).mkdir(exist_ok=True)
    _mount("-t", "proc", "-o", "nosuid,nodev,noexec", "proc", str(root / "proc"))
    for name in ("sys", "dev"):
        _mount("--rbind", f"/{name}", str(root / name))
    _mount("-t", "tmpfs", "-o", "mode=0755", "tmpfs", str(root / "run"))
    _mount("-t", "tmpfs", "-o", "mode=1777", "tmpfs", str(root / "tmp"))


def _place(root: Path, target: str, like: Path) -> Path:
    """`target` in the tree, made as a directory or an empty file when it is missing."""
    place = root / target.lstrip("/")
    if not place.resolve().is_relative_to(root):
        sys.exit(f"{target} is a link that leads out of the root tree")
    if like.is_dir():
        place.mkdir(parents=True, exist_ok=True)
    elif not place.exists():
        place.parent.mkdir(parents=True, exist_ok=True)
        place.touch()
    return place


def _bind(source: str, place: Path, *, read_only: bool) -> None:
    _mount("--rbind", source, str(place))
    if read_only:
        _mount("-o", "remount,bind,ro", str(place))


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    target.unlink(missing_ok=True)  # resolv.conf is a link to nowhere until systemd-resolved runs
    shutil.copyfile(source, target)


def _enter(root: Path) -> None:
    """`root` becomes `/` and all of the machine's own mounts leave this namespace (pivot_root(2), the `.` `.` way).

    By the C library, since not every distribution has the program pivot_root where users find it.
    """
    os.chdir(root)
    libc = ctypes.CDLL(None, use_errno=True)
    for done in (libc.pivot_root(b".", b"."), libc.umount2(b".", MNT_DETACH)):
        if done != 0:
            sys.exit(f"can't enter {root}: {os.strerror(ctypes.get_errno())}")
    os.chdir("/")


def _run(command: list[str], setup: Setup) -> int:
    try:
        child = subprocess.Popen(command, env=setup.env, cwd=setup.chdir, restore_signals=True)
    except OSError as error:
        print(f"{command[0]}: {error.strerror}", file=sys.stderr)
        return NOT_FOUND
    while True:
        pid, status = os.wait()
        if pid == child.pid:
            code = os.waitstatus_to_exitcode(status)
            return code if code >= 0 else 128 - code


def _leave_it_to_the_program(_signal: int, _frame: object) -> None:
    """Control-C reaches the program too; we pass on how it ended. (A handler, unlike SIG_IGN, is not inherited.)"""


if __name__ == "__main__":
    sys.exit(main())
