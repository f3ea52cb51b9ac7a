"""All topics with their state: the place that every other screen leads back to."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from ashore_tui.app.messages import LeaveAshore, Open
from ashore_tui.app.screens.base import FlowScreen, lead
from ashore_tui.app.setting import Setting
from ashore_tui.app.widgets.action import Action
from ashore_tui.app.widgets.choice_list import ChoiceList
from ashore_tui.app.widgets.key_line import Key
from ashore_tui.app.widgets.rail import COLOURS
from ashore_tui.flow.state import Flow
from ashore_tui.flow.status import Kind, TopicStatus
from ashore_tui.flow.topics import Topic, TopicId, begin_allowed, statuses, topic
from ashore_tui.text import _
from ashore_tui.text.cells import pad

_TITLE = 24


class HubScreen(FlowScreen):
    """A list of the topics. Enter opens one; what is open or wrong is seen at a glance."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "leave", show=False)]

    @property
    def title_text(self) -> str:
        return _("All topics")

    @property
    def help_text(self) -> str:
        return _(
            "Every topic of the installation and its state: settled, open, wrong, or waiting for something else. "
            "Open any of them, in any order, as often as you like. Nothing is written before you agree to the summary."
        )

    def body(self) -> ComposeResult:
        yield lead(_("What will be installed, and how. Everything can still be changed."))
        with Horizontal(id="hub"):
            yield ChoiceList(*self._options(), id="topics")
            yield Static(id="about")
        yield Static(self._legend(), classes="note", markup=False)

    def actions(self) -> Iterable[Action]:
        yield Action(_("Go on"), id="next", classes="-main")
        yield Action(_("Leave"), id="leave")

    def keys(self) -> tuple[Key, ...]:
        moves = self.setting.look.glyphs.moves
        return (
            (moves, _("move")),
            ("Enter", _("open it")),
            ("Tab", _("buttons")),
            ("Esc", _("leave")),
            ("F1", _("help")),
        )

    def __init__(self, setting: Setting, flow: Flow, *, at: str = "") -> None:
        """`at` is the topic that the cursor stands on."""
        super().__init__(setting, flow)
        self._topic = at

    def on_mount(self) -> None:
        listed = self.query_one(ChoiceList)
        self.set_focus(listed)
        if self._topic:
            listed.highlighted = listed.get_option_index(self._topic)

    def flow_changed(self) -> None:
        listed = self.query_one(ChoiceList)
        for (one, status), option in zip(statuses(self.flow), listed.options, strict=True):
            listed.replace_option_prompt(str(option.id), self._line(one, status))

    def _legend(self) -> str:
        glyphs = self.setting.look.glyphs
        signs = (
            (glyphs.done, _("settled")),
            (glyphs.todo, _("open")),
            (glyphs.wrong, _("wrong")),
            (glyphs.waiting, _("waiting")),
        )
        return "   ".join(f"{sign} {word}" for sign, word in signs)

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        """What the topic under the cursor is about, where there is room for it."""
        event.stop()
        about = topic(str(event.option.id))
        self.query_one("#about", Static).update(Content.assemble((about.title, "bold $accent"), f"\n\n{about.help}"))

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.post_message(Open(str(event.option.id)))

    def on_action_pressed(self, event: Action.Pressed) -> None:
        event.stop()
        if event.action.id == "leave":
            self.action_leave()
        else:
            self.post_message(Open(self._most_urgent()))

    def action_leave(self) -> None:
        """Esc leads out of the overview."""
        self.post_message(LeaveAshore())

    def _most_urgent(self) -> str:
        """The first topic that must still be settled, or the summary."""
        if begin_allowed(self.flow):
            return TopicId.SUMMARY
        found = (one.id for one, status in statuses(self.flow) if status.kind in (Kind.TODO, Kind.WRONG))
        return next(found, TopicId.SUMMARY)

    def _options(self) -> Iterable[Option]:
        return (Option(self._line(one, status), id=one.id) for one, status in statuses(self.flow))

    def _line(self, one: Topic, status: TopicStatus) -> Content:
        sign = getattr(self.setting.look.glyphs, status.kind.value)
        return Content.assemble(
            (f"{sign}  ", COLOURS[status.kind]),
            (pad(one.title, _TITLE), "bold"),
            (status.text, "$bad" if status.kind is Kind.WRONG else "$dim"),
        )
