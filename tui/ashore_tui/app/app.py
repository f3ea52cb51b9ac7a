"""The Textual app: holds the flow, and carries messages between screens and work. It wires, and decides nothing."""

from __future__ import annotations

import time
from dataclasses import replace
from functools import partial

from textual.message import Message
from textual.worker import get_current_worker

from ashore_installer.package_plan import PackagePayload
from ashore_installer.plan import Draft
from ashore_tui.app import dialogs, work
from ashore_tui.app import messages as said
from ashore_tui.app.installation import End, InstallationApp
from ashore_tui.app.registry import screen_for
from ashore_tui.app.screens.base import AshoreScreen, FlowScreen, TopicScreen
from ashore_tui.app.screens.flow_dialog import FlowDialog
from ashore_tui.app.screens.hub import HubScreen
from ashore_tui.app.setting import Setting
from ashore_tui.app.widgets.over import Over
from ashore_tui.engine import Engine
from ashore_tui.flow.evaluate import has_work
from ashore_tui.flow.software import chosen
from ashore_tui.flow.state import Flow, with_findings, with_visit
from ashore_tui.flow.topics import TopicId, first_topic, next_topic, previous_topic
from ashore_tui.text import use_language

SOLVE_AFTER = 0.4
"""Seconds without another change after which packages are solved."""


class AshoreApp(InstallationApp):
    """One sitting before the screen, from the first question on."""

    def __init__(
        self, setting: Setting, engine: Engine, *, draft: Draft | None = None, kickstart: str = "",
        end: End | None = None,
    ) -> None:  # fmt: skip
        super().__init__(setting, engine, end=end)
        self._draft, self._kickstart = draft, kickstart
        self.flow: Flow | None = None

    def on_mount(self) -> None:
        self.work(partial(work.look_around, self.engine, self.post_message, self._draft, self._kickstart), "begin")

    @property
    def nothing_said(self) -> bool:
        return self.flow is None and self.running is None

    # --- the flow ------------------------------------------------------------------------------------------------

    def on_flow_begun(self, message: said.FlowBegun) -> None:
        again = self.flow is not None
        self.flow = replace(message.flow, rehearsal=bool(self.setting.rehearsal))
        if again:
            self.show(HubScreen(self.setting, self.flow))
        else:
            self._open(first_topic(self.flow).id)
        self._replace(self.flow)

    def on_edit(self, message: said.Edit) -> None:
        if self.flow is not None and (changed := message.change(self.flow)) != self.flow:
            self._replace(changed)

    def on_evaluated(self, message: said.Evaluated) -> None:
        if self.flow is None or message.before.draft != self.flow.draft:
            return  # it was about something older; the newer one is under way
        self._replace(with_findings(self.flow, message.after))

    def _replace(self, flow: Flow) -> None:
        """`flow` is the one from now on; every screen shows it, and what must be found out about it is begun."""
        self.flow = flow
        for screen in self.screen_stack:
            if isinstance(screen, FlowScreen | FlowDialog):
                screen.show(flow)
        if has_work(flow):
            self.work(partial(self._evaluate, flow), "evaluate")

    def _evaluate(self, flow: Flow) -> None:
        """The last of several changes counts: the next key may change it again, and solving packages takes a while."""
        worker = get_current_worker()
        if flow.draft.packages is not None:
            time.sleep(SOLVE_AFTER)
        if not worker.is_cancelled:
            work.evaluate_flow(self.engine, self.post_message, flow)

    def on_ask_tags(self, message: said.AskTags) -> None:
        self.work(partial(work.list_tags, self.engine, self.post_message, message.source), "tags")

    async def on_tags_listed(self, message: said.TagsListed) -> None:
        await self._tell(message)

    async def _tell(self, message: Message) -> None:
        """Who has closed the dialog meanwhile wants to hear no more of it."""
        if isinstance(self.screen, Over):
            await self.screen.hear(message)

    def on_ask_packages(self, message: said.AskPackages) -> None:
        if self.flow is not None:
            packages = chosen(self.flow)
            self.work(partial(self._find, packages, message.words), "search")

    def _find(self, packages: PackagePayload, words: tuple[str, ...]) -> None:
        worker = get_current_worker()
        time.sleep(SOLVE_AFTER)
        if not worker.is_cancelled:
            work.find_packages(self.engine, self.post_message, packages, words)

    async def on_packages_found(self, message: said.PackagesFound) -> None:
        await self._tell(message)

    def on_ask_keys(self, message: said.AskKeys) -> None:
        self.work(partial(work.read_keys, self.engine, self.post_message, message.repository), "keys")

    async def on_keys_read(self, message: said.KeysRead) -> None:
        await self._tell(message)

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
        if self.flow is not None:
            self.show(screen_for(topic, self.setting, self.flow))

    def on_overview(self) -> None:
        """The overview, with the cursor on the topic that one comes from."""
        if self.flow is not None:
            topic = next((one.TOPIC for one in self.screen_stack if isinstance(one, TopicScreen)), "")
            self.show(HubScreen(self.setting, self.flow, at=topic))

    def on_back(self, message: said.Back) -> None:
        if self.flow is not None and (before := previous_topic(self.flow, message.topic)) is not None:
            self._open(before.id)

    def on_begin(self) -> None:
        if self.flow is not None:
            self.work(partial(work.start_run, self.engine, self.post_message, self.flow), "start")

    def on_start_again(self) -> None:
        """The disks may be others than before, so they are looked at again; what was said stays."""
        draft = self.flow.draft if self.flow else self._draft
        self.show_start()
        self.work(partial(work.look_again, self.engine, self.post_message, draft, self._kickstart), "begin")

    def action_help(self) -> None:
        if isinstance(self.screen, AshoreScreen | Over) and self.screen.help_text:
            self.push_screen(dialogs.help(self.screen))
