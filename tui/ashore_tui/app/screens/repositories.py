"""The repositories: which are used, what came of reading them, and a form for one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from ashore_installer.package_plan import Repository
from ashore_installer.payload.package_protocol import KeyInfo
from ashore_tui.app.look import Look
from ashore_tui.app.messages import AskKeys
from ashore_tui.app.screens.flow_dialog import FlowDialog
from ashore_tui.app.screens.package_dialogs import KeysDialog
from ashore_tui.app.setting import Setting
from ashore_tui.app.widgets.choice_list import ChoiceList
from ashore_tui.app.widgets.field import Field
from ashore_tui.app.widgets.form_dialog import FormDialog
from ashore_tui.app.widgets.key_line import Key
from ashore_tui.app.widgets.option_rows import OFF, ON, OptionRows
from ashore_tui.app.widgets.option_rows import Setting as Row
from ashore_tui.flow.repositories import (
    Address,
    Known,
    address,
    address_of,
    confirm_keys,
    key_location,
    key_words,
    known,
    optional_address,
    put,
    remove,
    repository_id,
    state_words,
    toggle,
    with_address,
    with_key,
)
from ashore_tui.flow.state import Flow
from ashore_tui.text import _

_ADD = "+"
"""The id of the row that adds one; no repository can be called that."""


class RepositoryList(ChoiceList):
    """Space uses the repository, or uses it no more; Enter opens its form."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("space", "use", show=False)]

    @dataclass
    class Used(Message):
        """The other way round with this one."""

        id: str

    def action_use(self) -> None:
        if self.highlighted is not None:
            self.post_message(self.Used(str(self.get_option_at_index(self.highlighted).id)))


