"""A long list of which several rows can be chosen, with a line above it that narrows it down."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from textual.content import Content
from textual.message import Message

from ashore_tui.app.look import Glyphs
from ashore_tui.app.widgets.choice_list import ChoiceList
from ashore_tui.app.widgets.search_list import SearchList
from ashore_tui.flow.choices import Choice
from ashore_tui.text import _


class TickSearch(SearchList):
    """Type, move with the arrows, tick with Enter."""

    @dataclass
    class Ticked(Message):
        """A row was ticked, or its tick taken away."""

        search: TickSearch
        value: str

        @property
        def control(self) -> TickSearch:
            return self.search

    def __init__(
        self, choices: Sequence[Choice], glyphs: Glyphs, *, id: str, ticked: Sequence[str] = (), hint: str = "",  # noqa: A002
    ) -> None:  # fmt: skip
        super().__init__(choices, glyphs, id=id, hint=hint)
        self.ticked = frozenset(ticked)

    def tick(self, ticked: Sequence[str]) -> None:
        """Show these as chosen."""
        changed, self.ticked = self.ticked ^ frozenset(ticked), frozenset(ticked)
        listed = self.query_one(ChoiceList)
        shown = {str(option.id) for option in listed.options}
        for one in self._choices:
            if one.value in changed and one.value in shown:
                listed.replace_option_prompt(one.value, self._row(one))

    def _row(self, choice: Choice) -> Content:
        sign = self._glyphs.ticked if choice.value in self.ticked else self._glyphs.unticked
        return Content.assemble(f"{sign} {choice.label}", (f"  {choice.detail}" if choice.detail else "", "$dim"))

    def _take(self, value: str) -> None:
        self.tick(tuple(self.ticked ^ {value}))
        self.post_message(self.Ticked(self, value))


class FoundSearch(TickSearch):
    """The same where somebody else looks for what is typed: `Typed` tells what, and `offer` shows what was found."""

    @dataclass
    class Typed(Message):
        """Other words were typed."""

        words: tuple[str, ...]

    _says = ""

    def counted(self, count: int) -> str:  # noqa: ARG002 (what there is besides the rows, somebody else knows)
        return self._says

    def typed(self, text: str) -> None:
        words = tuple(text.split())
        if words:
            self.say(_("Searching ..."))
            self.post_message(self.Typed(words))
        else:
            self.offer((), _("Type a part of a name or of what it is for."))

    def offer(self, choices: Sequence[Choice], says: str) -> None:
        """Show these rows, and below them a sentence."""
        self._choices, self._says = tuple(choices), says
        self._show(self._choices)
