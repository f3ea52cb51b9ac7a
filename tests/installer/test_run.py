"""The command runner on real programs."""

from __future__ import annotations

from pathlib import Path

import pytest

from ashore_installer.run import STDERR_LINES, CommandFailed, Commands

RUN = Commands()


def test_output_is_text() -> None:
    assert RUN.run(["printf", "%s", "grüße"]) == "grüße"


def test_undecodable_output_survives() -> None:
    assert RUN.run(["printf", r"\377"]).encode(errors="surrogateescape") == b"\xff"


def test_stdin_is_what_was_given_or_empty() -> None:
    assert RUN.run(["cat"], stdin=b"word") == "word"
    assert RUN.run(["cat"]) == ""


def test_a_non_zero_status_raises_with_the_end_of_stderr_and_a_command_to_paste() -> None:
    script = "for i in $(seq 100); do echo line $i >&2; done; exit 3"
    with pytest.raises(CommandFailed) as caught:
        RUN.run(["sh", "-c", script])
    error = caught.value
    assert error.returncode == 3
    assert "exit status 3" in error.message
    assert f"sh -c '{script}'" in error.message
    assert "line 100" in error.message
    assert f"line {100 - STDERR_LINES}\n" not in error.message


def test_a_signal_is_named() -> None:
    with pytest.raises(CommandFailed, match="SIGKILL"):
        RUN.run(["sh", "-c", "kill -9 $$"])


def test_a_missing_program_is_named_with_a_hint() -> None:
    with pytest.raises(CommandFailed, match="was not found") as caught:
        RUN.run(["no-such-program-here"])
    assert "no-such-program-here" in caught.value.hint


def test_the_environment_is_clean_and_extended(tmp_path: Path) -> None:
    assert RUN.run(["sh", "-c", "echo $LC_ALL $EXTRA; pwd"], env={"EXTRA": "1"}, cwd=tmp_path) == (
        f"C.UTF-8 1\n{tmp_path}\n"
    )


def test_a_pipe_gives_stdout_while_stderr_comes_line_by_line() -> None:
    lines: list[str] = []
    with RUN.piped(["sh", "-c", "echo one >&2; printf data; echo two >&2; seq 100000"], lines.append) as stream:
        assert stream.read(4) == b"data"
    assert lines == ["one", "two"]


def test_a_pipe_that_ends_badly_raises_even_if_its_data_was_enough() -> None:
    with (
        pytest.raises(CommandFailed, match="exit status 3") as caught,
        RUN.piped(["sh", "-c", "echo no >&2; exit 3"], print) as it,
    ):
        assert it.read() == b""
    assert "no" in caught.value.message


def test_a_program_that_fails_explains_what_its_reader_met() -> None:
    with pytest.raises(CommandFailed) as caught, RUN.piped(["sh", "-c", "sleep 0.1; exit 3"], print) as stream:
        raise EOFError(stream.read())
    assert isinstance(caught.value.__cause__, EOFError)


def test_a_reader_that_fails_ends_the_program() -> None:
    with pytest.raises(EOFError), RUN.piped(["sleep", "1000"], print):
        raise EOFError


def test_a_missing_program_makes_no_pipe() -> None:
    with pytest.raises(CommandFailed, match="was not found"), RUN.piped(["no-such-program-here"], print):
        pass
