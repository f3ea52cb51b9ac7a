"""The live runtime, from the cache or built into it: `python -m ashore_isogen.runtime build|root|dry-run`.

Two things are kept, each by the digest of its inputs: the root (minutes to build), and the live system that is cut from
it with our own code in it (seconds). A root can be made of RPM packages too; live systems are cut from Debian's.
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

from ashore_installer.errors import BadInput, InstallerError
from ashore_installer.run import CommandFailed, Commands
from ashore_isogen.backend_debian import MIRROR_VARIABLE, Archive, DebianPackages, this_machines_mirror
from ashore_isogen.cache import Cache
from ashore_isogen.distribution import Distribution, chosen, debian, templates_named
from ashore_isogen.live import LiveRuntime
from ashore_isogen.report import Report
from ashore_isogen.runtime_live import build_live, live_digest
from ashore_isogen.runtime_root import (
    ARCHITECTURE,
    CLEANUP,
    DISTRIBUTION,
    INSTALL,
    LIVE_CLEANUP,
    POSTINSTALL,
    SUITE,
    RuntimeRoot,
    build_root,
    check_templates,
    templates_of,
)
from ashore_isogen.runtime_rpm import rpm_packages
from ashore_isogen.sandbox.namespaces import namespaces

ROOT, LIVE, DEBS = "root", "live", "debs"
# What a build must not take from the person who runs it: wheels that other tools than the pinned ones have made.
_ENVIRONMENT = {"PIP_NO_CACHE_DIR": "1"}
_REASON = "\x1e"  # before the line by which the process inside says why it failed: message and hint as JSON
SPACE = 3_000_000_000  # bytes: downloads, the root twice while it is replaced, the live system


def ensure_root(report: Report, cache: Cache | None = None, distribution: Distribution | None = None) -> Path:
    """The runtime root, a directory tree that is never to be written to. Built when it isn't cached: minutes.

    It is Debian's unless another distribution is named. Raises InstallerError when it can't be built.
    """
    cache, made_of = cache or Cache.of_user(), distribution or debian()
    digest = made_of.digest
    if not cache.find(made_of.kind, digest):
        _in_namespaces("root", report, cache, made_of)
    return RuntimeRoot(cache.entry(made_of.kind, digest)).tree


def ensure_live(report: Report, cache: Cache | None = None) -> LiveRuntime:
    """The files of the live system. Built when they aren't cached: seconds, or minutes when the root isn't either.

    Raises InstallerError when it can't be built.
    """
    cache, made_of = cache or Cache.of_user(), debian()
    digest = live_digest(made_of.digest, made_of.templates)
    if not cache.find(LIVE, digest):
        _in_namespaces("build", report, cache, made_of)
    return LiveRuntime(digest=digest, directory=cache.entry(LIVE, digest))


def _in_namespaces(what: str, report: Report, cache: Cache, made_of: Distribution) -> None:
    """Builds in another process, in namespaces of its own.

    There an ordinary user seems to be root, and whoever ends the build, however that is done, ends all of it: no mount
    and no process stays.
    """
    words = [*namespaces(), sys.executable, "-m", "ashore_isogen.runtime", "--inside", what, *made_of.words()]
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


def _make_root(report: Report, cache: Cache, made_of: Distribution) -> RuntimeRoot:
    if found := cache.find(made_of.kind, made_of.digest):
        return RuntimeRoot(found)
    check_templates(made_of.templates)
    build = partial(_build_of_rpms if made_of.repositories else _build_of_debs, made_of, report, cache)
    return RuntimeRoot(cache.make(made_of.kind, made_of.digest, build, report.note))


def _build_of_debs(made_of: Distribution, report: Report, cache: Cache, directory: Path) -> None:
    _check_space(directory)
    mirror = os.environ.get(MIRROR_VARIABLE) or this_machines_mirror()
    archive = Archive(uri=mirror, suite=SUITE, architecture=ARCHITECTURE)
    tree, debs = RuntimeRoot(directory).tree, cache.top / DEBS
    tree.mkdir()
    with cache.lock(DEBS, report.note):
        packages = DebianPackages(root=tree, archive=archive, debs=debs, report=report.note)
        build_root(directory, made_of.templates, packages, report)


def _build_of_rpms(made_of: Distribution, report: Report, cache: Cache, directory: Path) -> None:
    """With the tools of Debian's root, which is built first if need be."""
    tools = _make_root(report, cache, debian())
    _check_space(directory)
    tree = RuntimeRoot(directory).tree
    tree.mkdir()
    with cache.hold(tools.directory), rpm_packages(tree, made_of, tools.tree, report) as packages:
        build_root(directory, made_of.templates, packages, report)


