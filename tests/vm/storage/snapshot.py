"""The live system, booted once and frozen when it waits for work. Kept in the user's cache.

Made of the runtime's root, not of our code in it: that is sent anew to every thawed machine, as it is in the checkout.
The state is that of a migration to a file, which any number of machines can start from at once.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ashore_isogen.cache import Cache, digest_of
from ashore_isogen.live import LiveRuntime
from ashore_isogen.ours import templates_directory
from ashore_isogen.qemu.probe import accelerator
from ashore_isogen.qemu.spec import BINARY, Firmware
from ashore_isogen.report import Report
from ashore_isogen.runtime import LIVE, ROOT, ensure_live, ensure_root
from ashore_isogen.runtime_root import DISTRIBUTION, LIVE_CLEANUP, root_digest
from tests.vm.driver import Vm
from tests.vm.monitor import Monitor
from tests.vm.storage import inside, machine
from tests.vm.storage.line import Guestline, listen
from tests.vm.storage.machine import INITRD, KERNEL, SQUASHFS, STATE, VARIABLES, devices, frozen_machine

BOOT = 400
"""Seconds to the prompt of the live system with KVM, so generously because whoever waits for it has other work too."""
VERSION = 2
"""Of what is frozen, as far as this module decides it."""
_PROGRAM = f"{inside.PLACE}/inside.py"
# Modules that take long to load under translation: raid456 measures its ways to compute.
_MODULES = "dm_mod dm_crypt dm_thin_pool raid0 raid1 raid10 raid456 btrfs xfs ext4 vfat nvme usb_storage uas loop"


@contextmanager
def snapshot(firmware: Firmware, report: Report) -> Iterator[Path]:
    """The directory of the frozen machine, made when it is missing (minutes), and kept while it is used."""
    cache = Cache.of_user()
    kind = f"frozen-{firmware}"
    entry = cache.make(kind, _digest(cache, firmware), lambda place: _freeze(place, firmware, report), report.note)
    with cache.hold(entry):
        yield entry


def _digest(cache: Cache, firmware: Firmware) -> str:
    templates = templates_directory(DISTRIBUTION)
    version = subprocess.run([BINARY, "--version"], capture_output=True, check=True).stdout
    parts = [
        f"frozen {VERSION}".encode(),
        root_digest(templates).encode(),
        (templates / LIVE_CLEANUP).read_bytes(),
        version,
    ]
    parts += [firmware.encode(), accelerator(cache.top).encode()]
    return digest_of([*parts, *(Path(module.__file__ or "").read_bytes() for module in (inside, machine))])


def _live(cache: Cache, report: Report) -> LiveRuntime:
    """A live system of the current runtime root. Which state of our own code is in it does not matter here."""
    root = cache.find(ROOT, root_digest(templates_directory(DISTRIBUTION)))
    if root is None:
        ensure_root(report)
        root = cache.entry(ROOT, root_digest(templates_directory(DISTRIBUTION)))
    made = (root / "epoch").stat().st_mtime
    found = [LiveRuntime(digest=path.name, directory=path) for path in (cache.top / LIVE).glob("*")]
    found = [live for live in found if live.squashfs.stat().st_mtime > made]
    return max(found, key=lambda live: live.squashfs.stat().st_mtime) if found else ensure_live(report)


def _freeze(entry: Path, firmware: Firmware, report: Report) -> None:
    live = _live(Cache.of_user(), report)
    for source, name in ((live.squashfs, SQUASHFS), (live.kernel, KERNEL), (live.initrd, INITRD)):
        os.link(source, entry / name)
    report.note(f"Booting the live system ({firmware}) to freeze it")
    with tempfile.TemporaryDirectory(prefix="lab-") as directory:
        place = Path(directory)
        words = tuple(devices(entry, place / "lab"))
        hardware = frozen_machine(firmware, entry, place)
        with listen(place / "lab") as listener, Vm(hardware, place / "logs", extra=words) as vm:
            connection, _ = listener.accept()
            with connection:
                _start(vm, Guestline(connection))
                save(vm.monitor, entry / STATE)
        if hardware.flash:
            shutil.copyfile(hardware.flash.variables, entry / VARIABLES)


def _start(vm: Vm, line: Guestline) -> None:
    """Get our program to wait inside, with nothing else going on."""
    vm.console.expect(r"^root@.*# ?$", BOOT * vm.patience)
    guest = vm.guest()
    guest.attach()
    guest.hush()
    guest.out(f"mkdir -p {inside.PLACE}; systemctl is-system-running --wait || true", BOOT)
    guest.out(f"modprobe -a {_MODULES}; udevadm settle", BOOT)
    guest.write(_PROGRAM, Path(inside.__file__).read_text(encoding="utf-8"))
    guest.out(f"systemd-run --quiet --unit=lab --property=TasksMax=infinity python3 {_PROGRAM}")
    line.wait_ready(BOOT * vm.patience)


def save(monitor: Monitor, path: Path) -> None:
    """Stop the machine and write its state to a file."""
    monitor.execute("stop")
    monitor.execute("migrate-set-parameters", max_bandwidth=1 << 40)
    monitor.execute("migrate", uri=f"exec:cat >{shlex.quote(str(path))}")
    while (state := monitor.execute("query-migrate")["status"]) != "completed":
        if state in ("failed", "cancelled"):
            raise AssertionError(f"QEMU could not save the machine: {state}.")
        time.sleep(0.2)
