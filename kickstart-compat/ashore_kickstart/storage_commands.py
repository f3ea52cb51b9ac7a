"""The storage part of the support table, and the options that Ashore adds to those commands. Data only."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum

from ashore_kickstart.support import family, refused, supported


class Takes(Enum):
    """What follows an option that Ashore adds to the language."""

    NOTHING = "a switch"
    VALUE = "a value"
    PERHAPS = "a value or nothing"


_ENCRYPTION_ADDITIONS = {
    "--tpm2": Takes.NOTHING,
    "--tpm2-pcrs": Takes.VALUE,
    "--tpm2-pin": Takes.VALUE,
    "--recovery-key": Takes.NOTHING,
}
_ZRAM_ADDITIONS = {"--zram-size": Takes.VALUE, "--zram-algorithm": Takes.VALUE}
ADDITIONS: Mapping[str, Mapping[str, Takes]] = {
    "autopart": {
        **_ENCRYPTION_ADDITIONS,
        "--home": Takes.NOTHING,
        "--swap": Takes.NOTHING,
        "--reinstall": Takes.PERHAPS,
        "--zram": Takes.NOTHING,
        **_ZRAM_ADDITIONS,
    },
    "part": {**_ENCRYPTION_ADDITIONS, **_ZRAM_ADDITIONS},
    "partition": {**_ENCRYPTION_ADDITIONS, **_ZRAM_ADDITIONS},
    "logvol": _ENCRYPTION_ADDITIONS,
    "raid": {**_ENCRYPTION_ADDITIONS, "--metadata": Takes.VALUE},
    "btrfs": {"--fsoptions": Takes.VALUE},
    "clearpart": {"--shrink": Takes.VALUE, "--remove": Takes.VALUE},
}
"""Options that other installers don't know."""

_ADDITION = "an addition of Ashore"
_ENCRYPTED = (
    "--encrypted --cipher --luks-version --pbkdf --pbkdf-memory --pbkdf-time --pbkdf-iterations --escrowcert "
    "--backuppassphrase"
)
_ENCRYPTED_NOTES = {
    "--passphrase": "an encrypted device without one has the first passphrase of the file",
    "--tpm2": f"{_ADDITION}: the machine's TPM unlocks it too, once the installed system has started",
    "--tpm2-pcrs": f"{_ADDITION}: the registers of the TPM that it is bound to, as 7,11; 7 without it",
    "--tpm2-pin": f"{_ADDITION}: the TPM asks for this PIN",
    "--recovery-key": f"{_ADDITION}: one more key is made, and shown once",
}
_ZRAM_NOTES = {
    "--zram-size": f"{_ADDITION}: as `min(ram / 2, 4096)`, in zram-generator.conf's words",
    "--zram-algorithm": f"{_ADDITION}: as zstd, in zram-generator.conf's words",
}
_OPAL = {"self-encrypting drives (OPAL) are not set up": "--hw-passphrase"}
_DISKS = "disks by name, as vda, sd*, sd*|vd* or disk/by-id/NAME"
_FORMATS = "--fstype xfs, ext4, ext3, ext2, btrfs, vfat, swap or efi"
_FILE_SYSTEM = "--fstype --fsoptions --label --mkfsoptions --fsprofile"
_SIZES = "--size --grow --maxsize --recommended --hibernation"
_CACHE = "caches on faster disks are not set up"

