"""A kickstart as typed commands and scripts. The one module that knows pykickstart, which is imported when it is used.

Each command line goes through the newest handler of pykickstart, so its rules on types, required options and conflicts
hold; its warnings count as problems. Refused commands and options don't get that far.
"""

from __future__ import annotations

import importlib
import shlex
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from ashore_installer.plan import Script, ScriptPhase
from ashore_kickstart.arguments import names, split
from ashore_kickstart.commands import ADDITIONS, COMMANDS, SECTIONS
from ashore_kickstart.lines import CommandLine, SectionText, scan
from ashore_kickstart.package_commands import PACKAGES, SECTION
from ashore_kickstart.problems import LineProblem, Refused
from ashore_kickstart.storage_commands import Takes
from ashore_kickstart.support import Level, Support

_SECRET = ("rootpw", "user", "url", "repo")
_SECRET_OPTIONS = {"--passphrase", "--tpm2-pin", "--hw-passphrase"}
_MAY_REPEAT = ("sshkey", "network", "part", "partition", "btrfs", "repo")
"""pykickstart warns of a second key for a user, which is what authorized_keys is for, of network lines that name no
device, of a second `biosboot` or `none`, and of a repository that is named twice; the readers judge those."""
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
class PackageLines:
    """A %packages section: its options by their first names, and its lines with their numbers, without comments."""

    line: int
    options: Mapping[str, str]
    lines: tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Parsed:
    """What a kickstart says, each kind in the order of the file, and what is wrong with the other lines."""

    commands: tuple[Command, ...]
    scripts: tuple[Script, ...]
    packages: tuple[PackageLines, ...] = ()
    problems: tuple[LineProblem, ...]


def parse(text: str) -> Parsed:
    """Parse a whole kickstart; every line that can't be followed gives a problem."""
    found = scan(text, SECTIONS)
    handler, problems = _handler(), list(found.problems)
    commands: list[Command] = []
    scripts: list[Script] = []
    packages: list[PackageLines] = []
    for line in found.commands:
        try:
            commands.append(_command(handler, line))
        except Refused as refused:
            problems.append(refused.problem)
    for section in found.texts:
        try:
            _admit_section(section)
            if section.name == PACKAGES:
                packages.append(_packages(handler, section))
            else:
                scripts.extend(_script(handler, section))
        except Refused as refused:
            problems.append(refused.problem)
    return Parsed(
        commands=tuple(commands), scripts=tuple(scripts), packages=tuple(packages), problems=tuple(problems)
    )  # fmt: skip


def language() -> Mapping[str, tuple[str, ...]]:
    """Every command of the newest kickstart language with the first names of its options; for the table's test."""
    commands = _handler().commands
    return {name: tuple(names(command.op)) if _has_parser(command) else () for name, command in commands.items()}


def package_options() -> tuple[str, ...]:
    """The first names of the options of %packages; for the table's test."""
    return tuple(names(_package_parser(_handler())))


def _has_parser(command: Any) -> bool:
    return hasattr(getattr(command, "op", None), "parse_known_args")


def _handler() -> Any:
    """A fresh newest handler, with our additions to the language."""
    from pykickstart.version import DEVEL, versionToString

    # pykickstart's own makeVersion adds a directory to sys.path with each call.
    version = versionToString(DEVEL, skipDevel=True)
    module = importlib.import_module(f"pykickstart.handlers.{version.lower()}")
    handler = getattr(module, f"{version}Handler")()
    for name in ADDITIONS:
        if name in handler.commands:
            _extend(handler.commands[name].op, name)
    return handler


def _extend(parser: Any, name: str) -> None:
    """Let pykickstart know our options of a command or section; `part` and `partition` share their parser."""
    from pykickstart.version import DEVEL

    for option, takes in ADDITIONS.get(name, {}).items():
        if option not in names(parser):
            _add(parser, option, takes, DEVEL)


def _add(parser: Any, option: str, takes: Takes, version: int) -> None:
    words = {"version": version, "help": "an addition"}
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
    options, arguments = split(parser, words[1:]) if parser else ([], words[1:])
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
    handler.currentLine = source.text
    with _judged(source.line, words, secret=secret):
        handler.dispatcher(words, source.line)


@contextmanager
def _judged(line: int, words: Sequence[str], *, secret: bool) -> Iterator[None]:
    """Turn what pykickstart has against a line, its warnings too, into a refusal."""
    from pykickstart.errors import KickstartError, KickstartParseWarning

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            yield
        except KickstartError as error:
            raise Refused(line, _sentence(error.message, words, secret)) from error
        except (ArithmeticError, AssertionError, AttributeError, LookupError, TypeError, ValueError) as error:
            raise Refused(line, f"the arguments of {words[0]} can't be read.") from error
    for warning in caught:
        if issubclass(warning.category, KickstartParseWarning) and words[0] not in _MAY_REPEAT:
            raise Refused(line, _sentence(warning.message, words, secret))


def _sentence(message: object, words: Sequence[str], secret: bool = False) -> str:
    """pykickstart's words for a problem, after the command; they quote no argument if there are secrets."""
    text = " ".join(str(message).split()).rstrip(".")
    quoted = [repr(value) for _, _, value in (word.partition("=") for word in words[1:]) if value]
    if not text or (secret and any(word in text for word in (*words[1:], *quoted))):
        return f"the arguments of {words[0]} can't be read."
    return f"{words[0]}: {text}."


# --- sections ------------------------------------------------------------------------------------------------


def _admit_section(source: SectionText) -> None:
    known = SECTIONS.get(source.name)
    if known is None:
        raise Refused(source.line, f"there is no section {source.name}.", _TABLE_HINT)
    _admit(source.line, f"the section {source.name}", known)


def _packages(handler: Any, source: SectionText) -> PackageLines:
    """A %packages section. pykickstart judges its options; what its lines say is read elsewhere, with their numbers."""
    words = _words(CommandLine(line=source.line, text=source.header))
    parser = _package_parser(handler)
    options, others = split(parser, words[1:])
    for option, _ in options:
        _admit(source.line, f"the option {PACKAGES} {option}", SECTION.option(option))
    if others:
        raise Refused(source.line, f"{PACKAGES}: {others[0]!r} is no option.", "Name packages on lines of their own.")
    with _judged(source.line, words, secret=False):
        parser.parse_args(args=words[1:], lineno=source.line)
    if len(dict(options)) < len(options):
        raise Refused(source.line, f"{PACKAGES}: an option is given twice.", "Remove one of them.")
    body = ((number, line.partition("#")[0].strip()) for number, line in enumerate(source.body, source.line + 1))
    return PackageLines(
        line=source.line, options=dict(options), lines=tuple((number, line) for number, line in body if line)
    )


def _package_parser(handler: Any) -> Any:
    from pykickstart.sections import PackageSection

    parser = PackageSection(handler)._getParser()  # noqa: SLF001 (it has no public way to the options)
    _extend(parser, PACKAGES)
    return parser


def _script(handler: Any, source: SectionText) -> tuple[Script, ...]:
    """The script in a section; none when it is empty."""
    from pykickstart.errors import KickstartError
    from pykickstart.parser import Script as ScriptData
    from pykickstart.sections import PostScriptSection

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
