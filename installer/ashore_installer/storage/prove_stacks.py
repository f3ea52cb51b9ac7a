"""Arrays, LUKS devices, volume groups and btrfs volumes as their own programs see them, compared with the plan.

Every `…_differences` is a pure function of a program's output and gives a sentence for each thing that is wrong.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ashore_installer.storage.readback import parse_blkid
from ashore_installer.storage_plan import (
    ArrayPlan,
    BtrfsPlan,
    EncryptionPlan,
    GroupPlan,
    StoragePlan,
    VolumeKind,
    VolumePlan,
)

DETAIL = ("mdadm", "--detail", "--export")
VOLUMES = (
    *("lvs", "--reportformat", "json", "--units", "b", "--nosuffix", "--options"),
    "vg_name,lv_name,lv_uuid,lv_size,segtype,pool_lv,lv_metadata_size,chunk_size",
)
GROUPS = (
    *("vgs", "--reportformat", "json", "--units", "b", "--nosuffix", "--options"),
    "vg_name,vg_uuid,vg_extent_size,pv_name",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class BtrfsFacts:
    """A btrfs volume: `profiles` by `data` and `metadata`, kernel names of members, paths of subvolumes."""

    label: str
    members: frozenset[str]
    profiles: Mapping[str, str]
    subvolumes: frozenset[str]


def real(node: str) -> str:
    """The kernel's name of a node, through its links: `/dev/md/root` is `md127`."""
    return Path(node).resolve().name


# --- arrays ----------------------------------------------------------------------------------------------------


def array_differences(
    plan: ArrayPlan, facts: Mapping[str, str], nodes: Mapping[str, str], named: Callable[[str], str] = real
) -> Iterator[str]:
    """`facts` are those of `mdadm --detail --export`, `nodes` the device nodes of the plan's blocks."""
    if facts.get("MD_LEVEL") != plan.level.value:
        yield f"The array {plan.name} is a {facts.get('MD_LEVEL')}, and not a {plan.level}."
    members = {named(value) for name, value in facts.items() if name.startswith("MD_DEVICE_") and name.endswith("_DEV")}
    if members != {named(nodes[member]) for member in plan.members}:
        yield f"The array {plan.name} is made of {', '.join(sorted(members))}, and not of {', '.join(plan.members)}."
    spares = sum(value == "spare" for name, value in facts.items() if name.endswith("_ROLE"))
    if not plan.existing and spares != plan.spares:
        yield f"The array {plan.name} has {spares} spares, and not {plan.spares}."
    if facts.get("MD_METADATA") != plan.metadata:
        yield f"The array {plan.name} has metadata {facts.get('MD_METADATA')}, and not {plan.metadata}."


def parse_export(text: str) -> dict[str, str]:
    """NAME=value lines, as mdadm writes them for shells and udev."""
    return parse_blkid(text)


# --- LUKS ------------------------------------------------------------------------------------------------------


def luks_differences(plan: EncryptionPlan, version: str, dump: Mapping[str, Any]) -> Iterator[str]:
    """`version` is blkid's, `dump` the JSON of `cryptsetup luksDump --dump-json-metadata`, empty for LUKS1."""
    wanted = plan.encryption
    if f"luks{version}" != wanted.luks:
        yield f"{plan.device} is encrypted by luks{version}, and not by {wanted.luks}."
    ciphers = {one.get("encryption", "") for one in dump.get("segments", {}).values()}
    if dump and wanted.cipher and ciphers != {wanted.cipher}:
        yield f"{plan.device} has the cipher {', '.join(sorted(ciphers))}, and not {wanted.cipher}."
    kinds = [one["kdf"] for _, one in sorted(dump.get("keyslots", {}).items())][:1]
    for kdf in kinds:
        if wanted.pbkdf and kdf["type"] != wanted.pbkdf:
            yield f"{plan.device} has the key derivation {kdf['type']}, and not {wanted.pbkdf}."
        if wanted.pbkdf_memory and kdf.get("memory", 0) > wanted.pbkdf_memory:
            yield f"{plan.device} needs {kdf['memory']} KiB to be opened, and not {wanted.pbkdf_memory}."
        found = kdf.get("iterations", kdf.get("time"))
        if wanted.pbkdf_iterations and found != wanted.pbkdf_iterations:
            yield f"{plan.device} takes {found} iterations to be opened, and not {wanted.pbkdf_iterations}."


# --- LVM -------------------------------------------------------------------------------------------------------


