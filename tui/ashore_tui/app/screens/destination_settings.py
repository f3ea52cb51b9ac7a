"""The settings of an automatic layout, as rows to step through."""

from __future__ import annotations

from ashore_installer.storage_plan import Format
from ashore_installer.storage_request import Scheme
from ashore_tui.app.widgets.option_rows import OFF, ON, Setting
from ashore_tui.flow import destination_choices as choices
from ashore_tui.flow.destination import Destination, Way
from ashore_tui.flow.state import Flow
from ashore_tui.text import _


def settings(form: Destination, flow: Flow) -> tuple[Setting, ...]:
    """The rows for a form; a system that is replaced decides all but its file system."""
    usual = flow.facts.install.root_fs_type if flow.facts else ""
    replaced = form.way is Way.REPLACE
    btrfs = form.scheme is Scheme.BTRFS and not replaced
    formats = ((Format.BTRFS.value, "btrfs"),) if btrfs else choices.format_words(usual)
    locked = choices.encryption_words(form.encryption)
    found = (
        Setting(id="scheme", label=_("Layout"), value=form.scheme, values=choices.scheme_words()),
        Setting(
            id="format",
            label=_("File system"),
            value=Format.BTRFS if btrfs else form.format or "",
            values=formats,
        ),
        Setting(
            id="encryption",
            label=_("Encrypt the disk"),
            value=ON if form.encryption else OFF,
            says=locked,
            opens=True,
        ),
        Setting(id="home", label=_("A /home of its own"), value=ON if form.home else OFF),
        Setting(id="swap", label=_("Swap space on the disk"), value=ON if form.swap else OFF),
    )
    return tuple(one for one in found if one.id == "format" or not replaced)
