"""The first thing that is seen, while the machine and the medium are looked at."""

from __future__ import annotations

from textual.app import ComposeResult

from ashore_tui.app.screens.base import AshoreScreen
from ashore_tui.app.widgets.busy import Busy
from ashore_tui.text import _


class StartingScreen(AshoreScreen):
    """A sign of life."""

    @property
    def title_text(self) -> str:
        return _("Welcome")

    @property
    def help_text(self) -> str:
        return _("Ashore looks at the disks of this machine and at the medium. Nothing is written.")

    def body(self) -> ComposeResult:
        yield Busy(self.setting.look.glyphs.spinner)

    def on_screen_resume(self) -> None:
        self.query_one(Busy).doing = _("Looking at this machine and its disks")

    def on_screen_suspend(self) -> None:
        """What turns below other screens has them drawn anew."""
        self.query_one(Busy).doing = ""
