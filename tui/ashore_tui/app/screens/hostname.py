"""The host name."""

from __future__ import annotations

from dataclasses import replace

from textual.app import ComposeResult

from ashore_tui.app.screens.base import TopicScreen, lead
from ashore_tui.app.widgets.field import Field
from ashore_tui.flow import fields
from ashore_tui.flow.state import with_system
from ashore_tui.flow.topics import TopicId
from ashore_tui.text import _


class HostnameScreen(TopicScreen):
    """One field; Enter goes on."""

    TOPIC = TopicId.HOSTNAME

    def body(self) -> ComposeResult:
        yield lead(_("What is this machine called in its network?"))
        yield Field(
            _("Host name"),
            fields.hostname,
            id="hostname",
            text=self.flow.system.hostname,
            hint=_("Like shore.example. Empty leaves the name that the image has."),
        )

    def on_mount(self) -> None:
        self.query_one(Field).focus_input()

    def on_field_changed(self, event: Field.Changed) -> None:
        event.stop()
        if event.value is not None:
            name: str = event.value
            self.edit(lambda flow: with_system(flow, replace(flow.system, hostname=name)))

    def on_field_done(self, event: Field.Done) -> None:
        event.stop()
        self.action_next()

    def action_next(self) -> None:
        if self.query_one(Field).validate() is not None:
            super().action_next()
