"""A storage plan carried out by blivet.

blivet is imported here and in the modules `devices_*.py` beside this one, nowhere else, and only when it is used. The
whole plan becomes one queue of blivet's actions; what blivet would make is compared with the plan before the first of
them runs.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ashore_installer.errors import InstallerError
from ashore_installer.storage.devices_existing import existing_device, remove_content, resize, the_disk
from ashore_installer.storage.devices_formats import name_opened
from ashore_installer.storage.devices_proof import prove_places, prove_stacks, prove_untouched
from ashore_installer.storage.devices_removal import clear_disk, remove
from ashore_installer.storage.devices_stack import Stack
from ashore_installer.storage_plan import Kind, StoragePlan

_LVM_PLUGIN = "libbd_lvm.so.3"

log = logging.getLogger(__name__)


def realise(
    plan: StoragePlan, disks: Mapping[str, str], tell: Callable[[str], None], begin: Callable[[], None]
) -> dict[str, str]:
    """Make everything of `plan`; give the device node of each of its blocks by its id.

    `disks` are the nodes (`/dev/vda`) of the plan's disks by their ids; `tell` gets a sentence as each thing is made.
    Blivet sees no other disk. `begin` is called once it is certain what blivet will do, just before the first
    write. What stays must be active. Raises InstallerError when blivet refuses or an action fails.
    """
    with _blivet_errors():
        storage = _look(disks)
        stack = _planned(plan, storage, disks)
        begin()
        storage.do_it(_callbacks(stack, tell))
        return {block.id: stack.devices[block.id].path for block in plan.blocks()}


def _look(disks: Mapping[str, str]) -> Any:
    """blivet's view of the disks now."""
    import blivet

    _call_lvm_itself(blivet.blockdev)
    storage = blivet.Blivet()
    storage.exclusive_disks = [Path(node).name for node in disks.values()]
    storage.reset()
    return storage


def _call_lvm_itself(blockdev: Any) -> None:
    """Have libblockdev run LVM's programs. By default it asks LVM's D-Bus daemon where that is installed.

    The daemon is one more program that must start, and answer within 25 seconds: on slow machines it does not.
    """
    if "dbus" in (blockdev.get_plugin_soname(blockdev.Plugin.LVM) or ""):
        others = [name for name in blockdev.get_available_plugin_names() if name != "lvm"]
        direct = blockdev.PluginSpec()
        direct.name, direct.so_name = blockdev.Plugin.LVM, _LVM_PLUGIN
        blockdev.reinit([*blockdev.plugin_specs_from_names(others), direct], True, None)
        _ask_again_for_lvm()


def _ask_again_for_lvm() -> None:
    """blivet's modules ask whether LVM can be used as they are imported, and keep the answer for the daemon.

    With its cache off, blivet forgets what it kept (blivet/tasks/availability.py).
    """
    from blivet.tasks import availability

    plugins = [one for name, one in vars(availability).items() if name.startswith("BLOCKDEV_LVM_PLUGIN")]
    availability.CACHE_AVAILABILITY = False
    missing = [error for one in plugins for error in one.availability_errors]
    availability.CACHE_AVAILABILITY = True
    log.debug("LVM without its daemon lacks: %s", "; ".join(missing) or "nothing")


def _planned(plan: StoragePlan, storage: Any, disks: Mapping[str, str]) -> Stack:
    """All actions in blivet's queue, and proven to be those of the plan."""
    from blivet.partitioning import do_partitioning

    kept = {block.id: existing_device(plan, block, storage, disks) for block in plan.blocks() if block.existing}
    stay = {block.id: kept[block.id] for block in plan.blocks() if block.id in kept and block.keep}
    for one in plan.remove:
        if one.kind is not Kind.SUBVOLUME:  # storage/subvolumes.py
            remove(storage, one)
    for disk in plan.disks:
        clear_disk(storage, disk, the_disk(storage, disk, disks[disk.id]), plan.partitions)
    for block in plan.blocks():
        if block.existing and not block.keep:
            remove_content(storage, kept[block.id])
        if block.resized:
            resize(storage, block, kept[block.id])
    stack = Stack(plan=plan, storage=storage, disks=disks, devices=dict(kept))
    stack.make_partitions()
    do_partitioning(storage)
    prove_places(plan, stack.devices)
    stack.make_the_rest()
    prove_stacks(plan, stack.devices, stack.groups)
    prove_untouched(stay, storage)
    return stack


@contextmanager
def _blivet_errors() -> Iterator[None]:
    """What blivet, libblockdev and parted raise, as an InstallerError."""
    try:
        import blivet
        import parted
        from blivet.errors import StorageError
    except (ImportError, RuntimeError) as error:
        raise InstallerError(f"blivet can't be used: {error}", "Start this from an Ashore medium.") from error
    try:
        yield
    # blivet refuses what can't be done (a size, a name) with a ValueError.
    except (StorageError, ValueError, parted.PartedException, blivet.GLib.Error) as error:
        message = f"The disks could not be prepared: {error}"
        raise InstallerError(message, "See the log for what failed; the disk may be faulty or in use.") from error


def _callbacks(stack: Stack, tell: Callable[[str], None]) -> Any:
    from blivet.callbacks import create_new_callbacks_register

    return create_new_callbacks_register(
        create_format_pre=lambda data: tell(data.msg),
        create_format_post=lambda _data: name_opened(stack.plan, stack.devices),
    )
