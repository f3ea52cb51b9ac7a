"""What can't be right about the system that was asked for: pure, before the first write.

The image is not unpacked yet, so what depends on its files (a time zone, a keymap) is only checked for its shape; the
step that sets it warns when the image does not have it.
"""

from __future__ import annotations

import itertools
import re
import shlex
from collections.abc import Iterable, Sequence

from ashore_installer.configure.check_network import check_network
from ashore_installer.configure.enrol import check_enrol
from ashore_installer.configure.zram import check_zram
from ashore_installer.payload_info import PayloadInfo
from ashore_installer.plan import InstallPlan, Problem, RootAccount, Script, ScriptPhase, SystemPlan, User
from ashore_installer.secret import Secret
from ashore_installer.storage_plan import StoragePlan

# useradd(8), "CAVEATS": what every distribution's build of it takes.
_NAME = re.compile(r"[a-z_][a-z0-9_-]{0,31}")
_LABEL = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?")
HOSTNAME_LENGTH = 64
"""HOST_NAME_MAX of Linux (gethostname(2))."""
_LOCALE = re.compile(r"C|POSIX|(C|[a-z]{2,3}(_[A-Z]{2})?)(\.[A-Za-z0-9-]+)?(@[a-z]+)?")
_KEYMAP = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")
_LAYOUT = re.compile(r"[A-Za-z0-9_-]+ *(\([A-Za-z0-9_,+-]*\))?")
_ZONE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_+-]*(/[A-Za-z0-9][A-Za-z0-9_+-]*){0,2}")
_HASH = re.compile(
    r"\$6\$(rounds=\d+\$)?[^\s:$]{0,16}\$[./A-Za-z0-9]{86}"
    r"|\$5\$(rounds=\d+\$)?[^\s:$]{0,16}\$[./A-Za-z0-9]{43}"
    r"|\$g?y\$[./A-Za-z0-9]+\$[./A-Za-z0-9]{0,86}\$[./A-Za-z0-9]{43}"
    r"|\$7\$[./A-Za-z0-9]{11,97}\$[./A-Za-z0-9]{43}"
    r"|\$2[abxy]\$\d\d\$[./A-Za-z0-9]{53}"
    r"|\$1\$[^\s:$]{0,8}\$[./A-Za-z0-9]{22}"
    r"|[!*][^\s:]*"
)
"""crypt(5), and what marks an account that has no password. The image's chpasswd refuses others, too late."""
_KEY_TYPE = re.compile(r"(ssh-|ecdsa-sha2-|sk-ssh-|sk-ecdsa-)[a-z0-9@.-]+")
_KEY_BODY = re.compile(r"[A-Za-z0-9+/]{20,}={0,3}")
ID_LIMIT = (1 << 32) - 2
"""The largest user or group number; the one above means "no change" (setreuid(2))."""


def check_system(plan: InstallPlan, image: PayloadInfo) -> tuple[Problem, ...]:
    """Why the system of `plan` can't be set up; empty when it can, as far as can be known now."""
    return (
        *_fstab(plan.storage),
        *check_zram(plan.storage.zram, image),
        *check_enrol(plan.storage, image),
        *_identity(plan.system),
        *check_network(plan.system.network, image),
        *_accounts(plan.system, image),
        *_scripts(plan.scripts),
    )


def _fstab(storage: StoragePlan) -> Iterable[Problem]:
    """Fields of fstab(5) end at a blank."""
    for mount in storage.mounts:
        if not mount.options.isprintable() or not mount.options or " " in mount.options:
            message = f"The mount options {mount.options!r} of {mount.path} can't be written into /etc/fstab."
            yield Problem(field="storage.mounts", message=message, hint="Separate options by commas only.")


def _identity(system: SystemPlan) -> Iterable[Problem]:
    if system.hostname and not _is_hostname(system.hostname):
        hint = "Use letters, digits and hyphens, with dots between the parts, 64 characters at most."
        yield _problem("hostname", f"{system.hostname!r} is no host name.", hint)
    for field, value, shape, what, like in (
        ("locale", system.locale, _LOCALE, "locale", "de_DE.UTF-8"),
        ("keymap", system.keymap, _KEYMAP, "console keymap", "de-nodeadkeys"),
        ("timezone", system.timezone, _ZONE, "time zone", "Europe/Berlin"),
        *(("keymap", layout, _LAYOUT, "keyboard layout", "de (nodeadkeys)") for layout in system.x11_layouts),
    ):
        if value and not shape.fullmatch(value):
            yield _problem(field, f"{value!r} is no {what}.", f"Write it like {like}.")


def _is_hostname(name: str) -> bool:
    return len(name) <= HOSTNAME_LENGTH and all(_LABEL.fullmatch(label) for label in name.split("."))


