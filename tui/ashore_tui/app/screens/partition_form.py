"""The form for one thing of a custom layout: a new one, or one that is there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from textual.app import ComposeResult

from ashore_installer.storage_plan import Encryption, Format, RaidLevel
from ashore_installer.storage_request import StorageRequest
from ashore_installer.units import human
from ashore_tui.app.look import Look
from ashore_tui.app.screens.destination_dialogs import EncryptionDialog, Locked, UnlockDialog
from ashore_tui.app.widgets.check_list import CheckList
from ashore_tui.app.widgets.field import Field
from ashore_tui.app.widgets.form_dialog import FormDialog
from ashore_tui.app.widgets.option_rows import OFF, ON, OptionRows, Setting
from ashore_tui.flow import fields
from ashore_tui.flow.choices import Choice
from ashore_tui.flow.fields import Wrong
from ashore_tui.flow.partitions import SWAP, Edited, Refused, Wish
from ashore_tui.text import _, said


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """What a person has filled in. `name` is that of a volume, an array, a btrfs volume or a subvolume."""

    wish: Wish
    name: str = ""
    group: str = ""
    level: RaidLevel = RaidLevel.RAID1
    disks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What the form asks. Empty labels and lists are not asked for; `start` is what it begins with.

    `existing`: it is there already, so that its content can be kept; `locked`: that content is encrypted.
    """

    title: str
    yes: str
    start: Filled
    name: str = ""
    group: bool = False
    level: bool = False
    disks: tuple[Choice, ...] = ()
    size: bool = True
    content: bool = True
    encryption: bool = True
    existing: bool = False
    locked: bool = False
    tpm2: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    size: int
    grow: bool = False


