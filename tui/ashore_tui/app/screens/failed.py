"""The installation failed or was cancelled: what, why, what to try; the log; back and again."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Static

from ashore_installer.errors import ExitStatus
from ashore_installer.plan import Finish
from ashore_tui.app.messages import LeaveAshore, OpenLog, SaveLogs, StartAgain
from ashore_tui.app.run_state import RunState
from ashore_tui.app.screens.base import AshoreScreen, heading, lead
from ashore_tui.app.setting import Setting
from ashore_tui.app.widgets.action import Action
from ashore_tui.app.widgets.key_line import Key
from ashore_tui.text import _, said

_LAST_LINES = 4


class FailedScreen(AshoreScreen):
    """Says in the user's words what a person can do now."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "again", show=False)]

    def __init__(self, setting: Setting, state: RunState) -> None:
        super().__init__(setting)
        self.run_state = state

    @property
    def cancelled(self) -> bool:
        failed = self.run_state.failed
        return failed is not None and failed.status == ExitStatus.CANCELLED

    @property
    def title_text(self) -> str:
        return _("Cancelled") if self.cancelled else _("The installation failed")

    @property
    def help_text(self) -> str:
        return _(
            "Go back to change something and begin again. What you have chosen is still there; the disks are looked at "
            "again first. The saved logs are one file that can be attached to a report; they hold no passwords."
        )

    def body(self) -> ComposeResult:
        state, failed = self.run_state, self.run_state.failed
        if failed is None:
            return
        step = next((step for step in state.steps if step.id == failed.step), None)
        if self.cancelled:
            yield lead(said(failed.message))
            return
        where = _("It failed in step {number} of {total}: {title}.") if step else _("It failed before the first step.")
        yield lead(where.format(number=state.done + 1, total=len(state.steps), title=said(step.title) if step else ""))
        yield heading(_("What happened"))
        yield Static(Content.styled(said(failed.message), "$bad"), classes="listed")
        if failed.hint:
            yield heading(_("What to try"))
            yield Static(said(failed.hint), classes="listed", markup=False)
        if state.log:
            yield heading(_("The last lines of the log"))
            lines = "\n".join(said(line.text) for line in state.log[-_LAST_LINES:])
            yield Static(lines, classes="listed dim", markup=False)
        yield Static(self._disks(), classes="note", markup=False)

    def _disks(self) -> str:
        if self.setting.rehearsal:
            return _("This was a rehearsal: nothing was written.")
        if self.run_state.writing:
            return _("The disks have been changed: what was to be erased is gone, and the new system is not complete.")
        return _("Nothing was written: the disks are as they were.")

    def actions(self) -> Iterable[Action]:
        yield Action(_("Back, and try again"), id="again", classes="-main")
        if not self.cancelled:
            yield Action(_("Show the log"), id="log")
            yield Action(_("Save the logs"), id="save")
        yield Action(_("Leave"), id="leave")

    def keys(self) -> tuple[Key, ...]:
        return (("Enter", _("choose")), ("Tab", _("move")), ("Esc", _("back")), ("F1", _("help")))

    def on_mount(self) -> None:
        self.set_focus(self.query_one("#again"))

    def on_action_pressed(self, event: Action.Pressed) -> None:
        event.stop()
        answers = {"again": StartAgain(), "log": OpenLog(), "save": SaveLogs(), "leave": LeaveAshore(Finish.WAIT)}
        self.post_message(answers[str(event.action.id)])

    def action_again(self) -> None:
        self.post_message(StartAgain())
