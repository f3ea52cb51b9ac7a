"""Kickstart's `mount` lines, in the words of requests for existing partitions, arrays, volumes and subvolumes."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from ashore_installer.machine import ArrayInfo, BtrfsInfo, MachineInfo
from ashore_installer.plan import Problem
from ashore_installer.storage.present import format_of
from ashore_installer.storage.resolve import Found, FoundPartition, FoundVolume, by_kernel_name, find, thing_name
from ashore_installer.storage_plan import SWAP, Format, VolumeKind
from ashore_installer.storage_request import (
    ArrayRequest,
    BtrfsRequest,
    GroupRequest,
    MountRequest,
    PartitionRequest,
    StorageRequest,
    SubvolumeRequest,
    VolumeRequest,
)

_Kind = TypeVar("_Kind")
_SUBVOLUME = "subvol="
_KINDS = {"thin": VolumeKind.THIN, "thin-pool": VolumeKind.POOL}


def with_mounts(request: StorageRequest, machine: MachineInfo) -> tuple[StorageRequest, tuple[Problem, ...]]:
    """The request with its `mounts` as requests of the other kinds, and what can't be mounted.

    A btrfs subvolume is named by its volume and the option `subvol=`, or as `vda3:path`.
    """
    more = _More(
        machine=machine, groups={one.name for one in request.groups}, volumes={one.name for one in request.btrfs}
    )
    for number, one in enumerate(request.mounts):
        more.add(one, f"storage.mounts[{number}]")
    joined = replace(
        request,
        mounts=(),
        remove=(*request.remove, *more.remove),
        partitions=(*request.partitions, *more.found(PartitionRequest)),
        arrays=(*request.arrays, *more.found(ArrayRequest)),
        groups=(*request.groups, *more.found(GroupRequest)),
        volumes=(*request.volumes, *more.found(VolumeRequest)),
        btrfs=(*request.btrfs, *more.found(BtrfsRequest)),
        subvolumes=(*request.subvolumes, *more.found(SubvolumeRequest)),
    )
    return joined, tuple(more.problems)


@dataclass(slots=True, kw_only=True)
class _More:
    machine: MachineInfo
    groups: set[str]
    volumes: set[str]
    lists: list[object] = field(default_factory=list)
    remove: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def found(self, kind: type[_Kind]) -> tuple[_Kind, ...]:
        return tuple(one for one in self.lists if isinstance(one, kind))

    def add(self, one: MountRequest, field: str) -> None:
        word, _, path = one.device.partition(":")
        options = [option for option in one.options.split(",") if option]
        named = [option.removeprefix(_SUBVOLUME) for option in options if option.startswith(_SUBVOLUME)]
        path = path or next(iter(named), "")
        one = replace(one, options=",".join(option for option in options if not option.startswith(_SUBVOLUME)))
        found = find(word, self.machine, field)
        if isinstance(found, Problem):
            self.problems.append(found)
        elif path:
            self._subvolume(one, found, path.strip("/"), field)
        elif isinstance(found, BtrfsInfo) and not self._single(one, found, field):
            self._volume(found, one)
        else:
            self._block(one, found)

    def _single(self, one: MountRequest, found: BtrfsInfo, field: str) -> bool:
        """Whether the btrfs volume is formatted anew, for which it must have one device."""
        if not one.reformat:
            return False
        lower = by_kernel_name(found.members[0], self.machine) if len(found.members) == found.wanted == 1 else None
        if lower is None:
            message = f"The btrfs volume {thing_name(found)} has several devices, and can't be formatted by itself."
            self.problems.append(Problem(field=field, message=message, hint="Make a new volume on its partitions."))
            return True
        self._block(one, lower)
        return True

    def _block(self, one: MountRequest, found: Found) -> None:
        match found:
            case FoundPartition():
                inside = format_of(found.part.format, found.part.type, one.path)
                self.lists.append(PartitionRequest(**_words(one, found.name, inside)))
            case ArrayInfo():
                words = _words(one, found.name, format_of(found.format, mount=one.path))
                self.lists.append(ArrayRequest(**words, name=found.label or found.name))
            case FoundVolume():
                self._logical(one, found)
            case BtrfsInfo():
                return

    def _logical(self, one: MountRequest, found: FoundVolume) -> None:
        self.lists.append(
            VolumeRequest(
                **_words(one, found.name, format_of(found.volume.format, mount=one.path)),
                name=found.volume.name,
                group=found.group.name,
                kind=_KINDS.get(found.volume.kind, VolumeKind.LINEAR),
                pool=found.volume.pool,
            )
        )
        if found.group.name not in self.groups:
            self.groups.add(found.group.name)
            self.lists.append(GroupRequest(name=found.group.name, keep=True, line=one.line))

    def _volume(self, found: BtrfsInfo, one: MountRequest | None) -> str:
        """The name of the kept btrfs volume, which is asked for once; mounted itself if `one` says so."""
        name = f"UUID={found.uuid}"
        if name not in self.volumes or one:
            self.volumes.add(name)
            mount, options = (one.path, one.options) if one else ("", "")
            self.lists = [item for item in self.lists if not (isinstance(item, BtrfsRequest) and item.name == name)]
            self.lists.append(
                BtrfsRequest(name=name, mount=mount, options=options, keep=True, line=one.line if one else 0)
            )
        return name

    def _subvolume(self, one: MountRequest, found: Found, path: str, field: str) -> None:
        volume = found if isinstance(found, BtrfsInfo) else self._on(found)
        if volume is None or path not in volume.subvolumes:
            message = f"There is no btrfs subvolume {path} on {one.device}."
            self.problems.append(Problem(field=field, message=message, hint="Name one that is there."))
            return
        name = self._volume(volume, None)
        if one.reformat:
            self.remove.append(f"{name}:{path}")
        mount = "" if one.path == "none" else one.path
        self.lists.append(
            SubvolumeRequest(
                volume=name, path=path, mount=mount, options=one.options, keep=not one.reformat, line=one.line
            )
        )

    def _on(self, found: Found) -> BtrfsInfo | None:
        return next((one for one in self.machine.btrfs if thing_name(found) in one.members), None)


def _words(one: MountRequest, name: str, inside: Format) -> dict[str, Any]:
    """The fields of a request for the block `name`. What is formatted anew without a word keeps its kind.

    Swap space has no mount point: a line for it with `none` means that it is used, as it does in Anaconda.
    """
    said = one.reformat or inside is Format.SWAP
    format = one.format or (inside if said and inside is not Format.NONE else None)  # noqa: A001
    return {
        "mount": "" if one.path in ("none", SWAP) else one.path,
        "format": Format.SWAP if one.path == SWAP and format is None else format,
        "options": one.options,
        "mkfs": one.mkfs,
        "existing": name,
        "keep": not one.reformat,
        "line": one.line,
    }
