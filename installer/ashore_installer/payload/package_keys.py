"""OpenPGP keys as far as trust needs them: which keys are in a file, and their fingerprints.

Format: RFC 9580 and RFC 4880: packet headers 4.2, public keys 5.5.2, fingerprints 5.5.4, armor 6.2. Signatures are not
looked at here: rpm does that.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

_PUBLIC_KEY, _USER_ID = 6, 13
_ARMOR = re.compile(
    rb"-----BEGIN PGP PUBLIC KEY BLOCK-----\r?\n(.*?)\r?\n?-----END PGP PUBLIC KEY BLOCK-----", re.DOTALL
)
_CRC_START, _CRC_POLYNOMIAL = 0xB704CE, 0x1864CFB
_LINE = 64


class NoKey(ValueError):
    """What was read is no key, or one that can't be understood."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicKey:
    """A key with all that belongs to it. `fingerprint` is that of the primary key, in upper case."""

    fingerprint: str
    user_ids: tuple[str, ...]
    packets: bytes

    def armored(self) -> str:
        """The key as rpm and librepo read it."""
        text = base64.b64encode(self.packets).decode()
        lines = [text[start : start + _LINE] for start in range(0, len(text), _LINE)]
        check = base64.b64encode(_crc(self.packets).to_bytes(3, "big")).decode()
        head, end = "-----BEGIN PGP PUBLIC KEY BLOCK-----", "-----END PGP PUBLIC KEY BLOCK-----"
        return "\n".join([head, "", *lines, f"={check}", end, ""])


def keys_in(content: bytes) -> tuple[PublicKey, ...]:
    """The keys in a file, armoured or not, in their order. Raises NoKey if there is none."""
    blocks = [_dearmored(match[1]) for match in _ARMOR.finditer(content)] or [content]
    found = tuple(key for block in blocks for key in _keys(block))
    if not found:
        raise NoKey("there is no OpenPGP key in it")
    return found


def normalised(fingerprint: str) -> str:
    """A fingerprint as it is compared: people write it with spaces, colons and 0x."""
    return re.sub(r"[\s:]", "", fingerprint).upper().removeprefix("0X")


def readable(fingerprint: str) -> str:
    """A fingerprint in groups of four, as it is printed to be compared."""
    return " ".join(fingerprint[start : start + 4] for start in range(0, len(fingerprint), 4))


def _keys(block: bytes) -> Iterator[PublicKey]:
    packets = list(_packets(block))
    starts = [number for number, (tag, _, _) in enumerate(packets) if tag == _PUBLIC_KEY]
    for start, end in pairwise([*starts, len(packets)]):
        yield PublicKey(
            fingerprint=_fingerprint(packets[start][1]),
            user_ids=tuple(body.decode(errors="replace") for tag, body, _ in packets[start:end] if tag == _USER_ID),
            packets=b"".join(raw for _, _, raw in packets[start:end]),
        )


def _packets(data: bytes) -> Iterator[tuple[int, bytes, bytes]]:
    """Tag, body and the whole of each packet."""
    position = 0
    while position < len(data):
        start, first = position, data[position]
        if not first & 0x80:
            raise NoKey("it is not in OpenPGP's format")
        if first & 0x40:
            tag, (length, position) = first & 0x3F, _new_length(data, position + 1)
        else:
            tag, (length, position) = first >> 2 & 0x0F, _old_length(data, position + 1, first & 3)
        if position + length > len(data):
            raise NoKey("it is cut off")
        yield tag, data[position : position + length], data[start : position + length]
        position += length


def _new_length(data: bytes, at: int) -> tuple[int, int]:
    """The length of a packet, and where its body starts. Partial lengths are for messages, not for keys."""
    first = _byte(data, at)
    if first < 192:
        return first, at + 1
    if first < 224:
        return ((first - 192) << 8) + _byte(data, at + 1) + 192, at + 2
    if first == 255:
        return int.from_bytes(data[at + 1 : at + 5], "big"), at + 5
    raise NoKey("it has a packet of no known length")


def _old_length(data: bytes, at: int, kind: int) -> tuple[int, int]:
    if kind == 3:
        return len(data) - at, at
    size = 1 << kind
    return int.from_bytes(data[at : at + size], "big"), at + size


def _byte(data: bytes, at: int) -> int:
    if at >= len(data):
        raise NoKey("it is cut off")
    return data[at]


def _fingerprint(body: bytes) -> str:
    version = _byte(body, 0)
    if version == 4:
        # SHA-1 is what a fingerprint of version 4 is; what it is worth is the key maker's choice.
        whole = b"\x99" + len(body).to_bytes(2, "big") + body
        return hashlib.sha1(whole, usedforsecurity=False).hexdigest().upper()
    if version == 6:
        return hashlib.sha256(b"\x9b" + len(body).to_bytes(4, "big") + body).hexdigest().upper()
    raise NoKey(f"it has a key of version {version}, which is not supported")


def _dearmored(text: bytes) -> bytes:
    """The bytes in an armored block. Headers end with an empty line; the checksum's line starts with `=`."""
    lines = [line.strip() for line in text.splitlines()]
    body = lines[lines.index(b"") + 1 :] if b"" in lines else lines
    try:
        return base64.b64decode(b"".join(line for line in body if not line.startswith(b"=")), validate=True)
    except (binascii.Error, ValueError) as error:
        raise NoKey("its armor is damaged") from error


def _crc(data: bytes) -> int:
    crc = _CRC_START
    for byte in data:
        crc ^= byte << 16
        for _ in range(8):
            crc <<= 1
            if crc & 0x1000000:
                crc ^= _CRC_POLYNOMIAL
    return crc & 0xFFFFFF
