"""Language and keyboard of the installed system, and the language of these screens."""

from __future__ import annotations

from dataclasses import replace

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical

from ashore_tui.app.messages import Speak
from ashore_tui.app.screens.base import TopicScreen, heading, lead
from ashore_tui.app.widgets.key_line import Key
from ashore_tui.app.widgets.search_list import SearchList
from ashore_tui.flow.choices import Choice, keymaps, languages, usual_locale
from ashore_tui.flow.edits import choose_keymap, choose_language
from ashore_tui.flow.state import with_system
from ashore_tui.flow.topics import TopicId
from ashore_tui.text import _, language


class WelcomeScreen(TopicScreen):
    """Two lists side by side. Enter takes a language and goes to the keyboards; Enter there goes on."""

    TOPIC = TopicId.WELCOME

    def body(self) -> ComposeResult:
        system, glyphs = self.flow.system, self.setting.look.glyphs
        yield lead(_("Welcome. Choose the language and the keyboard of the new system."))
        with Horizontal(id="columns"):
            with Vertical():
                yield heading(_("Language"))
                yield SearchList(
                    self._languages(), glyphs, id="languages", chosen=system.locale, cursor=usual_locale(language())
                )
            with Vertical():
                yield heading(_("Keyboard"))
                yield SearchList(keymaps(), glyphs, id="keymaps", chosen=system.keymap, cursor="us")

    def keys(self) -> tuple[Key, ...]:
        moves = self.setting.look.glyphs.moves
        return ((_("letters"), _("search")), (moves, _("move")), *super().keys())

    def on_mount(self) -> None:
        self.query_one("#languages", SearchList).focus_input()

    def flow_changed(self) -> None:
        system = self.flow.system
        if system.locale:
            self.query_one("#languages", SearchList).choose(system.locale)
        if system.keymap:
            self.query_one("#keymaps", SearchList).choose(system.keymap)

    async def speak(self) -> None:
        await super().speak()
        self.query_one("#keymaps", SearchList).focus_input()

    @on(SearchList.Chosen, "#languages")
    def _language_chosen(self, event: SearchList.Chosen) -> None:
        event.stop()
        locale = event.value
        self.edit(lambda flow: with_system(flow, choose_language(flow.system, locale)))
        self.post_message(Speak(locale))
        self.query_one("#keymaps", SearchList).focus_input()

    @on(SearchList.Chosen, "#keymaps")
    def _keymap_chosen(self, event: SearchList.Chosen) -> None:
        event.stop()
        name = event.value
        self.edit(lambda flow: with_system(flow, choose_keymap(flow.system, name)))
        self.action_next()

    def _languages(self) -> tuple[Choice, ...]:
        """Where the terminal has few glyphs, a language goes by its English name."""
        if not self.setting.look.is_ascii:
            return languages()
        return tuple(replace(one, label=one.detail, detail="") for one in languages())
