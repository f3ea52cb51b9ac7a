"""The whole plan before the first write: what is lost, what is done, what was checked; and the button that begins."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Static

from ashore_installer.plan import InstallPlan
from ashore_installer.steps import steps_for
from ashore_tui.app import dialogs
from ashore_tui.app.messages import Begin
from ashore_tui.app.screens.base import TopicScreen
from ashore_tui.app.widgets.action import Action
from ashore_tui.app.widgets.key_line import Key
from ashore_tui.flow.review import actions_of, checks, image_facts, losses_of, wrong_lines
from ashore_tui.flow.status import Kind
from ashore_tui.flow.topics import TopicId, begin_allowed, statuses
from ashore_tui.text import _


class SummaryScreen(TopicScreen):
    """Everything on one page that scrolls. "Begin" asks once more, with the focus on "Cancel"."""

    TOPIC = TopicId.SUMMARY
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "roll(1)", show=False),
        Binding("up", "roll(-1)", show=False),
    ]

    def body(self) -> ComposeResult:
        yield Static(id="plan")

    def actions(self) -> Iterable[Action]:
        label = _("Begin the rehearsal") if self.setting.rehearsal else _("Begin the installation")
        yield Action(label, id="begin", classes="-main", disabled=True)
        yield Action(_("All topics"), id="overview")

    def keys(self) -> tuple[Key, ...]:
        moves = self.setting.look.glyphs.moves
        return ((moves, _("read on")), ("Enter", _("begin")), ("Esc", _("all topics")), ("F1", _("help")))

    def on_mount(self) -> None:
        self.flow_changed()

    def flow_changed(self) -> None:
        self.query_one("#plan", Static).update(Content("\n").join(self._page()))
        begin = self.query_one("#begin", Action)
        begin.disabled = not begin_allowed(self.flow)
        (self.query_one("#overview", Action) if begin.disabled else begin).focus()

    def on_action_pressed(self, event: Action.Pressed) -> None:
        if event.action.id == "begin":
            event.stop()
            self.action_next()
        else:
            super().on_action_pressed(event)

    def action_next(self) -> None:
        flow = self.flow
        if begin_allowed(flow) and flow.plan and flow.image:
            question = dialogs.confirm(flow.plan, flow.machine, flow.image, rehearsal=bool(self.setting.rehearsal))
            self.app.push_screen(question, self._answered)

    def _answered(self, sure: bool | None) -> None:
        if sure:
            self.post_message(Begin())

    def action_roll(self, lines: int) -> None:
        self.query_one("#body").scroll_relative(y=lines, animate=False)

    # --- the page --------------------------------------------------------------------------------------------

    def _page(self) -> Iterator[Content]:
        flow, glyphs = self.flow, self.setting.look.glyphs
        yield from self._open_topics()
        if flow.problems:
            yield _head(_("What is wrong"))
            yield from (Content.assemble("  ", (line, "$bad")) for line in wrong_lines(flow.problems))
        if flow.plan is None:
            return
        yield _head(_("What is lost"))
        lost = [loss.text for loss in losses_of(flow)]
        yield from (Content.assemble((f"{glyphs.wrong} ", "$bad"), text) for text in lost)
        if not lost:
            yield Content("  " + _("Nothing."))
        yield _head(_("What is done to the disks"))
        yield from (Content(f"  {text}") for text in actions_of(flow))
        yield from self._system(flow.plan)
        yield _head(_("Checks"))
        for check in checks(flow):
            sign, colour = (glyphs.done, "$good") if check.passed else (glyphs.wrong, "$bad")
            yield Content.assemble((f"{sign} ", colour), check.title)
        yield _head(_("The steps"))
        yield from (Content(f"  {number:2}. {step.title}") for number, step in enumerate(steps_for(flow.plan), 1))

    def _open_topics(self) -> Iterator[Content]:
        found = [(topic, state) for topic, state in statuses(self.flow) if topic.id is not TopicId.SUMMARY]
        open_ = [(topic, state) for topic, state in found if state.kind is not Kind.DONE]
        if open_:
            yield _head(_("What is missing"))
        for topic, state in open_:
            sign = getattr(self.setting.look.glyphs, state.kind.value)
            yield Content.assemble((f"{sign} ", "$accent"), (topic.title, "bold"), f": {state.text}")

    def _system(self, plan: InstallPlan) -> Iterator[Content]:
        yield _head(_("What is installed"))
        for name, value in image_facts(self.flow.image, plan.payload.target) if self.flow.image else ():
            yield Content.assemble("  ", (f"{name:<14}", "$dim"), value)
        yield _head(_("The new system"))
        shown = (TopicId.WELCOME, TopicId.ACCOUNTS, TopicId.HOSTNAME, TopicId.TIME, TopicId.BOOT)
        for topic, state in statuses(self.flow):
            if topic.id in shown:
                yield Content.assemble("  ", (f"{topic.title:<24}", "$dim"), state.text)


def _head(text: str) -> Content:
    return Content.assemble("\n", (text, "bold $accent"))
