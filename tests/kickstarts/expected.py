"""What must come of the kickstarts in `storage/`, each of which asks for what one of the public kickstart-tests does.

Sizes and names are those that the public tests check; sizes that they leave open (0) are not looked at.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ashore_installer.units import GiB, MiB
from ashore_isogen.qemu.spec import Firmware
from tests.vm.storage.disks import DiskSpec
from tests.vm.storage.row import Look, Row, Seen

STORAGE = Path(__file__).parent / "storage"
_BIOS_BOOT = Seen(name="vda1", size=1 * MiB)
_BOOT_1_GIB = Seen(name="vda2", size=1 * GiB, format="ext4", mount="/boot", label="boot")
_BOOT_500 = Seen(name="vda2", size=500 * MiB, format="ext4", mount="/boot")
_REST_OF_20 = 20 * GiB - 3 * MiB - 1 * GiB
"""Of a disk of 20 GiB: a MiB at each end is not for partitions, then a BIOS boot partition and /boot."""
_REST_OF_10 = 10 * GiB - 3 * MiB - 1 * GiB
_HEADER = 16 * MiB
"""Of LUKS2 (cryptsetup-luksFormat(8))."""
_TWO_OF_10 = (DiskSpec(size=10 * GiB), DiskSpec(size=10 * GiB))
_LOUD = "loud,noatime"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A kickstart with its row, and what else the plan must say: mount options by path, kernel arguments, the menu."""

    row: Row
    options: tuple[tuple[str, str], ...] = ()
    kargs: tuple[str, ...] = ()
    timeout: int | None = 1


def _row(name: str, *seen: Seen, **more: Any) -> Row:
    text = (STORAGE / f"{name}.ks").read_text()
    return Row(name=f"ks-{name}", kickstart=text, seen=seen, source=name, **more)


def _volume(name: str, size: int, format: str, mount: str, on: str, label: str = "") -> Seen:  # noqa: A002
    return Seen(name=name, size=size, format=format, mount=mount, label=label, kind="lvm", on=(on,))


def _whole_extents(size: int) -> int:
    """What an LVM physical volume of this size has for volumes: a MiB is for metadata, the rest goes by 4 MiB."""
    return (size - 1 * MiB) // (4 * MiB) * (4 * MiB)


AUTOPART_FSTYPE = Case(
    row=_row(
        "autopart-fstype",
        _BIOS_BOOT,
        _BOOT_1_GIB,
        Seen(name="vda3", size=_REST_OF_20, format="ext2", mount="/", label="root"),
    )
)
AUTOPART_ENCRYPTED = Case(
    row=_row(
        "autopart-encrypted-1",
        _BIOS_BOOT,
        _BOOT_1_GIB,
        Seen(name="vda3", size=_REST_OF_20, format="crypto_LUKS"),
        Seen(name="luks:vda3", size=_REST_OF_20 - _HEADER, format="LVM2_member", kind="crypt", on=("vda3",)),
        _volume("debian/root", _whole_extents(_REST_OF_20 - _HEADER), "xfs", "/", "luks:vda3", "root"),
        looks=(
            Look(command="printf passphrase | cryptsetup open --test-passphrase /dev/vda3 && echo opens", says="opens"),
        ),
    )
)
PART_LUKS = Case(
    row=_row(
        "part-luks-2",
        _BIOS_BOOT,
        Seen(name="vda2", size=1 * GiB, format="ext4", mount="/boot"),
        Seen(name="vda3", size=7391 * MiB, format="crypto_LUKS"),
        Seen(name="luks:vda3", size=7391 * MiB - _HEADER, format="ext4", mount="/", kind="crypt", on=("vda3",)),
        Seen(name="vda4", size=1 * GiB, format="swap", mount="swap"),
        looks=(
            Look(command="cryptsetup luksDump /dev/vda3 | awk '$1 == \"Version:\" { print $2 }'", says="2"),
            Look(command="printf passphrase | cryptsetup open --test-passphrase /dev/vda3 && echo opens", says="opens"),
        ),
    )
)
LVM = Case(
    row=_row(
        "lvm-1",
        _BIOS_BOOT,
        _BOOT_500,
        Seen(name="vda3", size=4504 * MiB, format="LVM2_member"),
        _volume("fedora/swap", 500 * MiB, "swap", "swap", "vda3"),
        _volume("fedora/root", 4000 * MiB, "ext4", "/", "vda3"),
        looks=(
            Look(command="lvs --noheadings -o size --units m --nosuffix fedora/root | xargs", says="4000.00"),
            Look(command="lvs --noheadings -o size --units m --nosuffix fedora/swap | xargs", says="500.00"),
        ),
    ),
    options=(("/", _LOUD),),
)
_POOL = "fedora/pool-tpool"
LVM_THIN = Case(
    row=_row(
        "lvm-thinp-1",
        _BIOS_BOOT,
        _BOOT_500,
        Seen(name="vda3", size=9004 * MiB, format="LVM2_member"),
        _volume("fedora/swap", 500 * MiB, "swap", "swap", "vda3"),
        _volume("fedora/pool_tmeta", 0, "", "", "vda3"),
        _volume("fedora/pool_tdata", 7000 * MiB, "", "", "vda3"),
        Seen(name=_POOL, size=7000 * MiB, kind="lvm", on=("fedora/pool_tdata", "fedora/pool_tmeta")),
        _volume("fedora/pool", 7000 * MiB, "", "", _POOL),
        _volume("fedora/root", 6000 * MiB, "ext4", "/", _POOL),
        _volume("fedora/home", 1000 * MiB, "ext4", "/home", _POOL),
        looks=tuple(
            Look(command=f"lvs --noheadings -o size --units m --nosuffix fedora/{name} | xargs", says=f"{size}.00")
            for name, size in (("root", 6000), ("home", 1000), ("swap", 500), ("pool", 7000))
        ),
    )
)


