"""The installation as the app shows it: begun here or elsewhere, followed, ended. It runs without the app."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from textual.worker import get_current_worker

from ashore_installer.errors import ExitStatus
from ashore_installer.plan import Finish
from ashore_tui.app import dialogs, work
from ashore_tui.app import messages as said
from ashore_tui.app.run_state import RunState, died
from ashore_tui.app.screens.done import DoneScreen
from ashore_tui.app.screens.failed import FailedScreen
from ashore_tui.app.screens.log import LogScreen
from ashore_tui.app.screens.progress import ProgressScreen
from ashore_tui.app.screens.save_logs import SaveDialog
from ashore_tui.app.setting import Setting
from ashore_tui.app.shell import Shell
from ashore_tui.engine import Engine, Running
from ashore_tui.recovery import forget_recovery_keys, recovery_keys

WATCH_SECONDS = 1.0
"""Between two looks for an installation that was begun on another console."""
End = Callable[[Finish], None]
"""Restarts the machine, or powers it off."""


class InstallationApp(Shell):
    """`end` is None where nothing may restart. The return value is an exit status."""

    def __init__(self, setting: Setting, engine: Engine, *, end: End | None = None) -> None:
        super().__init__(setting)
        self.engine, self._end = engine, end
        self.run_state = RunState()
        self.running: Running | None = None
        self._followed = ""
        """The mark of the installation that is or was shown here last."""

    def on_mount(self) -> None:
        self.set_interval(WATCH_SECONDS, self._look_for_others)

    def _look_for_others(self) -> None:
        """There is one installation at a time: what was begun on another console is shown here too."""
        if self.running is None or self.run_state.ended:
            work.join_other(self.engine, self.post_message, self._followed)

    def on_run_started(self, message: said.RunStarted) -> None:
        self._followed = work.mark_of(message.running)
        self.running, self.run_state = message.running, RunState()
        self.show(ProgressScreen(self.setting, joined=message.joined))
        self.work(partial(self._follow, message.running), "follow")

    def _follow(self, running: Running) -> None:
        worker = get_current_worker()
        work.follow_run(running, self.post_message, lambda: worker.is_cancelled)

    def on_run_changed(self, message: said.RunChanged) -> None:
        self.run_state = message.state
        if message.state.ended:
            self._show_end(message.state)
            return
        for screen in self.screen_stack:
            if isinstance(screen, ProgressScreen):
                screen.show_run(message.state)

    def on_engine_died(self, message: said.EngineDied) -> None:
        if self.running is not None:
            self._show_end(died(self.run_state, message.status, self.running.log))

    def _show_end(self, state: RunState) -> None:
        if self.running is None:
            return
        self.run_state = state
        if state.finished:
            keys = recovery_keys(self.running.log.parent)
            self.show(DoneScreen(self.setting, state, keys, can_restart=self._end is not None))
        else:
            self.show(FailedScreen(self.setting, state))

    def on_cancel_run(self) -> None:
        if self.running is not None:
            work.cancel_run(self.running, self.post_message)

    # --- its logs --------------------------------------------------------------------------------------------

    def on_open_log(self) -> None:
        if self.running is not None:
            self.work(partial(work.show_log, self.running, self.post_message), "logs")

    def on_log_read(self, message: said.LogRead) -> None:
        self.push_screen(LogScreen(self.setting, message.text))

    def on_save_logs(self) -> None:
        self.push_screen(SaveDialog(), self._save)

    def _save(self, target: Path | None) -> None:
        if target is not None and self.running is not None:
            self.work(partial(work.keep_logs, self.running, self.post_message, target), "logs")

    def on_logs_saved(self, message: said.LogsSaved) -> None:
        self.push_screen(dialogs.saved(message.path))

    # --- the end ---------------------------------------------------------------------------------------------

    def on_refused(self, message: said.Refused) -> None:
        self.push_screen(dialogs.refused(message.message, message.hint))

    def on_leave_ashore(self, message: said.LeaveAshore) -> None:
        if message.finish is None:
            self.action_ask_to_leave()
            return
        if self._end is not None:
            self._end(message.finish)
        self._leave()

    def action_ask_to_leave(self) -> None:
        if self.run_state.ended or self.nothing_said:
            self._leave()
        else:
            self.push_screen(dialogs.leave(self.running, shell=self._end is not None), self._left)

    @property
    def nothing_said(self) -> bool:
        """Whether leaving would lose nothing, so that it need not be asked for twice."""
        return self.running is None

    def _left(self, sure: bool | None) -> None:
        if sure:
            self._leave()

    def _leave(self) -> None:
        if self.running is not None and self.run_state.finished:
            forget_recovery_keys(self.running.log.parent)
        self.exit(self._status())

    def _status(self) -> int:
        if self.run_state.finished:
            return ExitStatus.DONE
        return self.run_state.failed.status if self.run_state.failed else ExitStatus.CANCELLED
