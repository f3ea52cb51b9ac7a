"""The live runtime, from the cache or built into it: `python -m ashore_isogen.runtime build|root|dry-run`.

Two things are kept, each by the digest of its inputs: the root (minutes to build), and the live system that is cut from
it with our own code in it (seconds).
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import time
from functools import partial
from pathlib import Path
from typing import TextIO

from ashore_installer.errors import InstallerError
from ashore_installer.run import CommandFailed, Commands
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
# What a build must not take from the person who runs it: wheels that other tools than the pinned ones have made.
_ENVIRONMENT = {"PIP_NO_CACHE_DIR": "1"}
_REASON = "\x1e"  # before the line by which the process inside says why it failed: message and hint as JSON
SPACE = 3_000_000_000  # bytes: downloads, the root twice while it is replaced, the live system


def ensure_root(report: Report, cache: Cache | None = None) -> Path:
    """The runtime root, a directory tree that is never to be written to. Built when it isn't cached: minutes.

    Raises InstallerError when it can't be built.
    """
    cache, digest = cache or Cache.of_user(), root_digest(templates_directory(DISTRIBUTION))
    if not cache.find(ROOT, digest):
        _in_namespaces("root", report, cache)
    return RuntimeRoot(cache.entry(ROOT, digest)).tree


def ensure_live(report: Report, cache: Cache | None = None) -> LiveRuntime:
    """The files of the live system. Built when they aren't cached: seconds, or minutes when the root isn't either.

    Raises InstallerError when it can't be built.
    """
    cache, templates = cache or Cache.of_user(), templates_directory(DISTRIBUTION)
    digest = live_digest(root_digest(templates), templates)
    if not cache.find(LIVE, digest):
        _in_namespaces("build", report, cache)
    return LiveRuntime(digest=digest, directory=cache.entry(LIVE, digest))


def _in_namespaces(what: str, report: Report, cache: Cache) -> None:
    """Builds in another process, in namespaces of its own.

    There an ordinary user seems to be root, and whoever ends the build, however that is done, ends all of it: no mount
    and no process stays.
    """
    words = [*namespaces(), sys.executable, "-m", "ashore_isogen.runtime", "--inside", what]
    reasons: list[str] = []

    def on_line(line: str) -> None:
        if line.startswith(_REASON):
            reasons.append(line.removeprefix(_REASON))
        else:
            report.note(line)

    try:
        Commands().follow(words, on_line, env={**_ENVIRONMENT, "ASHORE_CACHE": str(cache.top)})
    except CommandFailed as error:
        if not reasons:
            raise
        raise InstallerError(*json.loads(reasons[-1])) from error


def _make_root(report: Report, cache: Cache) -> RuntimeRoot:
    templates = templates_directory(DISTRIBUTION)

    def build(directory: Path) -> None:
        _check_space(directory)
        mirror = os.environ.get(MIRROR_VARIABLE) or this_machines_mirror()
        with cache.lock(DEBS, report.note):
            build_root(directory, templates, mirror, cache.top / DEBS, report)

    return RuntimeRoot(cache.make(ROOT, root_digest(templates), build, report.note))


def _make_live(report: Report, cache: Cache) -> None:
    templates, root = templates_directory(DISTRIBUTION), _make_root(report, cache)
    digest = live_digest(root_digest(templates), templates)
    with cache.hold(root.directory):
        cache.make(LIVE, digest, partial(build_live, root=root, templates=templates, report=report), report.note)


def _check_space(directory: Path) -> None:
    free = shutil.disk_usage(directory).free
    if free < SPACE:
        raise InstallerError(
            f"The runtime needs {SPACE / 1e9:.0f} GB in {directory.parent.parent}, and {free / 1e9:.1f} GB are free.",
            "Make room, or set ASHORE_CACHE to a directory on another disk.",
        )


def forget(cache: Cache) -> None:
    """Makes the next build start from the packages again: they may have changed while our inputs did not."""
    templates = templates_directory(DISTRIBUTION)
    digest = root_digest(templates)
    cache.forget(LIVE, live_digest(digest, templates))
    cache.forget(ROOT, digest)


class Lines:
    """A report that prints every line, with the seconds since its start if `timed`."""

    def __init__(self, out: TextIO, *, timed: bool = True) -> None:
        self._out, self._timed, self._start = out, timed, time.monotonic()

    def note(self, text: str) -> None:
        before = f"[{time.monotonic() - self._start:6.1f}] " if self._timed else ""
        print(f"{before}{text}", file=self._out, flush=True)

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
    options = _parser().parse_args(words)
    if options.inside:
        return _build_inside(options.what)
    report = Lines(sys.stdout)
    try:
        if options.fresh:
            forget(Cache.of_user())
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


def _build_inside(what: str) -> int:
    report = Lines(sys.stdout, timed=False)
    try:
        make = _make_root if what == "root" else _make_live
        make(report, Cache.of_user())
    except InstallerError as error:
        print(_REASON + json.dumps([error.message, error.hint]), flush=True)
        return error.status
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m ashore_isogen.runtime", description="Build the live runtime.")
    what = {"build": "the live system", "root": "the root it is cut from", "dry-run": "list the templates' commands"}
    parser.add_argument("what", choices=what, help="; ".join(f"{name}: {text}" for name, text in what.items()))
    parser.add_argument("--fresh", action="store_true", help="build it again, from the packages that there are now")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)  # this process is in the namespaces
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