def parse_report(text: str, kind: str) -> tuple[dict[str, str], ...]:
    """The rows of one `kind` (`vg`, `lv`) in the JSON of LVM's reports (lvmreport(7))."""
    report = json.loads(text)["report"]
    return tuple(row for part in report for row in part.get(kind, ()))


def group_differences(
    plan: GroupPlan, rows: tuple[dict[str, str], ...], nodes: Mapping[str, str], named: Callable[[str], str] = real
) -> Iterator[str]:
    """`rows` are those of `GROUPS`, one for each physical volume."""
    own = [row for row in rows if row["vg_name"] == plan.name]
    if not own:
        yield f"There is no volume group {plan.name}."
        return
    if int(own[0]["vg_extent_size"]) != plan.extent:
        yield f"The volume group {plan.name} has extents of {own[0]['vg_extent_size']} bytes, and not {plan.extent}."
    found = {named(row["pv_name"]) for row in own}
    if not {named(nodes[member]) for member in plan.members} <= found:
        yield f"The volume group {plan.name} lies on {', '.join(sorted(found))}, and not on {', '.join(plan.members)}."


def volume_differences(plan: VolumePlan, group: str, pool: str, rows: tuple[dict[str, str], ...]) -> Iterator[str]:
    """`rows` are those of `VOLUMES`, one for each segment; `group` and `pool` are names or empty."""
    own = [row for row in rows if (row["vg_name"], row["lv_name"]) == (group, plan.name)]
    if not own:
        yield f"There is no logical volume {group}/{plan.name}."
        return
    row = own[0]
    if int(row["lv_size"]) != plan.size:
        yield f"The logical volume {group}/{plan.name} has {row['lv_size']} bytes, and not {plan.size}."
    if not plan.existing and {one["segtype"] for one in own} != {plan.kind.value}:
        yield f"The logical volume {group}/{plan.name} is {row['segtype']}, and not {plan.kind}."
    if row["pool_lv"] != pool:
        yield f"The logical volume {group}/{plan.name} is in the pool {row['pool_lv']!r}, and not in {pool!r}."
    if plan.kind is VolumeKind.POOL and not plan.existing:
        for name, found, wanted in (
            ("metadata", row["lv_metadata_size"], plan.metadata),
            ("chunks", row["chunk_size"], plan.chunk),
        ):
            if wanted and int(found) != wanted:
                yield f"The pool {group}/{plan.name} has {name} of {found} bytes, and not {wanted}."


# --- btrfs -----------------------------------------------------------------------------------------------------


def btrfs_differences(
    plan: BtrfsPlan, storage: StoragePlan, facts: BtrfsFacts, nodes: Mapping[str, str],
    named: Callable[[str], str] = real,
) -> Iterator[str]:  # fmt: skip
    name = plan.label or plan.id
    if plan.label != facts.label and not plan.existing and (plan.label or not plan.mkfs):
        yield f"The btrfs volume {name} has the label {facts.label!r}, and not {plan.label!r}."
    if {named(nodes[member]) for member in plan.members} != facts.members:
        yield f"The btrfs volume {name} lies on {', '.join(sorted(facts.members))}."
    for kind, wanted in (("data", plan.data), ("metadata", plan.metadata)):
        found = facts.profiles.get(kind, "")
        if wanted and not plan.existing and found != wanted.lower():
            yield f"The btrfs volume {name} has the profile {found} for {kind}, and not {wanted}."
    for one in storage.subvolumes:
        if one.volume == plan.id and one.path not in facts.subvolumes:
            yield f"The btrfs volume {name} has no subvolume {one.path}."


def btrfs_facts(show: str, usage: str, subvolumes: str) -> BtrfsFacts:
    """From `btrfs filesystem show`, `btrfs filesystem df` and `btrfs subvolume list` of one volume."""
    first = next((line for line in show.splitlines() if line.startswith("Label:")), "")
    label = first.removeprefix("Label:").partition("uuid:")[0].strip()
    members = {real(line.rpartition(" path ")[2].strip()) for line in show.splitlines() if " path " in line}
    profiles = {
        words[0].lower(): words[1].lower()
        for line in usage.splitlines()
        if len(words := line.partition(":")[0].replace(",", " ").split()) == 2
    }
    if "data+metadata" in profiles:  # volumes so small that both share their space
        profiles = {"data": profiles["data+metadata"], "metadata": profiles["data+metadata"], **profiles}
    return BtrfsFacts(
        label="" if label == "none" else label.removeprefix("'").removesuffix("'"),
        members=frozenset(members),
        profiles=profiles,
        subvolumes=frozenset(line.partition(" path ")[2] for line in subvolumes.splitlines() if " path " in line),
    )
