"""Settings with a few values each, one a line: Space or Enter takes the next value."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from ashore_tui.app.look import Glyphs
from ashore_tui.app.widgets.choice_list import ChoiceList
from ashore_tui.text.cells import pad

ON, OFF = "on", ""
"""The two values of a switch."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """`values` are pairs of a value and its words; without them it is a switch, `ON` or `OFF`.

    `says` stands behind it. With `opens` it has no values to go through: whoever listens to `Changed` shows a dialog.
    """

    id: str
    label: str
    value: str = OFF
    values: tuple[tuple[str, str], ...] = ()
    says: str = ""
    opens: bool = False
    disabled: bool = False

    @property
    def is_switch(self) -> bool:
        return not self.values

    def next(self, step: int = 1) -> str:
        """The value that comes after this one, and the first after the last."""
        known = [value for value, _words in self.values] or [OFF, ON]
        place = known.index(self.value) if self.value in known else -1
        return known[(place + step) % len(known)]


class OptionRows(ChoiceList):
    """`File system   xfs`, `[x] Swap space`: Left and Right go through the values too."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("right", "step(1)", show=False),
        Binding("left", "step(-1)", show=False),
    ]
    _WIDTH = 16

    @dataclass
    class Changed(Message):
        """A person took another value, or wants to (`opens`)."""

        rows: OptionRows
        setting: str
        value: str

        @property
        def control(self) -> OptionRows:
            return self.rows

    def __init__(self, settings: Sequence[Setting], glyphs: Glyphs, *, id: str) -> None:  # noqa: A002
        self._glyphs = glyphs
        self._settings = {one.id: one for one in settings}
        super().__init__(*(self._option(one) for one in settings), id=id)

    @property
    def values(self) -> dict[str, str]:
        return {one.id: one.value for one in self._settings.values()}

    def show(self, settings: Sequence[Setting]) -> None:
        """Other settings; the cursor stays on the one where it is, if that is still there."""
        if tuple(self._settings.values()) == tuple(settings):
            return
        at = self.highlighted
        known = str(self.get_option_at_index(at).id) if at is not None else ""
        self._settings = {one.id: one for one in settings}
        self.set_options([self._option(one) for one in settings])
        ids = list(self._settings)
        self.highlighted = ids.index(known) if known in ids else None

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self._step(str(event.option.id), 1)

    def action_step(self, step: int) -> None:
        if self.highlighted is not None:
            self._step(str(self.get_option_at_index(self.highlighted).id), step)

    def _step(self, id: str, step: int) -> None:  # noqa: A002
        one = self._settings[id]
        if one.disabled:
            return
        value = one.value if one.opens else one.next(step)
        self._settings[id] = replace(one, value=value)
        self.replace_option_prompt(id, self._line(self._settings[id]))
        self.post_message(self.Changed(self, id, value))

    def _option(self, one: Setting) -> Option:
        return Option(self._line(one), id=one.id, disabled=one.disabled)

    def _line(self, one: Setting) -> Content:
        says = (f"  {one.says}" if one.says else "", "$dim")
        if one.is_switch:
            sign = self._glyphs.ticked if one.value else self._glyphs.unticked
            return Content.assemble(f"{sign} {one.label}", says)
        words = dict(one.values).get(one.value, one.value)
        return Content.assemble(f"{pad(one.label, self._WIDTH)} ", (words, "bold"), says)
