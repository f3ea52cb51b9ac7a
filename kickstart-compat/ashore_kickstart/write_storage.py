"""Which disks may be used, what may go, automatic layouts and the boot loader, in kickstart's words."""

from __future__ import annotations

from collections.abc import Iterator

from ashore_installer.plan import Draft
from ashore_installer.storage_plan import Format, ZramPlan
from ashore_installer.storage_request import Automatic, Clear, Scheme, ShrinkRequest, StorageRequest
from ashore_installer.units import MiB
from ashore_kickstart.read_storage import ANY_SYSTEM, AUTOMATIC_FORMATS, CLEARS, KARG
from ashore_kickstart.words import Unsayable, Value, words
from ashore_kickstart.write_blocks import block_lines
from ashore_kickstart.write_encryption import check_passphrases, encryption_options
from ashore_kickstart.zram import PLACE, zram_options

_CLEARS = {clear: option for option, clear in CLEARS.items() if clear is not Clear.LIST}


def storage_lines(request: StorageRequest | None, reveal: bool) -> Iterator[str]:
    """Every line for the storage; passphrases only if `reveal`."""
    if request is None:
        return
    if request.only_use and request.ignore:
        raise Unsayable("some disks are named as the only ones to use, and others as ones to ignore")
    if request.zram and request.mounts:
        raise Unsayable("there is swap space in memory beside a list of existing mount points")
    if request.automatic and (request.partitions or request.arrays or request.groups or request.btrfs):
        raise Unsayable("the layout is automatic, but what to make is listed too")
    check_passphrases(request)
    if request.only_use or request.ignore:
        yield words("ignoredisk", {"--only-use": request.only_use, "--drives": request.ignore})
    if request.zero_mbr:
        yield "zerombr"
    yield _clearpart(request)
    if request.automatic:
        yield _autopart(request.automatic, request.zram, reveal)
    elif request.zram:
        yield words("part", zram_options(request.zram), PLACE)
    if request.required_boot and not request.required:
        raise Unsayable("a /boot is required, but not what the firmware needs")
    if request.required:
        yield words("reqpart", {"--add-boot": request.required_boot})
    yield from block_lines(request, reveal)


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
    options |= {
        "--drives": request.clear_disks,
        "--initlabel": request.new_table,
        "--disklabel": str(request.table or ""),
        "--shrink": tuple(_shrink(one) for one in request.shrink),
        "--remove": request.remove,
    }
    return words("clearpart", options)


def _shrink(request: ShrinkRequest) -> str:
    if request.size % MiB or not request.size:
        raise Unsayable(f"the new size of {request.existing} is no whole number of MiB")
    return f"{request.existing}:{request.size // MiB}"


def _autopart(automatic: Automatic, zram: ZramPlan | None, reveal: bool) -> str:
    root, scheme = automatic.format, automatic.scheme
    if (scheme is Scheme.BTRFS) is not (root is Format.BTRFS) or root not in _ROOTS:
        raise Unsayable(f"the root file system of an automatic {scheme} layout is {root}")
    if automatic.hibernation and not automatic.swap:
        raise Unsayable("the system hibernates, but has no swap")
    options: dict[str, Value] = {
        "--type": str(scheme),
        "--fstype": "" if scheme is Scheme.BTRFS else str(root or ""),
        "--noboot": not automatic.boot,
        "--home": automatic.home,
        "--swap": automatic.swap and not automatic.hibernation,
        "--hibernation": automatic.hibernation,
        "--zram": zram is not None,
        **(zram_options(zram) if zram else {}),
        "--reinstall": True if automatic.reinstall == ANY_SYSTEM else automatic.reinstall,
    }
    return words("autopart", {**options, **encryption_options(automatic.encryption, reveal)})


_ROOTS = (None, Format.BTRFS, *AUTOMATIC_FORMATS.values())


def bootloader_lines(draft: Draft) -> Iterator[str]:
    for karg in draft.kargs:
        if not KARG.fullmatch(karg):
            raise Unsayable(f"{karg!r} is no kernel argument")
    options: dict[str, Value] = {
        "--append": " ".join(draft.kargs),
        "--boot-drive": draft.boot_disk,
        "--leavebootorder": draft.leave_boot_order,
        "--timeout": draft.boot_timeout,
    }
    line = words("bootloader", options)
    if line != "bootloader":
        yield line
