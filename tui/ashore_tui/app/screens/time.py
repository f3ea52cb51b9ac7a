"""Time zone and hardware clock."""

from __future__ import annotations

from dataclasses import replace

from textual.app import ComposeResult

from ashore_tui.app.screens.base import TopicScreen, lead
from ashore_tui.app.widgets.key_line import Key
from ashore_tui.app.widgets.search_list import SearchList
from ashore_tui.app.widgets.tick import Tick
from ashore_tui.flow.choices import zones
from ashore_tui.flow.state import with_system
from ashore_tui.flow.topics import TopicId
from ashore_tui.text import _


class TimeScreen(TopicScreen):
    """A list to search; Enter takes a zone and goes on."""

    TOPIC = TopicId.TIME

    def body(self) -> ComposeResult:
        yield lead(_("Where is this machine? Type a city, a country or a zone."))
        yield SearchList(zones(), self.setting.look.glyphs, id="zones", chosen=self.flow.system.timezone, cursor="UTC")
        yield Tick(
            _("The hardware clock runs in UTC (Windows beside it wants local time)"),
            self.setting.look.glyphs,
            id="utc",
            ticked=self.flow.system.utc,
        )

    def keys(self) -> tuple[Key, ...]:
        return ((_("letters"), _("search")), (self.setting.look.glyphs.moves, _("move")), *super().keys())

    def on_mount(self) -> None:
        self.query_one(SearchList).focus_input()

    def flow_changed(self) -> None:
        if self.flow.system.timezone:
            self.query_one(SearchList).choose(self.flow.system.timezone)
        self.query_one(Tick).ticked = self.flow.system.utc

    def on_search_list_chosen(self, event: SearchList.Chosen) -> None:
        event.stop()
        zone = event.value
        self.edit(lambda flow: with_system(flow, replace(flow.system, timezone=zone)))
        self.action_next()

    def on_tick_changed(self, event: Tick.Changed) -> None:
        event.stop()
        utc = event.ticked
        self.edit(lambda flow: with_system(flow, replace(flow.system, utc=utc)))
