from __future__ import annotations

import os
import pty
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

from ashore_tui.outputs import All, Lines, Screen, consoles, printable, stream_output
from tests.tui.fakes import Recorder


@dataclass
class Clock:
    now: float = 0.0

    def __call__(self) -> float:
        return self.now


def screen(clock: Clock, width: int = 80) -> tuple[Screen, StringIO]:
    stream = StringIO()
    return Screen(write=_writer(stream), width=width, clock=clock), stream


def _writer(stream: StringIO) -> Callable[[str], None]:
    def write(text: str) -> None:
        stream.write(text)

    return write


def test_a_status_is_drawn_over_and_a_line_replaces_it() -> None:
    clock = Clock()
    output, stream = screen(clock)

    output.status("50 percent")
    clock.now = 1
    output.status("100 %")
    output.line("done")

    assert stream.getvalue() == "\r50 percent\r100 %     \r     \rdone\n"


def test_a_status_is_not_drawn_too_often() -> None:
    clock = Clock()
    output, stream = screen(clock)

    for tenth in range(10):
        clock.now = tenth / 10
        output.status(str(tenth))

    assert stream.getvalue() == "\r0\r5"


def test_a_status_fits_into_the_screen() -> None:
    output, stream = screen(Clock(), width=10)

    output.status("a long text\nof two lines")

    assert stream.getvalue() == "\ra long te"


def test_a_pipe_gets_few_status_lines_and_none_for_short_work() -> None:
    clock, stream = Clock(), StringIO()
    output = Lines(write=_writer(stream), clock=clock)

    output.line("begin")
    for second in range(12):
        clock.now = second
        output.status(f"{second}")
    output.line("next")
    clock.now = 13
    output.status("13")

    assert stream.getvalue().splitlines() == ["begin", "5", "10", "next"]


def test_texts_can_not_command_the_terminal() -> None:
    assert printable("a\x1b[2Jb\tc\u202ed\r\nü") == "a?[2Jb  c?d\nü"


def test_all_outputs_get_everything() -> None:
    one, two = Recorder(), Recorder()
    output = All(outputs=(one, two))

    output.line("line")
    output.status("status")

    assert one.lines == two.lines == ["line", "~status"]


def test_a_stream_that_is_closed_is_no_error() -> None:
    read, write = os.pipe()
    os.close(read)
    stream = os.fdopen(write, "w")

    stream_output(stream).line("nobody reads this")

    with suppress(BrokenPipeError):
        stream.close()


# --- consoles ------------------------------------------------------------------------------------------------


def a_console(devices: Path, name: str) -> int:
    """A terminal with a link to it in `devices`, and the descriptor of its other end."""
    master, slave = pty.openpty()
    (devices / name).symlink_to(os.ttyname(slave))
    os.close(slave)
    return master


def test_every_active_console_gets_the_lines(tmp_path: Path) -> None:
    (tmp_path / "active").write_text("tty0 ttyS0\n")
    masters = [a_console(tmp_path, "tty0"), a_console(tmp_path, "ttyS0")]

    All(outputs=consoles(tmp_path / "active", tmp_path)).line("hello")

    for master in masters:
        assert os.read(master, 100) == b"hello\r\n"
        os.close(master)


def test_a_console_that_is_missing_or_gone_disturbs_nobody(tmp_path: Path) -> None:
    (tmp_path / "active").write_text("tty0 ttyS0 ttyS9\n")
    gone, there = a_console(tmp_path, "tty0"), a_console(tmp_path, "ttyS0")
    output = All(outputs=consoles(tmp_path / "active", tmp_path))

    os.close(gone)
    output.line("one")
    assert os.read(there, 100) == b"one\r\n"
    output.line("two")
    assert os.read(there, 100) == b"two\r\n"
    os.close(there)


def test_a_console_that_takes_nothing_holds_up_nobody(tmp_path: Path) -> None:
    (tmp_path / "active").write_text("ttyS0\n")
    master = a_console(tmp_path, "ttyS0")
    (output,) = consoles(tmp_path / "active", tmp_path)

    output.line("x" * 200_000)

    assert len(os.read(master, 1 << 20)) < 200_000
    os.close(master)


def test_a_machine_without_consoles(tmp_path: Path) -> None:
    assert consoles(tmp_path / "active", tmp_path) == ()
