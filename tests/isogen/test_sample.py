"""The sample image: its recipe, its build from a tiny tree, and the check of what it promises."""

from __future__ import annotations

import io
import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO

import pytest
import zstandard

from ashore_installer.errors import BadInput, ExitStatus, InstallerError
from ashore_isogen import oci
from ashore_isogen.backend_debian import Archive
from ashore_isogen.oci import Compression, Entry, ImageSpec, Layer
from ashore_isogen.report import Quiet, Report
from ashore_isogen.sample.__main__ import main
from ashore_isogen.sample.base import base_entries, mmdebstrap
from ashore_isogen.sample.build import base_digest, ensure_sample, image_digest
from ashore_isogen.sample.check import broken_promises
from ashore_isogen.sample.merged import merge
from ashore_isogen.sample.recipe import DIRECTORY, Recipe, checked_in, load, packages
from tests.fakes.cpio import cpio

RECIPE = load()
KERNEL = "usr/lib/modules/7.0"
CAPABILITY = (("security.capability", b"\x01\x00\x00\x02"),)
DISKS, VOLUMES = ("ahci", "nvme", "virtio_blk", "virtio_pci"), ("dm-crypt", "dm-mod", "dm-thin-pool", "raid1")
OPENERS = (
    *("systemd/systemd-cryptsetup", "systemd/system-generators/systemd-cryptsetup-generator", "lvm", "mdadm"),
    *("thin_check", "libtss2-esys.so.0", "libtss2-mu.so.0", "libtss2-tcti-device.so.0"),
)
MODULES = (*DISKS, *VOLUMES, "btrfs", "erofs", "ext4", "overlay", "vfat", "xfs")
MAKERS = ["mkfs.xfs", "mkfs.ext4", "mkfs.btrfs", "mkfs.fat", "lvm", "mdadm", "systemd-cryptenroll"]
PROGRAMS = [*MAKERS, "useradd", "sshd", "ostree", "loadkeys"]
UNITS = ("systemd-networkd", "ssh", "ostree-remount", "systemd-resolved")
LINKS = {
    "home": "var/home", "root": "var/roothome", "opt": "var/opt", "srv": "var/srv", "mnt": "var/mnt",
    "ostree": "sysroot/ostree", "usr/local": "../var/usrlocal",
}  # fmt: skip


def _initramfs(text: bytes, modules: tuple[str, ...] = MODULES, openers: tuple[str, ...] = OPENERS) -> bytes:
    names = [f"usr/lib/modules/7.0/kernel/{name}.ko.xz" for name in modules] + [f"usr/lib/{name}" for name in openers]
    files = dict.fromkeys(("usr/lib/ostree/ostree-prepare-root", *names), b"")
    content = cpio(files | {"usr/lib/ostree/prepare-root.conf": text})
    return cpio({"early_cpio": b"1"}) + zstandard.ZstdCompressor().compress(content)


def _good_tree() -> dict[str, Entry]:
    """The smallest base tree with which every promise is kept."""
    rootfs = DIRECTORY / "rootfs"
    prepare_root = (rootfs / "usr/lib/ostree/prepare-root.conf").read_bytes()
    entries = [
        *(oci.directory(name) for name in ("boot", "dev", "proc", "run", "sys", "sysroot", "tmp", "var")),
        *(oci.symlink(name, target) for name, target in LINKS.items()),
        *checked_in(rootfs, 0),
        oci.regular(f"{KERNEL}/vmlinuz", b"MZ"),
        oci.regular(f"{KERNEL}/initramfs.img", _initramfs(prepare_root)),
        oci.regular(f"{KERNEL}/modules.builtin", b"kernel/fs/ext4/ext4.ko\nkernel/x/tpm_tis.ko\n"),
        *(oci.regular(f"{KERNEL}/kernel/{name}.ko.xz") for name in MODULES if name != "ext4"),
        oci.regular("etc/machine-id"),
        oci.regular("etc/shadow", b"root:*:20000:0:99999:7:::\n"),
        oci.regular("etc/motd", b"Debian"),
        oci.regular("etc/update-motd.d/10-uname", b"#!/bin/sh", mode=0o755),
        *(oci.regular(f"usr/sbin/{name}") for name in PROGRAMS),
        oci.regular("usr/bin/sudo", mode=0o4755),
        oci.regular("usr/bin/ping", xattrs=CAPABILITY),
        *(oci.symlink(f"etc/systemd/system/x.wants/{name}.service", "x") for name in UNITS),
        oci.regular("usr/lib/sysimage/dpkg/status", b"Package: x"),
        oci.directory("usr/lib/locale/de_DE.utf8"),
        oci.regular("usr/share/zoneinfo/Europe/Berlin"),
    ]
    return {entry.path.decode(): entry for entry in entries}


