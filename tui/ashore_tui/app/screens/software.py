"""The source in traditional mode: repositories, and what is chosen from them."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from textual.app import ComposeResult
from textual.widgets import Static

from ashore_tui.app.screens.base import TopicScreen, lead
from ashore_tui.app.screens.flow_dialog import FlowDialog
from ashore_tui.app.screens.package_dialogs import EnvironmentDialog, ExcludesDialog, GroupsDialog, PackagesDialog
from ashore_tui.app.screens.repositories import RepositoriesDialog
from ashore_tui.app.setting import Setting as AppSetting
from ashore_tui.app.widgets.key_line import Key
from ashore_tui.app.widgets.option_rows import OFF, ON, OptionRows, Setting
from ashore_tui.flow.repositories import used_words
from ashore_tui.flow.software import (
    chosen,
    environment_words,
    group_words,
    set_excludes,
    solved_lines,
    with_switch,
)
from ashore_tui.flow.state import Flow
from ashore_tui.flow.topics import TopicId, status_of
from ashore_tui.flow.wrong import wrong_lines
from ashore_tui.text import _

_DIALOGS: Mapping[str, Callable[[AppSetting, Flow], FlowDialog]] = {
    "repositories": RepositoriesDialog,
    "environment": EnvironmentDialog,
    "groups": GroupsDialog,
    "packages": PackagesDialog,
}
_SWITCHES = ("documentation", "weak_dependencies")


class SoftwareScreen(TopicScreen):
    """A row for each kind of choice, which Enter opens; below them what the solver makes of it."""

    TOPIC = TopicId.SOURCE

    def body(self) -> ComposeResult:
        yield lead(_("Which packages shall become the system?"))
        yield OptionRows(self._rows(), self.setting.look.glyphs, id="software")
        yield Static(id="solved", classes="note", markup=False)

    def on_mount(self) -> None:
        rows = self.query_one(OptionRows)
        rows.highlighted = 0 if not chosen(self.flow).repositories else 1
        self.set_focus(rows)
        self.flow_changed()

    def keys(self) -> tuple[Key, ...]:
        return (
            ("Enter", _("choose")),
            ("Tab", _("buttons")),
            ("Esc", _("all topics")),
            ("F1", _("help")),
        )

    def flow_changed(self) -> None:
        self.query_one(OptionRows).show(self._rows())
        problems = status_of(self.TOPIC, self.flow).problems
        solved = self.query_one("#solved", Static)
        solved.set_class(bool(problems), "wrong")
        solved.update("\n".join(wrong_lines(problems) or solved_lines(self.flow)))

    def on_option_rows_changed(self, event: OptionRows.Changed) -> None:
        event.stop()
        name = event.setting
        if name in _SWITCHES:
            value = bool(event.value)
            self.edit(lambda flow: with_switch(flow, name, on=value))
        elif name == "excludes":
            self.app.push_screen(ExcludesDialog(self.setting, chosen(self.flow).excludes), self._leave_out)
        else:
            self.app.push_screen(_DIALOGS[name](self.setting, self.flow))

    def _leave_out(self, names: tuple[str, ...] | None) -> None:
        if names is not None:
            kept = names
            self.edit(lambda flow: set_excludes(flow, kept))

    def _rows(self) -> tuple[Setting, ...]:
        payload, catalogue = chosen(self.flow), self.flow.catalogue
        some = _("none")
        return (
            _row("repositories", _("Repositories"), used_words(self.flow)),
            _row("environment", _("Environment"), environment_words(payload, catalogue)),
            _row("groups", _("Groups"), group_words(payload, catalogue)),
            _row("packages", _("Packages"), " ".join(payload.packages) or some),
            _row("excludes", _("Left out"), " ".join(payload.excludes) or some),
            _switch("documentation", _("Documentation"), on=payload.documentation),
            _switch("weak_dependencies", _("What packages recommend besides"), on=payload.weak_dependencies),
        )


def _row(name: str, label: str, words: str) -> Setting:
    return Setting(id=name, label=label, value=words, values=((words, words),), opens=True)


def _switch(name: str, label: str, *, on: bool) -> Setting:
    return Setting(id=name, label=label, value=ON if on else OFF)
