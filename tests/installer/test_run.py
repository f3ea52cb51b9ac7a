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
