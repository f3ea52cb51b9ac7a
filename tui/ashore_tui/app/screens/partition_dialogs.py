"""The dialogs of custom partitioning that only ask which: where to begin, and what to add."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import StrEnum

from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from ashore_installer.storage_request import StorageRequest
from ashore_tui.app.look import Look
from ashore_tui.app.widgets.choice_list import ChoiceList
from ashore_tui.app.widgets.form_dialog import FormDialog
from ashore_tui.app.widgets.key_line import Key
from ashore_tui.app.widgets.over import Answer, Over
from ashore_tui.flow.partition_start import plain_form, start_as_it_is, start_empty
from ashore_tui.flow.partitions import Edited, Refused, Site
from ashore_tui.text import _, said


class What(StrEnum):
    """What can be added."""

    PARTITION = "partition"
    VOLUME = "volume"
    ARRAY = "array"
    BTRFS = "btrfs"
    SUBVOLUME = "subvolume"
    REQUIRED = "required"


class RowsDialog(FormDialog[Answer]):
    """Rows to take one of, where there is nothing to type."""

    @property
    def help_text(self) -> str:
        return _("Each row says what it means. Enter takes the one under the cursor.")

    def keys(self) -> tuple[Key, ...]:
        return Over.keys(self)


class MenuDialog(RowsDialog[str]):
    """A few rows, each with what it means; Enter takes one."""

    def __init__(self, look: Look, title: str, rows: Sequence[tuple[str, str, str]], *, yes: str) -> None:
        """`rows` are a value, its words, and what they mean."""
        super().__init__(look, title, yes=yes)
        self._rows = tuple(rows)

    def form(self) -> ComposeResult:
        lines = ((id, Content.assemble((words, "bold"), f"\n  {means}")) for id, words, means in self._rows)  # noqa: A001
        yield ChoiceList(*(Option(line, id=id) for id, line in lines), id="menu")  # noqa: A001

    def on_mount(self) -> None:
        self.query_one(ChoiceList).highlighted = 0

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.accept()

    def answer(self) -> str | None:
        menu = self.query_one(ChoiceList)
        return str(menu.get_option_at_index(menu.highlighted).id) if menu.highlighted is not None else None


class StartDialog(RowsDialog[StorageRequest]):
    """Where custom partitions begin."""

    def __init__(
        self,
        look: Look,
        site: Site,
        disks: Sequence[str],
        automatic: StorageRequest | None,
        known: StorageRequest | None,
    ) -> None:
        """`automatic` is what the screen would do by itself, `known` the custom partitions that there are already."""
        super().__init__(look, _("Custom partitions: where to begin"), yes=_("Begin"))
        self._site, self._disks, self._automatic, self._known = site, tuple(disks), automatic, known

    def form(self) -> ComposeResult:
        lines = (
            (id, Content.assemble((words, "bold"), f"\n  {means}"))
            for id, words, means, _make in self._beginnings()  # noqa: A001
        )
        yield ChoiceList(*(Option(line, id=id) for id, line in lines), id="menu")  # noqa: A001

    def on_mount(self) -> None:
        self.query_one(ChoiceList).highlighted = 0

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.accept()

    def answer(self) -> StorageRequest | None:
        menu = self.query_one(ChoiceList)
        if menu.highlighted is None:
            return None
        _id, _words, _means, make = self._beginnings()[menu.highlighted]
        made = make()
        if isinstance(made, Refused):
            self.say(said(made.message), said(made.hint))
            return None
        return made

    def _beginnings(self) -> tuple[tuple[str, str, str, Callable[[], Edited]], ...]:
        """A value, words, what they mean, and what makes the request."""
        site, disks, automatic, known = self._site, self._disks, self._automatic, self._known
        found: list[tuple[str, str, str, Callable[[], Edited]]] = []
        if known is not None:
            means = _("With the partitions as you have set them.")
            found.append(("known", _("Go on"), means, lambda: plain_form(known, site)))
        means = _("Nothing is touched but what you choose to.")
        found.append(("existing", _("What is there"), means, lambda: start_as_it_is(site, disks)))
        if automatic is not None and not (automatic.automatic and automatic.automatic.reinstall):
            means = _("As chosen on the screen before, to be changed.")
            found.append(("automatic", _("The automatic layout"), means, lambda: plain_form(automatic, site)))
        if disks:
            means = _("Everything on the chosen disks goes.")
            found.append(("empty", _("Empty disks"), means, lambda: start_empty(site, disks)))
        return tuple(found)


def add_dialog(look: Look, *, subvolume: bool) -> MenuDialog:
    """What to add; a subvolume where a btrfs volume is under the cursor."""
    rows = [(What.SUBVOLUME, _("Subvolume"), _("A part of this btrfs volume."))] if subvolume else []
    rows += [
        (What.PARTITION, _("Partition"), _("A file system or swap space, in free room of a disk.")),
        (What.VOLUME, _("Logical volume (LVM)"), _("In a volume group, which can span disks.")),
        (What.ARRAY, _("RAID array"), _("Over several disks; some levels survive the loss of one.")),
        (What.BTRFS, _("btrfs volume"), _("With subvolumes, over one or several disks.")),
        (What.REQUIRED, _("What the machine needs to start"), _("An ESP or a BIOS boot partition, and /boot.")),
    ]
    return MenuDialog(look, _("Add"), rows, yes=_("Go on"))
