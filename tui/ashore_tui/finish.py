"""What happens to the machine after an unattended installation: restart, power off, halt, eject."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ashore_installer.medium import MOUNT_POINT
from ashore_installer.plan import Finish
from ashore_installer.run import CommandFailed, Runner

SHUTDOWN_HOOKS = Path("/usr/lib/systemd/system-shutdown")
"""Programs here run at the very end, when almost everything is unmounted (systemd-shutdown(8))."""
_HOOK = "ashore-eject"

COMMANDS: Mapping[Finish, tuple[str, ...]] = {
    Finish.REBOOT: ("systemctl", "--no-block", "reboot"),
    Finish.POWEROFF: ("systemctl", "--no-block", "poweroff"),
    Finish.HALT: ("systemctl", "--no-block", "halt"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """The live system's machine."""

    run: Runner
    medium: Path = MOUNT_POINT
    hooks: Path = SHUTDOWN_HOOKS

    def finish(self, finish: Finish) -> None:
        """Begin the end that the plan asks for; the system runs on for a few seconds."""
        if finish in COMMANDS:
            self.run.run(COMMANDS[finish])

    def prepare_eject(self) -> tuple[str, ...]:
        """Have the medium ejected when the system ends, or say what a person has to do instead.

        The live system runs from the disc, so it can only be ejected when everything else has stopped.

        `eject` asks the drive itself (`-s`), as the kernel refuses while the disc is mounted.
        """
        try:
            device = self.run.run(["findmnt", "--noheadings", "--output", "SOURCE", self.medium]).strip()
            if not device.startswith("/dev/sr"):
                return ("Remove the medium before the machine starts again.",)
            self.run.run(["eject", "--version"])
        except CommandFailed:
            return ("The medium can't be ejected: remove it before the machine starts again.",)
        self.hooks.mkdir(parents=True, exist_ok=True)
        hook = self.hooks / _HOOK
        hook.write_text(f"#!/bin/sh\nexec eject -s -m {device}\n", encoding="ascii")
        hook.chmod(0o755)
        return ()
