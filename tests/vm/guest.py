"""A root shell at the other end of a console, used like a function: a script goes in, status and output come out.

Consoles are noisy: the kernel writes between the lines, shells echo, systemd adds escape sequences. So every answer
stands between marks with a number that is used once, as base64, with its length; a damaged one is asked for again.
"""

from __future__ import annotations

import base64
import binascii
import itertools
import shlex
from dataclasses import dataclass

from tests.vm.console import Console, LineClosed, NotSeen

PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_TRIES = 3
_LOGINS = 10
"""How often login(1) may give up, after a minute each: as long as a busy machine may take to start."""
_LINE = 1024
"""A terminal takes 4096 characters a line (termios(3), canonical mode); ours are shorter."""

_END = r" ?(?:$|\[ *\d+\.\d)"
"""The end of a prompt, or a message that the kernel has put behind it."""

# What kernel, initramfs and systemd say when nothing more will come.
_BROKEN = r"Kernel panic - not syncing|[Ee]mergency [Mm]ode|Press Enter for maintenance|^grub rescue>|^grub>"

# No history, no prompt, no line editor, no echo.
_QUIET = f"exec env -i PS1= PS2= TERM=dumb HOME=/root PATH={PATH} LC_ALL=C.UTF-8 sh\n"
_SILENT = "set +o emacs +o vi; stty -echo 2>/dev/null; umask 022; cd /\n"
_ANSWER = (
    'answer() { echo "<$1:out>"; base64 <$d/vm.out; echo "<$1:err>"; base64 <$d/vm.err; '
    'echo "<$1:end:$2:$(($(wc -c <$d/vm.out))):$(($(wc -c <$d/vm.err)))>"; }\n'
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    status: int
    stdout: str
    stderr: str


class GuestFailed(AssertionError):
    """A script in the guest did not end well."""


class Guest:
    """A root shell on `console`. `patience` multiplies every time-out: translated machines are slow.

    Scripts and their output pass through files in `directory`, which must be there.
    """

    def __init__(self, console: Console, patience: float = 1.0, directory: str = "/run") -> None:
        self.console = console
        self.patience = patience
        self._directory = directory
        self._numbers = itertools.count(1)

    def login(self, user: str, password: str, seconds: float = 60) -> None:
        """Log in at a getty, waiting for it, and take over root's shell. Raises NotSeen when that fails."""
        given_up = self.enter(user, password, seconds)
        self.attach()
        self.hush()
        if given_up:
            # Such a login is gone before its session begins, and a session without a process is a failed unit.
            self.out("systemctl reset-failed 'session-*.scope'")

    def enter(self, user: str, password: str, seconds: float = 60) -> int:
        """Get through a getty to a shell's prompt. Raises NotSeen when there is none or it refuses.

        On a machine that is still busy with its start, login(1) gives up after a minute, and is asked again. Gives how
        often that was so.
        """
        for given_up in range(_LOGINS):
            answer = self._knock(user, password, seconds)
            if answer in ("#", "$"):
                return given_up
            if "timed out" not in answer:
                break
        raise NotSeen(f"{user} could not log in. The last lines were:\n{self.console.tail()}")

    def _knock(self, user: str, password: str, seconds: float) -> str:
        """One login; what comes of it: the shell's prompt, or what was said instead."""
        if "login" not in self.expect(rf"login:{_END}|{_BROKEN}", seconds):
            raise NotSeen(f"The system does not boot. The last lines were:\n{self.console.tail(40)}")
        self.console.send(f"{user}\n")
        if "timed out" in self.expect(rf"[Pp]asswor[dt]:{_END}|login: timed out", 60):
            return "timed out"
        self.console.send(f"{password}\n")
        return self.expect(r"[#$] ?$|Login incorrect|login: timed out|login: ?$", 30).strip()

    def attach(self) -> None:
        """Take over the shell that waits at the other end."""
        self.console.send(_QUIET)
        self._settle()
        self.console.send(_SILENT)
        self.console.send(f"d={shlex.quote(self._directory)}\n{_ANSWER}")
        self._settle()

    def hush(self) -> None:
        """Keep the kernel's messages off the console (they stay in its log)."""
        self.out("dmesg -n 1")

    def expect(self, pattern: str, seconds: float) -> str:
        """Wait for text on the console."""
        return self.console.expect(pattern, seconds * self.patience)[0]

    def run(self, script: str, seconds: float = 30) -> Result:
        """Run a script for `sh` as root, with nothing on its stdin. Never raises for its status."""
        self._send_file(f"{self._directory}/vm.in", script.encode())
        number = self._number()
        # The marks are expanded by the shell: an echo of this line does not look like an answer.
        self.console.send(f"sh $d/vm.in >$d/vm.out 2>$d/vm.err </dev/null; s=$?; answer {number} $s\n")
        for _ in range(_TRIES):
            result = self._answer(number, seconds)
            if result is not None:
                return result
            number = self._number()
            self.console.send(f"answer {number} $s\n")
        raise NotSeen(f"The console damages what it carries. The last lines were:\n{self.console.tail()}")

    def out(self, script: str, seconds: float = 30) -> str:
        """Stdout of a script, without the last newline. Raises GuestFailed when its status is not 0."""
        result = self.run(script, seconds)
        if result.status != 0:
            raise GuestFailed(f"Status {result.status} of: {script}\n{result.stdout}\n{result.stderr}")
        return result.stdout.removesuffix("\n")

    def write(self, path: str, text: str) -> None:
        """Make a file with `text` in the guest."""
        self._send_file(path, text.encode())

    def leave(self, command: str) -> None:
        """Run a command that ends this shell, such as `systemctl reboot`, without waiting for an answer."""
        self.console.send(f"{command}\n")

    def _settle(self) -> None:
        """Wait until the shell answers. A starting one may lose what was typed before, so ask again."""
        for _ in range(_TRIES * 2):
            number = self._number()
            self.console.send(f'echo "<ready:$(({number}))>"\n')
            try:
                self.expect(f"<ready:{number}>", 5)
                return
            except LineClosed:
                raise
            except NotSeen:
                continue
        raise NotSeen(f"No shell answered. The last lines were:\n{self.console.tail()}")

    def _send_file(self, path: str, data: bytes) -> None:
        text = base64.b64encode(data).decode()
        self.console.send(": >$d/vm.b64\n")
        for start in range(0, len(text), _LINE):
            number = self._number()
            self.console.send(f'echo {text[start : start + _LINE]} >>$d/vm.b64; echo "<kept:$(({number}))>"\n')
            self.expect(f"<kept:{number}>", 10)
        self.console.send(f"base64 -d $d/vm.b64 >{shlex.quote(path)}\n")

    def _answer(self, number: int, seconds: float) -> Result | None:
        """The answer with this number, None if it was damaged on the way."""
        marks = rf"(?s)<{number}:out>\n(.*?)<{number}:err>\n(.*?)<{number}:end:(\d+):(\d+):(\d+)>"
        found = self.console.expect(marks, seconds * self.patience)
        try:
            stdout, stderr = (base64.b64decode(found[part].replace("\n", ""), validate=True) for part in (1, 2))
        except binascii.Error:
            return None
        if (len(stdout), len(stderr)) != (int(found[4]), int(found[5])):
            return None
        return Result(status=int(found[3]), stdout=_text(stdout), stderr=_text(stderr))

    def _number(self) -> int:
        return next(self._numbers)


def _text(data: bytes) -> str:
    return data.decode(errors="surrogateescape")
