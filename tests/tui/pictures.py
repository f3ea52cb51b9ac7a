"""`python -m tests.tui.pictures`: the pictures in the README, made from the real program on a recorded machine."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.tui.sitting import Act, Room, Sitting, to_destination, to_summary

FOLDER = Path(__file__).parents[2] / "tui" / "pictures"
_FONTS = re.compile(r"@font-face \{.*?\}\s*", re.DOTALL)
"""Rich has fonts fetched from elsewhere; a picture needs nothing but itself."""
_NUMBERED = re.compile(r"terminal-\d+")


def drawn(sitting: Sitting) -> str:
    """The screen as SVG, the same for the same screen."""
    picture = sitting.app.export_screenshot(title="Ashore", simplify=True)
    return _NUMBERED.sub("terminal", _FONTS.sub("", picture)).replace("Fira Code", "monospace")


async def destination(sitting: Sitting) -> None:
    await to_destination(sitting)
    await sitting.press("enter", "down", "down", "enter", "enter", "enter")


PICTURES: tuple[tuple[str, Act, str, tuple[int, int]], ...] = (
    ("destination", destination, "dark", (112, 30)),
    ("summary", to_summary, "light", (92, 32)),
)
"""A name, the way to the screen, the theme, and the size: one wide enough for the topics beside it, one not."""


def picture_of(way: Act, theme: str, size: tuple[int, int], machine: str = "laptop-windows") -> str:
    """What is on the screen at the end of a way."""
    pictures: list[str] = []

    async def act(sitting: Sitting) -> None:
        await way(sitting)
        pictures.append(drawn(sitting))

    with TemporaryDirectory() as state:
        Room(state=Path(state), machine=machine, theme=theme, size=size).sit(act)
    return pictures[0]


def main(folder: Path = FOLDER) -> int:
    folder.mkdir(exist_ok=True)
    for name, way, theme, size in PICTURES:
        path = folder / f"{name}-{theme}.svg"
        path.write_text(picture_of(way, theme, size), encoding="utf-8")
        print(path)
    return 0


if __name__ == "__main__":
    sys.exit(main())
