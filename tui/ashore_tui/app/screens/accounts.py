"""Who can log in: root, and users."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from textual import on
from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from ashore_installer.plan import User
from ashore_tui.app.screens.base import TopicScreen, heading, lead
from ashore_tui.app.screens.user import UserDialog, UserEdit
from ashore_tui.app.widgets.choice_list import ChoiceList
from ashore_tui.app.widgets.field import Field
from ashore_tui.app.widgets.password_field import PasswordField
from ashore_tui.app.widgets.tick import Tick
from ashore_tui.flow import fields
from ashore_tui.flow.edits import admin_group, put_user, remove_user, set_root_keys, set_root_password
from ashore_tui.flow.state import Flow, with_system
from ashore_tui.flow.topics import TopicId
from ashore_tui.text import _

_ADD = "+"
"""The id of the row that adds a user; no user can be called that."""


class AccountsScreen(TopicScreen):
    """root's password and key, then the users, each with a form of its own."""

    TOPIC = TopicId.ACCOUNTS

    def body(self) -> ComposeResult:
        root = self.flow.system.root
        yield lead(_("Set a password for root, or add a user who may become root."))
        known = root.password is not None
        hint = _("A password is set; type another one to change it.") if known else ""
        yield PasswordField(_("root's password"), id="root", hint=hint, optional=True)
        yield Field(
            _("root's ssh key"),
            fields.ssh_keys,
            id="root-keys",
            text="\n".join(root.ssh_keys[:1]),
            hint=_("The line of a .pub file, for who may log in over the network as root. Mostly empty."),
        )
        yield heading(_("Users"))
        yield ChoiceList(*self._users(), id="users")
        yield Tick(
            _("Nobody needs to log in: the image brings its own accounts"),
            self.setting.look.glyphs,
            id="no-login",
            ticked=self.flow.no_login,
        )

    def on_mount(self) -> None:
        self._listed = self.flow.system.users
        self.query_one(PasswordField).focus_input()

    def flow_changed(self) -> None:
        self.query_one(Tick).ticked = self.flow.no_login
        if self.flow.system.users == self._listed:
            return
        self._listed = self.flow.system.users
        listed = self.query_one(ChoiceList)
        here = listed.highlighted
        listed.set_options(self._users())
        listed.highlighted = min(here, listed.option_count - 1) if here is not None else None

    # --- root ------------------------------------------------------------------------------------------------

    @on(PasswordField.Changed)
    def _password(self, event: PasswordField.Changed) -> None:
        event.stop()
        secret = event.secret
        self.edit(lambda flow: with_system(flow, set_root_password(flow.system, secret)))

    @on(PasswordField.Done)
    def _password_done(self, event: PasswordField.Done) -> None:
        event.stop()
        self.action_next()

    @on(Field.Changed, "#root-keys")
    def _keys(self, event: Field.Changed) -> None:
        event.stop()
        if event.value is not None:
            keys: tuple[str, ...] = event.value
            self.edit(
                lambda flow: with_system(flow, set_root_keys(flow.system, (*keys, *flow.system.root.ssh_keys[1:])))
            )

    @on(Field.Done, "#root-keys")
    def _keys_done(self, event: Field.Done) -> None:
        event.stop()
        self.set_focus(self.query_one(ChoiceList))

    @on(Tick.Changed)
    def _no_login(self, event: Tick.Changed) -> None:
        event.stop()
        ticked = event.ticked
        self.edit(lambda flow: replace(flow, no_login=ticked))

    def action_next(self) -> None:
        if self.query_one(PasswordField).validate() and self.query_one("#root-keys", Field).validate() is not None:
            super().action_next()

    # --- users -----------------------------------------------------------------------------------------------

    @on(OptionList.OptionSelected)
    def _open(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        users = self.flow.system.users
        user = next((one for one in users if one.name == event.option.id), None)
        taken = tuple(one.name for one in users if one is not user)
        form = UserDialog(user, taken, admin_group(self.flow.facts), self.setting.look.glyphs)
        self.app.push_screen(form, self._filled)

    def _filled(self, answer: UserEdit | None) -> None:
        if answer is not None:
            self.edit(lambda flow: _with_user(flow, answer))

    def _users(self) -> Iterable[Option]:
        for user in self.flow.system.users:
            facts = ", ".join(filter(None, (user.gecos, *user.groups)))
            yield Option(Content.assemble((user.name, "bold"), (f"  {facts}", "$dim")), id=user.name)
        yield Option(Content.assemble(("+ ", "$accent"), _("Add a user")), id=_ADD)


def _with_user(flow: Flow, answer: UserEdit) -> Flow:
    kept: User | None = answer.user
    if kept is None:
        return with_system(flow, remove_user(flow.system, answer.name))
    return with_system(flow, put_user(flow.system, kept, instead_of=answer.name))
