"""The image to install: one of the medium, or one from elsewhere that is looked up as soon as it is named."""

from __future__ import annotations

from collections.abc import Iterable

from textual import on, work
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from ashore_installer.image import ImageInfo
from ashore_tui.app.messages import AskTags
from ashore_tui.app.screens.base import TopicScreen, heading, lead
from ashore_tui.app.screens.tags import TagsDialog
from ashore_tui.app.setting import Setting
from ashore_tui.app.widgets.action import Action
from ashore_tui.app.widgets.choice_list import ChoiceList
from ashore_tui.app.widgets.field import Field
from ashore_tui.app.widgets.listed import Listed
from ashore_tui.flow import fields
from ashore_tui.flow.choices import images
from ashore_tui.flow.review import image_facts
from ashore_tui.flow.state import Flow, with_offer, with_remote
from ashore_tui.flow.tags import has_tags, tagged
from ashore_tui.flow.topics import TopicId
from ashore_tui.text import _, said


class SourceScreen(TopicScreen):
    """A list of the medium's images, a field for another one, and what is known of the one that is chosen."""

    TOPIC = TopicId.SOURCE

    def body(self) -> ComposeResult:
        yield lead(_("Which image shall become the system?"))
        if self.flow.offers:
            yield ChoiceList(*self._options(), id="offers")
        remote = "" if self.flow.offer else self.flow.draft.payload.source
        yield Field(
            _("Another image"),
            fields.image_reference,
            id="remote",
            text=remote.removeprefix("docker://"),
            hint=_("A name in a registry, like quay.io/example/os:1. Enter looks it up."),
        )
        yield Vertical(id="facts-of-image")

    def actions(self) -> Iterable[Action]:
        yield self.next_button()
        yield Action(_("Tags of this image"), id="list-tags")
        yield from self.ways_back()

    def __init__(self, setting: Setting, flow: Flow) -> None:
        super().__init__(setting, flow)
        self._known: ImageInfo | None = None

    def on_mount(self) -> None:
        if self.flow.offers:
            self.query_one(ChoiceList).highlighted = 0
            self.set_focus(self.query_one(ChoiceList))
        else:
            self.query_one(Field).focus_input()
        self.flow_changed()

    def flow_changed(self) -> None:
        for option in self._options():
            self.query_one(ChoiceList).replace_option_prompt(str(option.id), option.prompt)
        if self.flow.image != self._known:
            self._known = self.flow.image
            self._show_facts()
        if self.flow.source_problem:
            self.query_one(Field).say(said(self.flow.source_problem.message), wrong=True)

    @on(OptionList.OptionSelected)
    def _take_offer(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        offer = next(one for one in self.flow.offers if one.source == event.option.id)
        self.edit(lambda flow: with_offer(flow, offer))
        self.action_next()

    @on(Field.Changed)
    def _typed(self, event: Field.Changed) -> None:
        event.stop()
        if not event.field.text:
            event.field.say(_("A name in a registry, like quay.io/example/os:1. Enter looks it up."))

    @on(Field.Done)
    def _take_remote(self, event: Field.Done) -> None:
        """Enter looks the image up; Enter again, once it was found, goes on."""
        event.stop()
        name = event.field.validate()
        if name is None:
            return
        if name == self.flow.draft.payload.source and self.flow.image is not None:
            self.action_next()
        else:
            self.edit(lambda flow: with_remote(flow, name))

    def on_action_pressed(self, event: Action.Pressed) -> None:
        if event.action.id == "list-tags":
            event.stop()
            self._list_tags()
        else:
            super().on_action_pressed(event)

    def _list_tags(self) -> None:
        """Show the tags of the image that is named, to take one of them."""
        field = self.query_one(Field)
        source: str | None = field.validate()
        if source is None or not has_tags(source):
            field.say(_("Name an image of a registry first, like quay.io/example/os."), wrong=True)
            field.focus_input()
            return
        name: str = source

        def taken(tag: str | None) -> None:
            if tag is not None:
                field.input.value = tagged(name, tag).removeprefix("docker://")
                self.edit(lambda flow: with_remote(flow, tagged(name, tag)))
                self.set_focus(self.query_one("#next"))

        self.app.push_screen(TagsDialog(self.setting, name), taken)
        self.post_message(AskTags(name))

    def _options(self) -> tuple[Option, ...]:
        glyphs, chosen = self.setting.look.glyphs, self.flow.draft.payload.source
        return tuple(
            Option(
                Content.assemble(
                    f"{glyphs.chosen if one.value == chosen else glyphs.unchosen} ",
                    (one.label, "bold"),
                    "  ",
                    (_("on this medium, {size}").format(size=one.detail), "$dim"),
                ),
                id=one.value,
            )
            for one in images(self.flow.offers)
        )

    @work(exclusive=True)
    async def _show_facts(self) -> None:
        """What is known of the image that is chosen."""
        place = self.query_one("#facts-of-image")
        await place.remove_children()
        if self.flow.image is not None:
            facts = image_facts(self.flow.image, self.flow.draft.payload.target, self.flow.trust)
            rows = (Listed("", text, label=name, room=14) for name, text in facts)
            await place.mount(heading(_("What is chosen")), *rows)
        if isinstance(self.focused, ChoiceList):
            self.call_after_refresh(self._to_top)

    def _to_top(self) -> None:
        """What came below the list may have moved it out of sight."""
        self.query_one("#body").scroll_home(animate=False)
