"""A list with a cursor that is seen without colours too."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.style import Style
from textual.widgets import OptionList


class ChoiceList(OptionList):
    """Textual's list without a frame. Space chooses too; Up at the top and Down at the end leave it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "select", show=False),
    ]
    DEFAULT_CSS = """
    ChoiceList {
        border: none; padding: 0; background: $background; height: auto; scrollbar-size-vertical: 1;
        text-wrap: nowrap; text-overflow: ellipsis;
        &:focus { border: none; background-tint: $background 0%; }
        & > .option-list--option { padding: 0 1; }
        & > .option-list--option-highlighted { color: $foreground; background: transparent; text-style: none; }
        &:focus > .option-list--option-highlighted { color: $foreground; background: $cursor; text-style: bold; }
        & > .option-list--option-disabled { color: $dim; }
        &:ansi > .option-list--option-highlighted { color: ansi_default; background: ansi_default; }
        &:ansi:focus > .option-list--option-highlighted {
            color: ansi_default; background: ansi_default; text-style: reverse;
        }
    }
    """

    def get_visual_style(self, *component_classes: str, partial: bool = False) -> Style:
        """Textual leaves `text-style: reverse` out of this; without colours nothing else shows the cursor."""
        style = super().get_visual_style(*component_classes, partial=partial)
        if component_classes and self.get_component_rich_style(component_classes[-1]).reverse:
            return style + Style(reverse=True)
        return style

    def action_cursor_down(self) -> None:
        if self.highlighted is not None and self.highlighted == self.option_count - 1:
            self.screen.focus_next()
        else:
            super().action_cursor_down()

    def action_cursor_up(self) -> None:
        if self.highlighted == 0:
            self.screen.focus_previous()
        else:
            super().action_cursor_up()
