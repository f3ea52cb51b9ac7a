"""A dialog that changes the flow while it is open, and shows what comes of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.screen import ModalScreen
from textual.widgets import Static

from ashore_tui.app.messages import Edit
from ashore_tui.app.screens.base import busy_with
from ashore_tui.app.setting import Setting
from ashore_tui.app.widgets.action import Action
from ashore_tui.app.widgets.busy import Busy
from ashore_tui.flow.software import solved_lines
from ashore_tui.flow.state import Flow
from ashore_tui.text import _

_LINES = 3
"""Of what is wrong, beside the list; all of it is on the screen below."""


class FlowDialog(ModalScreen[None]):
    """`body` is what is chosen from; below it stands what the solver says of the choice."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss(None)", show=False)]
    DEFAULT_CSS = """
    FlowDialog {
        align: center middle; background: $background 60%;
        &:ansi { background: ansi_default; }
        #dialog { width: 76; max-width: 98%; height: 22; max-height: 98%; background: $surface; padding: 1 2; }
        #dialog-title { text-style: bold; color: $accent; margin-bottom: 1; }
        #dialog-body { height: 1fr; }
        ChoiceList { background: $surface; }
        #solved { height: auto; max-height: 3; color: $dim; margin-top: 1; }
        #solved.-wrong { color: $bad; }
        #dialog-answers { height: 1; margin-top: 1; }
        &:ansi #dialog { border: ascii ansi_default; padding: 0 2; }
    }
    """

    def __init__(self, setting: Setting, flow: Flow, title: str) -> None:
        super().__init__()
        self.setting, self.flow, self._title = setting, flow, title

    def body(self) -> ComposeResult:
        raise NotImplementedError

    def compose(self) -> ComposeResult:
        with Vertical(id="dialog"):
            yield Static(self._title, id="dialog-title", markup=False)
            with Vertical(id="dialog-body"):
                yield from self.body()
            yield Static(id="solved", markup=False)
            with Horizontal(id="dialog-answers"):
                yield Action(_("Done"), id="close", classes="-main")
                yield Busy(self.setting.look.glyphs.spinner, busy_with(self.flow), id="busy")

    def on_mount(self) -> None:
        self._tell()

    def show(self, flow: Flow) -> None:
        """Show another flow: something was chosen here, or the solver has found out what comes of it."""
        self.flow = flow
        if self.is_mounted:
            self._tell()
            self.flow_changed()

    def flow_changed(self) -> None:
        """Bring the body up to date."""

    def edit(self, change: Callable[[Flow], Flow]) -> None:
        self.post_message(Edit(change))

    def _tell(self) -> None:
        self.query_one("#busy", Busy).doing = busy_with(self.flow)
        solved = self.query_one("#solved", Static)
        solved.set_class(self.flow.source_problem is not None, "-wrong")
        solved.update("\n".join(solved_lines(self.flow)[:_LINES]))

    def on_action_pressed(self, event: Action.Pressed) -> None:
        event.stop()
        self.dismiss(None)
