"""A dialog that changes the flow while it is open, and shows what comes of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.widgets import Static

from ashore_tui.app.messages import Edit
from ashore_tui.app.screens.base import busy_with
from ashore_tui.app.setting import Setting
from ashore_tui.app.widgets.action import Action
from ashore_tui.app.widgets.busy import Busy
from ashore_tui.app.widgets.key_line import Key, KeyLine
from ashore_tui.app.widgets.over import Over
from ashore_tui.flow.software import solved_lines
from ashore_tui.flow.state import Flow
from ashore_tui.text import _

_LINES = 3
"""Of what is wrong, beside the list; all of it is on the screen below."""


class FlowDialog(Over[None]):
    """`body` is what is chosen from; below it stands what the solver says of the choice."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss(None)", show=False)]
    DEFAULT_CSS = """
    FlowDialog {
        #dialog { height: 22; }
        &.-high #dialog { height: 32; }
        #dialog-body { height: 1fr; }
        #solved { height: auto; max-height: 3; color: $dim; margin-top: 1; }
        #solved.-wrong { color: $bad; }
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
        yield KeyLine(self.keys())

    @property
    def title_text(self) -> str:
        return self._title

    @property
    def help_text(self) -> str:
        return _("What is chosen counts at once, and the lines below say what comes of it. Esc closes the list.")

    def keys(self) -> tuple[Key, ...]:
        moves = self.setting.look.glyphs.moves
        return (
            (_("letters"), _("search")),
            (moves, _("move")),
            ("Enter", _("choose")),
            ("Tab", _("buttons")),
            ("Esc", _("close")),
            ("F1", _("help")),
        )

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
