"""Short words for tests of custom partitioning: machines as sites, rows by their keys, edits that must succeed."""

from __future__ import annotations

from ashore_installer.machine import MachineInfo
from ashore_installer.storage_request import StorageRequest
from ashore_tui.flow.partition_rows import Row, rows
from ashore_tui.flow.partition_start import start_as_it_is
from ashore_tui.flow.partitions import Edited, Refused, Site, picture
from tests.fakes.machines import recorded
from tests.fakes.values import an_image

IMAGE = an_image()


def site(machine: str | MachineInfo) -> Site:
    return Site(machine=recorded(machine) if isinstance(machine, str) else machine, image=IMAGE)


def all_rows(request: StorageRequest, on: Site) -> tuple[Row, ...]:
    return rows(request, picture(request, on), on)


def row(request: StorageRequest, on: Site, key: str) -> Row:
    found = {one.key: one for one in all_rows(request, on)}
    assert key in found, f"no {key!r} among {', '.join(found)}"
    return found[key]


def told(request: StorageRequest, on: Site) -> list[str]:
    """Every row in a few words: `name change content mount`, indented; free room without its size."""
    return [
        "  " * one.depth + " ".join(part for part in (one.name, one.change.value, one.holds, one.mount) if part)
        for one in all_rows(request, on)
    ]


def done(edited: Edited) -> StorageRequest:
    """The result of an edit that must not be refused."""
    assert isinstance(edited, StorageRequest), edited
    return edited


def refused(edited: Edited) -> Refused:
    assert isinstance(edited, Refused), edited
    assert edited.message.endswith("."), edited
    assert "`" not in edited.hint
    return edited


def untouched(on: Site) -> StorageRequest:
    return start_as_it_is(on)
