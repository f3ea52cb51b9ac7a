"""For each option of the storage commands that is supported: a line with it, and the line to compare it with."""

from __future__ import annotations

_ENCRYPTION = {
    "--encrypted": "--encrypted",
    "--passphrase": "--encrypted --passphrase=p",
    "--luks-version": "--encrypted --luks-version=luks1",
    "--cipher": "--encrypted --cipher=aes-xts-plain64",
    "--pbkdf": "--encrypted --pbkdf=argon2i",
    "--pbkdf-memory": "--encrypted --pbkdf-memory=512",
    "--pbkdf-time": "--encrypted --pbkdf-time=9",
    "--pbkdf-iterations": "--encrypted --pbkdf-iterations=9",
    "--escrowcert": "--encrypted --escrowcert=https://x.example/c",
    "--backuppassphrase": "--encrypted --escrowcert=https://x.example/c --backuppassphrase",
    "--tpm2": "--encrypted --tpm2",
    "--tpm2-pcrs": "--encrypted --tpm2 --tpm2-pcrs=7,11",
    "--tpm2-pin": "--encrypted --tpm2 --tpm2-pin=1",
    "--recovery-key": "--encrypted --recovery-key",
}
_NEEDED = {
    "--encrypted": "",
    "--backuppassphrase": "--encrypted --escrowcert=https://x.example/c",
    "--tpm2-pcrs": "--encrypted --tpm2",
    "--tpm2-pin": "--encrypted --tpm2",
}
"""What a line with an option of encryption is compared with; the others with one that is encrypted."""
_FILE_SYSTEM = {
    "--fstype": "--fstype=btrfs",
    "--fsoptions": "--fsoptions=ro",
    "--label": "--label=l",
    "--mkfsoptions": "--mkfsoptions=-x",
    "--fsprofile": "--fsprofile=small",
}


def _on(line: str, *tables: dict[str, str]) -> dict[str, str]:
    return {option: f"{line} {words}" for table in tables for option, words in table.items()}


_PART, _RAID = "/x --size=1", "/x --device=r --level=1 raid.1 raid.2"
_RAID_5, _VOLUME = "/x --device=r --level=5 raid.1 raid.2 raid.3", "/x --vgname=vg --name=x"
_SIZED, _POOL = f"{_VOLUME} --size=1", "none --vgname=vg --name=p --thinpool --size=9"
_SWAP = "swap --vgname=vg --name=s"
_BTRFS, _SUBVOLUME = "/x --label=b btrfs.1 btrfs.2", "/x --subvol --name=s LABEL=old"

WITHOUT = {
    "part": _PART,
    "raid": _RAID,
    "volgroup": "vg pv.1",
    "logvol": _SIZED,
    "btrfs": _BTRFS,
    "mount": "/dev/vda1 /x",
    "clearpart": "--all",
}
"""The line that an option is compared with, unless `BESIDE` has another one."""

