"""The app on a recorded machine with the destination on its screen, driven by keys."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from textual.pilot import Pilot
from textual.widgets import OptionList

from ashore_installer.machine import MachineInfo
from ashore_installer.storage_request import StorageRequest
from ashore_tui.app.app import AshoreApp
from ashore_tui.app.look import ASCII, UNICODE, Look
from ashore_tui.app.messages import Open
from ashore_tui.app.setting import Setting
from ashore_tui.flow.topics import TopicId
from ashore_tui.rehearsal.engine import RehearsalEngine
from tests.fakes.machines import recorded
from tests.tui.screens import screen_text

SMALL = (80, 24)
LARGE = (120, 40)
RICH = Look(theme="dark", glyphs=UNICODE)
PLAIN = Look(theme="contrast", glyphs=ASCII)


@dataclass
class Driver:
    app: AshoreApp
    pilot: Pilot[int]

    async def press(self, *keys: str) -> None:
        """Each key, and whatever work it began."""
        for key in keys:
            await self.pilot.press(key)
            await self.settle()

    async def type(self, text: str) -> None:
        await self.pilot.press(*("space" if letter == " " else letter for letter in text))
        await self.settle()

    async def settle(self) -> None:
        await self.pilot.pause()
        await self.app.workers.wait_for_complete()
        await self.pilot.pause()

    async def take(self, listed: str, value: str) -> None:
        """Move the cursor of a list to a row, and take it with Enter."""
        found = self.app.screen.query_one(f"#{listed}", OptionList)
        found.focus()
        found.highlighted = found.get_option_index(value)
        await self.press("enter")

    @property
    def text(self) -> str:
        return screen_text(self.app)

    @property
    def request(self) -> StorageRequest:
        assert self.app.flow is not None
        assert self.app.flow.storage is not None
        return self.app.flow.storage

    @property
    def nothing_said(self) -> bool:
        return self.app.flow is not None and self.app.flow.storage is None

    @property
    def focused(self) -> str:
        """The id of what has the focus, or of what that is in."""
        found = self.app.focused
        return next((str(one.id) for one in (found.ancestors_with_self if found else ()) if one.id), "")


@asynccontextmanager
async def at_destination(
    machine: str | MachineInfo, *, size: tuple[int, int] = SMALL, look: Look = RICH
) -> AsyncIterator[Driver]:  # fmt: skip
    known = recorded(machine) if isinstance(machine, str) else machine
    engine = RehearsalEngine(machine=known, state=Path("/nowhere"), speed=0)
    app = AshoreApp(Setting(look=look, rehearsal="a machine"), engine)
    async with app.run_test(size=size) as pilot:
        driver = Driver(app, pilot)
        await driver.settle()
        app.post_message(Open(TopicId.DESTINATION))
        await driver.settle()
        yield driver
