"""`python -m ashore_isogen.sample build|check`: the sample image on the command line."""

from __future__ import annotations

import argparse
import shutil
import sys
import time
from pathlib import Path

from ashore_installer.errors import BadInput, InstallerError
from ashore_isogen.sample.build import ensure_sample
from ashore_isogen.sample.check import broken_promises
from ashore_isogen.sample.recipe import DIRECTORY, load


class _Lines:
    """News on stderr, so that stdout has the result alone."""

    def note(self, text: str) -> None:
        print(text, file=sys.stderr)

    def progress(self, done: int, total: int, unit: str = "bytes") -> None:
        pass


def main(words: list[str] | None = None) -> int:
    options = _parser().parse_args(words)
    try:
        return _build(options) if options.command == "build" else _check(options)
    except InstallerError as error:
        print(error, file=sys.stderr)
        return error.status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m ashore_isogen.sample", description="The sample bootable image.")
    commands = parser.add_subparsers(dest="command", required=True)
    build = commands.add_parser("build", help="make the OCI layout, unless it is in the cache, and say where it is")
    check = commands.add_parser("check", help="examine a layout for all that the sample promises")
    build.add_argument("--image", type=Path, default=DIRECTORY, help="a directory like the sample's, for an own image")
    build.add_argument("directory", nargs="?", type=Path, help="copy the layout to this new directory")
    check.add_argument("layout", nargs="?", type=Path, help="an OCI layout; without it, the sample, built if need be")
    return parser


def _build(options: argparse.Namespace) -> int:
    target: Path | None = options.directory
    if target and target.exists():
        raise BadInput(f"{target} exists already.", "Name a directory that does not exist yet.")
    start = time.monotonic()
    layout = ensure_sample(report=_Lines(), directory=options.image)
    if target:
        shutil.copytree(layout, target)
    print(f"Done in {time.monotonic() - start:.0f} s", file=sys.stderr)
    print(target or layout)
    return 0


def _check(options: argparse.Namespace) -> int:
    layout = options.layout or ensure_sample(report=_Lines())
    broken = [
        f"{version.tag}: {promise}" for version in load().versions for promise in broken_promises(layout, version)
    ]
    for line in broken:
        print(line)
    print(
        f"{layout}: {'all promises are kept' if not broken else f'{len(broken)} promises are broken'}", file=sys.stderr
    )
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
