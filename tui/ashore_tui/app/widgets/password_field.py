"""A password, typed twice: never echoed, with a word on its strength and on Caps Lock."""

from __future__ import annotations

from dataclasses import dataclass

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message

from ashore_installer.secret import Secret
from ashore_tui.app.widgets.field import Field
from ashore_tui.flow import fields
from ashore_tui.flow.fields import Wrong
from ashore_tui.flow.strength import caps_lock_note, strength
from ashore_tui.text import _


class _First(Field[Secret]):
    """Says how strong the password is."""

    def remark(self, text: str) -> str:
        return " ".join(filter(None, (strength(text).text, caps_lock_note(text))))


class PasswordField(Vertical):
    """Two fields that must be the same. `Changed` has the secret once they are, else None."""

    DEFAULT_CSS = "PasswordField { height: auto; }"

    @dataclass
    class Changed(Message):
        """What was typed means this secret now."""

        field: PasswordField
        secret: Secret | None

        @property
        def control(self) -> PasswordField:
            return self.field

    @dataclass
    class Done(Message):
        """Enter was pressed in the second field, and the two are the same."""

        field: PasswordField

        @property
        def control(self) -> PasswordField:
            return self.field

    def __init__(self, label: str, *, id: str, hint: str = "", optional: bool = False) -> None:  # noqa: A002
        super().__init__(id=id)
        self._label, self._hint, self._optional = label, hint, optional

    def compose(self) -> ComposeResult:
        yield _First(self._label, self._check_first, id=f"{self.id}-first", hint=self._hint, password=True)
        yield Field(_("Again"), self._check_second, id=f"{self.id}-second", password=True)

    @property
    def first(self) -> Field[Secret]:
        return self.query_one(f"#{self.id}-first", Field)

    @property
    def second(self) -> Field[Secret]:
        return self.query_one(f"#{self.id}-second", Field)

    @property
    def secret(self) -> Secret | None:
        """What was typed, if it was typed twice and can be used."""
        result = fields.password(self.first.text, self.second.text)
        return None if isinstance(result, Wrong) else result

    @property
    def untouched(self) -> bool:
        return not self.first.text and not self.second.text

    def focus_input(self) -> None:
        self.first.focus_input()

    def validate(self) -> bool:
        """Whether what was typed can be used (or nothing had to be); else the fields say what is wrong."""
        if self._optional and self.untouched:
            return True
        if self.first.validate() is None:
            self.first.focus_input()
            return False
        if self.second.validate() is None:
            self.second.focus_input()
            return False
        return True

    def on_field_changed(self, event: Field.Changed) -> None:
        event.stop()
        if event.field is self.first and self.second.text:
            self.second.validate()
        self.post_message(self.Changed(self, self.secret))

    def on_field_done(self, event: Field.Done) -> None:
        event.stop()
        if event.field is self.first:
            self.second.focus_input()
        else:
            self.post_message(self.Done(self))

    def _check_first(self, text: str) -> Secret | Wrong:
        return fields.password(text)

    def _check_second(self, text: str) -> Secret | Wrong:
        return fields.password(self.first.text, text)
