"""The words of `ashore`: every command, option and example.

Imports nothing but argparse, so that help, completion and wrong usage are instant. What a command does is in the module
of its name; `run` of the parsed options names that function as `module:function`.
"""

from __future__ import annotations

import argparse
from functools import partial
from pathlib import Path
from typing import Any, NoReturn, Protocol

import ashore_installer
from ashore_installer.errors import BadInput

FILE = {"bash": "_shtab_compgen_files", "zsh": "_files"}
"""Completes file names; the words are shtab's."""


class Parser(argparse.ArgumentParser):
    """Wrong usage is bad input like any other: one sentence, one hint, status 2."""

    def error(self, message: str) -> NoReturn:
        raise BadInput(f"{message[:1].upper()}{message[1:]}.", f"See `{self.prog} --help`.")


class Commands:
    """The commands below `parser`; each is a parser of its own."""

    def __init__(self, parser: argparse.ArgumentParser, *, required: bool = True) -> None:
        self._commands = parser.add_subparsers(metavar="COMMAND", title="commands", required=required)

    def add(self, name: str, help: str, *, run: str = "", examples: str = "") -> argparse.ArgumentParser:  # noqa: A002
        """A command that the function `run` carries out, or, without it, one with commands of its own."""
        parser: argparse.ArgumentParser = self._commands.add_parser(
            name,
            help=help,
            description=f"{help[:1].upper()}{help[1:]}.",
            epilog=f"examples:\n{examples}" if examples else None,
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,
        )
        parser.set_defaults(run=run)
        return parser


class Arguments(Protocol):
    """A parser, or a group of one."""

    def add_argument(self, *names: str, **more: Any) -> argparse.Action: ...


def file_argument(parser: Arguments, *names: str, help: str, **more: Any) -> None:  # noqa: A002
    """An argument that is a file's name, and is completed as one."""
    action = parser.add_argument(*names, help=help, metavar="FILE", **more)
    action.complete = FILE  # type: ignore[attr-defined]


_EXAMPLES = """\
  ashore                                  install on this machine, step by step
  ashore --machine laptop.json            rehearse it on a recorded machine; nothing is written
  ashore iso build docker://quay.io/example/os:latest -o os.iso
  ashore iso boot os.iso
  ashore kickstart check my.ks
  ashore install --kickstart my.ks --dry-run"""


