"""OpenPGP keys: which are in a file, and their fingerprints."""

from __future__ import annotations

import base64

import pytest

from ashore_installer.payload.package_keys import NoKey, keys_in, normalised, readable

FINGERPRINT = "7148343FBED7A746C5841259A0C358E8E7D38E5B"
"""What gpg says of the key."""
ARMORED = b"""-----BEGIN PGP PUBLIC KEY BLOCK-----
Comment: a key of nobody's

mDMEawKoExYJKwYBBAHaRw8BAQdA4bTUWZL7l2K24ZEGbcgpUefhadsaC09Q/498
7KtoM/+0F1RpbnkgPHRpbnlAZXhhbXBsZS5vcmc+iJAEExYIADgWIQRxSDQ/vten
RsWEElmgw1jo59OOWwUCawKoEwIbAwULCQgHAgYVCgkICwIEFgIDAQIeAQIXgAAK
CRCgw1jo59OOW8n5AQC71mAwn007Qzbar0i7f1QxfXAj+WangklVqT+UCr2PjgD+
PSTWf5oORBAzcmZXkrlwjm8dajwdupi6mIbvzJ861gE=
=1nmL
-----END PGP PUBLIC KEY BLOCK-----
"""


def test_armored_key() -> None:
    (key,) = keys_in(b"Some words before it.\n" + ARMORED)
    assert key.fingerprint == FINGERPRINT
    assert key.user_ids == ("Tiny <tiny@example.org>",)


def test_binary_key_is_the_same_as_armored() -> None:
    (key,) = keys_in(ARMORED)
    assert keys_in(key.packets) == (key,)


def test_armor_is_made_as_gpg_makes_it() -> None:
    (key,) = keys_in(ARMORED)
    assert key.armored().encode() == ARMORED.replace(b"Comment: a key of nobody's\n", b"")


def test_several_keys_in_one_file() -> None:
    (key,) = keys_in(ARMORED)
    version6 = b"\x06" + bytes(4) + b"\x1b" + (32).to_bytes(4, "big") + bytes(32)
    other = b"\xc6" + bytes([len(version6)]) + version6
    found = keys_in(key.packets + other)
    assert found[0].fingerprint == FINGERPRINT
    assert len(found[1].fingerprint) == 64
    assert found[1].user_ids == ()


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "no OpenPGP key"),
        (b"<html>Not found</html>", "not in OpenPGP's format"),
        (ARMORED.replace(b"mDME", b"mD!E"), "armor is damaged"),
        (base64.b64decode("mDMEawKoExYJ"), "cut off"),
        (b"\xc6\x01\x03", "version 3"),
        (b"\xc6\xe0", "no known length"),
    ],
)
def test_what_is_no_key(content: bytes, reason: str) -> None:
    with pytest.raises(NoKey, match=reason):
        keys_in(content)


@pytest.mark.parametrize("length", [b"\x33", b"\xff\x00\x00\x00\x33"])
def test_lengths_of_packets(length: bytes) -> None:
    (key,) = keys_in(ARMORED)
    body = key.packets[2 : 2 + 0x33]
    assert keys_in(b"\xc6" + length + body)[0].fingerprint == FINGERPRINT


def test_fingerprints_are_written_in_many_ways() -> None:
    assert readable(FINGERPRINT).startswith("7148 343F")
    assert normalised(readable(FINGERPRINT)) == FINGERPRINT
    assert normalised("0x" + FINGERPRINT.lower()) == FINGERPRINT
