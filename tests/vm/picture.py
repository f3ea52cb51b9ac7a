"""A machine's screen as pixels, and whether a text stands on it: without knowing its font."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

CELL_WIDTH, CELL_HEIGHT = 8, 16
"""Pixels of a character on Linux's frame buffer console with its own font (VGA 8x16)."""
Cell = tuple[bool, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """`pixels` are rows of three bytes each: red, green, blue."""

    width: int
    height: int
    pixels: bytes

    @property
    def rows(self) -> int:
        return self.height // CELL_HEIGHT

    @property
    def columns(self) -> int:
        return self.width // CELL_WIDTH

    @property
    def colours(self) -> Counter[bytes]:
        """How many pixels each colour has."""
        return Counter(self.pixels[place : place + 3] for place in range(0, len(self.pixels), 3))

    def cell(self, row: int, column: int) -> Cell:
        """Which pixels of a character are lit, from its top left: those that differ from its own first one."""
        lit = []
        top, left = row * CELL_HEIGHT, column * CELL_WIDTH
        for y in range(top, top + CELL_HEIGHT):
            start = 3 * (y * self.width + left)
            line = self.pixels[start : start + 3 * CELL_WIDTH]
            lit += [line[place : place + 3] for place in range(0, len(line), 3)]
        return tuple(pixel != lit[0] for pixel in lit)

    def spells(self, text: str, row: int, column: int) -> bool:
        """Whether `text` may stand there: equal letters look equal, others don't, and blanks are empty.

        In a sentence of some length that is as good as reading it.
        """
        seen: dict[str, Cell] = {}
        for place, letter in enumerate(text):
            cell = self.cell(row, column + place)
            if seen.setdefault(letter, cell) != cell or (letter == " ") == any(cell):
                return False
        return len(set(seen.values())) == len(seen)


def read_picture(path: Path) -> Picture:
    """A picture as QEMU dumps it: PPM with three bytes a pixel (ppm(5), P6). Raises ValueError for others."""
    kind, size, depth, pixels = path.read_bytes().split(b"\n", 3)
    width, height = map(int, size.split())
    if (kind, depth, len(pixels)) != (b"P6", b"255", 3 * width * height):
        raise ValueError(f"{path} is no picture that can be read")
    return Picture(width=width, height=height, pixels=pixels)
