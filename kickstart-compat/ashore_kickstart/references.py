"""What lines of a kickstart say of each other: members, groups, pools and volumes by name, each thing once. Pure.

The order of the lines does not matter, as in Anaconda, which carries them out by their kinds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from ashore_installer.storage_plan import VolumeKind
from ashore_installer.storage_request import (
    BlockRequest,
    BtrfsRequest,
    GroupRequest,
    StorageRequest,
    SubvolumeRequest,
    VolumeRequest,
)
from ashore_kickstart.problems import LineProblem
from ashore_kickstart.read_encryption import with_common_passphrase

Named = tuple[str, int]
"""A name and its line."""


def joined(request: StorageRequest) -> tuple[StorageRequest, tuple[LineProblem, ...]]:
    """The request of all lines together, and what is wrong between them.

    What is only referred to but has to be there already (the group of a kept logical volume, `LABEL=…` of a btrfs
    volume) is added as something that is kept, and subvolumes get their volume's own name and mount options.
    """
    whole = with_common_passphrase(_with_parents(_with_options(request)))
    checks: tuple[Callable[[StorageRequest], Iterable[LineProblem]], ...] = (
        _contradictions,
        _members,
        _volumes,
        _subvolumes,
        _twice,
    )
    return whole, tuple(problem for check in checks for problem in check(whole))


# --- what follows from other lines ---------------------------------------------------------------------------


def _with_options(request: StorageRequest) -> StorageRequest:
    """`part btrfs.01 --fsoptions` is for everything on the volume, unless its own line says something else."""
    of_member = {name: one.options for name, one in _named_members(request)}
    volumes = tuple(replace(one, options=one.options or _first(of_member, one.members)) for one in request.btrfs)
    return replace(request, btrfs=volumes)


def _first(options: dict[str, str], members: Iterable[str]) -> str:
    return next((options[name] for name in members if options.get(name)), "")


def _with_parents(request: StorageRequest) -> StorageRequest:
    groups = list(request.groups)
    for one in request.volumes:
        if one.existing and all(group.name != one.group for group in groups):
            groups.append(GroupRequest(name=one.group, keep=True, line=one.line))
    volumes, subvolumes = list(request.btrfs), []
    for subvolume in request.subvolumes:
        parent = _volume_of(subvolume, volumes)
        if parent is None and ("=" in subvolume.volume or subvolume.keep):
            parent = BtrfsRequest(name=subvolume.volume, keep=True, line=subvolume.line)
            volumes.append(parent)
        subvolumes.append(_in_volume(subvolume, parent) if parent else subvolume)
    return replace(request, groups=tuple(groups), btrfs=tuple(volumes), subvolumes=tuple(subvolumes))


def _volume_of(subvolume: SubvolumeRequest, volumes: Iterable[BtrfsRequest]) -> BtrfsRequest | None:
    word = subvolume.volume
    labelled = word.removeprefix("LABEL=") if word.startswith("LABEL=") else ""
    for volume in volumes:
        if word in (volume.name, *volume.members) or (labelled and labelled == volume.label):
            return volume
    return None


def _in_volume(subvolume: SubvolumeRequest, volume: BtrfsRequest) -> SubvolumeRequest:
    inherited = volume.options if subvolume.mount else ""
    return replace(subvolume, volume=volume.name, options=subvolume.options or inherited)


# --- contradictions ------------------------------------------------------------------------------------------


def _contradictions(request: StorageRequest) -> Iterator[LineProblem]:
    """pykickstart notices some of these, depending on the order of the lines."""
    made = [one.line for one in _blocks(request)]
    made += [one.line for one in request.groups]
    made += [*(one.line for one in request.btrfs), *(one.line for one in request.subvolumes)]
    if request.automatic and (made or request.mounts):
        line = min((*made, *(one.line for one in request.mounts)))
        yield _problem(line, "the layout is automatic, but something to be made is listed too.", "Remove `autopart`.")
    elif request.mounts and (made or request.required):
        line = request.mounts[0].line
        yield _problem(line, "mount is for existing layouts, but something to be made is listed too.", "Use `part`.")


def _members(request: StorageRequest) -> Iterator[LineProblem]:
    """Members have to be there, for this kind of thing, and are used once."""
    used: dict[str, str] = {}
    known = {name for name, _ in _named_members(request)}
    for what, members, line, prefix in _takers(request):
        for name in members:
            if name not in known or not name.startswith(prefix):
                hint = f"Add a line `part {prefix}01`, and name it here."
                yield _problem(line, f"no line makes {name} for {what}.", hint)
            elif name in used:
                yield _problem(line, f"{name} is already a member of {used[name]}.", "Use it once.")
            used[name] = what


def _named_members(request: StorageRequest) -> Iterator[tuple[str, BlockRequest]]:
    """What can be a member, with the name that it goes by."""
    yield from ((one.name, one) for one in request.partitions if one.name)
    yield from ((one.member, one) for one in request.arrays if one.member)
    yield from ((one.member, one) for one in request.volumes if one.member)


def _takers(request: StorageRequest) -> Iterator[tuple[str, tuple[str, ...], int, str]]:
    """Everything that has members: what it is, their names, its line, how the names have to begin."""
    for array in request.arrays:
        yield f"the array {array.name}", array.members, array.line, "raid."
    for group in request.groups:
        yield f"the volume group {group.name}", group.members, group.line, "pv."
    for volume in request.btrfs:
        yield f"the btrfs volume {volume.name}", volume.members, volume.line, "btrfs."


def _volumes(request: StorageRequest) -> Iterator[LineProblem]:
    """Logical volumes have to be in a group, and thin ones in a pool of the same group."""
    groups = {group.name: group for group in request.groups}
    pools = {(one.group, one.name) for one in request.volumes if one.kind is VolumeKind.POOL}
    for one in request.volumes:
        group = groups.get(one.group)
        if group is None:
            hint = f"Add `volgroup {one.group} pv.01`, or with --useexisting if it is there."
            yield _problem(one.line, f"no volgroup line makes the group {one.group}.", hint)
        elif one.kind is VolumeKind.THIN and (one.group, one.pool) not in pools and not _may_hold(request, group, one):
            hint = f"Add `logvol none --thinpool --vgname={one.group} --name={one.pool}`."
            yield _problem(one.line, f"no logvol line makes the thin pool {one.pool}.", hint)
    for group in request.groups:
        if sum(one.percent for one in request.volumes if one.group == group.name and not one.pool) > _ALL:
            yield _problem(group.line, f"more than 100 % of the group {group.name} are wanted.", "Lower --percent.")


_ALL = 100


def _may_hold(request: StorageRequest, group: GroupRequest, volume: VolumeRequest) -> bool:
    """Whether the pool can be one that is in a kept group already."""
    return group.keep and all((one.group, one.name) != (volume.group, volume.pool) for one in request.volumes)


def _subvolumes(request: StorageRequest) -> Iterator[LineProblem]:
    names = {one.name for one in request.btrfs}
    for one in request.subvolumes:
        if one.volume not in names:
            hint = "Add a line `btrfs none --label=…` for it, or write LABEL=… or UUID=… for one that is there."
            yield _problem(one.line, f"no btrfs line makes the volume {one.volume}.", hint)


# --- once ----------------------------------------------------------------------------------------------------


def _twice(request: StorageRequest) -> Iterator[LineProblem]:
    yield from _repeated("the mount point {}", _mount_points(request))
    for names in _names(request):
        yield from _repeated("the name {}", names)
    yield from _repeated("the existing device {}", _existing(request))
    paths = ((f"{one.volume}/{one.path}", one.line) for one in request.subvolumes)
    yield from _repeated("the subvolume {}", paths)


def _repeated(what: str, names: Iterable[Named]) -> Iterator[LineProblem]:
    seen: dict[str, int] = {}
    for name, line in sorted(names, key=lambda named: named[1]):
        if name in seen:
            message = f"line {seen[name]} has already used {what.format(name)}."
            yield _problem(line, message, "Change one of the two lines.")
        elif name:
            seen[name] = line


def _mount_points(request: StorageRequest) -> Iterator[Named]:
    yield from ((one.mount, one.line) for one in _blocks(request))
    yield from ((one.mount, one.line) for one in request.btrfs)
    yield from ((one.mount, one.line) for one in request.subvolumes)
    yield from ((one.path, one.line) for one in request.mounts if one.path.startswith("/"))


def _names(request: StorageRequest) -> Iterator[Iterable[Named]]:
    """Names that mean one thing each: of members, and of each kind of thing."""
    yield ((name, one.line) for name, one in _named_members(request))
    yield ((one.name, one.line) for one in request.arrays)
    yield ((one.name, one.line) for one in request.groups)
    yield ((one.name, one.line) for one in request.btrfs)
    yield ((f"{one.group}/{one.name}", one.line) for one in request.volumes)


def _existing(request: StorageRequest) -> Iterator[Named]:
    yield from ((one.existing, one.line) for one in _blocks(request))
    yield from ((one.device.removeprefix("/dev/"), one.line) for one in request.mounts)


def _blocks(request: StorageRequest) -> tuple[BlockRequest, ...]:
    return (*request.partitions, *request.arrays, *request.volumes)


def _problem(line: int, message: str, hint: str) -> LineProblem:
    return LineProblem(line=line, message=message, hint=hint)
