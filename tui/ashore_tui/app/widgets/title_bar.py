"""The top line of every screen: what it is about, and whether this is a rehearsal."""

from __future__ import annotations

from textual.content import Content
from textual.widget import Widget

from ashore_tui.app.setting import Setting
from ashore_tui.text import _


class TitleBar(Widget):
    """One line: the program, the screen's title, and at the right the mark of a rehearsal."""

    DEFAULT_CSS = "TitleBar { dock: top; height: 1; background: $bar; text-wrap: nowrap; }"

    def __init__(self, title: str, setting: Setting) -> None:
        super().__init__()
        self._title = title
        self._machine, self._ellipsis = setting.rehearsal, not setting.look.is_ascii

    def render(self) -> Content:
        title = Content.assemble(("  Ashore  ", "bold $accent"), (self._title, "bold"))
        if not self._machine:
            return title
        mark = Content.styled(
            "  {}  ".format(_("REHEARSAL: {machine}").format(machine=self._machine)), "bold $on-accent on $warn"
        )
        room = max(self.size.width - mark.cell_length, 1)
        return title.truncate(room - 1, ellipsis=self._ellipsis).pad_right(1).truncate(room, pad=True) + mark

    def rename(self, title: str) -> None:
        self._title = title
        self.refresh()
