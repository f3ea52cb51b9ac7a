"""A line of text with a name before it, and below it what is wrong with it or what to write, as one types."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.widgets import Input, Static

from ashore_tui.app.widgets.line_input import LineInput
from ashore_tui.flow.fields import Wrong

Value = TypeVar("Value")


class Field(Vertical, Generic[Value]):
    """`check` makes a value of the text or says what is wrong; each text is checked, and told by `Changed`."""

    DEFAULT_CSS = """
    Field {
        height: auto; margin: 0 0 1 0;
        .field-line { height: 1; }
        .field-name { width: 18; color: $foreground; }
        Input {
            width: 1fr; max-width: 52; border: none; padding: 0 1; height: 1; background: $field; color: $foreground;
            &:focus { border: none; background: $field; background-tint: $foreground 0%; }
            &.-invalid { border: none; } &.-invalid:focus { border: none; }
            &:ansi { background: ansi_default; text-style: underline; }
            &:ansi:focus { background: ansi_blue; color: ansi_white; text-style: none; }
        }
        .field-says { height: auto; margin-left: 18; padding-left: 1; color: $dim; }
        &.-wrong .field-says { color: $bad; }
        &:focus-within .field-name { color: $accent; text-style: bold; }
    }
    """

    @dataclass
    class Changed(Message):
        """The text was changed. `value` is None while it is wrong."""

        field: Field[Any]
        value: Any

        @property
        def control(self) -> Field[Any]:
            return self.field

    @dataclass
    class Done(Message):
        """Enter was pressed, and the text is right."""

        field: Field[Any]

        @property
        def control(self) -> Field[Any]:
            return self.field

    def __init__(
        self, label: str, check: Callable[[str], Value | Wrong], *, id: str, text: str = "", hint: str = "",  # noqa: A002
        password: bool = False,
    ) -> None:  # fmt: skip
        super().__init__(id=id)
        self._label, self._check, self._hint = label, check, hint
        self._start, self._password = text, password
        self._said = hint

    def compose(self) -> ComposeResult:
        with Horizontal(classes="field-line"):
            yield Static(self._label, classes="field-name", markup=False)
            yield LineInput(self._start, password=self._password, select_on_focus=False)
        yield Static(self._hint, classes="field-says", markup=False)

    @property
    def input(self) -> Input:
        return self.query_one(Input)

    @property
    def text(self) -> str:
        return self.input.value

    @property
    def result(self) -> Value | Wrong:
        """What the text means now."""
        return self._check(self.text)

    def focus_input(self) -> None:
        """At once: `Widget.focus` leaves it to the app's next turn, and a key that is pressed until then is lost."""
        self.screen.set_focus(self.input)

    def say(self, text: str, *, wrong: bool = False) -> None:
        """Show a sentence below the field. What is there already costs nothing: this is said with every letter."""
        self.set_class(wrong, "-wrong")
        if text != self._said:
            self._said = text
            self.query_one(".field-says", Static).update(text)

    def validate(self) -> Value | None:
        """The value; or None, and the sentence about what is wrong is shown."""
        result = self.result
        if isinstance(result, Wrong):
            self.say(result.text, wrong=True)
            return None
        self.say(self.remark(self.text) or self._hint)
        return result

    def remark(self, text: str) -> str:  # noqa: ARG002 (for those that have something to say)
        """What to say of a text that is right; empty for the hint."""
        return ""

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        self.post_message(self.Changed(self, self.validate()))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        if self.validate() is not None:
            self.post_message(self.Done(self))
