"""The kernel's arguments, as the boot menu gave them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from ashore_installer.errors import BadInput

CMDLINE = Path("/proc/cmdline")
_WORD = re.compile(r'(?:[^\s"]|"[^"]*")+')


@dataclass(frozen=True, slots=True, kw_only=True)
class BootOptions:
    """What the kernel's arguments ask of Ashore. `kickstart` is where one is, or empty."""

    kickstart: str = ""
    media_check: bool = False
    interactive: bool = False
    """`ashore.interactive`: nothing is installed by itself; the kickstart fills in what a person may change."""
    plain: bool = False
    """`ashore.plain`: numbered lines on the consoles instead of screens."""
    shell: bool = False
    """`ashore.shell`: only a shell on the consoles, and nothing is installed by itself."""


def boot_options(cmdline: str) -> BootOptions:
    """The options in a kernel command line; of several the last one counts. Raises BadInput."""
    words = [word.replace('"', "") for word in _WORD.findall(cmdline)]
    if "inst.ks" in words:
        raise BadInput("inst.ks says nothing about where the kickstart is.", "Write inst.ks=http://… or another place.")
    found = [word.removeprefix("inst.ks=") for word in words if word.startswith("inst.ks=")]
    return BootOptions(
        kickstart=found[-1] if found else "",
        media_check="ashore.mediacheck" in words,
        interactive="ashore.interactive" in words,
        plain="ashore.plain" in words,
        shell="ashore.shell" in words,
    )
