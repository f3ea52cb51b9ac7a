"""What the app is before it does anything: a terminal with a look, one screen at a time, and work in threads."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable
from typing import ClassVar

from textual.app import App
from textual.binding import Binding, BindingType
from textual.events import Event, Key, Paste
from textual.screen import Screen
from textual.scrollbar import ScrollBar, ScrollBarRender

from ashore_installer.errors import ExitStatus
from ashore_tui.app.screens.base import AshoreScreen
from ashore_tui.app.screens.starting import StartingScreen
from ashore_tui.app.setting import Setting
from ashore_tui.app.themes import DARK, THEMES
from ashore_tui.app.typing_ahead import TypingAhead
from ashore_tui.app.widgets.ascii_bars import AsciiBars
from ashore_tui.bugs import bug_sentence


class Shell(App[int]):
    """One whole screen, and above it what lies over it: questions, help, the log."""

    CSS_PATH = "ashore.tcss"
    ENABLE_COMMAND_PALETTE = False
    # What is narrow and low needs no class: then no screen of that size is styled twice.
    HORIZONTAL_BREAKPOINTS = [(100, "-wide")]  # noqa: RUF012 (Textual's type)
    VERTICAL_BREAKPOINTS = [(32, "-high")]  # noqa: RUF012
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+q,ctrl+c", "ask_to_leave", show=False, priority=True),
        Binding("ctrl+l", "redraw", show=False, priority=True),
    ]

    def __init__(self, setting: Setting) -> None:
        super().__init__(ansi_color=setting.look.ansi or None)
        self.setting = setting
        self._typing = TypingAhead(self, super().on_event)
        self.set_class(setting.look.is_ascii, "-ascii")
        ScrollBar.renderer = AsciiBars if setting.look.is_ascii else ScrollBarRender
        for theme in THEMES:
            self.register_theme(theme)
        self.theme = setting.look.theme

    def get_default_screen(self) -> Screen[None]:
        """The first thing that is seen. It stays below the others."""
        return StartingScreen(self.setting)

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Our own names for colours, until one of our themes is in use."""
        return DARK.variables

    async def on_event(self, event: Event) -> None:
        """Keys and what is pasted wait for each other; everything else is Textual's."""
        if isinstance(event, Key | Paste) and not event.is_forwarded:
            await self._typing.take(event)
        else:
            await super().on_event(event)

    def on_mount(self) -> None:
        self._end_with_the_terminal()

    def _end_with_the_terminal(self) -> None:
        """A line that is cut, or `kill`, ends the screens only; an installation goes on."""
        if not self.is_headless:
            for number in (signal.SIGHUP, signal.SIGTERM):
                asyncio.get_running_loop().add_signal_handler(number, self.exit, ExitStatus.CANCELLED)

    def work(self, function: Callable[[], None], group: str) -> None:
        """Do `function` in a thread; a later one of the same group takes its place."""
        self.run_worker(function, thread=True, exclusive=True, group=group)

    def show(self, screen: AshoreScreen) -> None:
        """Show a screen instead of the one that is shown, and of all that lies over it."""
        while len(self.screen_stack) > 2:
            self.pop_screen()
        if len(self.screen_stack) == 2:
            self.switch_screen(screen)
        else:
            self.push_screen(screen)

    def show_start(self) -> None:
        """Show the screen that lies below all others."""
        while len(self.screen_stack) > 1:
            self.pop_screen()

    def action_redraw(self) -> None:
        """Draw everything anew, for when something else has written onto the screen."""
        self.refresh(repaint=True, layout=True)

    def _fatal_error(self) -> None:
        """Textual's way to end with a bug of ours; a person sees a sentence and a file instead of a traceback."""
        self.panic(bug_sentence())
