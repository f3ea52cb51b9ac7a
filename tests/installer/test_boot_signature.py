"""Signatures of EFI programs, read from files of the PE format made here."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from ashore_installer.boot.signature import is_signed_by, signature

PE = 0x80


def program(blob: bytes, *, magic: int = 0x20B) -> bytes:
    """A PE file as small as can be: headers and an attribute certificate table at its end."""
    head = bytearray(512)
    head[:2] = b"MZ"
    struct.pack_into("<I", head, 0x3C, PE)
    head[PE : PE + 4] = b"PE\0\0"
    struct.pack_into("<H", head, PE + 24, magic)
    struct.pack_into("<II", head, PE + 24 + 112 + 32, len(head) if blob else 0, len(blob))
    return bytes(head) + blob


def test_the_issuer_is_found(tmp_path: Path) -> None:
    kernel = tmp_path / "vmlinuz"
    kernel.write_bytes(program(b"\x30\x82 Debian Secure Boot CA 0 \x01"))
    assert is_signed_by(kernel, "debian")
    assert not is_signed_by(kernel, "fedora")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"MZ",
        b"\x1f\x8b" + bytes(100),
        program(b""),
        program(b"Debian Secure Boot CA", magic=0x10B),
        b"MZ" + bytes(58) + b"\xff\xff\xff\xff" + b"Debian Secure Boot CA",
    ],
)
def test_what_has_no_signature_is_signed_by_nobody(tmp_path: Path, content: bytes) -> None:
    kernel = tmp_path / "vmlinuz"
    kernel.write_bytes(content)
    assert signature(kernel) == b""
    assert not is_signed_by(kernel, "debian")
