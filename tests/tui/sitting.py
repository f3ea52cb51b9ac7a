"""A person before the screens: starts the app on a recorded machine, presses keys, and waits until all is quiet."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from textual.pilot import Pilot

from ashore_installer.plan import Draft, Finish
from ashore_tui.app.app import AshoreApp
from ashore_tui.app.look import look_for
from ashore_tui.app.screens.base import AshoreScreen
from ashore_tui.app.setting import Setting
from ashore_tui.engine import Engine
from ashore_tui.flow.state import Flow
from tests.fakes.machines import recorded
from tests.tui.held_run import PlayedEngine
from tests.tui.screens import screen_text

PASSWORD = "aB3?"
XTERM = {"TERM": "xterm-256color"}
_PATIENCE = 60.0
"""Seconds; machines that run tests are busy."""


@dataclass
class Sitting:
    """The app while a test looks at it."""

    app: AshoreApp
    pilot: Pilot[int]
    ended: list[Finish] = field(default_factory=list)
    screen: str = ""
    """The name of the class of what is on top."""
    title: str = ""
    _text: str | None = None

    @property
    def text(self) -> str:
        """What stands on the screen, or stood there at the end. Made when it is asked for: it takes long."""
        if self._text is None:
            self._text = screen_text(self.app)
        return self._text

    async def press(self, *keys: str) -> None:
        """Press keys one after the other, and wait for what they begin."""
        for key in keys:
            await self.pilot.press(key)
            await self.quiet()

    async def press_on(self, *keys: str) -> None:
        """Press keys while something runs that does not end by itself."""
        for key in keys:
            await self.pilot.press(key)
            await self.pilot.pause()
            self.look()

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait until `condition` holds of what is on top. Fails with the screen as it is after a long time."""
        deadline = time.monotonic() + _PATIENCE
        while time.monotonic() < deadline:
            await self.pilot.pause()
            self.look()
            if condition():
                return
        raise AssertionError(f"it did not happen:\n{self.text}")

    async def type(self, text: str) -> None:
        await self.pilot.press(*text)
        await self.quiet()

    async def quiet(self) -> None:
        """Wait until no worker runs and every message was heard."""
        await self.pilot.pause()
        await self.app.workers.wait_for_complete()
        await self.pilot.pause()
        if self.app.is_running:
            self.look()

    @property
    def flow(self) -> Flow:
        assert self.app.flow is not None
        return self.app.flow

    def look(self) -> None:
        """See what is on top now."""
        top = self.app.screen
        self.screen = type(top).__name__
        self.title = top.title_text if isinstance(top, AshoreScreen) else ""
        self._text = None

    def leave(self) -> None:
        """Keep what is on top: it is gone when the sitting is over."""
        if self.app.is_running:
            self.look()
            self.text  # noqa: B018 (keeps it)


Act = Callable[[Sitting], Awaitable[None]]


@dataclass(frozen=True, kw_only=True)
class Room:
    """Where a person sits: the machine, the terminal, and how the rehearsal goes."""

    state: Path
    machine: str = "qemu-uefi-nvme"
    size: tuple[int, int] = (80, 24)
    environ: dict[str, str] = field(default_factory=lambda: dict(XTERM))
    theme: str = ""
    engine: Engine | None = None
    draft: Draft | None = None
    kickstart: str = ""
    rehearsal: bool = True
    speed: float = 0.0
    fail_at: str = ""
    wait: bool = True
    """Wait for the first screen."""

    def sit(self, act: Act) -> Sitting:
        """Do `act` before the screens, and give what is left of the sitting."""
        return asyncio.run(self._sit(act))

    async def _sit(self, act: Act) -> Sitting:
        async with self._sitting() as sitting:
            await act(sitting)
        return sitting

    @asynccontextmanager
    async def _sitting(self) -> AsyncIterator[Sitting]:
        ended: list[Finish] = []
        app = AshoreApp(
            Setting(look=look_for(self.environ, "utf-8", self.theme), rehearsal=self.machine if self.rehearsal else ""),
            self.engine or self._rehearsal(),
            draft=self.draft,
            kickstart=self.kickstart,
            end=ended.append,
        )
        async with app.run_test(size=self.size) as pilot:
            sitting = Sitting(app=app, pilot=pilot, ended=ended)
            if self.wait:
                await sitting.quiet()
            yield sitting
            sitting.leave()

    def _rehearsal(self) -> PlayedEngine:
        return PlayedEngine(
            machine=recorded(self.machine), state=self.state / "run", speed=self.speed, fail_at=self.fail_at
        )


# --- ways that many tests go ---------------------------------------------------------------------------------


async def to_destination(sitting: Sitting) -> None:
    await sitting.press("enter", "enter", "enter")


async def to_accounts(sitting: Sitting) -> None:
    """Take the proposed disk and the proposed way."""
    await to_destination(sitting)
    await sitting.press("enter", "enter", "enter")


async def to_summary(sitting: Sitting) -> None:
    await to_accounts(sitting)
    await sitting.type(PASSWORD)
    await sitting.press("enter")
    await sitting.type(PASSWORD)
    await sitting.press("enter")


async def install(sitting: Sitting) -> None:
    """The shortest way, to its end."""
    await to_summary(sitting)
    await sitting.press("enter", "tab", "enter")
