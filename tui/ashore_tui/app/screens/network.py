"""The network cards of this machine and whether they are connected."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.widgets import Static

from ashore_tui.app.screens.base import TopicScreen, lead
from ashore_tui.app.widgets.action import Action
from ashore_tui.app.widgets.listed import Listed
from ashore_tui.flow.topics import TopicId
from ashore_tui.text import _


class NetworkScreen(TopicScreen):
    """Shows, and says what can't be set yet."""

    TOPIC = TopicId.NETWORK

    def body(self) -> ComposeResult:
        yield lead(_("The network cards of this machine:"))
        glyphs = self.setting.look.glyphs
        for link in self.flow.machine.links:
            state = _("connected") if link.up else _("not connected")
            text = f"{link.mac:<20} {state}"
            sign, kind = (glyphs.done, "good") if link.up else (glyphs.todo, "")
            yield Listed(sign, text, label=link.name, kind=kind)
        if not self.flow.machine.links:
            yield Static(_("There is none."), classes="listed", markup=False)
        yield Static(
            _(
                "The image of the medium needs no network. The installed system sets its network up as its image "
                "does, mostly by DHCP; settings of its own can't be given here yet."
            ),
            classes="note",
            markup=False,
        )

    def on_mount(self) -> None:
        self.query(Action).first().focus()
