"""The Textual app: holds the flow, and carries messages between screens and work. It wires, and decides nothing."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import ClassVar

from textual.app import App
from textual.binding import Binding, BindingType
from textual.worker import get_current_worker

from ashore_installer.errors import ExitStatus
from ashore_installer.plan import Draft, Finish
from ashore_tui.app import dialogs, work
from ashore_tui.app import messages as said
from ashore_tui.app.registry import screen_for
from ashore_tui.app.run_state import RunState, died
from ashore_tui.app.screens.base import AshoreScreen, FlowScreen
from ashore_tui.app.screens.done import DoneScreen
from ashore_tui.app.screens.failed import FailedScreen
from ashore_tui.app.screens.hub import HubScreen
from ashore_tui.app.screens.log import LogScreen
from ashore_tui.app.screens.progress import ProgressScreen
from ashore_tui.app.screens.save_logs import SaveDialog
from ashore_tui.app.screens.starting import StartingScreen
from ashore_tui.app.setting import Setting
from ashore_tui.app.themes import DARK, THEMES
from ashore_tui.bugs import bug_sentence
from ashore_tui.engine import Engine, Running
from ashore_tui.flow.state import Flow, with_visit
from ashore_tui.flow.topics import TopicId, first_topic, next_topic
from ashore_tui.recovery import forget_recovery_keys, recovery_keys
from ashore_tui.text import use_language

WATCH_SECONDS = 1.0
"""Between two looks for an installation that was begun on another console."""
End = Callable[[Finish], None]
"""Restarts the machine, or powers it off."""


class AshoreApp(App[int]):
    """One sitting before the screen; its return value is an exit status. `end` is None where nothing may restart."""

    CSS_PATH = "ashore.tcss"
    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+q,ctrl+c", "ask_to_leave", show=False, priority=True),
        Binding("ctrl+l", "redraw", show=False, priority=True),
    ]

    def __init__(
        self, setting: Setting, engine: Engine, *, draft: Draft | None = None, kickstart: str = "",
        end: End | None = None,
    ) -> None:  # fmt: skip
        super().__init__(ansi_color=setting.look.ansi or None)
        self.HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-wide")]
        self.VERTICAL_BREAKPOINTS = [(0, "-low"), (32, "-high")]
        self.setting, self.engine = setting, engine
        self._draft, self._kickstart, self._end = draft, kickstart, end
        self.flow: Flow | None = None
        self.run_state = RunState()
        self.running: Running | None = None
        self._followed = ""
        """The mark of the installation that is or was shown here last."""

    def on_mount(self) -> None:
        for theme in THEMES:
            self.register_theme(theme)
        self.theme = self.setting.look.theme
        self._end_with_the_terminal()
        self.push_screen(StartingScreen(self.setting))
        self._work(partial(work.look_around, self.engine, self.post_message, self._draft, self._kickstart), "begin")
        self.set_interval(WATCH_SECONDS, self._look_for_others)

    def _end_with_the_terminal(self) -> None:
        """A line that is cut, or `kill`, ends the screens only; an installation goes on."""
        if not self.is_headless:
            for number in (signal.SIGHUP, signal.SIGTERM):
                asyncio.get_running_loop().add_signal_handler(number, self.exit, ExitStatus.CANCELLED)

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Our own names for colours, until one of our themes is in use."""
        return DARK.variables

    def _work(self, function: Callable[[], None], group: str) -> None:
        self.run_worker(function, thread=True, exclusive=True, group=group)

    # --- the flow ------------------------------------------------------------------------------------------------

    def on_flow_begun(self, message: said.FlowBegun) -> None:
        again = self.flow is not None
        self.flow = replace(message.flow, rehearsal=bool(self.setting.rehearsal))
        self._only(HubScreen(self.setting, self.flow))
        self._replace(self.flow)
        if not again:
            self._open(first_topic(self.flow).id)

    def on_edit(self, message: said.Edit) -> None:
        if self.flow is not None and (changed := message.change(self.flow)) != self.flow:
            self._replace(changed)

    def on_evaluated(self, message: said.Evaluated) -> None:
        if self.flow is None or message.before.draft != self.flow.draft:
            return  # it was about something older; the newer one is under way
        known = message.after
        self._replace(
            replace(
                self.flow,
                draft=known.draft,
                image=known.image,
                source_problem=known.source_problem,
                plan=known.plan,
                problems=known.problems,
                checked=known.checked,
            )
        )

    def _replace(self, flow: Flow) -> None:
        """`flow` is the one from now on; every screen shows it, and what must be found out about it is begun."""
        self.flow = flow
        for screen in self.screen_stack:
            if isinstance(screen, FlowScreen):
                screen.show(flow)
        if flow.needs_lookup or flow.ready_to_check:
            self._work(partial(work.evaluate_flow, self.engine, self.post_message, flow), "evaluate")

    async def on_speak(self, message: said.Speak) -> None:
        """Every screen speaks it from now on: those that are made later, and those that are there."""
        use_language(message.locale)
        for screen in self.screen_stack:
            if isinstance(screen, FlowScreen):
                await screen.speak()

    # --- the way -------------------------------------------------------------------------------------------------

    def on_next(self, message: said.Next) -> None:
        if self.flow is not None:
            self._replace(with_visit(self.flow, message.topic))
            self._open(next_topic(self.flow, message.topic).id)

    def on_open(self, message: said.Open) -> None:
        self._open(message.topic)

    def _open(self, topic: TopicId | str) -> None:
        """Show a topic over the overview, which stays below."""
        if self.flow is None:
            return
        self.on_overview()
        if isinstance(self.screen, HubScreen):
            self.screen.point_at(topic)
        self.push_screen(screen_for(topic, self.setting, self.flow))

    def on_overview(self) -> None:
        while len(self.screen_stack) > 1 and not isinstance(self.screen, HubScreen):
            self.pop_screen()

    def _only(self, screen: AshoreScreen) -> None:
        """Show a screen instead of all others."""
        while len(self.screen_stack) > 1:
            self.pop_screen()
        self.push_screen(screen)

    # --- the installation ----------------------------------------------------------------------------------------

    def on_begin(self) -> None:
        if self.flow is not None:
            self._work(partial(work.start_run, self.engine, self.post_message, self.flow), "start")

    def _look_for_others(self) -> None:
        """There is one installation at a time: what was begun on another console is shown here too."""
        if self.running is None or self.run_state.ended:
            work.join_other(self.engine, self.post_message, self._followed)

    def on_run_started(self, message: said.RunStarted) -> None:
        self._followed = work.mark_of(message.running)
        self.running, self.run_state = message.running, RunState()
        self._only(ProgressScreen(self.setting, joined=message.joined))
        self._work(partial(self._follow, message.running), "follow")

    def _follow(self, running: Running) -> None:
        worker = get_current_worker()
        work.follow_run(running, self.post_message, lambda: worker.is_cancelled)

    def on_run_changed(self, message: said.RunChanged) -> None:
        self.run_state = message.state
        if message.state.ended:
            self._show_end(message.state)
        elif isinstance(self.screen, ProgressScreen):
            self.screen.show_run(message.state)
        else:
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
            self._only(DoneScreen(self.setting, state, keys, can_restart=self._end is not None))
        else:
            self._only(FailedScreen(self.setting, state))

    def on_cancel_run(self) -> None:
        if self.running is not None:
            self.running.cancel()

    def on_start_again(self) -> None:
        """The disks may be others than before, so they are looked at again; what was said stays."""
        draft = self.flow.draft if self.flow else self._draft
        self._only(StartingScreen(self.setting))
        self._work(partial(work.look_again, self.engine, self.post_message, draft, self._kickstart), "begin")

    def on_open_log(self) -> None:
        if self.running is not None:
            self._work(partial(work.show_log, self.running, self.post_message), "logs")

    def on_log_read(self, message: said.LogRead) -> None:
        self.push_screen(LogScreen(self.setting, message.text))

    def on_save_logs(self) -> None:
        self.push_screen(SaveDialog(), self._save)

    def _save(self, target: Path | None) -> None:
        if target is not None and self.running is not None:
            self._work(partial(work.keep_logs, self.running, self.post_message, target), "logs")

    def on_logs_saved(self, message: said.LogsSaved) -> None:
        self.push_screen(dialogs.saved(message.path))

    # --- always --------------------------------------------------------------------------------------------------

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
        if self.run_state.ended or (self.flow is None and self.running is None):
            self._leave()
        else:
            self.push_screen(dialogs.leave(self.running, shell=self._end is not None), self._left)

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

    def action_help(self) -> None:
        if isinstance(self.screen, AshoreScreen):
            self.push_screen(dialogs.help(self.screen))

    def action_redraw(self) -> None:
        """Draw everything anew, for when something else has written onto the screen."""
        self.refresh(repaint=True, layout=True)

    def _fatal_error(self) -> None:
        """Textual's way to end with a bug of ours; a person sees a sentence and a file instead of a traceback."""
        self.panic(bug_sentence())
