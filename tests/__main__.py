"""`make test`: every level of tests, the fast ones first, and one summary at the end.

`python -m tests LEVEL …` runs those levels only (lint unit root vm long storage-matrix); the last two run only when
they are named. A level that fails does not stop the next one.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from ashore_installer.errors import InstallerError
from ashore_isogen.runtime import Lines
from tests.conftest import LABORATORY, MUST_RUN
from tests.lab.build import ensure_laboratory

CHECKOUT = Path(__file__).resolve().parent.parent
SOURCES = ("installer", "kickstart-compat", "tui", "isogen")
LINT = (
    ("ruff", "format", "--check", "--quiet", "."),
    ("ruff", "check", "--quiet", "."),
    ("mypy",),
    ("mypy", ".ci/setup.py"),
    ("lint-imports",),
)
LEVELS = ("lint", "unit", "root", "vm")
MORE = ("long", "storage-matrix")
"""Levels that run only when they are named."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of a level. `failed` counts errors too, and is at least 1 when the level as a whole went wrong."""

    level: str
    passed: int = 0
    failed: int = 0
    skipped: int = 0
    seconds: float = 0.0
    remark: str = ""

    def __str__(self) -> str:
        counts = f"{self.passed:>7} {self.failed:>7} {self.skipped:>8}"
        return f"{self.level:<14} {counts} {self.seconds:>7.0f} s  {self.remark}".rstrip()


def main(names: list[str]) -> int:
    unknown = [name for name in names if name not in (*LEVELS, *MORE)]
    if unknown:
        print(f"There is no level {unknown[0]}.\nThe levels are: {', '.join((*LEVELS, *MORE))}.", file=sys.stderr)
        return 2
    os.chdir(CHECKOUT)
    outcomes = list(_run_levels(names or list(LEVELS)))
    print(f"\n{'level':<14}  passed  failed  skipped     time")
    print("\n".join(str(outcome) for outcome in outcomes))
    return int(any(outcome.failed for outcome in outcomes))


def _run_levels(names: list[str]) -> Iterator[Outcome]:
    with tempfile.TemporaryDirectory(prefix="ashore-tests-") as directory:
        for name in names:
            print(f"\n=== {name} ===", flush=True)
            began = time.monotonic()
            if name == "lint":
                yield _lint(began)
            elif name == "root" and os.geteuid() != 0:
                yield Outcome(level=name, remark="not run: loop devices need root")
            else:
                report = Path(directory, f"{name}.xml")
                status = _call(_command(name, report))
                yield summary(name, status, report, time.monotonic() - began)


def _lint(began: float) -> Outcome:
    programs = Path(sys.executable).parent
    failed = [words for words in LINT if _call([str(programs / words[0]), *words[1:]]) != 0]
    return Outcome(
        level="lint",
        passed=len(LINT) - len(failed),
        failed=len(failed),
        seconds=time.monotonic() - began,
        remark=", ".join(" ".join(words) for words in failed),
    )


def _command(level: str, report: Path) -> list[str]:
    """The command of a level of tests, which writes its JUnit report to `report`."""
    words = ["-m", "pytest", "-q", f"--junit-xml={report}"]
    match level:
        case "unit":
            return [sys.executable, *words, "-n", "2"]
        case "vm" | "long":
            # Two machines at once, and the tests of one machine (a class or a module) in one process.
            chosen = "vm and not long" if level == "vm" else "vm and long"
            return [sys.executable, *words, "-m", chosen, "-n", "2", "--dist", "loadscope", "--tb=short"]
        case "storage-matrix":
            return [sys.executable, "-m", "tests.vm.storage", "matrix", f"--junit-xml={report}"]
        case _:
            return [*_inside(report.parent), "python3", *words, "tests/root", "-m", "root", "-p", "no:cacheprovider"]


def _inside(reports: Path) -> list[str]:
    """Runs a program in the runtime root, which has libostree, libblockdev and the like."""
    path = ":".join(str(CHECKOUT / source) for source in SOURCES)
    settings = {"PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1", MUST_RUN: "1"}
    words = [sys.executable, "-m", "ashore_isogen.sandbox", "--ro-bind", f"{CHECKOUT}:{CHECKOUT}"]
    if laboratory := _laboratory():
        words += ["--ro-bind", f"{laboratory}:{laboratory}"]
        settings[LABORATORY] = str(laboratory)
    words += ["--bind", f"{reports}:{reports}", "--chdir", str(CHECKOUT)]
    for name, value in settings.items():
        words += ["--setenv", f"{name}={value}"]
    return [*words, "--"]


def _laboratory() -> Path | None:
    """The laboratory's repository, built when it isn't cached. Without it, what needs it fails, and the rest runs."""
    try:
        return ensure_laboratory(Lines(sys.stdout)).repository
    except InstallerError as error:
        print(error, file=sys.stderr)
        return None


def _call(words: list[str]) -> int:
    return subprocess.run(words, stdin=subprocess.DEVNULL, env={**os.environ, MUST_RUN: "1"}, check=False).returncode


def summary(level: str, status: int, report: Path, seconds: float) -> Outcome:
    """The counts of a JUnit report. A run that left none, or went wrong in spite of it, counts as a failure."""
    if not report.exists():
        return Outcome(level=level, failed=1, seconds=seconds, remark=f"it ended with status {status}")
    suites = ElementTree.parse(report).getroot().iter("testsuite")
    total, failures, errors, skipped = (0, 0, 0, 0)
    for suite in suites:
        total += int(suite.get("tests", 0))
        failures += int(suite.get("failures", 0))
        errors += int(suite.get("errors", 0))
        skipped += int(suite.get("skipped", 0))
    failed = failures + errors
    remark = f"it ended with status {status}" if status and not failed else ""
    return Outcome(
        level=level,
        passed=total - failed - skipped,
        failed=failed or int(status != 0),
        skipped=skipped,
        seconds=seconds,
        remark=remark,
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
