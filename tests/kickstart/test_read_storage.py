"""The storage commands: what they say, and what is refused by its line."""

from __future__ import annotations

import pytest

from ashore_installer.machine import PartitionTable
from ashore_installer.plan import Draft
from ashore_installer.secret import Secret
from ashore_installer.storage_plan import Encryption, Format, RaidLevel, Tpm2, VolumeKind, ZramPlan
from ashore_installer.storage_request import (
    ArrayRequest,
    Automatic,
    BtrfsRequest,
    Clear,
    GroupRequest,
    MountRequest,
    PartitionRequest,
    Scheme,
    ShrinkRequest,
    StorageRequest,
    SubvolumeRequest,
    VolumeRequest,
)
from ashore_installer.units import GiB, KiB, MiB
from ashore_kickstart.problems import KickstartError
from ashore_kickstart.read import draft_from_text, problems_of


def read(*lines: str) -> StorageRequest:
    storage = draft_from_text("\n".join(lines), "x.ks").storage
    assert storage is not None
    return storage


def partition(*lines: str) -> PartitionRequest:
    return read(*lines).partitions[0]


# --- partitions ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "made"),
    [
        ("part swap --recommended", PartitionRequest(format=Format.SWAP, recommended=True)),
        ("part swap --hibernation", PartitionRequest(format=Format.SWAP, hibernation=True)),
        ("part biosboot --size=1", PartitionRequest(format=Format.BIOSBOOT, size=1 * MiB)),
        ("part /boot/efi --fstype=vfat --size=9", PartitionRequest(mount="/boot/efi", format=Format.EFI, size=9 * MiB)),
        ("part None --fstype=ext3 --size=1", PartitionRequest(format=Format.EXT3, size=1 * MiB)),
        (
            "part raid.1 --fstype=mdmember --size=1",
            PartitionRequest(name="raid.1", format=Format.RAID, size=1 * MiB),
        ),
        (
            "part /x --onpart=/dev/disk/by-uuid/1-2 --resize --size=4096",
            PartitionRequest(mount="/x", existing="disk/by-uuid/1-2", resize=True, size=4 * GiB),
        ),
        ("part /x --onpart=LABEL=home --noformat", PartitionRequest(mount="/x", existing="LABEL=home", keep=True)),
        (
            "part /x --size=1 --fstype=ext4 --fsprofile=largefile --asprimary",
            PartitionRequest(mount="/x", format=Format.EXT4, size=1 * MiB, profile="largefile", primary=True),
        ),
    ],
)
def test_partitions(line: str, made: PartitionRequest) -> None:
    members = (
        [f"raid / --device=r --level=0 {line.split()[1]} raid.2", "part raid.2 --size=1"] if "raid." in line else []
    )

    found = partition("", line, *members)

    assert (found.line, without_line(found)) == (2, made)


def without_line(one: PartitionRequest) -> PartitionRequest:
    return PartitionRequest(**{name: getattr(one, name) for name in one.__dataclass_fields__ if name != "line"})


def test_swap_space_in_memory() -> None:
    assert read("part zram").zram == ZramPlan()
    assert read("autopart --zram --zram-size='ram / 4'").zram == ZramPlan(size="ram / 4")


def test_a_second_bios_boot_partition_is_for_a_second_disk() -> None:
    found = read("part biosboot --size=1 --ondisk=vda", "part biosboot --size=1 --ondisk=vdb")

    assert [one.disk for one in found.partitions] == ["vda", "vdb"]


# --- encryption ----------------------------------------------------------------------------------------------


def test_encryption() -> None:
    line = (
        "part / --size=1 --encrypted --passphrase='open sesame' --cipher=aes-xts-plain64 --pbkdf=argon2id "
        "--pbkdf-memory=1024 --pbkdf-iterations=9 --escrowcert=https://x.example/c.pem --backuppassphrase "
        "--tpm2 --tpm2-pcrs=7,11 --tpm2-pin=4711 --recovery-key"
    )

    assert partition(line).encryption == Encryption(
        passphrase=Secret("open sesame"),
        cipher="aes-xts-plain64",
        luks="luks2",
        pbkdf="argon2id",
        pbkdf_memory=1024,
        pbkdf_iterations=9,
        recovery_key=True,
        escrow_certificate="https://x.example/c.pem",
        backup_passphrase=True,
        tpm2=Tpm2(pcrs=(7, 11), pin=Secret("4711")),
    )


