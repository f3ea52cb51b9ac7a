"""Scenarios with arrays, encryption, volumes and subvolumes on the disks already: opened and kept, or taken apart."""

from __future__ import annotations

from ashore_installer.units import GiB, MiB
from tests.vm.storage.disks import DiskSpec
from tests.vm.storage.row import Look, Row, Seen
from tests.vm.storage.scenarios_existing import LINUX, OLD_HOME
from tests.vm.storage.scenarios_luks import luks, opened
from tests.vm.storage.scenarios_plain import BIOS_BOOT, BOOT, CLEAR
from tests.vm.storage.scenarios_raid import raid_member

DISKS = (DiskSpec(size=10 * GiB), DiskSpec(size=10 * GiB))
MEMBERS = """for disk in vda vdb; do
  sfdisk --quiet --label gpt /dev/$disk <<<$'size=1MiB,type=21686148-6449-6E6F-744E-656564454649\\nsize=4GiB,type=raid'
done
udevadm settle
mdadm --create /dev/md/old --run --assume-clean --level=1 --raid-devices=2 --bitmap=internal /dev/vda2 /dev/vdb2
udevadm settle
"""
"""A mirror over two disks, with a write-intent bitmap: md writes to it as soon as the array is started."""
LETTERS = "head -c 20000000 /dev/urandom >/mnt/data; sha256sum </mnt/data >/mnt/sum; umount /mnt"
_COMPARE = "sha256sum </mnt/data | cmp - /mnt/sum && echo same; umount /mnt"
WHOLE = Look(command=f"mount -o ro,noload $(blkid -L home) /mnt; {_COMPARE}", says="same")
START = """part biosboot --fstype=biosboot --onpart=vda1 --noformat
part /boot --fstype=ext4 --onpart=vda2 --label=boot
"""
ON_LUKS = """\
printf old | cryptsetup luksFormat -q --pbkdf=pbkdf2 --pbkdf-force-iterations=1000 /dev/vda4 -
printf old | cryptsetup open --key-file=- /dev/vda4 old
mkfs.ext4 -q -L home /dev/mapper/old
mount /dev/mapper/old /mnt
"""
"""The plain Linux's /home, encrypted."""

