"""Custom partitions: every disk and what is on it as rows, with the real plan drawn above them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.events import Resize
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from ashore_installer.storage.view import Change, DiskView, layouts
from ashore_installer.storage_request import StorageRequest
from ashore_tui.app import dialogs
from ashore_tui.app.screens.base import FlowScreen
from ashore_tui.app.screens.partition_dialogs import What, add_dialog
from ashore_tui.app.screens.partition_form import Filled, PartitionForm
from ashore_tui.app.screens.partition_questions import about, added, new_thing
from ashore_tui.app.setting import Setting
from ashore_tui.app.widgets.action import Action
from ashore_tui.app.widgets.choice_list import ChoiceList
from ashore_tui.app.widgets.disk_bar import COLOURS, DiskBar, legend_line, marks_of
from ashore_tui.app.widgets.key_line import Key
from ashore_tui.flow.partition_changes import can_delete, can_edit, can_erase, can_restore, delete, edit, erase, restore
from ashore_tui.flow.partition_edits import add_required
from ashore_tui.flow.partition_rows import Row, Thing, rows
from ashore_tui.flow.partition_text import Columns, columns, head
from ashore_tui.flow.partitions import Custom, Edited, Picture, Refused, Site, picture
from ashore_tui.flow.state import Flow, with_storage
from ashore_tui.text import _, said

_LEAST_WIDTH = 60
_FRAME = 8
"""Columns beside the rows: margins and scroll bars."""


class PartitionScreen(FlowScreen):
    """Each edit is planned and shown at once, and is the flow's from then on; Undo takes one back."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", show=False),
        Binding("a,insert", "add", show=False),
        Binding("e", "edit", show=False),
        Binding("d,delete", "delete", show=False),
        Binding("u", "undo", show=False),
    ]
    DEFAULT_CSS = """
    PartitionScreen {
        #body { padding: 0 2 0 2; }
        #legend { height: 1; padding-left: 7; }
        #head { height: 1; color: $dim; padding: 0 1; margin-top: 1; }
        #rows { height: 1fr; min-height: 5; }
        #wrong { height: auto; max-height: 4; padding: 0 1; }
    }
    """

    def __init__(self, setting: Setting, flow: Flow, site: Site, request: StorageRequest) -> None:
        super().__init__(setting, flow)
        self.site = site
        self.custom = Custom(request=request)
        self.drawing: Picture = picture(request, site)
        self.rows: tuple[Row, ...] = rows(request, self.drawing, site)

    @property
    def title_text(self) -> str:
        return _("Custom partitions")

    @property
    def help_text(self) -> str:
        return _(
            "Every disk with what is on it, then arrays, volume groups and btrfs volumes. Enter changes what is under "
            "the cursor: where it is mounted, its size, whether its content stays. Nothing is written yet, and every "
            "edit can be undone. The bars are the plan as it would be carried out; what it still lacks is said below."
        )

    def body(self) -> ComposeResult:
        yield DiskBar(self.setting.look, id="bar")
        yield Static(id="legend")
        yield Static(id="head")
        yield ChoiceList(id="rows")
        yield Static(id="wrong", markup=False)

    def actions(self) -> Iterable[Action]:
        yield Action(_("Done"), id="done", classes="-main")
        yield Action(_("Add"), id="add")
        yield Action(_("Change"), id="edit")
        yield Action(_("Delete"), id="delete")
        yield Action(_("Undo"), id="undo")

    def keys(self) -> tuple[Key, ...]:
        return (
            ("Enter", _("change")),
            ("a", _("add")),
            ("d", _("delete")),
            ("u", _("undo")),
            ("Esc", _("done")),
            ("F1", _("help")),
        )

    def on_mount(self) -> None:
        self._draw()
        self.set_focus(self.query_one("#rows"))

    def on_resize(self, event: Resize) -> None:  # noqa: ARG002
        self._draw()

    # --- what is shown -------------------------------------------------------------------------------------------

    @property
    def row(self) -> Row | None:
        """The one under the cursor."""
        at = self.query_one("#rows", ChoiceList).highlighted
        return self.rows[at] if at is not None and at < len(self.rows) else None

    def _draw(self) -> None:
        listed, width = self.query_one("#rows", ChoiceList), max(self.size.width - _FRAME, _LEAST_WIDTH)
        known = self.row.key if self.row else ""
        listed.set_options(Option(_line(columns(one, width), one), id=one.key) for one in self.rows)
        keys = [one.key for one in self.rows]
        first = next((number for number, one in enumerate(self.rows) if one.thing is not Thing.DISK), 0)
        listed.highlighted = (keys.index(known) if known in keys else first) if keys else None
        above = head(width)
        self.query_one("#head", Static).update(f"{above.name} {above.size}  {above.fate} {above.content}")
        problems = [" ".join(filter(None, (said(one.message), said(one.hint)))) for one in self.drawing.problems]
        says = self.query_one("#wrong", Static)
        says.set_class(bool(problems), "wrong")
        says.update("\n".join(problems) or _("This layout can be installed."))
        self._draw_bar()
        if self.row:
            self._name_actions(self.row)

    def _draw_bar(self) -> None:
        """The disk under the cursor; for what lies across disks, the one that was shown before."""
        views, row = layouts(self.drawing.plan, self.site.machine), self.row
        found: DiskView | None = next((one for one in views if row and one.id == row.inside), None)
        bar = self.query_one(DiskBar)
        if found is None:
            found = next((one for one in views if bar.view and one.id == bar.view.id), None)
        bar.view = found or next((one for one in views if one.changed), None)
        shown = [bar.view] if bar.view else []
        self.query_one("#legend", Static).update(legend_line(shown, marks_of(self.setting.look)))

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        event.stop()
        row = self.row
        if row is None:
            return
        self._draw_bar()
        self._name_actions(row)

    def _name_actions(self, row: Row) -> None:
        """The buttons say what they would do here, and those that can do nothing are off."""
        goes = _("Bring back") if can_restore(row) else _("Erase") if can_erase(row) else _("Delete")
        self.query_one("#delete", Action).rename(goes)
        self.query_one("#delete").disabled = not (can_restore(row) or can_erase(row) or can_delete(row))
        self.query_one("#edit").disabled = not can_edit(row)
        self.query_one("#undo").disabled = not self.custom.past

    # --- edits ---------------------------------------------------------------------------------------------------

    @property
    def request(self) -> StorageRequest:
        return self.custom.request

    def take(self, made: Edited) -> None:
        """The result of an edit: shown, and told to the flow; a refusal is said."""
        if isinstance(made, Refused):
            self.app.push_screen(dialogs.refused(made.message, made.hint))
        else:
            self._become(self.custom.then(made))

    def _become(self, custom: Custom) -> None:
        self.custom = custom
        self.drawing = picture(self.request, self.site)
        self.rows = rows(self.request, self.drawing, self.site)
        self._draw()
        request = self.request
        self.edit(lambda flow: with_storage(flow, request))

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        row = self.row
        if row is not None and can_edit(row):
            self.action_edit()
        elif row is not None and row.change is Change.REMOVED:
            self.action_delete()
        else:
            self.action_add()

    def on_action_pressed(self, event: Action.Pressed) -> None:
        event.stop()
        does: dict[str, Callable[[], None]] = {
            "done": self.action_back,
            "add": self.action_add,
            "edit": self.action_edit,
            "delete": self.action_delete,
            "undo": self.action_undo,
        }
        does[str(event.action.id)]()

    def action_back(self) -> None:
        self.app.pop_screen()

    def action_undo(self) -> None:
        self._become(self.custom.undone())

    def action_delete(self) -> None:
        """Delete, bring back or erase, as the row lets one."""
        row = self.row
        if row is None:
            return
        if can_restore(row):
            self.take(restore(self.request, self.site, row))
        elif can_erase(row):
            self.take(erase(self.request, self.site, row))
        elif can_delete(row):
            self.take(delete(self.request, self.site, row))

    def action_edit(self) -> None:
        row = self.row
        if row is None or not can_edit(row):
            return

        def apply(filled: Filled) -> Edited:
            return edit(self.request, self.site, row, filled.wish)

        question = about(self.request, row, self.site)
        self.app.push_screen(PartitionForm(self.setting.look, question, apply), self._taken)

    def action_add(self) -> None:
        row = self.row
        on_btrfs = row is not None and row.thing is Thing.BTRFS and row.change is not Change.REMOVED
        self.app.push_screen(add_dialog(self.setting.look, subvolume=on_btrfs), self._add)

    def _add(self, what: str | None) -> None:
        if what is None:
            return
        if what == What.REQUIRED:
            self.take(add_required(self.request, self.site))
            return
        question = new_thing(What(what), self.request, self.row, self.site)
        apply = partial(added, What(what), self.request, self.row, self.site)
        self.app.push_screen(PartitionForm(self.setting.look, question, apply), self._taken)

    def _taken(self, request: StorageRequest | None) -> None:
        if request is not None:
            self.take(request)


def _line(parts: Columns, row: Row) -> Content:
    """A row with its colour; what stays as it is has none."""
    quiet = row.change in (Change.KEPT, Change.FREE) and row.thing is not Thing.DISK
    colour = "$dim" if row.thing is Thing.FREE else "" if quiet or row.thing is Thing.DISK else COLOURS[row.change]
    name = "bold" if row.thing in (Thing.DISK, Thing.GROUP, Thing.BTRFS, Thing.ARRAY) else ""
    return Content.assemble(
        (parts.name, name or colour), " ", parts.size, "  ", (parts.fate, colour), " ", parts.content
    )  # fmt: skip
