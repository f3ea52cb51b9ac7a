"""A runtime root of RPM packages: lorax-templates/fedora, carried out on the repository of the laboratory distribution.

The laboratory has no Python, so what makes an installer of the system (installer.tmpl) is left out, and nothing else.
"""

from __future__ import annotations

import os
import re
import shutil
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from ashore_installer.errors import InstallerError
from ashore_installer.payload.package_protocol import PackagesFailed
from ashore_isogen.distribution import Distribution, chosen
from ashore_isogen.ours import templates_directory
from ashore_isogen.runtime_root import INSTALL, RuntimeRoot, build_root, templates_of
from ashore_isogen.runtime_rpm import rpm_packages
from ashore_isogen.sandbox import Bind, Sandbox
from ashore_isogen.template.commands import InstallPkg
from tests.conftest import LABORATORY
from tests.fakes.media import Notes

pytestmark = [pytest.mark.root, pytest.mark.laboratory, pytest.mark.timeout(1800), pytest.mark.needs("rpm")]

DATABASE = "/usr/lib/sysimage/rpm"
FEDORA = templates_directory("fedora")
CONFIGURATION = re.compile(r"\S{9}\s+[cg] ")
"""A line of `rpm -Va` about a configuration file, or one that a script makes (rpm(8)): those are changed on purpose."""
REMOVED = re.compile(
    r"/boot/.+|/usr/include(/.+)?|/usr/share/(bash-completion|doc|info|man)/.+|/usr/lib/udev/hwdb\.d/.+|.+/gconv/.+"
    r"|/usr/lib/modules/[^/]+/kernel/.+|.+/80-systemd-osc-context\.sh|/etc/(issue|motd|issue\.net)|/var/log/.+"
)
"""What runtime-postinstall.tmpl and runtime-cleanup.tmpl take out."""


