"""No path leads out of a root tree."""

from __future__ import annotations

from pathlib import Path

import pytest

from ashore_installer.errors import BadInput
from ashore_isogen.template.tree import Tree


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    root = tmp_path / "root"
    (root / "usr/bin").mkdir(parents=True)
    (root / "etc").mkdir()
    (root / "usr/bin/sh").touch()
    (root / "usr/bin/.hidden").touch()
    links = {
        "bin": "usr/bin", "etc/outside": "/../../etc", "etc/up": "../../../..", "etc/abs": "/usr/bin",
        "etc/loop": "loop", "etc/middle": "x/../../../../usr", "etc/nowhere": "/run/nothing/here",
    }  # fmt: skip
    for path, target in links.items():
        (root / path).symlink_to(target)
    (tmp_path / "secret").write_text("outside", encoding="utf-8")
    return Tree(root)


@pytest.mark.parametrize(
    ("inside", "expected"),
    [
        ("/usr/bin/sh", "usr/bin/sh"),
        ("usr/bin/sh", "usr/bin/sh"),
        ("/usr/../usr/bin", "usr/bin"),
        ("/bin/sh", "usr/bin/sh"),
        ("/etc/abs/sh", "usr/bin/sh"),
        ("/etc/up/secret", "secret"),
        ("/etc/outside", "etc"),
        ("/etc/middle/bin", "usr/bin"),
        ("/etc/nowhere", "run/nothing/here"),
        ("/not/there/yet", "not/there/yet"),
        ("/", "."),
    ],
)
def test_paths_are_those_that_a_process_inside_sees(tree: Tree, inside: str, expected: str) -> None:
    assert tree.path(inside) == tree.root / expected


def test_the_last_component_can_be_the_link_itself(tree: Tree) -> None:
    assert tree.path("/bin", follow=False) == tree.root / "bin"
    assert tree.path("/etc/abs/sh", follow=False) == tree.root / "usr/bin/sh"


@pytest.mark.parametrize("inside", ["/..", "../x", "/usr/../../x", "usr/bin/../../../secret"])
def test_too_many_steps_up_are_refused(tree: Tree, inside: str) -> None:
    with pytest.raises(BadInput, match="leads out of the root tree"):
        tree.path(inside)
    with pytest.raises(BadInput, match="leads out of the root tree"):
        tree.glob(inside)


def test_a_loop_of_links_is_refused(tree: Tree) -> None:
    with pytest.raises(BadInput, match="loop of symbolic links"):
        tree.path("/etc/loop/x")


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("/usr/bin/*", ("/usr/bin/sh",)),
        ("/usr/bin/.*", ("/usr/bin/.hidden",)),
        ("/b*/s[gh]", ("/bin/sh",)),
        ("/*/bin/sh", ("/usr/bin/sh",)),
        ("/etc/abs/*", ("/etc/abs/sh",)),
        ("/etc/nowhere", ("/etc/nowhere",)),
        ("/etc/up/*et", ()),
        ("/none/*", ()),
        ("/usr/bin/sh/*", ()),
    ],
)
def test_globs(tree: Tree, pattern: str, expected: tuple[str, ...]) -> None:
    assert tree.glob(pattern) == expected


def test_a_place_on_this_machine_has_a_path_inside(tree: Tree) -> None:
    assert tree.inside(tree.root / "usr/bin") == "/usr/bin"
