"""The installation itself and what comes after it: as lines."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum

from ashore_installer.errors import InstallerError
from ashore_installer.events import StepFinished
from ashore_installer.journal import follow as read
from ashore_installer.plan import Finish, InstallPlan
from ashore_tui.engine import Running
from ashore_tui.flow.choices import Choice
from ashore_tui.lines.prompt import Leave, Prompt
from ashore_tui.logs import DEFAULT, file_name, save_logs
from ashore_tui.plain import PlainFace, final_line
from ashore_tui.proofs import proofs
from ashore_tui.recovery import take_recovery_keys
from ashore_tui.session import watch
from ashore_tui.text import _

Finisher = Callable[[Finish], None]


class After(StrEnum):
    """What the person wants when the installation has ended."""

    RETRY = "retry"
    LEAVE = "leave"


def follow(running: Running, prompt: Prompt) -> int:
    """Show an installation until it ends. Raises KeyboardInterrupt when the person goes after the first write."""
    status = watch(running, PlainFace(output=prompt.output))
    for line in take_recovery_keys(running.log.parent):
        prompt.say(line)
    prompt.say(final_line(status))
    return status


def proven(running: Running) -> tuple[str, ...]:
    """What the steps that are done have proven, by the journal."""
    events = [entry.event for entry in read(running.journal, lambda: False)]
    return proofs(event.step for event in events if isinstance(event, StepFinished))


def done(
    plan: InstallPlan | None, running: Running, prompt: Prompt, finish: Finisher | None, *, rehearsal: bool
) -> None:
    """What was proven, and how the machine goes on, if it is ours to restart."""
    prompt.say(_("A real installation would have proven:") if rehearsal else _("What was proven:"))
    for sentence in proven(running):
        prompt.say(sentence, "  ")
    if rehearsal:
        prompt.say(_("This was a rehearsal: nothing was written."))
        return
    prompt.say(_("Remove the medium before the machine starts again."))
    if finish is None:
        return
    known = (
        Choice(value=Finish.REBOOT, label=_("Restart")),
        Choice(value=Finish.POWEROFF, label=_("Power off")),
        Choice(value=Finish.WAIT, label=_("Leave the machine as it is")),
    )
    asked = plan.finish if plan and plan.finish is not Finish.HALT else Finish.REBOOT
    finish(Finish(prompt.pick(known, _("Number"), Finish.REBOOT if asked is Finish.WAIT else asked)))


def failed(running: Running, prompt: Prompt) -> After:
    """What to do after a failure; its reason was shown where it happened."""
    known = (
        Choice(value=After.RETRY, label=_("Go back, change something and try again")),
        Choice(value="save", label=_("Save the logs")),
        Choice(value=After.LEAVE, label=_("Leave")),
    )
    while True:
        picked = prompt.pick(known, _("Number"))
        if picked != "save":
            return After(picked)
        prompt.say(_saved(running, prompt))


def _saved(running: Running, prompt: Prompt) -> str:
    """Ask for a file, save the logs there, and say what became of it. They hold no secrets."""
    try:
        path = save_logs((running.log, running.journal), prompt.text(_("File"), file_name, DEFAULT))
    except Leave:
        return _("Nothing was saved.")
    except InstallerError as error:
        return str(error)
    return _("The logs are saved as {path}.").format(path=path)
