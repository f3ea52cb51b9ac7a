"""Where the logs shall be saved."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.widgets import Static

from ashore_tui.app.widgets.action import Action
from ashore_tui.app.widgets.field import Field
from ashore_tui.app.widgets.key_line import Key, KeyLine
from ashore_tui.app.widgets.over import Over
from ashore_tui.logs import DEFAULT, file_name
from ashore_tui.text import _


class SaveDialog(Over[Path | None]):
    """Asks for a file name; None is no file."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss(None)", show=False)]

    def compose(self) -> ComposeResult:
        with Vertical(id="dialog"):
            yield Static(self.title_text, id="dialog-title", markup=False)
            yield Field(_("File"), file_name, id="file", text=DEFAULT, hint=_("A mounted USB stick is a good place."))
            with Horizontal(id="dialog-answers"):
                yield Action(_("Save"), id="yes", classes="-main")
                yield Action(_("Cancel"), id="no")
        yield KeyLine(self.keys())

    @property
    def title_text(self) -> str:
        return _("Save the logs")

    @property
    def help_text(self) -> str:
        return _("The log and the journal of the installation become one file. They hold no passwords.")

    def keys(self) -> tuple[Key, ...]:
        return (("Enter", _("save")), ("Tab", _("move")), ("Esc", _("cancel")), ("F1", _("help")))

    def on_field_done(self, event: Field.Done) -> None:
        event.stop()
        self._save()

    def on_action_pressed(self, event: Action.Pressed) -> None:
        event.stop()
        if event.action.id == "yes":
            self._save()
        else:
            self.dismiss(None)

    def _save(self) -> None:
        path: Path | None = self.query_one("#file", Field).validate()
        if path is not None:
            self.dismiss(path)
