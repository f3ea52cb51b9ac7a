"""Certificates that backup passphrases are encrypted for: fetched and looked at before the first write."""

from __future__ import annotations

import hashlib
import urllib.error
import urllib.request
from pathlib import Path

from ashore_installer.errors import InstallerError
from ashore_installer.run import CommandFailed, Runner
from ashore_installer.storage_plan import StoragePlan
from ashore_installer.units import MiB

LIMIT = MiB
_SECONDS = 30
_SCHEMES = ("http://", "https://", "file:///")


def wanted(storage: StoragePlan) -> tuple[str, ...]:
    """The URLs of all certificates that are needed."""
    encryptions = [plan.encryption for plan in storage.encrypted]
    return tuple(dict.fromkeys(one.escrow_certificate for one in encryptions if one.backup_passphrase))


def place(directory: Path, url: str) -> Path:
    """Where the certificate of a URL is kept during an installation."""
    return directory / f"{hashlib.sha256(url.encode()).hexdigest()[:16]}.pem"


def fetch(run: Runner, url: str, file: Path) -> None:
    """Put the certificate at `url` into `file`, as PEM. Raises InstallerError when there is none."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    raw = file.with_suffix(".raw")
    raw.write_bytes(_read(url))
    try:
        run.run(("openssl", "x509", "-in", raw, "-out", file))
    except CommandFailed as error:
        raise InstallerError(f"{url} is no X.509 certificate.", "Give the URL of one, as PEM or DER.") from error
    finally:
        raw.unlink()


def _read(url: str) -> bytes:
    if not url.startswith(_SCHEMES):
        raise InstallerError(f"A certificate can't be fetched from {url!r}.", "Use http://, https:// or file:///.")
    try:
        with urllib.request.urlopen(url, timeout=_SECONDS) as answer:
            content = answer.read(LIMIT + 1)
    except (OSError, urllib.error.URLError, ValueError) as error:
        raise InstallerError(f"The certificate {url} can't be fetched: {error}.", "Check the URL.") from error
    if len(content) > LIMIT:
        raise InstallerError(f"What is at {url} is too large for a certificate.", "Check the URL.")
    return bytes(content)
