"""A kickstart as typed commands and scripts. The one module that knows pykickstart, which is imported when it is used.

Each command line goes through the newest handler of pykickstart, so its rules on types, required options and conflicts
hold; its warnings count as problems. Refused commands and options don't get that far.
"""

from __future__ import annotations

import importlib
import shlex
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ashore_installer.plan import Script, ScriptPhase
from ashore_kickstart.commands import ADDITIONS, COMMANDS, SECTIONS
from ashore_kickstart.lines import CommandLine, SectionText, scan
from ashore_kickstart.problems import LineProblem, Refused
from ashore_kickstart.storage_commands import Takes
from ashore_kickstart.support import Level, Support

_SECRET = ("rootpw", "user")
_SECRET_OPTIONS = {"--passphrase", "--tpm2-pin", "--hw-passphrase"}
_MAY_REPEAT = ("sshkey", "network", "part", "partition", "btrfs")
"""pykickstart warns of a second key for a user, which is what authorized_keys is for, of network lines that name no
device, and of a second `biosboot` or `none`; the readers judge those."""
_TABLE_HINT = "`ashore kickstart check --commands` lists what is supported."


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """One command line: `options` by their first names (empty text for switches), and the other words."""

    name: str
    line: int
    options: Mapping[str, str]
    arguments: tuple[str, ...]

    def has(self, option: str) -> bool:
        return option in self.options

    def text(self, option: str) -> str:
        """The value of an option, empty when it was not given."""
        return self.options.get(option, "")

    def number(self, option: str) -> int | None:
        """The value of an option that pykickstart took for a whole number."""
        return int(self.options[option]) if option in self.options else None

    def words(self, option: str) -> tuple[str, ...]:
        """The value of an option that takes a list, split at its commas."""
        return tuple(word.strip() for word in self.text(option).split(",") if word.strip())


@dataclass(frozen=True, slots=True, kw_only=True)
class Parsed:
    """The commands and scripts of a kickstart in the order of the file, and what is wrong with the other lines."""

    commands: tuple[Command, ...]
    scripts: tuple[Script, ...]
    problems: tuple[LineProblem, ...]


def parse(text: str) -> Parsed:
    """Parse a whole kickstart; every line that can't be followed gives a problem."""
    found = scan(text, SECTIONS)
    handler, problems = _handler(), list(found.problems)
    commands: list[Command] = []
    scripts: list[Script] = []
    for line in found.commands:
        try:
            commands.append(_command(handler, line))
        except Refused as refused:
            problems.append(refused.problem)
    for section in found.texts:
        try:
            scripts.extend(_script(handler, section))
        except Refused as refused:
            problems.append(refused.problem)
    return Parsed(commands=tuple(commands), scripts=tuple(scripts), problems=tuple(problems))


def language() -> Mapping[str, tuple[str, ...]]:
    """Every command of the newest kickstart language with the first names of its options; for the table's test."""
    commands = _handler().commands
    return {name: tuple(_names(command.op)) if _has_parser(command) else () for name, command in commands.items()}


def _has_parser(command: Any) -> bool:
    return hasattr(getattr(command, "op", None), "parse_known_args")


def _handler() -> Any:
    """A fresh newest handler, with our additions to the language."""
    from pykickstart.version import DEVEL, versionToString

    # pykickstart's own makeVersion adds a directory to sys.path with each call.
    version = versionToString(DEVEL, skipDevel=True)
    module = importlib.import_module(f"pykickstart.handlers.{version.lower()}")
    handler = getattr(module, f"{version}Handler")()
    for name, options in ADDITIONS.items():
        for option, takes in options.items():
            _add(handler.commands[name].op, option, takes, DEVEL)
    return handler


def _add(parser: Any, option: str, takes: Takes, version: int) -> None:
    """Let pykickstart know an option; `part` and `partition` share their parser."""
    if option in _names(parser):
        return
    words = {"version": version, "help": COMMANDS[parser.prog.partition("|")[0]].option(option).note}
    if takes is Takes.NOTHING:
        parser.add_argument(option, action="store_true", default=False, **words)
    else:
        parser.add_argument(option, nargs=None if takes is Takes.VALUE else "?", const=None, **words)


# --- commands ------------------------------------------------------------------------------------------------


def _command(handler: Any, source: CommandLine) -> Command:
    words = _words(source)
    name = words[0]
    support = COMMANDS.get(name)
    if support is None:
        raise Refused(source.line, f"there is no command {name!r}.", _TABLE_HINT)
    _admit(source.line, f"the command {name}", support.support)
    parser = handler.commands[name].op if _has_parser(handler.commands[name]) else None
    options, arguments = _split(parser, words[1:]) if parser else ([], words[1:])
    for option, _ in options:
        _admit(source.line, f"the option {name} {option}", support.option(option))
    _dispatch(handler, words, source, secret=name in _SECRET or bool(_SECRET_OPTIONS & dict(options).keys()))
    if len(dict(options)) < len(options):
        raise Refused(source.line, f"{name}: an option is given twice.", "Remove one of them.")
    return Command(name=name, line=source.line, options=dict(options), arguments=tuple(arguments))


