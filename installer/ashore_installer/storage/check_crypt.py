"""Checks of encrypted devices: passphrases, parameters, names, and what unlocks them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from ashore_installer.machine import MachineInfo
from ashore_installer.plan import Problem
from ashore_installer.secret import Secret
from ashore_installer.storage.check_lvm import mapper_name
from ashore_installer.storage.overhead import LUKS_HEADER, luks_room
from ashore_installer.storage.plan_names import apart, called, field_of, own_name
from ashore_installer.storage_plan import EncryptionPlan, StoragePlan, Tpm2
from ashore_installer.units import GiB, KiB, human

_NAME = re.compile(r"[A-Za-z0-9#+.:=@_-]+")
"""What udev writes as it is; dm escapes the rest (libdevmapper.h, DM_STRING_MANGLING_HEX)."""
_LONGEST_NAME = 127
_LONGEST_PASSPHRASE = 512
"""Bytes that cryptsetup takes from a keyboard (cryptsetup(8), NOTES ON PASSPHRASE PROCESSING)."""
_CIPHER = re.compile(r"[a-z0-9_]+(-[a-z0-9_:]+)*")
_PBKDF = ("argon2id", "argon2i", "pbkdf2")
_MEMORY_LEAST = 32
_MEMORY_MOST = 4 * GiB // KiB
"""KiB (cryptsetup-luksFormat(8), --pbkdf-memory)."""
_ITERATIONS_LEAST = {"argon2id": 4, "argon2i": 4, "pbkdf2": 1000}
_PCRS = range(24)


def check_crypt(storage: StoragePlan, machine: MachineInfo) -> tuple[Problem, ...]:
    """Why an encrypted device can't be made, or can't be opened again."""
    found = [*_names(storage)]
    for one in storage.encrypted:
        found += _passphrase(storage, one)
        found += _size(storage, one)
        if not one.existing:
            found += _parameters(storage, one, machine)
            found += _escrow(storage, one)
        if one.encryption.tpm2:
            found += _tpm2(storage, one, one.encryption.tpm2, machine)
    return tuple(found)


def _names(storage: StoragePlan) -> Iterator[Problem]:
    groups = {group.id: group.name for group in storage.groups}
    volumes = {mapper_name(groups[one.group], one.name) for one in storage.volumes}
    count = Counter(one.name for one in storage.encrypted)
    for one in storage.encrypted:
        field = f"{field_of(storage, one.id)}.name"
        if one.name and (not _NAME.fullmatch(one.name) or len(one.name) > _LONGEST_NAME or one.name == "control"):
            message = f"An encrypted device can't have the name {one.name!r}."
            yield Problem(field=field, message=message, hint="Use letters, digits, dots, dashes and underscores.")
        if one.name and (count[one.name] > 1 or one.name in volumes):
            message = f"Two devices would have the name /dev/mapper/{one.name}."
            yield Problem(field=field, message=message, hint="Give each a name of its own.")


def _passphrase(storage: StoragePlan, plan: EncryptionPlan) -> Iterator[Problem]:
    field, name = f"{field_of(storage, plan.id)}.encryption.passphrase", called(storage, plan.id)
    passphrase = plan.encryption.passphrase
    if passphrase is None or not passphrase.reveal():
        what = "open" if plan.existing else "encrypt"
        message = f"There is no passphrase to {what} {name} with."
        yield Problem(field=field, message=message, hint="Give one: `--passphrase=…` in a kickstart.")
    elif reason := secret_problem(passphrase):
        yield Problem(field=field, message=f"The passphrase of {name} {reason}.", hint="Choose another one.")


def secret_problem(secret: Secret) -> str:
    """Why nobody could type this where a machine asks for it while it starts, as the end of a sentence, or empty."""
    text = secret.reveal()
    if len(text.encode()) > _LONGEST_PASSPHRASE:
        return f"is longer than {_LONGEST_PASSPHRASE} bytes"
    if not text.isprintable():
        return "has a line break or another character that can't be typed"
    return ""


def _size(storage: StoragePlan, plan: EncryptionPlan) -> Iterator[Problem]:
    whole, field = storage.block(plan.device).size, field_of(storage, plan.id)
    if plan.encryption.luks not in LUKS_HEADER:
        message = f"{plan.encryption.luks!r} is no version of LUKS that Ashore makes."
        yield Problem(field=field, message=message, hint="Use luks2, or luks1.")
        return
    room = whole if plan.existing else luks_room(whole, plan.encryption.luks)
    if room <= 0:
        message = (
            f"{own_name(storage, plan.device)} has {human(whole)}, too little for the header of {plan.encryption.luks}."
        )
        hint = f"Give it more than {human(LUKS_HEADER[plan.encryption.luks])}."
        yield Problem(field=field_of(storage, plan.device), message=message, hint=hint)
    elif plan.size > room or plan.size <= 0:
        planned, there = apart(plan.size, room)
        message = f"{own_name(storage, plan.id)} has {planned} in the plan, and there is room for {there}."
        yield Problem(field=field, message=message, hint="Make a new plan.")


def _parameters(storage: StoragePlan, plan: EncryptionPlan, machine: MachineInfo) -> Iterator[Problem]:
    field, how, name = f"{field_of(storage, plan.id)}.encryption", plan.encryption, called(storage, plan.id)
    if how.cipher and not _CIPHER.fullmatch(how.cipher):
        message = f"{how.cipher!r}, the cipher of {name}, is no cipher."
        yield Problem(field=field, message=message, hint="Write it as aes-xts-plain64.")
    if how.pbkdf and how.pbkdf not in _PBKDF:
        message = f"{how.pbkdf!r} makes no keys of passphrases."
        yield Problem(field=field, message=message, hint=f"Use one of {', '.join(_PBKDF)}.")
        return
    if how.luks == "luks1" and how.pbkdf not in ("", "pbkdf2"):
        message = f"{name} has {how.luks}, which does not know {how.pbkdf}."
        yield Problem(field=field, message=message, hint="Use luks2, or pbkdf2.")
    if how.pbkdf_time and how.pbkdf_iterations:
        message = f"{name} has both a time and a number of iterations to try a passphrase."
        yield Problem(field=field, message=message, hint="Give one of the two.")
    if how.pbkdf_iterations and how.pbkdf_iterations < _ITERATIONS_LEAST.get(how.pbkdf or "argon2id", 0):
        least = _ITERATIONS_LEAST[how.pbkdf or "argon2id"]
        message = f"{how.pbkdf_iterations} iterations are too few for {name}."
        yield Problem(field=field, message=message, hint=f"Use at least {least}, or leave it to cryptsetup.")
    yield from _memory(field, name, how.pbkdf, how.pbkdf_memory, machine)


def _memory(field: str, name: str, pbkdf: str, memory: int, machine: MachineInfo) -> Iterator[Problem]:
    """The memory that opening takes must be there every time that the machine starts; cryptsetup itself takes half."""
    if not memory:
        return
    if pbkdf == "pbkdf2":
        message = f"{name} is to take {human(memory * KiB)} of memory to open, and pbkdf2 takes none."
        yield Problem(field=field, message=message, hint="Leave the memory out, or use argon2id.")
    most = min(_MEMORY_MOST, machine.memory // 2 // KiB)
    if not _MEMORY_LEAST <= memory <= most:
        message = f"{name} can't take {human(memory * KiB)} of memory to open."
        yield Problem(field=field, message=message, hint=f"Use 32 KiB to {human(most * KiB)} on this machine.")


def _escrow(storage: StoragePlan, plan: EncryptionPlan) -> Iterator[Problem]:
    field, how = f"{field_of(storage, plan.id)}.encryption", plan.encryption
    if how.backup_passphrase and not how.escrow_certificate:
        message = f"The backup passphrase of {called(storage, plan.id)} needs a certificate to be encrypted for."
        yield Problem(field=field, message=message, hint="Give one: `--escrowcert=URL` in a kickstart.")


def _tpm2(storage: StoragePlan, plan: EncryptionPlan, tpm2: Tpm2, machine: MachineInfo) -> Iterator[Problem]:
    field, name = f"{field_of(storage, plan.id)}.encryption.tpm2", called(storage, plan.id)
    if not machine.tpm2:
        message = f"{name} is to be unlocked by a TPM 2.0, and this machine has none that can be used."
        yield Problem(field=field, message=message, hint="Turn it on in the firmware, or leave it out.")
    if plan.encryption.luks != "luks2":
        message = f"{name} is to be unlocked by a TPM, which {plan.encryption.luks} has no place for."
        yield Problem(field=field, message=message, hint="Use luks2.")
    wrong = [str(pcr) for pcr in tpm2.pcrs if pcr not in _PCRS]
    if wrong:
        message = f"A TPM has no register {', '.join(wrong)}."
        yield Problem(field=field, message=message, hint="Use 0 to 23; 7 is usual.")
    if tpm2.pin is not None and (not tpm2.pin.reveal() or secret_problem(tpm2.pin)):
        message = f"The PIN of {name} is empty, or can't be typed."
        yield Problem(field=field, message=message, hint="Choose another one, or leave it out.")