class RepositoriesDialog(FlowDialog):
    """All that are known. A new one is used at once, and its key is shown."""

    def __init__(self, setting: Setting, flow: Flow) -> None:
        super().__init__(setting, flow, _("Repositories"))

    def body(self) -> ComposeResult:
        yield RepositoryList(*self._options(), id="repositories")

    def keys(self) -> tuple[Key, ...]:
        return (
            ("Space", _("use it or not")),
            ("Enter", _("change it")),
            ("Tab", _("buttons")),
            ("Esc", _("close")),
            ("F1", _("help")),
        )

    def on_mount(self) -> None:
        listed = self.query_one(RepositoryList)
        listed.highlighted = 0
        self.set_focus(listed)

    def flow_changed(self) -> None:
        listed = self.query_one(RepositoryList)
        here = listed.highlighted or 0
        listed.set_options(self._options())
        listed.highlighted = min(here, listed.option_count - 1)

    def on_repository_list_used(self, event: RepositoryList.Used) -> None:
        event.stop()
        if event.id != _ADD:
            used = event.id
            self.edit(lambda flow: toggle(flow, used))

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        every = known(self.flow)
        found = next((one.repository for one in every if one.repository.id == event.option.id), None)
        taken = tuple(one.repository.id for one in every if one.repository is not found)
        self.app.push_screen(RepositoryForm(self.setting.look, found, taken), self._filled)

    def _filled(self, answer: RepositoryEdit | None) -> None:
        if answer is None:
            return
        edit, made = answer, answer.repository
        if made is None:
            self.edit(lambda flow: remove(flow, edit.id))
            return
        kept: Repository = made
        self.edit(lambda flow: put(flow, kept, instead_of=edit.id))
        if kept.gpgcheck and any(not key.fingerprint for key in kept.keys):
            self._confirm(kept)

    def _confirm(self, repository: Repository) -> None:
        """Show the key, to be trusted or not."""

        def trusted(keys: tuple[KeyInfo, ...] | None) -> None:
            if keys:
                sure = confirm_keys(repository, keys)
                self.edit(lambda flow: put(flow, sure, instead_of=sure.id))

        self.app.push_screen(KeysDialog(self.setting, repository.id, repository.name or repository.id), trusted)
        self.post_message(AskKeys(repository))

    def _options(self) -> Iterable[Option]:
        for one in known(self.flow):
            yield Option(self._line(one), id=one.repository.id)
        yield Option(Content.assemble(("+ ", "$accent"), _("Add a repository")), id=_ADD)

    def _line(self, one: Known) -> Content:
        glyphs = self.setting.look.glyphs
        wrong = bool(one.state and one.state.problem)
        sign = glyphs.ticked if one.used else glyphs.unticked
        indent = " " * (len(sign) + 1)
        return Content.assemble(
            f"{sign} ",
            (one.name, "bold"),
            (f"  {state_words(one)}", "$bad" if wrong else "$dim"),
            (f"\n{indent}{address_of(one.repository)[1]}\n{indent}{key_words(one.repository)}", "$dim"),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class RepositoryEdit:
    """`repository` takes the place of the one with the id (empty: is added); None removes that one."""

    id: str
    repository: Repository | None


class RepositoryForm(FormDialog[RepositoryEdit]):
    """Adds a repository, or changes one."""

    DEFAULT_CSS = """
    RepositoryForm Field { margin: 0; }
    RepositoryForm OptionRows { margin: 0 0 1 0; }
    RepositoryForm OptionRows > .option-list--option { padding: 0; }
    """

    def __init__(self, look: Look, repository: Repository | None, taken: tuple[str, ...]) -> None:
        title = _("Change {name}").format(name=repository.id) if repository else _("Add a repository")
        super().__init__(look, title, more=(("remove", _("Remove")),) if repository else ())
        self._old, self._taken = repository, taken
        self._start = repository or Repository(id="", install=True)

    def form(self) -> ComposeResult:
        start, glyphs = self._start, self.look.glyphs
        kind, text = address_of(start)
        yield Field(_("Name"), lambda name: repository_id(name, self._taken), id="id", text=start.id)
        yield Field(_("Address"), address, id="address", text=text)
        kinds = (
            (Address.BASE, _("of the repository itself")),
            (Address.MIRRORS, _("of a list of mirrors")),
            (Address.METALINK, _("of a metalink")),
        )
        yield OptionRows((Row(id="kind", label=_("The address is"), value=kind, values=kinds),), glyphs, id="kind")
        hint = _("Of the OpenPGP key that its packages are signed with. You confirm it next.")
        yield Field(_("Key's address"), optional_address, id="key", text=key_location(start), hint=hint)
        switches = (
            Row(id="gpgcheck", label=_("Check the packages' signatures"), value=ON if start.gpgcheck else OFF),
            Row(id="install", label=_("The installed system uses it too"), value=ON if start.install else OFF),
        )
        yield OptionRows(switches, glyphs, id="switches")

    def on_mount(self) -> None:
        for rows in self.query(OptionRows):
            rows.highlighted = 0
        self.query_one("#id", Field).focus_input()

    def on_option_rows_changed(self, event: OptionRows.Changed) -> None:
        event.stop()

    def answer(self) -> RepositoryEdit | None:
        values = {name: self.query_one(f"#{name}", Field).validate() for name in ("id", "address", "key")}
        if any(value is None for value in values.values()):
            return None
        switches = self.query_one("#switches", OptionRows).values
        kind = Address(self.query_one("#kind", OptionRows).values["kind"])
        made = with_key(with_address(self._start, kind, str(values["address"])), str(values["key"]))
        made = replace(
            made, id=str(values["id"]), gpgcheck=bool(switches["gpgcheck"]), install=bool(switches["install"])
        )
        if made.gpgcheck and not made.keys:
            self.say(_("Nothing could be checked without a key."), _("Give its address, or do not check signatures."))
            return None
        return RepositoryEdit(id=self._old.id if self._old else "", repository=made)

    def pressed(self, id: str) -> None:  # noqa: A002 (Textual's name)
        if id == "remove" and self._old:
            self.dismiss(RepositoryEdit(id=self._old.id, repository=None))
