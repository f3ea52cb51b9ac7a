"""Which disks may be used and what may go, automatic layouts, existing mount points, and the boot loader."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from ashore_installer.machine import PartitionTable
from ashore_installer.plan import Draft
from ashore_installer.storage_plan import Format
from ashore_installer.storage_request import Automatic, Clear, MountRequest, Scheme, ShrinkRequest
from ashore_installer.units import MiB
from ashore_kickstart.parse import Command
from ashore_kickstart.problems import Refused
from ashore_kickstart.read_block import FILE_SYSTEMS, NO_MOUNT, is_path, request_of
from ashore_kickstart.read_encryption import encryption
from ashore_kickstart.read_part import exact
from ashore_kickstart.zram import refuse_zram, zram

AUTOMATIC_FORMATS = {name: FILE_SYSTEMS[name] for name in ("xfs", "ext4", "ext3", "ext2")}
REFORMATS = {**FILE_SYSTEMS, "swap": Format.SWAP}
CLEARS = {"--all": Clear.ALL, "--linux": Clear.LINUX, "--none": Clear.NONE, "--list": Clear.LIST}
TABLES = {"gpt": PartitionTable.GPT, "msdos": PartitionTable.MSDOS, "mbr": PartitionTable.MSDOS}
ANY_SYSTEM = "*"
KARG = re.compile(r'(?:[^\s"]|"[^"]*")+')
"""One kernel argument: spaces only inside double quotes (Linux, admin-guide/kernel-parameters.rst)."""
_LONGEST_WAIT = 3600


# --- disks ---------------------------------------------------------------------------------------------------


def clearpart(draft: Draft, command: Command) -> Draft:
    given = [option for option in CLEARS if command.has(option)]
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
        clear=CLEARS[given[0]],
        clear_disks=_disks(command, "--drives"),
        clear_partitions=tuple(exact(command, word) for word in _disks(command, "--list")),
        shrink=tuple(_shrink(command, word) for word in command.words("--shrink")),
        remove=command.words("--remove"),
        new_table=command.has("--initlabel"),
        table=_table(command),
    )


def _table(command: Command) -> PartitionTable | None:
    word = command.text("--disklabel")
    if word and word not in TABLES:
        raise Refused(command.line, f"there are no {word} partition tables here.", "Use gpt or msdos.")
    return TABLES.get(word)


def _shrink(command: Command, word: str) -> ShrinkRequest:
    device, _, size = word.rpartition(":")
    if not device or not (size.isascii() and size.isdigit() and int(size)):
        raise Refused(command.line, f"{word} names no partition and its new size.", "Write it as vda2:20480, in MiB.")
    return ShrinkRequest(existing=exact(command, device), size=int(size) * MiB, line=command.line)


def zerombr(draft: Draft, command: Command) -> Draft:
    return _change(draft, command, "zero_mbr", zero_mbr=True)


def ignoredisk(draft: Draft, command: Command) -> Draft:
    if command.has("--only-use"):
        return _change(draft, command, "only_use", only_use=_disks(command, "--only-use"))
    return _change(draft, command, "ignore", ignore=_disks(command, "--drives"))


def _disks(command: Command, option: str) -> tuple[str, ...]:
    """Disks by name; a shell's wildcards are allowed, and `sd*|vd*` for one or the other."""
    return tuple(one for word in command.words(option) for one in word.split("|") if one)


# --- layouts -------------------------------------------------------------------------------------------------


def autopart(draft: Draft, command: Command) -> Draft:
    for option in ("home", "swap"):
        if command.has(f"--{option}") and command.has(f"--no{option}"):
            raise Refused(command.line, f"--{option} and --no{option} contradict each other.", "Keep one of the two.")
    scheme = _scheme(command)
    made = Automatic(
        scheme=scheme,
        format=Format.BTRFS if scheme is Scheme.BTRFS else _automatic_format(command),
        encryption=encryption(command, "the automatic layout"),
        boot=not command.has("--noboot"),
        home=command.has("--home"),
        swap=command.has("--swap") or command.has("--hibernation"),
        hibernation=command.has("--hibernation"),
        reinstall=(command.text("--reinstall") or ANY_SYSTEM) if command.has("--reinstall") else "",
    )
    if not command.has("--zram"):
        refuse_zram(command, "--zram")
    return _change(draft, command, "automatic", automatic=made, zram=zram(command) if command.has("--zram") else None)