def _member(name: str, size: int) -> Seen:
    return Seen(name=name, size=size * MiB, format="linux_raid_member")


def _array(name: str, level: str, format: str, mount: str, number: int, label: str = "") -> Seen:  # noqa: A002
    on = (f"vda{number}", f"vdb{number}")
    return Seen(name=f"md:{name}", format=format, mount=mount, label=label, kind=level, on=on)


RAID = Case(
    row=_row(
        "raid-1",
        *(
            _member(f"{disk}{number}", size)
            for disk in ("vda", "vdb")
            for number, size in ((1, 500), (2, 4000), (3, 1024), (4, 500))
        ),
        _array("0", "raid1", "ext4", "/boot", 1),
        _array("2", "raid0", "ext4", "/", 2, "rootfs"),
        _array("1", "raid1", "swap", "swap", 3),
        _array("3", "raid1", "vfat", "/boot/efi", 4),
        disks=_TWO_OF_10,
        firmware=Firmware.UEFI,
        looks=(
            Look(command="mdadm --detail /dev/md/2 | awk '/Chunk Size/ { print $4 }'", says="4K"),
            Look(command="mdadm --detail /dev/md/3 | awk '/Version/ { print $3 }'", says="1.0"),
        ),
    ),
    options=(("/", _LOUD), ("/boot/efi", "umask=0077,shortname=winnt")),
)
BTRFS = Case(
    row=_row(
        "btrfs-1",
        _BIOS_BOOT,
        _BOOT_500,
        Seen(name="vda3", size=500 * MiB, format="swap", mount="swap"),
        Seen(name="vda4", size=4400 * MiB, format="btrfs", label="fedora-btrfs"),
        Seen(name="vda4:root", mount="/", kind="subvolume"),
        Seen(name="vda4:home", mount="/home", kind="subvolume"),
    ),
    options=(("/", _LOUD), ("/home", _LOUD)),
)
CLEARPART = Case(
    row=_row(
        "clearpart-3",
        _BIOS_BOOT,
        _BOOT_1_GIB,
        Seen(name="vda3", size=_REST_OF_10, format="LVM2_member"),
        _volume("debian/root", _whole_extents(_REST_OF_10), "xfs", "/", "vda3", "root"),
        Seen(name="vdb1", size=1 * GiB, format="ext4"),
        disks=_TWO_OF_10,
        prepare="""set -e
for disk in vda vdb; do
  echo 'start=1MiB, size=1GiB, type=83' | sfdisk --quiet --label dos /dev/$disk
  udevadm settle
  mkfs.ext4 -q /dev/${disk}1
  mount /dev/${disk}1 /mnt && echo TEST > /mnt/sentinel && umount /mnt
done""",
        looks=(
            Look(command="mount -o ro,noload /dev/vdb1 /mnt && cat /mnt/sentinel; umount /mnt", says="TEST"),
            Look(command="blkid -o value -s PTTYPE /dev/vda /dev/vdb | xargs", says="gpt dos"),
        ),
    )
)
MOUNT = Case(
    row=_row(
        "mountpoint-assignment-plain",
        Seen(name="vda1", size=500 * MiB, format="vfat", mount="/boot/efi"),
        Seen(name="vda2", size=1024 * MiB, format="ext4", mount="/boot"),
        Seen(name="vda3", size=4096 * MiB, format="ext4", mount="/", label="root-test-label"),
        Seen(name="vda4", size=1024 * MiB, format="ext4", mount="/home"),
        Seen(name="vda5", size=1024 * MiB, format="swap"),
        Seen(name="vda6", size=1024 * MiB, format="swap", mount="swap"),
        disks=(DiskSpec(size=10 * GiB),),
        firmware=Firmware.UEFI,
        prepare="""set -e
sfdisk --quiet --label gpt /dev/vda <<'EOF'
size=500MiB, type=uefi
size=1024MiB, type=linux
size=4096MiB, type=linux
size=1024MiB, type=linux
size=1024MiB, type=swap
size=1024MiB, type=swap
EOF
udevadm settle
mkfs.vfat /dev/vda1
for number in 2 3 4; do mkfs.ext4 -q /dev/vda$number; done
for number in 5 6; do mkswap /dev/vda$number; done""",
    ),
    options=(
        ("/", "defaults"),
        ("/boot", "defaults"),
        ("/boot/efi", "umask=0077,shortname=winnt"),
        ("/home", "nofail"),
        ("swap", "defaults"),
    ),
)
REQPART = Case(
    row=_row(
        "reqpart",
        _BIOS_BOOT,
        _BOOT_1_GIB,
        Seen(name="vda3", size=4504 * MiB, format="LVM2_member"),
        _volume("fedora/swap", 500 * MiB, "swap", "swap", "vda3"),
        _volume("fedora/root", 4000 * MiB, "xfs", "/", "vda3", "root"),
    )
)
BOOTLOADER = Case(
    row=_row(
        "bootloader-1",
        _BIOS_BOOT,
        _BOOT_1_GIB,
        Seen(name="vda3", size=_REST_OF_20, format="xfs", mount="/", label="root"),
    ),
    kargs=("ashore_testing_option=1",),
    timeout=13,
)

CASES = (
    AUTOPART_FSTYPE,
    AUTOPART_ENCRYPTED,
    PART_LUKS,
    LVM,
    LVM_THIN,
    RAID,
    BTRFS,
    CLEARPART,
    MOUNT,
    REQPART,
    BOOTLOADER,
)
ROWS: tuple[Row, ...] = tuple(case.row for case in CASES)
"""For the storage matrix."""