@dataclass
class FakeDebian:
    """Makes the given tree in no time; counts how often it was asked. `recipe` and so on come with each call."""

    tree: dict[str, Entry]
    fails: bool = False
    made: list[Path] = field(default_factory=list)

    def __call__(self, recipe: Recipe, work: Path, debs: Path, report: Report) -> FakeDebian:
        assert (recipe.packages, debs.name, list(work.iterdir())) == (RECIPE.packages, "sample-debs", [])
        report.note("making a tree")
        self.made.append(work)
        return self

    @contextmanager
    def stream(self) -> Iterator[IO[bytes]]:
        if self.fails:
            raise InstallerError("no network")
        yield io.BytesIO(oci.tar_bytes(self.tree.values()))

    def packages(self) -> str:
        return "x\t1\tall\n"


def _built(cache: Path, tree: dict[str, Entry]) -> Path:
    return ensure_sample(cache, make_tree=FakeDebian(tree))


# --- the recipe -------------------------------------------------------------------------------------------------------


def test_the_recipe_says_what_the_issue_wants() -> None:
    assert RECIPE.labels["containers.bootc"] == "1"
    assert [version.tag for version in RECIPE.versions] == ["1", "2"]
    assert len(RECIPE.packages) == len(set(RECIPE.packages))
    assert {"linux-image-cloud-amd64", "dracut-core", "ostree-boot", "openssh-server"} <= set(RECIPE.packages)


def test_the_versions_differ_in_their_last_layer_only() -> None:
    one, two = RECIPE.versions
    assert one.layers[:-1] == two.layers[:-1]
    assert one.layers[-1] != two.layers[-1]
    assert one.created < two.created


def test_a_list_of_packages_has_comments() -> None:
    assert packages("# head\n\na   # why\nb\n") == ("a", "b")


def test_what_is_checked_in_does_not_depend_on_the_checkout(tmp_path: Path) -> None:
    for name, umask in (("one", 0o022), ("two", 0o077)):
        folder = tmp_path / name / "etc"
        folder.mkdir(parents=True)
        (folder / "file").write_text("x")
        (folder / "script").write_text("x")
        (folder / "link").symlink_to("file")
        (folder / "file").chmod(0o666 & ~umask)
        (folder / "script").chmod(0o777 & ~umask)
        folder.chmod(0o777 & ~umask)
    one, two = (oci.tar_bytes(checked_in(tmp_path / name, 7)) for name in ("one", "two"))
    assert one == two
    modes = {entry.path: entry.mode for entry in oci.tar_entries(io.BytesIO(one))}
    assert modes == {b"etc": 0o755, b"etc/file": 0o644, b"etc/link": 0o777, b"etc/script": 0o755}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, "can't be read"),
        ("suite =", "is not TOML"),
        ('suite = "forky"', "lacks 'architecture'"),
        (
            'suite="x"\narchitecture="x"\n[labels]\n[[version]]\ntag="1"\nlayers=[]\ncreated=2026-01-01',
            "no time with a zone",
        ),
    ],
)
def test_a_wrong_recipe_is_refused(tmp_path: Path, text: str | None, message: str) -> None:
    if text is not None:
        (tmp_path / "image.toml").write_text(text)
    with pytest.raises(BadInput, match=message):
        load(tmp_path)


