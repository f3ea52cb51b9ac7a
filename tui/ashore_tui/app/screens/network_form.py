"""The form of one network card."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from textual.app import ComposeResult

from ashore_installer.machine import MachineInfo
from ashore_installer.network_plan import Ipv4, Ipv6, NetworkConnection
from ashore_tui.app.look import Look
from ashore_tui.app.widgets.field import Field
from ashore_tui.app.widgets.form_dialog import FormDialog
from ashore_tui.app.widgets.option_rows import OFF, ON, OptionRows, Setting
from ashore_tui.flow import network_fields as fields
from ashore_tui.flow.network import Card, by_hand, consistent, ipv4_methods, ipv6_methods, problem_of, start_of
from ashore_tui.text import _, said

_FIELDS = {
    "ipv4": ("ipv4_addresses", "ipv4_gateway"),
    "ipv6": ("ipv6_addresses", "ipv6_gateway"),
}
"""The fields that belong to a family that is set up by hand."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkEdit:
    """`connection` None leaves the card to the system."""

    connection: NetworkConnection | None


class NetworkForm(FormDialog[NetworkEdit]):
    """Asks how a card gets its addresses; addresses themselves only where they are given by hand."""

    DEFAULT_CSS = """
    NetworkForm Field { margin: 0; }
    NetworkForm .-hidden { display: none; }
    NetworkForm #methods { margin-bottom: 0; }
    NetworkForm #more { margin: 1 0 0 0; }
    NetworkForm OptionRows > .option-list--option { padding: 0; }
    """

    def __init__(self, look: Look, card: Card, machine: MachineInfo) -> None:
        super().__init__(
            look,
            _("Network card {name}").format(name=card.link.name),
            more=(("none", _("Leave it to the system")),),
        )
        self._card, self._machine = card, machine
        self._start = start_of(card)

    def form(self) -> ComposeResult:
        start, glyphs = self._start, self.look.glyphs
        yield OptionRows((self._ipv4(start),), glyphs, id="ipv4")
        yield Field(_("Address"), fields.ipv4_addresses, id="ipv4_addresses", text=_text(start.ipv4_addresses))
        yield Field(_("Gateway"), fields.ipv4_gateway, id="ipv4_gateway", text=start.ipv4_gateway)
        yield OptionRows((self._ipv6(start),), glyphs, id="ipv6")
        yield Field(_("Address"), fields.ipv6_addresses, id="ipv6_addresses", text=_text(start.ipv6_addresses))
        yield Field(_("Gateway"), fields.ipv6_gateway, id="ipv6_gateway", text=start.ipv6_gateway)
        yield Field(_("Name servers"), fields.name_servers, id="dns", text=_text(start.dns))
        yield Field(_("Search domains"), fields.domains, id="search", text=_text(start.search))
        yield OptionRows(self._switches(start), glyphs, id="more")

    def on_mount(self) -> None:
        self._show()
        for rows in self.query(OptionRows):
            rows.highlighted = 0
        self.set_focus(self.query_one("#ipv4", OptionRows))

    @staticmethod
    def _ipv4(start: NetworkConnection) -> Setting:
        return Setting(id="ipv4", label="IPv4", value=start.ipv4, values=ipv4_methods())

    @staticmethod
    def _ipv6(start: NetworkConnection) -> Setting:
        return Setting(id="ipv6", label="IPv6", value=start.ipv6, values=ipv6_methods())

    @staticmethod
    def _switches(start: NetworkConnection) -> tuple[Setting, ...]:
        return (
            Setting(
                id="ignore_dns", label=_("No other name servers than these"), value=ON if start.ignore_dns else OFF
            ),
            Setting(id="onboot", label=_("Connected when the system starts"), value=ON if start.onboot else OFF),
            Setting(id="activate", label=_("Used here too, at once"), value=ON if start.activate else OFF),
        )

    # --- what is filled in ---------------------------------------------------------------------------------------

    @property
    def _methods(self) -> tuple[Ipv4, Ipv6]:
        ipv4 = self.query_one("#ipv4", OptionRows).values["ipv4"]
        ipv6 = self.query_one("#ipv6", OptionRows).values["ipv6"]
        return Ipv4(ipv4), Ipv6(ipv6)

    def on_option_rows_changed(self, event: OptionRows.Changed) -> None:
        event.stop()
        if event.setting in _FIELDS:
            self._propose()
            self._show()

    def _propose(self) -> None:
        """Where a card is set up by hand now, and nothing is typed yet, stands what it has in the live system."""
        ipv4, ipv6 = self._methods
        proposed = by_hand(replace(self._start, ipv4=ipv4, ipv6=ipv6), self._card, self._machine)
        for family, names in _FIELDS.items():
            if getattr(proposed, family) == "static" and not any(self._field(name).text for name in names):
                for name in names:
                    self._field(name).input.value = _text(getattr(proposed, name))
        for name in ("dns", "search"):
            if not self._field(name).text and ipv4 is Ipv4.STATIC:
                self._field(name).input.value = _text(getattr(proposed, name))

    def _show(self) -> None:
        """Only the fields that mean something are in sight."""
        ipv4, ipv6 = self._methods
        for name in _FIELDS["ipv4"]:
            self._field(name).set_class(ipv4 is not Ipv4.STATIC, "-hidden")
        for name in _FIELDS["ipv6"]:
            self._field(name).set_class(ipv6 is not Ipv6.STATIC, "-hidden")
        for name in ("dns", "search"):
            self._field(name).set_class(ipv4 is Ipv4.OFF and ipv6 is Ipv6.OFF, "-hidden")

    def answer(self) -> NetworkEdit | None:
        shown = [field for field in self.query(Field) if not field.has_class("-hidden")]
        values: dict[str, Any] = {str(field.id): field.validate() for field in shown}
        wrong = [name for name, value in values.items() if value is None]
        if wrong:
            self._field(wrong[0]).focus_input()
            return None
        ipv4, ipv6 = self._methods
        values |= {name: bool(value) for name, value in self.query_one("#more", OptionRows).values.items()}
        made = consistent(replace(self._start, ipv4=ipv4, ipv6=ipv6, **values))
        problem = problem_of(made)
        if problem:
            self.say(said(problem.message), said(problem.hint))
            return None
        return NetworkEdit(connection=made)

    def pressed(self, id: str) -> None:  # noqa: A002 (Textual's name)
        if id == "none":
            self.dismiss(NetworkEdit(connection=None))

    def _field(self, name: str) -> Field[Any]:
        return self.query_one(f"#{name}", Field)


def _text(value: str | tuple[str, ...]) -> str:
    return value if isinstance(value, str) else " ".join(value)
