"""THE support table: every command of the newest kickstart language (pykickstart's DEVEL handler) and every section."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ashore_kickstart.lines import INCLUDES
from ashore_kickstart.support import CommandSupport, Level, Support, accepted, refused, supported

SIGPOLICY = "--enforce-container-sigpolicy"
"""Our one addition to the language: bootc's option of that name (bootc, install.rs), for the `bootc` command."""

_ENCRYPTION = "encryption is not supported yet"
_ENCRYPTION_OPTIONS = (
    "--encrypted --passphrase --escrowcert --backuppassphrase --cipher --luks-version --pbkdf --pbkdf-memory "
    "--pbkdf-time --pbkdf-iterations --hw-passphrase"
)
_HIBERNATION = "hibernation is not supported yet"
_DISKS = "disks by name, as vda, sd* or disk/by-id/NAME"

_PARTITION_NOTE = (
    "mount points, swap, biosboot; --fstype xfs, ext4, btrfs, swap, efi or biosboot; sizes in MiB; "
    "without --size it needs --grow"
)
_PARTITION_OPTIONS = "--fstype --size --grow --maxsize --ondisk --label --fsoptions"
_PARTITION_NO_EFFECT = {"new disks get a GPT, where every partition is a primary one": "--asprimary"}
_PARTITION_REFUSED = {
    _ENCRYPTION: _ENCRYPTION_OPTIONS,
    _HIBERNATION: "--hibernation",
    "existing partitions can't be kept or resized yet": "--noformat --onpart --resize",
    "say the size with --size": "--recommended",
    "name the disk with --ondisk": "--onbiosdisk",
    "file systems are made with their defaults": "--mkfsoptions --fsprofile",
}
_FINISH_NOTE = "the last thing an unattended installation does"
_FINISH_REFUSED = {"kexec is not supported yet": "--kexec"}
_DISPLAY = "an unattended installation is followed on every console, in plain lines"


def _family(names: str, template: CommandSupport) -> tuple[CommandSupport, ...]:
    return tuple(
        CommandSupport(name=name, support=template.support, options=template.options) for name in names.split()
    )


_STORAGE = (
    supported(
        "autopart",
        "an ESP or BIOS boot partition, /boot and / on plain partitions; --type plain, or btrfs without subvolumes",
        options="--type --nolvm --fstype",
        no_effect={"the automatic layout has no /home": "--nohome", "the automatic layout has no swap": "--noswap"},
        refused={
            _ENCRYPTION: _ENCRYPTION_OPTIONS,
            _HIBERNATION: "--hibernation",
            "the automatic layout always has a /boot": "--noboot",
        },
    ),
    *_family(
        "part partition",
        supported(
            "",
            _PARTITION_NOTE,
            options=_PARTITION_OPTIONS,
            no_effect=_PARTITION_NO_EFFECT,
            refused=_PARTITION_REFUSED,
        ),
    ),
    supported(
        "clearpart",
        f"{_DISKS}; --list takes partitions, as vda2 or disk/by-id/NAME-part2, and whole disks",
        options="--all --linux --none --list --drives --initlabel",
        no_effect={"there are no such disks on this architecture": "--cdl"},
        refused={"new disks always get a GPT": "--disklabel"},
    ),
    supported("zerombr", "disks without a known partition table may be used"),
    supported("ignoredisk", _DISKS, options="--drives --only-use"),
    supported(
        "bootloader",
        "--location mbr only",
        options="--append --location --boot-drive",
        refused={
            "the menu's time is the image's": "--timeout",
            "boot loader passwords are not supported yet": "--password --iscrypted --md5pass",
            "name the disk with --boot-drive": "--driveorder",
            "the image's own boot loader is installed": "--extlinux --sdboot --disabled --nombr --default",
            "the firmware's boot order is not kept yet": "--leavebootorder",
        },
    ),
    *refused("only plain partitions are supported yet", "logvol volgroup raid btrfs stratisfs stratispool snapshot"),
    *refused("write the partitions as `part` lines, or use autopart", "reqpart"),
    *refused("existing file systems can't be kept yet", "mount"),
    *refused("network storage is not supported yet", "fcoe iscsi iscsiname zfcp"),
    *refused("only PC firmware is supported yet", "zipl"),
)

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
    *refused("packages can't be installed yet", "url repo cdrom harddrive hmc nfs module"),
)

_SYSTEM = (
    supported("lang", "", refused={"an image has the languages it has": "--addsupport"}),
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
    supported(
        "network",
        "the host name; interfaces are set up by the image's own defaults",
        options="--hostname",
        refused={
            "interfaces can't be configured yet": (
                "--bootproto --dhcpclass --device --essid --ethtool --gateway --ip --mtu --nameserver --netmask "
                "--nodns --onboot --wepkey --notksdevice --noipv4 --noipv6 --ipv6 --activate --no-activate "
                "--nodefroute --wpakey --bondslaves --bondopts --vlanid --ipv6gateway --teamslaves --teamconfig "
                "--interfacename --bridgeslaves --bridgeopts --bindto --ipv4-dns-search --ipv6-dns-search "
                "--ipv4-ignore-auto-dns --ipv6-ignore-auto-dns"
            )
        },
    ),
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
    *_family(
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


COMMANDS = _by_name((*_STORAGE, *_PAYLOAD, *_SYSTEM, *_RUN))
"""Every command by its name."""

SCRIPT_OPTIONS = ("--interpreter", "--nochroot", "--erroronfail", "--log")

SECTIONS: Mapping[str, Support] = {
    "%post": Support(level=Level.SUPPORTED, note=" ".join(SCRIPT_OPTIONS)),
    "%pre": Support(level=Level.REFUSED, note="scripts before the installation are not supported yet"),
    "%pre-install": Support(level=Level.REFUSED, note="scripts before the installation are not supported yet"),
    "%onerror": Support(level=Level.REFUSED, note="scripts after a failure are not supported yet"),
    "%traceback": Support(level=Level.REFUSED, note="scripts after a failure are not supported yet"),
    "%packages": Support(level=Level.REFUSED, note="packages can't be installed yet"),
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
    lines += [_row(name, support) for name, support in SECTIONS.items()]
    include = Support(level=Level.REFUSED, note="put the text of the other file in its place")
    lines += [_row(name, include) for name in INCLUDES]
    return "\n".join(lines) + "\n"


def _row(name: str, support: Support) -> str:
    return f"{name:<32} {support.level:<14} {support.note}".rstrip()
