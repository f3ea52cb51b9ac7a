"""The installation while it runs. It only shows the journal: the engine does not know of it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Static

from ashore_tui.app import dialogs
from ashore_tui.app.messages import CancelRun
from ashore_tui.app.run_state import LogLine, RunState
from ashore_tui.app.screens.base import AshoreScreen
from ashore_tui.app.setting import Setting
from ashore_tui.app.widgets.action import Action
from ashore_tui.app.widgets.busy import Busy
from ashore_tui.app.widgets.key_line import Key
from ashore_tui.app.widgets.meter import Meter
from ashore_tui.app.widgets.step_list import StepList
from ashore_tui.progress import amounts, duration
from ashore_tui.text import _, said

_BETWEEN = 0.5
"""Seconds between two drawings: the engine tells more often than people read, and drawing takes its machine's time."""


class ProgressScreen(AshoreScreen):
    """Steps, amounts, time left, and the last lines of the log. `joined`: somebody else started the installation."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "cancel", show=False)]

    def __init__(self, setting: Setting, *, joined: bool = False) -> None:
        super().__init__(setting)
        self._joined = joined
        self._new = False
        self.run_state = RunState()

    @property
    def title_text(self) -> str:
        return _("Rehearsing the installation") if self.setting.rehearsal else _("Installing")

    @property
    def help_text(self) -> str:
        return _(
            "The installation runs by itself, apart from this screen: when the screen is closed or the line is cut, it "
            "goes on, and `ashore` shows it again. Until the first write it can be cancelled."
        )

    def body(self) -> ComposeResult:
        with Vertical(id="now"):
            yield Busy(self.setting.look.glyphs.spinner, _("Starting"), id="step")
            yield Meter(self.setting.look.glyphs, id="meter")
            yield Static(id="facts", markup=False)
        with Horizontal(id="run"):
            yield StepList(self.setting.look.glyphs, id="steps")
            yield Static(id="run-log", markup=False)
        yield Static(id="promise", markup=False)

    def actions(self) -> Iterable[Action]:
        yield Action(_("Cancel"), id="cancel")

    def keys(self) -> tuple[Key, ...]:
        return (("Esc", _("cancel")), ("Ctrl+Q", _("leave; the installation goes on")), ("F1", _("help")))

    def on_mount(self) -> None:
        self._draw()
        # Not a timer for each drawing: Textual drops one that is late when it starts, as all are on a slow machine.
        self.set_interval(_BETWEEN, self._draw_news)

    def show_run(self, state: RunState) -> None:
        """Show this, or what is newer then, at the next drawing."""
        self.run_state, self._new = state, True

    def _draw_news(self) -> None:
        if self._new:
            self._draw()

    def _draw(self) -> None:
        self._new = False
        state = self.run_state
        self.query_one(Busy).doing = _step_text(state)
        self.query_one(Meter).part = state.part
        self.query_one("#facts", Static).update(_facts(state), layout=False)
        self.query_one(StepList).steps = state.steps
        self.query_one("#run-log", Static).update(self._log(state.log), layout=False)
        self.query_one("#promise", Static).update(self._promise(state), layout=False)

    def _log(self, lines: tuple[LogLine, ...]) -> Content:
        room = max(self.query_one("#run-log").size.height, 1)
        sign = self.setting.look.glyphs.wrong
        shown = [
            Content.assemble((f"{sign} " if one.warning else "", "$warn"), said(one.text)) for one in lines[-room:]
        ]
        return Content("\n").join(shown)

    def _promise(self, state: RunState) -> str:
        if self.setting.rehearsal:
            return _("This is a rehearsal: nothing is written.")
        if not state.writing:
            return _("Nothing has been written yet.")
        return _("The disks are being changed. Don't switch the machine off.")

    def on_action_pressed(self, event: Action.Pressed) -> None:
        event.stop()
        self.action_cancel()

    def action_cancel(self) -> None:
        self.app.push_screen(dialogs.cancel(self.run_state, joined=self._joined), self._answered)

    def _answered(self, sure: bool | None) -> None:
        if sure:
            self.post_message(CancelRun())


def _step_text(state: RunState) -> str:
    step = state.current
    if step is None:
        return _("Starting") if not state.done else _("Ending")
    return _("Step {number} of {total}: {title}").format(
        number=state.done + 1, total=len(state.steps), title=said(step.title)
    )


def _facts(state: RunState) -> str:
    """Amounts of the step that tells some, and how long the installation has run."""
    one = state.progress
    so_far = _("{time} so far").format(time=duration(state.now - state.began)) if state.began else ""
    return "   ".join(filter(None, (amounts(one.done, one.total, one.unit, state.pace) if one else "", so_far)))