@pytest.fixture(scope="module")
def tools(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The runtime root that the tests run in, as the tree that it is on a machine that builds."""
    place = tmp_path_factory.mktemp("tools")
    subprocess.run(["mount", "--bind", "/", str(place)], check=True)
    try:
        yield place
    finally:
        subprocess.run(["umount", str(place)], check=True)


def distribution(templates: Path) -> Distribution:
    repository = Path(os.environ[LABORATORY])
    (key,) = repository.glob("RPM-GPG-KEY-*")
    return chosen(str(templates), [str(repository)], [str(key)])


@pytest.fixture(scope="module")
def built(tools: Path, tmp_path_factory: pytest.TempPathFactory) -> RuntimeRoot:
    templates = Path(shutil.copytree(FEDORA, tmp_path_factory.mktemp("templates") / "lagoon"))
    text = (templates / INSTALL).read_text(encoding="utf-8")
    assert text.count('<%include file="installer.tmpl"/>') == 1
    (templates / INSTALL).write_text(text.replace('<%include file="installer.tmpl"/>', ""), encoding="utf-8")
    root = RuntimeRoot(tmp_path_factory.mktemp("root"))
    root.tree.mkdir()
    with rpm_packages(root.tree, distribution(templates), tools, Notes()) as packages:
        build_root(root.directory, templates, packages, Notes())
    return root


def rpm(tree: Path, *words: str) -> str:
    """rpm of the tests' own root, on the database of the tree; its status says whether files differ."""
    return subprocess.run(
        ["rpm", "--root", str(tree), "--dbpath", DATABASE, *words], check=False, capture_output=True, text=True
    ).stdout  # fmt: skip


def asked() -> set[str]:
    """The packages that system.tmpl requires, by name."""
    commands = (line.command for line in templates_of(FEDORA, None).parse("system.tmpl"))
    return {name for one in commands if isinstance(one, InstallPkg) and one.required for name in one.specs}


def test_what_was_asked_for_is_there_with_all_that_it_needs(built: RuntimeRoot) -> None:
    names = set(rpm(built.tree, "-qa", "--queryformat", "%{NAME}\\n").split())

    assert asked() - names == {"system-release"}
    assert rpm(built.tree, "-q", "--whatprovides", "system-release").startswith("lagoon-release-7")
    assert rpm(built.tree, "-Va", "--nofiles", "--noscripts") == ""
    assert "bash-completion" not in names  # only recommended


def test_the_trees_own_rpm_knows_the_same_packages(built: RuntimeRoot) -> None:
    assert sorted(Sandbox(root=built.tree).run(["rpm", "-qa"]).split()) == sorted(rpm(built.tree, "-qa").split())


def test_files_are_the_packages_own_but_for_what_the_templates_change(built: RuntimeRoot) -> None:
    lines = rpm(built.tree, "-Va", "--nodeps", "--noscripts", "--nomtime").splitlines()
    changed = {line.split()[-1] for line in lines if not line.startswith("missing") and not CONFIGURATION.match(line)}
    missing = {line.split()[-1] for line in lines if line.startswith("missing")}

    assert changed == {"/usr/lib/os-release"}
    assert missing
    assert [path for path in missing if not REMOVED.fullmatch(path)] == []


def test_it_can_be_started(built: RuntimeRoot) -> None:
    (modules,) = (built.tree / "usr/lib/modules").iterdir()
    assert (modules / "vmlinuz").stat().st_size > 1_000_000
    assert "kernel/drivers/md/dm-mod.ko" in (modules / "modules.dep").read_text(encoding="utf-8")
    assert os.access(built.tree / "usr/lib/systemd/systemd", os.X_OK)
    assert (built.tree / "sbin/init").resolve().name == "systemd"
    listing = Sandbox(root=built.tree, binds=(Bind(source=built.initramfs, target="/tmp/initrd.img", read_only=True),))
    words = listing.run(["lsinitrd", "--mod", "/tmp/initrd.img"]).split()
    assert {"dmsquash-live", "overlayfs", "systemd-initrd"} <= set(words)


def test_it_is_configured(built: RuntimeRoot) -> None:
    etc = built.tree / "etc"
    assert "Ashore" in (built.tree / "usr/lib/os-release").read_text(encoding="utf-8")
    assert (etc / "machine-id").read_bytes() == b""
    assert (etc / "hostname").read_text(encoding="utf-8") == "ashore\n"
    assert "auto_activation_volume_list = []" in (etc / "lvm/lvmlocal.conf").read_text(encoding="utf-8")
    assert (etc / "systemd/system/lvm2-monitor.service").readlink() == Path("/dev/null")
    wanted = etc / "systemd/system/multi-user.target.wants"
    assert (wanted / "ashore-live.service").is_symlink()
    assert (wanted / "systemd-networkd.service").is_symlink()
    assert not list(built.tree.glob("tmp/*"))


def test_what_a_medium_does_not_need_is_gone(built: RuntimeRoot) -> None:
    tree = built.tree
    assert (tree / "etc/udev/hwdb.bin").stat().st_size > 1_000_000 or (tree / "usr/lib/udev/hwdb.bin").exists()
    assert not list(tree.glob("usr/lib/udev/hwdb.d/*"))
    assert {path.name for path in tree.glob("usr/lib/**/gconv/IBM*.so")} <= {"IBM437.so", "IBM850.so", "IBM852.so"}
    assert not [path for path in (tree / "var/log").rglob("*") if path.is_file()]
    assert not list(tree.glob("boot/initramfs-*")) + list(tree.glob("boot/vmlinuz-*"))
    assert not [path for path in tree.glob("usr/lib/modules/*/kernel/drivers/watchdog/**/*") if path.is_file()]
    assert {path.name for path in built.directory.iterdir()} == {
        "tree", "initrd.img", "epoch", "libraries.tsv", "packages.log",
    }  # fmt: skip


def test_nothing_of_the_building_machine_is_in_it(built: RuntimeRoot) -> None:
    modes = {name: stat.S_IMODE((built.tree / name).stat().st_mode) for name in ("proc", "sys", "tmp")}

    assert modes == {"proc": 0o555, "sys": 0o555, "tmp": 0o1777}
    assert not [path for name in ("proc", "sys", "dev", "run") for path in (built.tree / name).iterdir()]
    assert str(built.tree) not in Path("/proc/self/mounts").read_text(encoding="utf-8")


def test_what_an_installer_needs_is_required(tools: Path, tmp_path: Path) -> None:
    root = RuntimeRoot(tmp_path)
    root.tree.mkdir()
    with (
        rpm_packages(root.tree, distribution(FEDORA), tools, Notes()) as packages,
        pytest.raises(InstallerError, match=r"run_pkg_transaction\n.*No repository has the package ") as caught,
    ):
        build_root(root.directory, FEDORA, packages, Notes())
    refused = caught.value.__cause__
    assert isinstance(refused, PackagesFailed)
    assert any("the package python3-libdnf5" in problem for problem in refused.details)
