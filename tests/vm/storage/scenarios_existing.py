"""Scenarios with something on the disks: what stays must stay byte for byte, what goes must not come back."""

from __future__ import annotations

from ashore_installer.units import GiB, MiB
from ashore_isogen.qemu.spec import Firmware
from tests.vm.storage.disks import DiskSpec
from tests.vm.storage.row import Look, Row, Seen
from tests.vm.storage.scenarios_plain import BIOS_BOOT, BOOT, LEFT, NEW

TWO = (DiskSpec(size=20 * GiB), DiskSpec(size=10 * GiB))

WINDOWS = """
sfdisk --quiet --label gpt /dev/vda <<'END'
start=1MiB, size=300MiB, type=uefi, name="EFI system partition"
size=16MiB, type=E3C9E316-0B5C-4DB8-817D-F92DF00215AE
size=10000MiB, type=EBD0A0A2-B9E5-4433-87C0-68B6B72699C7, name="Basic data partition"
END
udevadm settle
mkfs.vfat -F 32 -n SYSTEM /dev/vda1
mmd -i /dev/vda1 ::/EFI ::/EFI/Microsoft ::/EFI/Microsoft/Boot
printf windows >/run/bootmgfw.efi
mcopy -i /dev/vda1 /run/bootmgfw.efi ::/EFI/Microsoft/Boot/bootmgfw.efi
mkfs.ntfs --quick --label Windows /dev/vda3
"""
"""What a disk with Windows has on it: an ESP with its boot manager, Microsoft's reserved partition, NTFS."""
WINDOWS_SEEN = (
    Seen(name="vda2", size=16 * MiB),
    Seen(name="vda3", size=10000 * MiB, format="ntfs", label="Windows"),
)
WINDOWS_BOOTS = Look(command="mtype -i /dev/vda1 ::/EFI/Microsoft/Boot/bootmgfw.efi 2>/dev/null", says="windows")

LINUX = """
sfdisk --quiet --label gpt /dev/vda <<'END'
start=1MiB, size=1MiB, type=21686148-6449-6E6F-744E-656564454649
size=1GiB, type=linux
size=8GiB, type=linux
size=4GiB, type=linux
END
udevadm settle
mkfs.ext4 -q -L boot /dev/vda2
mkfs.ext4 -q -L old /dev/vda3
mkfs.ext4 -q -L home /dev/vda4
mount /dev/vda4 /mnt
head -c 20000000 /dev/urandom >/mnt/data
sha256sum </mnt/data >/mnt/sum
umount /mnt
"""
"""A plain Linux with a /home that has 20 MB."""
HOME_IS_WHOLE = Look(
    command="mount -o ro,noload /dev/vda4 /mnt; sha256sum </mnt/data | cmp - /mnt/sum && echo same; umount /mnt",
    says="same",
)
OLD_HOME = Seen(name="vda4", size=4 * GiB, format="ext4", mount="/home", label="home")


def leftover(name: str, prepare: str) -> Row:
    """Automatic partitions where something else was, which must be gone for good."""
    return Row(
        name=f"leftover-{name}",
        kickstart=f"{NEW}plain\n",
        prepare=prepare,
        seen=(BIOS_BOOT, BOOT, Seen(name="vda3", size=LEFT, format="xfs", mount="/", label="root")),
        looks=(Look(command="pvs --noheadings; mdadm --examine --scan; blkid -t TYPE=crypto_LUKS -o device", says=""),),
    )


LEFTOVERS = (
    leftover(
        "md",
        """sfdisk --quiet --label gpt /dev/vda <<<$'start=1026MiB,size=4GiB,type=raid\\nsize=4GiB,type=raid'
udevadm settle
mdadm --create /dev/md/old --run --level=1 --raid-devices=2 --metadata=1.2 /dev/vda1 /dev/vda2
mkfs.ext4 -q /dev/md/old
mdadm --stop /dev/md/old""",
    ),
    leftover(
        "lvm",
        """sfdisk --quiet --label gpt /dev/vda <<<'start=1026MiB,type=lvm'
udevadm settle
vgcreate -qq old /dev/vda1
lvcreate -qq -y -L 2G -n root old
mkfs.xfs -q /dev/old/root
vgchange -qq -an old""",
    ),
    leftover(
        "luks",
        """sfdisk --quiet --label gpt /dev/vda <<<'start=1026MiB,type=linux'
udevadm settle
printf old | cryptsetup luksFormat -q --pbkdf=pbkdf2 --pbkdf-force-iterations=1000 /dev/vda1 -""",
    ),
)

