"""Questions and answers as plain lines. Everything is asked with a line and answered with a line.

In lists `b` goes back, `m` shows all topics, `?` helps and `q` leaves. Where text is typed these have a colon before
them (`:b`), so that every text can be given; a secret is never a command.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from ashore_installer.secret import Secret
from ashore_tui.flow.choices import Choice, matching
from ashore_tui.flow.fields import Wrong
from ashore_tui.outputs import Output, printable
from ashore_tui.text import _
from ashore_tui.text.cells import cells, wrap

T = TypeVar("T")
Ask = Callable[[str], str]
Validate = Callable[[str], T | Wrong]

WIDTH = 79
"""The last column stays free: some terminals begin a new line when it is written."""
_MATCHES = 15
_CLEAR = "-"


class Leave(Exception):
    """The person goes somewhere else than on."""


class Back(Leave):
    """To what was before."""


class Menu(Leave):
    """To the list of all topics."""


class Quit(Leave):
    """Out, with nothing written."""


_COMMANDS: dict[str, type[Leave]] = {"b": Back, "m": Menu, "q": Quit}


@dataclass(kw_only=True)
class Prompt:
    """A person at a line. `ask` shows a question and gives the answer; `ask_secret` does it without echo.

    Every question raises `Leave` when the person wants to be elsewhere, and EOFError when nobody is there any more.
    """

    output: Output
    ask: Ask
    ask_secret: Ask
    help: str = ""
    """What `?` says."""

    # --- telling ---------------------------------------------------------------------------------------------

    def say(self, text: str = "", indent: str = "") -> None:
        """A paragraph, or a line that is left as it is when it fits."""
        for line in text.split("\n"):
            self._line(line, indent)

    def _line(self, line: str, indent: str) -> None:
        if cells(indent + line) <= WIDTH:
            self.output.line(indent + line)
            return
        own = indent + line[: len(line) - len(line.lstrip())]
        for wrapped in wrap(line.strip(), WIDTH, own, f"{own}  "):
            self.output.line(wrapped)

    def title(self, text: str) -> None:
        self.say()
        self.say(text)
        self.output.line("-" * min(cells(text), WIDTH))

    # --- asking ----------------------------------------------------------------------------------------------

    def pick(self, choices: Sequence[Choice], question: str, default: str = "") -> str:
        """One of a short list, by its number. Enter takes the one with the value `default`."""
        self._list(choices)
        usual = next((str(number) for number, one in enumerate(choices, 1) if one.value == default), "")
        while True:
            answer = self._answer(_question(question, usual)) or usual
            found = self._numbered(answer, choices)
            if found and not found.refusal:
                return found.value
            self._refuse(found, len(choices))

    def pick_some(self, choices: Sequence[Choice], question: str, chosen: Sequence[str] = ()) -> tuple[str, ...]:
        """One or several, by their numbers with blanks or commas between them, in the order that they are given."""
        self._list(choices)
        usual = " ".join(str(number) for number, one in enumerate(choices, 1) if one.value in chosen)
        while True:
            answer = self._answer(_question(question, usual)) or usual
            words = answer.replace(",", " ").split()
            found = [self._numbered(word, choices) for word in words]
            good = [one.value for one in found if one and not one.refusal]
            if good and len(good) == len(words):
                return tuple(dict.fromkeys(good))
            self._refuse(next((one for one in found if one and one.refusal), None), len(choices))

    def search(self, choices: Sequence[Choice], question: str, validate: Validate[str], current: str = "") -> str:
        """One of a long list: what is typed is looked for, and a number takes what was found.

        What nothing has is taken as it is when `validate` takes it and the person says so; `-` is nothing at all.
        """
        shown: Sequence[Choice] = ()
        while True:
            answer = self._answer(_question(question, current), colon=True)
            if not answer or answer == _CLEAR:
                return "" if answer else current
            exact = next((one.value for one in choices if one.value == answer), "")
            numbered = self._numbered(answer, shown)
            if exact or numbered:
                return exact or (numbered.value if numbered else "")
            shown = matching(choices, answer)
            if len(shown) == 1:
                self.say(f"{shown[0].label} ({shown[0].value})", "  ")
                return shown[0].value
            typed = "" if shown else self._unlisted(answer, validate)
            if typed:
                return typed
            self._found(shown)

    def text(self, question: str, validate: Validate[T], current: str = "") -> T:
        """A line of text that `validate` takes. Enter leaves what is there, `-` empties it."""
        while True:
            answer = self._answer(_question(question, current), colon=True) or current
            found = validate("" if answer == _CLEAR else answer)
            if not isinstance(found, Wrong):
                return found
            self.say(found.text)

    def secret(self, question: str, validate: Callable[[str, str], Secret | Wrong], note: Ask) -> Secret | None:
        """A secret, typed twice and never shown; Enter alone leaves it. `note` says how good it is, or nothing."""
        while True:
            first = self.ask_secret(f"{question} ")
            if not first:
                return None
            known = validate(first, first)
            if isinstance(known, Secret):
                if said := note(first):
                    self.say(said)
                known = validate(first, self.ask_secret(_("The same again: ")))
            if isinstance(known, Secret):
                return known
            self.say(known.text)

    def lines(self, question: str) -> str:
        """Several lines; an empty one ends them."""
        self.say(question)
        found: list[str] = []
        while answer := self._answer("> ", colon=True):
            found.append(answer)
        return "\n".join(found)

    def yes(self, question: str, *, default: bool = False) -> bool:
        choice = _("Y/n") if default else _("y/N")
        while True:
            answer = self._answer(f"{question} [{choice}]: ").casefold()
            if not answer:
                return default
            if answer in (_("y"), _("yes"), "y", "yes"):
                return True
            if answer in (_("n"), _("no"), "n", "no"):
                return False
            self.say(_("Answer yes or no."))

    # --- what answers mean -----------------------------------------------------------------------------------

    def command(self, question: str) -> str:
        """An answer that is no command, for those who have lists of their own."""
        return self._answer(question)

    def _answer(self, question: str, *, colon: bool = False) -> str:
        """The answer without blanks around it; who asks for help is asked again. Raises Leave for a command.

        With `colon`, only what begins with one is a command.
        """
        while (word := self.ask(question).strip()) in ("?", ":?"):
            self.say(self.help)
            self.say(_("b: back, m: all topics, q: quit. Where text is typed: :b, :m, :q."))
        letter = word.removeprefix(":").casefold()
        if (word.startswith(":") or not colon) and letter in _COMMANDS:
            raise _COMMANDS[letter]
        return word

    def _list(self, choices: Sequence[Choice]) -> None:
        for number, one in enumerate(choices, 1):
            text = f"{one.label}: {one.detail}" if one.detail else one.label
            refusal = _(" (not possible: {reason})").format(reason=one.refusal) if one.refusal else ""
            self.say(f"{number:2}) {printable(text)}{refusal}", "  ")

    def _numbered(self, word: str, choices: Sequence[Choice]) -> Choice | None:
        return choices[int(word) - 1] if word.isdecimal() and 0 < int(word) <= len(choices) else None

    def _refuse(self, found: Choice | None, count: int) -> None:
        if found:
            self.say(_("{label} can't be chosen: {reason}.").format(label=found.label, reason=found.refusal))
        else:
            self.say(_("Give a number from 1 to {count}.").format(count=count))

    def _found(self, shown: Sequence[Choice]) -> None:
        self._list(shown[:_MATCHES])
        if len(shown) > _MATCHES:
            self.say(_("And {count} more: type more of it.").format(count=len(shown) - _MATCHES))
        elif shown:
            self.say(_("Give a number, or other words."))

    def _unlisted(self, answer: str, validate: Validate[str]) -> str:
        found = validate(answer)
        if isinstance(found, Wrong):
            self.say(_("Nothing has that in it. {why}").format(why=found.text))
            return ""
        question = _("{value} is not on the list. Take it all the same?").format(value=found)
        return found if self.yes(question) else ""


def _question(question: str, current: str) -> str:
    return f"{question} [{current}]: " if current else f"{question}: "
