"""What makes namespaces: `unshare` with the right options for whoever runs us."""

from __future__ import annotations

import getpass
import os
import shutil
import subprocess
from pathlib import Path

from ashore_installer.errors import InstallerError

# Whatever ends us, SIGKILL too, ends what we started: the kernel kills `unshare`, and with it all of its namespaces.
_WITH_US = ("setpriv", "--pdeathsig", "KILL")
_PRIVATE = ("--mount", "--propagation", "private", "--pid", "--ipc", "--uts", "--fork", "--kill-child")
_USER = ("--user", "--map-auto", "--map-root-user")


def namespaces() -> list[str]:
    """The start of a command that runs the rest of it as root (or as what seems so) in namespaces of its own.

    It ends when the thread that starts it ends (PR_SET_PDEATHSIG in prctl(2)), and all its mounts with it. Raises
    InstallerError when this machine does not let an ordinary user do that.
    """
    if os.geteuid() == 0:
        return [*_WITH_US, "unshare", *_PRIVATE]
    _check_user_namespaces()
    return [*_WITH_US, "unshare", *_USER, *_PRIVATE]


def _check_user_namespaces() -> None:
    user = getpass.getuser()
    needed = (("unshare", "util-linux"), ("newuidmap", "uidmap"))
    if missing := [package for program, package in needed if not shutil.which(program)]:
        packages = " ".join(missing)
        raise InstallerError("Only root can do this here.", f"Install the packages {packages}, or run it as root.")
    if not (_has_ids("/etc/subuid", user) and _has_ids("/etc/subgid", user)):
        raise InstallerError(
            f"{user} has no subordinate ids, so only root can do this here.",
            f"As root: usermod --add-subuids 100000-165535 --add-subgids 100000-165535 {user}",
        )
    tried = subprocess.run(["unshare", *_USER, "true"], capture_output=True, check=False, stdin=subprocess.DEVNULL)
    if tried.returncode:
        reason = tried.stderr.decode(errors="replace").strip()
        raise InstallerError(
            f"This machine does not let an ordinary user make namespaces ({reason}).",
            "Run it as root, or allow unprivileged user namespaces (sysctl user.max_user_namespaces).",
        )


def _has_ids(file: str, user: str) -> bool:
    try:
        lines = Path(file).read_text(encoding="utf-8").splitlines()
    except OSError:
        return False
    return any(line.split(":")[0] in {user, str(os.getuid())} for line in lines)
