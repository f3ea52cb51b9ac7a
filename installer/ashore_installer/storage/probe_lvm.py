"""The volume groups of a machine, from LVM's JSON reports (lvmreport(7)), and what is in their volumes.

A volume that is not active is activated read-only while its content is looked at, if its kind allows that: linear,
striped and thin ones. Mirrors, RAID, caches and snapshots write to their own metadata when they are activated; what is
in them stays unknown until something else activates them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from ashore_installer.machine import GroupInfo, VolumeInfo
from ashore_installer.storage.probe_tools import Seeing, ask
from ashore_installer.storage.records import BlockRecord, MountRecord, mounted

MEMBER = "LVM2_member"
_REPORT = ("--reportformat", "json", "--units", "b", "--nosuffix", "--options")
_GROUPS = ("vgs", *_REPORT, "vg_uuid,vg_name,vg_size,vg_free,vg_extent_size,vg_missing_pv_count")
_MEMBERS = ("pvs", *_REPORT, "pv_name,vg_uuid,pv_missing")
_VOLUMES = ("lvs", *_REPORT, "lv_uuid,lv_name,vg_uuid,vg_name,lv_size,segtype,pool_lv,lv_attr,lv_active")
_LOOKABLE = ("linear", "striped", "thin")
_SKIPPED = "k"
"""The tenth letter of lv_attr of a volume that is not to be activated by itself (lvs(8))."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reports:
    """Rows of `vgs`, `pvs` and `lvs`; the last has a row for each segment."""

    groups: tuple[Mapping[str, str], ...] = ()
    members: tuple[Mapping[str, str], ...] = ()
    volumes: tuple[Mapping[str, str], ...] = ()


def parse_report(text: str, kind: str) -> tuple[Mapping[str, str], ...]:
    """The rows of one kind (`vg`, `pv`, `lv`) in a JSON report; empty when it was cut off."""
    try:
        report: Any = json.loads(text)
    except ValueError:
        return ()
    return tuple(row for part in report.get("report", ()) for row in part.get(kind, ()))


def reports(seeing: Seeing, records: Sequence[BlockRecord]) -> Reports:
    """What LVM says, if there is any physical volume."""
    if not any(one.format == MEMBER for one in records):
        return Reports()
    return Reports(
        groups=parse_report(ask(seeing.run, *_GROUPS), "vg"),
        members=parse_report(ask(seeing.run, *_MEMBERS), "pv"),
        volumes=parse_report(ask(seeing.run, *_VOLUMES), "lv"),
    )


@contextmanager
def activated(seeing: Seeing, found: Reports) -> Iterator[None]:
    """Activate read-only, within the block, what is not active and can be looked at."""
    names = _lookable(found)
    if not names:
        yield
        return
    try:
        ask(seeing.run, "lvchange", "--config", _config(names), "--activate", "y", "--monitor", "n", *names)
        ask(seeing.run, "udevadm", "settle")
        yield
    finally:
        ask(seeing.run, "udevadm", "settle")
        ask(seeing.run, "lvchange", "--activate", "n", *names)


def _lookable(found: Reports) -> list[str]:
    names = [row["vg_name"] for row in found.groups]
    rows = [row for row in found.volumes if row["lv_active"] != "active" and row["lv_attr"][9:10] != _SKIPPED]
    kinds: dict[str, set[str]] = {}
    for row in rows:
        # Of two groups with one name, LVM can't be told which is meant.
        if names.count(row["vg_name"]) == 1 and row["lv_attr"][:1] in "-oV":
            kinds.setdefault(f"{row['vg_name']}/{row['lv_name']}", set()).add(row["segtype"])
    return sorted(name for name, segments in kinds.items() if segments.issubset(_LOOKABLE))


def _config(names: Sequence[str]) -> str:
    """LVM's configuration for looking: devices are read-only, and a check of a thin pool changes nothing in it."""
    groups = ",".join(f'"{group}"' for group in sorted({name.partition("/")[0] for name in names}))
    return f'activation/read_only_volume_list=[{groups}] global/thin_check_options=["-q"]'


def groups_from(
    found: Reports, records: Sequence[BlockRecord], mounts: Sequence[MountRecord], ours: Mapping[str, str],
    minima: Mapping[str, int],
) -> tuple[GroupInfo, ...]:  # fmt: skip
    """The groups, with what udev knows of their volumes. `ours` are names of arrays by those of their nodes, `minima`
    the least sizes of file systems by their devices'."""
    nodes = {node: ours.get(one.name, one.name) for one in records for node in one.nodes}
    mapped = {one.dm_uuid: one for one in records if one.dm_uuid}
    groups = []
    for row in found.groups:
        members = [pv["pv_name"] for pv in found.members if pv["vg_uuid"] == row["vg_uuid"]]
        volumes = _first_segments(found.volumes, row["vg_uuid"])
        groups.append(
            GroupInfo(
                name=row["vg_name"],
                uuid=row["vg_uuid"],
                size=int(row["vg_size"]),
                free=int(row["vg_free"]),
                extent=int(row["vg_extent_size"]),
                members=tuple(sorted(nodes[member] for member in members if member in nodes)),
                missing=int(row["vg_missing_pv_count"]),
                volumes=tuple(_volume(one, mapped.get(_dm_uuid(one)), mounts, minima) for one in volumes),
            )
        )
    return tuple(sorted(groups, key=lambda group: (group.name, group.uuid)))


def _first_segments(rows: Sequence[Mapping[str, str]], group: str) -> list[Mapping[str, str]]:
    rows = [row for row in rows if row["vg_uuid"] == group]
    first = {row["lv_uuid"]: row for row in reversed(rows)}
    return sorted(first.values(), key=lambda row: row["lv_name"])


def _dm_uuid(row: Mapping[str, str]) -> str:
    """How LVM marks the device of a volume: its group's UUID and its own, without dashes."""
    return "LVM-" + (row["vg_uuid"] + row["lv_uuid"]).replace("-", "")


def _volume(
    row: Mapping[str, str], device: BlockRecord | None, mounts: Sequence[MountRecord], minima: Mapping[str, int]
) -> VolumeInfo:
    return VolumeInfo(
        name=row["lv_name"],
        uuid=row["lv_uuid"],
        size=int(row["lv_size"]),
        kind=row["segtype"],
        pool=row["pool_lv"],
        format=device.format if device else "",
        label=device.label if device else "",
        content=device.uuid if device else "",
        mounted=mounted(device, mounts) if device else (),
        minimum=minima.get(device.name, 0) if device else 0,
    )