EXAMPLES: dict[str, dict[str, str]] = {
    "autopart": {
        **_on("", _ENCRYPTION),
        "--type": "--type=thinp",
        "--nolvm": "--nolvm",
        "--fstype": "--fstype=ext4",
        "--noboot": "--noboot",
        "--home": "--home",
        "--swap": "--swap",
        "--hibernation": "--hibernation",
        "--reinstall": "--reinstall=fedora",
        "--zram": "--zram",
        "--zram-size": "--zram --zram-size=ram",
        "--zram-algorithm": "--zram --zram-algorithm=lz4",
    },
    "part": {
        **_on(_PART, _ENCRYPTION, _FILE_SYSTEM),
        "--size": "/x --size=2",
        "--grow": f"{_PART} --grow",
        "--maxsize": f"{_PART} --maxsize=5",
        "--recommended": "swap --recommended",
        "--hibernation": "swap --hibernation",
        "--ondisk": f"{_PART} --ondisk=vda",
        "--asprimary": f"{_PART} --asprimary",
        "--zram-size": "zram --zram-size=ram",
        "--zram-algorithm": "zram --zram-algorithm=lz4",
        "--onpart": "/x --onpart=vda1",
        "--noformat": "/x --onpart=vda1 --noformat",
        "--resize": "/x --onpart=vda1 --resize --size=9",
    },
    "raid": {
        **_on(_RAID, _ENCRYPTION, _FILE_SYSTEM),
        "--device": "/x --device=other --level=1 raid.1 raid.2",
        "--level": "/x --device=r --level=RAID0 raid.1 raid.2",
        "--spares": "/x --device=r --level=1 --spares=1 raid.1 raid.2 raid.3",
        "--chunksize": f"{_RAID_5} --chunksize=64",
        "--metadata": f"{_RAID} --metadata=1.0",
        "--useexisting": "/x --device=r --useexisting",
        "--noformat": "/x --device=r --noformat",
    },
    "volgroup": {
        "--pesize": "vg pv.1 --pesize=8192",
        "--reserved-space": "vg pv.1 --reserved-space=9",
        "--reserved-percent": "vg pv.1 --reserved-percent=9",
        "--useexisting": "vg --useexisting",
        "--noformat": "vg --noformat",
    },
    "logvol": {
        **_on(_SIZED, _ENCRYPTION, _FILE_SYSTEM),
        "--vgname": "/x --vgname=other --name=x --size=1",
        "--name": "/x --vgname=vg --name=y --size=1",
        "--size": f"{_VOLUME} --size=2",
        "--percent": f"{_VOLUME} --percent=9",
        "--grow": f"{_SIZED} --grow",
        "--maxsize": f"{_SIZED} --maxsize=5",
        "--recommended": f"{_SWAP} --recommended",
        "--hibernation": f"{_SWAP} --hibernation",
        "--useexisting": f"{_VOLUME} --useexisting",
        "--noformat": f"{_VOLUME} --noformat",
        "--resize": f"{_VOLUME} --useexisting --resize --size=9",
        "--thinpool": "none --vgname=vg --name=x --thinpool --size=1",
        "--chunksize": f"{_POOL} --chunksize=128",
        "--metadatasize": f"{_POOL} --metadatasize=8",
        "--thin": f"{_SIZED} --thin --poolname=pool",
        "--poolname": f"{_SIZED} --thin --poolname=second",
    },
    "btrfs": {
        "--label": "/x --label=c btrfs.1 btrfs.2",
        "--data": f"{_BTRFS} --data=0",
        "--metadata": f"{_BTRFS} --metadata=RAID1",
        "--mkfsoptions": f"{_BTRFS} --mkfsoptions=-x",
        "--fsoptions": f"{_BTRFS} --fsoptions=ro",
        "--name": f"{_BTRFS} --name=c",
        "--subvol": _SUBVOLUME,
        "--useexisting": f"{_SUBVOLUME} --useexisting",
        "--noformat": "/x --noformat LABEL=b",
    },
    "mount": {
        "--reformat": "/dev/vda1 /x --reformat=ext4",
        "--mkfsoptions": "/dev/vda1 /x --reformat=ext4 --mkfsoptions=-x",
        "--mountoptions": "/dev/vda1 /x --mountoptions=ro",
    },
    "reqpart": {"--add-boot": "--add-boot"},
    "clearpart": {
        "--all": "--all",
        "--linux": "--linux",
        "--none": "--none --initlabel",
        "--list": "--list=vda1",
        "--drives": "--all --drives=vda",
        "--initlabel": "--all --initlabel",
        "--disklabel": "--all --disklabel=msdos",
        "--shrink": "--all --shrink=vda1:9",
        "--remove": "--all --remove=vg/old",
    },
    "ignoredisk": {"--drives": "--drives=vda", "--only-use": "--only-use=vda"},
    "bootloader": {
        "--append": "--append=quiet",
        "--location": "--location=boot",
        "--boot-drive": "--boot-drive=vda",
        "--driveorder": "--driveorder=vdb,vda",
        "--leavebootorder": "--leavebootorder",
        "--timeout": "--timeout=0",
    },
}

BESIDE = {
    **{
        (command, option): f"{WITHOUT.get(command, '')} {_NEEDED.get(option, '--encrypted')}".strip()
        for command in ("autopart", "part", "raid", "logvol")
        for option in _ENCRYPTION
    },
    ("autopart", "--zram-size"): "--zram",
    ("autopart", "--zram-algorithm"): "--zram",
    ("part", "--zram-size"): "zram",
    ("part", "--zram-algorithm"): "zram",
    ("part", "--recommended"): "swap --size=1",
    ("part", "--hibernation"): "swap --size=1",
    ("part", "--noformat"): "/x --onpart=vda1",
    ("part", "--resize"): "/x --onpart=vda1",
    ("raid", "--spares"): "/x --device=r --level=1 raid.1 raid.2 raid.3",
    ("raid", "--chunksize"): _RAID_5,
    ("raid", "--noformat"): "/x --device=r --useexisting",
    ("logvol", "--recommended"): f"{_SWAP} --size=1",
    ("logvol", "--hibernation"): f"{_SWAP} --size=1",
    ("logvol", "--noformat"): f"{_VOLUME} --useexisting",
    ("logvol", "--resize"): f"{_VOLUME} --useexisting",
    ("logvol", "--chunksize"): _POOL,
    ("logvol", "--metadatasize"): _POOL,
    ("logvol", "--poolname"): f"{_SIZED} --thin --poolname=pool",
    ("btrfs", "--useexisting"): _SUBVOLUME,
    ("mount", "--mkfsoptions"): "/dev/vda1 /x --reformat=ext4",
    ("clearpart", "--all"): "--none",
}
"""Lines to compare with where an option needs another one."""

OTHER_LINES = {
    "raid": "".join(f"part raid.{number} --size=9\n" for number in (1, 2, 3)),
    "volgroup": "part pv.1 --size=9\n",
    "logvol": (
        "part pv.1 --size=9\npart pv.2 --size=9\nvolgroup vg pv.1\nvolgroup other pv.2\n"
        "logvol none --vgname=vg --name=pool --thinpool --size=9\n"
        "logvol none --vgname=vg --name=second --thinpool --size=9\n"
    ),
    "btrfs": "part btrfs.1 --size=9\npart btrfs.2 --size=9\n",
}
"""What the lines of a command refer to."""

DEFAULTS = {("autopart", "--nolvm"), ("bootloader", "--location")}
"""Options that say what is the case without them."""
