"""Scenarios of md arrays and of btrfs volumes with several members."""

from __future__ import annotations

from ashore_installer.units import GiB, MiB
from ashore_isogen.qemu.spec import Firmware
from tests.vm.storage.disks import DiskSpec
from tests.vm.storage.row import Look, Row, Seen
from tests.vm.storage.scenarios_luks import QUICK_KEY
from tests.vm.storage.scenarios_plain import CLEAR, NEW

DISK = DiskSpec(size=10 * GiB)
NAMES = ("vda", "vdb", "vdc", "vdd", "vde")
MIRROR = f"""{CLEAR}part biosboot --fstype=biosboot --size=1 --ondisk=vda
part biosboot --fstype=biosboot --size=1 --ondisk=vdb
part raid.11 --size=1024 --ondisk=vda
part raid.12 --size=1024 --ondisk=vdb
raid /boot --level=1 --device=boot --fstype=ext4 --label=boot raid.11 raid.12
part raid.21 --size=6000 --ondisk=vda
part raid.22 --size=6000 --ondisk=vdb
"""
"""/boot mirrored on two disks, and members for one more array."""


def raid_member(name: str, size: int) -> Seen:
    return Seen(name=name, size=size, format="linux_raid_member")


MIRRORED = (
    Seen(name="vda1", size=1 * MiB),
    Seen(name="vdb1", size=1 * MiB),
    raid_member("vda2", 1 * GiB),
    raid_member("vdb2", 1 * GiB),
    Seen(name="md:boot", format="ext4", mount="/boot", label="boot", kind="raid1", on=("vda2", "vdb2")),
    raid_member("vda3", 6000 * MiB),
    raid_member("vdb3", 6000 * MiB),
)


def detail(array: str, field: str, text: str) -> Look:
    return Look(command=f"mdadm --detail /dev/md/{array} | sed -n 's/^ *{field} : //p'", says=text)


def level(number: int, disks: int, *, spares: int = 0) -> Row:
    """A root on an array of this level; /boot is beside it, on the first disk."""
    members = [f"raid.{place}" for place in range(disks)]
    lines = [f"part {name} --size=3000 --ondisk={disk}" for name, disk in zip(members, NAMES, strict=False)]
    kickstart = f"{CLEAR}part biosboot --fstype=biosboot --size=1 --ondisk=vda\n"
    kickstart += "part /boot --fstype=ext4 --size=1024 --ondisk=vda\n" + "\n".join(lines)
    kickstart += f"\nraid / --level={number} --device=root --fstype=xfs --spares={spares} {' '.join(members)}\n"
    parts = ("vda3", *(f"{disk}1" for disk in NAMES[1:disks]))
    return Row(
        name=f"raid{number}" + ("-spare" if spares else ""),
        kickstart=kickstart,
        disks=(DISK,) * disks,
        seen=(
            Seen(name="vda1", size=1 * MiB),
            Seen(name="vda2", size=1 * GiB, format="ext4", mount="/boot"),
            *(raid_member(part, 3000 * MiB) for part in parts),
            Seen(name="md:root", format="xfs", mount="/", kind=f"raid{number}", on=parts),
        ),
        looks=(
            detail("root", "Raid Level", f"raid{number}"),
            detail("root", "Raid Devices", str(disks - spares)),
            detail("root", "Total Devices", str(disks)),
            detail("root", "Version", "1.2"),
        ),
    )


LEVELS = (level(0, 2), level(4, 3), level(5, 4, spares=1), level(6, 4), level(10, 4))