@pytest.mark.needs("sh")
def test_the_finishing_script_is_a_shell_script() -> None:
    subprocess.run(["sh", "-n", RECIPE.finish], check=True)


# --- the base tree ----------------------------------------------------------------------------------------------------


def test_mmdebstrap_finishes_the_tree_after_the_downloads_are_saved(tmp_path: Path) -> None:
    work = tmp_path / "a place"
    argv = mmdebstrap(RECIPE, Archive(uri="http://archive.example/debian", suite="forky"), work, tmp_path / "debs")
    hooks = [word.removeprefix("--customize-hook=").split()[0] for word in argv if word.startswith("--customize-hook=")]
    assert hooks == ["rm", "sync-out", "download", "tar-in", "upload", "chroot"]
    assert argv[-3:-1] == ["forky", "-"]
    assert f"--customize-hook=tar-in '{work}/rootfs.tar' /" in argv


def test_a_base_has_nothing_of_the_machine_that_built_it() -> None:
    label = (("security.selinux", b"unconfined_u:object_r:user_tmp_t:s0"),)
    tree = [
        oci.directory("dev"), oci.character_device("dev/null", 1, 3), oci.regular("run/lock/x"),
        oci.directory("device"),
        oci.regular("usr/bin/ping", b"x", xattrs=(*CAPABILITY, *label)),
    ]  # fmt: skip
    found = {entry.path: entry.xattrs for entry in base_entries(io.BytesIO(oci.tar_bytes(tree)))}
    assert found == {b"dev": (), b"device": (), b"usr/bin/ping": CAPABILITY}


# --- the build --------------------------------------------------------------------------------------------------------


def test_the_sample_is_built_once(tmp_path: Path) -> None:
    debian = FakeDebian(_good_tree())
    first = ensure_sample(tmp_path, make_tree=debian)
    assert first == ensure_sample(tmp_path, make_tree=debian) == tmp_path / "sample" / image_digest(RECIPE) / "oci"
    assert len(debian.made) == 1
    entry = tmp_path / "sample-base" / base_digest(RECIPE)
    assert sorted(path.name for path in entry.iterdir()) == ["blobs", "layer.json", "packages.tsv"]
    assert not list((tmp_path / "unfinished").iterdir())


def test_a_failed_build_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(InstallerError, match="no network"):
        ensure_sample(tmp_path, make_tree=FakeDebian({}, fails=True))
    assert not [path for name in ("sample", "sample-base", "unfinished") for path in (tmp_path / name).glob("*")]
    assert _built(tmp_path, _good_tree()).is_dir()


def test_the_same_tree_gives_the_same_layout(tmp_path: Path) -> None:
    one, two = (_built(tmp_path / name, _good_tree()) for name in ("one", "two"))
    files = [
        {path.relative_to(root): path.read_bytes() for path in root.rglob("*") if path.is_file()} for root in (one, two)
    ]
    assert files[0] == files[1]


def test_the_versions_share_all_layers_but_one(tmp_path: Path) -> None:
    layout = _built(tmp_path, _good_tree())
    one, two = (merge(layout, tag) for tag in ("1", "2"))
    assert len(one.layers) == len(two.layers) == 3
    assert [mine == theirs for mine, theirs in zip(one.layers, two.layers, strict=True)] == [True, True, False]
    assert one.text("usr/lib/ashore-sample/version") == "1\n"
    assert two.text("usr/lib/ashore-sample/version") == "2\n"


def test_the_images_have_their_labels(tmp_path: Path) -> None:
    config = merge(_built(tmp_path, _good_tree()), "2").config
    assert config["created"] == config["config"]["Labels"]["org.opencontainers.image.created"] == "2026-11-02T00:00:00Z"
    assert config["config"]["Labels"]["org.opencontainers.image.version"] == "2"
    assert [step["created_by"] for step in config["history"]] == [
        "Debian packages",
        "layers/sample",
        "layers/version-2",
    ]


