"""Carries a scenario out inside the guest, as an installation does: probe, read, plan, check, write, look, finish."""

from __future__ import annotations

import dataclasses
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from ashore_installer import codec
from ashore_installer.check import check
from ashore_installer.context import TARGET, Context
from ashore_installer.errors import InstallerError
from ashore_installer.events import Event
from ashore_installer.finalize import finalize
from ashore_installer.machine import MachineInfo
from ashore_installer.plan import InstallPlan, PayloadRequest
from ashore_installer.probe import probe
from ashore_installer.run import Commands
from ashore_installer.storage.problems import PlanError
from ashore_installer.storage.steps import FinishStorage, MountTarget, PrepareStorage
from ashore_kickstart.read import draft_from_text
from tests.vm.storage.images import IMAGES
from tests.vm.storage.row import Outcome, Row, Said
from tests.vm.storage.sight import mount_points, see

_PAYLOAD = PayloadRequest(source="oci:/run/payload:1", target="docker://registry.example/harbour/sample_os:1")


def main(data: object) -> object:
    """The outcome of a row; both are JSON."""
    began = time.monotonic()
    outcome = carry_out(codec.from_data(data, Row, "the scenario"))
    return codec.to_data(dataclasses.replace(outcome, seconds=time.monotonic() - began))


def carry_out(row: Row) -> Outcome:
    before = set(_open())
    try:
        plan, machine = _planned(row)
    except InstallerError as error:
        return Outcome(refused=error.message)
    _bash(row.between)
    context = _context(row, plan, machine)
    try:
        with context.cleanup:
            outcome = _written(row, plan, context)
    except InstallerError as error:
        return Outcome(refused=error.message, written="Nothing was written" not in error.hint)
    return dataclasses.replace(outcome, left=tuple(sorted(set(_open()) - before)))


def _planned(row: Row) -> tuple[InstallPlan, MachineInfo]:
    """The plan of a row for this machine. Raises InstallerError when it is refused."""
    machine, image = probe(), IMAGES[row.image]
    draft = dataclasses.replace(draft_from_text(row.kickstart, row.name), payload=_PAYLOAD)
    plan = finalize(draft, machine, image)
    if problems := check(plan, machine, image):
        raise PlanError(problems)
    return plan, machine


def _context(row: Row, plan: InstallPlan, machine: MachineInfo) -> Context:
    return Context(
        plan=plan, machine=machine, payload=IMAGES[row.image], run=Commands(), listener=_tell, log_file=Path("/run/log")
    )


def _tell(event: Event) -> None:
    print(event, flush=True)


def _written(row: Row, plan: InstallPlan, context: Context) -> Outcome:
    for step in (PrepareStorage(storage=plan.storage), MountTarget(storage=plan.storage)):
        step.run(context)
    # What lsblk knows of a file system is what udev saw of it last, which may be before it had its label.
    subprocess.run(["udevadm", "trigger", "--settle", "--subsystem-match=block"], check=True)
    seen = see(mount_points(plan.storage, context.devices))
    said = tuple(_said(look.command) for look in row.looks)
    FinishStorage(storage=plan.storage).run(context)
    return Outcome(seen=seen, said=said, written=True)


def _said(command: str) -> Said:
    done = subprocess.run(
        ["bash", "-c", command], env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "TARGET": str(TARGET)},
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
    )  # fmt: skip
    return Said(command=command, status=done.returncode, output=done.stdout.strip())


def _bash(script: str) -> None:
    if script:
        subprocess.run(["bash", "-euc", script], stdin=subprocess.DEVNULL, check=True)
        subprocess.run(["udevadm", "settle"], check=True)


def _open() -> Iterator[str]:
    """What keeps disks in use: mounts below the target, mapped devices, running arrays, swap."""
    mounts = [line.split()[4] for line in Path("/proc/self/mountinfo").read_text().splitlines()]
    yield from (f"mount {path}" for path in mounts if path.startswith("/run/ashore"))
    yield from (f"mapped {path.read_text().strip()}" for path in Path("/sys/block").glob("dm-*/dm/name"))
    yield from (f"array {path.parent.name}" for path in Path("/sys/block").glob("md*/md"))
    yield from (f"swap {line.split()[0]}" for line in Path("/proc/swaps").read_text().splitlines()[1:])
