from __future__ import annotations

import pytest
from rich.cells import cell_len

from ashore_tui.text import DOMAIN, LOCALE
from ashore_tui.text.cells import cells, cut, fit, pad, wrap
from ashore_tui.text.extract import LANGUAGES
from ashore_tui.text.po import read_po


@pytest.mark.parametrize("language", LANGUAGES)
def test_columns_are_those_that_the_screens_count(language: str) -> None:
    texts = read_po(LOCALE / language / f"{DOMAIN}.po").values()

    assert [one for one in texts if "\0" not in one and "\n" not in one and cells(one) != cell_len(one)] == []


@pytest.mark.parametrize(
    ("text", "width", "fitted"),
    [
        ("disk", 6, "disk  "),
        ("磁盘", 6, "磁盘  "),
        ("disks", 4, "dis~"),
        ("安装位置", 6, "安装~ "),
        ("安装位置", 7, "安装位~"),
        ("安装位置", 8, "安装位置"),
        ("", 2, "  "),
    ],
)
def test_texts_fill_their_columns(text: str, width: int, fitted: str) -> None:
    assert fit(text, width) == fitted
    assert cells(fit(text, width)) == width


def test_what_is_too_long_is_padded_with_nothing() -> None:
    assert (pad("名称", 3), pad("名称", 6, right=True), cut("a", 0)) == ("名称", "  名称", "")


def test_lines_end_at_blanks_and_between_wide_characters() -> None:
    assert wrap("one two three", 8) == ["one two", "three"]
    assert wrap("磁盘将被清除。", 8, "- ", "  ") == ["- 磁盘将", "  被清", "  除。"]
    assert wrap("x 磁盘", 3) == ["x", "磁", "盘"]


def test_names_stay_whole() -> None:
    assert wrap("see /dev/disk/by-id/nvme-eui.ace42e0017aabbcc now", 20) == [
        "see",
        "/dev/disk/by-id/nvme-eui.ace42e0017aabbcc",
        "now",
    ]


@pytest.mark.parametrize("width", range(8, 60))
@pytest.mark.parametrize("language", LANGUAGES)
def test_no_line_of_wide_characters_is_too_wide(language: str, width: int) -> None:
    for text in read_po(LOCALE / language / f"{DOMAIN}.po").values():
        for line in wrap(text.replace("\0", " ").replace("\n", " "), width):
            assert cells(line) <= width or not line.strip().partition(" ")[2]
