"""The form of one user."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.widgets import Static

from ashore_installer.plan import User
from ashore_tui.app.look import Glyphs
from ashore_tui.app.widgets.action import Action
from ashore_tui.app.widgets.field import Field
from ashore_tui.app.widgets.key_line import Key, KeyLine
from ashore_tui.app.widgets.over import Over
from ashore_tui.app.widgets.password_field import PasswordField
from ashore_tui.app.widgets.tick import Tick
from ashore_tui.flow import fields
from ashore_tui.flow.edits import set_admin, set_password, usual_name
from ashore_tui.flow.fields import Wrong
from ashore_tui.text import _


@dataclass(frozen=True, slots=True, kw_only=True)
class UserEdit:
    """`user` takes the place of the one called `name` (empty: is added); None removes that one."""

    name: str
    user: User | None


class UserDialog(Over[UserEdit | None]):
    """Adds a user, or changes `user`. `group` is the one whose members may become root."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", show=False),
        Binding("down", "app.focus_next", show=False),
        Binding("up", "app.focus_previous", show=False),
    ]

    def __init__(self, user: User | None, taken: tuple[str, ...], group: str, glyphs: Glyphs) -> None:
        super().__init__()
        self._old = user
        self._user = user or User(name="", groups=(group,))
        self._taken, self._group, self._glyphs = taken, group, glyphs

    def compose(self) -> ComposeResult:
        user = self._user
        with VerticalScroll(id="dialog", can_focus=False):
            yield Static(self.title_text, id="dialog-title", markup=False)
            yield Field(_("Full name"), fields.full_name, id="gecos", text=user.gecos)
            yield Field(_("User name"), self._check_name, id="name", text=user.name)
            hint = _("A password is set; type another one to change it.") if user.password else ""
            yield PasswordField(_("Password"), id="password", hint=hint, optional=True)
            yield Field(
                _("ssh key"),
                fields.ssh_keys,
                id="keys",
                text="\n".join(user.ssh_keys[:1]),
                hint=_("The line of a .pub file, or empty."),
            )
            label = _("May become root (member of {group})").format(group=self._group)
            yield Tick(label, self._glyphs, id="admin", ticked=self._group in user.groups)
            with Horizontal(id="dialog-answers"):
                yield Action(_("Save"), id="yes", classes="-main")
                yield Action(_("Cancel"), id="no")
                if self._old:
                    yield Action(_("Remove"), id="remove", classes="-danger")
        yield KeyLine(self.keys())

    @property
    def title_text(self) -> str:
        return _("Change {name}").format(name=self._user.name) if self._old else _("Add a user")

    @property
    def help_text(self) -> str:
        return _(
            "A user logs in with the user name and a password, or over the network with an ssh key. One of the two is "
            "enough. Who may become root can change the whole system."
        )

    def keys(self) -> tuple[Key, ...]:
        return (
            ("Enter", _("next")),
            ("Space", _("tick")),
            ("Tab", _("move")),
            ("Esc", _("cancel")),
            ("F1", _("help")),
        )

    def on_mount(self) -> None:
        self.query_one("#gecos", Field).focus_input()

    def _check_name(self, text: str) -> str | Wrong:
        return fields.user_name(text, self._taken)

    @on(Field.Done)
    def _go_on(self, event: Field.Done) -> None:
        """Enter goes from field to field; a name of their own is proposed for who typed a full one."""
        event.stop()
        if event.field.id == "gecos":
            name = self.query_one("#name", Field)
            if not name.text:
                name.input.value = usual_name(event.field.text)
            name.focus_input()
        elif event.field.id == "name":
            self.query_one(PasswordField).focus_input()
        else:
            self.set_focus(self.query_one(Tick))

    @on(PasswordField.Done)
    def _password_done(self, event: PasswordField.Done) -> None:
        event.stop()
        self.set_focus(self.query_one("#yes"))

    @on(Action.Pressed)
    def _pressed(self, event: Action.Pressed) -> None:
        event.stop()
        if event.action.id == "no":
            self.dismiss(None)
        elif event.action.id == "remove":
            self.dismiss(UserEdit(name=self._user.name, user=None))
        else:
            self._save()

    def _save(self) -> None:
        gecos = self.query_one("#gecos", Field).validate()
        name = self.query_one("#name", Field).validate()
        keys = self.query_one("#keys", Field).validate()
        if gecos is None or name is None or keys is None or not self.query_one(PasswordField).validate():
            return
        user = replace(self._user, name=name, gecos=gecos, ssh_keys=(*keys, *self._user.ssh_keys[1:]))
        user = set_admin(user, self._group, admin=self.query_one(Tick).ticked)
        secret = self.query_one(PasswordField).secret
        if secret is not None:
            user = set_password(user, secret)
        self.dismiss(UserEdit(name=self._old.name if self._old else "", user=user))