KEPT = (
    Row(
        name="stack-raid1-kept",
        kickstart="""part biosboot --fstype=biosboot --onpart=vda1 --noformat
part / --fstype=xfs --size=5000 --ondisk=vda
raid /home --device=old --useexisting --noformat
""",
        disks=DISKS,
        prepare=f"{MEMBERS}mkfs.ext4 -q -L home /dev/md/old; mount /dev/md/old /mnt; {LETTERS}\n"
        "mdadm --stop /dev/md/old",
        seen=(
            BIOS_BOOT,
            raid_member("vda2", 4 * GiB),
            Seen(name="vda3", size=5000 * MiB, format="xfs", mount="/"),
            Seen(name="vdb1", size=1 * MiB),
            raid_member("vdb2", 4 * GiB),
            Seen(name="md:old", format="ext4", mount="/home", label="home", kind="raid1", on=("vda2", "vdb2")),
        ),
        looks=(WHOLE,),
    ),
    Row(
        name="stack-luks-kept",
        kickstart=f"{START}part / --fstype=xfs --onpart=vda3 --label=root\n"
        "part /home --fstype=ext4 --onpart=vda4 --noformat --encrypted --passphrase=old\n",
        prepare=f"{LINUX}{ON_LUKS}{LETTERS}; cryptsetup close old",
        seen=(
            BIOS_BOOT,
            BOOT,
            Seen(name="vda3", size=8 * GiB, format="xfs", mount="/", label="root"),
            luks("vda4", 4 * GiB),
            opened("vda4", 4 * GiB, "ext4", "/home", "home"),
        ),
        looks=(WHOLE,),
    ),
    Row(
        name="stack-luks-wrong-passphrase",
        kickstart=f"{START}part / --fstype=xfs --onpart=vda3 --label=root\n"
        "part /home --fstype=ext4 --onpart=vda4 --noformat --encrypted --passphrase=new\n",
        prepare=f"{LINUX}{ON_LUKS}{LETTERS}; cryptsetup close old",
        refused="The passphrase does not open /dev/vda4",
    ),
    Row(
        name="stack-subvolume-kept",
        kickstart=f"""{START}btrfs none --useexisting LABEL=fedora
btrfs / --subvol --name=new LABEL=fedora
btrfs /home --subvol --name=home --useexisting LABEL=fedora
part /srv --fstype=ext4 --onpart=vda4
""",
        prepare=f"""{LINUX}mkfs.btrfs -q -f -L fedora /dev/vda3
udevadm settle
mount /dev/vda3 /mnt
btrfs -q subvolume create /mnt/root
btrfs -q subvolume create /mnt/home
umount /mnt
mount -o subvol=home /dev/vda3 /mnt
{LETTERS}""",
        seen=(
            BIOS_BOOT,
            BOOT,
            Seen(name="vda3", size=8 * GiB, format="btrfs", label="fedora"),
            Seen(name="vda3:root", kind="subvolume"),
            Seen(name="vda3:home", kind="subvolume", mount="/home"),
            Seen(name="vda3:new", kind="subvolume", mount="/"),
            Seen(name="vda4", size=4 * GiB, format="ext4", mount="/srv"),
        ),
        looks=(Look(command=f"mount -o ro,subvol=home /dev/vda3 /mnt; {_COMPARE}", says="same"),),
    ),
    Row(
        name="stack-free-space-beside-linux",
        kickstart="autopart --type=plain --nohome --noswap\n",
        prepare=LINUX,
        seen=(
            BIOS_BOOT,
            Seen(name="vda2", size=1 * GiB, format="ext4", label="boot"),
            Seen(name="vda3", size=8 * GiB, format="ext4", label="old"),
            Seen(name="vda4", size=4 * GiB, format="ext4", label="home"),
            Seen(name="vda5", size=1 * GiB, format="ext4", mount="/boot", label="boot"),
            Seen(name="vda6", size=6 * GiB - 3 * MiB, format="xfs", mount="/", label="root"),
        ),
    ),
)

TAKEN_APART = (
    Row(
        name="stack-active-lvm-on-raid-cleared",
        kickstart=f"{CLEAR}part biosboot --fstype=biosboot --size=1 --ondisk=vda\n"
        "part / --fstype=xfs --size=6000 --ondisk=vda\npart /srv --fstype=ext4 --size=6000 --ondisk=vdb\n",
        disks=DISKS,
        prepare=f"{MEMBERS}vgcreate -qq old /dev/md/old; lvcreate -qq -y -L 2G -n root old; mkfs.ext4 -q /dev/old/root",
        seen=(
            BIOS_BOOT,
            Seen(name="vda2", size=6000 * MiB, format="xfs", mount="/"),
            Seen(name="vdb1", size=6000 * MiB, format="ext4", mount="/srv"),
        ),
        looks=(Look(command="pvs --noheadings; mdadm --examine --scan", says=""),),
    ),
    Row(
        name="stack-removed-beside-home",
        kickstart=f"clearpart --list=vda3\n{START}"
        "part /home --onpart=vda4 --noformat\npart / --fstype=xfs --size=6000\n",
        prepare=f"{LINUX}\nwipefs -q -a /dev/vda3; vgcreate -qq old /dev/vda3; lvcreate -qq -y -L 2G -n root old\n"
        "mkfs.xfs -q /dev/old/root",
        seen=(BIOS_BOOT, BOOT, Seen(name="vda3", size=6000 * MiB, format="xfs", mount="/"), OLD_HOME),
        looks=(WHOLE, Look(command="vgs --noheadings", says="")),
    ),
)
ROWS = (*KEPT, *TAKEN_APART)
