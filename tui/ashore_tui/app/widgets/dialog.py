"""A question over a screen. The answer that changes nothing has the focus."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.widgets import Static

from ashore_tui.app.widgets.action import Action
from ashore_tui.app.widgets.key_line import Key, KeyLine
from ashore_tui.app.widgets.over import Over
from ashore_tui.text import _


class Dialog(Over[bool]):
    """Title, text, and two answers; True is the one that does something. Without `yes` it only tells something."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "answer(False)", show=False),
        Binding("left,up", "app.focus_previous", show=False),
        Binding("right,down", "app.focus_next", show=False),
    ]
    DEFAULT_CSS = """
    Dialog {
        &.-danger #dialog-title { color: $bad; }
        #dialog-text { height: auto; max-height: 14; scrollbar-size-vertical: 1; padding-right: 1; }
        &.-high #dialog-text { max-height: 28; }
    }
    """

    def __init__(self, title: str, text: Sequence[str], *, yes: str = "", no: str = "", danger: bool = False) -> None:
        super().__init__(classes="-danger" if danger else "")
        self._title, self._text, self._danger = title, text, danger
        self._yes, self._no = yes, no

    def compose(self) -> ComposeResult:
        with Vertical(id="dialog"):
            yield Static(self._title, id="dialog-title", markup=False)
            with VerticalScroll(id="dialog-text", can_focus=len(self._text) > 10):
                yield Static("\n".join(self._text), markup=False)
            with Horizontal(id="dialog-answers"):
                yield Action(self._no or (_("Cancel") if self._yes else _("Close")), id="no")
                if self._yes:
                    yield Action(self._yes, id="yes", classes="-danger" if self._danger else "-main")
        yield KeyLine(self.keys())

    @property
    def title_text(self) -> str:
        return self._title

    def keys(self) -> tuple[Key, ...]:
        if not self._yes:
            return (("Enter", _("close")), ("Esc", _("close")))
        return (("Enter", _("choose")), ("Tab", _("move")), ("Esc", self._no or _("cancel")))

    def on_mount(self) -> None:
        self.set_focus(self.query_one("#no"))

    def on_action_pressed(self, event: Action.Pressed) -> None:
        event.stop()
        self.dismiss(event.action.id == "yes")

    def action_answer(self, answer: bool) -> None:
        self.dismiss(answer)
