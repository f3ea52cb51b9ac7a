"""The kernel arguments of a deployment: in bootc's order, and safe for every boot loader.

Order and deletes are those of bootc (lib/src/install.rs, `install_container`): root, the image's install configuration
and kargs.d, minus its deletes, then what the user gave. Ours are `console=` arguments of the running system, so that
what was installed over a serial line can be used over it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from ashore_installer.boot.stack import stack_kargs
from ashore_installer.errors import InstallerError
from ashore_installer.machine import MachineInfo
from ashore_installer.payload_info import PayloadInfo
from ashore_installer.plan import InstallPlan
from ashore_installer.storage_plan import MountPlan, StoragePlan

DEFAULT_OPTIONS = "defaults"
OURS = ("root", "ostree", "boot")
"""Arguments that say where the system is; nobody else sets them."""
NO_UUIDS: Mapping[str, str] = {}

# GRUB runs the options of a boot entry as a line of its shell language, in its own `blscfg` too (grub-core/commands/
# blsuki.c makes a `linux` command of them): these characters would end the command, or expand to something else.
_HAZARDS = re.compile(r"[$;&|<>{}'\\`\x00-\x1f\x7f]")


def deployment_kargs(
    plan: InstallPlan,
    machine: MachineInfo,
    image: PayloadInfo,
    uuids: Mapping[str, str],
    own_uuids: Mapping[str, str] = NO_UUIDS,
) -> tuple[str, ...]:
    """Everything but `ostree=`, which libostree adds. `uuids` and `own_uuids` are those of the context.

    Raises InstallerError when the root, /boot or what they lie on has no UUID. The image's `root-mount-spec` is not
    used: what it names need not exist on a disk that was made a minute ago, and the UUID always does.
    """
    image_kargs = _without((*image.install.kargs, *image.kargs), image.install.karg_deletes)
    consoles = _consoles(machine, image_kargs, plan.boot.kargs)
    root = (*_root_kargs(plan, uuids), *stack_kargs(plan.storage, machine.memory, uuids, own_uuids))
    return (*root, *image_kargs, *consoles, *plan.boot.kargs)


def package_kargs(
    plan: InstallPlan,
    machine: MachineInfo,
    uuids: Mapping[str, str],
    own_uuids: Mapping[str, str] = NO_UUIDS,
) -> tuple[str, ...]:
    """The arguments of a system made of packages; `root=` and `ro` first, as Fedora's grub2-mkconfig writes them.

    The root is remounted with the options of its line in /etc/fstab. Raises InstallerError when something that they
    name has no UUID.
    """
    root = plan.storage.mount("/")
    if root is None:
        raise InstallerError("The plan has no root file system.", "Add one, or use the automatic layout.")
    subvolume = next((one.path for one in plan.storage.subvolumes if one.id == root.device), "")
    flags = (f"rootflags=subvol={subvolume}",) if subvolume else ()
    stack = stack_kargs(plan.storage, machine.memory, uuids, own_uuids)
    consoles = _consoles(machine, (), plan.boot.kargs)
    return (f"root=UUID={_uuid(root, uuids)}", "ro", *flags, *stack, *consoles, *plan.boot.kargs)


def is_safe(karg: str) -> bool:
    """Whether GRUB hands this argument to the kernel as it is: see `_HAZARDS`.

    A blank is fine between double quotes, as in `dyndbg="file x.c +p"`; so is `#`, except at the beginning, where a
    comment would begin.
    """
    outside = re.sub(r'"[^"]*"', "", karg)
    blank = any(letter.isspace() for letter in outside)
    return bool(karg) and not (_HAZARDS.search(karg) or '"' in outside or blank or karg.startswith("#"))


def name_of(karg: str) -> str:
    return karg.split("=", 1)[0]


def _root_kargs(plan: InstallPlan, uuids: Mapping[str, str]) -> Iterable[str]:
    root, boot = plan.storage.mount("/"), plan.storage.mount("/boot")
    if root is None:
        raise InstallerError("The plan has no root file system.", "Add one, or use the automatic layout.")
    yield f"root=UUID={_uuid(root, uuids)}"
    options = mount_options(root, plan.storage)
    if options != DEFAULT_OPTIONS:
        # /etc/fstab has no entry for the root: the initramfs mounts it, and takes its options from here.
        yield f"rootflags={options}"
    yield "rw"
    if boot:
        yield f"boot=UUID={_uuid(boot, uuids)}"


def mount_options(mount: MountPlan, storage: StoragePlan) -> str:
    """The options of a mount, with the subvolume that it is."""
    path = next((one.path for one in storage.subvolumes if one.id == mount.device), "")
    if not path:
        return mount.options
    own = [] if mount.options == DEFAULT_OPTIONS else [mount.options]
    return ",".join([f"subvol={path}", *own])


def _uuid(mount: MountPlan, uuids: Mapping[str, str]) -> str:
    uuid = uuids.get(mount.device)
    if not uuid:
        raise InstallerError(f"The file system {mount.path} has no UUID.", "See the log for what mkfs said.")
    return uuid


def _without(kargs: tuple[str, ...], deletes: tuple[str, ...]) -> tuple[str, ...]:
    """Each delete takes away one argument that equals it, or all with its name when it has no value.

    libostree's `ostree_kernel_args_delete` (libostree/ostree-kernel-args.c) does the same but for the second case,
    where it fails if there are several.
    """
    left = list(kargs)
    for delete in deletes:
        if delete in left:
            left.remove(delete)
        elif "=" not in delete:
            left = [karg for karg in left if name_of(karg) != delete]
    return tuple(left)


def _consoles(machine: MachineInfo, image_kargs: tuple[str, ...], user_kargs: tuple[str, ...]) -> tuple[str, ...]:
    """The running system's consoles, unless the user chose some. The last one becomes /dev/console."""
    if any(name_of(karg) == "console" for karg in user_kargs):
        return ()
    consoles = dict.fromkeys(f"console={console}" for console in machine.consoles)
    return tuple(karg for karg in consoles if karg not in image_kargs)
