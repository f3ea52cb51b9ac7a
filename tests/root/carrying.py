"""Storage plans carried out as the engine does it, in a process of its own."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from ashore_installer.context import Context
from ashore_installer.events import Event, Note
from ashore_installer.machine import DiskInfo, Firmware, MachineInfo
from ashore_installer.run import Commands
from ashore_installer.storage.steps import PrepareStorage
from ashore_installer.storage_plan import StoragePlan
from ashore_installer.units import GiB, MiB
from tests.fakes.values import a_plan, an_image
from tests.root.loopdisks import in_a_process

IMAGE = an_image(unpacked_size=512 * MiB)


def machine(*disks: DiskInfo, firmware: Firmware = Firmware.BIOS) -> MachineInfo:
    return MachineInfo(architecture="amd64", firmware=firmware, memory=GiB, disks=disks)


def context_for(plan: StoragePlan, info: MachineInfo, folder: Path) -> tuple[Context, list[Event]]:
    events: list[Event] = []
    context = Context(
        plan=a_plan(storage=plan), machine=info, payload=IMAGE, run=Commands(), listener=events.append,
        log_file=folder / "log", target=folder / "target",
    )  # fmt: skip
    return context, events


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """What PrepareStorage leaves in a context, and what it told."""

    devices: dict[str, str]
    uuids: dict[str, str]
    notes: tuple[str, ...]


def prepared(plan: StoragePlan, info: MachineInfo, now: tuple[DiskInfo, ...], folder: Path) -> Prepared:
    context, events = context_for(plan, info, folder)
    PrepareStorage(storage=plan, look=lambda machine: replace(machine, disks=now)).run(context)
    notes = tuple(event.text for event in events if isinstance(event, Note))
    return Prepared(devices=context.devices, uuids=context.uuids, notes=notes)


def carried_out(plan: StoragePlan, info: MachineInfo, folder: Path) -> tuple[Context, tuple[str, ...]]:
    """A context as PrepareStorage leaves it, and what it told."""
    done = in_a_process(partial(prepared, plan, info, info.disks, folder))
    context, _ = context_for(plan, info, folder)
    context.devices.update(done.devices)
    context.uuids.update(done.uuids)
    return context, done.notes


def run(*argv: str) -> None:
    subprocess.run(argv, check=True, capture_output=True)


def output(*argv: str) -> str:
    return subprocess.run(argv, check=True, capture_output=True, text=True).stdout
