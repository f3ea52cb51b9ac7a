"""The live runtime: its templates, what its digest depends on, and what it is made of."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from ashore_installer.errors import BadInput
from ashore_isogen.cache import Cache
from ashore_isogen.ours import PACKAGES, install_ours, package_directory, templates_directory
from ashore_isogen.runtime import ensure_live, ensure_root, main
from ashore_isogen.runtime_live import live_digest, removals, squash
from ashore_isogen.runtime_root import (
    CLEANUP,
    DISTRIBUTION,
    INSTALL,
    LIVE_CLEANUP,
    POSTINSTALL,
    root_digest,
    templates_of,
)  # fmt: skip
from ashore_isogen.template.commands import Command, InstallPkg, RemovePkg, RunPkgTransaction
from tests.fakes.media import Notes

TEMPLATES = templates_directory(DISTRIBUTION)
PINNED = re.compile(r"^[a-z0-9.-]+==[0-9.]+ \\\n    --hash=sha256:[0-9a-f]{64}$", re.MULTILINE)


def commands(name: str) -> Iterator[Command]:
    return (line.command for line in templates_of(TEMPLATES, None).parse(name))


@pytest.fixture
def templates(tmp_path: Path) -> Path:
    return Path(shutil.copytree(TEMPLATES, tmp_path / "templates"))


def test_the_packages_are_asked_for_and_installed_last() -> None:
    *asked, last = commands(INSTALL)
    assert last == RunPkgTransaction()
    assert all(isinstance(command, InstallPkg) for command in asked)
    names = [name for command in asked if isinstance(command, InstallPkg) for name in command.specs]
    assert len(names) == len(set(names))
    assert {"linux-image-amd64", "shim-signed", "gir1.2-ostree-1.0", "python3-libdnf5", "skopeo"} <= set(names)


def test_what_tests_need_is_not_in_the_live_system() -> None:
    tools = {n for command in commands("test-tools.tmpl") if isinstance(command, InstallPkg) for n in command.specs}
    removed = {n for command in commands(LIVE_CLEANUP) if isinstance(command, RemovePkg) for n in command.packages}
    assert tools
    assert tools <= removed


@pytest.mark.parametrize("name", [POSTINSTALL, CLEANUP])
def test_the_templates_are_read_without_a_tree(name: str) -> None:
    assert list(commands(name))


@pytest.mark.parametrize("name", ["requirements.txt", "build-requirements.txt"])
def test_libraries_from_elsewhere_are_pinned_by_hash(name: str) -> None:
    text = (TEMPLATES / name).read_text(encoding="utf-8")
    assert len(PINNED.findall(text)) == text.count("==") > 0


def test_the_live_system_is_only_cut_from_the_root(templates: Path) -> None:
    (templates / LIVE_CLEANUP).write_text("removepkg a\nappend /etc/x y\n", encoding="utf-8")
    with pytest.raises(BadInput, match=r"^live-cleanup\.tmpl:2: .* can only remove files"):
        removals(templates_of(templates, None).parse(LIVE_CLEANUP))
    assert removals(templates_of(TEMPLATES, None).parse(LIVE_CLEANUP))


def test_the_dry_run_lists_every_command_with_its_place(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["dry-run"]) == 0
    out = capsys.readouterr().out
    assert re.search(r"^runtime-install\.tmpl:[0-9]+: installpkg systemd ", out, re.MULTILINE)
    assert re.search(r"^live-cleanup\.tmpl:[0-9]+: removepkg ", out, re.MULTILINE)


def test_the_digests_follow_their_inputs(templates: Path) -> None:
    root, live = root_digest(templates), live_digest("r", templates)
    assert root == root_digest(TEMPLATES)
    (templates / LIVE_CLEANUP).write_text("removepkg a\n", encoding="utf-8")
    assert root_digest(templates) == root  # the root is not cut by it
    assert live_digest("r", templates) != live
    (templates / "config_files/os-release").write_text("other\n", encoding="utf-8")
    assert root_digest(templates) != root


def test_the_times_and_the_mask_of_a_checkout_do_not_count(templates: Path) -> None:
    before = root_digest(templates)
    for path in templates.rglob("*"):
        os.utime(path, (1, 1))
        path.chmod(0o700 if path.is_dir() else 0o600)
    assert root_digest(templates) == before


def test_what_is_cached_is_not_built(tmp_path: Path) -> None:
    cache, notes = Cache(tmp_path), Notes()
    root = root_digest(TEMPLATES)
    cache.entry("root", root).mkdir(parents=True)
    cache.entry("live", live_digest(root, TEMPLATES)).mkdir(parents=True)
    live = ensure_live(notes, cache)
    assert live.directory == cache.entry("live", live.digest)
    assert ensure_root(notes, cache) == cache.entry("root", root) / "tree"
    assert notes.notes == []


def test_our_code_is_installed_without_what_python_left_there(tmp_path: Path) -> None:
    (tmp_path / "usr/bin").mkdir(parents=True)
    install_ours(tmp_path)
    place = tmp_path / "usr/lib/python3/dist-packages"
    assert sorted(path.name for path in place.iterdir()) == sorted(PACKAGES)
    assert not list(place.rglob("__pycache__"))
    source = package_directory("ashore_installer") / "plan.py"
    assert (place / "ashore_installer/plan.py").read_bytes() == source.read_bytes()
    assert os.access(tmp_path / "usr/bin/ashore", os.X_OK)


@pytest.mark.needs("mksquashfs")
def test_the_squashfs_does_not_depend_on_times(tmp_path: Path) -> None:
    images = []
    for name, time in (("a", 1_000_000_000), ("b", 1_600_000_000)):
        tree = tmp_path / name
        for path in ("usr/bin/x", "tmp/left", "proc/1/x", "etc/y"):
            (tree / path).parent.mkdir(parents=True, exist_ok=True)
            (tree / path).write_text(path, encoding="utf-8")
            os.utime(tree / path, (time, time))
        squash(tree, tmp_path / f"{name}.squashfs", epoch=1_700_000_000)
        images.append((tmp_path / f"{name}.squashfs").read_bytes())
    assert images[0] == images[1]
    assert images[0][:4] == b"hsqs"
