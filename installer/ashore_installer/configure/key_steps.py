"""The steps of an installation that give encrypted devices more keys than the passphrase."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from ashore_installer.chroot import enter, inside
from ashore_installer.configure import certificates
from ashore_installer.configure.enrol import UNIT_PATH, WANTED, enrol_files
from ashore_installer.configure.files import PRIVATE, PUBLIC, write
from ashore_installer.configure.keys import Keys
from ashore_installer.context import Context
from ashore_installer.storage_plan import EncryptionPlan, StoragePlan


def needs_keys(plan: EncryptionPlan) -> bool:
    """Whether a device gets keys here."""
    how = plan.encryption
    return bool(how.tpm2 or how.backup_passphrase)


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchCertificates:
    """Before the first write: get the certificates that backup passphrases will be encrypted for."""

    storage: StoragePlan
    id: ClassVar[str] = "fetch-certificates"
    title: ClassVar[str] = "Fetch certificates"
    writes: ClassVar[bool] = False

    def run(self, context: Context) -> None:
        for url in certificates.wanted(self.storage):
            certificates.fetch(context.run, url, _certificate(context, url))


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrolKeys:
    """Keys in the TPM and for backup; and what binds the first to the system in its first boot."""

    storage: StoragePlan
    id: ClassVar[str] = "enrol-keys"
    title: ClassVar[str] = "Add keys to encrypted devices"
    writes: ClassVar[bool] = True

    def run(self, context: Context) -> None:
        with enter(context) as chroot:
            for plan in filter(needs_keys, self.storage.encrypted):
                url = plan.encryption.escrow_certificate
                Keys(context=context, chroot=chroot, plan=plan, certificate=_certificate(context, url)).add()
        root, files = context.root(), enrol_files(self.storage, context.uuids)
        for path, text in files.items():
            write(root, path, text, PUBLIC if path == UNIT_PATH else PRIVATE)
        if files:
            link = inside(root, str(Path(WANTED).parent)) / Path(WANTED).name
            link.parent.mkdir(parents=True, exist_ok=True)
            link.unlink(missing_ok=True)
            link.symlink_to(UNIT_PATH)


def _certificate(context: Context, url: str) -> Path:
    return certificates.place(context.log_file.parent / "certificates", url)
