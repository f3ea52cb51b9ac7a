"""A list of which several can be chosen: Space ticks, Enter takes one alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.events import Key
from textual.message import Message
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from ashore_tui.app.look import Glyphs
from ashore_tui.app.widgets.choice_list import ChoiceList
from ashore_tui.flow.choices import Choice, matching

_PAUSE = 1.5
"""Seconds after which typing begins a new word."""


class CheckList(ChoiceList):
    """`[x] vda  20 GiB`. What can't be chosen says why."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("space", "tick_one", show=False)]

    @dataclass
    class Changed(Message):
        """Other rows are ticked now. `alone`: one was taken with Enter."""

        listed: CheckList
        chosen: tuple[str, ...]
        alone: bool = False

        @property
        def control(self) -> CheckList:
            return self.listed

    def __init__(
        self, choices: Sequence[Choice], glyphs: Glyphs, *, id: str, chosen: Sequence[str] = ()  # noqa: A002
    ) -> None:  # fmt: skip
        self._choices, self._glyphs = tuple(choices), glyphs
        self.chosen = tuple(chosen)
        self._typed, self._typed_at = "", 0.0
        super().__init__(*(self._option(one) for one in self._choices), id=id)

    def on_mount(self) -> None:
        free = [number for number, one in enumerate(self._choices) if not one.refusal]
        ticked = [number for number in free if self._choices[number].value in self.chosen]
        self.highlighted = next(iter((*ticked, *free)), None)

    def point_at(self, value: str) -> None:
        """Put the cursor on a row, if it is there."""
        values = [one.value for one in self._choices]
        self.highlighted = values.index(value) if value in values else self.highlighted

    def tick(self, chosen: Sequence[str]) -> None:
        """Show these as chosen."""
        if self.chosen != tuple(chosen):
            self.chosen = tuple(chosen)
            for one in self._choices:
                self.replace_option_prompt(one.value, self._line(one))

    def action_tick_one(self) -> None:
        if self.highlighted is None or self._choices[self.highlighted].refusal:
            return
        value = self._choices[self.highlighted].value
        rest = tuple(one for one in self.chosen if one != value)
        self.tick(rest if value in self.chosen else (*self.chosen, value))
        self.post_message(self.Changed(self, self.chosen))

    def on_key(self, event: Key) -> None:
        """Typing moves the cursor to the next row that has what was typed in it; a pause begins anew."""
        letter = event.character or ""
        if not event.is_printable or letter in " ?":
            return
        event.stop()
        fresh = event.time - self._typed_at > _PAUSE
        self._typed, self._typed_at = letter if fresh else self._typed + letter, event.time
        found = found_from(self._choices, self._typed, (self.highlighted or 0) + fresh)
        self.highlighted = self.highlighted if found is None else found

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        value = str(event.option.id)
        self.tick(self.chosen if value in self.chosen else (value,))
        self.post_message(self.Changed(self, self.chosen, alone=True))

    def _option(self, one: Choice) -> Option:
        return Option(self._line(one), id=one.value, disabled=bool(one.refusal))

    def _line(self, one: Choice) -> Content:
        sign = self._glyphs.ticked if one.value in self.chosen else self._glyphs.unticked
        indent = " " * (len(sign) + 1)
        below = "".join(f"\n{indent}{line}" for line in (one.refusal, one.detail) if line)
        return Content.assemble(f"{sign} {one.label}", (below, "$dim"))


def found_from(choices: Sequence[Choice], text: str, start: int) -> int | None:
    """The first row from `start` on, round the end, that can be chosen and has `text` in it."""
    order = ((start + step) % len(choices) for step in range(len(choices)))
    return next((at for at in order if not choices[at].refusal and matching((choices[at],), text)), None)
