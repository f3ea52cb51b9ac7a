"""The destination: which disks, what becomes of what is on them, and a picture of them today and after."""

from __future__ import annotations

from dataclasses import replace

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from ashore_installer.storage.view import DiskView, layouts
from ashore_installer.storage_plan import Format, StoragePlan
from ashore_installer.storage_request import Scheme, StorageRequest
from ashore_tui.app.screens.base import TopicScreen, heading, lead
from ashore_tui.app.screens.destination_dialogs import EncryptionDialog, Locked, SizeDialog
from ashore_tui.app.screens.destination_settings import settings
from ashore_tui.app.screens.partition_dialogs import StartDialog
from ashore_tui.app.screens.partitions import PartitionScreen
from ashore_tui.app.widgets.action import Action
from ashore_tui.app.widgets.check_list import CheckList
from ashore_tui.app.widgets.choice_list import ChoiceList
from ashore_tui.app.widgets.disk_bar import DiskBar, legend_line, marks_of
from ashore_tui.app.widgets.key_line import Key
from ashore_tui.app.widgets.option_rows import OptionRows
from ashore_tui.flow import destination_choices as choices
from ashore_tui.flow.destination import Destination, Way, form_of, request_of, usable, with_destination
from ashore_tui.flow.partitions import Site, spoken
from ashore_tui.flow.state import Flow, with_storage
from ashore_tui.flow.topics import TopicId, problems_of
from ashore_tui.text import _, n_, said

_PICTURES = 4
"""Disks that are drawn; a machine with more has them in the list."""


