"""What lies over a screen: a question, a form, a list; with its own line of keys, and help on F1."""

from __future__ import annotations

from typing import ClassVar, TypeVar

from textual.binding import Binding, BindingType
from textual.message import Message
from textual.screen import ModalScreen

from ashore_tui.app.widgets.key_line import Key
from ashore_tui.text import _

Answer = TypeVar("Answer")


class Over(ModalScreen[Answer]):
    """Its content is in `#dialog`: as wide as a narrow screen, so that no halves of words look out beside it.

    The title bar stays in sight, with the mark of a rehearsal.
    """

    BINDINGS: ClassVar[list[BindingType]] = [Binding("f1,question_mark", "app.help", show=False)]
    DEFAULT_CSS = """
    Over {
        align: center middle; background: $background 60%; padding: 1 0 0 0;
        #dialog { width: 100%; height: auto; max-height: 100%; background: $surface; padding: 1 2; }
        #dialog-title { text-style: bold; color: $accent; margin-bottom: 1; }
        #dialog-answers { height: 1; margin-top: 1; }
        ChoiceList { background: $surface; }
        &.-wide #dialog { width: 80; }
        &:ansi { background: transparent; }
        &:ansi #dialog { border-top: ascii ansi_default; border-bottom: ascii ansi_default; padding: 0 2; }
        &.-wide:ansi #dialog { border: ascii ansi_default; }
    }
    """

    @property
    def title_text(self) -> str:
        """What the help is titled with."""
        raise NotImplementedError

    @property
    def help_text(self) -> str:
        """What F1 says, without the keys; empty where there is nothing to say."""
        return ""

    def keys(self) -> tuple[Key, ...]:
        """The keys that do something here, the most important first."""
        return (("Enter", _("choose")), ("Tab", _("move")), ("Esc", _("close")), ("F1", _("help")))

    async def hear(self, message: Message) -> None:
        """What was asked for from here has been found out."""
