"""A long list with a line above it: typing narrows it down."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from ashore_tui.app.look import Glyphs
from ashore_tui.app.widgets.choice_list import ChoiceList
from ashore_tui.app.widgets.line_input import LineInput
from ashore_tui.flow.choices import Choice, matching
from ashore_tui.text import _, n_


class SearchList(Vertical):
    """Type, move with the arrows, take with Enter: the cursor never has to leave the line where one types."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "move('cursor_down')", show=False, priority=True),
        Binding("up", "move('cursor_up')", show=False, priority=True),
        Binding("pagedown", "move('page_down')", show=False, priority=True),
        Binding("pageup", "move('page_up')", show=False, priority=True),
    ]
    DEFAULT_CSS = """
    SearchList {
        height: 1fr; min-height: 4;
        .search-line { height: 1; }
        Input {
            border: none; height: 1; padding: 0 1; background: $field; color: $foreground;
            &:focus { border: none; background: $field; background-tint: $foreground 0%; }
            &:ansi { background: ansi_default; text-style: underline; }
            &:ansi:focus { background: ansi_blue; color: ansi_white; text-style: none; }
        }
        ChoiceList { height: 1fr; }
        .search-count { height: 1; color: $dim; padding: 0 1; }
        &:focus-within ChoiceList > .option-list--option-highlighted {
            color: $foreground; background: $cursor; text-style: bold;
        }
        &:focus-within ChoiceList:ansi > .option-list--option-highlighted {
            color: ansi_default; background: ansi_default; text-style: reverse;
        }
    }
    """

    @dataclass
    class Chosen(Message):
        """A row was taken with Enter."""

        search: SearchList
        value: str

        @property
        def control(self) -> SearchList:
            return self.search

    def __init__(
        self, choices: Sequence[Choice], glyphs: Glyphs, *, id: str, chosen: str = "", cursor: str = "",  # noqa: A002
        hint: str = ""
    ) -> None:  # fmt: skip
        super().__init__(id=id)
        self._choices, self._glyphs, self._hint = tuple(choices), glyphs, hint
        self.chosen, self._cursor = chosen, cursor

    def compose(self) -> ComposeResult:
        yield LineInput(placeholder=self._hint or _("Type to search"))
        listed = ChoiceList()
        listed.can_focus = False
        yield listed
        yield Static(classes="search-count", markup=False)

    def on_mount(self) -> None:
        self._show(self._choices)

    def focus_input(self) -> None:
        self.screen.set_focus(self.query_one(Input))

    @property
    def text(self) -> str:
        """What was typed."""
        return self.query_one(Input).value

    @property
    def highlighted(self) -> str:
        """The value of the row under the cursor, or empty."""
        listed = self.query_one(ChoiceList)
        return str(listed.get_option_at_index(listed.highlighted).id) if listed.highlighted is not None else ""

    def choose(self, value: str) -> None:
        """Mark another row as the one that counts."""
        if value != self.chosen:
            self.chosen = value
            self._show(matching(self._choices, self.query_one(Input).value))

    def _show(self, choices: Sequence[Choice]) -> None:
        listed = self.query_one(ChoiceList)
        listed.set_options(Option(self._row(one), id=one.value) for one in choices)
        values = [one.value for one in choices]
        place = self.chosen or self._cursor
        listed.highlighted = (values.index(place) if place in values else 0) if values else None
        self.say(self.counted(len(choices)))

    def counted(self, count: int) -> str:
        """What stands below the list when it has so many rows."""
        text = n_("One of {total}", "{count} of {total}", count)
        return text.format(count=count, total=len(self._choices)) if count else _("Nothing has that in it.")

    def say(self, text: str) -> None:
        self.query_one(".search-count", Static).update(text)

    def _row(self, choice: Choice) -> Content:
        sign = self._glyphs.chosen if choice.value == self.chosen else self._glyphs.unchosen
        detail = choice.detail if choice.detail != choice.label else ""
        return Content.assemble(f"{sign} {choice.label}", (f"  {detail}" if detail else "", "$dim"))

    def action_move(self, how: str) -> None:
        listed = self.query_one(ChoiceList)
        before = listed.highlighted
        if how == "cursor_up" and before == 0:
            self.screen.focus_previous()
        elif before is not None and not (how == "cursor_down" and before == listed.option_count - 1):
            getattr(listed, f"action_{how}")()

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self.typed(event.value)

    def typed(self, text: str) -> None:
        """Show what has the words of `text` in it."""
        self._show(matching(self._choices, text))

    @on(Input.Submitted)
    def _taken(self, event: Input.Submitted) -> None:
        event.stop()
        if self.highlighted:
            self._take(self.highlighted)

    @on(OptionList.OptionSelected)
    def _clicked(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self._take(str(event.option.id))

    def _take(self, value: str) -> None:
        self.choose(value)
        self.post_message(self.Chosen(self, value))
