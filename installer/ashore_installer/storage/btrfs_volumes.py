"""btrfs volumes and subvolumes as they are wanted: on a stack of planned members."""

from __future__ import annotations

from ashore_installer.storage.content import plain_path
from ashore_installer.storage.existing import kept_btrfs
from ashore_installer.storage.present import Present
from ashore_installer.storage.stack import Stack
from ashore_installer.storage_plan import BtrfsPlan, SubvolumePlan
from ashore_installer.storage_request import BtrfsRequest, StorageRequest, SubvolumeRequest

_LEAST_MEMBERS = {
    "single": 1,
    "dup": 1,
    "raid0": 2,
    "raid1": 2,
    "raid1c3": 3,
    "raid1c4": 4,
    "raid10": 4,
}
"""Profiles of mkfs.btrfs(8). RAID 5 and 6 are left out: they can lose data after a power cut (btrfs(5))."""


def add_btrfs(stack: Stack, present: Present, request: StorageRequest) -> None:
    """Plan every btrfs volume and its subvolumes; what is wrong goes to the stack's problems."""
    ids: dict[str, str] = {}
    for number, volume in enumerate(request.btrfs):
        field = f"storage.btrfs[{number}]"
        if volume.name in ids:
            stack.refuse(field, f"Two btrfs volumes are called {volume.name}.", "Rename one of them.")
        else:
            ids[volume.name] = _keep(stack, present, volume, field) if volume.keep else _add(stack, volume, field)
        for word in (*([f"LABEL={volume.label}"] if volume.label else []), *volume.members):
            ids.setdefault(word, ids.get(volume.name, ""))
    seen: set[tuple[str, str]] = set()
    for number, one in enumerate(request.subvolumes):
        _add_subvolume(stack, one, f"storage.subvolumes[{number}]", ids, seen)


def profile(word: str) -> str:
    """mkfs.btrfs's word for a profile, from kickstart's (`RAID1`, `1`, `raid1`)."""
    word = word.lower()
    return f"raid{word}" if word.isdigit() else word


def _add(stack: Stack, request: BtrfsRequest, field: str) -> str:
    members, before = stack.found(request.members), len(stack.problems)
    if not request.members:
        stack.refuse(field, f"The btrfs volume {request.name} has no members.", "Name at least one (`btrfs.01`).")
    for what, word in (("data", profile(request.data)), ("metadata", profile(request.metadata))):
        _check_profile(stack, request, field, what, word)
    id = stack.names.take(request.name)  # noqa: A001 (the field's name)
    if len(members) < len(request.members) or len(stack.problems) > before:
        return id
    stack.btrfs.append(
        BtrfsPlan(
            id=id,
            members=tuple(member.id for member in members),
            label=request.label,
            data=profile(request.data),
            metadata=profile(request.metadata),
            mkfs=request.mkfs,
        )
    )
    stack.mount(id, plain_path(request.mount) if request.mount != "none" else "", request.options or "defaults")
    return id


def _keep(stack: Stack, present: Present, request: BtrfsRequest, field: str) -> str:
    found = kept_btrfs(stack, present, request, field)
    plan = present.btrfs(found) if found else None
    if plan is None:
        return ""
    stack.mount(plan.id, plain_path(request.mount) if request.mount != "none" else "", request.options or "defaults")
    return plan.id


def _check_profile(stack: Stack, request: BtrfsRequest, field: str, what: str, word: str) -> None:
    if not word:
        return
    least = _LEAST_MEMBERS.get(word)
    if least is None:
        message = f"The {what} of the btrfs volume {request.name} can't be {word}."
        stack.refuse(field, message, f"Use one of {', '.join(_LEAST_MEMBERS)}.")
    elif len(request.members) < least:
        message = f"The {what} of the btrfs volume {request.name} is {word}, which needs {least} members."
        stack.refuse(field, message, f"It has {len(request.members)}: add members, or choose another profile.")


def _add_subvolume(
    stack: Stack, request: SubvolumeRequest, field: str, ids: dict[str, str], seen: set[tuple[str, str]]
) -> None:
    path, volume = request.path.strip("/"), ids.get(request.volume)
    if volume == "":
        return  # what is wrong with its volume has been said
    if volume is None:
        message = f"The subvolume {path} is in the btrfs volume {request.volume}, which nothing makes."
        stack.refuse(field, message, "Add a `btrfs` line for it, or name it by its label.")
        return
    if not path or (volume, path) in seen:
        what = f"Two subvolumes are called {path}." if path else "A subvolume has no name."
        stack.refuse(field, what, "Give each its own name.")
        return
    seen.add((volume, path))
    name = stack.names.take(f"{volume}-{path.replace('/', '-')}")
    one = SubvolumePlan(id=name, volume=volume, path=path, existing=request.keep)
    stack.subvolumes.append(one)
    stack.mount(one.id, plain_path(request.mount) if request.mount != "none" else "", request.options or "defaults")
