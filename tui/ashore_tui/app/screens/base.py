"""What all screens have: title, mark of a rehearsal, line of keys; and what screens of topics have besides."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Static

from ashore_tui.app.messages import Back, Edit, Next, Overview
from ashore_tui.app.setting import Setting
from ashore_tui.app.widgets.action import Action
from ashore_tui.app.widgets.busy import Busy
from ashore_tui.app.widgets.key_line import Key, KeyLine
from ashore_tui.app.widgets.rail import Rail, Rows
from ashore_tui.app.widgets.title_bar import TitleBar
from ashore_tui.flow.state import Flow
from ashore_tui.flow.topics import TopicId, previous_topic, statuses, topic
from ashore_tui.text import _


class AshoreScreen(Screen[None]):
    """A whole screen. `title_text`, `body`, `actions` and `keys` say what is on it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f1,question_mark", "app.help", show=False),
        Binding("left", "neighbour(-1)", show=False),
        Binding("right", "neighbour(1)", show=False),
        Binding("down", "app.focus_next", show=False),
        Binding("up", "app.focus_previous", show=False),
        Binding("pagedown", "turn(1)", show=False),
        Binding("pageup", "turn(-1)", show=False),
    ]

    def __init__(self, setting: Setting) -> None:
        super().__init__()
        self.setting = setting

    @property
    def title_text(self) -> str:
        """What stands in the title bar."""
        raise NotImplementedError

    @property
    def help_text(self) -> str:
        """What F1 says, without the keys."""
        raise NotImplementedError

    def body(self) -> ComposeResult:
        """The screen between the title and the actions; it scrolls when it is too high."""
        raise NotImplementedError

    def actions(self) -> Iterable[Action]:
        """The buttons below the body, the most important first."""
        return ()

    def beside_actions(self) -> Iterable[Widget]:
        """What stands at the right of the buttons."""
        return ()

    def keys(self) -> tuple[Key, ...]:
        """The keys that do something here, the most important first."""
        return (("F1", _("help")),)

    def compose(self) -> ComposeResult:
        yield TitleBar(self.title_text, self.setting)
        yield from self.page()
        yield KeyLine(self.keys())

    def page(self) -> ComposeResult:
        """What is between the title and the line of keys."""
        with VerticalScroll(id="body", can_focus=False):
            yield from self.body()
        actions = tuple(self.actions())
        if actions:
            with Horizontal(id="actions"):
                yield from actions
                yield from self.beside_actions()

    def action_neighbour(self, step: int) -> None:
        """Left and Right go from one button to the next."""
        actions = [one for one in self.query(Action) if not one.disabled]
        if self.focused in actions:
            place = actions.index(self.focused) + step
            self.set_focus(actions[max(0, min(place, len(actions) - 1))])

    def action_turn(self, pages: int) -> None:
        """Page up and down, for what is too high for the screen."""
        body = self.query_one("#body")
        body.scroll_relative(y=pages * max(body.size.height - 2, 1), animate=False)


class FlowScreen(AshoreScreen):
    """A screen that shows the flow, and tells the app what to change in it with `edit`."""

    def __init__(self, setting: Setting, flow: Flow) -> None:
        super().__init__(setting)
        self.flow = flow
        self._stale = False

    def show(self, flow: Flow) -> None:
        """Show another flow: something was edited here or elsewhere, or work on it has ended."""
        self.flow, self._stale = flow, True
        if self.is_mounted and self.is_current:
            self._bring_up_to_date()

    def on_screen_resume(self) -> None:
        """What has changed while another screen was on top."""
        if self._stale:
            self._bring_up_to_date()

    def _bring_up_to_date(self) -> None:
        self._stale = False
        for busy in self.query("#busy").results(Busy):
            busy.doing = busy_with(self.flow)
        for rail in self.query(Rail):
            rail.rows = rail_rows(self.flow)
        self.flow_changed()

    def flow_changed(self) -> None:
        """Bring what is on the screen up to date with `self.flow`."""

    async def speak(self) -> None:
        """Say everything anew: the language of the screens is another one now."""
        await self.recompose()
        self.flow_changed()

    def edit(self, change: Callable[[Flow], Flow]) -> None:
        """Have the flow replaced by what `change` makes of it; `show` is called with the result."""
        self.post_message(Edit(change))


class TopicScreen(FlowScreen):
    """The screen of one topic.

    Enter on the last thing of the screen, and the button, mean "Next"; Esc leads to the overview of all topics.
    """

    TOPIC: ClassVar[TopicId]
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "overview", show=False),
        Binding("f2", "overview", show=False),
    ]

    @property
    def title_text(self) -> str:
        return topic(self.TOPIC).title

    @property
    def help_text(self) -> str:
        return topic(self.TOPIC).help

    def page(self) -> ComposeResult:
        """Where there is room, all topics stand beside the one that is open."""
        with Horizontal(id="page"):
            yield Rail(self.setting.look.glyphs, self.TOPIC, rail_rows(self.flow))
            with Vertical(id="main"):
                yield from super().page()

    def actions(self) -> Iterable[Action]:
        yield self.next_button()
        yield from self.ways_back()

    def next_button(self) -> Action:
        return Action(_("Next"), id="next", classes="-main")

    def ways_back(self) -> Iterable[Action]:
        """To the topic before, and to all of them."""
        if previous_topic(self.flow, self.TOPIC) is not None:
            yield Action(_("Back"), id="back")
        yield Action(_("All topics"), id="overview")

    def keys(self) -> tuple[Key, ...]:
        return (
            ("Enter", _("next")),
            ("Tab", _("move")),
            ("Esc", _("all topics")),
            ("F1", _("help")),
        )

    def beside_actions(self) -> Iterable[Widget]:
        yield Busy(self.setting.look.glyphs.spinner, busy_with(self.flow), id="busy")

    def on_action_pressed(self, event: Action.Pressed) -> None:
        if event.action.id == "next":
            event.stop()
            self.action_next()
        elif event.action.id == "back":
            event.stop()
            self.post_message(Back(self.TOPIC))
        elif event.action.id == "overview":
            event.stop()
            self.action_overview()

    def action_next(self) -> None:
        """Go on to the next topic. A screen with something half typed says so first, and stays."""
        self.post_message(Next(self.TOPIC))

    def action_overview(self) -> None:
        self.post_message(Overview())


def busy_with(flow: Flow) -> str:
    """What the app is finding out about the flow, or empty."""
    if flow.needs_connect:
        return _("Setting up the network")
    if flow.needs_catalogue:
        return _("Reading the repositories")
    if flow.needs_lookup:
        return _("Solving the packages") if flow.draft.packages else _("Looking for the image")
    return _("Checking the plan") if flow.ready_to_check else ""


def rail_rows(flow: Flow) -> Rows:
    return tuple((one.id, one.title, state.kind) for one, state in statuses(flow))


def lead(text: str) -> Static:
    """The sentence at the top of a screen that says what is asked."""
    return Static(text, classes="lead", markup=False)


def heading(text: str) -> Static:
    return Static(text, classes="heading", markup=False)
