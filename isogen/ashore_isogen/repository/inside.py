"""libdnf5, rpm and createrepo_c of the runtime root, at work on files of this machine."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ashore_installer.package_plan import PackagePayload
from ashore_installer.payload.package_process import MODULE
from ashore_isogen.ours import PACKAGES as OURS
from ashore_isogen.ours import package_directory
from ashore_isogen.report import Report
from ashore_isogen.repository.local import local_path
from ashore_isogen.sandbox import Bind, Sandbox

_CODE = "/usr/lib/ashore"
"""Where our own packages are seen in the runtime root."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolRoot:
    """The runtime root, whose programs see the directory `work` where it is, and the repositories of `payload`.

    `trees` are root trees in `work` that scriptlets run in; these see `env`, beside the usual environment.
    """

    root: Path
    work: Path
    payload: PackagePayload
    trees: tuple[Path, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict)

    def libdnf5(self) -> tuple[str, ...]:
        """The command that starts libdnf5's process."""
        return tuple(self._sandbox().argv(["python3", "-m", MODULE]))

    def run(self, command: list[str]) -> str:
        """Run a program to its end and give what it prints. Raises CommandFailed."""
        return self._sandbox().run(command)

    def _sandbox(self) -> Sandbox:
        binds = [Bind(source=self.work, target=str(self.work))]
        binds += [Bind(source=package_directory(name), target=f"{_CODE}/{name}", read_only=True) for name in OURS]
        binds += [Bind(source=path, target=str(path), read_only=True) for path in _local_places(self.payload)]
        env = {"PYTHONPATH": _CODE, "PYTHONDONTWRITEBYTECODE": "1", **self.env}
        return Sandbox(root=self.root, binds=tuple(binds), trees=tuple(map(str, self.trees)), env=env)


@dataclass(frozen=True, slots=True)
class Said:
    """Our report, as libdnf5's process wants it."""

    report: Report

    def progress(self, done: int, total: int, unit: str = "bytes") -> None:
        self.report.progress(done, total, unit)

    def note(self, text: str) -> None:
        self.report.note(text)

    def warn(self, message: str) -> None:
        self.report.note(f"Warning: {message}")

    def heed_cancel(self) -> None: ...


def _local_places(payload: PackagePayload) -> Iterator[Path]:
    """Directories of this machine that repositories lie in."""
    for one in payload.repositories:
        for address in (*one.baseurls, one.mirrorlist, one.metalink):
            if place := local_path(address):
                yield place
