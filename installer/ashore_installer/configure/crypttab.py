"""/etc/crypttab and mdadm.conf of the installed system: what it opens and assembles. Pure functions of the plan.

crypttab(5) as systemd reads it: name, device, key file, options. What the root lies on is listed too, though the
initramfs has opened it by then: so it keeps its name, and `x-initrd.attach` keeps systemd from closing it at the end
while the root is still mounted.
"""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet

from ashore_installer.boot.stack import DISCARD, UNLOCK_BY_TPM2, luks_uuid, mdadm_uuid, opened_name
from ashore_installer.errors import InstallerError
from ashore_installer.storage_plan import EncryptionPlan, StoragePlan

EARLY = "x-initrd.attach"
_HEADER = "# Written by Ashore."


def crypttab(existing: str, storage: StoragePlan, uuids: Mapping[str, str], opened: AbstractSet[str]) -> str:
    """The text with a line for every encrypted device of the plan; `opened` are the ids that the initramfs opens.

    Lines of the image's own file stay, unless they are for the same name. Raises InstallerError when a device has no
    UUID.
    """
    ours = {opened_name(plan, uuids): _line(plan, uuids, opened) for plan in storage.encrypted}
    kept = [line for line in existing.splitlines() if line != _HEADER and line.split()[:1] not in [[n] for n in ours]]
    return "".join(f"{line}\n" for line in (*kept, _HEADER, *ours.values()))


def _line(plan: EncryptionPlan, uuids: Mapping[str, str], opened: AbstractSet[str]) -> str:
    options = ["luks", DISCARD]
    options += [UNLOCK_BY_TPM2] if plan.encryption.tpm2 else []
    options += [EARLY] if plan.id in opened else []
    return f"{opened_name(plan, uuids)} UUID={luks_uuid(plan, uuids)} - {','.join(options)}"


def mdadm_conf(existing: str, storage: StoragePlan, own_uuids: Mapping[str, str]) -> str:
    """mdadm.conf(5) with a line for every array of the plan.

    udev assembles arrays without it; with it they keep the names of the plan (/dev/md/NAME) on a machine with another
    host name, and mdadm's monitor has somebody to write to.
    """
    names = {array.id: f"/dev/md/{array.name} " if array.name else "" for array in storage.arrays}
    ours = [f"ARRAY {name}UUID={_array_uuid(id_, own_uuids)}" for id_, name in names.items()]
    kept = [line for line in existing.splitlines() if line not in (_HEADER, *ours)]
    mail = [] if any(line.split()[:1] == ["MAILADDR"] for line in kept) else ["MAILADDR root"]
    return "".join(f"{line}\n" for line in (*kept, *mail, _HEADER, *ours))


def _array_uuid(id: str, own_uuids: Mapping[str, str]) -> str:  # noqa: A002 (the field's name)
    if id not in own_uuids:
        raise InstallerError(f"The RAID array {id} has no UUID.", "See the log for what was made on the disks.")
    return mdadm_uuid(own_uuids[id])
