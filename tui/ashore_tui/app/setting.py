"""What every screen is told besides the flow."""

from __future__ import annotations

from dataclasses import dataclass

from ashore_tui.app.look import Look


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """`rehearsal` is the name of the recorded machine, or empty on a real one."""

    look: Look
    rehearsal: str = ""