KEPT = (
    Row(
        name="part-onpart-noformat",
        kickstart="""part biosboot --fstype=biosboot --onpart=vda1 --noformat
part /boot --fstype=ext4 --onpart=vda2 --label=boot
part / --fstype=xfs --onpart=vda3 --label=root
part /home --onpart=vda4 --noformat
""",
        prepare=LINUX,
        seen=(BIOS_BOOT, BOOT, Seen(name="vda3", size=8 * GiB, format="xfs", mount="/", label="root"), OLD_HOME),
        looks=(HOME_IS_WHOLE,),
        quick=True,
    ),
    Row(
        name="mount-command",
        kickstart="""mount /dev/vda2 /boot --reformat
mount /dev/vda3 / --reformat=xfs
mount UUID=11111111-2222-3333-4444-555555555555 /home
""",
        prepare=f"{LINUX}\ntune2fs -U 11111111-2222-3333-4444-555555555555 /dev/vda4",
        seen=(
            BIOS_BOOT,
            Seen(name="vda2", size=1 * GiB, format="ext4", mount="/boot"),
            Seen(name="vda3", size=8 * GiB, format="xfs", mount="/"),
            OLD_HOME,
        ),
        looks=(HOME_IS_WHOLE,),
    ),
    Row(
        name="resize-ext4",
        kickstart="""part biosboot --fstype=biosboot --onpart=vda1 --noformat
part /boot --fstype=ext4 --onpart=vda2 --label=boot
part / --fstype=ext4 --onpart=vda3
part /home --onpart=vda4 --noformat --resize --size=2000
part /srv --fstype=xfs --size=1000
""",
        prepare=LINUX,
        seen=(
            BIOS_BOOT,
            BOOT,
            Seen(name="vda3", size=8 * GiB, format="ext4", mount="/"),
            Seen(name="vda4", size=2000 * MiB, format="ext4", mount="/home", label="home"),
            Seen(name="vda5", size=1000 * MiB, format="xfs", mount="/srv"),
        ),
        looks=(HOME_IS_WHOLE,),
    ),
    Row(
        name="resize-ntfs-uefi",
        kickstart="""part /boot/efi --fstype=efi --onpart=vda1 --noformat
part none --onpart=vda3 --noformat --resize --size=5000
part / --fstype=xfs --size=8000
""",
        prepare=WINDOWS,
        firmware=Firmware.UEFI,
        seen=(
            Seen(name="vda1", size=300 * MiB, format="vfat", mount="/boot/efi", label="SYSTEM"),
            Seen(name="vda2", size=16 * MiB),
            Seen(name="vda3", size=5000 * MiB, format="ntfs", label="Windows"),
            Seen(name="vda4", size=8000 * MiB, format="xfs", mount="/"),
        ),
        looks=(
            WINDOWS_BOOTS,
            Look(command="ntfsresize --info --force /dev/vda3 >/dev/null && echo sound", says="sound"),
        ),
    ),
    Row(
        name="resize-btrfs",
        kickstart="""part biosboot --fstype=biosboot --onpart=vda1 --noformat
part /boot --fstype=ext4 --onpart=vda2 --label=boot
part / --fstype=ext4 --onpart=vda3
part /home --onpart=vda4 --noformat --resize --size=2000
""",
        prepare=LINUX.replace("mkfs.ext4 -q -L home", "mkfs.btrfs -q -L home"),
        seen=(
            BIOS_BOOT,
            BOOT,
            Seen(name="vda3", size=8 * GiB, format="ext4", mount="/"),
            Seen(name="vda4", size=2000 * MiB, format="btrfs", mount="/home", label="home"),
        ),
        looks=(
            Look(
                command="mount -o ro /dev/vda4 /mnt; sha256sum </mnt/data | cmp - /mnt/sum && echo same; umount /mnt",
                says="same",
            ),
        ),
    ),
    Row(
        name="resize-below-content",
        kickstart="""part biosboot --fstype=biosboot --onpart=vda1 --noformat
part /boot --fstype=ext4 --onpart=vda2 --label=boot
part / --fstype=ext4 --onpart=vda3
part /home --onpart=vda4 --noformat --resize --size=10
""",
        prepare=LINUX,
        refused="vda4 can't be made as small as 10.0 MiB",
    ),
)

