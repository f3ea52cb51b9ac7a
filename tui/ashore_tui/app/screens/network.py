"""The network cards of this machine: what they have now, and what the installed system does with them."""

from __future__ import annotations

from collections.abc import Iterable

from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from ashore_tui.app.screens.base import TopicScreen, lead
from ashore_tui.app.screens.network_form import NetworkEdit, NetworkForm
from ashore_tui.app.widgets.action import Action
from ashore_tui.app.widgets.choice_list import ChoiceList
from ashore_tui.app.widgets.key_line import Key
from ashore_tui.flow.network import Card, cards, method_words, now_words, put_connection
from ashore_tui.flow.state import with_system
from ashore_tui.flow.topics import TopicId
from ashore_tui.flow.wrong import wrong_lines
from ashore_tui.text import _
from ashore_tui.text.cells import pad

_NAME = 16


class NetworkScreen(TopicScreen):
    """A list of the cards; Enter opens the form of one."""

    TOPIC = TopicId.NETWORK

    def body(self) -> ComposeResult:
        yield lead(_("The network cards of this machine. Choose one to set it up."))
        if self.flow.machine.links:
            yield ChoiceList(*self._options(), id="cards")
        else:
            yield Static(_("There is none."), classes="listed", markup=False)
        yield Static(self._servers(), id="servers", classes="note", markup=False)
        yield Static("\n".join(self._problems()), id="network-problem", classes="wrong", markup=False)

    def on_mount(self) -> None:
        free = [number for number, card in enumerate(cards(self.flow)) if not card.refusal]
        if free:
            listed = self.query_one(ChoiceList)
            listed.highlighted = free[0]
            self.set_focus(listed)
        else:
            self.set_focus(self.query(Action).first())

    def keys(self) -> tuple[Key, ...]:
        return (
            ("Enter", _("set it up")),
            ("Tab", _("move")),
            ("Esc", _("all topics")),
            ("F1", _("help")),
        )

    def flow_changed(self) -> None:
        for option in self._options():
            self.query_one(ChoiceList).replace_option_prompt(str(option.id), option.prompt)
        self.query_one("#servers", Static).update(self._servers())
        self.query_one("#network-problem", Static).update("\n".join(self._problems()))

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        card = next(one for one in cards(self.flow) if one.link.name == event.option.id)

        def filled(answer: NetworkEdit | None) -> None:
            if answer is not None:
                edit = answer
                self.edit(lambda flow: with_system(flow, put_connection(flow, card, edit.connection)))

        self.app.push_screen(NetworkForm(self.setting.look, card, self.flow.machine), filled)

    def _options(self) -> Iterable[Option]:
        return (Option(self._line(card), id=card.link.name, disabled=bool(card.refusal)) for card in cards(self.flow))

    def _line(self, card: Card) -> Content:
        glyphs, link = self.setting.look.glyphs, card.link
        sign, colour = (glyphs.done, "$good") if link.up else (glyphs.todo, "$dim")
        after = card.refusal or method_words(card.connection)
        return Content.assemble(
            (f"{sign}  ", colour),
            (f"{link.name}  ", "bold"),
            (f"{link.mac}\n", "$dim"),
            (f"   {pad(_('now'), _NAME)} ", "$dim"),
            f"{now_words(link)}\n",
            (f"   {pad(_('when installed'), _NAME)} ", "$dim"),
            f"{after}\n",
        )

    def _servers(self) -> str:
        """What the running system resolves names with; the image of a medium needs none of it."""
        servers = ", ".join(self.flow.machine.dns)
        if servers:
            return _("Name servers now: {servers}").format(servers=servers)
        return _("What is on the medium needs no network.")

    def _problems(self) -> tuple[str, ...]:
        problem = self.flow.network_problem
        return wrong_lines((problem,)) if problem else ()
