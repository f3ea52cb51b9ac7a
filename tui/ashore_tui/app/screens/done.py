"""The installation is done: what was proven, what to write down, and what now."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Static

from ashore_installer.plan import Finish
from ashore_tui.app.messages import LeaveAshore
from ashore_tui.app.run_state import RunState
from ashore_tui.app.screens.base import AshoreScreen, heading, lead
from ashore_tui.app.setting import Setting
from ashore_tui.app.widgets.action import Action
from ashore_tui.app.widgets.key_line import Key
from ashore_tui.app.widgets.listed import Listed
from ashore_tui.progress import duration
from ashore_tui.proofs import proofs
from ashore_tui.text import _, said


class DoneScreen(AshoreScreen):
    """`keys` are lines with recovery keys, which are shown this once. `can_restart`: the machine is ours to restart."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "leave", show=False)]

    def __init__(self, setting: Setting, state: RunState, recovery: Sequence[str], *, can_restart: bool) -> None:
        super().__init__(setting)
        self.run_state = state
        self._recovery = tuple(recovery)
        self._can_restart = can_restart

    @property
    def title_text(self) -> str:
        return _("The rehearsal is over") if self.setting.rehearsal else _("Installed")

    @property
    def help_text(self) -> str:
        return _(
            "The engine has looked at its own work before it said that it is done; what it looked at is listed. Remove "
            "the medium when the machine restarts."
        )

    def body(self) -> ComposeResult:
        state, glyphs = self.run_state, self.setting.look.glyphs
        seconds = duration(state.finished.seconds) if state.finished else ""
        if self.setting.rehearsal:
            yield lead(_("Nothing was installed. The steps took {time} of imagined time.").format(time=seconds))
            yield heading(_("A real installation would have proven"))
        else:
            yield lead(_("The system was installed in {time}, and is ready to start.").format(time=seconds))
            yield heading(_("What was proven"))
        for sentence in proofs(step.id for step in state.steps if step.seconds is not None):
            yield Listed(glyphs.done, sentence, kind="good")
        if state.warnings:
            yield heading(_("Warnings"))
            for line in state.warnings:
                yield Listed(glyphs.wrong, said(line.text), kind="warn")
        if self._recovery:
            yield Static("\n".join(self._recovery).strip(), classes="recovery", markup=False)
        if not self.setting.rehearsal:
            yield Static(_("Remove the medium before the machine starts again."), classes="note", markup=False)

    def actions(self) -> Iterable[Action]:
        if self._can_restart:
            yield Action(_("Restart"), id="reboot", classes="-main")
            yield Action(_("Power off"), id="poweroff")
        yield Action(_("Leave"), id="leave", classes="" if self._can_restart else "-main")

    def keys(self) -> tuple[Key, ...]:
        return (("Enter", _("choose")), ("Tab", _("move")), ("Esc", _("leave")), ("F1", _("help")))

    def on_mount(self) -> None:
        self.set_focus(self.query(Action).first())

    def on_action_pressed(self, event: Action.Pressed) -> None:
        event.stop()
        endings = {"reboot": Finish.REBOOT, "poweroff": Finish.POWEROFF}
        self.post_message(LeaveAshore(endings.get(str(event.action.id), Finish.WAIT)))

    def action_leave(self) -> None:
        self.post_message(LeaveAshore(Finish.WAIT))
