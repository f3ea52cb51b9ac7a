"""Which tests can run here. What is missing is said, and counted by `make test`, never passed over in silence."""

from __future__ import annotations

import importlib.util
import os
import shutil
from collections.abc import Iterator

import pytest

from ashore_isogen.qemu.spec import BINARY

MUST_RUN = "ASHORE_TESTS_MUST_RUN"
"""Set where everything is installed (`make test`): there, a test that can't run is a test that failed."""

LABORATORY = "ASHORE_LABORATORY"
"""Where the repository of the laboratory distribution is (`python -m tests.lab build`), inside the runtime root."""


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "needs(program, ...): programs of this machine that the test runs")
    config.addinivalue_line("markers", "laboratory: needs the repository of the laboratory distribution")


def pytest_runtest_setup(item: pytest.Item) -> None:
    missing = list(_missing(item))
    if not missing:
        return
    reason = f"needs {', '.join(missing)}"
    if os.environ.get(MUST_RUN):
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


def _missing(item: pytest.Item) -> Iterator[str]:
    for marker in item.iter_markers("needs"):
        yield from (program for program in marker.args if shutil.which(program) is None)
    if item.get_closest_marker("laboratory") and not os.environ.get(LABORATORY):
        yield "the laboratory distribution (run `make test-root`)"
    if item.get_closest_marker("vm") and shutil.which(BINARY) is None:
        yield BINARY
    if item.get_closest_marker("root"):
        if os.geteuid() != 0:
            yield "root"
        if any(importlib.util.find_spec(name) is None for name in ("gi", "blivet")):
            yield "the runtime root (run `make test-root`)"
