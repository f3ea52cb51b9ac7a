"""A console of the live system: the screens, what comes after them, and how large a serial terminal is."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
import termios
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from ashore_tui.console import ENDED, HOW, PATIENCE, SOON, Console, ask_size, fit
from tests.fakes.runner import Answer, FakeRunner


class Killed(BaseException):
    """Stands for what ends a process in the middle."""


@dataclass
class Place:
    """A console and what happened on it."""

    folder: Path
    runner: FakeRunner = field(default_factory=FakeRunner)
    said: list[str] = field(default_factory=list)
    faces: list[tuple[str, ...]] = field(default_factory=list)
    happened: list[str] = field(default_factory=list)
    killed: bool = False

    def face(self, words: Sequence[str]) -> int:
        self.faces.append(tuple(words))
        self.happened.append("face")
        if self.killed:
            raise Killed
        return 0

    def start(self, cmdline: str = "quiet") -> None:
        """The unit starts the console."""
        Console(
            cmdline=cmdline,
            face=self.face,
            shell=lambda: self.happened.append("shell"),
            prepare=lambda: self.happened.append("prepare"),
            say=self.said.append,
            run=self.runner,
            ends=self.folder / "consoles" / "ttyS0",
            kept=self.folder / "kickstart.cfg",
            motd=self.folder / "motd.d" / "ashore",
        ).show()


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def test_the_screens_come_first_and_a_shell_when_they_are_left(place: Place) -> None:
    place.start()

    assert place.happened == ["prepare", "face", "shell"]
    assert place.faces == [()]
    assert place.said == [SOON, HOW]
    assert "`ashore`" in (place.folder / "motd.d" / "ashore").read_text()


def test_who_asks_for_a_shell_sees_nothing_else(place: Place) -> None:
    place.start("quiet ashore.shell")

    assert place.happened == ["shell"]
    assert place.said == []


def test_lines_instead_of_screens(place: Place) -> None:
    place.start("ashore.plain")

    assert place.faces == [("--plain",)]


def test_options_that_can_not_be_read_do_not_leave_a_console_without_screens(place: Place) -> None:
    place.start("inst.ks")

    assert place.faces == [()]


def test_the_kickstart_of_this_start_fills_in_what_it_says(place: Place) -> None:
    kickstart = place.folder / "kickstart.cfg"
    kickstart.write_text("lang C\n")

    place.start("ashore.interactive ashore.plain")

    assert place.faces == [("--kickstart", str(kickstart), "--plain")]


def test_what_an_installation_has_left_for_logins_stays(place: Place) -> None:
    motd = place.folder / "motd.d" / "ashore"
    motd.parent.mkdir()
    motd.write_text("The installation failed.\n")

    place.start()

    assert motd.read_text() == "The installation failed.\n"


@pytest.mark.parametrize("target", ["reboot.target", "poweroff.target"])
def test_a_machine_that_ends_gets_no_shell(place: Place, target: str) -> None:
    place.runner = FakeRunner(Answer(words=("list-jobs",), output=f"412 {target} start waiting\n"))

    place.start()

    assert "shell" not in place.happened
    assert place.said == [SOON, "The live system ends."]


def test_screens_that_are_killed_come_back_but_not_for_ever(place: Place) -> None:
    place.killed = True
    for _ in range(PATIENCE):
        with pytest.raises(Killed):
            place.start()
    assert place.happened == ["prepare", "face"] * PATIENCE

    place.start()
    assert place.happened[-1] == "shell"
    assert place.said == [*[SOON] * PATIENCE, ENDED]

    place.killed = False
    place.start()
    assert place.happened[-3:] == ["prepare", "face", "shell"]


def test_an_orderly_end_forgives_those_before(place: Place) -> None:
    for killed in (True, True, False, True, True):
        place.killed = killed
        try:
            place.start()
        except Killed:
            assert killed
    assert ENDED not in place.said


# --- serial terminals ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Line:
    """A serial line: `near` is our end, `far` is where the terminal is."""

    near: int
    far: int

    def terminal(self, answer: bytes) -> threading.Thread:
        """A terminal that answers the first question."""
        return threading.Thread(target=lambda: os.read(self.far, 64) and os.write(self.far, answer))


@pytest.fixture
def line() -> Iterator[Line]:
    far, near = pty.openpty()
    yield Line(near=near, far=far)
    os.close(near)
    os.close(far)


def asked(line: Line, answer: bytes) -> tuple[int, int] | None:
    terminal = line.terminal(answer)
    terminal.start()
    found = ask_size(line.near, 10.0 if answer.endswith(b"R") else 0.05)
    terminal.join()
    return found


def test_a_terminal_says_how_large_it_is(line: Line) -> None:
    before = termios.tcgetattr(line.near)

    assert asked(line, b"\x1b[50;132R") == (50, 132)
    assert termios.tcgetattr(line.near) == before


def test_keys_that_were_pressed_meanwhile_do_not_matter(line: Line) -> None:
    assert asked(line, b"\rab\x1b[24;80R") == (24, 80)


def test_a_line_printer_does_not_answer(line: Line) -> None:
    assert ask_size(line.near, 0.05) is None


def test_a_terminal_without_an_answer_has_the_usual_size(line: Line) -> None:
    fit(line.near, 0.05)

    assert termios.tcgetwinsize(line.near) == (24, 80)


def test_a_larger_terminal_is_used_as_it_is(line: Line) -> None:
    terminal = line.terminal(b"\x1b[40;100R")
    terminal.start()
    fit(line.near, 10.0)
    terminal.join()

    assert termios.tcgetwinsize(line.near) == (40, 100)


def test_a_console_begins_without_loading_what_the_screens_need() -> None:
    """The first sign of life comes at once."""
    code = "import sys, ashore_tui.console; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout.split()

    assert not {"textual", "pykickstart", "cattrs", "asyncio"} & set(loaded)
