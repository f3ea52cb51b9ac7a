"""`python -m ashore_isogen.sandbox [options] -- PROGRAM…`: a program inside the runtime root."""

from __future__ import annotations

import argparse
import os
import sys
from functools import partial
from pathlib import Path
from typing import NoReturn

from ashore_installer.errors import BadInput, InstallerError
from ashore_isogen.cache import Cache
from ashore_isogen.sandbox import Bind, Sandbox


def main(words: list[str]) -> int:
    options = _parser().parse_args(words)
    try:
        root = options.root or _runtime_root()
        argv = _sandbox(root, options).argv(options.command)
    except InstallerError as error:
        print(error, file=sys.stderr)
        return error.status
    return _become(argv, root)


def _become(argv: list[str], root: Path) -> NoReturn:
    with Cache.of_user().hold(root.parent) as number:  # as long as the program runs, the root it runs in stays
        os.set_inheritable(number, True)
        os.execvp(argv[0], argv)


def _parser() -> argparse.ArgumentParser:
    name, description = "python -m ashore_isogen.sandbox", "Run a program inside the runtime root."
    parser = argparse.ArgumentParser(prog=name, description=description)
    several, place = partial(parser.add_argument, action="append", default=[]), "HERE:INSIDE"
    parser.add_argument("--root", type=Path, help="another root tree than the runtime root, which is built if need be")
    several("--bind", metavar=place, help="show a file or directory inside")
    several("--ro-bind", metavar=place, help="the same, read only")
    several("--setenv", metavar="NAME=VALUE", help="set an environment variable")
    parser.add_argument("--chdir", default="/", metavar="DIR", help="start in this directory (inside)")
    parser.add_argument("command", nargs="+", metavar="PROGRAM", help="the program and its arguments")
    return parser


def _sandbox(root: Path, options: argparse.Namespace) -> Sandbox:
    binds = [_bind(text, read_only=False) for text in options.bind]
    binds += [_bind(text, read_only=True) for text in options.ro_bind]
    env = dict(_setting(text) for text in options.setenv)
    return Sandbox(root=root, binds=tuple(binds), env=env, chdir=options.chdir)


def _runtime_root() -> Path:
    from ashore_isogen.runtime import Lines, ensure_root

    return ensure_root(Lines(sys.stderr))


def _bind(text: str, *, read_only: bool) -> Bind:
    source, colon, target = text.rpartition(":")
    if not colon or not source or not target.startswith("/"):
        raise BadInput(f"{text} names no file and its place inside.", "Write it as HERE:/INSIDE.")
    return Bind(source=Path(source), target=target, read_only=read_only)


def _setting(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise BadInput(f"{text} sets no variable.", "Write it as NAME=VALUE.")
    return name, value


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
