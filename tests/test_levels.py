"""The summary of `make test` counts what happened, and never calls a broken run a good one."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.__main__ import main, summary

REPORT = '<testsuites><testsuite tests="10" failures="{failures}" errors="{errors}" skipped="2"/></testsuites>'


def written(path: Path, *, failures: int = 0, errors: int = 0) -> Path:
    path.write_text(REPORT.format(failures=failures, errors=errors))
    return path


def test_counts_come_from_the_report(tmp_path: Path) -> None:
    outcome = summary("unit", 1, written(tmp_path / "unit.xml", failures=1, errors=2), 61.4)
    assert (outcome.passed, outcome.failed, outcome.skipped) == (5, 3, 2)
    assert str(outcome) == "unit                 5       3        2      61 s"


def test_a_good_run_has_no_failure(tmp_path: Path) -> None:
    assert summary("unit", 0, written(tmp_path / "unit.xml"), 1).failed == 0


def test_a_run_that_went_wrong_is_a_failure_whatever_its_report_says(tmp_path: Path) -> None:
    outcome = summary("vm", 3, written(tmp_path / "vm.xml"), 1)
    assert (outcome.failed, outcome.remark) == (1, "it ended with status 3")


def test_a_run_without_report_is_a_failure(tmp_path: Path) -> None:
    assert summary("root", 1, tmp_path / "root.xml", 1).failed == 1


def test_an_unknown_level_is_bad_input(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["integration"]) == 2
    assert "The levels are: lint, unit, root, vm, long, storage-matrix." in capsys.readouterr().err