def _copy_of_recipe(target: Path) -> Path:
    for entry in DIRECTORY.rglob("*"):
        place = target / entry.relative_to(DIRECTORY)
        place.parent.mkdir(parents=True, exist_ok=True)
        if entry.is_file():
            place.write_bytes(entry.read_bytes())
            place.chmod(entry.stat().st_mode)
    return target


def test_a_change_of_a_derived_layer_does_not_rebuild_the_base(tmp_path: Path) -> None:
    directory = _copy_of_recipe(tmp_path / "image")
    debian = FakeDebian(_good_tree())
    first = ensure_sample(tmp_path / "cache", directory=directory, make_tree=debian)
    (directory / "layers/version-2/etc/.wh.motd").touch()
    assert ensure_sample(tmp_path / "cache", directory=directory, make_tree=debian) != first
    assert len(debian.made) == 1


@pytest.mark.parametrize("changed", ["packages.txt", "finish.sh", "rootfs/etc/locale.gen", "rootfs/etc/.hidden"])
def test_a_change_of_what_the_base_is_made_of_makes_another_base(tmp_path: Path, changed: str) -> None:
    directory = _copy_of_recipe(tmp_path / "image")
    recipe = load(directory)
    before = base_digest(recipe), image_digest(recipe)
    with (directory / changed).open("a") as file:
        file.write("more\n")
    recipe = load(directory)
    assert base_digest(recipe) != before[0]
    assert image_digest(recipe) != before[1]


# --- the merged view --------------------------------------------------------------------------------------------------


def test_layers_merge_as_the_image_spec_says(tmp_path: Path) -> None:
    lower = [
        oci.directory("a"), oci.regular("a/one"), oci.regular("a/two"), oci.directory("b"), oci.regular("b/x"),
        oci.directory("c"), oci.regular("c/x"), oci.regular("d"),
    ]  # fmt: skip
    upper = [
        oci.whiteout("a/one"), oci.regular("b/new"), oci.opaque("b"), oci.regular("c", b"file"), oci.directory("d"),
        oci.regular("d/x"), oci.whiteout("not-there"),
    ]  # fmt: skip
    layers = (Layer(entries=lower, compression=Compression.NONE), Layer(entries=upper))
    oci.write_layout(tmp_path, {"1": ImageSpec(layers=layers)})
    tree = merge(tmp_path, "1").tree
    assert sorted(tree) == [b"a", b"a/two", b"b", b"b/new", b"c", b"d", b"d/x"]
    assert tree[b"c"].content == b"file"


# --- the promises -----------------------------------------------------------------------------------------------------

ONE = RECIPE.versions[0]


def test_a_good_tree_keeps_all_promises(tmp_path: Path) -> None:
    layout = _built(tmp_path, _good_tree())
    assert [broken_promises(layout, version) for version in RECIPE.versions] == [[], []]


