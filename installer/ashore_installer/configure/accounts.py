"""Accounts of the installed system, made by the image's own programs (shadow-utils) in the new system.

So names and numbers follow the image's login.defs, and what else its distribution does for a new user is done.
Passwords go through stdin only.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from dataclasses import dataclass

from ashore_installer.chroot import Chroot
from ashore_installer.configure.files import PRIVATE, read, write
from ashore_installer.errors import InstallerError
from ashore_installer.plan import RootAccount, SystemPlan, User
from ashore_installer.run import CommandFailed
from ashore_installer.secret import Secret

log = logging.getLogger(__name__)

GROUPS, VENDOR_GROUPS = "/etc/group", "/usr/lib/group"
"""The second holds the groups of images that keep theirs read-only (nss-altfiles)."""
SHELL = "/bin/bash"
"""A user's shell when nobody says, if the image has it; useradd's own default may be a bare sh."""
NO_PASSWORD = "*"
"""In /etc/shadow: no password fits, but the account is not locked, so that sshd lets keys in (sshd(8))."""
_MARKS = "!*"
"""What an entry of /etc/shadow begins with that is no hash (shadow(5))."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A line of /etc/passwd, as far as files of the user need it."""

    uid: int
    gid: int
    home: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Accounts:
    """The accounts of one new system; `warn` hears of what differs from the plan."""

    chroot: Chroot
    shells: tuple[str, ...]
    warn: Callable[[str], None]

    def apply(self, system: SystemPlan) -> None:
        """Make groups and users, set passwords and keys. Raises InstallerError."""
        self._make_homes()
        for group in system.groups:
            self._ensure_group(group.name, group.gid)
        for user in system.users:
            self._make_user(user)
        self._set_root(system.root)

    def _make_homes(self) -> None:
        """What /home and /root lead to is in /var, which is made when the system starts; it's wanted now."""
        try:
            self.chroot.run(("systemd-tmpfiles", "--create", "--prefix=/home", "--prefix=/var/home",
                             "--prefix=/root", "--prefix=/var/roothome"))  # fmt: skip
        except CommandFailed as error:
            log.info("systemd-tmpfiles did not make all of /var: %s", error)
        self.chroot.path("/home").mkdir(mode=0o755, parents=True, exist_ok=True)
        self.chroot.path("/root").mkdir(mode=0o700, parents=True, exist_ok=True)

    def _ensure_group(self, name: str, gid: int | None = None) -> None:
        numbers = self._groups()
        if name in numbers:
            if gid not in (None, numbers[name]):
                self.warn(f"The system's group {name} keeps its number {numbers[name]} ({gid} was asked for).")
            self._take_vendor_group(name)
            return
        self.chroot.run(("groupadd", *(("--gid", str(gid)) if gid is not None else ()), name))

    def _take_vendor_group(self, name: str) -> None:
        """Copy a group of /usr/lib/group into /etc/group, where members can be added."""
        if name in _by_name(read(self.chroot.root, GROUPS)):
            return
        line = _by_name(read(self.chroot.root, VENDOR_GROUPS))[name]
        write(self.chroot.root, GROUPS, f"{read(self.chroot.root, GROUPS)}{':'.join(line)}\n")

    def _groups(self) -> dict[str, int]:
        lines = _by_name(read(self.chroot.root, VENDOR_GROUPS)) | _by_name(read(self.chroot.root, GROUPS))
        return {name: int(line[2]) for name, line in lines.items() if len(line) > 2 and line[2].isdigit()}

    def _make_user(self, user: User) -> None:
        for group in user.groups:
            self._ensure_group(group)
        if self._entry(user.name):
            self.warn(f"The system has a user {user.name} already: it is changed, not made.")
            self._change(user)
        else:
            self._add(user)
        self._set_password(user)
        self._add_keys(user.name, user.ssh_keys)

    def _add(self, user: User) -> None:
        if user.home:
            self.chroot.path(user.home).parent.mkdir(mode=0o755, parents=True, exist_ok=True)
        shell = user.shell or (SHELL if SHELL in self.shells else "")
        uid = ("--uid", str(user.uid)) if user.uid is not None else ()
        options = (*uid, *self._primary_group(user), *_options(user, shell))
        self.chroot.run(("useradd", "--create-home", *options, user.name))

    def _primary_group(self, user: User) -> tuple[str, ...]:
        """A group of the user's own, unless a number or a group of the user's name says another."""
        numbers = self._groups()
        if user.gid is not None:
            if user.gid not in numbers.values():
                self.chroot.run(("groupadd", "--gid", str(user.gid), user.name))
            return ("--gid", str(user.gid))
        return ("--gid", user.name) if user.name in numbers else ("--user-group",)

    def _change(self, user: User) -> None:
        options = _options(user, user.shell)
        if options:
            append = ("--append",) if user.groups else ()
            self.chroot.run(("usermod", *append, *options, user.name))

    def _set_password(self, user: User) -> None:
        if user.password:
            self._give_password(user.name, user.password, user.crypted)
        elif user.ssh_keys:
            self.chroot.run(("usermod", "--password", NO_PASSWORD, user.name))
        if user.locked:
            self.chroot.run(("usermod", "--lock", user.name))

    def _set_root(self, root: RootAccount) -> None:
        if root.password:
            self._give_password("root", root.password, root.crypted)
        else:
            # What the image may have as root's password must not stay: everybody can read the image.
            self.chroot.run(("usermod", "--password", NO_PASSWORD, "root"))
        if root.locked and root.password:
            self.chroot.run(("usermod", "--lock", "root"))
        self._add_keys("root", root.ssh_keys)

    def _give_password(self, name: str, password: Secret, crypted: bool) -> None:
        text = password.reveal()
        if crypted and text[0] in _MARKS:
            # No hash and no secret; newer versions of chpasswd refuse it (4.20 does).
            self.chroot.run(("usermod", "--password", text, name))
            return
        argv = ("chpasswd", "--encrypted") if crypted else ("chpasswd",)
        self.chroot.run(argv, stdin=f"{name}:{text}\n".encode())

    def _add_keys(self, name: str, keys: tuple[str, ...]) -> None:
        """Append keys to ~/.ssh/authorized_keys, which must be the user's alone (sshd(8), StrictModes)."""
        if not keys:
            return
        entry = self._entry(name)
        if entry is None:
            raise InstallerError(f"The user {name} was not made.", "See the log for what useradd said.")
        directory, owner = f"{entry.home}/.ssh", (entry.uid, entry.gid)
        place = self.chroot.path(directory)
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        place.chmod(0o700)
        os.chown(place, *owner)
        file = f"{directory}/authorized_keys"
        lines = dict.fromkeys((*read(self.chroot.root, file).splitlines(), *keys))
        write(self.chroot.root, file, "".join(f"{line}\n" for line in lines), PRIVATE, owner)

    def _entry(self, name: str) -> Entry | None:
        fields = _by_name(read(self.chroot.root, "/etc/passwd")).get(name)
        return Entry(uid=int(fields[2]), gid=int(fields[3]), home=fields[5]) if fields else None


def _options(user: User, shell: str) -> tuple[str, ...]:
    """What useradd and usermod have in common; only their short options have the same names."""
    given = {"-c": user.gecos, "-s": shell, "-d": user.home, "-G": ",".join(user.groups)}
    return tuple(word for option, value in given.items() if value for word in (option, value))


def _by_name(text: str) -> dict[str, list[str]]:
    """Lines of passwd(5) and group(5) by their first field."""
    lines = (line.split(":") for line in text.splitlines())
    return {fields[0]: fields for fields in lines if len(fields) > 3}
