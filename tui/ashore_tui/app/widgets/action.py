"""A button of one line, which every terminal can draw."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.events import Click
from textual.message import Message
from textual.widget import Widget


class Action(Widget, can_focus=True):
    """`[ Next ]`: Enter or Space presses it. Without colours the focus is seen by reverse video."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter,space", "press", show=False)]
    DEFAULT_CSS = """
    Action {
        width: auto; height: 1; margin: 0 1 0 0; color: $foreground; background: $field;
        &.-main { color: $accent; text-style: bold; }
        &.-danger { color: $bad; text-style: bold; }
        &:focus { color: $on-accent; background: $accent; text-style: bold; }
        &:disabled { color: $line; text-style: none; }
        &:ansi { color: ansi_default; background: ansi_default; }
        &:ansi.-danger { color: $bad; }
        &:ansi:focus { text-style: bold reverse; color: $accent; }
        &:ansi:disabled { text-style: dim; }
    }
    """

    class Pressed(Message):
        """The button was pressed."""

        def __init__(self, action: Action) -> None:
            super().__init__()
            self.action = action

        @property
        def control(self) -> Action:
            return self.action

    def __init__(self, label: str, *, id: str, classes: str = "", disabled: bool = False) -> None:  # noqa: A002
        super().__init__(id=id, classes=classes, disabled=disabled)
        self.label = label

    def render(self) -> str:
        return f"\\[ {self.label} ]"

    def rename(self, label: str) -> None:
        self.label = label
        self.refresh(layout=True)

    def action_press(self) -> None:
        self.post_message(self.Pressed(self))

    def on_click(self, event: Click) -> None:
        event.stop()
        self.action_press()
