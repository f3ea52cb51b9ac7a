"""Image mode or traditional: one sentence each, and what this medium offers."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from ashore_tui.app.screens.base import TopicScreen, lead
from ashore_tui.app.screens.rows import row
from ashore_tui.app.widgets.choice_list import ChoiceList
from ashore_tui.flow.state import Mode, with_mode
from ashore_tui.flow.topics import TopicId
from ashore_tui.text import _, n_


class ModeScreen(TopicScreen):
    """Enter takes the mode and goes on."""

    TOPIC = TopicId.MODE

    def body(self) -> ComposeResult:
        yield lead(_("How shall the system be installed and updated?"))
        yield ChoiceList(*self._options(), id="modes")

    def on_mount(self) -> None:
        listed = self.query_one(ChoiceList)
        listed.highlighted = 0
        self.set_focus(listed)

    def flow_changed(self) -> None:
        listed = self.query_one(ChoiceList)
        for option in self._options():
            listed.replace_option_prompt(str(option.id), option.prompt)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        mode = Mode(str(event.option.id))
        self.edit(lambda flow: with_mode(flow, mode))
        self.action_next()

    def _options(self) -> tuple[Option, ...]:
        glyphs, flow = self.setting.look.glyphs, self.flow
        image = row(
            glyphs,
            _("Image mode"),
            _("A whole, tested image becomes the system. Updates replace it, and can be rolled back."),
            self._offers(),
            chosen=flow.mode is Mode.IMAGE,
        )
        traditional = row(
            glyphs,
            _("Traditional"),
            _("Packages are installed one by one, and updated one by one."),
            _(flow.traditional) or self._packages(),
            chosen=flow.mode is Mode.TRADITIONAL,
        )
        return (
            Option(image, id=Mode.IMAGE),
            Option(traditional, id=Mode.TRADITIONAL, disabled=bool(flow.traditional)),
        )

    def _packages(self) -> str:
        """Where packages come from."""
        names = ", ".join(one.name or one.id for one in self.flow.repositories)
        return _("From {names}.").format(names=names) if names else _("From repositories that you name.")

    def _offers(self) -> str:
        offers = self.flow.offers
        if not offers:
            return _("This medium carries no image; one can be fetched over the network.")
        names = ", ".join(offer.image.name for offer in offers)
        return n_("This medium carries {names}.", "This medium carries {count} images: {names}.", len(offers)).format(
            names=names, count=len(offers)
        )
