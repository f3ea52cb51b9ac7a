"""The command as a process: what it imports, how fast it is, what it says of bugs and closed pipes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import NoReturn

import pytest

from ashore_installer.errors import ExitStatus
from ashore_tui.cli.parser import build_parser
from tests.tui.fakes import FakeEngine, ashore

HEAVY = ("ashore_isogen", "ashore_kickstart", "textual", "rich", "pykickstart", "blivet", "gi", "cattrs", "requests")


def python(code: str, *, environment: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, env=environment)


def loaded(code: str) -> set[str]:
    """Top-level modules that are there after running `code` in a fresh interpreter."""
    done = python(f"{code}\nimport sys\nprint(*sorted({{name.partition('.')[0] for name in sys.modules}}))")
    assert done.returncode == 0, done.stderr
    return set(done.stdout.splitlines()[-1].split())


def test_the_words_of_the_command_are_known_without_anything_heavy() -> None:
    assert not loaded("from ashore_tui.cli.parser import build_parser; build_parser()") & set(HEAVY)
    assert not loaded("import ashore_tui.__main__") & set(HEAVY)


def test_the_live_start_needs_no_tui_and_no_generator() -> None:
    assert not loaded("import ashore_tui.live") & {"ashore_isogen", "textual", "rich", "pykickstart", "requests"}


@pytest.mark.parametrize("module", ["install", "plan", "kickstart"])
def test_commands_do_not_load_the_iso_generator(module: str) -> None:
    assert not loaded(f"import ashore_tui.cli.{module}") & {"ashore_isogen", "textual", "rich", "pykickstart"}


def test_help_is_instant() -> None:
    """CPU time, as the machine may be busy with other things."""
    code = (
        "import resource, runpy, sys\n"
        "sys.argv = ['ashore', '--help']\n"
        "try:\n    runpy.run_module('ashore_tui', run_name='__main__')\n"
        "except SystemExit as end:\n    assert end.code == 0\n"
        "usage = resource.getrusage(resource.RUSAGE_SELF)\n"
        "print('seconds', usage.ru_utime + usage.ru_stime)\n"
    )

    done = python(code)

    assert "ashore iso build docker://" in done.stdout
    assert float(done.stdout.split()[-1]) < 0.5


def test_the_engine_knows_no_face_and_no_kickstart() -> None:
    assert not loaded("import ashore_installer.engine") & {
        "ashore_tui",
        "ashore_kickstart",
        "ashore_isogen",
        "textual",
        "rich",
        "pykickstart",
    }


@pytest.mark.parametrize(
    "words", [[], ["install"], ["plan"], ["plan", "check"], ["kickstart", "convert"], ["iso", "build"], ["iso", "boot"]]
)
def test_every_command_has_help_with_examples(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        build_parser().parse_args([*words, "--help"])

    assert caught.value.code == 0
    text = capsys.readouterr().out
    assert ("examples:" in text) is (words != ["plan"])
    assert max(map(len, text.splitlines())) <= 110


def test_the_version(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        build_parser().parse_args(["--version"])

    assert caught.value.code == 0
    assert capsys.readouterr().out.startswith("ashore 0.")


@pytest.mark.parametrize("arguments", [("nothing",), ("iso",), ("plan", "show"), ("completion", "fish")])
def test_wrong_words_are_bad_input(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    outcome = ashore(FakeEngine(tmp_path), *arguments)

    assert outcome.status == ExitStatus.BAD_INPUT
    assert outcome.err.splitlines()[1].startswith("See `ashore")


@pytest.mark.parametrize("shell", ["bash", "zsh"])
def test_completion_knows_every_command(tmp_path: Path, shell: str) -> None:
    outcome = ashore(FakeEngine(tmp_path), "completion", shell)

    assert outcome.status == ExitStatus.DONE
    for word in ("install", "kickstart", "--target-imgref", "inspect"):
        assert word in outcome.out


def test_the_bash_completion_is_valid(tmp_path: Path) -> None:
    script = ashore(FakeEngine(tmp_path), "completion", "bash").out

    assert subprocess.run(["bash", "-n"], input=script, text=True, check=False).returncode == 0


def test_a_bug_is_one_sentence_and_a_private_file(tmp_path: Path) -> None:
    code = "import sys\nfrom ashore_tui.bugs import report_bug\nsys.excepthook = report_bug\n{}['secret key']"

    done = python(code, environment={**os.environ, "TMPDIR": str(tmp_path)})

    (log,) = tmp_path.iterdir()
    assert done.returncode == ExitStatus.FAILED
    assert done.stderr == f"ashore: this is a bug in Ashore (KeyError). Please report it with {log}.\n"
    assert "Traceback" in log.read_text()
    assert log.stat().st_mode & 0o077 == 0


def test_a_reader_that_has_seen_enough_is_no_error() -> None:
    command = f"{sys.executable} -m ashore_tui kickstart check --commands | head -n 1; echo ${{PIPESTATUS[0]}}"

    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)

    assert done.stdout.splitlines()[-1] == "0"
    assert done.stderr == ""


def test_cancelling_a_command_gives_its_status(tmp_path: Path) -> None:
    class Impatient(FakeEngine):
        def attach(self) -> NoReturn:
            raise KeyboardInterrupt

    outcome = ashore(Impatient(tmp_path), "install", "--follow")

    assert outcome.status == ExitStatus.CANCELLED
    assert outcome.err == "ashore: cancelled.\n"
