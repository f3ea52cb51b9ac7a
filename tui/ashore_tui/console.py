"""One console of the live system: `ashore-console`, which the getty of each console starts in place of a login.

It shows the screens (with `ashore.plain` in the kernel's arguments: numbered lines), and a shell when they are left.
When the shell ends, or somebody kills the screens, the unit starts all this again: who then comes while an installation
runs sees that one. Screens that end again and again without having been left give way to a shell by themselves.
"""

from __future__ import annotations

import os
import re
import select
import signal
import sys
import termios
import time
import tty
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from ashore_installer.errors import BadInput, InstallerError
from ashore_installer.run import Commands, Runner
from ashore_tui.bugs import report_bug
from ashore_tui.kernel import CMDLINE, BootOptions, boot_options
from ashore_tui.places import CONSOLES, KEPT, MOTD

PATIENCE = 3
"""So many unexpected ends one after the other, and there is a shell."""
PRINTK = Path("/proc/sys/kernel/printk")
SOON = "Starting Ashore ..."
"""The screens take some seconds to come, and more on slow machines: a console is never empty."""
HOW = "A shell of the live system. `exit` or `ashore` brings Ashore back, Alt+F2 on the screen is another shell."
ENDED = "Ashore has ended unexpectedly. `ashore` starts it again, `ashore --plain` in lines; `journalctl` may say why."

_ENDINGS = ("reboot.target", "poweroff.target", "halt.target")
_CORNER = b"\x1b7\x1b[999;999H\x1b[6n\x1b8"
"""Go as far down and right as it goes, and say where that is (ECMA-48: CUP, DSR), which all but the dumbest can."""
_PLACE = re.compile(rb"\x1b\[(\d+);(\d+)R")
_ANSWER_SECONDS = 1.0
_LEAST = (24, 80)


@dataclass(frozen=True, slots=True, kw_only=True)
class Console:
    """What happens on one console. `face` is the `ashore` command; a shell takes the place of this program."""

    cmdline: str
    face: Callable[[Sequence[str]], int]
    shell: Callable[[], None]
    prepare: Callable[[], None]
    """Makes the console fit for screens."""
    say: Callable[[str], None]
    run: Runner
    ends: Path
    """This console's file below CONSOLES."""
    kept: Path = KEPT
    motd: Path = MOTD

    def show(self) -> None:
        """The screens and what follows them, until the machine ends or the person has a shell."""
        options = _options(self.cmdline)
        if options.shell:
            return self.shell()
        self._tell_logins()
        if self._ends() >= PATIENCE:
            self.ends.unlink()
            return self._shell(ENDED)
        self._count(self._ends() + 1)
        self.say(SOON)
        self.prepare()
        self.face(self._words(plain=options.plain))
        self.ends.unlink(missing_ok=True)
        if self._machine_ends():
            # The unit stops this in a moment; a prompt would only ask for what can't be done any more.
            self.say("The live system ends.")
            return None
        return self._shell(HOW)

    def _words(self, *, plain: bool) -> tuple[str, ...]:
        filled = ("--kickstart", str(self.kept)) if self.kept.exists() else ()
        return (*filled, *(("--plain",) if plain else ()))

    def _shell(self, sentence: str) -> None:
        self.say(sentence)
        self.shell()

    def _ends(self) -> int:
        try:
            return int(self.ends.read_text(encoding="ascii"))
        except (OSError, ValueError):
            return 0

    def _count(self, number: int) -> None:
        self.ends.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.ends.write_text(str(number), encoding="ascii")

    def _machine_ends(self) -> bool:
        try:
            jobs = self.run.run(["systemctl", "list-jobs", "--plain", "--no-legend"])
        except InstallerError:
            return False
        return any(ending in jobs for ending in _ENDINGS)

    def _tell_logins(self) -> None:
        """Shells of this system say how to come to the installer, unless they have something better to say."""
        if not self.motd.exists():
            self.motd.parent.mkdir(parents=True, exist_ok=True)
            self.motd.write_text("`ashore` shows the installer, here too.\n", encoding="utf-8")


def _options(cmdline: str) -> BootOptions:
    try:
        return boot_options(cmdline)
    except BadInput:
        return BootOptions()  # live.py has said what is wrong with them


def ask_size(line: int, seconds: float = _ANSWER_SECONDS) -> tuple[int, int] | None:
    """Rows and columns of the terminal at the other end of a serial line, by asking it. None without an answer."""
    before = termios.tcgetattr(line)
    tty.setraw(line)
    try:
        os.write(line, _CORNER)
        answer, deadline = b"", time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0 and select.select([line], [], [], left)[0]:
            answer += os.read(line, 256)
            if found := _PLACE.search(answer):
                return int(found[1]), int(found[2])
        return None
    finally:
        termios.tcsetattr(line, termios.TCSANOW, before)


def fit(line: int, seconds: float = _ANSWER_SECONDS) -> None:
    """Let the kernel know how large a serial terminal is; it can't, and those that don't answer have 24 rows of 80."""
    rows, columns = ask_size(line, seconds) or _LEAST
    termios.tcsetwinsize(line, (max(rows, _LEAST[0]), max(columns, _LEAST[1])))


def hush() -> None:
    """Nothing else writes onto the consoles any more: the kernel's messages and systemd's stay in their logs."""
    with suppress(OSError):
        PRINTK.write_text("1", encoding="ascii")
    os.kill(1, signal.SIGRTMIN + 21)  # systemd(1), Signals: no status messages on the console


def _ashore(words: Sequence[str]) -> int:
    from ashore_tui.__main__ import main as ashore

    return ashore(words)


def _login() -> None:
    """Root's shell as the getty would have started it, in the place of this program."""
    sys.stdout.flush()
    os.execv("/bin/login", ["login", "-f", "root"])


def _prepare() -> None:
    if not _is_screen(os.ttyname(sys.stdin.fileno())):
        fit(sys.stdin.fileno())
    hush()


def _is_screen(device: str) -> bool:
    """Whether it is one of the kernel's own terminals on screen and keyboard: it knows their size."""
    return re.fullmatch(r"/dev/tty\d+", device) is not None


def _say(text: str) -> None:
    print(text, flush=True)


def main() -> None:
    sys.excepthook = report_bug
    Console(
        cmdline=CMDLINE.read_text(encoding="utf-8", errors="replace"),
        face=_ashore,
        shell=_login,
        prepare=_prepare,
        say=_say,
        run=Commands(),
        ends=CONSOLES / Path(os.ttyname(sys.stdin.fileno())).name,
    ).show()
    signal.pause()  # only when the machine ends: a shell has taken the place of this program


if __name__ == "__main__":
    main()
