"""Who signed an EFI program, as far as Secure Boot asks.

The signature is a PKCS #7 blob in the program's attribute certificate table (Microsoft PE format, "The Attribute
Certificate Table"; a Linux kernel with an EFI stub is such a program). Whether it is valid only the firmware and shim
decide; what is looked for here is the name of the issuer, to know before the reboot that a kernel has none of theirs.
"""

from __future__ import annotations

import struct
from pathlib import Path

_HEADER = 4096
"""Enough for the headers of every kernel: they begin below this (e_lfanew) and are some hundred bytes long."""
_LIMIT = 1 << 20
_PE32_PLUS = 0x20B


def signature(program: Path) -> bytes:
    """The attribute certificate table of a program, empty when it has none or is no 64-bit EFI program."""
    with program.open("rb") as stream:
        head = stream.read(_HEADER)
        try:
            start, size = _table(head)
        except struct.error:
            return b""
        stream.seek(start)
        return stream.read(min(size, _LIMIT)) if start and size else b""


def is_signed_by(program: Path, vendor: str) -> bool:
    """Whether the certificate authority of a distribution (`debian`) is named in the signature."""
    return f"{vendor} secure boot ca".encode() in signature(program).lower()


def _table(head: bytes) -> tuple[int, int]:
    """Offset in the file and size of the table: the fifth data directory of the optional header."""
    (pe,) = struct.unpack_from("<I", head, 0x3C)
    (magic,) = struct.unpack_from("<H", head, pe + 24)
    if head[:2] != b"MZ" or head[pe : pe + 4] != b"PE\0\0" or magic != _PE32_PLUS:
        return 0, 0
    start, size = struct.unpack_from("<II", head, pe + 24 + 112 + 4 * 8)
    return start, size
