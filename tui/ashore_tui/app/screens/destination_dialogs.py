"""The dialogs of the destination screen: encryption, and how far a partition shrinks."""

from __future__ import annotations

from dataclasses import dataclass, replace

from textual.app import ComposeResult
from textual.widgets import Static

from ashore_installer.storage_plan import Encryption, Tpm2
from ashore_installer.units import human
from ashore_tui.app.look import Look
from ashore_tui.app.widgets.field import Field
from ashore_tui.app.widgets.form_dialog import FormDialog
from ashore_tui.app.widgets.option_rows import OFF, ON, OptionRows, Setting
from ashore_tui.app.widgets.password_field import PasswordField
from ashore_tui.flow import fields
from ashore_tui.flow.fields import Wrong
from ashore_tui.flow.strength import foreign_note
from ashore_tui.text import _


@dataclass(frozen=True, slots=True, kw_only=True)
class Locked:
    """The answer: how the disk is encrypted, or that it is not."""

    encryption: Encryption | None


class EncryptionDialog(FormDialog[Locked]):
    """A passphrase, typed twice; the TPM where there is one; a recovery key."""

    def __init__(self, look: Look, encryption: Encryption | None, *, tpm2: bool) -> None:
        more = (("off", _("Don't encrypt")),) if encryption else ()
        super().__init__(look, _("Encrypt the disk"), yes=_("Encrypt"), more=more)
        self._known, self._tpm2 = encryption, tpm2

    def form(self) -> ComposeResult:
        known = self._known or Encryption()
        text = _("Whoever starts the machine types the passphrase. Without it the data can't be read, by nobody.")
        yield Static(text, classes="note", markup=False)
        hint = _("Empty keeps the passphrase that was typed before.") if known.passphrase else ""
        yield PasswordField(_("Passphrase"), id="passphrase", hint=hint, optional=known.passphrase is not None)
        why = "" if self._tpm2 else _("this machine has no TPM 2.0")
        settings = (
            Setting(
                id="tpm2",
                label=_("Let the TPM open it, too"),
                value=ON if known.tpm2 else OFF,
                says=why or _("no passphrase while nothing was tampered with"),
                disabled=not self._tpm2,
            ),
            Setting(
                id="recovery",
                label=_("Make a recovery key"),
                value=ON if known.recovery_key else OFF,
                says=_("shown once, at the end"),
            ),
        )
        yield OptionRows(settings, self.look.glyphs, id="keys")

    def answer(self) -> Locked | None:
        typed = self.query_one(PasswordField)
        if not typed.validate():
            return None
        secret = typed.secret or (self._known.passphrase if self._known else None)
        if secret is None:
            self.say(_("Type a passphrase."))
            return None
        values = self.query_one(OptionRows).values
        known = self._known or Encryption()
        tpm2 = (known.tpm2 or Tpm2()) if values["tpm2"] else None
        return Locked(encryption=replace(known, passphrase=secret, tpm2=tpm2, recovery_key=bool(values["recovery"])))

    def on_password_field_changed(self, event: PasswordField.Changed) -> None:
        event.stop()
        self.say(foreign_note(event.secret.reveal()) if event.secret else "")

    def pressed(self, id: str) -> None:  # noqa: A002, ARG002 (there is one only)
        self.dismiss(Locked(encryption=None))


class UnlockDialog(FormDialog[Locked]):
    """The passphrase of something that is encrypted already. Whether it is right is seen when it is opened."""

    def __init__(self, look: Look) -> None:
        super().__init__(look, _("Open what is encrypted"), yes=_("Take it"))

    def form(self) -> ComposeResult:
        text = _("It is opened with this passphrase when the installation begins, and each time the machine starts.")
        yield Static(text, classes="note", markup=False)
        yield Field(_("Passphrase"), fields.passphrase, id="passphrase", password=True)

    def answer(self) -> Locked | None:
        secret = self.query_one(Field).validate()
        return Locked(encryption=Encryption(passphrase=secret)) if secret else None


class SizeDialog(FormDialog[int]):
    """How much a partition keeps; bytes."""

    def __init__(self, look: Look, name: str, limits: tuple[int, int, int]) -> None:
        super().__init__(look, _("Shrink {name}").format(name=name), yes=_("Shrink"))
        self._least, self._usual, self._now = limits

    def form(self) -> ComposeResult:
        text = _("It has {now}, and what is in it needs {least}. What it gives up is for the new system.")
        yield Static(text.format(now=human(self._now), least=human(self._least)), classes="note", markup=False)
        yield Field(_("New size"), self._check, id="size", text=human(self._usual), hint=_("As 200 GiB."))

    def answer(self) -> int | None:
        found: int | None = self.query_one("#size", Field).validate()
        return found

    def _check(self, text: str) -> int | Wrong:
        return fields.size(text, least=self._least, most=self._now)
