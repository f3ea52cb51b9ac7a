"""The second half of the language: a rendered line becomes words, the words become a command."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Mapping
from types import MappingProxyType

from ashore_installer.errors import BadInput
from ashore_isogen.template import commands as c

# In lorax's language, but nothing that builds a live runtime: they lay out the tree of a medium.
NOT_YET = ("createaddrsize", "installimg", "installinitrd", "installkernel", "installupgradeinitrd", "treeinfo")

Words = tuple[str, ...]


class _Wrong(ValueError):
    """What is wrong with the words of a command."""


def read_line(where: c.Where, text: str) -> c.Line:
    """The command on one line. Raises BadInput, with file and line, for what is not a command we know."""
    may_fail = text.startswith("-")
    try:
        words = _split(text.removeprefix("-"))
        return c.Line(where=where, words=words, command=_command(words), may_fail=may_fail)
    except ValueError as error:
        raise BadInput(f"{where}: {error}", f"Correct line {where.line} of {where.file}.") from error


def brace_expand(word: str) -> list[str]:
    """`/usr/{lib,bin}/x` gives both paths, as in a shell; braces without a comma mean themselves."""
    for group in re.finditer(r"\{([^{}]*,[^{}]*)\}", word):
        before, after = word[: group.start()], word[group.end() :]
        return [each for part in group[1].split(",") for each in brace_expand(before + part + after)]
    return [word]


def _split(text: str) -> Words:
    words = shlex.split(text)
    if any(word.startswith("#") for word in words) and re.search(r"\s#", text):
        raise _Wrong("a comment must be on a line of its own, or it becomes an argument.")
    return tuple(each for word in words for each in brace_expand(word))


def _command(words: Words) -> c.Command:
    name, rest = words[0], words[1:]
    if name in NOT_YET:
        raise _Wrong(f"the command {name} is not supported yet.")
    if name not in _READERS:
        raise _Wrong(f"there is no command {name}; there are {', '.join(sorted(_READERS))}.")
    return _READERS[name](rest)


def _exactly(words: Words, *names: str) -> Words:
    if len(words) != len(names):
        raise _Wrong(f"{len(words)} arguments where {len(names)} are wanted: {' '.join(names)}.")
    return words


def _some(words: Words, name: str) -> Words:
    if not words:
        raise _Wrong(f"an argument is missing: {name}.")
    return words


def _installpkg(words: Words) -> c.InstallPkg:
    required, excluding, rest = True, [], list(words)
    while rest and rest[0].startswith("--"):
        option = rest.pop(0)
        if option in {"--required", "--optional"}:
            required = option == "--required"
        elif option == "--except" and rest:
            excluding.append(rest.pop(0))
        else:
            raise _Wrong(f"installpkg has no option {option}, or it lacks its value.")
    return c.InstallPkg(specs=_some(tuple(rest), "PACKAGE"), excluding=tuple(excluding), required=required)


def _run_pkg_transaction(words: Words) -> c.RunPkgTransaction:
    _exactly(words)
    return c.RunPkgTransaction()


def _removefrom(words: Words) -> c.RemoveFrom:
    package, rest = _some(words, "PACKAGE")[0], words[1:]
    all_but = rest[:1] == ("--allbut",)
    files = _some(rest[1:] if all_but else rest, "FILE")
    if bad := [glob for glob in files if not glob.startswith(("/", "*"))]:
        raise _Wrong(f"{bad[0]} can't match any file: a file starts with / or *.")
    return c.RemoveFrom(package=package, files=files, all_but=all_but)


def _removekmod(words: Words) -> c.RemoveKmod:
    if "--allbut" not in words:
        return c.RemoveKmod(globs=_some(words, "DIRECTORY"))
    cut = words.index("--allbut")
    return c.RemoveKmod(globs=_some(words[:cut], "DIRECTORY"), keep=_some(words[cut + 1 :], "MODULE"))


def _chmod(words: Words) -> c.Chmod:
    glob, mode = _exactly(words, "FILE", "MODE")
    if not re.fullmatch("[0-7]{3,4}", mode):
        raise _Wrong(f"{mode} is no mode: three or four octal digits are wanted.")
    return c.Chmod(glob=glob, mode=int(mode, base=8))


def _replace(words: Words) -> c.Replace:
    if len(words) < 3:
        raise _Wrong("replace wants PATTERN REPLACEMENT FILE….")
    try:
        re.compile(words[0])
    except re.error as error:
        raise _Wrong(f"{words[0]} is no regular expression: {error}.") from error
    return c.Replace(pattern=words[0], replacement=words[1], globs=words[2:])


def _append(words: Words) -> c.Append:
    file, text = _exactly(words, "FILE", "TEXT")
    escapes = {r"\n": "\n", r"\t": "\t", r"\\": "\\"}
    return c.Append(file=file, text=re.sub(r"\\[nt\\]", lambda found: escapes[found[0]], text))


def _runcmd(words: Words) -> c.RunCmd:
    """Lorax runs any program of the build machine here. We run those of the root tree, which need no root there."""
    if words[:2] != ("chroot", "/") or len(words) < 3:
        raise _Wrong("runcmd runs programs of the root tree only: runcmd chroot ${root} PROGRAM….")
    return c.RunCmd(argv=words[2:])


def _systemctl(words: Words) -> c.Systemctl:
    verb, units = _some(words, "enable, disable or mask")[0], words[1:]
    if verb not in {"enable", "disable", "mask"}:
        raise _Wrong(f"systemctl {verb} is not possible in a template; enable, disable and mask are.")
    return c.Systemctl(verb=verb, units=_some(units, "UNIT"))


def _two(make: Callable[[str, str], c.Command], first: str = "SOURCE", second: str = "DEST") -> _Reader:
    return lambda words: make(*_exactly(words, first, second))


_Reader = Callable[[Words], c.Command]
_READERS: Mapping[str, _Reader] = MappingProxyType(
    {
        "append": _append,
        "chmod": _chmod,
        "copy": _two(lambda source, dest: c.Copy(source=source, dest=dest)),
        "hardlink": _two(lambda source, dest: c.HardLink(source=source, dest=dest)),
        "install": _two(lambda source, dest: c.Install(source=source, dest=dest)),
        "installpkg": _installpkg,
        "log": lambda words: c.Log(message=_exactly(words, "MESSAGE")[0]),
        "mkdir": lambda words: c.MakeDirs(paths=_some(words, "DIRECTORY")),
        "move": _two(lambda source, dest: c.Move(source=source, dest=dest)),
        "remove": lambda words: c.Remove(globs=_some(words, "FILE")),
        "removefrom": _removefrom,
        "removekmod": _removekmod,
        "removepkg": lambda words: c.RemovePkg(packages=_some(words, "PACKAGE")),
        "replace": _replace,
        "run_pkg_transaction": _run_pkg_transaction,
        "runcmd": _runcmd,
        "symlink": _two(lambda target, path: c.Symlink(target=target, path=path), "TARGET", "LINK"),
        "systemctl": _systemctl,
    }
)
