"""The whole plan before the first write: what is lost, what is done, what was checked; and the button that begins."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widget import Widget

from ashore_installer.plan import InstallPlan
from ashore_installer.steps import steps_for
from ashore_tui.app import dialogs
from ashore_tui.app.messages import Begin
from ashore_tui.app.screens.base import TopicScreen, heading, lead
from ashore_tui.app.widgets.action import Action
from ashore_tui.app.widgets.key_line import Key
from ashore_tui.app.widgets.listed import Listed
from ashore_tui.flow.review import actions_of, checks, losses_of, payload_facts
from ashore_tui.flow.status import Kind
from ashore_tui.flow.topics import TopicId, begin_allowed, statuses
from ashore_tui.flow.wrong import wrong_lines
from ashore_tui.text import _, n_, said


class SummaryScreen(TopicScreen):
    """Everything on one page that scrolls. "Begin" asks once more, with the focus on "Cancel"."""

    TOPIC = TopicId.SUMMARY
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "roll(1)", show=False),
        Binding("up", "roll(-1)", show=False),
    ]

    def body(self) -> ComposeResult:
        yield Vertical(id="plan")

    def actions(self) -> Iterable[Action]:
        label = _("Begin the rehearsal") if self.setting.rehearsal else _("Begin the installation")
        yield Action(label, id="begin", classes="-main", disabled=True)
        yield from self.ways_back()

    def keys(self) -> tuple[Key, ...]:
        moves = self.setting.look.glyphs.moves
        return ((moves, _("read on")), ("Enter", _("begin")), ("Esc", _("all topics")), ("F1", _("help")))

    def on_mount(self) -> None:
        self.flow_changed()

    def flow_changed(self) -> None:
        self._lay_out()
        begin = self.query_one("#begin", Action)
        begin.disabled = not begin_allowed(self.flow)
        self.set_focus(self.query_one("#overview", Action) if begin.disabled else begin)

    @work(exclusive=True)
    async def _lay_out(self) -> None:
        plan = self.query_one("#plan")
        await plan.remove_children()
        await plan.mount(*self._page())

    def on_action_pressed(self, event: Action.Pressed) -> None:
        if event.action.id == "begin":
            event.stop()
            self.action_next()
        else:
            super().on_action_pressed(event)

    def action_next(self) -> None:
        flow = self.flow
        if begin_allowed(flow) and flow.plan and flow.facts:
            question = dialogs.confirm(flow.plan, flow.machine, flow.facts, rehearsal=bool(self.setting.rehearsal))
            self.app.push_screen(question, self._answered)

    def _answered(self, sure: bool | None) -> None:
        if sure:
            self.post_message(Begin())

    def action_roll(self, lines: int) -> None:
        self.query_one("#body").scroll_relative(y=lines, animate=False)

    # --- the page --------------------------------------------------------------------------------------------

    def _page(self) -> Iterator[Widget]:
        flow, glyphs = self.flow, self.setting.look.glyphs
        if flow.ready_to_check or flow.needs_lookup or flow.needs_catalogue:
            yield lead(_("The plan is being made and checked."))
            return
        yield lead(self._verdict())
        yield from self._open_topics()
        if flow.problems:
            yield heading(_("What is wrong"))
            yield from (Listed(glyphs.wrong, line.strip(), kind="bad") for line in wrong_lines(flow.problems))
        if flow.plan is None:
            return
        yield heading(_("What is lost"))
        lost = [said(loss.text) for loss in losses_of(flow)]
        yield from (Listed(glyphs.wrong, text, kind="bad") for text in lost or [])
        if not lost:
            yield Listed("", _("Nothing: what is on the disks stays."))
        yield heading(_("What is done to the disks"))
        yield from (Listed(glyphs.dot, text) for text in actions_of(flow))
        yield from self._system(flow.plan)
        yield heading(_("What was checked"))
        for check in checks(flow):
            passed = check.passed
            yield Listed(glyphs.done if passed else glyphs.wrong, check.title, kind="good" if passed else "bad")
        yield heading(_("The steps, in their order"))
        yield from (Listed(f"{number:2}", said(step.title)) for number, step in enumerate(steps_for(flow.plan), 1))

    def _verdict(self) -> str:
        """The state of the plan in a sentence."""
        if begin_allowed(self.flow):
            lost = len(losses_of(self.flow))
            if not lost:
                return _("Everything is ready, and nothing on the disks is lost.")
            text = n_("Everything is ready. One thing is lost.", "Everything is ready. {count} things are lost.", lost)
            return text.format(count=lost)
        return _("Something is still missing before the installation can begin.")

    def _open_topics(self) -> Iterator[Widget]:
        found = [(one, state) for one, state in statuses(self.flow) if one.id is not TopicId.SUMMARY]
        missing = [(one, state) for one, state in found if state.kind is not Kind.DONE]
        for one, state in missing:
            sign = getattr(self.setting.look.glyphs, state.kind.value)
            yield Listed(sign, state.text, label=one.title, kind="bad" if state.kind is Kind.WRONG else "todo")

    def _system(self, plan: InstallPlan) -> Iterator[Widget]:
        yield heading(_("What is installed"))
        yield from (Listed("", value, label=name) for name, value in payload_facts(self.flow, plan))
        yield heading(_("The new system"))
        shown = (TopicId.WELCOME, TopicId.ACCOUNTS, TopicId.HOSTNAME, TopicId.TIME, TopicId.NETWORK, TopicId.BOOT)
        yield from (Listed("", state.text, label=one.title) for one, state in statuses(self.flow) if one.id in shown)
