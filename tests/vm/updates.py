"""Version 2 of the sample, as something that an installed version 1 can update to without a network."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ashore_isogen.cache import Cache, contents, digest_of
from ashore_isogen.ours import package_directory
from ashore_isogen.qemu.spec import Disk
from ashore_isogen.report import Quiet
from ashore_isogen.runtime import ensure_root
from ashore_isogen.sandbox import Bind, Sandbox
from tests.__main__ import CHECKOUT, SOURCES
from tests.vm.media import TARGET

SERIAL = "update"
_SECTOR = 512


@dataclass(frozen=True, slots=True, kw_only=True)
class Update:
    """A static delta (a file of `size` bytes on a disk) and the commit that it leads to."""

    disk: Path
    size: int
    commit: str

    def attached(self) -> Disk:
        return Disk(path=self.disk, serial=SERIAL, readonly=True)


def ensure_update(layout: Path) -> Update:
    """The update from version 1 to 2, from the cache or made in the runtime root."""
    parts = [b"vm update 1", str(layout).encode(), TARGET.encode(), *contents(package_directory("ashore_installer"))]

    def make(entry: Path) -> None:
        delta = entry / "delta"
        commit = _inside(layout, entry).run(["python3", "-m", "tests.vm.make_update", str(layout), TARGET, str(delta)])
        (entry / "commit").write_text(commit.strip(), encoding="ascii")
        (entry / "size").write_text(str(delta.stat().st_size), encoding="ascii")
        with delta.open("ab") as file:
            file.truncate(-(-delta.stat().st_size // _SECTOR) * _SECTOR)

    entry = Cache.of_user().make("vm-update", digest_of(parts), make, lambda _line: None)
    return Update(
        disk=entry / "delta",
        size=int((entry / "size").read_text(encoding="ascii")),
        commit=(entry / "commit").read_text(encoding="ascii"),
    )


def _inside(layout: Path, output: Path) -> Sandbox:
    seen = [Bind(source=path, target=str(path), read_only=True) for path in (CHECKOUT, layout)]
    path = ":".join(str(CHECKOUT / source) for source in SOURCES)
    return Sandbox(
        root=ensure_root(Quiet()),
        binds=(*seen, Bind(source=output, target=str(output))),
        env={"PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"},
        chdir=str(CHECKOUT),
    )
