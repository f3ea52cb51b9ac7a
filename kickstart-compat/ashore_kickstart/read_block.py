"""What the lines that make something have in common: where it goes, what it holds, how large it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ashore_installer.storage_plan import Format
from ashore_installer.storage_request import StorageRequest
from ashore_installer.units import MiB
from ashore_kickstart.parse import Command
from ashore_kickstart.problems import Refused
from ashore_kickstart.read_encryption import encryption

NO_MOUNT = ("none", "None")
FILE_SYSTEMS: Mapping[str, Format] = {
    "xfs": Format.XFS,
    "ext4": Format.EXT4,
    "ext3": Format.EXT3,
    "ext2": Format.EXT2,
    "btrfs": Format.BTRFS,
    "vfat": Format.VFAT,
    "efi": Format.EFI,
}
"""Kickstart's words for what can be mounted."""
PLACES: Mapping[str, Mapping[str, Format]] = {
    "swap": {"swap": Format.SWAP},
    "biosboot": {"biosboot": Format.BIOSBOOT},
    "/boot/efi": {"efi": Format.EFI, "vfat": Format.EFI},
}
"""Mount points that say what is there, with the words that --fstype may have."""
MEMBERS: Mapping[str, Mapping[str, Format]] = {
    "pv.": {"lvmpv": Format.LVMPV},
    "raid.": {"mdmember": Format.RAID, "raid": Format.RAID},
    "btrfs.": {"btrfs": Format.BTRFS},
}
"""How names of members begin, with the words that --fstype may have."""
EXTENDED = (Format.EXT2, Format.EXT3, Format.EXT4)
_FORMAT_OPTIONS = ("--label", "--mkfsoptions", "--fsprofile")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where something goes. `what` is it for messages; `mount` and `member` may both be empty."""

    what: str
    mount: str
    member: str
    formats: Mapping[str, Format]
    """What it can hold, by kickstart's words."""
    fixed: bool
    """It can hold only one thing, which needs no --fstype."""

    @property
    def usual(self) -> Format | None:
        return next(iter(self.formats.values())) if self.fixed else None


def place(command: Command, kind: str, words: tuple[str, ...], members: tuple[str, ...]) -> Place:
    """Where the line's first word says. `words` (`swap`) and `members` (`pv.`) are those that this `kind` can be."""
    word = command.arguments[0] if len(command.arguments[0]) == 1 else command.arguments[0].rstrip("/")
    what = f"the {kind} {word}"
    for prefix in members:
        if word.startswith(prefix) and word != prefix:
            return Place(what=what, mount="", member=word, formats=MEMBERS[prefix], fixed=True)
    if word in PLACES and (word in words or word.startswith("/")):
        mount = word if word.startswith("/") else ""
        return Place(what=what, mount=mount, member="", formats=PLACES[word], fixed=True)
    if word in NO_MOUNT:
        return Place(what=f"the {kind} of line {command.line}", mount="", member="", formats=FILE_SYSTEMS, fixed=False)
    if not is_path(word):
        known = ", or ".join(("Name a path, as /var", *words, *(f"{prefix}01" for prefix in members)))
        raise Refused(command.line, f"a {kind} can't be made for {word}.", f"{known}.")
    return Place(what=what, mount=word, member="", formats=FILE_SYSTEMS, fixed=False)


def is_path(word: str) -> bool:
    return word.startswith("/") and "//" not in word and not {".", ".."} & set(word.split("/"))


def block(command: Command, at: Place, *, existing: str = "") -> dict[str, Any]:
    """The fields of a BlockRequest but its sizes. `existing` is what is there already, empty for something new."""
    keep = command.has("--noformat")
    format = _format(command, at, keep=keep)  # noqa: A001 (the field's name)
    _check_options(command, at, format, keep=keep)
    return {
        "mount": at.mount,
        "format": format,
        "label": command.text("--label"),
        "options": command.text("--fsoptions"),
        "mkfs": command.text("--mkfsoptions"),
        "profile": command.text("--fsprofile"),
        "existing": existing,
        "keep": keep,
        "resize": command.has("--resize"),
        "encryption": _encryption(command, at, format),
        "line": command.line,
    }


