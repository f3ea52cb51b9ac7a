"""Encryption, in kickstart's words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ashore_installer.secret import Secret
from ashore_installer.storage_plan import Encryption, Tpm2
from ashore_installer.storage_request import StorageRequest
from ashore_kickstart.words import Unsayable, Value


def encryption_options(encryption: Encryption | None, reveal: bool) -> Mapping[str, Value]:
    """The options of an encrypted device. A secret is left out as an empty text, which Ashore refuses to read.

    A mark in its place, as for login passwords, would be a passphrase that everybody knows to other installers; for an
    empty one they ask, or stop.
    """
    if encryption is None:
        return {}
    tpm2 = encryption.tpm2
    return {
        "--encrypted": True,
        **_secret("--passphrase", encryption.passphrase, reveal),
        "--luks-version": encryption.luks,
        "--cipher": encryption.cipher,
        "--pbkdf": encryption.pbkdf,
        "--pbkdf-memory": encryption.pbkdf_memory or None,
        "--pbkdf-time": encryption.pbkdf_time or None,
        "--pbkdf-iterations": encryption.pbkdf_iterations or None,
        "--escrowcert": encryption.escrow_certificate,
        "--backuppassphrase": encryption.backup_passphrase,
        "--recovery-key": encryption.recovery_key,
        "--tpm2": tpm2 is not None,
        "--tpm2-pcrs": ",".join(map(str, tpm2.pcrs)) if tpm2 and tpm2.pcrs != Tpm2().pcrs else "",
        **_secret("--tpm2-pin", tpm2.pin if tpm2 else None, reveal),
    }


def has_secrets(request: StorageRequest | None) -> bool:
    return request is not None and any(one.passphrase or (one.tpm2 and one.tpm2.pin) for one in _all(request))


def check_passphrases(request: StorageRequest) -> None:
    """A device without a passphrase would get that of another one when it is read (`with_common_passphrase`)."""
    if len({one.passphrase is None for one in _all(request)}) > 1:
        raise Unsayable("one encrypted device has a passphrase, and another one has none")


def _all(request: StorageRequest) -> Iterator[Encryption]:
    holders = (request.automatic, *request.partitions, *request.arrays, *request.volumes)
    yield from (one.encryption for one in holders if one and one.encryption)


def _secret(option: str, secret: Secret | None, reveal: bool) -> Mapping[str, Value]:
    if secret is None:
        return {}
    if not secret.reveal():
        raise Unsayable("a passphrase or PIN is empty")
    return {option: secret.reveal()} if reveal else {f"{option}=": True}