class DestinationScreen(TopicScreen):
    """Disks, ways and settings, each a list; every choice is planned at once, and the plan is what is drawn."""

    TOPIC = TopicId.DESTINATION
    DEFAULT_CSS = """
    DestinationScreen {
        #disks { max-height: 9; }
        #pictures { height: auto; margin-top: 1; padding: 0 1; }
        #legend { height: 1; margin-bottom: 1; padding: 0 1 0 8; }
        #wrong { height: auto; color: $bad; padding: 0 1; &.-note { color: $dim; } }
    }
    """

    def body(self) -> ComposeResult:
        disks = choices.disk_choices(self.flow.machine)
        if not usable(self.flow.machine):
            yield lead(_("This machine has no disk that can be installed on."))
            yield from (Static(f"{one.label}\n  {one.refusal}", classes="listed", markup=False) for one in disks)
            yield Static(_("Attach a disk, and start this program again."), classes="note", markup=False)
            return
        glyphs, form = self.setting.look.glyphs, self._form()
        yield lead(_("Where shall the system be installed? Nothing is written yet."))
        yield CheckList(disks, glyphs, id="disks", chosen=self._chosen())
        yield heading(_("What becomes of what is there"))
        yield ChoiceList(id="ways")
        yield Static(id="wrong", markup=False)
        yield Vertical(id="pictures")
        yield Static(id="legend")
        yield OptionRows(settings(form, self.flow), glyphs, id="settings")

    def keys(self) -> tuple[Key, ...]:
        return (
            ("Enter", _("take")),
            ("Space", _("tick, change")),
            ("Tab", _("move on")),
            ("Esc", _("all topics")),
            ("F1", _("help")),
        )

    def on_mount(self) -> None:
        if not usable(self.flow.machine):
            self.set_focus(self.query_one("#overview"))
            return
        self.flow_changed()
        disks = self.query_one(CheckList)
        if not self._chosen():
            disks.point_at(choices.proposed(self.flow.machine))
        self.set_focus(disks)

    # --- what was said so far ------------------------------------------------------------------------------------

    def _form(self) -> Destination:
        """The form that the flow's request means; for custom partitions, one that nothing was said in yet."""
        return form_of(self.flow.storage, self.flow.machine) or Destination(disks=self._chosen())

    @property
    def _is_custom(self) -> bool:
        return self.flow.storage is not None and form_of(self.flow.storage, self.flow.machine) is None

    def _chosen(self) -> tuple[str, ...]:
        return choices.chosen(self.flow.storage, self.flow.machine)

    def _take(self, form: Destination) -> None:
        said = bool(form.disks) or form.way is Way.REPLACE
        self.edit(lambda flow: with_destination(flow, form) if said else with_storage(flow, None, boot_disk=""))

    # --- the screen ----------------------------------------------------------------------------------------------

    def flow_changed(self) -> None:
        if not usable(self.flow.machine):
            return
        form = self._form()
        chosen = self._chosen()
        if form.way is not Way.REPLACE or chosen:
            self.query_one(CheckList).tick(chosen)
        self._show_ways(choices.CUSTOM if self._is_custom else choices.way_of(form) if self.flow.storage else "")
        self.query_one(OptionRows).show(settings(form, self.flow))
        self.query_one(OptionRows).display = not self._is_custom
        wrong = self._wrong()
        self._tell(wrong or self._starts_from(form), wrong=bool(wrong))
        self._show_pictures()

    def _tell(self, text: str, *, wrong: bool = True) -> None:
        """Say it below the ways; where there is nothing to say, the settings need the line."""
        line = self.query_one("#wrong", Static)
        line.update(text)
        line.display = bool(text)
        line.set_class(not wrong, "-note")

    def _show_ways(self, current: str) -> None:
        listed = self.query_one("#ways", ChoiceList)
        glyphs, at = self.setting.look.glyphs, listed.highlighted
        known = str(listed.get_option_at_index(at).id) if at is not None else current
        found = choices.ways(self.flow.machine, self.query_one(CheckList).chosen)
        rows = []
        for one in found:
            sign = glyphs.chosen if one.value == current else glyphs.unchosen
            detail = f"  {one.detail}" if one.detail else ""
            rows.append(Option(Content.assemble(f"{sign} {one.label}", (detail, "$dim")), id=one.value))
        listed.set_options(rows)
        values = [one.value for one in found]
        listed.highlighted = values.index(known) if known in values else 0

    def _starts_from(self, form: Destination) -> str:
        """Which of several disks the machine starts from."""
        if len(form.disks) < 2:
            return ""
        name = self.flow.machine.disk(self.flow.draft.boot_disk or form.disks[0]).name
        return _("The machine starts from {name}: the disk that was ticked first.").format(name=name)

    def _wrong(self) -> str:
        """Why it can't be done, in the planner's words."""
        if self.flow.storage is not None and self.flow.facts is None:
            return _("What fits on a disk is known when what is installed is: choose it at the topic Source.")
        found = tuple(map(spoken, problems_of(self.flow, TopicId.DESTINATION)))
        texts = [" ".join(filter(None, (said(one.message), said(one.hint)))) for one in found[:1]]
        if len(found) > 1:
            texts.append(n_("And one more problem.", "And {count} more problems.", len(found) - 1))
        return "\n".join(texts).replace("{count}", str(len(found) - 1))

    def _show_pictures(self) -> None:
        place, look = self.query_one("#pictures"), self.setting.look
        views = self._views()
        bars = list(place.query(DiskBar))
        for bar, view in zip(bars, views, strict=False):
            bar.view = view
        for bar in bars[len(views) :]:
            bar.remove()
        place.mount_all(DiskBar(look, view) for view in views[len(bars) :])
        for bar in (*bars[: len(views)], *place.query(DiskBar)):
            bar.title = len(self.flow.machine.disks) > 1
        self.query_one("#legend", Static).update(legend_line(views, marks_of(look)))

    def _views(self) -> tuple[DiskView, ...]:
        """The chosen disks, and all others that change, first those that change."""
        plan = self.flow.plan.storage if self.flow.plan else StoragePlan()
        chosen = self.query_one(CheckList).chosen
        found = [one for one in layouts(plan, self.flow.machine) if one.changed or one.id in chosen]
        return tuple(sorted(found, key=lambda one: not one.changed)[:_PICTURES])

    # --- what people do ------------------------------------------------------------------------------------------

    @on(CheckList.Changed)
    def _disks_changed(self, event: CheckList.Changed) -> None:
        event.stop()
        if self._is_custom and event.chosen:
            self.edit(lambda flow: _limited(flow, event.chosen))
            return
        form = self._form()
        if self._is_custom or form.way is Way.REPLACE:
            form = Destination()
        names = {part for disk in self.flow.machine.disks if disk.id in event.chosen for part in _names(disk.id, self)}
        shrink = tuple(one for one in form.shrink if one.existing in names)
        self._take(replace(form, disks=event.chosen, shrink=shrink))
        if event.alone:
            self.set_focus(self.query_one("#ways"))

    @on(OptionList.OptionSelected, "#ways")
    def _way_taken(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        value = str(event.option.id)
        form = replace(self._form(), disks=self.query_one(CheckList).chosen, shrink=(), replaces="")
        if value == choices.CUSTOM:
            self._begin_custom()
        elif value.startswith(choices.SHRINK):
            self._ask_size(replace(form, way=Way.FREE), value.removeprefix(choices.SHRINK))
        elif value.startswith(choices.REPLACE):
            self._take(replace(form, way=Way.REPLACE, disks=(), replaces=value.removeprefix(choices.REPLACE)))
            self._to_next()
        elif not form.disks:
            self._tell(_("Choose a disk first."))
            self.set_focus(self.query_one(CheckList))
        else:
            self._take(replace(form, way=Way(value)))
            self._to_next()

    def _to_next(self) -> None:
        self.set_focus(self.query_one("#next", Action))

    def _ask_size(self, form: Destination, name: str) -> None:
        def taken(size: int | None) -> None:
            if size is not None:
                self._take(replace(form, shrink=choices.shrunk(name, size)))
                self._to_next()

        limits = choices.shrink_limits(self.flow.machine, name)
        self.app.push_screen(SizeDialog(self.setting.look, name, limits), taken)

    @on(OptionRows.Changed)
    def _setting_changed(self, event: OptionRows.Changed) -> None:
        event.stop()
        form, value = self._form(), event.value
        if event.setting == "encryption":
            self._ask_encryption(form)
            return
        changes = {
            "scheme": lambda: replace(form, scheme=Scheme(value), format=None),
            "format": lambda: replace(form, format=_format(form, value)),
            "home": lambda: replace(form, home=bool(value)),
            "swap": lambda: replace(form, swap=bool(value)),
        }
        self._take(changes[event.setting]())

    def _ask_encryption(self, form: Destination) -> None:
        def taken(answer: Locked | None) -> None:
            if answer is not None:
                self._take(replace(form, encryption=answer.encryption))

        dialog = EncryptionDialog(self.setting.look, form.encryption, tpm2=self.flow.machine.tpm2)
        self.app.push_screen(dialog, taken)

    # --- custom partitions ---------------------------------------------------------------------------------------

    def _begin_custom(self) -> None:
        flow, site = self.flow, _site(self.flow)
        if site is None:
            self._tell(_("Choose what is installed first: what fits on a disk depends on it."))
            return
        form = self._form()
        disks = self.query_one(CheckList).chosen
        automatic = request_of(replace(form, disks=disks), flow.machine) if disks and not self._is_custom else None
        known = flow.storage if self._is_custom else None

        def taken(request: StorageRequest | None) -> None:
            if request is not None:
                self.edit(lambda flow: with_storage(flow, request))
                self.app.push_screen(PartitionScreen(self.setting, with_storage(flow, request), site, request))

        self.app.push_screen(StartDialog(self.setting.look, site, disks, automatic, known), taken)

    def action_next(self) -> None:
        """Without a disk there is nothing to go on with."""
        if self.flow.storage is None:
            if usable(self.flow.machine):
                self._tell(_("Choose a disk first."))
                self.set_focus(self.query_one(CheckList))
            return
        super().action_next()


def _limited(flow: Flow, disks: tuple[str, ...]) -> Flow:
    """Custom partitions stay as they are set when other disks may be touched; what no longer fits is said."""
    if flow.storage is None:
        return flow
    others = tuple(one.name for one in usable(flow.machine) if one.id not in disks)
    return with_storage(flow, replace(flow.storage, ignore=others))


def _format(form: Destination, value: str) -> Format | None:
    """The root file system; btrfs subvolumes have no other, and say nothing of it."""
    return Format(value) if value and form.scheme is not Scheme.BTRFS else None


def _names(disk: str, screen: DestinationScreen) -> set[str]:
    """Names of the partitions of a disk that can shrink."""
    return {name for name, _part in choices.shrinkable([screen.flow.machine.disk(disk)])}


def _site(flow: Flow) -> Site | None:
    """What custom partitions are planned for, once the image is known."""
    if flow.facts is None:
        return None
    return Site(machine=flow.machine, image=flow.facts, boot_disk=flow.draft.boot_disk)