STORAGE = (
    supported(
        "autopart",
        "plain partitions without --type, as `bootc install to-disk` makes them: an ESP or a BIOS boot partition, "
        "/boot and / on one disk; lvm, thinp and btrfs span the disks of ignoredisk --only-use",
        options=f"--type --nolvm --fstype --noboot --hibernation {_ENCRYPTED}",
        notes={
            **_ENCRYPTED_NOTES,
            "--type": "plain, lvm, thinp or btrfs (with subvolumes)",
            "--fstype": "of the root: xfs, ext4, ext3 or ext2; the image's own without it",
            "--home": f"{_ADDITION}: a /home of its own",
            "--swap": f"{_ADDITION}: swap space on the disk, by the machine's memory",
            "--zram": f"{_ADDITION}: compressed swap space in memory",
            **_ZRAM_NOTES,
            "--reinstall": f"{_ADDITION}: in the place of the system NAME, or of the only one; its /home is kept",
        },
        no_effect={
            "the automatic layout has no /home unless --home asks for one": "--nohome",
            "the automatic layout has no swap unless --swap asks for it": "--noswap",
        },
        refused=_OPAL,
    ),
    *family(
        "part partition",
        supported(
            "",
            f"mount points, none, swap, biosboot, pv.NAME, raid.NAME, btrfs.NAME; {_FORMATS}; sizes in MiB; and, an "
            "addition of Ashore, `part zram` for compressed swap space in memory",
            options=f"{_FILE_SYSTEM} {_SIZES} --ondisk --asprimary --noformat --resize {_ENCRYPTED}",
            notes={
                **_ENCRYPTED_NOTES,
                **_ZRAM_NOTES,
                "--onpart": "as vda2, disk/by-id/NAME-part2, UUID=… or LABEL=…; with --noformat and --encrypted the "
                "passphrase opens what is there",
            },
            refused={"the order of the BIOS is not known to Linux; name the disk with --ondisk": "--onbiosdisk"}
            | _OPAL,
        ),
    ),
    supported(
        "raid",
        f"mount points, none, swap, pv.NAME, btrfs.NAME; members are raid.NAME; {_FORMATS}",
        options=f"{_FILE_SYSTEM} --device --level --spares --chunksize --noformat --useexisting {_ENCRYPTED}",
        notes={
            **_ENCRYPTED_NOTES,
            "--level": "0, 1, 4, 5, 6 or 10",
            "--metadata": f"{_ADDITION}: the format of the superblock; 1.0 where firmware or a boot loader reads it, "
            "else 1.2",
        },
    ),
    supported(
        "volgroup",
        "members are pv.NAME",
        options="--noformat --useexisting --reserved-space --reserved-percent --pesize",
    ),
    supported(
        "logvol",
        f"mount points, none, swap, btrfs.NAME; {_FORMATS}; sizes in MiB",
        options=f"{_FILE_SYSTEM} {_SIZES} --name --vgname --percent --noformat --useexisting --resize --thinpool "
        f"--thin --poolname --chunksize --metadatasize {_ENCRYPTED}",
        notes=_ENCRYPTED_NOTES,
        refused={
            _CACHE: "--cachesize --cachemode --cachepvs",
            "say what the profile would with --chunksize and --metadatasize": "--profile",
        },
    ),
    supported(
        "btrfs",
        "members are btrfs.NAME; a volume that is there is LABEL=… or UUID=…",
        options="--noformat --useexisting --label --data --metadata --subvol --name --mkfsoptions",
        notes={"--fsoptions": f"{_ADDITION}: else those of `part btrfs.NAME`, and of the volume for its subvolumes"},
        refused={"name the volume as the last word": "--parent"},
    ),
    supported("reqpart", "what the firmware boots from", options="--add-boot"),
    supported(
        "mount",
        "devices as vda2, /dev/mapper/NAME, UUID=… or LABEL=…; the mount point of swap is none",
        options="--reformat --mkfsoptions --mountoptions",
    ),
    supported(
        "clearpart",
        f"{_DISKS}; it allows: only disks that are named, or that something is put on, are changed",
        options="--all --linux --none --drives --initlabel",
        notes={
            "--list": "partitions, as vda2 or disk/by-id/NAME-part2, and whole disks",
            "--disklabel": "gpt or msdos; gpt without it",
            "--shrink": f"{_ADDITION}: partitions that give up room, as vda2:20480, with their new sizes in MiB",
            "--remove": f"{_ADDITION}: what goes while its partitions stay, as VG, VG/LV, md127 or vda3:SUBVOLUME",
        },
        no_effect={"there are no such disks on this architecture": "--cdl"},
    ),
    supported("zerombr", "disks without a known partition table may be used"),
    supported("ignoredisk", _DISKS, options="--drives --only-use"),
    supported(
        "bootloader",
        "the image's own boot loader",
        options="--append --boot-drive --leavebootorder --timeout",
        notes={
            "--location": "mbr or boot; GRUB is not put into a partition, and without a boot loader nothing starts",
            "--driveorder": "the first one gets the boot loader, unless --boot-drive names another one",
        },
        refused={
            "boot loader passwords are not supported yet": "--password --iscrypted --md5pass",
            "the image's own boot loader is installed": "--extlinux --sdboot --default",
            "a system without a boot loader does not start": "--disabled --nombr",
        },
    ),
    *refused("Stratis is not in the initramfs of images", "stratisfs stratispool"),
    *refused("use a thin pool, and make snapshots in a %post script", "snapshot"),
    *refused("network storage is not supported yet", "fcoe iscsi iscsiname zfcp"),
    *refused("only PC firmware is supported yet", "zipl"),
)
"""Storage commands with all their options."""
