"""What is chosen from repositories: an environment, groups, packages; and the keys that vouch for them."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.widgets import Static

from ashore_installer.payload.package_protocol import KeyInfo
from ashore_tui.app.messages import AskPackages, KeysRead, PackagesFound
from ashore_tui.app.screens.flow_dialog import FlowDialog
from ashore_tui.app.setting import Setting
from ashore_tui.app.widgets.action import Action
from ashore_tui.app.widgets.busy import Busy
from ashore_tui.app.widgets.field import Field
from ashore_tui.app.widgets.form_dialog import FormDialog
from ashore_tui.app.widgets.key_line import KeyLine
from ashore_tui.app.widgets.over import Over
from ashore_tui.app.widgets.search_list import SearchList
from ashore_tui.app.widgets.tick_search import FoundSearch, TickSearch
from ashore_tui.flow.repositories import spaced
from ashore_tui.flow.software import (
    NONE,
    choose_environment,
    chosen,
    environments,
    found_choices,
    groups,
    package_names,
    toggle_group,
    toggle_package,
)
from ashore_tui.flow.state import Flow
from ashore_tui.text import _, n_, said


class EnvironmentDialog(FlowDialog):
    """One of the environments, or none; Enter takes it and closes."""

    def __init__(self, setting: Setting, flow: Flow) -> None:
        super().__init__(setting, flow, _("Environment"))

    def body(self) -> ComposeResult:
        at = chosen(self.flow).environment or NONE
        yield SearchList(environments(self.flow.catalogue), self.setting.look.glyphs, id="environments", chosen=at)

    def on_mount(self) -> None:
        self.query_one(SearchList).focus_input()

    def on_search_list_chosen(self, event: SearchList.Chosen) -> None:
        event.stop()
        taken = event.value
        self.edit(lambda flow: choose_environment(flow, taken))
        self.dismiss(None)


class GroupsDialog(FlowDialog):
    """Any of the groups."""

    def __init__(self, setting: Setting, flow: Flow) -> None:
        super().__init__(setting, flow, _("Groups: Enter adds one, or takes it away"))

    def body(self) -> ComposeResult:
        ticked = [one.id for one in chosen(self.flow).groups]
        yield TickSearch(groups(self.flow), self.setting.look.glyphs, id="groups", ticked=ticked)

    def on_mount(self) -> None:
        self.query_one(TickSearch).focus_input()

    def flow_changed(self) -> None:
        self.query_one(TickSearch).tick([one.id for one in chosen(self.flow).groups])

    def on_tick_search_ticked(self, event: TickSearch.Ticked) -> None:
        event.stop()
        group = event.value
        self.edit(lambda flow: toggle_group(flow, group))


class PackagesDialog(FlowDialog):
    """Packages by name: what is typed is looked for in the repositories."""

    def __init__(self, setting: Setting, flow: Flow) -> None:
        super().__init__(setting, flow, _("Packages: Enter adds one, or takes it away"))

    def body(self) -> ComposeResult:
        yield Static(self._named(), id="named", classes="dim", markup=False)
        named = chosen(self.flow).packages
        hint = _("Type a part of a name or of what it is for")
        yield FoundSearch((), self.setting.look.glyphs, id="found", ticked=named, hint=hint)

    def on_mount(self) -> None:
        search = self.query_one(FoundSearch)
        search.typed("")
        search.focus_input()

    def flow_changed(self) -> None:
        self.query_one(FoundSearch).tick(chosen(self.flow).packages)
        self.query_one("#named", Static).update(self._named())

    def on_found_search_typed(self, event: FoundSearch.Typed) -> None:
        event.stop()
        self.post_message(AskPackages(event.words))

    async def hear(self, message: Message) -> None:
        """Show what the repositories have; other words may have been typed meanwhile."""
        if isinstance(message, PackagesFound) and message.words == tuple(self.query_one(FoundSearch).text.split()):
            self._show_found(message)

    def _show_found(self, found: PackagesFound) -> None:
        search = self.query_one(FoundSearch)
        if found.matched is None:
            search.offer((), said(found.problem))
            return
        count = found.matched.total
        text = n_("One package was found.", "{count} packages were found.", count).format(count=count)
        search.offer(found_choices(found.matched.packages), text if count else _("Nothing has that in it."))

    def on_tick_search_ticked(self, event: TickSearch.Ticked) -> None:
        event.stop()
        name = event.value
        self.edit(lambda flow: toggle_package(flow, name))

    def _named(self) -> str:
        names = " ".join(chosen(self.flow).packages)
        return _("Chosen: {names}").format(names=names) if names else _("None is chosen by its name.")


class ExcludesDialog(FormDialog[tuple[str, ...]]):
    """Names of what is never installed."""

    def __init__(self, setting: Setting, names: tuple[str, ...]) -> None:
        super().__init__(setting.look, _("Packages that are left out"))
        self._names = names

    def form(self) -> ComposeResult:
        hint = _("Names or patterns like *-doc with blanks between them. What needs them is left out too, or refused.")
        yield Field(_("Names"), package_names, id="names", text=" ".join(self._names), hint=hint)

    def on_mount(self) -> None:
        self.query_one(Field).focus_input()

    def answer(self) -> tuple[str, ...] | None:
        names: tuple[str, ...] | None = self.query_one(Field).validate()
        return names


class KeysDialog(Over[tuple[KeyInfo, ...] | None]):
    """The keys of a repository, read while this is shown. Dismissed with them when the person trusts them."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", show=False),
        Binding("left", "app.focus_previous", show=False),
        Binding("right", "app.focus_next", show=False),
    ]
    DEFAULT_CSS = """
    KeysDialog {
        #keys-place { height: auto; max-height: 12; }
        .wrong { color: $bad; }
    }
    """

    def __init__(self, setting: Setting, repository: str, name: str) -> None:
        super().__init__()
        self._glyphs, self.repository, self._called = setting.look.glyphs, repository, name
        self._keys: tuple[KeyInfo, ...] = ()

    def compose(self) -> ComposeResult:
        with Vertical(id="dialog"):
            yield Static(self.title_text, id="dialog-title", markup=False)
            with Vertical(id="keys-place"):
                yield Busy(self._glyphs.spinner, _("Reading the key"))
            with Horizontal(id="dialog-answers"):
                yield Action(_("Not now"), id="no")
                yield Action(_("Trust it"), id="yes", classes="-main", disabled=True)
        yield KeyLine(self.keys())

    @property
    def title_text(self) -> str:
        return _("The key of {name}").format(name=self._called)

    @property
    def help_text(self) -> str:
        return _(
            "Packages are installed only when a key that you trust has signed them. The fingerprint tells a key "
            "from every other one: compare all of it."
        )

    def on_mount(self) -> None:
        self.set_focus(self.query_one("#no"))

    async def hear(self, message: Message) -> None:
        if isinstance(message, KeysRead) and message.repository.id == self.repository:
            await self._show_keys(message)

    async def _show_keys(self, answer: KeysRead) -> None:
        place = self.query_one("#keys-place")
        await place.remove_children()
        if answer.problem or not answer.keys:
            text = said(answer.problem) or _("There is no key at that address.")
            await place.mount(Static(text, classes="wrong", markup=False))
            return
        self._keys = answer.keys
        lines = [line for key in answer.keys for line in (*key.user_ids, f"  {spaced(key.fingerprint)}", "")]
        question = _(
            "Compare it with what the maker of the packages publishes. Whoever has this key can sign packages."
        )
        await place.mount(Static("\n".join((*lines, question)), markup=False))
        self.query_one("#yes", Action).disabled = False

    def on_action_pressed(self, event: Action.Pressed) -> None:
        event.stop()
        self.dismiss(self._keys if event.action.id == "yes" else None)
