"""The frame measures what it says."""

from __future__ import annotations

import time

import pytest

from ashore_installer.errors import InstallerError
from ashore_installer.units import MiB
from tests.bench.__main__ import main
from tests.bench.frame import Comparison, Measured, measure_call, measure_program


def test_a_call_is_timed_and_its_memory_is_its_own() -> None:
    def work() -> None:
        data = bytearray(200 * MiB)
        data[::4096] = b"x" * (200 * MiB // 4096)
        time.sleep(0.1)

    large, small = measure_call("large", work), measure_call("small", lambda: None)
    assert large.seconds > 0.1
    assert large.peak - small.peak > 150 * MiB


def test_a_program_that_fails_gives_no_number() -> None:
    assert measure_program("true", ["true"]).seconds > 0
    with pytest.raises(InstallerError, match="broken failed"):
        measure_program("broken", ["false"])


def test_a_call_that_fails_gives_no_number(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(InstallerError, match="broken failed"):
        measure_call("broken", lambda: 1 // 0)
    assert "ZeroDivisionError" in capfd.readouterr().err


def test_the_ratio_is_of_times() -> None:
    ours = Measured(name="bake", seconds=6, peak=100 * MiB)
    text = str(Comparison(title="A medium", ours=ours, plain=Measured(name="cp", seconds=4, peak=MiB)))
    assert text.startswith("A medium: 1.50 times the plain way")
    assert "100.0 MiB peak" in text


def test_an_unknown_benchmark_is_bad_input(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["nothing"]) == 2
    assert "There is no benchmark nothing." in capsys.readouterr().err
