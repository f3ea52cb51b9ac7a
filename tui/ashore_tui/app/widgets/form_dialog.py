"""A form over a screen: fields, a sentence about what is wrong with all of it, and two answers."""

from __future__ import annotations

from typing import ClassVar, Generic, TypeVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Static

from ashore_tui.app.look import Look
from ashore_tui.app.widgets.action import Action
from ashore_tui.app.widgets.field import Field
from ashore_tui.app.widgets.password_field import PasswordField
from ashore_tui.text import _

Answer = TypeVar("Answer")


class FormDialog(ModalScreen[Answer | None], Generic[Answer]):
    """`form` says what is asked; `answer` makes the result of it, or says what is wrong and gives None.

    Dismissed with None when nothing shall change.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "cancel", show=False),
        Binding("up", "app.focus_previous", show=False),
        Binding("down", "app.focus_next", show=False),
        Binding("left", "neighbour(-1)", show=False),
        Binding("right", "neighbour(1)", show=False),
    ]
    DEFAULT_CSS = """
    FormDialog {
        align: center middle; background: $background 60%;
        &:ansi { background: ansi_default; }
        #dialog { width: 74; max-width: 98%; height: auto; max-height: 98%; background: $surface; padding: 1 2; }
        #dialog-title { text-style: bold; color: $accent; margin-bottom: 1; }
        #dialog-form { height: auto; max-height: 16; scrollbar-size-vertical: 1; }
        #dialog-says { height: auto; color: $bad; }
        #dialog-answers { height: 1; margin-top: 1; }
        OptionRows { background: $surface; margin-bottom: 1; }
        CheckList { background: $surface; margin-bottom: 1; max-height: 6; }
        .note { margin: 0 0 1 0; }
        &:ansi #dialog { border: ascii ansi_default; padding: 0 2; }
    }
    """

    def __init__(self, look: Look, title: str, *, yes: str = "", more: tuple[tuple[str, str], ...] = ()) -> None:
        """`more` are further answers, as pairs of an id and a label: `pressed` hears of them."""
        super().__init__()
        self.look = look
        self._title, self._yes, self._more = title, yes, more

    def form(self) -> ComposeResult:
        """The fields."""
        raise NotImplementedError

    def answer(self) -> Answer | None:
        """The result, or None when `say` has told what is wrong."""
        raise NotImplementedError

    def compose(self) -> ComposeResult:
        with Vertical(id="dialog"):
            yield Static(self._title, id="dialog-title", markup=False)
            with VerticalScroll(id="dialog-form", can_focus=False):
                yield from self.form()
            yield Static(id="dialog-says", markup=False)
            with Horizontal(id="dialog-answers"):
                yield Action(self._yes or _("Take it"), id="yes", classes="-main")
                for id, label in self._more:  # noqa: A001
                    yield Action(label, id=id)
                yield Action(_("Cancel"), id="no")

    def say(self, message: str, hint: str = "") -> None:
        """Tell what is wrong; empty takes it back."""
        self.query_one("#dialog-says", Static).update("\n".join(filter(None, (message, hint))))

    def accept(self) -> None:
        """Close with the answer, if there is one."""
        self.say("")
        result = self.answer()
        if result is not None:
            self.dismiss(result)

    def pressed(self, id: str) -> None:  # noqa: A002 (Textual's name)
        """One of the further answers was given."""

    def on_action_pressed(self, event: Action.Pressed) -> None:
        event.stop()
        if event.action.id == "yes":
            self.accept()
        elif event.action.id == "no":
            self.action_cancel()
        else:
            self.pressed(str(event.action.id))

    def on_field_done(self, event: Field.Done) -> None:
        """Enter in a field goes on to the next thing, and from the last one to the answer."""
        event.stop()
        self.focus_next()

    def on_password_field_done(self, event: PasswordField.Done) -> None:
        event.stop()
        self.focus_next()

    def action_cancel(self) -> None:
        self.dismiss(None)

    def action_neighbour(self, step: int) -> None:
        actions = list(self.query(Action))
        if self.focused in actions:
            place = actions.index(self.focused) + step
            self.set_focus(actions[max(0, min(place, len(actions) - 1))])
