"""The tags of an image: asked for over the network while this is shown, then a list to search."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.widgets import Static

from ashore_tui.app.messages import TagsListed
from ashore_tui.app.setting import Setting
from ashore_tui.app.widgets.action import Action
from ashore_tui.app.widgets.busy import Busy
from ashore_tui.app.widgets.key_line import Key, KeyLine
from ashore_tui.app.widgets.over import Over
from ashore_tui.app.widgets.search_list import SearchList
from ashore_tui.flow.tags import tag_choices, tag_of, untagged
from ashore_tui.text import _, said


class TagsDialog(Over[str | None]):
    """Dismissed with a tag; with None when Esc is pressed, also while the registry is asked."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss(None)", show=False)]
    DEFAULT_CSS = """
    TagsDialog {
        #dialog { height: 20; }
        &.-high #dialog { height: 30; }
        #tags-place { height: 1fr; }
        .wrong { color: $bad; }
    }
    """

    def __init__(self, setting: Setting, source: str) -> None:
        super().__init__()
        self._glyphs, self.source = setting.look.glyphs, source

    def compose(self) -> ComposeResult:
        with Vertical(id="dialog"):
            yield Static(self.title_text, id="dialog-title", markup=False)
            with Vertical(id="tags-place"):
                yield Busy(self._glyphs.spinner, _("Asking the registry"))
            with Horizontal(id="dialog-answers"):
                yield Action(_("Cancel"), id="no")
        yield KeyLine(self.keys())

    @property
    def title_text(self) -> str:
        return _("Tags of {name}").format(name=untagged(self.source))

    @property
    def help_text(self) -> str:
        return _("The tags that the registry has of this image. The one that is chosen is looked up at once.")

    def keys(self) -> tuple[Key, ...]:
        return (
            (_("letters"), _("search")),
            (self._glyphs.moves, _("move")),
            ("Enter", _("choose")),
            ("Esc", _("cancel")),
            ("F1", _("help")),
        )

    def on_mount(self) -> None:
        self.set_focus(self.query_one("#no"))

    async def hear(self, message: Message) -> None:
        """Show what the registry said; it may have been asked for another image meanwhile."""
        if isinstance(message, TagsListed) and message.source == self.source:
            await self._show_tags(message)

    async def _show_tags(self, answer: TagsListed) -> None:
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