STACKS = (
    Row(
        name="raid1-root-and-boot",
        kickstart=f"{MIRROR}raid / --level=1 --device=root --fstype=xfs raid.21 raid.22\n",
        disks=(DISK, DISK),
        seen=(*MIRRORED, Seen(name="md:root", format="xfs", mount="/", kind="raid1", on=("vda3", "vdb3"))),
        looks=(detail("boot", "Version", "1.0"), detail("root", "Version", "1.2")),
        quick=True,
    ),
    Row(
        name="lvm-on-raid1",
        kickstart=f"""{MIRROR}raid pv.1 --level=1 --device=pv raid.21 raid.22
volgroup harbour pv.1
logvol / --vgname=harbour --name=root --size=4000 --fstype=ext4
""",
        disks=(DISK, DISK),
        seen=(
            *MIRRORED,
            Seen(name="md:pv", format="LVM2_member", kind="raid1", on=("vda3", "vdb3")),
            Seen(name="harbour/root", size=4000 * MiB, format="ext4", mount="/", kind="lvm", on=("md:pv",)),
        ),
    ),
    Row(
        name="luks-on-raid1",
        kickstart=f"{MIRROR}raid / --level=1 --device=root --fstype=xfs --encrypted {QUICK_KEY} raid.21 raid.22\n",
        disks=(DISK, DISK),
        seen=(
            *MIRRORED,
            Seen(name="md:root", format="crypto_LUKS", kind="raid1", on=("vda3", "vdb3")),
            Seen(name="luks:md:root", format="xfs", mount="/", kind="crypt", on=("md:root",)),
        ),
    ),
    Row(
        name="raid-members-on-one-disk",
        kickstart=f"""{CLEAR}part biosboot --fstype=biosboot --size=1
part raid.1 --size=6000 --ondisk=vda
part raid.2 --size=6000 --ondisk=vda
raid / --level=1 --device=root --fstype=xfs raid.1 raid.2
""",
        disks=(DiskSpec(size=20 * GiB),),
        refused="same disk",
    ),
    Row(
        name="raid-too-few-members",
        kickstart=f"""{CLEAR}part biosboot --fstype=biosboot --size=1 --ondisk=vda
part raid.1 --size=6000 --ondisk=vda
part raid.2 --size=6000 --ondisk=vdb
raid / --level=5 --device=root --fstype=xfs raid.1 raid.2
""",
        disks=(DISK, DISK),
        refused="3",
    ),
)

BTRFS = (
    Row(
        name="auto-btrfs-two-disks-uefi",
        kickstart=f"ignoredisk --only-use=vda,vdb\n{NEW}btrfs\n",
        disks=(DISK, DISK),
        firmware=Firmware.UEFI,
        seen=(
            Seen(name="vda1", size=512 * MiB, format="vfat", mount="/boot/efi", label="EFI-SYSTEM"),
            Seen(name="vda2", size=1 * GiB, format="ext4", mount="/boot", label="boot"),
            Seen(name="vda3", size=(10240 - 2 - 512 - 1024) * MiB, format="btrfs", label="root"),
            Seen(name="vda3:root", mount="/", kind="subvolume"),
            Seen(name="vdb1", size=10238 * MiB, format="btrfs", label="root"),
        ),
    ),
    Row(
        name="btrfs-raid1-subvolumes",
        kickstart=f"""{CLEAR}part biosboot --fstype=biosboot --size=1 --ondisk=vda
part /boot --fstype=ext4 --size=1024 --ondisk=vda
part btrfs.1 --size=6000 --ondisk=vda
part btrfs.2 --size=6000 --ondisk=vdb
btrfs none --label=harbour --data=1 --metadata=1 btrfs.1 btrfs.2
btrfs / --subvol --name=root harbour
btrfs /home --subvol --name=home harbour
btrfs /var/log --subvol --name=log LABEL=harbour
""",
        disks=(DISK, DISK),
        seen=(
            Seen(name="vda1", size=1 * MiB),
            Seen(name="vda2", size=1 * GiB, format="ext4", mount="/boot"),
            Seen(name="vda3", size=6000 * MiB, format="btrfs", label="harbour"),
            Seen(name="vda3:home", mount="/home", kind="subvolume"),
            Seen(name="vda3:log", mount="/var/log", kind="subvolume"),
            Seen(name="vda3:root", mount="/", kind="subvolume"),
            Seen(name="vdb1", size=6000 * MiB, format="btrfs", label="harbour"),
        ),
        looks=(
            Look(
                command="btrfs filesystem df $TARGET | sed -En 's/^(Data|Metadata), ([^:]*):.*/\\1 \\2/p' | xargs",
                says="Data RAID1 Metadata RAID1",
            ),
        ),
    ),
)
ROWS = (*STACKS, *LEVELS, *BTRFS)
