"""What the sandbox refuses before it makes any namespace."""

from __future__ import annotations

from pathlib import Path

import pytest

from ashore_installer.errors import BadInput
from ashore_isogen.sandbox import Bind, Sandbox
from ashore_isogen.sandbox.__main__ import main


@pytest.fixture
def root(tmp_path: Path) -> Path:
    tree = tmp_path / "root"
    tree.mkdir()
    return tree


def test_a_missing_root_is_bad_input(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="There is no root tree"):
        Sandbox(root=tmp_path / "none").argv(["true"])


def test_a_missing_source_is_bad_input(root: Path, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="to bind"):
        Sandbox(root=root, binds=(Bind(source=tmp_path / "none", target="/x"),)).argv(["true"])


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--bind", "/usr"], "/usr names no file and its place inside"),
        (["--ro-bind", "/usr:relative"], "names no file and its place inside"),
        (["--setenv", "NAME"], "NAME sets no variable"),
    ],
)
def test_wrong_options_are_bad_input(
    root: Path, words: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--root", str(root), *words, "--", "true"]) == 2
    assert message in capsys.readouterr().err