class PartitionForm(FormDialog[StorageRequest]):
    """Asks a `Question`; `apply` makes the edit, and what it refuses is said below the fields."""

    def __init__(self, look: Look, question: Question, apply: Callable[[Filled], Edited]) -> None:
        super().__init__(look, question.title, yes=question.yes)
        self._question, self._apply = question, apply
        self._encryption: Encryption | None = question.start.wish.encryption

    def form(self) -> ComposeResult:
        asked, start = self._question, self._question.start
        if asked.disks:
            yield CheckList(asked.disks, self.look.glyphs, id="where", chosen=start.disks)
        if asked.group:
            yield Field(_("Volume group"), _some, id="group", text=start.group)
        if asked.name:
            yield Field(asked.name, _some, id="name", text=start.name)
        if asked.content:
            hint = _("/, /home, /var/lib/data, swap, or nothing")
            yield Field(_("Mount point"), _mount, id="mount", text=start.wish.mount, hint=hint)
        if asked.size:
            hint = _("As 20 GiB; empty: the usual size, or all that is left.")
            text = "" if start.wish.grow else human(start.wish.size) if start.wish.size else ""
            yield Field(_("Size"), self._read_size, id="size", text=text, hint="" if asked.existing else hint)
        settings = self._settings(start.wish.keep, start.wish.format, start.level)
        if settings:
            yield OptionRows(settings, self.look.glyphs, id="how")
        if asked.content and not asked.existing:
            yield Field(_("Label"), str.strip, id="label", text=start.wish.label)

    def _settings(self, keep: bool, format: Format | None, level: RaidLevel) -> tuple[Setting, ...]:  # noqa: A002
        asked, found = self._question, list[Setting]()
        if asked.level:
            levels = tuple((one.value, one.value.upper()) for one in RaidLevel if one is not RaidLevel.RAID4)
            found.append(Setting(id="level", label=_("Level"), value=level, values=levels))
        if asked.existing:
            found.append(Setting(id="keep", label=_("Keep what is in it"), value=ON if keep else OFF))
        if asked.content:
            found.append(Setting(id="format", label=_("File system"), value=format or "", values=_formats(keep)))
        if asked.encryption:
            found.append(self._encryption_setting(keep=keep))
        return tuple(found)

    def _encryption_setting(self, *, keep: bool) -> Setting:
        """What stays as it is can be opened, but not be encrypted."""
        opens, can = self._question.locked and keep, self._question.locked or not keep
        return Setting(
            id="encryption",
            label=_("Open it with its passphrase") if opens else _("Encrypt it"),
            value=ON if self._encryption else OFF,
            says=(_("set") if self._encryption else "") if can else _("only when it is formatted"),
            opens=True,
            disabled=not can,
        )

    # --- what was filled in --------------------------------------------------------------------------------------

    def answer(self) -> StorageRequest | None:
        filled = self._filled()
        if filled is None:
            return None
        made = self._apply(filled)
        if isinstance(made, Refused):
            self.say(said(made.message), said(made.hint))
            return None
        return made

    def _filled(self) -> Filled | None:
        """None when a field has something wrong in it, which it says itself."""
        asked, start = self._question, self._question.start
        values: dict[str, Any] = {str(field.id): field.validate() for field in self.query(Field)}
        wrong = [name for name, value in values.items() if value is None]
        if wrong:
            self.query_one(f"#{wrong[0]}", Field).focus_input()
            return None
        how = self.query_one(OptionRows).values if self.query(OptionRows) else {}
        size = values.get("size", Size(size=start.wish.size, grow=start.wish.grow))
        wish = Wish(
            mount=values.get("mount", start.wish.mount),
            format=Format(how["format"]) if how.get("format") else None,
            size=size.size,
            grow=size.grow,
            label=values.get("label", start.wish.label),
            encryption=self._encryption,
            keep=bool(how.get("keep")),
        )
        return Filled(
            wish=wish,
            name=values.get("name", start.name),
            group=values.get("group", start.group),
            level=RaidLevel(how.get("level", start.level)),
            disks=self.query_one(CheckList).chosen if asked.disks else start.disks,
        )

    def _read_size(self, text: str) -> Size | Wrong:
        start = self._question.start.wish
        if text.strip() == human(start.size) and start.size and not start.grow:
            return Size(size=start.size)  # it was not changed, so that nothing is lost by rounding
        if not text.strip():
            if self._question.existing:
                return Size(size=start.size)
            return Size(size=start.size if start.grow else 0, grow=True)
        found = fields.size(text)
        return found if isinstance(found, Wrong) else Size(size=found)

    # --- settings ------------------------------------------------------------------------------------------------

    def on_option_rows_changed(self, event: OptionRows.Changed) -> None:
        event.stop()
        values = event.rows.values
        if event.setting == "encryption":
            self._ask_encryption(keep=bool(values.get("keep")))
            return
        if event.setting == "keep":
            self._encryption = None
        self._show()

    def _show(self) -> None:
        rows = self.query_one(OptionRows)
        values = rows.values
        kind = Format(values["format"]) if values.get("format") else None
        level = RaidLevel(values.get("level", self._question.start.level))
        rows.show(self._settings(bool(values.get("keep")), kind, level))

    def _ask_encryption(self, *, keep: bool) -> None:
        def taken(answer: Locked | None) -> None:
            if answer is not None:
                self._encryption = answer.encryption
                self._show()

        if self._question.locked and keep:
            self.app.push_screen(UnlockDialog(self.look), taken)
        else:
            self.app.push_screen(EncryptionDialog(self.look, self._encryption, tpm2=self._question.tpm2), taken)


def _formats(keep: bool) -> tuple[tuple[str, str], ...]:
    usual = _("as it is") if keep else _("the usual one")
    return (
        ("", usual),
        *((one.value, one.value) for one in (Format.XFS, Format.EXT4, Format.BTRFS, Format.SWAP, Format.VFAT)),
        (Format.EFI.value, _("EFI system partition")),
        (Format.BIOSBOOT.value, _("BIOS boot partition")),
    )


def _some(text: str) -> str | Wrong:
    """A name; which ones can be had, the planner says."""
    return text.strip() or Wrong(_("Type a name."))


def _mount(text: str) -> str | Wrong:
    path = text.strip()
    return path if path in ("", SWAP) else fields.mount_point(path)
