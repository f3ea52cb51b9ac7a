"""The top line of every screen: what it is about, and whether this is a rehearsal."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widgets import Static

from ashore_tui.app.setting import Setting
from ashore_tui.text import _


class TitleBar(Horizontal):
    """One line: the program, the screen's title, and at the right the mark of a rehearsal."""

    DEFAULT_CSS = """
    TitleBar {
        dock: top; height: 1; background: $bar;
        .title-name { width: auto; padding: 0 2; color: $accent; text-style: bold; }
        .title-text { width: 1fr; text-style: bold; }
        .title-mark { width: auto; padding: 0 2; color: $on-accent; background: $warn; text-style: bold; }
    }
    """

    def __init__(self, title: str, setting: Setting) -> None:
        super().__init__()
        self._title = title
        self._setting = setting

    def compose(self) -> ComposeResult:
        yield Static("Ashore", classes="title-name", markup=False)
        yield Static(self._title, classes="title-text", markup=False)
        if self._setting.rehearsal:
            mark = _("REHEARSAL: {machine}").format(machine=self._setting.rehearsal)
            yield Static(mark, classes="title-mark", markup=False)

    def rename(self, title: str) -> None:
        self.query_one(".title-text", Static).update(title)
