"""Kernel arguments of the installed system."""

from __future__ import annotations

from dataclasses import replace

from textual.app import ComposeResult
from textual.widgets import Static

from ashore_tui.app.screens.base import TopicScreen, heading, lead
from ashore_tui.app.widgets.field import Field
from ashore_tui.flow import fields
from ashore_tui.flow.state import with_draft
from ashore_tui.flow.topics import TopicId
from ashore_tui.text import _


class BootScreen(TopicScreen):
    """One field; Enter goes on."""

    TOPIC = TopicId.BOOT

    def body(self) -> ComposeResult:
        yield lead(_("Arguments for the kernel of the new system, besides those of its image."))
        yield Field(
            _("Kernel arguments"),
            fields.kernel_arguments,
            id="kargs",
            text=" ".join(self.flow.draft.kargs),
            hint=_("Separated by blanks, like console=ttyS0,115200 quiet. Mostly none are needed."),
        )
        image = self.flow.facts
        kargs = (*image.install.kargs, *image.kargs) if image else ()
        if kargs:
            yield heading(_("The image's own"))
            yield Static(" ".join(kargs), classes="listed dim", markup=False)

    def on_mount(self) -> None:
        self.query_one(Field).focus_input()

    def on_field_changed(self, event: Field.Changed) -> None:
        event.stop()
        if event.value is not None:
            kargs: tuple[str, ...] = event.value
            self.edit(lambda flow: with_draft(flow, replace(flow.draft, kargs=kargs)))

    def on_field_done(self, event: Field.Done) -> None:
        event.stop()
        self.action_next()

    def action_next(self) -> None:
        if self.query_one(Field).validate() is not None:
            super().action_next()
