"""A form over a screen: fields, a sentence about what is wrong with all of it, and two answers."""

from __future__ import annotations

from typing import ClassVar, Generic, TypeVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.widgets import Static

from ashore_tui.app.look import Look
from ashore_tui.app.widgets.action import Action
from ashore_tui.app.widgets.field import Field
from ashore_tui.app.widgets.key_line import Key, KeyLine
from ashore_tui.app.widgets.over import Over
from ashore_tui.app.widgets.password_field import PasswordField
from ashore_tui.text import _

Answer = TypeVar("Answer")


class FormDialog(Over[Answer | None], Generic[Answer]):
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
        #dialog-form { height: auto; max-height: 15; scrollbar-size-vertical: 1; }
        &.-high #dialog-form { max-height: 28; }
        #dialog-says { height: auto; color: $bad; }
        OptionRows { margin-bottom: 1; }
        CheckList { margin-bottom: 1; max-height: 6; }
        .note { margin: 0 0 1 0; }
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
        yield KeyLine(self.keys())

    @property
    def title_text(self) -> str:
        return self._title

    @property
    def help_text(self) -> str:
        return _(
            "Enter goes on to the next line. Nothing changes before the first button is pressed, and Esc leaves "
            "everything as it was. What can't be meant is said below the line where it stands."
        )

    def keys(self) -> tuple[Key, ...]:
        return (
            ("Enter", _("next")),
            ("Space", _("tick, change")),
            ("Tab", _("move")),
            ("Esc", _("cancel")),
            ("F1", _("help")),
        )

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
