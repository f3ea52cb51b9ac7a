"""Disks as lines: every piece is there, in proportion, and told without colours."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ashore_installer.machine import MachineInfo
from ashore_installer.storage.layout import plan_storage
from ashore_installer.storage.view import Change, DiskView, Segment, layouts
from ashore_installer.storage_plan import StoragePlan
from ashore_installer.storage_request import Automatic, Clear, ShrinkRequest, StorageRequest
from ashore_installer.units import GiB, MiB
from ashore_tui.app.look import ASCII as PLAIN
from ashore_tui.app.look import UNICODE as RICH
from ashore_tui.app.look import Look
from ashore_tui.app.widgets.disk_bar import DiskBar, legend_line, line
from ashore_tui.flow.disk_bar import ASCII, UNICODE, Marks, bar, legend, shares
from tests.fakes.machines import NAMES, recorded
from tests.tui.partition_values import IMAGE

LOOK = Look(theme="linux", glyphs=PLAIN, ansi=True)
WIDE = Look(theme="dark", glyphs=RICH)


def views(machine: MachineInfo, request: StorageRequest) -> tuple[DiskView, ...]:
    return layouts(plan_storage(request, machine, IMAGE), machine)


def beside_windows() -> DiskView:
    shrink = (ShrinkRequest(existing="nvme0n1p3", size=200 * GiB),)
    return views(recorded("laptop-windows"), StorageRequest(automatic=Automatic(), shrink=shrink))[0]


def drawn(segments: tuple[Segment, ...], width: int, marks: Marks = ASCII) -> str:
    return "".join(piece.text + piece.fill for piece in bar(segments, width, marks))


# --- the line ------------------------------------------------------------------------------------------------


@given(
    sizes=st.lists(st.integers(min_value=1, max_value=20 << 40), min_size=1, max_size=20),
    room=st.integers(min_value=40, max_value=300),
)
def test_columns_are_shared_by_size_and_nothing_is_lost(sizes: list[int], room: int) -> None:
    found = shares(sizes, room, 2)
    assert sum(found) == room
    assert min(found) >= 2
    for size, columns in zip(sizes, found, strict=True):
        assert columns <= 2 or columns <= size * room / sum(sizes) + 1


def test_too_many_pieces_for_the_room_are_refused() -> None:
    with pytest.raises(ValueError, match="fewer columns"):
        shares([1, 1, 1], 5, 2)


@pytest.mark.parametrize("marks", [ASCII, UNICODE])
@pytest.mark.parametrize("name", NAMES)
def test_every_disk_fills_its_line_at_any_width(name: str, marks: Marks) -> None:
    for view in layouts(StoragePlan(), recorded(name)):
        for width in (30, 66, 80, 200):
            assert len(drawn(view.before, width, marks)) == width


def test_many_small_pieces_leave_room_for_the_large_ones() -> None:
    small = [Segment(start=one, size=1, change=Change.KEPT, name="s") for one in range(100)]
    large = Segment(start=200, size=GiB, change=Change.NEW, mount="/")
    text = drawn((*small, large), 40)
    assert len(text) == 40
    assert "#" in text


def test_there_is_nothing_where_there_is_no_room() -> None:
    one = Segment(start=0, size=GiB, change=Change.NEW)
    assert bar((one,), 2, ASCII) == ()
    assert bar((), 80, ASCII) == ()


def test_slivers_of_free_room_are_not_drawn() -> None:
    sliver = Segment(start=0, size=MiB, change=Change.FREE)
    assert drawn((sliver, Segment(start=MiB, size=GiB, change=Change.KEPT, name="vda1")), 20) == "| vda1 1.0 GiB ====|"


def test_a_picture_of_windows_and_a_new_system() -> None:
    view = beside_windows()
    assert drawn(view.before, 72).startswith("|=|=| Windows 400.0 GiB ~~~~~")
    assert drawn(view.before, 72).endswith("~| free .|=|")
    text = drawn(view.after, 72)
    assert "| Windows 200.0 GiB ~" in text
    assert "~|#| / 274.7 GiB #" in text


def test_the_legend_tells_only_what_is_in_the_picture() -> None:
    view = beside_windows()
    assert legend(view.after) == (Change.NEW, Change.RESIZED, Change.KEPT)
    assert legend(view.before) == (Change.RESIZED, Change.KEPT, Change.FREE)
    assert legend_line([view], ASCII).plain == "# new   ~ resized   = stays   . free"


# --- the widget ----------------------------------------------------------------------------------------------


def lines(bar: DiskBar, width: int) -> list[str]:
    return [one.plain for one in bar.lines(width)]


def test_the_widget_shows_today_and_after_at_any_width() -> None:
    for width in (78, 118):
        title, today, after = lines(DiskBar(LOOK, beside_windows()), width)
        assert title == "nvme0n1  476.9 GiB"
        assert today.startswith("today  |")
        assert after.startswith("after  |")
        assert len(today) == len(after) == width


def test_very_wide_screens_get_no_wider_bars() -> None:
    assert {len(one) for one in lines(DiskBar(LOOK, beside_windows(), title=False), 300)} == {160}


def test_a_disk_that_stays_has_one_line() -> None:
    machine = recorded("nvme-4kn")
    request = StorageRequest(only_use=("nvme0n1",), clear=Clear.ALL, zero_mbr=True, automatic=Automatic())
    first, second = views(machine, request)
    assert [one[:5] for one in lines(DiskBar(LOOK, first, title=False), 78)] == ["today", "after"]
    assert [one[:5] for one in lines(DiskBar(LOOK, second, title=False), 78)] == ["today"]
    assert lines(DiskBar(LOOK), 78) == []


def test_consoles_with_few_glyphs_get_ascii_only() -> None:
    text = "\n".join(lines(DiskBar(LOOK, beside_windows()), 78))
    assert text.isascii()
    assert "█" in "\n".join(lines(DiskBar(WIDE, beside_windows()), 78))


def test_fates_are_told_by_signs_and_by_colours() -> None:
    content = line(beside_windows().after, 60, UNICODE)
    assert {"$accent", "$warn"} <= {str(span.style).removeprefix("bold ") for span in content.spans}
