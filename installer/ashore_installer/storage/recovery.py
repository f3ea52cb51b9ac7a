"""Recovery keys: one more passphrase for a LUKS device, made here and shown to the person once.

Form and key slot are those of `systemd-cryptenroll --recovery-key` (systemd, src/shared/recovery-key.c and
src/cryptenroll/cryptenroll-recovery.c): 256 random bits as eight groups of eight letters of the modhex alphabet, which
is the same on nearly all keyboards, and a token that tells systemd what kind of key it is.
"""

from __future__ import annotations

import json
import secrets
from pathlib import Path

from ashore_installer.context import Context
from ashore_installer.storage_plan import EncryptionPlan, StoragePlan

KEYS = Path("/run/ashore/recovery-keys")
"""One file for each key, readable for root only; it is in memory and gone after the reboot."""
_MODHEX = "cbdefghijklnrtuv"
_BITS = 256
_GROUP = 8
_ITERATIONS = 1000
"""The least that there is: a key with so much randomness needs no slow derivation (systemd does the same)."""


def new_recovery_key() -> str:
    """A key as systemd writes it: `cbdefghi-…`, 8 groups of 8."""
    letters = [_MODHEX[secrets.randbelow(len(_MODHEX))] for _ in range(_BITS // 4)]
    groups = ["".join(letters[at : at + _GROUP]) for at in range(0, len(letters), _GROUP)]
    return "-".join(groups)


def add_recovery_keys(context: Context, plan: StoragePlan, directory: Path = KEYS) -> None:
    """Add one to each LUKS device that shall have it; a note says where the key lies. Raises CommandFailed."""
    for one in plan.encrypted:
        if one.encryption.recovery_key and one.existing is None and one.encryption.passphrase:
            path = _keep(directory, one, new_recovery_key())
            _enrol(context, one, context.devices[one.device], path)
            context.note(f"The recovery key of {one.name or one.device} is in {path}")


def _keep(directory: Path, plan: EncryptionPlan, key: str) -> Path:
    directory.mkdir(parents=True, exist_ok=True)
    directory.chmod(0o700)
    path = directory / (plan.name or plan.device)
    path.touch(0o600)
    path.write_text(key)
    return path


def _enrol(context: Context, plan: EncryptionPlan, node: str, key: Path) -> None:
    assert plan.encryption.passphrase is not None
    before = _slots(context, node)
    context.run.run(
        ["cryptsetup", "luksAddKey", "--batch-mode", "--key-file", "-", "--new-keyfile", key,
         "--pbkdf", "pbkdf2", "--pbkdf-force-iterations", str(_ITERATIONS), node],
        stdin=plan.encryption.passphrase.reveal().encode(),
    )  # fmt: skip
    added = sorted(_slots(context, node) - before)
    token = json.dumps({"type": "systemd-recovery", "keyslots": added})
    context.run.run(["cryptsetup", "token", "import", "--json-file", "-", node], stdin=token.encode())


def _slots(context: Context, node: str) -> frozenset[str]:
    dump = json.loads(context.run.run(["cryptsetup", "luksDump", "--dump-json-metadata", node]))
    return frozenset(dump["keyslots"])
