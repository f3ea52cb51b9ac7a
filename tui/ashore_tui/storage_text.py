"""Disks before and after a plan as plain text: aligned, 80 columns, no colour needed."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Sequence

from ashore_installer.machine import DiskInfo, MachineInfo, PartitionTable
from ashore_installer.plan import InstallPlan
from ashore_installer.storage.destinations import unusable
from ashore_installer.storage.known import known_machine
from ashore_installer.storage.losses import losses
from ashore_installer.storage.sentences import actions
from ashore_installer.storage.view import Change, DiskView, Segment, layouts
from ashore_installer.storage.view_stacks import Layer, stacks_after, stacks_before
from ashore_installer.units import MiB, human

WIDTH = 80
_CONTENT = 25
"""Columns of what is in something, if where it is mounted fits beside it."""
_WORTH_TELLING = 2 * MiB
"""Less than this is left over between partitions by their alignment."""
_TABLES = {PartitionTable.GPT: "GPT", PartitionTable.MSDOS: "MBR", None: "no partition table"}
_TODAY = {Change.KEPT: "", Change.RESIZED: "is resized", Change.FORMATTED: "is wiped", Change.REMOVED: "goes"}
_AFTER = {Change.KEPT: "as it is", Change.RESIZED: "resized", Change.FORMATTED: "formatted", Change.NEW: "new"}


def storage_lines(plan: InstallPlan, machine: MachineInfo | None) -> Iterator[str]:
    """What is lost, each disk before and after, what is done. Without `machine`, as far as the plan itself knows."""
    known = machine or known_machine(plan.storage)
    if machine:
        yield "What will be destroyed:"
        yield from _listed([loss.text for loss in losses(plan.storage, machine)] or ["nothing"])
    yield "Disks:"
    used = {disk.id for disk in plan.storage.disks}
    for view in layouts(plan.storage, known):
        if view.id in used:
            yield from _disk(plan, view, today=machine is not None)
    yield from _stacks(plan, known, today=machine is not None)
    yield from _left_alone(disk for disk in known.disks if disk.id not in used)
    yield "What will be done to the disks:"
    yield from _listed(actions(plan.storage, known) or ["nothing"])


# --- one disk ------------------------------------------------------------------------------------------------


def _disk(plan: InstallPlan, view: DiskView, *, today: bool) -> Iterator[str]:
    boot = ", boot loader" if view.id in plan.boot.disks else ""
    table = next(disk.table for disk in plan.storage.disks if disk.id == view.id)
    yield from _wrapped(f"{view.title}{boot}", "  ")
    if today:
        yield f"    today, {_TABLES[view.table_before]}:"
        yield from _rows(view.before, _TODAY)
    if table:
        yield f"    after, a new {_TABLES[table]}:"
    else:
        yield f"    after, {_TABLES[view.table_after]} kept:" if today else "    after:"
    known = [one for one in view.after if today or table or one.change is not Change.FREE]
    yield from _rows(known, _AFTER)


def _rows(segments: Sequence[Segment], words: dict[Change, str]) -> Iterator[str]:
    for one in segments:
        if one.change is Change.FREE and one.size < _WORTH_TELLING:
            continue
        content = " ".join(part for part in (one.holds or one.purpose, one.label and f"“{one.label}”") if part)
        change = f"was {human(one.was)}" if one.was else words.get(one.change, "free")
        yield from _row(f"{one.name:<11}", one.size, change, content, one.mount)


def _row(name: str, size: int, change: str, content: str, mount: str) -> Iterator[str]:
    """Columns as wide as the line allows; what is too long goes on below."""
    start = f"      {name} {human(size) if size else '':>10}  {change:<13} "
    room = max(len(content) + 1, min(_CONTENT, WIDTH - len(start) - len(mount)))
    line = f"{start}{content:<{room}}{mount}".rstrip()
    indent = " " * len(start)
    yield from [line] if len(line) <= WIDTH else _wrapped(f"{content} {mount}".strip(), start, indent)


# --- what stands above ---------------------------------------------------------------------------------------


def _stacks(plan: InstallPlan, machine: MachineInfo, *, today: bool) -> Iterator[str]:
    before = stacks_before(plan.storage, machine) if today else ()
    after = stacks_after(plan.storage, machine)
    if before or after:
        yield "Arrays, volume groups and btrfs volumes:"
    for title, layers, words in (("today", before, _TODAY), ("after", after, _AFTER)):
        if layers:
            yield f"    {title}:"
        for layer in layers:
            yield from _layer(layer, words)


def _layer(layer: Layer, words: dict[Change, str]) -> Iterator[str]:
    on = f" on {', '.join(layer.on)}" if layer.on else ""
    content = " ".join(part for part in (layer.holds, layer.label and f"“{layer.label}”") if part)
    change = words.get(layer.change, "")
    facts = [human(layer.size) if layer.size else "", change, content, layer.mount]
    yield from _wrapped(f"{layer.kind} {layer.name}{on}: {', '.join(fact for fact in facts if fact)}", "      ")
    widest = max((len(one.name) for one in layer.inside), default=0)
    for one in layer.inside:
        inner = " ".join(part for part in (one.holds, one.label and f"“{one.label}”") if part)
        if one.kind not in ("logical volume", "subvolume"):
            inner = f"{one.kind}, {inner}" if inner else one.kind
        change = f"was {human(one.was)}" if one.was else words.get(one.change, "")
        yield from _row(f"  {one.name:<{max(widest, 9)}}", one.size, change, inner, one.mount)


def _left_alone(disks: Iterable[DiskInfo]) -> Iterator[str]:
    found = [f"{disk.describe()}" + (f" ({unusable(disk)})" if unusable(disk) else "") for disk in disks]
    if found:
        yield "Left alone:"
        yield from _listed(found)


def _listed(texts: Sequence[str]) -> Iterator[str]:
    for text in texts:
        yield from _wrapped(text, "  ")


def _wrapped(text: str, indent: str, below: str = "") -> list[str]:
    return textwrap.wrap(
        text,
        WIDTH,
        initial_indent=indent,
        subsequent_indent=below or f"{indent}  ",
        break_long_words=False,
        break_on_hyphens=False,
    )
