"""The live runtime, from the cache or built into it: `python -m ashore_isogen.runtime build|root|dry-run`.

Two things are kept, each by the digest of its inputs: the root (minutes to build), and the live system that is cut from
it with our own code in it (seconds). An ordinary user builds both in a user namespace.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path
from typing import TextIO

from ashore_installer.errors import InstallerError
from ashore_installer.run import Commands
from ashore_isogen.backend_debian import MIRROR_VARIABLE, this_machines_mirror
from ashore_isogen.cache import Cache
from ashore_isogen.live import LiveRuntime
from ashore_isogen.ours import templates_directory
from ashore_isogen.report import Report
from ashore_isogen.runtime_live import build_live, live_digest
from ashore_isogen.runtime_root import (
    CLEANUP,
    DISTRIBUTION,
    INSTALL,
    LIVE_CLEANUP,
    POSTINSTALL,
    RuntimeRoot,
    build_root,
    root_digest,
    templates_of,
)  # fmt: skip
from ashore_isogen.sandbox.namespaces import namespaces

ROOT, LIVE, DEBS = "root", "live", "debs"


def ensure_root(report: Report) -> Path:
    """The runtime root, a directory tree that is never to be written to. Built when it isn't cached: minutes."""
    return _ensure_root(report, Cache.of_user()).tree


def ensure_live(report: Report) -> LiveRuntime:
    """The files of the live system. Built when they aren't cached: seconds, or minutes when the root isn't either."""
    cache, templates = Cache.of_user(), templates_directory(DISTRIBUTION)
    digest = live_digest(root_digest(templates), templates)
    if found := cache.find(LIVE, digest):
        return LiveRuntime(digest=digest, directory=found)
    if os.geteuid() != 0:
        _as_root("build", report)
    else:
        root = _ensure_root(report, cache)
        cache.make(LIVE, digest, lambda directory: build_live(directory, root, templates, report), report.note)
    return LiveRuntime(digest=digest, directory=cache.entry(LIVE, digest))


def _ensure_root(report: Report, cache: Cache) -> RuntimeRoot:
    templates = templates_directory(DISTRIBUTION)
    digest = root_digest(templates)
    if not cache.find(ROOT, digest) and os.geteuid() != 0:
        _as_root("root", report)
        return RuntimeRoot(cache.entry(ROOT, digest))

    def build(directory: Path) -> None:
        mirror = os.environ.get(MIRROR_VARIABLE) or this_machines_mirror()
        with cache.lock(DEBS, report.note):
            build_root(directory, templates, mirror, cache.top / DEBS, report)

    return RuntimeRoot(cache.make(ROOT, digest, build, report.note))


def _as_root(what: str, report: Report) -> None:
    """The same program again, in a user namespace where it seems to be root."""
    Commands().follow([*namespaces(), sys.executable, "-m", "ashore_isogen.runtime", what], report.note)


class Lines:
    """A report that prints every line with the seconds since its start."""

    def __init__(self, out: TextIO) -> None:
        self._out, self._start = out, time.monotonic()

    def note(self, text: str) -> None:
        print(f"[{time.monotonic() - self._start:6.1f}] {text}", file=self._out, flush=True)

    def progress(self, done: int, total: int, unit: str = "bytes") -> None:
        pass


def _list_commands() -> None:
    templates = templates_of(templates_directory(DISTRIBUTION), None)
    for name in (INSTALL, POSTINSTALL, CLEANUP, LIVE_CLEANUP):
        for line in templates.parse(name):
            print(line)


def _build(report: Report) -> None:
    live = ensure_live(report)
    for path in (live.squashfs, live.kernel, live.initrd):
        report.note(f"{path}: {path.stat().st_size / 1_000_000:.1f} MB")


def main(words: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m ashore_isogen.runtime", description="Build the live runtime.")
    what = {"build": "the live system", "root": "the root it is cut from", "dry-run": "list the templates' commands"}
    parser.add_argument("what", choices=what, help="; ".join(f"{name}: {text}" for name, text in what.items()))
    options = parser.parse_args(words)
    report = Lines(sys.stdout)
    try:
        if options.what == "dry-run":
            _list_commands()
        elif options.what == "root":
            report.note(str(ensure_root(report)))
        else:
            _build(report)
    except InstallerError as error:
        print(error, file=sys.stderr)
        return error.status
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
