"""Commands change a root tree, and nothing outside of it."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from ashore_installer.errors import InstallerError
from ashore_isogen.template import commands as c
from ashore_isogen.template.execute import Executor
from ashore_isogen.template.tree import Tree
from ashore_isogen.template.words import read_line


@dataclass
class FakePackages:
    """Two packages, and what was asked for."""

    done: list[str] = field(default_factory=list)

    def request(self, command: c.InstallPkg) -> None:
        self.done += command.specs

    def transact(self) -> None:
        self.done.append("transaction")

    def files_of(self, packages: str) -> Sequence[str]:
        files = {"kbd": ("/usr", "/usr/bin/loadkeys", "/usr/share/doc/kbd", "/gone"), "none": ()}
        return files.get(packages, ())


@dataclass
class World:
    """A small root tree, and what was told and run while commands changed it."""

    root: Path
    packages: FakePackages = field(default_factory=FakePackages)
    told: list[str] = field(default_factory=list)
    ran: list[Sequence[str]] = field(default_factory=list)

    def do(self, *texts: str) -> None:
        lines = [read_line(c.Where(file="x.tmpl", line=number), text) for number, text in enumerate(texts, 1)]
        run = Executor(tree=Tree(self.root), packages=self.packages, enter=self.enter, report=self.told.append)
        run.execute(lines)

    def enter(self, argv: Sequence[str]) -> None:
        if argv[0] == "false":
            raise InstallerError("false failed with exit status 1.")
        self.ran.append(tuple(argv))

    def text(self, path: str) -> str:
        return (self.root / path).read_text(encoding="utf-8")


@pytest.fixture
def world(tmp_path: Path) -> World:
    root = tmp_path / "root"
    (root / "usr/bin").mkdir(parents=True)
    (root / "usr/share/doc/kbd").mkdir(parents=True)
    (root / "etc").mkdir()
    (root / "usr/bin/loadkeys").write_text("program", encoding="utf-8")
    (root / "usr/bin/loadkeys").chmod(0o755)
    (root / "etc/conf").write_text("a=1\nb=1\n", encoding="utf-8")
    (root / "etc/link").symlink_to("/usr")
    (tmp_path / "outside").write_text("outside", encoding="utf-8")
    (root / "etc/escape").symlink_to("../../outside")
    return World(root)


def test_files_are_installed_with_their_mode(world: World) -> None:
    world.do("install /usr/bin/load* /etc", "install /etc/conf /etc/link/conf2")
    assert (world.root / "etc/loadkeys").stat().st_mode & 0o777 == 0o755
    assert world.text("usr/conf2") == "a=1\nb=1\n"


def test_directories_are_made_copied_and_moved(world: World) -> None:
    world.do(
        "mkdir /a/b /a/b", "copy /etc /a/b", "move /usr/bin /a", "hardlink /etc/conf /a/hard", "copy /etc/link /a/l"
    )
    assert world.text("a/b/etc/conf") == "a=1\nb=1\n"
    assert (world.root / "a/b/etc/link").readlink() == Path("/usr")
    assert (world.root / "a/bin/loadkeys").exists()
    assert not (world.root / "usr/bin").exists()
    assert (world.root / "a/hard").samefile(world.root / "etc/conf")
    assert (world.root / "a/l").is_symlink()


def test_a_link_replaces_what_was_there(world: World) -> None:
    world.do("symlink ../run/x /etc/conf", "symlink /usr/bin /usr/share", "symlink b /etc/link")
    assert (world.root / "etc/conf").readlink() == Path("../run/x")
    assert (world.root / "usr/share").readlink() == Path("/usr/bin")
    assert (world.root / "etc/link").readlink() == Path("b")


def test_links_are_removed_and_not_what_they_mean(world: World) -> None:
    world.do("remove /etc/link /etc/esc* /usr/share")
    assert (world.root / "usr/bin/loadkeys").exists()
    assert (world.root.parent / "outside").exists()
    assert sorted(path.name for path in (world.root / "etc").iterdir()) == ["conf"]


def test_what_matches_nothing_is_told_by_line_and_no_error(world: World) -> None:
    world.do(
        "remove /nothing* /etc/conf", "removefrom kbd /usr/sbin/*", "removepkg nobody", "replace x y /etc/link/bin/*"
    )
    assert world.told == [
        "x.tmpl:1: nothing matches /nothing*",
        "x.tmpl:2: no file of kbd matches",
        "x.tmpl:3: no package matches nobody",
        "x.tmpl:4: x is not in /etc/link/bin/loadkeys",
    ]


def test_text_is_replaced_line_by_line_and_appended(world: World) -> None:
    world.do(r"replace '^(.)=1$' '\1=2' /etc/conf", r"append /etc/conf 'c=3\nd=4'", "append /etc/new ä")
    assert world.text("etc/conf") == "a=2\nb=2\nc=3\nd=4\n"
    assert world.text("etc/new") == "ä\n"


def test_modes_are_changed(world: World) -> None:
    world.do("chmod /etc/c* 0600")
    assert (world.root / "etc/conf").stat().st_mode & 0o777 == 0o600


def test_files_of_packages_are_removed_and_directories_stay(world: World) -> None:
    world.do("removepkg kbd")
    assert not (world.root / "usr/bin/loadkeys").exists()
    assert (world.root / "usr/share/doc/kbd").is_dir()


def test_all_but_some_files_of_a_package_are_removed(world: World) -> None:
    (world.root / "gone").touch()
    world.do("removefrom kbd --allbut */loadkeys")
    assert (world.root / "usr/bin/loadkeys").exists()
    assert not (world.root / "gone").exists()


def test_kernel_modules_are_removed_but_for_some(world: World) -> None:
    kernel = world.root / "usr/lib/modules/6.1/kernel"
    (world.root / "lib").symlink_to("usr/lib")
    for name in ("drivers/media/cec/cec.ko", "drivers/media/usb/uvc.ko", "sound/snd.ko", "fs/ext4.ko"):
        (kernel / name).parent.mkdir(parents=True, exist_ok=True)
        (kernel / name).touch()
    world.do("removekmod sound", "removekmod drivers/media --allbut /cec.ko")
    assert sorted(path.name for path in kernel.rglob("*.ko")) == ["cec.ko", "ext4.ko"]


def test_programs_run_inside(world: World) -> None:
    world.do("runcmd chroot / depmod -a", "systemctl mask a b", "log text")
    assert world.ran == [("depmod", "-a"), ("systemctl", "--no-reload", "mask", "a", "b")]
    assert world.told == ["text"]


def test_packages_are_asked_for_and_then_installed(world: World) -> None:
    world.do("installpkg a b", "installpkg c", "run_pkg_transaction")
    assert world.packages.done == ["a", "b", "c", "transaction"]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("install /etc/none /x", "Nothing in the root tree matches /etc/none"),
        ("install /usr/bin /x", "/usr/bin is a directory"),
        ("copy /none /x", "There is no /none in the root tree"),
        ("move /none /x", "There is no /none in the root tree"),
        ("chmod /none 644", "Nothing in the root tree matches /none"),
        ("replace a b /none", "Nothing in the root tree matches /none"),
        ("append /no/dir x", "No such file or directory"),
        ("mkdir /../x", "leads out of the root tree"),
        ("install /etc/conf /../../x", "leads out of the root tree"),
        ("remove /../outside", "leads out of the root tree"),
        ("runcmd chroot / false", "false failed with exit status 1."),
    ],
)
def test_a_failure_names_the_line(world: World, text: str, reason: str) -> None:
    with pytest.raises(InstallerError) as failed:
        world.do("log first", text, "log never")
    assert failed.value.message.startswith("x.tmpl:2: ")
    assert reason in failed.value.message
    assert world.told == ["first"]


def test_a_failure_that_is_allowed_is_told(world: World) -> None:
    world.do("-copy /none /x", "log on")
    assert world.told[0].startswith("x.tmpl:1: There is no /none in the root tree.")
    assert world.told[1] == "on"


@pytest.mark.parametrize(
    "text",
    [
        "append /etc/escape x",
        "chmod /etc/escape 0000",
        "replace outside x /etc/escape",
        "install /etc/conf /etc/escape",
    ],
)
def test_no_link_leads_out(world: World, text: str) -> None:
    """The link leads to /outside of the tree, which is not the file beside the tree."""
    before = (world.root.parent / "outside").stat()
    with suppress(InstallerError):  # there is no /outside in the tree
        world.do(text)
    after = (world.root.parent / "outside").stat()
    assert (after.st_mode, after.st_mtime_ns) == (before.st_mode, before.st_mtime_ns)
    assert (world.root.parent / "outside").read_text(encoding="utf-8") == "outside"
