"""What is on the disks, asked of lsblk and btrfs and not of our own code, in the words of a `Seen`."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ashore_installer.storage_plan import StoragePlan
from tests.vm.storage.row import Seen

_COLUMNS = "NAME,KNAME,TYPE,SIZE,FSTYPE,LABEL,MAJ:MIN"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Device:
    """A row of lsblk with what it lies on."""

    facts: Mapping[str, Any]
    parents: tuple[str, ...]


def mount_points(plan: StoragePlan, devices: Mapping[str, str]) -> dict[str, str]:
    """Mount points of a plan by the kernel's name of what is mounted, `vda3:home` for a subvolume."""
    subvolumes = {one.id: one for one in plan.subvolumes}
    places = {}
    for mount in plan.mounts:
        block = plan.block_of(mount.device)
        if block:
            name = Path(devices[block.id]).resolve().name
            within = f":{subvolumes[mount.device].path}" if mount.device in subvolumes else ""
            places[name + within] = mount.path
    return places


def see(mounts: Mapping[str, str]) -> tuple[Seen, ...]:
    """Everything below the disks of this machine, in the order of names."""
    found = _devices()
    called = {name: _called(device, found) for name, device in found.items()}
    seen = []
    for name, device in found.items():
        if device.facts["type"] != "disk":
            seen.append(_seen(called, device, mounts.get(name, "")))
            if device.facts["fstype"] == "btrfs":
                seen += _subvolumes(name, called[name], mounts)
    return tuple(sorted(seen, key=lambda one: one.name))


def _seen(called: Mapping[str, str], device: _Device, mount: str) -> Seen:
    facts = device.facts
    return Seen(
        name=called[facts["kname"]],
        size=facts["size"],
        format=facts["fstype"] or "",
        mount=mount,
        # blkid calls a member by its array (`host:name`), which is looked at as the array's own name.
        label="" if facts["fstype"] == "linux_raid_member" else facts["label"] or "",
        kind=facts["type"],
        on=tuple(sorted(called[parent] for parent in device.parents)) if facts["type"] != "part" else (),
    )


def _devices() -> dict[str, _Device]:
    """Disks and all that lies on them, by the kernel's names."""
    words = ["lsblk", "--json", "--bytes", "--tree", "--output", _COLUMNS]
    found: dict[str, _Device] = {}
    for top in json.loads(_said(words))["blockdevices"]:
        if top["type"] == "disk" and not top["kname"].startswith(("zram", "ram", "loop")):
            _collect(top, "", found)
    return found


def _collect(facts: Mapping[str, Any], parent: str, found: dict[str, _Device]) -> None:
    name = facts["kname"]
    before = found[name].parents if name in found else ()
    parents = before if not parent or parent in before else tuple(sorted((*before, parent)))
    found[name] = _Device(facts=facts, parents=parents)
    for child in facts.get("children", ()):
        _collect(child, name, found)


def _called(device: _Device, found: Mapping[str, _Device]) -> str:
    """What a person calls it."""
    name, kind = str(device.facts["name"]), device.facts["type"]
    if kind == "crypt":
        return f"luks:{_called(found[device.parents[0]], found)}"
    if kind.startswith("raid"):
        return f"md:{_array_name(device.facts['kname'])}"
    if kind == "lvm":
        # Device-mapper's name: group, volume and perhaps a layer of it, with a dash between them; theirs are doubled.
        return "/".join(part.replace("\0", "-") for part in name.replace("--", "\0").split("-", 1))
    return name


def _array_name(kname: str) -> str:
    facts = dict(line.partition("=")[::2] for line in _said(["mdadm", "--detail", "--export", f"/dev/{kname}"]).split())
    return facts.get("MD_NAME", facts.get("MD_DEVNAME", kname)).rpartition(":")[2]


def _subvolumes(kname: str, name: str, mounts: Mapping[str, str]) -> Iterator[Seen]:
    """The subvolumes of a mounted btrfs volume; none when it isn't mounted, or when another member is asked."""
    rows = json.loads(_said(["findmnt", "--json", "--output", "SOURCE,TARGET,FSTYPE"]))["filesystems"]
    sources = {str(row["target"]): Path(row["source"].partition("[")[0]) for row in _flat(rows)}
    target = next((place for place, source in sources.items() if source.resolve().name == kname), None)
    if target is None:
        return
    for line in _said(["btrfs", "subvolume", "list", target]).splitlines():
        path = line.partition(" path ")[2]
        yield Seen(name=f"{name}:{path}", mount=mounts.get(f"{kname}:{path}", ""), kind="subvolume")


def _flat(rows: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for row in rows:
        yield row
        yield from _flat(row.get("children", []))


def _said(words: list[str]) -> str:
    return subprocess.run(words, check=True, stdout=subprocess.PIPE, text=True).stdout