CLEARED = (
    Row(
        name="clearpart-linux-beside-windows",
        kickstart="clearpart --linux\nautopart --type=plain --nohome --noswap\n",
        prepare=WINDOWS + "sfdisk --quiet --append /dev/vda <<<'size=4GiB, type=linux'; mkfs.ext4 -q /dev/vda4",
        firmware=Firmware.UEFI,
        seen=(
            Seen(name="vda1", size=300 * MiB, format="vfat", mount="/boot/efi", label="SYSTEM"),
            *WINDOWS_SEEN,
            Seen(name="vda4", size=1 * GiB, format="ext4", mount="/boot", label="boot"),
            Seen(
                name="vda5", size=20 * GiB - (2 + 300 + 16 + 10000 + 1024) * MiB, format="xfs", mount="/", label="root"
            ),
        ),
        looks=(WINDOWS_BOOTS,),
    ),
    Row(
        name="clearpart-list",
        kickstart="clearpart --list=vda3\npart biosboot --fstype=biosboot --onpart=vda1 --noformat\n"
        "part / --fstype=xfs --size=5000\npart /home --onpart=vda4 --noformat\n",
        prepare=LINUX,
        seen=(
            BIOS_BOOT,
            Seen(name="vda2", size=1 * GiB, format="ext4", label="boot"),
            Seen(name="vda3", size=5000 * MiB, format="xfs", mount="/"),
            OLD_HOME,
        ),
        looks=(HOME_IS_WHOLE,),
    ),
    Row(
        name="clearpart-all-one-drive",
        kickstart="clearpart --all --initlabel --drives=vdb\n"
        "part biosboot --fstype=biosboot --size=1 --ondisk=vdb\npart / --fstype=xfs --size=5000 --ondisk=vdb\n",
        prepare=LINUX,
        disks=TWO,
        seen=(
            BIOS_BOOT,
            Seen(name="vda2", size=1 * GiB, format="ext4", label="boot"),
            Seen(name="vda3", size=8 * GiB, format="ext4", label="old"),
            Seen(name="vda4", size=4 * GiB, format="ext4", label="home"),
            Seen(name="vdb1", size=1 * MiB),
            Seen(name="vdb2", size=5000 * MiB, format="xfs", mount="/"),
        ),
        looks=(HOME_IS_WHOLE,),
    ),
    Row(
        name="ignoredisk-drives",
        kickstart=f"ignoredisk --drives=vda\n{NEW}plain\n",
        prepare=LINUX,
        disks=TWO,
        seen=(
            BIOS_BOOT,
            Seen(name="vda2", size=1 * GiB, format="ext4", label="boot"),
            Seen(name="vda3", size=8 * GiB, format="ext4", label="old"),
            Seen(name="vda4", size=4 * GiB, format="ext4", label="home"),
            Seen(name="vdb1", size=1 * MiB),
            Seen(name="vdb2", size=1 * GiB, format="ext4", mount="/boot", label="boot"),
            Seen(name="vdb3", size=9 * GiB - 3 * MiB, format="xfs", mount="/", label="root"),
        ),
        looks=(HOME_IS_WHOLE,),
    ),
    Row(
        name="reinstall-lvm-keeping-home",
        kickstart="""part biosboot --fstype=biosboot --onpart=vda1 --noformat
part /boot --fstype=ext4 --onpart=vda2 --label=boot
volgroup old --useexisting --noformat
logvol / --vgname=old --name=root --useexisting --fstype=xfs --label=root
logvol /home --vgname=old --name=home --useexisting --noformat
""",
        prepare="""sfdisk --quiet --label gpt /dev/vda <<'END'
start=1MiB, size=1MiB, type=21686148-6449-6E6F-744E-656564454649
size=1GiB, type=linux
size=14GiB, type=lvm
END
udevadm settle
mkfs.ext4 -q /dev/vda2
vgcreate -qq old /dev/vda3
lvcreate -qq -y -L 8G -n root old
lvcreate -qq -y -L 4G -n home old
mkfs.ext4 -q /dev/old/root
mkfs.ext4 -q -L home /dev/old/home
mount /dev/old/home /mnt
head -c 20000000 /dev/urandom >/mnt/data
sha256sum </mnt/data >/mnt/sum
umount /mnt
vgchange -qq -an old
""",
        seen=(
            BIOS_BOOT,
            BOOT,
            Seen(name="vda3", size=14 * GiB, format="LVM2_member"),
            Seen(name="old/root", size=8 * GiB, format="xfs", mount="/", label="root", kind="lvm", on=("vda3",)),
            Seen(name="old/home", size=4 * GiB, format="ext4", mount="/home", label="home", kind="lvm", on=("vda3",)),
        ),
        looks=(
            Look(
                command="mount -o ro,noload /dev/old/home /mnt; sha256sum </mnt/data | cmp - /mnt/sum && echo same; "
                "umount /mnt",
                says="same",
            ),
        ),
    ),
)
ROWS = (*LEFTOVERS, *KEPT, *CLEARED)