def test_the_first_passphrase_of_the_file_is_that_of_every_device_without_one() -> None:
    found = read(
        "logvol / --vgname=vg --name=root --size=9 --encrypted",
        "part /a --size=1 --encrypted --passphrase=first",
        "part /b --size=1 --encrypted",
        "part /c --size=1 --encrypted --passphrase=other",
        "part /d --size=1",
        "volgroup vg pv.1",
        "part pv.1 --size=99",
    )

    secrets = [one.encryption and one.encryption.passphrase for one in (*found.volumes, *found.partitions)]
    assert secrets == [Secret("first"), Secret("first"), Secret("first"), Secret("other"), None, None]


def test_without_any_passphrase_it_stays_open() -> None:
    assert partition("part / --size=1 --encrypted").encryption == Encryption()


@pytest.mark.parametrize(
    "line",
    [
        "part / --size=1 --encrypted --passphrase=hunter2 hunter2",
        "part / --size=x --encrypted --passphrase=hunter2",
        "logvol / --name=hunter2 --encrypted --passphrase hunter2",
        "autopart --encrypted --tpm2 --tpm2-pin=hunter2 hunter2",
        "part / --size=1 --passphrase=hunter2",
        "raid / --device=x --encrypted --pass hunter2 --level=hunter2 raid.1",
    ],
)
def test_no_passphrase_gets_into_a_message(line: str) -> None:
    with pytest.raises(KickstartError) as caught:
        read(line)

    assert "hunter2" not in str(caught.value)


# --- stacks --------------------------------------------------------------------------------------------------


def test_volumes_groups_and_pools_in_any_order() -> None:
    found = read(
        "logvol / --vgname=vg --name=root --size=6000 --thin --poolname=pool --grow --maxsize=9000",
        "logvol none --vgname=vg --name=pool --thinpool --size=7000 --chunksize=128 --metadatasize=16",
        "logvol swap --vgname=vg --name=swap --percent=10",
        "volgroup vg pv.01 pv.boot --pesize=8192 --reserved-percent=5",
        "raid pv.boot --device=lvm --level=RAID1 raid.1 raid.2",
        "part pv.01 --size=100 --grow",
        "part raid.1 --size=1",
        "part raid.2 --size=1",
    )

    assert found.volumes == (
        VolumeRequest(
            mount="/",
            name="root",
            group="vg",
            kind=VolumeKind.THIN,
            pool="pool",
            size=6000 * MiB,
            grow=True,
            max_size=9000 * MiB,
            line=1,
        ),
        VolumeRequest(
            format=Format.NONE,
            name="pool",
            group="vg",
            kind=VolumeKind.POOL,
            size=7000 * MiB,
            chunk=128 * KiB,
            metadata=16 * MiB,
            line=2,
        ),
        VolumeRequest(format=Format.SWAP, name="swap", group="vg", percent=10, line=3),
    )
    assert found.groups == (
        GroupRequest(name="vg", members=("pv.01", "pv.boot"), extent=8 * MiB, reserved_percent=5, line=4),
    )
    assert found.arrays == (
        ArrayRequest(
            format=Format.LVMPV,
            name="lvm",
            member="pv.boot",
            level=RaidLevel.RAID1,
            members=("raid.1", "raid.2"),
            line=5,
        ),
    )


def test_what_is_there_already() -> None:
    found = read(
        "logvol /home --vgname=old --name=home --noformat --resize --size=900",
        "logvol / --vgname=old --name=root --useexisting --fstype=xfs",
        "raid /srv --device=/dev/md/data --noformat",
        "btrfs /d --subvol --name=/d/ --useexisting UUID=1-2 --fsoptions=ro",
        "btrfs /e --subvol --name=e UUID=1-2",
    )

    assert [(one.existing, one.keep, one.resize, one.size) for one in found.volumes] == [
        ("old/home", True, True, 900 * MiB),
        ("old/root", False, False, 0),
    ]
    assert found.groups == (GroupRequest(name="old", keep=True, line=1),)
    assert found.arrays == (ArrayRequest(mount="/srv", existing="data", name="data", keep=True, line=3),)
    assert found.btrfs == (BtrfsRequest(name="UUID=1-2", keep=True, line=4),)
    assert found.subvolumes == (
        SubvolumeRequest(volume="UUID=1-2", path="d", mount="/d", options="ro", keep=True, line=4),
        SubvolumeRequest(volume="UUID=1-2", path="e", mount="/e", line=5),
    )


