"""The runtime as it was really built: what is in it, and that entering its root leaves no trace on this machine."""

from __future__ import annotations

import os
import re
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from ashore_installer.run import CommandFailed, Commands
from ashore_installer.units import GiB
from ashore_isogen.live import LiveRuntime
from ashore_isogen.report import Quiet
from ashore_isogen.runtime import ensure_live, ensure_root
from ashore_isogen.sandbox import Bind, Sandbox

pytestmark = [pytest.mark.vm, pytest.mark.xdist_group("runtime"), pytest.mark.timeout(1800)]

UNWANTED = (
    r"usr/bin/(gcc|g\+\+|cc|c\+\+|ld|make|x86_64-linux-gnu-gcc.*)",
    r"usr/include/.+",
    r"usr/share/man/.+",
    r"usr/share/doc/(?!.*/copyright$).+/.+",
    r"var/(cache/apt|lib/apt/lists)/.+",
)
WANTED = (
    "usr/bin/skopeo",
    "usr/sbin/mkfs.xfs",
    "usr/lib/systemd/systemd",
    "usr/lib/shim/shimx64.efi.signed",
    "usr/lib/grub/i386-pc/blsuki.mod",
)


@dataclass
class Lines(Quiet):
    lines: list[str] = field(default_factory=list)

    def note(self, text: str) -> None:
        self.lines.append(text)


@pytest.fixture(scope="module")
def live() -> LiveRuntime:
    return ensure_live(Quiet())


@pytest.fixture(scope="module")
def root() -> Path:
    return ensure_root(Quiet())


@pytest.fixture(scope="module")
def listing(live: LiveRuntime) -> tuple[str, ...]:
    """Regular files in the live system's one image, relative to its root (a row ends with `/path`)."""
    rows = Commands().run(["unsquashfs", "-lls", "-d", "", str(live.squashfs)]).splitlines()
    return tuple(row.split(" /", 1)[1] for row in rows if row.startswith("-") and " /" in row)


def test_the_same_inputs_are_instant(live: LiveRuntime) -> None:
    report = Lines()
    start = time.monotonic()
    assert ensure_live(report) == live
    assert (time.monotonic() - start < 5, report.lines) == (True, [])


def test_every_file_for_a_medium_is_there(live: LiveRuntime) -> None:
    files = (live.squashfs, live.kernel, live.initrd, live.packages, live.shim, live.mok_manager, live.grub_cd)
    assert all(file.stat().st_size > 0 for file in (*files, live.eltorito, live.boot_hybrid))
    assert live.squashfs.stat().st_size < GiB
    assert (live.grub_modules / "iso9660.mod").is_file()
    assert {"libostree-1-1", "libblockdev3", "skopeo", "systemd"} <= {
        row.split("\t")[0] for row in live.packages.read_text().splitlines()
    }


def test_the_live_system_has_what_it_needs_and_no_more(listing: tuple[str, ...]) -> None:
    assert set(WANTED) <= set(listing)
    unwanted = [path for path in listing for pattern in UNWANTED if re.fullmatch(pattern, path)]
    assert unwanted == []


def test_changes_inside_are_gone_afterwards(root: Path) -> None:
    sandbox = Sandbox(root=root)
    assert sandbox.run(["sh", "-c", "echo x >/etc/here; rm /usr/lib/os-release; cat /etc/here"]) == "x\n"
    assert sandbox.run(["sh", "-c", "test -e /etc/here || cat /usr/lib/os-release"]).count("Ashore") > 0
    assert not (root / "etc/here").exists()


def test_nothing_stays_mounted_and_nothing_keeps_running(root: Path, tmp_path: Path) -> None:
    before = Path("/proc/self/mountinfo").read_text()
    sandbox = Sandbox(root=root, binds=(Bind(source=tmp_path, target=str(tmp_path)),))
    mark = f"ashore-test-{os.getpid()}"
    script = f"mount -t tmpfs none /mnt; (exec -a {mark} sleep 600) & touch {tmp_path}/seen; echo $$"
    assert int(sandbox.run(["bash", "-c", script])) < 100, "the process numbers of this machine are seen inside"
    with pytest.raises(CommandFailed, match="exit status 3"):
        sandbox.run(["sh", "-c", "mount -t tmpfs none /mnt; exit 3"])
    assert (tmp_path / "seen").exists()
    assert Path("/proc/self/mountinfo").read_text() == before
    assert subprocess.run(["pgrep", "-f", f"^{mark}"], check=False, capture_output=True).returncode == 1


def test_two_at_once_do_no_harm(root: Path) -> None:
    script = "echo $0 >/etc/mine; sleep 2; cat /etc/mine"
    argvs = [Sandbox(root=root).argv(["sh", "-c", script, name]) for name in ("one", "two")]
    running = [subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) for argv in argvs]
    assert [process.communicate(timeout=120)[0] for process in running] == ["one\n", "two\n"]
