"""Boot entries in UEFI firmware, through efibootmgr(8).

One entry for each partition that holds the ESP, so that the machine starts from whichever disk is left. The entries of
other systems are never touched; those that start our own program from our own partition are, as they would be doubles.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from ashore_installer.boot.esp import Member
from ashore_installer.payload_info import PayloadInfo
from ashore_installer.run import Runner

LABEL_LENGTH = 40
"""Characters of a boot entry's name in the firmware."""
_ENTRY = re.compile(r"^Boot([0-9A-Fa-f]{4})\*? +(.*)$", re.MULTILINE)
_ORDER = re.compile(r"^BootOrder: *([0-9A-Fa-f,]+)$", re.MULTILINE)


def make_entries(run: Runner, members: Sequence[Member], loader: str, label: str, *, leave_order: bool) -> None:
    """Make an entry for `loader` (in the firmware's spelling) on each member, the first one to be tried first.

    With `leave_order` what is there stays as it is, and new entries come after it. Raises CommandFailed.
    """
    listing = run.run(("efibootmgr",))
    if leave_order:
        new = [member for member in members if not same_entries(listing, member, loader)]
        for member in new:
            _create(run, "--create-only", member, loader, label)
        if new:
            _append(run, listing)
        return
    for number in dict.fromkeys(number for member in members for number in same_entries(listing, member, loader)):
        run.run(("efibootmgr", "--quiet", "--bootnum", number, "--delete-bootnum"))
    for member in reversed(members):
        # Each new entry is put before all others.
        _create(run, "--create", member, loader, label)


def entry_label(image: PayloadInfo) -> str:
    """What the firmware's menu calls the system: printable ASCII, as firmware shows little else."""
    name = image.os_release.get("NAME") or image.name
    return re.sub(r"[^ -~]", "", name).strip()[:LABEL_LENGTH] or "Linux"


def _create(run: Runner, how: str, member: Member, loader: str, label: str) -> None:
    entry = ("--disk", member.disk, "--part", member.number, "--label", label, "--loader", loader)
    run.run(("efibootmgr", how, *entry))


def same_entries(listing: str, member: Member, loader: str) -> list[str]:
    """Numbers of the entries that start `loader` from this very partition; none for a partition that is new.

    efibootmgr shows an entry's device path, with the partition's GUID and the program's path in it.
    """
    path = loader.lower()
    return [
        number
        for number, text in _ENTRY.findall(listing)
        if member.id and member.id in text.lower() and path in text.lower()
    ]


def _append(run: Runner, before: str) -> None:
    """Put what is new behind the order that was there."""
    known = {number for number, _ in _ENTRY.findall(before)}
    found = _ORDER.search(before)
    order = found[1].split(",") if found else []
    order += [number for number, _ in _ENTRY.findall(run.run(("efibootmgr",))) if number not in known]
    run.run(("efibootmgr", "--quiet", "--bootorder", ",".join(order)))
