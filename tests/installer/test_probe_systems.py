"""Which systems are recognised in a directory, and what their fstab mounts."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ashore_installer.machine import SystemKind
from ashore_installer.storage.probe_systems import FstabEntry, linux_in, linux_system, parse_fstab

FSTAB = """\
# /etc/fstab: made by an installer
UUID=1234-AB / ext4 errors=remount-ro 0 1
LABEL=ESP\t/boot/efi  vfat umask=0077 0 1   # the ESP

/dev/disk/by-id/x-part2 /my\\040files xfs
UUID=aa none swap sw 0 0
tmpfs /tmp tmpfs size=1G 0 0
/dev/vda5 /srv/x none bind 0 0
/home/data /data none rw,bind 0 0
UUID=bb /home btrfs rw,subvol=/@home,subvolid=257 0 0
broken line
"""


def put(root: Path, path: str, text: str) -> None:
    file = root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")


def test_an_fstab_gives_what_mounts_devices() -> None:
    entries = parse_fstab(FSTAB)
    assert [(one.device, one.path) for one in entries] == [
        ("UUID=1234-AB", "/"),
        ("LABEL=ESP", "/boot/efi"),
        ("/dev/disk/by-id/x-part2", "/my files"),
        ("UUID=bb", "/home"),
    ]
    assert (entries[3].type, entries[3].option("subvol"), entries[3].option("subvolid")) == ("btrfs", "/@home", "257")
    assert entries[2].options == ()
    assert entries[0].option("subvol") == ""


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ('PRETTY_NAME="Debian GNU/Linux 13 (trixie)"\nID=debian\n', "Debian GNU/Linux 13 (trixie)"),
        ("NAME=Fedora\nVERSION='44 (Server)'\n", "Fedora 44 (Server)"),
        ("ID=arch\n", "arch"),
        ("\n# nothing\n", "Linux"),
    ],
)
def test_a_system_is_called_what_it_calls_itself(tmp_path: Path, text: str, name: str) -> None:
    put(tmp_path, "usr/lib/os-release", text)
    root = linux_in(tmp_path)
    assert root is not None
    assert (root.name, root.fstab, root.stateroots) == (name, (), ())


def test_links_of_a_system_lead_nowhere_out_of_it(tmp_path: Path) -> None:
    put(tmp_path / "outside", "os-release", "PRETTY_NAME=ours\n")
    put(tmp_path / "root", "usr/lib/os-release", "PRETTY_NAME=theirs\n")
    (tmp_path / "root/etc").mkdir()
    (tmp_path / "root/etc/os-release").symlink_to("/usr/lib/os-release")
    (tmp_path / "root/etc/fstab").symlink_to(f"{tmp_path}/outside/os-release")
    root = linux_in(tmp_path / "root")
    assert root is not None
    assert (root.name, root.fstab) == ("theirs", ())


def test_a_directory_of_data_is_no_system(tmp_path: Path) -> None:
    put(tmp_path, "etc/fstab", FSTAB)
    (tmp_path / "ostree/deploy/empty/var").mkdir(parents=True)
    assert linux_in(tmp_path) is None
    assert linux_in(tmp_path / "missing") is None


def test_an_ostree_system_is_its_newest_deployment(tmp_path: Path) -> None:
    for stateroot, digit, name, age in (("default", "a", "Old 1", 2000), ("other", "b", "New 2", 1000)):
        top = f"ostree/deploy/{stateroot}/deploy/{digit * 64}.0"
        put(tmp_path, f"{top}/usr/lib/os-release", f"PRETTY_NAME='{name}'\n")
        put(tmp_path, f"{top}/etc/fstab", f"UUID={digit} /var/home xfs defaults 0 0\n")
        put(tmp_path, f"{top}.origin", "")
        os.utime(tmp_path / f"{top}.origin", (10_000 - age, 10_000 - age))
    root = linux_in(tmp_path)
    assert root is not None
    assert (root.name, root.stateroots, root.fstab[0].device) == ("New 2", ("default", "other"), "UUID=b")
    system = linux_system(root, "vda3", lambda entry: {"UUID=b": "vg/home"}.get(entry.device, ""))
    assert (system.kind, system.mounts) == (SystemKind.OSTREE, (("/", "vda3"), ("/var/home", "vg/home")))


def test_what_is_not_there_any_more_is_no_mount_and_the_root_is_where_it_was_found(tmp_path: Path) -> None:
    put(tmp_path, "etc/os-release", "NAME=X\n")
    put(tmp_path, "etc/fstab", FSTAB)
    root = linux_in(tmp_path)
    assert root is not None

    def meant(entry: FstabEntry) -> str:
        return {"UUID=1234-AB": "sdz9", "UUID=bb": "vda3:@home"}.get(entry.device, "")

    system = linux_system(root, "vda3:@", meant)
    assert (system.root, system.kind) == ("vda3:@", SystemKind.LINUX)
    assert system.mounts == (("/", "vda3:@"), ("/home", "vda3:@home"))
