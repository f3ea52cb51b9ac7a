"""What opens on the way looks like, at 80x24 and at 120x40: custom partitions, an image of a registry, the log."""

from __future__ import annotations

from itertools import count
from pathlib import Path

import pytest

from tests.fakes.machines import recorded
from tests.tui.fakes import BROKEN
from tests.tui.held_run import HeldEngine, HeldRun
from tests.tui.sitting import Act, Room, Sitting
from tests.tui.snapshots import assert_snapshot
from tests.tui.test_app_snapshots import SIZES
from tests.tui.test_app_source import IdleEngine, to_remote, to_tags

TO_WAYS = ("escape", "home", "down", "down", "down", "enter", "space", "tab")
"""From the first screen to what becomes of the first disk."""
CUSTOM = (*TO_WAYS, "end", "enter")
DISKS: dict[str, tuple[str, ...]] = {
    "shrink": (*TO_WAYS, "down", "down", "enter"),
    "partitions-start": CUSTOM,
    "partitions": (*CUSTOM, "enter"),
    "partitions-add": (*CUSTOM, "enter", "a"),
    "partition": (*CUSTOM, "enter", "a", "enter"),
}


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("name", DISKS)
def test_disks(tmp_path: Path, name: str, size: tuple[int, int]) -> None:
    async def act(sitting: Sitting) -> None:
        await sitting.press(*DISKS[name])

    sitting = Room(state=tmp_path, machine="laptop-windows", size=size).sit(act)

    assert_snapshot(f"{name}-{size[0]}x{size[1]}", sitting.text)


async def looked_up(sitting: Sitting) -> None:
    await to_remote(sitting)
    await sitting.press("enter")


REGISTRY: dict[str, Act] = {"remote": looked_up, "tags": to_tags}


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("name", REGISTRY)
def test_a_registry(tmp_path: Path, name: str, size: tuple[int, int]) -> None:
    engine = IdleEngine(machine=recorded("two-sata"), directory=tmp_path)

    sitting = Room(state=tmp_path, engine=engine, size=size).sit(REGISTRY[name])

    assert_snapshot(f"{name}-{size[0]}x{size[1]}", sitting.text)


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_the_log_and_where_to_save_it(tmp_path: Path, size: tuple[int, int]) -> None:
    run = HeldRun(tmp_path / "run", clock=count(1_800_000_000, 5).__next__)
    run.tell(*BROKEN)
    engine = HeldEngine(machine=recorded("laptop-windows"), state=tmp_path, run=run, joined=True)
    texts: dict[str, str] = {}

    async def act(sitting: Sitting) -> None:
        await sitting.until(lambda: "Show the log" in sitting.text)
        await sitting.press_on("tab", "enter")
        await sitting.until(lambda: "the engine's log" in sitting.text)
        texts["log"] = sitting.text
        await sitting.press_on("escape")
        await sitting.until(lambda: sitting.screen == "FailedScreen")
        await sitting.press_on("tab", "enter")
        await sitting.until(lambda: sitting.screen == "SaveDialog")
        texts["log-save"] = sitting.text
        run.die()

    Room(state=tmp_path, engine=engine, rehearsal=False, size=size, wait=False).sit(act)

    for name, text in texts.items():
        assert_snapshot(f"{name}-{size[0]}x{size[1]}", text)
