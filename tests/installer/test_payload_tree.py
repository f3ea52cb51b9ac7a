"""Trees in memory, and ostree's object formats."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ashore_installer.payload.place import Refused
from ashore_installer.payload.tree import Tree, overlay
from ashore_installer.payload.variant import (
    dirmeta,
    dirtree,
    file_header,
    parse_dirmeta,
    parse_dirtree,
    parse_xattrs,
)


def tree(files: dict[str, str], dirs: dict[str, int] | None = None) -> Tree[str, int]:
    made: Tree[str, int] = Tree()
    for path, meta in (dirs or {}).items():
        made.put_dir(path, meta)
    for path, leaf in files.items():
        made.put_file(path, leaf)
    return made


def merged(*layers: Tree[str, int]) -> Tree[str, int]:
    result: Tree[str, int] = Tree()
    for layer in layers:
        overlay(result, layer)
    return result


def test_the_last_layer_wins() -> None:
    found = merged(tree({"a/x": "1", "a/y": "1"}, {"a": 1}), tree({"a/x": "2"}, {"a": 2}), tree({"a/z": "3"}))
    assert dict(found.walk()) == {"a/x": "2", "a/y": "1", "a/z": "3"}
    assert found.dirs["a"].meta == 2


def test_whiteouts_touch_earlier_layers_only() -> None:
    found = merged(
        tree({"a/x": "1", "b": "1", "c/y": "1"}),
        tree({".wh.a": "", "a/new": "2", "b": "2", ".wh.b": "", "c/.wh..wh..opq": "", "c/z": "2"}),
    )
    assert dict(found.walk()) == {"a/new": "2", "b": "2", "c/z": "2"}


def test_whiteouts_in_a_directory_of_their_own_are_not_kept() -> None:
    assert dict(merged(tree({"new/.wh.x": "", "new/.wh..wh..opq": "", "new/y": "1"})).walk()) == {"new/y": "1"}


def test_merging_leaves_the_layers_alone() -> None:
    first, second = tree({"a/x": "1"}, {"a": 1}), tree({"a/.wh.x": "", "a/y": "2"})
    merged(first, second)
    assert dict(first.walk()) == {"a/x": "1"}
    assert dict(second.walk()) == {"a/.wh.x": "", "a/y": "2"}


def test_a_file_and_a_directory_of_one_name_in_a_layer_are_refused() -> None:
    with pytest.raises(Refused, match="both a directory and a file"):
        tree({"a": "1"}, {"a": 1})
    with pytest.raises(Refused, match="below a file"):
        tree({"a": "1", "a/b": "1"})


def test_finding() -> None:
    made = tree({"a/b/c": "leaf"})
    assert made.find("a/b/c") == "leaf"
    assert made.find("a/b") is made.find("x/y/z") is None
    assert made.find_dir("a/b") is made.dirs["a"].dirs["b"]
    assert made.find_dir("") is made
    assert made.find_dir("a/b/c") is None


names = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0/"), min_size=1, max_size=80)
checksums = st.binary(min_size=32, max_size=32)


@given(st.dictionaries(names, checksums, max_size=40), st.dictionaries(names, st.tuples(checksums, checksums)))
def test_dirtrees_survive(files: dict[str, bytes], dirs: dict[str, tuple[bytes, bytes]]) -> None:
    content = dirtree(files, dirs)
    assert parse_dirtree(content) == (files, dirs)
    assert dirtree(dict(reversed(files.items())), dict(reversed(dirs.items()))) == content


def test_large_dirtrees_survive() -> None:
    files = {f"file-{number}": bytes(32) for number in range(3000)}
    assert parse_dirtree(dirtree(files, {})) == (files, {})


@given(st.binary(max_size=200))
def test_noise_is_no_dirtree_that_fails_in_another_way(noise: bytes) -> None:
    try:
        parse_dirtree(noise)
    except ValueError:
        return


xattrs = st.dictionaries(
    st.binary(min_size=1, max_size=20).filter(lambda name: 0 not in name), st.binary(max_size=300), max_size=5
).map(lambda found: tuple(sorted(found.items())))


@given(st.integers(0, 1 << 31), st.integers(0, 0o7777), xattrs)
def test_dirmetas_survive(owner: int, mode: int, found: tuple[tuple[bytes, bytes], ...]) -> None:
    content = dirmeta(owner, 5, 0o040000 | mode, found)
    assert parse_dirmeta(content) == (owner, 5, mode, found)
    assert parse_xattrs(content[12:]) == found


def test_checksums_are_libostrees() -> None:
    """What libostree 2026.4 says of these: an empty file of root with mode 0644, a link to `x`, a directory."""
    assert hashlib.sha256(file_header(0, 0, 0o100644)).hexdigest() == EMPTY_FILE
    assert hashlib.sha256(file_header(0, 0, 0o120777, symlink="x")).hexdigest() == LINK
    assert hashlib.sha256(dirmeta(0, 0, 0o040755)).hexdigest() == DIRECTORY
    assert hashlib.sha256(dirtree({}, {})).hexdigest() == EMPTY_TREE


EMPTY_FILE = "cc700d46f407c6c5ab2d5dde474366a928b7398277e61162e7f8ec06f469f07e"
LINK = "219f8dbf4e2ef7c08e9ead2a1f6f249e973d32a9fcbbdbbbc01623b6ec37aa9e"
DIRECTORY = "446a0ef11b7cc167f3b603e585c7eeeeb675faa412d5ec73f62988eb0b6c5488"
EMPTY_TREE = "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