def sizes(command: Command, at: Place, *, existing: bool, other: bool = False) -> dict[str, Any]:
    """The fields with sizes. `other`: the size is said in another way (per cent of a group)."""
    size = mebibytes(command, "--size")
    chosen = command.has("--recommended") or command.has("--hibernation")
    if chosen and at.usual is not Format.SWAP:
        raise Refused(command.line, "only swap space has a recommended size.", "Say the size with --size.")
    said = [bool(size), command.has("--recommended"), command.has("--hibernation"), other]
    if sum(said) > 1:
        raise Refused(command.line, f"{at.what} has two sizes.", "Keep one of them.")
    if existing and not command.has("--resize") and (any(said) or command.has("--grow")):
        raise Refused(command.line, f"{at.what} is there already and has its size.", "Add --resize, or remove --size.")
    if not existing and not any(said) and not command.has("--grow"):
        raise Refused(command.line, f"{at.what} has no size.", "Add --size in MiB, or --grow.")
    maximum = mebibytes(command, "--maxsize")
    if maximum and maximum < size:
        raise Refused(command.line, f"{at.what} has a --maxsize below its --size.", "Raise it, or lower the size.")
    return {
        "size": size,
        "grow": command.has("--grow") and not chosen,
        "max_size": maximum,
        "recommended": command.has("--recommended"),
        "hibernation": command.has("--hibernation"),
    }


def mebibytes(command: Command, option: str) -> int:
    """Bytes of an option in MiB, 0 without it."""
    number = command.number(option) or 0
    if number < 0:
        raise Refused(command.line, "a size can't be negative.", "Write the size in MiB.")
    return number * MiB


def number(command: Command, option: str, unit: int = 1) -> int:
    """The value of an option that has to be above 0, 0 without it."""
    value = command.number(option)
    if value is not None and value <= 0:
        raise Refused(command.line, f"{option} has to be a number above 0.", "Leave it out for the usual one.")
    return (value or 0) * unit


def request_of(storage: StorageRequest | None) -> StorageRequest:
    return storage or StorageRequest()


def _format(command: Command, at: Place, *, keep: bool) -> Format | None:
    name = command.text("--fstype")
    if name and name not in at.formats:
        known = ", ".join(at.formats)
        raise Refused(command.line, f"{at.what} can't be made as {name}.", f"What can be: {known}.")
    if not name and not keep and not at.fixed and not at.mount:
        raise Refused(command.line, f"{at.what} holds nothing.", "Say what it holds with --fstype.")
    return at.formats[name] if name else at.usual


def _check_options(command: Command, at: Place, format: Format | None, *, keep: bool) -> None:  # noqa: A002
    given = [option for option in _FORMAT_OPTIONS if command.has(option)]
    if given and keep:
        raise Refused(command.line, f"{given[0]} says nothing with --noformat.", "Remove one of the two.")
    if given and (at.member or format is Format.BIOSBOOT):
        raise Refused(command.line, f"{at.what} holds no file system for {given[0]}.", f"Remove {given[0]}.")
    if command.has("--fsprofile") and format is not None and format not in EXTENDED:
        raise Refused(command.line, f"{format} has no usage types.", "Use --mkfsoptions in place of --fsprofile.")
    unmounted = at.member and not at.member.startswith("btrfs.")
    if command.has("--fsoptions") and (unmounted or format is Format.BIOSBOOT):
        raise Refused(command.line, f"{at.what} is not mounted.", "Remove --fsoptions.")


def _encryption(command: Command, at: Place, format: Format | None) -> Any:  # noqa: A002 (the field's name)
    found = encryption(command, at.what)
    if found and format in (Format.EFI, Format.BIOSBOOT):
        raise Refused(command.line, f"{at.what} is read by the firmware.", "Remove --encrypted.")
    return found