def _words(source: CommandLine) -> list[str]:
    try:
        words = shlex.split(source.text, comments=True)
    except ValueError as error:
        raise Refused(source.line, "a quotation is not closed.", 'Write the value as "value".') from error
    if not words or not words[0]:
        raise Refused(source.line, "the line has no command.", "Remove it.")
    if _ends_in_a_word(source.text, words):
        raise Refused(source.line, "a # in the middle of a word would begin a comment.", 'Write the value as "value".')
    return words


def _ends_in_a_word(text: str, words: Sequence[str]) -> bool:
    """Whether a comment cuts the last word, as in `rootpw abc#def`: a password would be cut silently."""
    try:
        uncut = shlex.split(text)
    except ValueError:  # a lone quote in a comment
        return False
    return uncut[len(words) - 1] != words[-1]


def _admit(line: int, what: str, support: Support) -> None:
    if support.level is Level.REFUSED:
        raise Refused(line, f"{what} is not supported: {support.note}.", _TABLE_HINT)


def _dispatch(handler: Any, words: list[str], source: CommandLine, *, secret: bool) -> None:
    """Let pykickstart judge the line; the arguments of a `secret` one don't get into messages."""
    from pykickstart.errors import KickstartError, KickstartParseWarning

    handler.currentLine = source.text
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            handler.dispatcher(words, source.line)
        except KickstartError as error:
            raise Refused(source.line, _sentence(error.message, words, secret)) from error
        except (ArithmeticError, AssertionError, AttributeError, LookupError, TypeError, ValueError) as error:
            raise Refused(source.line, f"the arguments of {words[0]} can't be read.") from error
    for warning in caught:
        if issubclass(warning.category, KickstartParseWarning) and words[0] not in _MAY_REPEAT:
            raise Refused(source.line, _sentence(warning.message, words, secret))


def _sentence(message: object, words: Sequence[str], secret: bool = False) -> str:
    """pykickstart's words for a problem, after the command; they quote no argument if there are secrets."""
    text = " ".join(str(message).split()).rstrip(".")
    if not text or (secret and any(word in text for word in words[1:])):
        return f"the arguments of {words[0]} can't be read."
    return f"{words[0]}: {text}."


def _split(parser: Any, words: Sequence[str]) -> tuple[list[tuple[str, str]], list[str]]:
    """Options with their values, and the other words, as argparse sees them; it allows unique abbreviations."""
    actions = {name: action for action in _actions(parser) for name in action.option_strings}
    options: list[tuple[str, str]] = []
    others: list[str] = []
    rest = list(words)
    while rest:
        word = rest.pop(0)
        name, has_value, value = word.partition("=")
        matches = [name] if name in actions else [known for known in actions if known.startswith(name)]
        if word == "--":
            return options, others + rest
        if not word.startswith("--"):
            others.append(word)
        elif len(matches) == 1:
            action = actions[matches[0]]
            if not has_value and _takes_next(action, rest):
                value = rest.pop(0) if rest else ""
            options.append((action.option_strings[0], value))
    return options, others


def _takes_next(action: Any, rest: Sequence[str]) -> bool:
    """Whether the next word is the option's value; one that may go without takes no word that looks like an option."""
    return action.nargs is None or (action.nargs == "?" and bool(rest) and not rest[0].startswith("-"))


def _actions(parser: Any) -> Iterator[Any]:
    return iter(parser._actions)  # noqa: SLF001 (argparse has no public list of its options)


def _names(parser: Any) -> Iterator[str]:
    return (action.option_strings[0] for action in _actions(parser) if action.option_strings)


# --- sections ------------------------------------------------------------------------------------------------


def _script(handler: Any, source: SectionText) -> tuple[Script, ...]:
    """The script in a section; none when it is empty."""
    from pykickstart.errors import KickstartError
    from pykickstart.parser import Script as ScriptData
    from pykickstart.sections import PostScriptSection

    known = SECTIONS.get(source.name)
    if known is None:
        raise Refused(source.line, f"there is no section {source.name}.", _TABLE_HINT)
    _admit(source.line, f"the section {source.name}", known)
    section = PostScriptSection(handler, dataObj=ScriptData)
    words = _words(CommandLine(line=source.line, text=source.header))
    try:
        section.handleHeader(source.line, words)
    except KickstartError as error:
        raise Refused(source.line, _sentence(error.message, words)) from error
    for line in source.body:
        section.handleLine(line)
    before = len(handler.scripts)
    section.finalize()
    return tuple(_typed(script) for script in handler.scripts[before:])


def _typed(script: Any) -> Script:
    return Script(
        phase=ScriptPhase.POST,
        body=script.script,
        interpreter=script.interp,
        chroot=script.inChroot,
        error_on_fail=script.errorOnFail,
        log=script.logfile or "",
        line=script.lineno,
    )
