"""Scenarios that are refused, with a reason, and without a byte written."""

from __future__ import annotations

from ashore_installer.units import GiB
from ashore_isogen.qemu.spec import Bus
from tests.vm.storage.disks import DiskSpec
from tests.vm.storage.row import Row
from tests.vm.storage.scenarios_existing import LINUX
from tests.vm.storage.scenarios_plain import CLEAR, NEW

ONLY = f"ignoredisk --only-use=vda\n{NEW}plain\n"

ROWS = (
    Row(
        name="refused-mounted",
        kickstart=ONLY,
        prepare=f"{LINUX}\nmount -o ro,noload /dev/vda4 /mnt",
        refused="mounted",
        quick=True,
    ),
    Row(
        name="refused-active-array",
        kickstart=ONLY,
        prepare="""sfdisk --quiet --label gpt /dev/vda <<<$'start=1026MiB,size=4GiB,type=raid\\nsize=4GiB,type=raid'
udevadm settle
mdadm --create /dev/md/old --run --level=0 --raid-devices=2 --metadata=1.2 /dev/vda1 /dev/vda2
mkfs.ext4 -q /dev/md/old
mount -o ro,noload /dev/md/old /mnt""",
        refused="mounted",
    ),
    Row(
        name="refused-firmware-raid",
        kickstart=ONLY,
        disks=(DiskSpec(size=4 * GiB), DiskSpec(size=4 * GiB)),
        # The format that Adaptec's and Dell's firmware has (SNIA DDF); mdadm starts arrays of it at each boot.
        prepare="""mdadm --create /dev/md/ddf --run --metadata=ddf --raid-devices=2 /dev/vda /dev/vdb
udevadm settle
mdadm --stop /dev/md/ddf""",
        refused="firmware RAID",
    ),
    Row(
        name="refused-two-paths",
        kickstart=f"{NEW}plain\n",
        disks=(DiskSpec(size=20 * GiB, bus=Bus.SCSI, wwn=0x5000C500A1B2C3D4),) * 2,
        refused="two paths to one disk",
    ),
    Row(name="refused-read-only", kickstart=ONLY, disks=(DiskSpec(size=20 * GiB, readonly=True),), refused="read-only"),
    Row(name="refused-too-small", kickstart=ONLY, disks=(DiskSpec(size=1 * GiB),), refused="There is no room for /"),
    Row(
        name="refused-without-zerombr",
        kickstart="clearpart --none\nautopart --type=plain --nohome --noswap\n",
        refused="partition table",
    ),
    Row(
        name="refused-no-room",
        kickstart="clearpart --none\nautopart --type=plain --nohome --noswap\n",
        disks=(DiskSpec(size=14 * GiB),),
        prepare=LINUX,
        refused="room",
    ),
    Row(
        name="refused-group-name-taken",
        kickstart=f"""ignoredisk --only-use=vda
{CLEAR}part biosboot --fstype=biosboot --size=1
part /boot --fstype=ext4 --size=1024
part pv.1 --size=8000
volgroup harbour pv.1
logvol / --vgname=harbour --name=root --size=6000 --fstype=xfs
""",
        disks=(DiskSpec(size=20 * GiB), DiskSpec(size=5 * GiB)),
        prepare="vgcreate -qq harbour /dev/vdb; lvcreate -qq -y -L 1G -n root harbour; vgchange -qq -an harbour",
        refused="harbour",
    ),
    Row(
        name="refused-changed-disk",
        kickstart=ONLY,
        prepare=LINUX,
        between="sfdisk --quiet --delete /dev/vda 4",
        refused="changed",
    ),
    Row(
        name="refused-unknown-disk",
        kickstart=f"ignoredisk --only-use=vdx\n{NEW}plain\n",
        refused="vdx",
    ),
    Row(
        name="refused-same-uuids",
        kickstart="""mount UUID=11111111-2222-3333-4444-555555555555 / --reformat=ext4
""",
        disks=(DiskSpec(size=10 * GiB), DiskSpec(size=10 * GiB)),
        prepare="""for disk in vda vdb; do
  sfdisk --quiet --label gpt /dev/$disk <<<'start=1MiB, size=9000MiB, type=linux'
  udevadm settle
  mkfs.ext4 -q -U 11111111-2222-3333-4444-555555555555 /dev/${disk}1
done""",
        refused="11111111",
    ),
    Row(
        name="refused-biosboot-missing",
        kickstart=f"{CLEAR}part / --fstype=xfs --size=6000\n",
        refused="BIOS boot",
    ),
)