@pytest.mark.parametrize(
    ("path", "entry", "sentence"),
    [
        (f"{KERNEL}/vmlinuz", None, "not exactly one kernel"),
        ("usr/lib/modules/8.0/vmlinuz", oci.regular("usr/lib/modules/8.0/vmlinuz", b"MZ"), "not exactly one kernel"),
        (f"{KERNEL}/initramfs.img", None, "no initramfs"),
        (f"{KERNEL}/initramfs.img", oci.regular(f"{KERNEL}/initramfs.img", _initramfs(b"old")), "another prepare-root"),
        (f"{KERNEL}/initramfs.img", oci.regular(f"{KERNEL}/initramfs.img", b"cpio"), "does not know ostree"),
        (
            f"{KERNEL}/initramfs.img",
            oci.regular(f"{KERNEL}/initramfs.img", _initramfs(b"", ())),
            "initramfs has no nvme",
        ),
        (
            f"{KERNEL}/initramfs.img",
            oci.regular(f"{KERNEL}/initramfs.img", _initramfs(b"", openers=OPENERS[:-1])),
            "initramfs can't do tpm2",
        ),
        (f"{KERNEL}/kernel/xfs.ko.xz", None, "kernel has no xfs"),
        (f"{KERNEL}/modules.builtin", None, "has no ext4"),
        ("usr/lib/ostree/prepare-root.conf", oci.regular("usr/lib/ostree/prepare-root.conf"), "lacks enabled = yes"),
        ("var/log/x", oci.regular("var/log/x"), "/var is not empty"),
        ("boot", None, "/boot is no directory"),
        ("root", oci.directory("root"), "/root is no link"),
        ("etc/hostname", oci.regular("etc/hostname"), "/etc/hostname is in the image"),
        ("usr/pipe", oci.fifo("usr/pipe"), "a device or a fifo"),
        ("usr/lib/tmpfiles.d/ashore-sample.conf", None, "nothing makes /var/roothome"),
        ("usr/lib/tmpfiles.d/home.conf", oci.regular("usr/lib/tmpfiles.d/home.conf", b"Q /home\n"), "make /home"),
        ("etc/machine-id", oci.regular("etc/machine-id", b"0" * 32), "machine-id is not an empty file"),
        ("etc/shadow", oci.regular("etc/shadow", b"root:$6$x:20000\n"), "root has a password"),
        ("usr/sbin/sshd", None, "there is no sshd"),
        ("usr/bin/sudo", oci.regular("usr/bin/sudo", mode=0o755), "not setuid"),
        ("usr/bin/ping", oci.regular("usr/bin/ping"), "no file capability"),
        ("etc/systemd/system/x.wants/ssh.service", None, "ssh.service is not enabled"),
        ("usr/lib/sysimage/dpkg/status", None, "package database"),
        ("usr/lib/locale/de_DE.utf8", None, "no locale"),
        ("usr/share/zoneinfo/Europe/Berlin", None, "no time zones"),
    ],
)
def test_a_broken_promise_is_found(tmp_path: Path, path: str, entry: Entry | None, sentence: str) -> None:
    tree = _good_tree()
    tree.pop(path, None)
    if entry:
        tree[path] = entry
    assert [found for found in broken_promises(_built(tmp_path, tree), ONE) if sentence in found]


def test_promises_about_layers_and_labels_are_checked(tmp_path: Path) -> None:
    oci.write_layout(
        tmp_path, {"1": ImageSpec(layers=(Layer(entries=list(_good_tree().values())),), architecture="arm64")}
    )
    found = "\n".join(broken_promises(tmp_path, ONE))
    for sentence in (
        "containers.bootc", "image.version", "not amd64", "fewer than three layers", "ashore-sample/version",
        "os-release", "ashore-sample.conf", "whiteout", "opaque", "file system", "kargs.d",
    ):  # fmt: skip
        assert sentence in found


@pytest.mark.vm
@pytest.mark.timeout(1800)
@pytest.mark.needs("mmdebstrap")
def test_the_real_sample_keeps_all_promises() -> None:
    layout = ensure_sample(report=Quiet())
    assert [broken_promises(layout, version) for version in RECIPE.versions] == [[], []]


# --- the command ------------------------------------------------------------------------------------------------------


def test_building_into_a_directory_that_exists_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["build", str(tmp_path)]) == ExitStatus.BAD_INPUT
    assert "exists already" in capsys.readouterr().err


def test_checking_what_is_no_layout_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(tmp_path)]) == ExitStatus.BAD_INPUT
    assert "is no OCI layout" in capsys.readouterr().err


def test_checking_tells_what_is_broken_by_exit_status(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    good = _built(tmp_path / "good", _good_tree())
    assert main(["check", str(good)]) == 0
    bad = _built(tmp_path / "bad", {path: entry for path, entry in _good_tree().items() if path != "usr/bin/ping"})
    assert main(["check", str(bad)]) == 1
    assert capsys.readouterr().out.splitlines() == ["1: ping has no file capability", "2: ping has no file capability"]


def test_a_missing_version_is_refused(tmp_path: Path) -> None:
    layout = _built(tmp_path, _good_tree())
    with pytest.raises(BadInput, match="lacks the image"):
        broken_promises(layout, replace(ONE, tag="3"))
    index = json.loads((layout / "index.json").read_bytes())
    assert len(index["manifests"]) == 2
