"""What a person types: each function gives the value, or a sentence that says what is wrong with the text.

Whether a value can be used is the engine's to say: its own checks are asked, so that what is taken here is never
refused later. The sentences are ours, for they stand beside the field in the person's language.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ashore_installer.boot.kargs import OURS, is_safe, name_of
from ashore_installer.configure.check import check_system
from ashore_installer.errors import BadInput
from ashore_installer.payload.refs import parse_image_name
from ashore_installer.payload_info import PayloadInfo
from ashore_installer.plan import BootPlan, ImagePayload, InstallPlan, Problem, RootAccount, SystemPlan, User
from ashore_installer.secret import Secret
from ashore_installer.storage.check_crypt import secret_problem
from ashore_installer.storage.check_mounts import check_mounts
from ashore_installer.storage_plan import Format, MountPlan, PartitionPlan, StoragePlan
from ashore_installer.units import GiB, human, parse_size
from ashore_tui.flow.empty import NO_IMAGE, NO_MACHINE
from ashore_tui.text import _

_TRANSPORTS = ("docker:", "oci:", "oci-archive:", "docker-archive:", "containers-storage:", "dir:")


@dataclass(frozen=True, slots=True)
class Wrong:
    """Why a text can't be used: one sentence for beside the field."""

    text: str


def system_problems(system: SystemPlan, image: PayloadInfo | None = None) -> tuple[Problem, ...]:
    """What the engine finds wrong with a system by itself, before there is a plan."""
    plan = InstallPlan(
        payload=ImagePayload(source="", target=""), storage=StoragePlan(), boot=BootPlan(disks=()), system=system
    )
    return check_system(plan, image or NO_IMAGE)


# --- the system ----------------------------------------------------------------------------------------------


def hostname(text: str) -> str | Wrong:
    """A host name; empty leaves the image's."""
    name = text.strip()
    if system_problems(SystemPlan(hostname=name)):
        return Wrong(_("Use letters, digits and hyphens, with dots between the parts; 64 characters at most."))
    return name


def locale(text: str) -> str | Wrong:
    name = text.strip()
    return Wrong(_("Write it like de_DE.UTF-8.")) if system_problems(SystemPlan(locale=name)) else name


def keymap(text: str) -> str | Wrong:
    name = text.strip()
    return Wrong(_("Write it like de-nodeadkeys.")) if system_problems(SystemPlan(keymap=name)) else name


def timezone(text: str) -> str | Wrong:
    name = text.strip()
    return Wrong(_("Write it like Europe/Berlin.")) if system_problems(SystemPlan(timezone=name)) else name


def kernel_arguments(text: str) -> tuple[str, ...] | Wrong:
    """Arguments separated by blanks; blanks between double quotes belong to an argument."""
    found = _split(text)
    for one in found:
        if not is_safe(one):
            return Wrong(_("{argument} has characters that boot loaders take for their own.").format(argument=one))
        if name_of(one) in OURS:
            return Wrong(_("The installer itself says {name}=.").format(name=name_of(one)))
    return tuple(found)


def _split(text: str) -> list[str]:
    parts, quoted = [""], False
    for letter in text.strip():
        quoted ^= letter == '"'
        if letter.isspace() and not quoted:
            parts.append("")
        else:
            parts[-1] += letter
    return [part for part in parts if part]


# --- accounts ------------------------------------------------------------------------------------------------


def user_name(text: str, taken: Sequence[str] = ()) -> str | Wrong:
    name = text.strip()
    if name == "root":
        return Wrong(_("root is there already: it has a form of its own."))
    if name in taken:
        return Wrong(_("There is a user {name} already.").format(name=name))
    if not name or system_problems(SystemPlan(users=(User(name=name),))):
        return Wrong(_("Use small letters, digits, _ and -; begin with a letter; 32 characters at most."))
    return name


def full_name(text: str) -> str | Wrong:
    name = text.strip()
    if system_problems(SystemPlan(users=(User(name="x", gecos=name),))):
        return Wrong(_("Leave out colons and line breaks."))
    return name


def group_names(text: str) -> tuple[str, ...] | Wrong:
    """Groups separated by blanks or commas."""
    names = tuple(dict.fromkeys(text.replace(",", " ").split()))
    for name in names:
        if system_problems(SystemPlan(users=(User(name="x", groups=(name,)),))):
            return Wrong(_("{name} can't be the name of a group.").format(name=name))
    return names


