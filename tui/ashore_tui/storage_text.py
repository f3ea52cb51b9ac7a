"""Disks before and after a plan as plain text: aligned, 80 columns, no colour needed."""

from __future__ import annotations

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
from ashore_tui.text import N_, _, said
from ashore_tui.text.cells import cells, pad, wrap

WIDTH = 80
_CONTENT = 25
"""Columns of what is in something, if where it is mounted fits beside it."""
_WORTH_TELLING = 2 * MiB
"""Less than this is left over between partitions by their alignment."""
_TABLES = {PartitionTable.GPT: "GPT", PartitionTable.MSDOS: "MBR", None: N_("no partition table")}
_TODAY = {
    Change.KEPT: "",
    Change.RESIZED: N_("is resized"),
    Change.FORMATTED: N_("is wiped"),
    Change.REMOVED: N_("goes"),
}
_AFTER = {
    Change.KEPT: N_("as it is"),
    Change.RESIZED: N_("resized"),
    Change.FORMATTED: N_("formatted"),
    Change.NEW: N_("new"),
}


def storage_lines(plan: InstallPlan, machine: MachineInfo | None) -> Iterator[str]:
    """What is lost, each disk before and after, what is done. Without `machine`, as far as the plan itself knows."""
    known = machine or known_machine(plan.storage)
    if machine:
        yield _("What will be destroyed:")
        yield from _listed([said(loss.text) for loss in losses(plan.storage, machine)] or [_("nothing")])
    yield f"{_('Disks')}:"
    used = {disk.id for disk in plan.storage.disks}
    for view in layouts(plan.storage, known):
        if view.id in used:
            yield from _disk(plan, view, today=machine is not None)
    yield from _stacks(plan, known, today=machine is not None)
    yield from _left_alone(disk for disk in known.disks if disk.id not in used)
    yield _("What will be done to the disks:")
    yield from _listed([said(one) for one in actions(plan.storage, known)] or [_("nothing")])


# --- one disk ------------------------------------------------------------------------------------------------


def _disk(plan: InstallPlan, view: DiskView, *, today: bool) -> Iterator[str]:
    title = _("{disk}, boot loader") if view.id in plan.boot.disks else "{disk}"
    table = next(disk.table for disk in plan.storage.disks if disk.id == view.id)
    yield from _wrapped(title.format(disk=view.title), "  ")
    if today:
        yield "    " + _("today, {table}:").format(table=_(_TABLES[view.table_before]))
        yield from _rows(view.before, _TODAY)
    if table:
        yield "    " + _("after, a new {table}:").format(table=_TABLES[table])
    else:
        text = _("after, {table} kept:") if today else _("after:")
        yield "    " + text.format(table=_(_TABLES[view.table_after]))
    known = [one for one in view.after if today or table or one.change is not Change.FREE]
    yield from _rows(known, _AFTER)


def _rows(segments: Sequence[Segment], words: dict[Change, str]) -> Iterator[str]:
    for one in segments:
        if one.change is Change.FREE and one.size < _WORTH_TELLING:
            continue
        content = " ".join(part for part in (said(one.holds or one.purpose), one.label and f"“{one.label}”") if part)
        change = _was(one.was) or _(words.get(one.change, N_("free")))
        yield from _row(f"{one.name:<11}", one.size, change, content, one.mount)


def _row(name: str, size: int, change: str, content: str, mount: str) -> Iterator[str]:
    """Columns as wide as the line allows; what is too long goes on below."""
    start = f"      {name} {human(size) if size else '':>10}  {pad(change, 13)} "
    room = max(cells(content) + 1, min(_CONTENT, WIDTH - cells(start) - cells(mount)))
    line = f"{start}{pad(content, room)}{mount}".rstrip()
    indent = " " * cells(start)
    yield from [line] if cells(line) <= WIDTH else _wrapped(f"{content} {mount}".strip(), start, indent)


# --- what stands above ---------------------------------------------------------------------------------------


def _stacks(plan: InstallPlan, machine: MachineInfo, *, today: bool) -> Iterator[str]:
    before = stacks_before(plan.storage, machine) if today else ()
    after = stacks_after(plan.storage, machine)
    if before or after:
        yield _("Arrays, volume groups and btrfs volumes:")
    for title, layers, words in ((_("today"), before, _TODAY), (_("after"), after, _AFTER)):
        if layers:
            yield f"    {title}:"
        for layer in layers:
            yield from _layer(layer, words)


def _layer(layer: Layer, words: dict[Change, str]) -> Iterator[str]:
    name = _("{kind} {name} on {disks}") if layer.on else _("{kind} {name}")
    title = name.format(kind=said(layer.kind), name=layer.name, disks=", ".join(layer.on))
    content = " ".join(part for part in (said(layer.holds), layer.label and f"“{layer.label}”") if part)
    change = _(words.get(layer.change, ""))
    facts = [human(layer.size) if layer.size else "", change, content, layer.mount]
    yield from _wrapped(f"{title}: {', '.join(fact for fact in facts if fact)}", "      ")
    widest = max((len(one.name) for one in layer.inside), default=0)
    for one in layer.inside:
        inner = " ".join(part for part in (said(one.holds), one.label and f"“{one.label}”") if part)
        if one.kind not in ("logical volume", "subvolume"):
            inner = f"{said(one.kind)}, {inner}" if inner else said(one.kind)
        change = _was(one.was) or _(words.get(one.change, ""))
        yield from _row(f"  {one.name:<{max(widest, 9)}}", one.size, change, inner, one.mount)


def _left_alone(disks: Iterable[DiskInfo]) -> Iterator[str]:
    found = [f"{disk.describe()}" + (f" ({said(unusable(disk))})" if unusable(disk) else "") for disk in disks]
    if found:
        yield _("Left alone:")
        yield from _listed(found)


def _listed(texts: Sequence[str]) -> Iterator[str]:
    for text in texts:
        yield from _wrapped(text, "  ")


def _wrapped(text: str, indent: str, below: str = "") -> list[str]:
    return wrap(text, WIDTH, indent, below or f"{indent}  ")


def _was(size: int) -> str:
    """The size before, of what is resized."""
    return _("was {size}").format(size=human(size)) if size else ""
