"""The laboratory's repository, from the cache or built into it: minutes, once for each state of the recipe."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from ashore_installer.run import Commands
from ashore_isogen.backend_debian import MIRROR_VARIABLE, this_machines_mirror
from ashore_isogen.cache import Cache, contents, digest_of
from ashore_isogen.report import Quiet, Report
from ashore_isogen.runtime import ensure_root
from ashore_isogen.sandbox import Bind, Sandbox
from tests.lab import inside
from tests.lab.recipe import DIRECTORY

CHECKOUT = Path(__file__).resolve().parents[2]
LABORATORY, DEBS = "laboratory", "laboratory-debs"
_CODE = ("recipe", "debs", "compose", "spec", "trees", "inside")  # what decides what the packages are
_OUTPUT, _DEBS = "/lab/output", "/lab/debs"


@dataclass(frozen=True, slots=True)
class Laboratory:
    """A finished repository in the cache. Never write to it."""

    directory: Path

    @property
    def repository(self) -> Path:
        """The directory with `repodata`, the packages and the key."""
        return self.directory / inside.REPOSITORY

    @property
    def key(self) -> Path:
        """The armoured public key that signed the packages and the metadata."""
        return self.repository / inside.KEY_FILE

    @property
    def fingerprint(self) -> str:
        """40 hexadecimal digits, upper case."""
        return (self.directory / inside.FINGERPRINT).read_text(encoding="ascii").strip()


def laboratory_digest() -> str:
    """The digest of all that the repository is made from, but for the state of the package archive."""
    here = Path(__file__).parent
    code = ((here / f"{name}.py").read_bytes() for name in _CODE)
    return digest_of([b"laboratory 1", *code, *contents(DIRECTORY)])


def ensure_laboratory(report: Report | None = None, cache: Cache | None = None) -> Laboratory:
    """The repository, built when it isn't cached. Raises InstallerError when it can't be built."""
    report, cache, digest = report or Quiet(), cache or Cache.of_user(), laboratory_digest()
    if not cache.find(LABORATORY, digest):
        root = ensure_root(report, cache)

        def build(entry: Path) -> None:
            with cache.lock(DEBS, report.note), cache.hold(root.parent):
                _build(root, entry, cache.top / DEBS, report)

        cache.make(LABORATORY, digest, build, report.note)
    return Laboratory(cache.entry(LABORATORY, digest))


def _build(root: Path, entry: Path, debs: Path, report: Report) -> None:
    debs.mkdir(exist_ok=True)
    paths = ":".join(str(CHECKOUT / name) for name in (".", "installer", "isogen"))
    sandbox = Sandbox(
        root=root,
        binds=(
            Bind(source=CHECKOUT, target=str(CHECKOUT), read_only=True),
            Bind(source=entry, target=_OUTPUT),
            Bind(source=debs, target=_DEBS),
        ),
        env={"PYTHONPATH": paths, "PYTHONDONTWRITEBYTECODE": "1"},
    )
    mirror = os.environ.get(MIRROR_VARIABLE) or this_machines_mirror()
    words = ["python3", "-m", "tests.lab.inside", _OUTPUT, _DEBS, mirror]
    Commands().follow(sandbox.argv(words), report.note)