def _make_live(report: Report, cache: Cache, made_of: Distribution) -> None:
    templates, root = made_of.templates, _make_root(report, cache, made_of)
    digest = live_digest(made_of.digest, templates)
    with cache.hold(root.directory):
        cache.make(LIVE, digest, partial(build_live, root=root, templates=templates, report=report), report.note)


def _check_space(directory: Path) -> None:
    free = shutil.disk_usage(directory).free
    if free < SPACE:
        raise InstallerError(
            f"The runtime needs {SPACE / 1e9:.0f} GB in {directory.parent.parent}, and {free / 1e9:.1f} GB are free.",
            "Make room, or set ASHORE_CACHE to a directory on another disk.",
        )


def forget(cache: Cache, made_of: Distribution) -> None:
    """Makes the next build start from the packages again: they may have changed while our inputs did not."""
    if not made_of.repositories:
        cache.forget(LIVE, live_digest(made_of.digest, made_of.templates))
    cache.forget(made_of.kind, made_of.digest)


class Lines:
    """A report that prints every line, with the seconds since its start if `timed`."""

    def __init__(self, out: TextIO, *, timed: bool = True) -> None:
        self._out, self._timed, self._start = out, timed, time.monotonic()

    def note(self, text: str) -> None:
        before = f"[{time.monotonic() - self._start:6.1f}] " if self._timed else ""
        print(f"{before}{text}", file=self._out, flush=True)

    def progress(self, done: int, total: int, unit: str = "bytes") -> None:
        pass


def _list_commands(directory: Path) -> None:
    templates = templates_of(directory, None)
    for name in (INSTALL, POSTINSTALL, CLEANUP, LIVE_CLEANUP):
        if (directory / name).exists():
            for line in templates.parse(name):
                print(line)


def _build(report: Report) -> None:
    live = ensure_live(report)
    for path in (live.squashfs, live.kernel, live.initrd):
        report.note(f"{path}: {path.stat().st_size / 1_000_000:.1f} MB")


def main(words: list[str]) -> int:
    options = _parser().parse_args(words)
    if options.inside:
        return _build_inside(options)
    report = Lines(sys.stdout)
    try:
        if options.what == "dry-run":
            _list_commands(templates_named(options.distribution))
        else:
            _do(options, _distribution(options), report)
    except InstallerError as error:
        print(error, file=sys.stderr)
        return error.status
    return 0


def _distribution(options: argparse.Namespace) -> Distribution:
    if options.what == "build" and options.distribution != DISTRIBUTION:
        message = f"A live system is cut from {DISTRIBUTION}'s root, not yet from that of {options.distribution}."
        raise BadInput(message, "Build the root alone: python -m ashore_isogen.runtime root --distribution …")
    return chosen(options.distribution, options.repo, options.repo_key)


def _do(options: argparse.Namespace, made_of: Distribution, report: Report) -> None:
    if options.fresh:
        forget(Cache.of_user(), made_of)
    if options.what == "root":
        report.note(str(ensure_root(report, distribution=made_of)))
    else:
        _build(report)


def _build_inside(options: argparse.Namespace) -> int:
    report = Lines(sys.stdout, timed=False)
    try:
        make = _make_root if options.what == "root" else _make_live
        make(report, Cache.of_user(), _distribution(options))
    except InstallerError as error:
        print(_REASON + json.dumps([error.message, error.hint]), flush=True)
        return error.status
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m ashore_isogen.runtime", description="Build the live runtime.")
    what = {"build": "the live system", "root": "the root it is cut from", "dry-run": "list the templates' commands"}
    parser.add_argument("what", choices=what, help="; ".join(f"{name}: {text}" for name, text in what.items()))
    several = partial(parser.add_argument, action="append", default=[])
    parser.add_argument(
        "--distribution",
        default=DISTRIBUTION,
        help="the one to take (default: %(default)s), or a directory with templates",
    )
    several("--repo", metavar="URL", help="a repository with its RPM packages, or a directory; may be repeated")
    several("--repo-key", metavar="KEY", help="a key that signs them, a file or an address; may be repeated")
    parser.add_argument("--fresh", action="store_true", help="build it again, from the packages that there are now")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)  # this process is in the namespaces
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
