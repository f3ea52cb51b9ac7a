"""Disks, partitions and the boot loader, in kickstart's words."""

from __future__ import annotations

from collections.abc import Iterator

from ashore_installer.storage_plan import Format
from ashore_installer.storage_request import Automatic, Clear, PartitionRequest, StorageRequest
from ashore_installer.units import MiB
from ashore_kickstart.read_storage import FORMAT_OF_MOUNT, KARG
from ashore_kickstart.words import Unsayable, Value, words

_CLEARS = {Clear.ALL: "--all", Clear.LINUX: "--linux", Clear.NONE: "--none"}
_UNMOUNTED = {Format.SWAP: "swap", Format.BIOSBOOT: "biosboot"}


def storage_lines(request: StorageRequest | None) -> Iterator[str]:
    if request is None:
        return
    if request.only_use and request.ignore:
        raise Unsayable("some disks are named as the only ones to use, and others as ones to ignore")
    if request.only_use or request.ignore:
        yield words("ignoredisk", {"--only-use": request.only_use, "--drives": request.ignore})
    if request.zero_mbr:
        yield "zerombr"
    yield _clearpart(request)
    yield from _layout_lines(request)


def _clearpart(request: StorageRequest) -> str:
    options: dict[str, Value] = {}
    if request.clear is Clear.LIST:
        if not request.clear_partitions:
            raise Unsayable("partitions on a list are removed, but the list is empty")
        options["--list"] = request.clear_partitions
    elif request.clear_partitions:
        raise Unsayable(f"partitions on a list are removed, and also {request.clear}")
    else:
        options[_CLEARS[request.clear]] = True
    return words("clearpart", {**options, "--drives": request.clear_disks, "--initlabel": request.new_table})


def _layout_lines(request: StorageRequest) -> Iterator[str]:
    if request.automatic and request.partitions:
        raise Unsayable("the layout is automatic, but partitions are listed too")
    if request.automatic:
        yield _autopart(request.automatic)
    yield from (_part(partition) for partition in request.partitions)


def _autopart(automatic: Automatic) -> str:
    root = automatic.format
    if root is Format.BTRFS:
        return "autopart --type=btrfs"
    if root not in (None, Format.XFS, Format.EXT4):
        raise Unsayable(f"the root file system is {root}")
    return words("autopart", {"--type": "plain", "--fstype": str(root or "")})


def _part(request: PartitionRequest) -> str:
    return words(
        "part",
        {
            "--fstype": str(_format(request) or ""),
            "--size": _mebibytes(request.size) or None,
            "--grow": request.grow,
            "--maxsize": _mebibytes(request.max_size) or None,
            "--ondisk": request.disk,
            "--label": request.label,
            "--fsoptions": request.options,
        },
        _mount(request),
    )


def _mount(request: PartitionRequest) -> str:
    mount = request.mount or _UNMOUNTED.get(request.format or Format.XFS, "")
    if not mount or not (request.size or request.grow):
        raise Unsayable("a partition has no mount point, or no size")
    return mount


def _format(request: PartitionRequest) -> Format | None:
    usual = FORMAT_OF_MOUNT.get(_mount(request))
    if request.format is not usual and (usual or request.format in FORMAT_OF_MOUNT.values()):
        raise Unsayable(f"the partition {_mount(request)} is made as {request.format}")
    return request.format


def _mebibytes(size: int) -> int:
    if size % MiB:
        raise Unsayable(f"the size of a partition, {size} bytes, is no whole number of MiB")
    return size // MiB


def bootloader_lines(disk: str, kargs: tuple[str, ...]) -> Iterator[str]:
    for karg in kargs:
        if not KARG.fullmatch(karg):
            raise Unsayable(f"{karg!r} is no kernel argument")
    if disk or kargs:
        yield words("bootloader", {"--append": " ".join(kargs), "--boot-drive": disk})
