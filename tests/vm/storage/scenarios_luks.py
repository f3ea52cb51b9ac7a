"""Scenarios of encryption. Most derive keys by PBKDF2 with few rounds: argon2 takes 12 s in a translated machine."""

from __future__ import annotations

from ashore_installer.units import GiB, MiB
from ashore_isogen.qemu.spec import Firmware
from tests.vm.storage.row import Look, Row, Seen
from tests.vm.storage.scenarios_lvm import START, extents, volume
from tests.vm.storage.scenarios_plain import BIOS_BOOT, BOOT, ESP, LEFT, NEW, ROOM

QUICK_KEY = "--passphrase=passphrase --pbkdf=pbkdf2 --pbkdf-iterations=1000"
HEADER = 16 * MiB
"""Of LUKS2 (cryptsetup-luksFormat(8))."""
OPENS = Look(command="printf passphrase | cryptsetup open --test-passphrase /dev/vda3 && echo opens", says="opens")


def luks(name: str, size: int) -> Seen:
    return Seen(name=name, size=size, format="crypto_LUKS")


def opened(name: str, size: int, format: str, mount: str = "", label: str = "") -> Seen:  # noqa: A002
    """The opened device of a LUKS partition of this size."""
    return Seen(
        name=f"luks:{name}", size=size - HEADER, format=format, mount=mount, label=label, kind="crypt", on=(name,)
    )


def says(field: str, text: str) -> Look:
    """A line of the first key slot in cryptsetup's dump."""
    return Look(command=f"cryptsetup luksDump /dev/vda3 | awk '/{field}:/ {{ print $2; exit }}'", says=text)


ROWS = (
    Row(
        name="auto-lvm-encrypted",
        kickstart=f"{NEW}lvm --encrypted {QUICK_KEY}\n",
        seen=(
            BIOS_BOOT,
            BOOT,
            luks("vda3", LEFT),
            opened("vda3", LEFT, "LVM2_member"),
            volume("debian/root", extents(LEFT - HEADER), "xfs", "/", "luks:vda3", label="root"),
        ),
        looks=(OPENS, says("PBKDF", "pbkdf2")),
        quick=True,
    ),
    Row(
        name="auto-plain-encrypted-uefi",
        kickstart=f"{NEW}plain --encrypted {QUICK_KEY} --cipher=aes-xts-plain64\n",
        firmware=Firmware.UEFI,
        seen=(
            ESP,
            BOOT,
            luks("vda3", ROOM - 2 * GiB),
            opened("vda3", ROOM - 2 * GiB, "xfs", "/", "root"),
        ),
        looks=(OPENS,),
    ),
    Row(
        name="auto-btrfs-encrypted",
        kickstart=f"{NEW}btrfs --encrypted {QUICK_KEY}\n",
        seen=(
            BIOS_BOOT,
            BOOT,
            luks("vda3", LEFT),
            opened("vda3", LEFT, "btrfs", "", "root"),
            Seen(name="luks:vda3:root", mount="/", kind="subvolume"),
        ),
        looks=(OPENS,),
    ),
    Row(
        name="part-luks-pbkdf2",
        kickstart=f"{START}part / --fstype=xfs --size=6000 --encrypted {QUICK_KEY} --luks-version=luks2\n",
        seen=(BIOS_BOOT, BOOT, luks("vda3", 6000 * MiB), opened("vda3", 6000 * MiB, "xfs", "/")),
        looks=(OPENS, says("PBKDF", "pbkdf2"), says("Iterations", "1000"), says("Version", "2")),
    ),
    Row(
        name="part-luks-argon2id",
        kickstart=f"{START}part / --fstype=ext4 --size=6000 --encrypted --passphrase=passphrase "
        "--pbkdf=argon2id --pbkdf-memory=65536 --pbkdf-iterations=4\n",
        seen=(BIOS_BOOT, BOOT, luks("vda3", 6000 * MiB), opened("vda3", 6000 * MiB, "ext4", "/")),
        looks=(OPENS, says("PBKDF", "argon2id"), says("Memory", "65536")),
    ),
    Row(
        name="luks-recovery-key",
        kickstart=f"{START}part / --fstype=xfs --size=6000 --encrypted {QUICK_KEY} --recovery-key\n",
        seen=(BIOS_BOOT, BOOT, luks("vda3", 6000 * MiB), opened("vda3", 6000 * MiB, "xfs", "/")),
        looks=(
            OPENS,
            Look(
                command="cryptsetup open --test-passphrase --key-file $(echo /run/ashore/recovery-keys/*) /dev/vda3 "
                "&& echo opens",
                says="opens",
            ),
            Look(command="stat -c %a /run/ashore/recovery-keys /run/ashore/recovery-keys/*", says="700\n600"),
            Look(command="cryptsetup luksDump /dev/vda3 | grep -c systemd-recovery", says="1"),
        ),
    ),
    Row(
        name="lvm-on-luks-and-luks-on-lvm",
        kickstart=f"""{START}part pv.1 --size=9000 --encrypted {QUICK_KEY}
volgroup harbour pv.1
logvol / --vgname=harbour --name=root --size=5000 --fstype=xfs
logvol /srv --vgname=harbour --name=srv --size=1000 --fstype=ext4 --encrypted {QUICK_KEY}
""",
        seen=(
            BIOS_BOOT,
            BOOT,
            luks("vda3", 9000 * MiB),
            opened("vda3", 9000 * MiB, "LVM2_member"),
            volume("harbour/root", 5000 * MiB, "xfs", "/", "luks:vda3"),
            volume("harbour/srv", 1000 * MiB, "crypto_LUKS", "", "luks:vda3"),
            opened("harbour/srv", 1000 * MiB, "ext4", "/srv"),
        ),
    ),
    Row(
        name="luks-without-passphrase",
        kickstart=f"{START}part / --fstype=xfs --size=6000 --encrypted\n",
        refused="passphrase",
    ),
    Row(
        name="luks-image-cannot-open",
        kickstart=f"{START}part / --fstype=xfs --size=6000 --encrypted {QUICK_KEY}\n",
        image="plain",
        refused="can't open encrypted devices",
    ),
    Row(
        name="lvm-image-cannot-open",
        kickstart=f"{START}part pv.1 --size=9000\nvolgroup harbour pv.1\n"
        "logvol / --vgname=harbour --name=root --size=5000 --fstype=xfs\n",
        image="plain",
        refused="can't open logical volumes",
    ),
)
