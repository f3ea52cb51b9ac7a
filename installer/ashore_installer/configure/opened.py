"""What the new system opens and assembles before it mounts: /etc/crypttab and mdadm.conf, in its own places."""

from __future__ import annotations

from ashore_installer.boot.stack import early
from ashore_installer.chroot import inside
from ashore_installer.configure.crypttab import crypttab, mdadm_conf
from ashore_installer.configure.files import PRIVATE, read, write
from ashore_installer.context import Context
from ashore_installer.storage_plan import StoragePlan

CRYPTTAB = "/etc/crypttab"


def write_opened(context: Context, storage: StoragePlan) -> None:
    """Write the files, if the plan has something for them. Raises InstallerError when something has no UUID."""
    root, opened = context.root(), early(storage, context.machine.memory)
    if storage.encrypted:
        write(root, CRYPTTAB, crypttab(read(root, CRYPTTAB), storage, context.uuids, opened), PRIVATE)
    if storage.arrays:
        # Debian's place, or everybody else's.
        path = "/etc/mdadm/mdadm.conf" if inside(root, "/etc/mdadm").is_dir() else "/etc/mdadm.conf"
        write(root, path, mdadm_conf(read(root, path), storage, context.own_uuids))
