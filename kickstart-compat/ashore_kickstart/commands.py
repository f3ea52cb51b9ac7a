"""THE support table: every command of the newest kickstart language (pykickstart's DEVEL handler) and every section."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ashore_kickstart.lines import INCLUDES
from ashore_kickstart.network_command import NETWORK
from ashore_kickstart.package_commands import ADDITIONS as PACKAGE_ADDITIONS
from ashore_kickstart.package_commands import PACKAGES, SECTION, SOURCES
from ashore_kickstart.storage_commands import ADDITIONS as STORAGE_ADDITIONS
from ashore_kickstart.storage_commands import STORAGE, Takes
from ashore_kickstart.support import CommandSupport, Level, Support, accepted, family, refused, supported

SIGPOLICY = "--enforce-container-sigpolicy"
"""bootc's option of that name (bootc, install.rs), for the `bootc` command."""
ADDITIONS: Mapping[str, Mapping[str, Takes]] = {
    **STORAGE_ADDITIONS,
    **PACKAGE_ADDITIONS,
    "bootc": {SIGPOLICY: Takes.NOTHING},
}
"""Every option that Ashore adds to the language, by command or section."""

_FINISH_NOTE = "the last thing an unattended installation does"
_FINISH_REFUSED = {"kexec is not supported yet": "--kexec"}
_DISPLAY = "an unattended installation is followed on every console, in plain lines"


_PAYLOAD = (
    supported(
        "ostreecontainer",
        "without it and without bootc, the image on the medium is installed",
        options="--url --transport --stateroot --no-signature-verification",
        refused={"updates follow the image's own name": "--remote"},
    ),
    supported(
        "bootc",
        f"{SIGPOLICY} is an addition of Ashore, in bootc's words",
        options=f"--source-imgref --target-imgref --stateroot {SIGPOLICY}",
        refused={
            "the image's own boot loader is installed": "--bootloader",
            "the composefs backend is not supported yet": "--composefs",
        },
    ),
    *refused("only container images can be installed yet", "ostreesetup liveimg"),
    *SOURCES,
)

_SYSTEM = (
    supported(
        "lang",
        "in traditional mode the language's packages are added where a repository has them, as langpacks-de",
        refused={"an image has the languages it has; of packages, name langpacks-… in %packages": "--addsupport"},
    ),
    supported(
        "keyboard",
        "a plain argument is the console's keymap",
        options="--vckeymap --xlayouts",
        refused={"switching layouts is not supported yet": "--switch"},
    ),
    supported(
        "timezone",
        "",
        options="--utc",
        refused={"write it as --utc": "--isUtc", "time servers are not supported yet": "--nontp --ntpservers"},
    ),
    NETWORK,
    supported(
        "rootpw",
        "without it, root has no password and can't log in with one",
        options="--iscrypted --plaintext --lock",
        refused={"give root an ssh key with sshkey": "--allow-ssh"},
    ),
    supported(
        "user",
        "",
        options="--name --gecos --groups --password --iscrypted --plaintext --lock --uid --gid --shell --homedir",
    ),
    supported("group", "", options="--name --gid"),
    supported("sshkey", "for root, and for users of this kickstart", options="--username"),
    *refused("services are the image's", "services firstboot skipx xconfig eula"),
    *refused("this part of the system is not configured yet", "firewall selinux authselect realm timesource logging"),
)

_RUN = (
    *family(
        "reboot poweroff halt shutdown",
        supported("", _FINISH_NOTE, options="--eject", refused=_FINISH_REFUSED),
    ),
    *(accepted(name, _DISPLAY, options="--non-interactive") for name in ("text", "cmdline", "graphical")),
    *refused("check the medium with the boot option ashore.mediacheck", "mediacheck"),
    *refused("it configures another installer's own environment", "driverdisk updates rescue rdp sshpw"),
    *refused(
        "it was removed from the kickstart language",
        "auth authconfig autostep device deviceprobe dmraid install method multipath nvdimm vnc",
    ),
)


def _by_name(commands: Iterable[CommandSupport]) -> Mapping[str, CommandSupport]:
    return {command.name: command for command in sorted(commands, key=lambda command: command.name)}


COMMANDS = _by_name((*STORAGE, *_PAYLOAD, *_SYSTEM, *_RUN))
"""Every command by its name."""

SCRIPT_OPTIONS = ("--interpreter", "--nochroot", "--erroronfail", "--log")

SECTIONS: Mapping[str, Support] = {
    "%post": Support(level=Level.SUPPORTED, note=" ".join(SCRIPT_OPTIONS)),
    "%pre": Support(level=Level.REFUSED, note="scripts before the installation are not supported yet"),
    "%pre-install": Support(level=Level.REFUSED, note="scripts before the installation are not supported yet"),
    "%onerror": Support(level=Level.REFUSED, note="scripts after a failure are not supported yet"),
    "%traceback": Support(level=Level.REFUSED, note="scripts after a failure are not supported yet"),
    PACKAGES: SECTION.support,
    "%certificate": Support(level=Level.REFUSED, note="certificates are not installed yet"),
    "%addon": Support(level=Level.REFUSED, note="it is for another installer's add-on"),
    "%anaconda": Support(level=Level.REFUSED, note="it is for another installer"),
}
"""Every section by its name."""


def table() -> str:
    """The support table for people, one command, option or section a line."""
    lines = []
    for command in COMMANDS.values():
        lines.append(_row(command.name, command.support))
        lines += [_row(f"  {name}", option) for name, option in command.options.items()]
    for name, support in SECTIONS.items():
        lines.append(_row(name, support))
        lines += [_row(f"  {option}", one) for option, one in SECTION.options.items() if name == PACKAGES]
    include = Support(level=Level.REFUSED, note="put the text of the other file in its place")
    lines += [_row(name, include) for name in INCLUDES]
    return "\n".join(lines) + "\n"


def _row(name: str, support: Support) -> str:
    return f"{name:<32} {support.level:<14} {support.note}".rstrip()
