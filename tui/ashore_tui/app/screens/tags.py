"""The tags of an image: asked for over the network while this is shown, then a list to search."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.screen import ModalScreen
from textual.widgets import Static

from ashore_tui.app.messages import TagsListed
from ashore_tui.app.setting import Setting
from ashore_tui.app.widgets.action import Action
from ashore_tui.app.widgets.busy import Busy
from ashore_tui.app.widgets.search_list import SearchList
from ashore_tui.flow.tags import tag_choices, tag_of, untagged
from ashore_tui.text import _, said


class TagsDialog(ModalScreen[str | None]):
    """Dismissed with a tag; with None when Esc is pressed, also while the registry is asked."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss(None)", show=False)]
    DEFAULT_CSS = """
    TagsDialog {
        align: center middle;
        #dialog { width: 64; max-width: 96%; height: 18; max-height: 96%; background: $surface; padding: 1 2; }
        #dialog-title { text-style: bold; color: $accent; margin-bottom: 1; }
        #tags-place { height: 1fr; }
        ChoiceList { background: $surface; }
        .wrong { color: $bad; }
        #dialog-answers { height: 1; margin-top: 1; }
        &:ansi #dialog { border: ascii ansi_default; padding: 0 2; }
    }
    """

    def __init__(self, setting: Setting, source: str) -> None:
        super().__init__()
        self._glyphs, self.source = setting.look.glyphs, source

    def compose(self) -> ComposeResult:
        with Vertical(id="dialog"):
            yield Static(_("Tags of {name}").format(name=untagged(self.source)), id="dialog-title", markup=False)
            with Vertical(id="tags-place"):
                yield Busy(self._glyphs.spinner, _("Asking the registry"))
            with Horizontal(id="dialog-answers"):
                yield Action(_("Cancel"), id="no")

    def on_mount(self) -> None:
        self.set_focus(self.query_one("#no"))

    async def show(self, answer: TagsListed) -> None:
        """Show what the registry said; it may have been asked for another image meanwhile."""
        if answer.source != self.source:
            return
        place = self.query_one("#tags-place")
        await place.remove_children()
        if answer.problem:
            await place.mount(Static(said(answer.problem), classes="wrong", markup=False))
            return
        listed = SearchList(tag_choices(answer.tags), self._glyphs, id="tags", chosen=tag_of(self.source))
        await place.mount(listed)
        listed.focus_input()

    def on_search_list_chosen(self, event: SearchList.Chosen) -> None:
        event.stop()
        self.dismiss(event.value)

    def on_action_pressed(self, event: Action.Pressed) -> None:
        event.stop()
        self.dismiss(None)