def build_parser() -> Parser:
    """The whole command."""
    parser = Parser(
        prog="ashore",
        description="Make installer media of bootable container images, and install from them.",
        epilog=f"examples:\n{_EXAMPLES}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"ashore {ashore_installer.__version__}")
    parser.add_argument("-v", "--verbose", action="store_true", help="show the programs that are run, on stderr")
    _faces(parser)
    commands = Commands(parser, required=False)
    _install(commands)
    _plan(Commands(commands.add("plan", "look at installation plans")))
    _kickstart(Commands(commands.add("kickstart", "check and convert kickstarts")))
    below = Commands(commands.add("iso", "make, inspect and boot installer media"))
    for add in (_iso_build, _iso_inspect, _iso_boot):
        add(below)
    _completion(commands)
    return parser


# --- without a command ---------------------------------------------------------------------------------------

THEMES = ("dark", "light", "contrast", "linux")


def _faces(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(run="tui:run")
    group = parser.add_argument_group("without a command: install on this machine, step by step")
    file_argument(
        group, "--machine", dest="rehearse", type=Path, help="rehearse on this recorded machine; nothing is written"
    )
    file_argument(group, "--kickstart", dest="answers", help="begin with what this kickstart says")
    group.add_argument("--plain", action="store_true", help="plain numbered lines, for screen readers and printers")
    group.add_argument("--theme", choices=THEMES, help="the colours; default: what the terminal can show, dark")


def refuse_mixture(options: argparse.Namespace) -> None:
    """Options that only go without a command must not be passed over in silence. Raises BadInput."""
    if options.run != "tui:run" and (options.rehearse or options.answers or options.plain or options.theme):
        raise BadInput("An option before the command has no use there.", "Write options behind the command.")


# --- install -------------------------------------------------------------------------------------------------

_INSTALL = """\
  ashore install --kickstart my.ks --dry-run     what would happen; nothing is written
  ashore install --kickstart hd:LABEL=OEMDRV:/ks.cfg
  ashore install --kickstart my.ks --image oci:/srv/os:1 --target-imgref docker://quay.io/example/os:1
  ashore install --plan plan.json --yes
  ashore install --follow                        show the installation that is running

A kickstart's reboot, poweroff and halt are carried out by the live system only, not by this command."""


def _install(commands: Commands) -> None:
    parser = commands.add("install", "install on this machine", examples=_INSTALL, run="install:run")
    what = parser.add_mutually_exclusive_group(required=True)
    file_argument(what, "--kickstart", help="install as this kickstart says; a path, or a place as in inst.ks=")
    file_argument(what, "--plan", type=Path, help="carry out this plan (JSON)")
    what.add_argument("--follow", action="store_true", help="show the installation that is running, from its beginning")
    _image_arguments(parser)
    parser.add_argument("--dry-run", action="store_true", help="make and check the plan, show it and its steps, stop")
    parser.add_argument("--json", action="store_true", help="with --dry-run: the plan as JSON, without its passwords")
    _machine_argument(parser)
    parser.add_argument("--yes", action="store_true", help="don't ask before disks are changed")


def _image_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--image", metavar="IMGREF", help="install this image instead, as oci:/path:tag")
    parser.add_argument(
        "--target-imgref", metavar="IMGREF", help="the installed system updates from here, as docker://quay.io/x/y:tag"
    )


def _machine_argument(parser: argparse.ArgumentParser) -> None:
    file_argument(parser, "--machine", type=Path, help="plan for this recorded machine (JSON) instead of this one")


# --- plan ----------------------------------------------------------------------------------------------------

_PLAN_SHOW = """\
  ashore plan show plan.json
  ashore plan show plan.json --machine server.json    with the disks as they are now, and what is lost
  ashore plan show my.ks"""
_PLAN_CHECK = """\
  ashore plan check my.ks --image oci:/srv/os:1
  ashore plan check plan.json --machine server.json"""


def _plan(commands: Commands) -> None:
    show = commands.add(
        "show", "show a plan (JSON), or what a kickstart asks for", examples=_PLAN_SHOW, run="plan:show"
    )
    file_argument(show, "file", help="a plan or a draft as JSON, or a kickstart")
    file_argument(show, "--machine", type=Path, help="show a plan's disks before and after on this recorded machine")
    check = commands.add(
        "check",
        "check whether a plan or a kickstart can be carried out on a machine",
        examples=_PLAN_CHECK,
        run="plan:check",
    )
    file_argument(check, "file", help="a plan or a draft as JSON, or a kickstart")
    _image_arguments(check)
    _machine_argument(check)


# --- kickstart -----------------------------------------------------------------------------------------------

_KICKSTART_CHECK = """\
  ashore kickstart check my.ks
  ashore kickstart check --commands      what is supported, command by command"""
_KICKSTART_CONVERT = """\
  ashore kickstart convert my.ks                        the draft as JSON
  ashore kickstart convert my.ks --to plan -o plan.json the exact plan for this machine
  ashore kickstart convert plan.json --to kickstart     a plan as a kickstart"""


def _kickstart(commands: Commands) -> None:
    check = commands.add(
        "check", "find every line that can't be followed", examples=_KICKSTART_CHECK, run="kickstart:check"
    )
    file_argument(check, "files", nargs="*", help="kickstarts, by path or as in inst.ks=")
    check.add_argument("--commands", action="store_true", help="list every command and what Ashore does with it")
    convert = commands.add(
        "convert",
        "write a kickstart as JSON, or a plan as a kickstart",
        examples=_KICKSTART_CONVERT,
        run="kickstart:convert",
    )
    file_argument(convert, "file", help="a kickstart, or a draft or plan as JSON")
    convert.add_argument(
        "--to", choices=("kickstart", "draft", "plan"), help="default: draft for a kickstart, kickstart for JSON"
    )
    file_argument(convert, "-o", "--output", type=Path, help="write to this file instead of the terminal")
    convert.add_argument(
        "--with-passwords", action="store_true", help="with -o: keep passwords; only you can read the file"
    )
    _image_arguments(convert)
    _machine_argument(convert)


# --- iso -----------------------------------------------------------------------------------------------------

_ISO_BUILD = """\
  ashore iso build docker://quay.io/example/os:latest -o os.iso
  ashore iso build oci:images:v1 -o os.iso --target-imgref docker://quay.io/example/os:latest
  ashore iso build containers-storage:localhost/os -o os.iso --kickstart my.ks
  ashore iso build oci:images:v1 -o os.iso --kargs "console=ttyS1 inst.ks=http://10.0.0.1/ks"
  ashore iso build -o os.iso --repo https://example/os/ --repo-key https://example/key.asc --group core
  ashore iso build -o os.iso --packages-from my.ks --kickstart my.ks

An ISO with a kickstart installs without asking: it erases disks as the kickstart says."""
_ISO_INSPECT = """\
  ashore iso inspect os.iso
  ashore iso inspect os.iso --check
  ashore iso inspect os.iso --json"""
_ISO_BOOT = """\
  ashore iso boot os.iso                      in this terminal, with a new disk of 20 GiB
  ashore iso boot os.iso --disk my.qcow2      keep the disk, and start it again later
  ashore iso boot os.iso --firmware bios --window"""


def _iso_build(commands: Commands) -> None:
    parser = commands.add(
        "build",
        "make an ISO that installs a bootable container image, packages, or both",
        examples=_ISO_BUILD,
        run="iso:build",
    )
    parser.add_argument("image", metavar="IMGREF", nargs="?", default="", help="the image, as skopeo names it")
    file_argument(parser, "-o", "--output", type=Path, required=True, help="the ISO file to write")
    file_argument(parser, "--kickstart", type=Path, help="embed this kickstart: the medium installs by itself")
    parser.add_argument(
        "--kargs", action="append", default=[], metavar="ARGS", help="arguments of the live kernel; may be repeated"
    )
    parser.add_argument(
        "--volume-id", default="", metavar="LABEL", help="the ISO's label; made from the image by default"
    )
    parser.add_argument(
        "--target-imgref", default="", metavar="IMGREF", help="installed systems update from here (default: the image)"
    )
    parser.add_argument("--no-tls-verify", action="store_true", help="allow a registry without a valid certificate")
    _iso_packages(parser)


def _iso_packages(parser: argparse.ArgumentParser) -> None:
    several = partial(parser.add_argument, action="append", default=[])
    several("--repo", metavar="URL", help="put packages of this repository (or directory) on it; may be repeated")
    several("--repo-key", metavar="KEY", help="a key that signs them, a file or an address; may be repeated")
    several("--package", metavar="NAME", help="with all that it needs; may be repeated")
    several("--group", metavar="ID", help="a group of packages; may be repeated")
    parser.add_argument("--environment", default="", metavar="ID", help="an environment of groups")
    parser.add_argument("--releasever", default="", metavar="VERSION", help="for $releasever in addresses")
    parser.add_argument("--no-gpgcheck", action="store_true", help="the packages need no signature")
    file_argument(parser, "--packages-from", type=Path, help="the packages and repositories of this kickstart")


def _iso_inspect(commands: Commands) -> None:
    parser = commands.add("inspect", "show what is on an ISO", examples=_ISO_INSPECT, run="iso:inspect")
    file_argument(parser, "iso", type=Path, help="the ISO file")
    parser.add_argument(
        "--check", action="store_true", help="compare every file with its digest; status 1 if one differs"
    )
    parser.add_argument("--json", action="store_true", help="print the medium's manifest")


def _iso_boot(commands: Commands) -> None:
    parser = commands.add("boot", "start an ISO in a virtual machine", examples=_ISO_BOOT, run="iso:boot")
    file_argument(parser, "iso", type=Path, help="the ISO file")
    parser.add_argument("--firmware", choices=("bios", "uefi", "secure"), default="uefi", help="default: uefi")
    parser.add_argument("--disk", default="20G", help="size of a new disk, or a disk image to keep (default: 20G)")
    parser.add_argument("--memory", default="2G", help="default: 2G")
    parser.add_argument("--cpus", type=int, help="default: 2, or 1 where KVM does not work")
    parser.add_argument("--window", action="store_true", help="a window instead of the serial console in this terminal")
    parser.add_argument("--usb", action="store_true", help="the ISO is a USB stick instead of a disc")


# --- completion ----------------------------------------------------------------------------------------------

_COMPLETION = """\
  ashore completion bash > /etc/bash_completion.d/ashore
  ashore completion zsh > ~/.zfunc/_ashore"""


def _completion(commands: Commands) -> None:
    parser = commands.add(
        "completion", "print the completion script for a shell", examples=_COMPLETION, run="completion:run"
    )
    parser.add_argument("shell", choices=("bash", "zsh"), help="the shell that shall complete `ashore`")
