"""Scenarios of volume groups, logical volumes and thin pools."""

from __future__ import annotations

from ashore_installer.units import GiB, MiB
from ashore_isogen.qemu.spec import Bus, Firmware
from tests.vm.storage.disks import DiskSpec
from tests.vm.storage.row import Look, Row, Seen
from tests.vm.storage.scenarios_plain import BIOS_BOOT, BOOT, CLEAR, ESP, LEFT, NEW, ROOM

TWO = (DiskSpec(size=20 * GiB), DiskSpec(size=10 * GiB))
SIZES = "lvs --noheadings --units m --nosuffix -o lv_name,lv_size | awk '{print $1 \"=\" $2}' | sort | xargs"


def extents(size: int, extent: int = 4 * MiB) -> int:
    """What an LVM physical volume of this size has for volumes: a MiB is for metadata, the rest goes by extents."""
    return (size - 1 * MiB) // extent * extent


def volume(name: str, size: int, format: str = "", mount: str = "", *on: str, label: str = "") -> Seen:  # noqa: A002
    return Seen(name=name, size=size, format=format, mount=mount, label=label, kind="lvm", on=on or ("vda3",))


def member(name: str, size: int) -> Seen:
    return Seen(name=name, size=size, format="LVM2_member")


START = f"{CLEAR}part biosboot --fstype=biosboot --size=1\npart /boot --fstype=ext4 --size=1024 --label=boot\n"
"""The first lines of a kickstart whose root lies on something: vda1 and vda2."""

_LEFT = extents(6000 * MiB, 8 * MiB) + extents(5000 * MiB, 8 * MiB) - 4000 * MiB - 512 * MiB
HALF = _LEFT // 2 // (8 * MiB) * (8 * MiB)
THIN = 19412 * MiB
"""The pool's data: what the volume group has, less 20 MiB for its metadata and as much to repair them."""

ROWS = (
    Row(
        name="auto-lvm-uefi",
        kickstart=f"{NEW}lvm\n",
        firmware=Firmware.UEFI,
        seen=(
            ESP,
            BOOT,
            member("vda3", ROOM - 2 * GiB),
            volume("debian/root", extents(ROOM - 2 * GiB), "xfs", "/", label="root"),
        ),
    ),
    Row(
        name="auto-lvm-two-disks",
        kickstart=f"ignoredisk --only-use=vda,vdb\n{NEW}lvm\n",
        disks=TWO,
        seen=(
            BIOS_BOOT,
            BOOT,
            member("vda3", LEFT),
            member("vdb1", 10 * GiB - 2 * MiB),
            volume(
                "debian/root", extents(LEFT) + extents(10 * GiB - 2 * MiB), "xfs", "/", "vda3", "vdb1", label="root"
            ),
        ),
    ),
    Row(
        name="auto-thinp",
        kickstart=f"{NEW}thinp\n",
        seen=(
            BIOS_BOOT,
            BOOT,
            member("vda3", LEFT),
            volume("debian/pool00", THIN, "", "", "debian/pool00-tpool"),
            volume("debian/pool00-tpool", THIN, "", "", "debian/pool00_tdata", "debian/pool00_tmeta"),
            volume("debian/pool00_tdata", THIN),
            volume("debian/pool00_tmeta", 20 * MiB),
            volume("debian/root", THIN, "xfs", "/", "debian/pool00-tpool", label="root"),
        ),
    ),
    Row(
        name="lvm-two-members-percent",
        kickstart=f"""{START}part pv.1 --size=6000 --ondisk=vda
part pv.2 --size=5000 --ondisk=vdb
volgroup harbour pv.1 pv.2 --pesize=8192
logvol / --vgname=harbour --name=root --size=4000 --fstype=xfs
logvol swap --vgname=harbour --name=swap --size=512
logvol /srv --vgname=harbour --name=srv-data --percent=50 --fstype=ext4
""",
        disks=TWO,
        seen=(
            BIOS_BOOT,
            BOOT,
            member("vda3", 6000 * MiB),
            member("vdb1", 5000 * MiB),
            volume("harbour/root", 4000 * MiB, "xfs", "/", "vdb1"),  # which member has which volume is LVM's choice
            volume("harbour/srv-data", HALF, "ext4", "/srv"),
            volume("harbour/swap", 512 * MiB, "swap", "swap"),
        ),
        looks=(Look(command="vgs --noheadings -o vg_name,pv_count,vg_extent_size | xargs", says="harbour 2 8.00m"),),
    ),
    Row(
        name="lvm-grow-maxsize",
        kickstart=f"""{START}part pv.1 --size=10000
volgroup harbour pv.1
logvol / --vgname=harbour --name=root --size=2000 --grow --fstype=ext4 --label=root
logvol /home --vgname=harbour --name=home --size=1000 --grow --maxsize=3000 --fstype=ext4
""",
        seen=(
            BIOS_BOOT,
            BOOT,
            member("vda3", 10000 * MiB),
            volume("harbour/home", 3000 * MiB, "ext4", "/home"),
            volume("harbour/root", extents(10000 * MiB) - 3000 * MiB, "ext4", "/", label="root"),
        ),
    ),
    Row(
        name="lvm-reserved-space",
        kickstart=f"""{START}part pv.1 --size=10000
volgroup harbour pv.1 --reserved-space=2000
logvol / --vgname=harbour --name=root --size=2000 --grow --fstype=xfs
""",
        seen=(
            BIOS_BOOT,
            BOOT,
            member("vda3", 10000 * MiB),
            volume("harbour/root", extents(10000 * MiB) - 2000 * MiB, "xfs", "/"),
        ),
        looks=(Look(command="vgs --noheadings --units m --nosuffix -o vg_free harbour | xargs", says="2000.00"),),
    ),
    Row(
        name="lvm-thin-exact",
        kickstart=f"""{START}part pv.1 --size=12000
volgroup harbour pv.1
logvol none --vgname=harbour --name=pool --thinpool --size=8000 --metadatasize=40 --chunksize=128
logvol / --vgname=harbour --name=root --thin --poolname=pool --size=6000 --fstype=xfs
logvol /var --vgname=harbour --name=var --thin --poolname=pool --size=1500 --fstype=ext4
""",
        disks=(DiskSpec(size=20 * GiB, bus=Bus.VIRTIO),),
        seen=(
            BIOS_BOOT,
            BOOT,
            member("vda3", 12000 * MiB),
            volume("harbour/pool", 8000 * MiB, "", "", "harbour/pool-tpool"),
            volume("harbour/pool-tpool", 8000 * MiB, "", "", "harbour/pool_tdata", "harbour/pool_tmeta"),
            volume("harbour/pool_tdata", 8000 * MiB),
            volume("harbour/pool_tmeta", 40 * MiB),
            volume("harbour/root", 6000 * MiB, "xfs", "/", "harbour/pool-tpool"),
            volume("harbour/var", 1500 * MiB, "ext4", "/var", "harbour/pool-tpool"),
        ),
        looks=(
            Look(command="lvs --noheadings --units k --nosuffix -o chunk_size harbour/pool | xargs", says="128.00"),
        ),
    ),
)