def password(text: str, again: str | None = None) -> Secret | Wrong:
    """A password that an account can have; `again` is what was typed the second time."""
    if not text:
        return Wrong(_("Type a password."))
    if system_problems(SystemPlan(root=RootAccount(password=Secret(text), locked=False))):
        return Wrong(_("It has characters that can't be typed."))
    return _same(text, again)


def passphrase(text: str, again: str | None = None) -> Secret | Wrong:
    """A passphrase of a disk, which is typed while the machine starts."""
    if not text:
        return Wrong(_("Type a passphrase."))
    if secret_problem(Secret(text)):
        return Wrong(_("It is too long, or has characters that can't be typed."))
    return _same(text, again)


def _same(text: str, again: str | None) -> Secret | Wrong:
    return Secret(text) if again is None or again == text else Wrong(_("The two are not the same."))


def ssh_keys(text: str) -> tuple[str, ...] | Wrong:
    """Public keys, one a line, as in a .pub file; empty lines and comments are left out."""
    lines = [line.strip() for line in text.splitlines()]
    keys = tuple(line for line in lines if line and not line.startswith("#"))
    for number, key in enumerate(keys, 1):
        if "PRIVATE KEY" in key:
            return Wrong(_("That is a private key: keep it to yourself, and give the line of the .pub file."))
        if system_problems(SystemPlan(root=RootAccount(ssh_keys=(key,)))):
            return Wrong(_("Key {number} is no public key, as ssh-ed25519 AAAA… name.").format(number=number))
    return keys


# --- source and destination ----------------------------------------------------------------------------------


def image_reference(text: str) -> str | Wrong:
    """An image under skopeo's name. A registry's own way to write it (`quay.io/name:tag`) is taken too."""
    name = text.strip()
    if not name:
        return Wrong(_("Type the name of an image, like quay.io/fedora/fedora-bootc:43."))
    if not name.startswith(_TRANSPORTS):
        host, slash, _rest = name.partition("/")
        if not slash or not ("." in host or ":" in host or host == "localhost"):
            return Wrong(_("Begin with the registry, like quay.io/fedora/fedora-bootc:43."))
        name = f"docker://{name}"
    try:
        return str(parse_image_name(name))
    except BadInput:
        return Wrong(_("Write it like quay.io/fedora/fedora-bootc:43, without blanks."))


def size(text: str, *, least: int = 1, most: int = 0) -> int | Wrong:
    """Bytes of `20 GiB`, `512M`; `most` 0 is no limit."""
    try:
        value = parse_size(text)
    except ValueError:
        return Wrong(_("Write a size like 20 GiB or 512 MiB."))
    if value < least:
        return Wrong(_("It has to be {size} at least.").format(size=human(least)))
    if most and value > most:
        return Wrong(_("There is room for {size} only.").format(size=human(most)))
    return value


def mount_point(text: str, taken: Sequence[str] = ()) -> str | Wrong:
    """A path at which a file system of its own can be mounted in image mode."""
    path = text.strip()
    path = path.rstrip("/") or path[:1]
    if path in taken:
        return Wrong(_("{path} is used already.").format(path=path))
    if path == "/" or not _mount_problems(path):
        return path
    if not path.startswith("/") or any(letter.isspace() for letter in path):
        return Wrong(_("Write a path like /var/lib/data, without blanks."))
    return Wrong(_("{path} is part of the image; what lies in /var, /home or /srv can be separate.").format(path=path))


def _mount_problems(path: str) -> tuple[Problem, ...]:
    """What the engine says of a plan that has a root, and one more file system at `path`."""
    format = Format.EFI if path == "/boot/efi" else Format.EXT4  # noqa: A001 (the field's name)
    plan = StoragePlan(
        partitions=(
            PartitionPlan(id="root", disk="x", start=GiB, size=GiB, format=Format.EXT4),
            PartitionPlan(id="other", disk="x", start=2 * GiB, size=GiB, format=format),
        ),
        mounts=(MountPlan(device="root", path="/"), MountPlan(device="other", path=path)),
    )
    return check_mounts(plan, NO_MACHINE, NO_IMAGE)
