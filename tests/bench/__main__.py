"""`make bench`: runs every benchmark (or those named on the command line) and prints its ratios."""

from __future__ import annotations

import importlib
import pkgutil
import sys
import tempfile
from pathlib import Path

import tests.bench
from ashore_installer.errors import BadInput, InstallerError
from tests.bench.frame import Comparison

PREFIX = "bench_"


def main(names: list[str]) -> int:
    modules = [module.name for module in pkgutil.iter_modules(tests.bench.__path__)]
    known = [name.removeprefix(PREFIX) for name in modules if name.startswith(PREFIX)]
    try:
        for name in names or known:
            if name not in known:
                raise BadInput(f"There is no benchmark {name}.", f"There are: {', '.join(known)}.")
            for comparison in run(name):
                print(comparison, flush=True)
    except InstallerError as error:
        print(error, file=sys.stderr)
        return error.status
    return 0


def run(name: str) -> tuple[Comparison, ...]:
    module = importlib.import_module(f"tests.bench.{PREFIX}{name}")
    # The files are as large as installations; /tmp may be in memory.
    with tempfile.TemporaryDirectory(prefix="ashore-bench-", dir="/var/tmp") as work:
        comparisons: tuple[Comparison, ...] = module.compare(Path(work))
    return comparisons


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