def test_btrfs_by_each_of_its_names() -> None:
    found = read(
        "btrfs none --label=data --data=1 --metadata=RAID1 btrfs.1 btrfs.2",
        "part btrfs.1 --size=9",
        "part btrfs.2 --size=9 --fsoptions=noatime",
        "btrfs /a --subvol --name=a data",
        "btrfs /b --subvol --name=b LABEL=data --fsoptions=ro",
        "btrfs none --subvol --name=c btrfs.2",
    )

    assert found.btrfs == (
        BtrfsRequest(
            name="data",
            label="data",
            data="raid1",
            metadata="raid1",
            options="noatime",
            members=("btrfs.1", "btrfs.2"),
            line=1,
        ),
    )
    assert [(one.volume, one.path, one.mount, one.options) for one in found.subvolumes] == [
        ("data", "a", "/a", "noatime"),
        ("data", "b", "/b", "ro"),
        ("data", "c", "", ""),
    ]


def test_mount_points_of_what_is_there() -> None:
    found = read(
        "mount /dev/vda1 /boot/",
        "mount LABEL=root / --reformat",
        "mount /dev/mapper/vg-x /x --reformat xfs --mkfsoptions='-n ftype'",
        "mount vda6 None --mountoptions=pri=5",
    )

    assert found.mounts == (
        MountRequest(device="vda1", path="/boot", line=1),
        MountRequest(device="LABEL=root", path="/", reformat=True, line=2),
        MountRequest(device="mapper/vg-x", path="/x", reformat=True, format=Format.XFS, mkfs="-n ftype", line=3),
        MountRequest(device="vda6", path="none", options="pri=5", line=4),
    )


# --- automatic layouts, disks, boot loader -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "made"),
    [
        ("autopart", Automatic()),
        ("autopart --nolvm --nohome --noswap", Automatic()),
        ("autopart --type=LVM --fstype=ext2", Automatic(scheme=Scheme.LVM, format=Format.EXT2)),
        ("autopart --type=btrfs --noboot", Automatic(scheme=Scheme.BTRFS, format=Format.BTRFS, boot=False)),
        ("autopart --type=thinp --home --swap", Automatic(scheme=Scheme.THIN, home=True, swap=True)),
        ("autopart --hibernation", Automatic(swap=True, hibernation=True)),
        ("autopart --reinstall", Automatic(reinstall="*")),
        ("autopart --reinstall='Fedora Linux 46'", Automatic(reinstall="Fedora Linux 46")),
        ("autopart --encrypted --passphrase=p", Automatic(encryption=Encryption(passphrase=Secret("p")))),
    ],
)
def test_automatic_layouts(line: str, made: Automatic) -> None:
    assert read(line).automatic == made


def test_what_may_go() -> None:
    found = read(
        "clearpart --list=vda2,disk/by-id/x-part1|vdb --disklabel=msdos --shrink=vda3:2048,disk/by-path/a:1-part4:9 "
        "--remove=vg/lv,md127",
        "ignoredisk --only-use=sd*|vd*,nvme0n1",
    )

    assert found.clear is Clear.LIST
    assert found.clear_partitions == ("vda2", "disk/by-id/x-part1", "vdb")
    assert found.table is PartitionTable.MSDOS
    assert found.shrink == (
        ShrinkRequest(existing="vda3", size=2 * GiB, line=1),
        ShrinkRequest(existing="disk/by-path/a:1-part4", size=9 * MiB, line=1),
    )
    assert found.remove == ("vg/lv", "md127")
    assert found.only_use == ("sd*", "vd*", "nvme0n1")


def test_the_boot_loader() -> None:
    draft = draft_from_text("bootloader --driveorder=vdb,vda --timeout=0 --leavebootorder --location=boot\n", "x.ks")

    assert (draft.boot_disk, draft.boot_timeout, draft.leave_boot_order) == ("vdb", 0, True)
    assert draft_from_text("bootloader --driveorder=vdb --boot-drive=vda\n", "x.ks").boot_disk == "vda"
    assert draft_from_text("bootloader\n", "x.ks").boot_timeout is Draft().boot_timeout is None


def test_what_the_firmware_needs() -> None:
    found = read("reqpart --add-boot")

    assert (found.required, found.required_boot) == (True, True)


