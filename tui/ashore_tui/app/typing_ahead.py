"""Keys that are typed faster than the screens follow: each of them meets what the one before has brought about.

Textual hands a key to what has the focus when the key comes. What the key brings about (the focus elsewhere, another
screen) takes several turns of several queues, and who types ahead, or on a slow line, would type into the wrong field.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Any

from textual.app import App, ScreenStackError
from textual.events import Event
from textual.message_pump import MessagePump

ROUNDS = 4
"""How often every queue from the focus up to the app is emptied after a key: the key itself; what the widget says of
it; what the screen says of that; and the start of another screen."""
PATIENCE = 2.0
"""Seconds that a queue may take. One that takes longer belongs to a widget that is gone, or is stuck."""


class TypingAhead:
    """Keys in their order. `deliver` gives one to the app; it is called in the app's own turn."""

    def __init__(self, app: App[Any], deliver: Callable[[Event], Awaitable[None]]) -> None:
        self._app = app
        self._deliver = deliver
        self._waiting: deque[Event] = deque()
        self._busy = False
        self._settling: asyncio.Task[None] | None = None

    async def take(self, event: Event) -> None:
        """A key has come: it is delivered at once, or after those before it."""
        self._waiting.append(event)
        if not self._busy:
            self._busy = True
            await self._next()

    async def _next(self) -> None:
        await self._deliver(self._waiting.popleft())
        self._settling = asyncio.create_task(self._settle())

    async def _settle(self) -> None:
        for _ in range(ROUNDS):
            for queue in self._queues():
                await _emptied(queue)
        if self._waiting:
            self._app.call_later(self._next)
        else:
            self._busy = False

    def _queues(self) -> Sequence[MessagePump]:
        """Those that a key passes through, from the focus up to the app."""
        try:
            return (self._app.focused or self._app.screen).ancestors_with_self
        except ScreenStackError:  # the app ends
            return ()


async def _emptied(queue: MessagePump) -> None:
    """Wait until all that is in the queue now was dealt with; a widget that goes away leaves its queue as it is."""
    emptied = asyncio.Event()
    if queue.call_later(emptied.set):
        with suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE):
                await emptied.wait()