def _accounts(system: SystemPlan, image: PayloadInfo) -> Iterable[Problem]:
    yield from _root(system.root)
    for group in system.groups:
        yield from _name(f"groups.{group.name}", group.name, "group")
        yield from _number(f"groups.{group.name}", group.gid, f"The group {group.name}")
    for user in system.users:
        yield from _user(user, image)
    yield from _twice("users", [user.name for user in system.users], "The user")
    yield from _twice("groups", [group.name for group in system.groups], "The group")
    yield from _twice("users", [str(user.uid) for user in system.users if user.uid is not None], "The user number")
    yield from _twice("groups", [str(one.gid) for one in system.groups if one.gid is not None], "The group number")


def _root(root: RootAccount) -> Iterable[Problem]:
    yield from _password("root", root.password, root.crypted, "root")
    yield from _keys("root", root.ssh_keys, "root")


def _user(user: User, image: PayloadInfo) -> Iterable[Problem]:
    field, whose = f"users.{user.name}", f"the user {user.name}"
    if user.name == "root":
        yield _problem(field, "root is no user to be made.", "Use `rootpw` for the root account.")
    yield from _name(field, user.name, "user")
    yield from _number(field, user.uid, f"The user {user.name}")
    yield from _number(field, user.gid, f"The user {user.name}")
    for group in user.groups:
        yield from _name(field, group, "group")
    if not _is_field(user.gecos):
        yield _problem(field, f"The description of {whose} has a colon or a line break.", "Leave it out.")
    for what, path in (("home directory", user.home), ("shell", user.shell)):
        if path and not (path.startswith("/") and _is_field(path) and ".." not in path.split("/")):
            yield _problem(field, f"{path!r} can't be the {what} of {whose}.", "Give an absolute path.")
    if user.shell and image.shells and user.shell not in image.shells:
        hint = f"Its /etc/shells has: {', '.join(image.shells)}."
        yield _problem(field, f"The system does not have the shell {user.shell} of {whose}.", hint)
    yield from _password(field, user.password, user.crypted, whose)
    yield from _keys(field, user.ssh_keys, whose)


def _name(field: str, name: str, what: str) -> Iterable[Problem]:
    if not _NAME.fullmatch(name):
        hint = "Use small letters, digits, _ and -, 32 characters at most, and begin with a letter."
        yield _problem(field, f"{name!r} can't be the name of a {what}.", hint)


def _number(field: str, number: int | None, whose: str) -> Iterable[Problem]:
    if number is not None and not 0 < number <= ID_LIMIT:
        yield _problem(field, f"{whose} can't have the number {number}.", "Take one from 1000 on.")


def _password(field: str, password: Secret | None, crypted: bool, whose: str) -> Iterable[Problem]:
    if password is None:
        return
    text = password.reveal()
    if crypted and not _HASH.fullmatch(text):
        hint = "Make one with `openssl passwd -6`, or give the password as plain text."
        yield _problem(field, f"The password of {whose} is said to be a hash, and is none.", hint)
    if not text or any(ord(letter) < 32 or ord(letter) == 127 for letter in text):
        yield _problem(field, f"The password of {whose} is empty or has control characters.", "Choose another one.")


def _keys(field: str, keys: Sequence[str], whose: str) -> Iterable[Problem]:
    for key in keys:
        if not _is_key(key):
            hint = "Give the line of a .pub file, as `ssh-ed25519 AAAA… name`."
            yield _problem(field, f"An ssh key of {whose} is no public key: {key[:40]!r}.", hint)


def _is_key(key: str) -> bool:
    """Whether a line has a key type and, after it, a key in base64; options may stand before (sshd(8))."""
    words = key.split()
    return _is_line(key) and any(
        _KEY_TYPE.fullmatch(one) and _KEY_BODY.fullmatch(two) for one, two in itertools.pairwise(words)
    )


def _twice(field: str, words: Sequence[str], what: str) -> Iterable[Problem]:
    for word in dict.fromkeys(word for word in words if words.count(word) > 1):
        yield _problem(field, f"{what} {word} is there twice.", "Remove one of the two.")


def _scripts(scripts: Sequence[Script]) -> Iterable[Problem]:
    for number, script in enumerate(scripts):
        where = f"The script at line {script.line}" if script.line else "A script"
        if not _interpreter(script):
            message = f"{where} has the interpreter {script.interpreter!r}, which is no absolute path."
            yield Problem(field=f"scripts[{number}]", message=message, hint="Write it like /usr/bin/python3.")
        if script.log and not (script.log.startswith("/") and _is_line(script.log)):
            message = f"{where} has the log {script.log!r}, which is no absolute path."
            yield Problem(field=f"scripts[{number}]", message=message, hint="Write it like /root/post.log.")
        if script.phase is ScriptPhase.POST and "\0" in script.body:
            yield Problem(field=f"scripts[{number}]", message=f"{where} is no text.", hint="Save it as UTF-8.")


def _interpreter(script: Script) -> bool:
    try:
        words = shlex.split(script.interpreter)
    except ValueError:
        return False
    return bool(words) and words[0].startswith("/")


def _is_field(text: str) -> bool:
    return ":" not in text and _is_line(text)


def _is_line(text: str) -> bool:
    return text.isprintable()


def _problem(field: str, message: str, hint: str) -> Problem:
    return Problem(field=f"system.{field}", message=message, hint=hint)