# --- refusals ------------------------------------------------------------------------------------------------

PV = "part pv.1 --size=9"
HALF = "logvol none --fstype=xfs --vgname=vg --percent=50"
RAIDS = "part raid.1 --size=9\npart raid.2 --size=9"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        # partitions
        ("part /", "line 1: the partition / has no size."),
        ("part / --size=-5", "line 1: a size can't be negative."),
        ("part / --size=x", "line 1: part: argument --size: invalid int value: 'x'."),
        ("part / --size=9 --maxsize=5 --grow", "line 1: the partition / has a --maxsize below its --size."),
        ("part / --size=1 --fstype=ntfs", "line 1: the partition / can't be made as ntfs."),
        ("part swap --size=1 --fstype=xfs", "line 1: the partition swap can't be made as xfs."),
        ("part swap --size=1 --recommended", "line 1: the partition swap has two sizes."),
        ("part swap --hibernation --recommended", "line 1: the partition swap has two sizes."),
        ("part / --recommended", "line 1: only swap space has a recommended size."),
        ("part none --size=1", "line 1: the partition of line 1 holds nothing."),
        ("part prepboot --size=1", "line 1: a partition can't be made for prepboot."),
        ("part pv. --size=1", "line 1: a partition can't be made for pv."),
        ("part /a/../b --size=1", "line 1: a partition can't be made for /a/../b."),
        ("part / --grow --ondisk=sd*", "line 1: sd* names no single disk."),
        ("part / --size=1 --noformat", "line 1: a new partition holds nothing to keep."),
        ("part / --onpart=vda1 --ondisk=vda", "line 1: the partition / is there already."),
        ("part / --onpart=vda1 --size=9", "line 1: the partition / is there already and has its size."),
        ("part / --onpart=vda1 --noformat --label=l", "line 1: --label says nothing with --noformat."),
        ("part / --size=1 --resize", "line 1: part: --resize can only be used in conjunction with --onpart."),
        ("part / --size=1 --fstype=xfs --fsprofile=x", "line 1: xfs has no usage types."),
        (f"{PV} --label=l\nvolgroup vg pv.1", "line 1: the partition pv.1 holds no file system for --label."),
        (f"{PV} --fsoptions=ro\nvolgroup vg pv.1", "line 1: the partition pv.1 is not mounted."),
        ("part / --size=1 --onbiosdisk=80", "line 1: the option part --onbiosdisk is not supported: "),
        ("part zram --size=9", "line 1: --size says nothing of swap space in memory."),
        ("part zram\npart zram", "line 2: swap space in memory is asked for twice."),
        ("part / --size=9 --zram-size=ram", "line 1: --zram-size says nothing without `part zram`."),
        ("autopart --zram-size=ram", "line 1: --zram-size says nothing without --zram."),
        # encryption
        ("part / --size=1 --passphrase=p", "line 1: --passphrase says nothing without --encrypted."),
        ("part / --size=1 --tpm2", "line 1: --tpm2 says nothing without --encrypted."),
        ("autopart --encrypted --tpm2-pcrs=7", "line 1: --tpm2-pcrs says nothing without --tpm2."),
        ("autopart --encrypted --tpm2 --tpm2-pcrs=24", "line 1: --tpm2-pcrs has to list registers of the TPM once"),
        ("autopart --encrypted --tpm2 --tpm2-pcrs=7,7", "line 1: --tpm2-pcrs has to list registers of the TPM once"),
        ("part / --size=1 --encrypted --luks-version=luks3", "line 1: --luks-version=luks3 is not supported."),
        ("part / --size=1 --encrypted --pbkdf=scrypt", "line 1: --pbkdf=scrypt is not supported."),
        ("autopart --encrypted --luks-version=luks1 --pbkdf=argon2id", "line 1: LUKS1 can't use argon2id."),
        ("autopart --encrypted --pbkdf=pbkdf2 --pbkdf-memory=9", "line 1: PBKDF2 uses no memory."),
        ("autopart --encrypted --pbkdf-time=0", "line 1: --pbkdf-time has to be a number above 0."),
        ("autopart --encrypted --pbkdf-time=1 --pbkdf-iterations=1", "line 1: autopart: Only one of --pbkdf-time and"),
        ("autopart --encrypted --backuppassphrase", "line 1: a backup passphrase is encrypted for somebody."),
        ("autopart --encrypted --passphrase=", "line 1: this kickstart was saved without its passwords, and the pass"),
        ("part /boot/efi --size=9 --encrypted", "line 1: the partition /boot/efi is read by the firmware."),
        # arrays
        (f"{RAIDS}\nraid / --device=r --level=5 raid.1 raid.2", "line 3: raid5 needs at least 3 members besides its"),
        (f"{RAIDS}\nraid / --device=r --level=1 --spares=1 raid.1 raid.2", "line 3: raid1 needs at least 2 members"),
        (f"{RAIDS}\nraid / --device=r --level=1 --chunksize=4 raid.1 raid.2", "line 3: RAID 1 has no chunks."),
        (f"{RAIDS}\nraid / --device=r --level=0 --chunksize=0 raid.1 raid.2", "line 3: --chunksize has to be a num"),
        (f"{RAIDS}\nraid / --device=r --level=1 --metadata=3 raid.1 raid.2", "line 3: there is no metadata format '3'"),
        (f"{RAIDS}\nraid / --device=r --level=9 raid.1 raid.2", "line 3: raid: Invalid raid level: 9."),
        (f"{RAIDS}\nraid / --device=r --level=1 raid.1 raid.3", "line 3: no line makes raid.3 for the array r."),
        (f"{RAIDS}\nraid / --device=r --level=1 raid.1 raid.1", "line 3: raid.1 is already a member of the array r."),
        ("raid / --device=r --useexisting --spares=1", "line 1: --spares can't be changed in an array that is there."),
        # volume groups
        ("volgroup vg pv.1", "line 1: no line makes pv.1 for the volume group vg."),
        (f"{RAIDS}\nvolgroup vg raid.1", "line 3: no line makes raid.1 for the volume group vg."),
        (f"{PV}\nvolgroup vg pv.1 pv.1", "line 2: pv.1 is already a member of the volume group vg."),
        (f"{PV}\nvolgroup vg pv.1\nvolgroup two pv.1", "line 3: pv.1 is already a member of the volume group vg."),
        (f"{PV}\nvolgroup vg pv.1\nvolgroup vg pv.1", "line 3: volgroup: A volgroup with the name vg has already"),
        (f"{PV}\nvolgroup vg pv.1 --pesize=3000", "line 2: --pesize has to be a power of two in KiB."),
        (f"{PV}\nvolgroup vg pv.1 --reserved-space=1 --reserved-percent=1", "line 2: the group keeps two different"),
        ("volgroup vg --useexisting --pesize=4096", "line 1: a group that is there keeps its extents"),
        # logical volumes
        ("logvol / --vgname=vg --name=root --size=1", "line 1: no volgroup line makes the group vg."),
        ("logvol / --vgname=vg --name=root", "line 1: logvol: No size given for logical volume."),
        (
            f"{PV}\nvolgroup vg pv.1\nlogvol / --vgname=vg --name=a --size=1 --percent=5",
            "line 3: logvol: --size and --percent cannot both be specified for the same logvol.",
        ),
        (
            f"{PV}\nvolgroup vg pv.1\nlogvol / --vgname=vg --name=a --size=1 --thin --poolname=p",
            "line 3: no logvol line makes the thin pool p.",
        ),
        (
            f"{PV}\nvolgroup vg pv.1\n{HALF} --name=a\n{HALF} --name=b --grow\n{HALF} --name=c",
            "line 2: more than 100 % of the group vg are wanted.",
        ),
        ("logvol / --vgname=vg --name=p --thinpool --size=1", "line 1: the thin pool vg/p holds no file system for /."),
        (
            "logvol none --vgname=vg --name=p --thinpool --size=1 --fstype=xfs",
            "line 1: the thin pool vg/p holds no file",
        ),
        (
            "logvol / --vgname=vg --name=a --size=1 --poolname=p",
            "line 1: the logical volume / names a pool, but is not",
        ),
        (
            "logvol / --vgname=vg --name=a --useexisting --percent=5",
            "line 1: a logical volume that is there has its si",
        ),
        (
            "logvol / --vgname=vg --name=a --size=1 --profile=x",
            "line 1: the option logvol --profile is not supported: ",
        ),
        (
            "logvol / --vgname=vg --name=a --size=1 --cachesize=1",
            "line 1: the option logvol --cachesize is not support",
        ),
        # btrfs
        ("btrfs /", "line 1: btrfs: btrfs must be given a list of partitions."),
        ("btrfs / btrfs.1", "line 1: no line makes btrfs.1 for the btrfs volume btrfs.1."),
        ("btrfs / --subvol --name=a old", "line 1: no btrfs line makes the volume old."),
        ("btrfs / --subvol --name=../a LABEL=x", "line 1: there can be no subvolume '../a'."),
        ("btrfs / --subvol --name=a LABEL=x LABEL=y", "line 1: the subvolume a is in one volume."),
        ("btrfs / --subvol --name=a --data=1 LABEL=x", "line 1: --data is for whole volumes."),
        ("btrfs / --useexisting --label=a LABEL=x", "line 1: --label changes nothing in a volume that is there."),
        ("btrfs / --useexisting LABEL=x LABEL=y", "line 1: a btrfs volume that is there has one name."),
        ("btrfs x --subvol --name=a LABEL=x", "line 1: btrfs can't be mounted at x."),
        (
            "btrfs /a --subvol --name=a LABEL=x\nbtrfs /b --subvol --name=a LABEL=x",
            "line 2: line 1 has already used the subvolume LABEL=x/a.",
        ),
        # mount points
        ("mount vda1 /a\nmount vda2 /a/", "line 2: line 1 has already used the mount point /a."),
        ("mount vda1 /a\nmount /dev/vda1 /b", "line 2: line 1 has already used the existing device vda1."),
        ("mount vda1 swap", "line 1: mount: Invalid mount point 'swap' given."),
        ("mount vda1 /a --reformat=ntfs", "line 1: vda1 can't be made as ntfs."),
        ("mount vda1 /a --mkfsoptions=x", "line 1: mount: '--mkfsoptions' requires --reformat."),
        # more than one line
        ("part /a --size=1\npart /a/ --size=2", "line 2: line 1 has already used the mount point /a."),
        (f"{PV}\n{PV}\nvolgroup vg pv.1", "line 2: line 1 has already used the name pv.1."),
        ("part /a --onpart=vda1\npart /b --onpart=vda1", "line 2: line 1 has already used the existing device vda1."),
        ("autopart\nbtrfs / --useexisting LABEL=x", "line 2: the layout is automatic, but something to be made is"),
        ("mount vda1 /\nbtrfs /a --useexisting LABEL=x", "line 1: mount is for existing layouts, but something to be"),
        ("autopart\npart / --size=1", "line 2: part: The part and autopart commands can't be used at the same time."),
        # disks, automatic layouts, boot loader
        ("clearpart --initlabel", "line 1: clearpart has to say exactly one of --all, --linux, --list and --none."),
        ("clearpart --all --linux", "line 1: clearpart has to say exactly one of"),
        ("clearpart --all --disklabel=dasd", "line 1: there are no dasd partition tables here."),
        ("clearpart --none --shrink=vda1", "line 1: vda1 names no partition and its new size."),
        ("clearpart --none --shrink=vda1:0", "line 1: vda1:0 names no partition and its new size."),
        ("clearpart --list=vda*", "line 1: vda* names no single disk."),
        ("autopart --type=stratis", "line 1: autopart --type=stratis is not supported."),
        ("autopart --fstype=ntfs", "line 1: autopart can't make ntfs file systems."),
        ("autopart --home --nohome", "line 1: --home and --nohome contradict each other."),
        ("autopart --type=lvm --nolvm", "line 1: --nolvm and --type=lvm contradict each other."),
        ("autopart --hibernation --noswap", "line 1: autopart: Only one of --noswap and --hibernation can be specif"),
        ("bootloader --location=none", "line 1: bootloader --location=none would leave a system that does not start."),
        ("bootloader --location=partition", "line 1: bootloader --location=partition is not what GRUB does."),
        ("bootloader --timeout=-1", "line 1: the menu can't wait that long."),
        ("bootloader --disabled", "line 1: the option bootloader --disabled is not supported: "),
    ],
)
def test_what_can_not_be_followed_is_refused_by_line(text: str, message: str) -> None:
    with pytest.raises(KickstartError) as caught:
        read(text)

    assert caught.value.message.startswith(f"x.ks, {message}")
    assert len(caught.value.problems) == 1
    assert caught.value.hint


def test_a_refused_line_does_not_make_others_look_wrong() -> None:
    """The group refers to a partition whose line can't be followed: only that one is named."""
    assert [problem.line for problem in problems_of("part pv.1\nvolgroup vg pv.1\n")] == [1]
