"""`btrfs`: volumes and subvolumes."""

from __future__ import annotations

from dataclasses import replace

from ashore_installer.plan import Draft
from ashore_installer.storage_request import BtrfsRequest, SubvolumeRequest
from ashore_kickstart.parse import Command
from ashore_kickstart.problems import Refused
from ashore_kickstart.read_block import NO_MOUNT, is_path, request_of

_OF_NEW = ("--label", "--data", "--metadata", "--mkfsoptions")
_OF_VOLUMES = ("--data", "--metadata", "--mkfsoptions", "--label")


def btrfs(draft: Draft, command: Command) -> Draft:
    storage = request_of(draft.storage)
    if command.has("--subvol"):
        changed = replace(storage, subvolumes=(*storage.subvolumes, _subvolume(command)))
        lines = {**draft.lines, "storage.subvolumes": command.line}
    else:
        changed = replace(storage, btrfs=(*storage.btrfs, _volume(command)))
        lines = {**draft.lines, "storage.btrfs": command.line}
    return replace(draft, storage=changed, lines=lines)


def _volume(command: Command) -> BtrfsRequest:
    if command.has("--useexisting") or command.has("--noformat"):
        return _kept(command)
    members = command.arguments[1:]
    return BtrfsRequest(
        name=command.text("--name") or command.text("--label") or members[0],
        mount=_mount(command),
        label=command.text("--label"),
        data=_profile(command, "--data"),
        metadata=_profile(command, "--metadata"),
        mkfs=command.text("--mkfsoptions"),
        options=command.text("--fsoptions"),
        members=members,
        line=command.line,
    )


def _kept(command: Command) -> BtrfsRequest:
    _refuse(command, (*_OF_NEW, "--name"), "changes nothing in a volume that is there")
    if len(command.arguments) != 2:
        raise Refused(command.line, "a btrfs volume that is there has one name.", "Write it as LABEL=… or UUID=….")
    return BtrfsRequest(
        name=command.arguments[1].removeprefix("/dev/"),
        mount=_mount(command),
        options=command.text("--fsoptions"),
        keep=True,
        line=command.line,
    )


def _subvolume(command: Command) -> SubvolumeRequest:
    _refuse(command, _OF_VOLUMES, "is for whole volumes")
    path = command.text("--name").strip("/")
    if len(command.arguments) != 2:
        raise Refused(command.line, f"the subvolume {path} is in one volume.", "Name it as the last word.")
    if not is_path(f"/{path}") or not path:
        raise Refused(command.line, f"there can be no subvolume {path!r}.", "Name it as --name=root.")
    return SubvolumeRequest(
        volume=command.arguments[1].removeprefix("/dev/"),
        path=path,
        mount=_mount(command),
        options=command.text("--fsoptions"),
        keep=command.has("--useexisting") or command.has("--noformat"),
        line=command.line,
    )


def _mount(command: Command) -> str:
    word = command.arguments[0] if command.arguments[0] == "/" else command.arguments[0].rstrip("/")
    if word in NO_MOUNT:
        return ""
    if not is_path(word):
        raise Refused(command.line, f"btrfs can't be mounted at {word}.", "Name a path, as /var, or none.")
    return word


def _profile(command: Command, option: str) -> str:
    """mkfs.btrfs's word; pykickstart lets `1` stand for `raid1`."""
    word = command.text(option).lower()
    return f"raid{word}" if word.isdigit() else word


def _refuse(command: Command, options: tuple[str, ...], why: str) -> None:
    given = [option for option in options if command.has(option)]
    if given:
        raise Refused(command.line, f"{given[0]} {why}.", f"Remove {given[0]}.")


READERS = {"btrfs": btrfs}
