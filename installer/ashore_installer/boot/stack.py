"""What the initramfs has to open before it can mount the root, as kernel arguments that dracut and systemd understand.

A bootable image's initramfs is made for every machine, so it knows nothing of this one: no crypttab, no mdadm.conf,
no lvm.conf. All it is told is in the kernel's arguments (dracut.cmdline(7), systemd-cryptsetup-generator(8)). Only what
the root lies on is named there, and the swap space that a hibernated system is read from; everything else is opened
later by /etc/crypttab, udev and /etc/fstab.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from ashore_installer.errors import InstallerError
from ashore_installer.storage_plan import SWAP, EncryptionPlan, Format, MountPlan, StoragePlan, VolumeKind

DISCARD = "discard"
"""The option of crypttab(5) that hands TRIM on to a disk.

It shows whoever has the disk which blocks are free, and it is what keeps flash fast and thin pools small: the choice
that Fedora's and most other installers make too.
"""
UNLOCK_BY_TPM2 = "tpm2-device=auto"


def early(storage: StoragePlan, memory: int) -> frozenset[str]:
    """Ids of all that the initramfs opens: what the root, and the swap space to resume from, lie on."""
    resume = resume_from(storage, memory)
    starts = [mount.device for mount in (storage.mount("/"), resume) if mount]
    return frozenset(lower for start in starts for lower in below(storage, start))


def below(storage: StoragePlan, id: str) -> Iterator[str]:  # noqa: A002 (the field's name)
    """The id of something and those of all that it lies on."""
    yield id
    for lower in storage.below(id):
        yield from below(storage, lower)


def resume_from(storage: StoragePlan, memory: int) -> MountPlan | None:
    """The first swap space that takes the whole memory, and so can hold a hibernated system; `memory` in bytes."""
    for mount in storage.mounts:
        block = storage.block_of(mount.device) if mount.path == SWAP else None
        if block and block.format is Format.SWAP and block.size >= memory:
            return mount
    return None


def opened_name(plan: EncryptionPlan, uuids: Mapping[str, str]) -> str:
    """The name of an opened LUKS device below /dev/mapper. Raises InstallerError if it has no UUID."""
    return plan.name or f"luks-{luks_uuid(plan, uuids)}"


def luks_uuid(plan: EncryptionPlan, uuids: Mapping[str, str]) -> str:
    """UUID in the LUKS header. Raises InstallerError if it is not known."""
    return _known(uuids, plan.device, "The encrypted device")


def stack_kargs(
    storage: StoragePlan, memory: int, uuids: Mapping[str, str], own_uuids: Mapping[str, str]
) -> Iterator[str]:
    """The arguments; `uuids` and `own_uuids` are those of the context. Raises InstallerError when a UUID is missing."""
    needed = early(storage, memory)
    yield from (
        f"rd.md.uuid={mdadm_uuid(_known(own_uuids, array.id, 'The RAID array'))}"
        for array in storage.arrays
        if array.id in needed
    )
    for plan in storage.encrypted:
        if plan.id in needed:
            yield from _luks(plan, uuids)
    groups = {group.id: group.name for group in storage.groups}
    for volume in storage.volumes:
        if volume.id in needed and volume.kind is not VolumeKind.POOL:
            yield f"rd.lvm.lv={groups[volume.group]}/{volume.name}"
    resume = resume_from(storage, memory)
    if resume:
        yield f"resume=UUID={_known(uuids, resume.device, 'The swap space')}"


def mdadm_uuid(uuid: str) -> str:
    """An array's UUID as mdadm and its udev rules write it: four groups of eight digits with colons between."""
    digits = re.sub(r"[^0-9a-f]", "", uuid.lower())
    return ":".join(digits[at : at + 8] for at in range(0, len(digits), 8))


def _luks(plan: EncryptionPlan, uuids: Mapping[str, str]) -> Iterator[str]:
    """dracut waits for what `rd.luks.uuid` names; systemd takes the name and the options from the other two."""
    uuid = luks_uuid(plan, uuids)
    yield f"rd.luks.uuid=luks-{uuid}"
    if plan.name:
        yield f"rd.luks.name={uuid}={plan.name}"
    options = (DISCARD, UNLOCK_BY_TPM2) if plan.encryption.tpm2 else (DISCARD,)
    yield f"rd.luks.options={uuid}={','.join(options)}"


def _known(uuids: Mapping[str, str], id: str, what: str) -> str:  # noqa: A002 (the field's name)
    uuid = uuids.get(id)
    if not uuid:
        raise InstallerError(f"{what} {id} has no UUID.", "See the log for what was made on the disks.")
    return uuid
