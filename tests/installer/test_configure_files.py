"""Files of the new system: fstab, identity, and paths that never leave it."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from ashore_installer.chroot import inside
from ashore_installer.configure.files import read, write
from ashore_installer.configure.fstab import fstab
from ashore_installer.configure.identity import has_locale, set_identity, split_layouts
from ashore_installer.errors import InstallerError
from ashore_installer.plan import SystemPlan
from ashore_installer.storage_plan import Format, MountPlan, PartitionPlan, StoragePlan
from tests.fakes.values import a_storage_plan

UUIDS = {"root": "r-1", "boot": "b-1", "efi": "E-1", "swap": "s-1", "home": "h-1"}


def storage_with(*extra: tuple[str, Format, str, str]) -> StoragePlan:
    plan = a_storage_plan()
    disk = plan.disks[0].id
    partitions = tuple(PartitionPlan(id=name, disk=disk, start=0, size=1, format=kind) for name, kind, _, _ in extra)
    mounts = tuple(MountPlan(device=name, path=path, options=options) for name, _, path, options in extra)
    return replace(plan, partitions=(*plan.partitions, *partitions), mounts=(*plan.mounts, *mounts))


def lines(text: str) -> list[str]:
    return [line for line in text.splitlines() if line and not line.startswith("#")]


def same(path: str) -> str:
    return path


def test_fstab_has_all_but_the_root() -> None:
    storage = storage_with(
        ("efi", Format.EFI, "/boot/efi", "umask=0077,shortname=winnt"),
        ("swap", Format.SWAP, "swap", "defaults"),
        ("home", Format.EXT4, "/home", "defaults,nodev"),
    )
    text = fstab("", storage, UUIDS, lambda path: "/var/home" if path == "/home" else path)
    assert lines(text) == [
        "UUID=b-1 /boot ext4 ro 0 2",
        "UUID=E-1 /boot/efi vfat umask=0077,shortname=winnt,nofail 0 2",
        "UUID=s-1 none swap defaults 0 0",
        "UUID=h-1 /var/home ext4 defaults,nodev 0 2",
    ]


def test_options_of_boot_that_somebody_chose_stay() -> None:
    plan = a_storage_plan()
    storage = replace(plan, mounts=(MountPlan(device="boot", path="/boot", options="noatime"),))
    assert lines(fstab("", storage, UUIDS, same)) == ["UUID=b-1 /boot ext4 noatime 0 2"]


def test_lines_of_the_image_stay_unless_the_plan_has_their_mount_point() -> None:
    existing = "# of the image\nLABEL=data /srv xfs defaults 0 0\nUUID=old /boot ext4 ro 0 0\nUUID=r / xfs ro 0 0\n"
    text = fstab(existing, a_storage_plan(), UUIDS, same)
    assert text.startswith("# of the image\n")
    assert lines(text) == ["LABEL=data /srv xfs defaults 0 0", "UUID=b-1 /boot ext4 ro 0 2"]


def test_writing_fstab_twice_changes_nothing() -> None:
    once = fstab("", a_storage_plan(), UUIDS, same)
    assert fstab(once, a_storage_plan(), UUIDS, same) == once


def test_fstab_without_a_uuid_is_an_error() -> None:
    with pytest.raises(InstallerError, match="/boot has no UUID"):
        fstab("", a_storage_plan(), {"root": "r-1"}, same)


# --- paths ---------------------------------------------------------------------------------------------------


def test_links_stay_inside(tmp_path: Path) -> None:
    root = tmp_path / "root"
    (root / "var/home").mkdir(parents=True)
    (root / "home").symlink_to("/var/home")
    (root / "out").symlink_to("../../../../etc")
    (root / "var/up").symlink_to("../home/alice")
    assert inside(root, "/home/alice") == root / "var/home/alice"
    assert inside(root, "/out/passwd") == root / "etc/passwd"
    assert inside(root, "/var/up/x") == root / "var/home/alice/x"
    assert inside(root, "../../..//./etc") == root / "etc"
    assert inside(root, "/") == root


def test_links_in_a_circle_are_an_error(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    with pytest.raises(InstallerError, match="/a/x lead nowhere"):
        inside(tmp_path, "/a/x")


def test_a_hard_link_is_not_written_through(tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    (tmp_path / "object").write_text("of the repository")
    os.link(tmp_path / "object", tmp_path / "etc/hostname")
    write(tmp_path, "/etc/hostname", "new\n", 0o600)
    assert (tmp_path / "object").read_text() == "of the repository"
    assert (tmp_path / "etc/hostname").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in (tmp_path / "etc").iterdir()] == ["hostname"]


def test_text_that_is_not_utf_8_survives(tmp_path: Path) -> None:
    (tmp_path / "fstab").write_bytes(b"# \xff\n")
    write(tmp_path, "/fstab", read(tmp_path, "/fstab"))
    assert (tmp_path / "fstab").read_bytes() == b"# \xff\n"


# --- identity ------------------------------------------------------------------------------------------------


def a_root(tmp_path: Path, *, debian: bool) -> Path:
    """A tree that has what SYSTEM asks for."""
    for name in ("etc/default", "usr/share/zoneinfo/Europe", "usr/share/keymaps/i386/qwertz", "usr/lib/locale/C.utf8"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "usr/share/zoneinfo/Europe/Berlin").write_text("TZif")
    (tmp_path / "usr/share/keymaps/i386/qwertz/de-latin1.kmap.gz").write_text("")
    (tmp_path / "usr/lib/locale/locale-archive").write_bytes(b"..\0de_DE.utf8\0..")
    (tmp_path / "usr/share/systemd").mkdir()
    (tmp_path / "usr/share/systemd/kbd-model-map").write_text("# map\nsg-latin1 ch pc105 de_nodeadkeys x -\n")
    if debian:
        (tmp_path / "etc/debian_version").write_text("forky/sid\n")
        (tmp_path / "etc/default/locale").symlink_to("../locale.conf")
    return tmp_path


SYSTEM = SystemPlan(
    hostname="pier",
    locale="de_DE.UTF-8",
    keymap="de-latin1",
    x11_layouts=("de (nodeadkeys)", "us"),
    timezone="Europe/Berlin",
)


def test_identity(tmp_path: Path) -> None:
    root, warnings = a_root(tmp_path, debian=False), list[str]()
    set_identity(root, SYSTEM, warnings.append)
    assert warnings == []
    assert read(root, "/etc/hostname") == "pier\n"
    assert read(root, "/etc/locale.conf") == "LANG=de_DE.UTF-8\n"
    assert read(root, "/etc/vconsole.conf") == "KEYMAP=de-latin1\nXKBLAYOUT=de,us\nXKBVARIANT=nodeadkeys,\n"
    assert 'Option "XkbVariant" "nodeadkeys,"' in read(root, "/etc/X11/xorg.conf.d/00-keyboard.conf")
    assert str((root / "etc/localtime").readlink()) == "../usr/share/zoneinfo/Europe/Berlin"
    assert (root / "etc/localtime").read_text() == "TZif"
    assert sorted(path.name for path in (root / "etc/default").iterdir()) == []
    assert not (root / "etc/adjtime").exists()


def test_identity_of_debian(tmp_path: Path) -> None:
    root, warnings = a_root(tmp_path, debian=True), list[str]()
    (root / "etc/timezone").write_text("Etc/UTC\n")
    set_identity(root, SYSTEM, warnings.append)
    assert (root / "etc/default/locale").is_symlink()
    assert read(root, "/etc/default/locale") == "LANG=de_DE.UTF-8\n"
    assert 'XKBLAYOUT="de,us"\nXKBVARIANT="nodeadkeys,"\n' in read(root, "/etc/default/keyboard")
    assert read(root, "/etc/timezone") == "Europe/Berlin\n"


def test_a_console_keymap_becomes_debians_layout(tmp_path: Path) -> None:
    root, warnings = a_root(tmp_path, debian=True), list[str]()
    set_identity(root, SystemPlan(keymap="sg-latin1"), warnings.append)
    assert 'XKBLAYOUT="ch"\nXKBVARIANT="de_nodeadkeys"\n' in read(root, "/etc/default/keyboard")
    set_identity(root, SystemPlan(keymap="de-latin1"), warnings.append)
    assert "de-latin1" in warnings[-1]


def test_what_the_image_lacks_is_warned_of_and_set(tmp_path: Path) -> None:
    root, warnings = a_root(tmp_path, debian=False), list[str]()
    system = SystemPlan(locale="fr_FR.UTF-8", keymap="fr", timezone="Europe/Paris")
    set_identity(root, system, warnings.append)
    assert [word for word in ("fr_FR.UTF-8", "keymap fr", "Europe/Paris") if any(word in one for one in warnings)] == [
        "fr_FR.UTF-8",
        "keymap fr",
        "Europe/Paris",
    ]
    assert read(root, "/etc/locale.conf") == "LANG=fr_FR.UTF-8\n"


def test_empty_text_leaves_what_the_image_has(tmp_path: Path) -> None:
    root = a_root(tmp_path, debian=True)
    before = sorted(path for path in root.rglob("*"))
    set_identity(root, SystemPlan(), lambda _text: pytest.fail("nothing to warn of"))
    assert sorted(path for path in root.rglob("*")) == before


def test_a_clock_in_local_time_and_back(tmp_path: Path) -> None:
    root = a_root(tmp_path, debian=False)
    set_identity(root, SystemPlan(utc=False), lambda _text: None)
    assert read(root, "/etc/adjtime").splitlines()[2] == "LOCAL"
    set_identity(root, SystemPlan(utc=True), lambda _text: None)
    assert read(root, "/etc/adjtime").splitlines()[2] == "UTC"


@pytest.mark.parametrize(
    ("locale", "there"),
    [("C.UTF-8", True), ("de_DE.UTF-8", True), ("de_DE", False), ("fr_FR.UTF-8", False), ("POSIX", True)],
)
def test_locales_of_an_image(tmp_path: Path, locale: str, there: bool) -> None:
    assert has_locale(a_root(tmp_path, debian=False), locale) is there


@pytest.mark.parametrize(
    ("layouts", "split"),
    [
        (("de (nodeadkeys)", "us"), ("de,us", "nodeadkeys,")),
        (("us", "us(intl)"), ("us,us", ",intl")),
        (("de", "us"), ("de,us", "")),
        ((), ("", "")),
    ],
)
def test_layouts(layouts: tuple[str, ...], split: tuple[str, str]) -> None:
    assert split_layouts(layouts) == split
