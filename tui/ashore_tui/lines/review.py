"""The summary and the last question: as lines."""

from __future__ import annotations

from ashore_tui.engine import Engine
from ashore_tui.flow.review import checks, confirmation, losses_of
from ashore_tui.flow.state import Flow
from ashore_tui.flow.wrong import wrong_lines
from ashore_tui.lines.prompt import Prompt
from ashore_tui.summary import plan_lines
from ashore_tui.text import _, said


def show_plan(flow: Flow, engine: Engine, prompt: Prompt) -> None:
    """The plan with everything that it destroys, its steps and its checks. Nothing is shown without a plan."""
    if flow.plan is None:
        return
    for line in plan_lines(flow.plan, flow.facts, flow.machine):
        prompt.output.line(line)  # its columns are made for the width of a terminal
    prompt.say(_("Steps:"))
    for number, title in enumerate(engine.steps(flow.plan), 1):
        prompt.say(f"{number:2}. {said(title)}", "  ")
    show_checks(flow, prompt)


def show_checks(flow: Flow, prompt: Prompt) -> None:
    prompt.say(_("Checks:"))
    for one in checks(flow):
        prompt.say(f"{_('passed') if one.passed else _('FAILED')}: {one.title}", "  ")
        for line in wrong_lines(one.problems):
            prompt.say(line, "    ")


def agreed(flow: Flow, prompt: Prompt) -> bool:
    """Whether the person says yes to what goes, which is named once more right above the question."""
    prompt.say()
    for loss in losses_of(flow):
        prompt.say(said(loss.text), "  ")
    prompt.say(confirmation(flow))
    word = _("yes")
    answer = prompt.command(_("Type {word} to install, m to change something: ").format(word=word))
    return answer.casefold() in (word.casefold(), "yes")