def _scheme(command: Command) -> Scheme:
    kind = command.text("--type").lower()
    if command.has("--nolvm") and kind not in ("", "plain"):
        raise Refused(command.line, f"--nolvm and --type={kind} contradict each other.", "Keep one of the two.")
    if kind and kind not in list(Scheme):
        raise Refused(command.line, f"autopart --type={kind} is not supported.", f"What is: {', '.join(Scheme)}.")
    return Scheme(kind or Scheme.PLAIN)


def _automatic_format(command: Command) -> Format | None:
    name = command.text("--fstype")
    if name and name not in AUTOMATIC_FORMATS:
        known = ", ".join(AUTOMATIC_FORMATS)
        raise Refused(command.line, f"autopart can't make {name} file systems.", f"What it can make: {known}.")
    return AUTOMATIC_FORMATS.get(name)


def reqpart(draft: Draft, command: Command) -> Draft:
    return _change(draft, command, "required", required=True, required_boot=command.has("--add-boot"))


def mount(draft: Draft, command: Command) -> Draft:
    device, word = command.arguments
    path = word if word == "/" else word.rstrip("/")
    path = "none" if path.lower() in NO_MOUNT else path
    if path != "none" and not is_path(path):
        raise Refused(command.line, f"nothing can be mounted at {word}.", "Name a path, as /var, or none.")
    name = command.text("--reformat")
    if name and name not in REFORMATS:
        raise Refused(command.line, f"{device} can't be made as {name}.", f"What can be: {', '.join(REFORMATS)}.")
    made = MountRequest(
        device=exact(command, device.removeprefix("/dev/")),
        path=path,
        reformat=command.has("--reformat"),
        format=REFORMATS.get(name),
        options=command.text("--mountoptions"),
        mkfs=command.text("--mkfsoptions"),
        line=command.line,
    )
    return _change(draft, command, "mounts", mounts=(*request_of(draft.storage).mounts, made))


# --- boot loader ---------------------------------------------------------------------------------------------


def bootloader(draft: Draft, command: Command) -> Draft:
    location = command.text("--location") or "mbr"
    if location not in ("mbr", "boot"):
        why = "would leave a system that does not start" if location == "none" else "is not what GRUB does"
        raise Refused(command.line, f"bootloader --location={location} {why}.", "Use --location=mbr.")
    order = command.words("--driveorder")
    word = command.text("--boot-drive") or next(iter(order), "")
    lines = {**draft.lines, "boot_disk": command.line, "kargs": command.line}
    return replace(
        draft,
        boot_disk=exact(command, word),
        leave_boot_order=command.has("--leavebootorder"),
        boot_timeout=_timeout(command),
        kargs=tuple(KARG.findall(command.text("--append"))),
        lines=lines,
    )


def _timeout(command: Command) -> int | None:
    seconds = command.number("--timeout")
    if seconds is not None and not 0 <= seconds <= _LONGEST_WAIT:
        raise Refused(command.line, "the menu can't wait that long.", f"Use 0 to {_LONGEST_WAIT} seconds.")
    return seconds


def _change(draft: Draft, command: Command, field: str, **changes: Any) -> Draft:
    storage = replace(request_of(draft.storage), **changes)
    return replace(draft, storage=storage, lines={**draft.lines, f"storage.{field}": command.line})


READERS = {
    "autopart": autopart,
    "bootloader": bootloader,
    "clearpart": clearpart,
    "ignoredisk": ignoredisk,
    "mount": mount,
    "reqpart": reqpart,
    "zerombr": zerombr,
}
