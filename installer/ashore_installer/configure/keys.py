"""More keys for encrypted devices: in the TPM, and for whoever keeps a backup. Each is added to the passphrase.

The key in the TPM is made by the image's own systemd-cryptenroll, as what opens a disk later should be what wrote its
header: an older systemd does not understand what a newer one writes into it. A backup is a plain passphrase, which the
live system's cryptsetup adds. (Recovery keys are made with the disks: `storage/recovery.py`.)
"""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ashore_installer.boot.stack import luks_uuid
from ashore_installer.chroot import Chroot
from ashore_installer.configure.enrol import NEW_PIN, tpm_options
from ashore_installer.configure.files import PRIVATE, write
from ashore_installer.context import Context
from ashore_installer.errors import InstallerError
from ashore_installer.secret import Secret
from ashore_installer.storage_plan import EncryptionPlan, Tpm2

CREDENTIALS = "/run/ashore-credentials"
"""In the new system, whose /run is a tmpfs that is gone afterwards."""
_ENROL = "systemd-cryptenroll"
_FROM_STDIN = "--unlock-key-file=/dev/stdin"
_GROUPS, _LENGTH = 6, 5
_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
"""Of a backup passphrase: 6 groups of 5 out of 32 letters are 150 bits; none looks like another."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    """Adds keys to one device, which is open or not. `certificate` is a file with the one that a backup is for."""

    context: Context
    chroot: Chroot
    plan: EncryptionPlan
    certificate: Path

    def add(self) -> None:
        """Make every key that the plan asks for. Raises InstallerError, or CommandFailed."""
        how = self.plan.encryption
        if how.tpm2:
            self._add_tpm2(how.tpm2)
        if how.backup_passphrase:
            self._add_backup()

    @property
    def _node(self) -> str:
        node = self.context.devices.get(self.plan.device, "")
        if not node:
            raise InstallerError(f"The encrypted device {self.plan.device} has no device.", "See the log.")
        return node

    def _passphrase(self) -> bytes:
        secret = self.plan.encryption.passphrase
        if secret is None:
            raise InstallerError("An encrypted device has no passphrase to add keys with.", "Give it one.")
        return secret.reveal().encode()

    def _add_tpm2(self, tpm2: Tpm2) -> None:
        """The first key, bound to no register: see `enrol`."""
        options = ("--tpm2-device=auto", *tpm_options((), tpm2), "--tpm2-pcrlock=", _FROM_STDIN)
        with _credential(self.chroot, NEW_PIN, tpm2.pin) as environment:
            argv = (*environment, _ENROL, *options, self._node)
            self.chroot.run(argv, stdin=self._passphrase())
        self.context.note(f"The TPM opens {self._node}.")

    def _add_backup(self) -> None:
        """A random passphrase, which only the owner of the certificate can read from its file in /root."""
        backup = Secret("-".join(_random_word() for _ in range(_GROUPS)))
        lines = b"%s\n%s\n" % (self._passphrase(), backup.reveal().encode())
        self.context.run.run(("cryptsetup", "--batch-mode", "luksAddKey", self._node), stdin=lines)
        encrypt = ("openssl", "cms", "-encrypt", "-aes-256-cbc", "-binary", "-outform", "PEM", self.certificate)
        text = self.context.run.run(encrypt, stdin=backup.reveal().encode())
        path = f"/root/{luks_uuid(self.plan, self.context.uuids)}-backup-passphrase.pem"
        write(self.chroot.root, path, text, PRIVATE)
        self.context.note(f"The backup passphrase of {self._node} is in {path}, for the certificate's owner.")


def _random_word() -> str:
    return "".join(secrets.choice(_LETTERS) for _ in range(_LENGTH))


@contextmanager
def _credential(chroot: Chroot, name: str, secret: Secret | None) -> Iterator[tuple[str, ...]]:
    """A secret where programs of the new system look for credentials, and the words that tell them the place.

    systemd.exec(5), CREDENTIALS_DIRECTORY: a file is no argument and is in no environment.
    """
    if secret is None:
        yield ()
        return
    directory = chroot.path(CREDENTIALS)
    directory.mkdir(mode=0o700, parents=True)
    try:
        write(directory, name, secret.reveal(), PRIVATE)
        yield ("env", f"CREDENTIALS_DIRECTORY={CREDENTIALS}")
    finally:
        shutil.rmtree(directory)
