"""The questions and notes that come over a screen."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ashore_installer.facts import Facts
from ashore_installer.machine import MachineInfo
from ashore_installer.plan import InstallPlan
from ashore_tui.app.run_state import RunState
from ashore_tui.app.screens.base import AshoreScreen
from ashore_tui.app.widgets.dialog import Dialog
from ashore_tui.app.widgets.over import Over
from ashore_tui.engine import Running
from ashore_tui.text import _, n_, said


def help(screen: AshoreScreen | Over[Any]) -> Dialog:  # noqa: A001 (what it is)
    """What a screen is for, and every key that does something there."""
    keys = dict((*screen.keys(), ("Tab", _("go to the next thing")), ("?", _("help, where no text is typed"))))
    always = {"Ctrl+L": _("draw the screen anew"), "Ctrl+Q": _("leave")}
    listed = (f"  {key:<10} {what}" for key, what in (keys | always).items())
    return Dialog(screen.title_text, (screen.help_text, "", *listed))


def refused(message: str, hint: str) -> Dialog:
    return Dialog(_("That did not work"), tuple(filter(None, (said(message), said(hint)))), danger=True)


def leave(running: Running | None, *, shell: bool) -> Dialog:
    """Whether to leave, and what that means now. `shell`: this is the live system, where a shell comes then."""
    after = (_("A shell of the live system comes then; `exit` brings these screens back."),) if shell else ()
    if running is None:
        text = _("Nothing has been written. What you have chosen is forgotten.")
        return Dialog(_("Leave Ashore?"), (text, *after), yes=_("Leave"), no=_("Stay"))
    text = _("The installation goes on without this screen. `ashore` shows it again, here or on another console.")
    return Dialog(_("Leave this screen?"), (text, *after), yes=_("Leave"), no=_("Stay"))


def confirm(plan: InstallPlan, machine: MachineInfo, facts: Facts, *, rehearsal: bool) -> Dialog:
    """The last question before the first write: everything that will be lost, by its name."""
    from ashore_tui.summary import loss_lines  # and all that it takes to describe a plan, not before there is one

    lost = loss_lines(plan, machine)
    head = _("{image} will be installed on {disks}.").format(
        image=facts.name, disks=", ".join(disk.name for disk in plan.storage.disks)
    )
    count = n_("One thing is lost for good:", "{count} things are lost for good:", len(lost)).format(count=len(lost))
    text = [head, "", *([count, *(f"- {line}" for line in lost)] if lost else [_("Nothing on the disks is lost.")])]
    if rehearsal:
        text += ["", _("This is a rehearsal: nothing is written.")]
    yes = _("Erase and install") if lost else _("Install")
    return Dialog(_("Begin the installation?"), text, yes=yes, no=_("Cancel"), danger=bool(lost))


def cancel(state: RunState, *, joined: bool) -> Dialog:
    """Whether to stop the installation, as far as that is possible."""
    if not state.writing:
        free = [_("Nothing has been written yet. The disks stay as they are.")]
        if joined:
            free += ["", _("The installation was not started on this screen. It ends on all of them.")]
        return Dialog(_("Stop the installation?"), free, yes=_("Stop"), no=_("Go on"))
    text = (
        _("The disks are being changed, so the installation can't be cancelled any more: what was on them is gone."),
        "",
        _("If the machine is switched off now, neither the old system nor the new one will start."),
    )
    return Dialog(_("It is too late to cancel"), text, no=_("Go on"))


def saved(path: Path) -> Dialog:
    return Dialog(_("The logs are saved"), (_("They are in {path}.").format(path=path),))
