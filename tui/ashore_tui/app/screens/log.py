"""The engine's log, whole."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Log

from ashore_tui.app.screens.base import AshoreScreen
from ashore_tui.app.setting import Setting
from ashore_tui.app.widgets.key_line import Key
from ashore_tui.outputs import printable
from ashore_tui.text import _


class LogScreen(AshoreScreen):
    """Esc leads back."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "app.pop_screen", show=False)]

    def __init__(self, setting: Setting, text: str) -> None:
        super().__init__(setting)
        self._text = text

    @property
    def title_text(self) -> str:
        return _("The log")

    @property
    def help_text(self) -> str:
        return _("Everything that the engine has noted, the newest at the end. It holds no passwords.")

    def body(self) -> ComposeResult:
        yield Log(id="whole-log")

    def keys(self) -> tuple[Key, ...]:
        return ((self.setting.look.glyphs.moves, _("move")), ("Esc", _("back")), ("F1", _("help")))

    def on_mount(self) -> None:
        log = self.query_one(Log)
        log.write(printable(self._text))
        self.set_focus(log)
