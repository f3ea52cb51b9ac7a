"""Scenarios of partitions: automatic and explicit layouts, disks of every kind, both kinds of partition table."""

from __future__ import annotations

from ashore_installer.units import GiB, MiB, TiB
from ashore_isogen.qemu.spec import Bus, Firmware
from tests.vm.storage.disks import DiskSpec, Sectors
from tests.vm.storage.row import Look, Row, Seen

CLEAR = "zerombr\nclearpart --all --initlabel\n"
NEW = f"{CLEAR}autopart --nohome --noswap --type="
DISK = DiskSpec(size=20 * GiB)
BIOS_BOOT = Seen(name="vda1", size=1 * MiB)
BOOT = Seen(name="vda2", size=1 * GiB, format="ext4", mount="/boot", label="boot")
ESP = Seen(name="vda1", size=1 * GiB, format="vfat", mount="/boot/efi", label="EFI-SYSTEM")
ROOM = 20 * GiB - 2 * MiB
"""Of a disk of 20 GiB with a GPT: a MiB at each end is not for partitions."""
LEFT = ROOM - 1 * MiB - 1 * GiB
"""What a BIOS boot partition and /boot leave of it."""

AUTOMATIC = (
    Row(
        name="auto-plain-bios",
        kickstart=f"{NEW}plain\n",
        seen=(BIOS_BOOT, BOOT, Seen(name="vda3", size=LEFT, format="xfs", mount="/", label="root")),
        looks=(
            Look(command="findmnt -rno FSTYPE $TARGET/boot", says="ext4"),
            Look(command="blkid -o value -s PTTYPE /dev/vda", says="gpt"),
        ),
    ),
    Row(
        name="auto-plain-uefi-nvme-4kn",
        kickstart=f"{NEW}plain --fstype=ext4\n",
        disks=(DiskSpec(size=20 * GiB, bus=Bus.NVME, sectors=Sectors.NATIVE),),
        firmware=Firmware.UEFI,
        seen=(
            Seen(name="nvme0n1p1", size=1 * GiB, format="vfat", mount="/boot/efi", label="EFI-SYSTEM"),
            Seen(name="nvme0n1p2", size=1 * GiB, format="ext4", mount="/boot", label="boot"),
            Seen(name="nvme0n1p3", size=ROOM - 2 * GiB, format="ext4", mount="/", label="root"),
        ),
        looks=(
            Look(command="cat /sys/block/nvme0n1/queue/logical_block_size", says="4096"),
            Look(command="minfo -i /dev/nvme0n1p1 :: 2>/dev/null | grep -c FAT32", says="1"),
        ),
    ),
    Row(
        name="auto-plain-by-default-60-gib",
        kickstart=f"{CLEAR}autopart\n",
        disks=(DiskSpec(size=60 * GiB),),
        seen=(BIOS_BOOT, BOOT, Seen(name="vda3", size=59 * GiB - 3 * MiB, format="xfs", mount="/", label="root")),
    ),
    Row(
        name="auto-plain-usb",
        kickstart=f"{NEW}plain\n",
        disks=(DiskSpec(size=12 * GiB, bus=Bus.USB),),
        seen=(
            Seen(name="sda1", size=1 * MiB),
            Seen(name="sda2", size=1 * GiB, format="ext4", mount="/boot", label="boot"),
            Seen(name="sda3", size=12 * GiB - 3 * MiB - 1 * GiB, format="xfs", mount="/", label="root"),
        ),
    ),
)

EXPLICIT = (
    Row(
        name="part-exact-512e",
        kickstart=f"""{CLEAR}part biosboot --fstype=biosboot --size=1
part /boot --fstype=ext4 --size=700 --label=loader
part / --fstype=xfs --size=4096 --grow --maxsize=6000
part /var --fstype=ext4 --size=3000 --label=data
part swap --size=512
""",
        disks=(DiskSpec(size=20 * GiB, bus=Bus.SCSI, sectors=Sectors.EMULATED),),
        seen=(
            Seen(name="sda1", size=1 * MiB),
            Seen(name="sda2", size=700 * MiB, format="ext4", mount="/boot", label="loader"),
            Seen(name="sda3", size=6000 * MiB, format="xfs", mount="/"),
            Seen(name="sda4", size=3000 * MiB, format="ext4", mount="/var", label="data"),
            Seen(name="sda5", size=512 * MiB, format="swap", mount="swap"),
        ),
    ),
    Row(
        name="part-msdos-logical",
        kickstart="""zerombr
clearpart --all --initlabel --disklabel=msdos
part /boot --fstype=ext4 --size=1024 --asprimary
part / --fstype=ext4 --size=6000
part /var --fstype=ext4 --size=2000
part /srv --fstype=xfs --size=1000
part swap --size=500
""",
        seen=(
            Seen(name="vda1", size=1 * GiB, format="ext4", mount="/boot"),
            Seen(name="vda2", size=6000 * MiB, format="ext4", mount="/"),
            Seen(name="vda3", size=2000 * MiB, format="ext4", mount="/var"),
            Seen(name="vda4"),
            Seen(name="vda5", size=1000 * MiB, format="xfs", mount="/srv"),
            Seen(name="vda6", size=500 * MiB, format="swap", mount="swap"),
        ),
        looks=(
            Look(command="blkid -o value -s PTTYPE /dev/vda", says="dos"),
            Look(command="sfdisk --part-type /dev/vda 4", says="f"),
        ),
    ),
    Row(
        name="part-3-tib-gpt",
        kickstart=f"{CLEAR}part biosboot --fstype=biosboot --size=1\npart / --fstype=xfs --size=8000 --grow\n",
        disks=(DiskSpec(size=3 * TiB),),
        seen=(BIOS_BOOT, Seen(name="vda2", size=3 * TiB - 3 * MiB, format="xfs", mount="/")),
    ),
    Row(
        name="part-3-tib-msdos",
        kickstart="zerombr\nclearpart --all --initlabel --disklabel=msdos\npart / --fstype=xfs --size=8000 --grow\n",
        disks=(DiskSpec(size=3 * TiB),),
        refused="2.0 TiB",
    ),
    Row(
        name="part-swap-recommended",
        kickstart=f"{CLEAR}reqpart\npart / --fstype=xfs --size=8000\npart swap --recommended\n",
        seen=(
            BIOS_BOOT,
            Seen(name="vda2", size=8000 * MiB, format="xfs", mount="/"),
            Seen(name="vda3", format="swap", mount="swap"),
        ),
        # Twice the memory for machines of at most 2 GiB; what the kernel keeps of it does not count.
        looks=(Look(command="echo $(( $(blockdev --getsize64 /dev/vda3) / (1900 << 20) ))", says="2"),),
    ),
    Row(
        name="reqpart-add-boot-uefi",
        kickstart=f"{CLEAR}reqpart --add-boot\npart / --fstype=xfs --size=8000\n",
        firmware=Firmware.UEFI,
        seen=(ESP, BOOT, Seen(name="vda3", size=8000 * MiB, format="xfs", mount="/")),
        source="reqpart",
    ),
)

ROWS = (*AUTOMATIC, *EXPLICIT)
