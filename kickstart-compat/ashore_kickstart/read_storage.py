"""The storage commands: which disks may be used, what may go, and what should be made."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from ashore_installer.plan import Draft
from ashore_installer.storage_plan import Format
from ashore_installer.storage_request import Automatic, Clear, PartitionRequest, Scheme, StorageRequest
from ashore_installer.units import MiB
from ashore_kickstart.parse import Command
from ashore_kickstart.problems import Refused

_AUTOMATIC_FORMATS = {"xfs": Format.XFS, "ext4": Format.EXT4}
_FILE_SYSTEMS = {**_AUTOMATIC_FORMATS, "btrfs": Format.BTRFS}
FORMAT_OF_MOUNT = {"swap": Format.SWAP, "biosboot": Format.BIOSBOOT, "/boot/efi": Format.EFI}
_WILDCARDS = re.compile(r"[*?\[\]|]")
_CLEARS = {"--all": Clear.ALL, "--linux": Clear.LINUX, "--none": Clear.NONE, "--list": Clear.LIST}
KARG = re.compile(r'(?:[^\s"]|"[^"]*")+')
"""One kernel argument: spaces only inside double quotes (Linux, admin-guide/kernel-parameters.rst)."""


def autopart(draft: Draft, command: Command) -> Draft:
    kind = "plain" if command.has("--nolvm") else command.text("--type") or "plain"
    if kind not in ("plain", "btrfs") or (command.has("--nolvm") and command.has("--type")):
        raise Refused(command.line, f"autopart --type={kind} is not supported yet.", "Use --type=plain.")
    root = Format.BTRFS if kind == "btrfs" else _automatic_format(command)
    return _change(draft, command, "automatic", automatic=Automatic(scheme=Scheme(kind), format=root))


def _automatic_format(command: Command) -> Format | None:
    name = command.text("--fstype")
    if name and name not in _AUTOMATIC_FORMATS:
        raise Refused(command.line, f"autopart can't make {name} file systems.", "Use --fstype=xfs or --fstype=ext4.")
    return _AUTOMATIC_FORMATS.get(name)


def clearpart(draft: Draft, command: Command) -> Draft:
    given = [option for option in _CLEARS if command.has(option)]
    if len(given) != 1:
        raise Refused(
            command.line,
            "clearpart has to say exactly one of --all, --linux, --list and --none.",
            "Write `clearpart --all` to use whole disks.",
        )
    return _change(
        draft,
        command,
        "clear",
        clear=_CLEARS[given[0]],
        clear_disks=_disks(command, "--drives"),
        clear_partitions=tuple(_exact(command, word) for word in command.words("--list")),
        new_table=command.has("--initlabel"),
    )


def zerombr(draft: Draft, command: Command) -> Draft:
    return _change(draft, command, "zero_mbr", zero_mbr=True)


def ignoredisk(draft: Draft, command: Command) -> Draft:
    if command.has("--only-use"):
        return _change(draft, command, "only_use", only_use=_disks(command, "--only-use"))
    return _change(draft, command, "ignore", ignore=_disks(command, "--drives"))


def part(draft: Draft, command: Command) -> Draft:
    partitions = draft.storage.partitions if draft.storage else ()
    return _change(draft, command, "partitions", partitions=(*partitions, _partition(command)))


def _partition(command: Command) -> PartitionRequest:
    mount = command.arguments[0].rstrip("/") or "/"
    size = command.number("--size") or 0
    if not size and not command.has("--grow"):
        raise Refused(command.line, f"the partition {mount} has no size.", "Add --size in MiB, or --grow.")
    return PartitionRequest(
        mount=_mount_point(command, mount),
        format=_format(command, mount),
        size=_bytes(command, size),
        grow=command.has("--grow"),
        max_size=_bytes(command, command.number("--maxsize") or 0),
        disk=_exact(command, command.text("--ondisk")),
        label=command.text("--label"),
        options=command.text("--fsoptions"),
        line=command.line,
    )


def _mount_point(command: Command, mount: str) -> str:
    """The path, or nothing for what is not mounted anywhere."""
    if mount in ("swap", "biosboot"):
        return ""
    if not mount.startswith("/") or "//" in mount or {".", ".."} & set(mount.split("/")):
        raise Refused(
            command.line, f"a partition can't be made for {mount}.", "Name a path, as /var, or swap, or biosboot."
        )
    return mount


def _format(command: Command, mount: str) -> Format | None:
    usual = FORMAT_OF_MOUNT.get(mount)
    name = command.text("--fstype")
    if not name:
        return usual
    possible = {str(usual): usual} if usual else _FILE_SYSTEMS
    if name not in possible:
        known = ", ".join(possible)
        raise Refused(command.line, f"the partition {mount} can't be made as {name}.", f"What can be: {known}.")
    return possible[name]


def _bytes(command: Command, mebibytes: int) -> int:
    if mebibytes < 0:
        raise Refused(command.line, "a size can't be negative.", "Write the size in MiB.")
    return mebibytes * MiB


def bootloader(draft: Draft, command: Command) -> Draft:
    location = command.text("--location") or "mbr"
    if location != "mbr":
        raise Refused(command.line, f"bootloader --location={location} is not supported yet.", "Use --location=mbr.")
    kargs = tuple(KARG.findall(command.text("--append")))
    lines = {**draft.lines, "boot_disk": command.line, "kargs": command.line}
    return replace(draft, boot_disk=_exact(command, command.text("--boot-drive")), kargs=kargs, lines=lines)


def _disks(command: Command, option: str) -> tuple[str, ...]:
    """Disks by name; the wildcards of a shell are allowed."""
    words = command.words(option)
    for word in words:
        if "|" in word:
            raise Refused(command.line, f"the alternatives {word} are not supported yet.", "Name each disk.")
    return words


def _exact(command: Command, word: str) -> str:
    if _WILDCARDS.search(word):
        raise Refused(command.line, f"{word} names no single disk.", "Name it exactly, as vda or disk/by-id/NAME.")
    return word


def _change(draft: Draft, command: Command, field: str, **changes: Any) -> Draft:
    storage = replace(draft.storage or StorageRequest(), **changes)
    return replace(draft, storage=storage, lines={**draft.lines, f"storage.{field}": command.line})


READERS = {
    "autopart": autopart,
    "clearpart": clearpart,
    "zerombr": zerombr,
    "ignoredisk": ignoredisk,
    "part": part,
    "partition": part,
    "bootloader": bootloader,
}
