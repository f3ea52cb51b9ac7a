"""`--encrypted` and everything that goes with it, on any line that makes something."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TypeVar

from ashore_installer.secret import Secret
from ashore_installer.storage_plan import Encryption, Tpm2
from ashore_installer.storage_request import Automatic, BlockRequest, StorageRequest
from ashore_kickstart.parse import Command
from ashore_kickstart.problems import Refused

VERSIONS = ("luks2", "luks1")
PBKDFS = ("argon2id", "argon2i", "pbkdf2")
_OPTIONS = "passphrase escrowcert backuppassphrase cipher luks-version pbkdf pbkdf-memory pbkdf-time pbkdf-iterations"
_ADDED = "tpm2 tpm2-pcrs tpm2-pin recovery-key"
_NUMBERS = ("--pbkdf-memory", "--pbkdf-time", "--pbkdf-iterations")
_HIGHEST_PCR = 23
"""A PC's TPM has registers 0 to 23 (TCG PC Client Platform TPM Profile, section 4.6)."""

Holder = TypeVar("Holder", bound=BlockRequest | Automatic)


def encryption(command: Command, what: str) -> Encryption | None:
    """How the line says that `what` is encrypted, None if it doesn't. Raises Refused."""
    if not command.has("--encrypted"):
        _refuse_without(command, "--encrypted", f"{_OPTIONS} {_ADDED}")
        return None
    _check_numbers(command)
    _check_derivation(command)
    if command.has("--backuppassphrase") and not command.text("--escrowcert"):
        raise Refused(command.line, "a backup passphrase is encrypted for somebody.", "Add --escrowcert=URL.")
    return Encryption(
        passphrase=_secret(command, "--passphrase", what),
        cipher=command.text("--cipher"),
        luks=_one_of(command, "--luks-version", VERSIONS) or VERSIONS[0],
        pbkdf=_one_of(command, "--pbkdf", PBKDFS),
        pbkdf_memory=command.number("--pbkdf-memory") or 0,
        pbkdf_time=command.number("--pbkdf-time") or 0,
        pbkdf_iterations=command.number("--pbkdf-iterations") or 0,
        recovery_key=command.has("--recovery-key"),
        escrow_certificate=command.text("--escrowcert"),
        backup_passphrase=command.has("--backuppassphrase"),
        tpm2=_tpm2(command, what),
    )


def with_common_passphrase(request: StorageRequest) -> StorageRequest:
    """The first passphrase of the file is that of every encrypted device without one (Anaconda's rule)."""
    first = next((held.passphrase for _, held in sorted(_held(request), key=_line) if held.passphrase), None)
    if first is None:
        return request
    return replace(
        request,
        automatic=_given(request.automatic, first) if request.automatic else None,
        partitions=tuple(_given(one, first) for one in request.partitions),
        arrays=tuple(_given(one, first) for one in request.arrays),
        volumes=tuple(_given(one, first) for one in request.volumes),
    )


def _held(request: StorageRequest) -> Iterator[tuple[int, Encryption]]:
    if request.automatic and request.automatic.encryption:
        yield 0, request.automatic.encryption
    for block in (*request.partitions, *request.arrays, *request.volumes):
        if block.encryption:
            yield block.line, block.encryption


def _line(pair: tuple[int, Encryption]) -> int:
    return pair[0]


def _given(holder: Holder, passphrase: Secret) -> Holder:
    if holder.encryption is None or holder.encryption.passphrase:
        return holder
    return replace(holder, encryption=replace(holder.encryption, passphrase=passphrase))


def _secret(command: Command, option: str, what: str) -> Secret | None:
    """The option's text. An empty one stands where a secret was left out when a kickstart was saved."""
    if not command.has(option):
        return None
    if not command.text(option):
        secret = option.removeprefix("--")
        raise Refused(
            command.line,
            f"this kickstart was saved without its passwords, and the {secret} of {what} is missing.",
            f"Write it as {option}=…",
        )
    return Secret(command.text(option))


def _tpm2(command: Command, what: str) -> Tpm2 | None:
    if not command.has("--tpm2"):
        _refuse_without(command, "--tpm2", "tpm2-pcrs tpm2-pin")
        return None
    pin = _secret(command, "--tpm2-pin", what)
    return Tpm2(pcrs=_pcrs(command), pin=pin) if command.has("--tpm2-pcrs") else Tpm2(pin=pin)


def _pcrs(command: Command) -> tuple[int, ...]:
    words = command.words("--tpm2-pcrs")
    numbers = tuple(int(word) for word in words if word.isascii() and word.isdigit() and int(word) <= _HIGHEST_PCR)
    if not words or len(set(numbers)) != len(words):
        raise Refused(
            command.line, "--tpm2-pcrs has to list registers of the TPM once each.", "Write them as --tpm2-pcrs=7,11."
        )
    return numbers


def _check_numbers(command: Command) -> None:
    for option in _NUMBERS:
        if command.has(option) and (command.number(option) or 0) <= 0:
            raise Refused(command.line, f"{option} has to be a number above 0.", "Leave it out for the usual one.")


def _check_derivation(command: Command) -> None:
    """LUKS1 knows PBKDF2 only, and PBKDF2 needs no memory (cryptsetup-luksFormat(8), --pbkdf)."""
    pbkdf = command.text("--pbkdf")
    if command.text("--luks-version") == "luks1" and pbkdf not in ("", "pbkdf2"):
        raise Refused(command.line, f"LUKS1 can't use {pbkdf}.", "Use --luks-version=luks2, or --pbkdf=pbkdf2.")
    if command.has("--pbkdf-memory") and (pbkdf == "pbkdf2" or command.text("--luks-version") == "luks1"):
        raise Refused(command.line, "PBKDF2 uses no memory.", "Leave out --pbkdf-memory.")


def _one_of(command: Command, option: str, known: tuple[str, ...]) -> str:
    word = command.text(option)
    if word and word not in known:
        raise Refused(command.line, f"{option}={word} is not supported.", f"What is: {', '.join(known)}.")
    return word


def _refuse_without(command: Command, needed: str, options: str) -> None:
    given = [option for option in options.split() if command.has(f"--{option}")]
    if given:
        raise Refused(command.line, f"--{given[0]} says nothing without {needed}.", f"Add {needed}, or remove it.")
