"""Rows as lines: they keep to their columns, whatever is in them."""

from __future__ import annotations

import pytest

from ashore_tui.flow.partition_text import columns, head
from tests.fakes.machines import NAMES
from tests.tui.partition_values import all_rows, row, site, untouched


@pytest.mark.parametrize("width", [60, 70, 110])
@pytest.mark.parametrize("name", NAMES)
def test_every_row_of_every_machine_fits_its_line(name: str, width: int) -> None:
    on = site(name)
    above = head(width)
    for one in all_rows(untouched(on), on):
        parts = columns(one, width)
        line = f"{parts.name} {parts.size}  {parts.fate} {parts.content}"
        assert len(line) <= width
        assert (len(parts.name), len(parts.size), len(parts.fate)) == (len(above.name), len(above.size), 11)
        assert one.name[:8] in line or not one.name


def test_what_is_in_it_and_where_it_is_mounted_stand_in_columns() -> None:
    on = site("laptop-windows")
    parts = columns(row(untouched(on), on, "partition nvme0n1p3"), 72)
    assert parts.name.strip() == "nvme0n1p3"
    assert parts.size.strip() == "400.0 GiB"
    assert parts.fate.strip() == ""
    assert parts.content.split() == ["ntfs", "(Windows)"]


def test_what_is_too_long_is_cut_and_marked() -> None:
    on = site("laptop-btrfs-fedora")
    parts = columns(row(untouched(on), on, "partition nvme0n1p3"), 60)
    assert "~" in parts.content
