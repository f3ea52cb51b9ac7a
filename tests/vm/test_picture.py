"""Reading a machine's screen, on pictures that are drawn here."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.vm.picture import CELL_HEIGHT, CELL_WIDTH, Picture, read_picture

TEXT = "not at all"
PALETTE = (b"\0\0\0", b"\xaa\xaa\xaa")


def drawn(text: str) -> Picture:
    """The text on the first row, in a font that has the letter's number as its pixels."""
    rows = [
        b"".join(_line(letter) if 4 <= y < 12 else PALETTE[0] * CELL_WIDTH for letter in text)
        for y in range(CELL_HEIGHT)
    ]
    return Picture(width=CELL_WIDTH * len(text), height=CELL_HEIGHT, pixels=b"".join(rows))


def _line(letter: str) -> bytes:
    number = 0 if letter == " " else ord(letter)
    return b"".join(PALETTE[number >> bit & 1] for bit in range(CELL_WIDTH))


@pytest.mark.parametrize(
    ("text", "spelt"),
    [
        (TEXT, True),
        ("not at all!", False),
        ("not at aly", False),
        ("nottat all", False),
        ("hot at all", True),  # the price of not knowing the font: a letter that occurs once may be another
    ],
)
def test_what_is_spelt(text: str, spelt: bool) -> None:
    assert drawn(TEXT + " ").spells(text, 0, 0) is spelt


def test_a_dark_screen_spells_nothing() -> None:
    assert not drawn(" " * len(TEXT)).spells(TEXT, 0, 0)


def test_a_dump_of_qemu_is_read(tmp_path: Path) -> None:
    picture, file = drawn(TEXT), tmp_path / "a.ppm"
    file.write_bytes(b"P6\n%d %d\n255\n" % (picture.width, picture.height) + picture.pixels)

    assert read_picture(file) == picture
    assert picture.columns == len(TEXT)
    assert set(picture.colours) == set(PALETTE)


def test_another_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.ppm").write_bytes(b"P6\n2 2\n255\nxx")

    with pytest.raises(ValueError, match="no picture"):
        read_picture(tmp_path / "a.ppm")
