"""Edit, delete, bring back and erase: what is there, and what is only asked for."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ashore_installer.secret import Secret
from ashore_installer.storage.view import Change
from ashore_installer.storage_plan import Encryption, Format
from ashore_installer.storage_request import StorageRequest
from ashore_installer.units import GiB
from ashore_tui.flow.partition_changes import (
    can_delete,
    can_edit,
    can_erase,
    can_restore,
    delete,
    edit,
    erase,
    restore,
    wish_of,
)
from ashore_tui.flow.partition_edits import add_partition
from ashore_tui.flow.partition_rows import Thing
from ashore_tui.flow.partitions import Custom, Refused, Wish, picture
from tests.fakes.machines import NAMES
from tests.tui.partition_values import all_rows, done, refused, row, site, told, untouched

ROOT = Wish(mount="/", size=4 * GiB, grow=True)


# --- what is there -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_whatever_is_deleted_can_be_brought_back(name: str) -> None:
    """Both ways, for everything on every machine that can be deleted by itself."""
    on = site(name)
    before = untouched(on)
    for one in all_rows(before, on):
        after = delete(before, on, one) if can_delete(one) else before
        if isinstance(after, Refused) or after == before:
            continue
        gone = [again for again in all_rows(after, on) if can_restore(again)]
        assert gone, one
        for again in gone:
            back = restore(after, on, again)
            after = after if isinstance(back, Refused) else back
        assert after == before


@pytest.mark.parametrize("name", NAMES)
def test_what_is_there_is_kept_by_the_form_it_begins_with(name: str) -> None:
    on = site(name)
    before = untouched(on)
    for one in all_rows(before, on):
        if can_edit(one):
            assert done(edit(before, on, one, wish_of(before, one))) == before


@pytest.mark.parametrize("name", NAMES)
def test_a_disk_is_erased_and_brought_back(name: str) -> None:
    on = site(name)
    before = untouched(on)
    for one in (one for one in all_rows(before, on) if can_erase(one)):
        after = erase(before, on, one)
        if isinstance(after, Refused):
            assert "would lose a part" in after.message
            continue
        if after != before:
            assert done(restore(after, on, row(after, on, one.key))) == before


def test_a_file_system_is_used_again_with_its_content_or_without() -> None:
    on = site("ostree-home")
    one = row(untouched(on), on, "partition nvme0n1p3")
    kept = done(edit(untouched(on), on, one, replace(wish_of(untouched(on), one), mount="/home")))
    assert row(kept, on, one.key).change is Change.KEPT
    assert row(kept, on, one.key).mount == "/home"
    assert [asked.format for asked in kept.partitions] == [Format.EXT4]
    again = row(kept, on, one.key)
    assert done(edit(kept, on, again, wish_of(kept, again))) == kept
    anew = done(edit(kept, on, again, Wish(mount="/", size=again.size, format=Format.XFS)))
    assert (row(anew, on, one.key).change, row(anew, on, one.key).holds) == (Change.FORMATTED, "xfs")
    unused = done(edit(anew, on, row(anew, on, one.key), Wish(size=again.size, keep=True)))
    assert unused == untouched(on)


def test_a_partition_shrinks_with_its_content_but_not_too_far() -> None:
    on = site("laptop-windows")
    one = row(untouched(on), on, "partition nvme0n1p3")
    small = done(edit(untouched(on), on, one, Wish(size=250 * GiB, keep=True)))
    now = row(small, on, one.key)
    assert (now.change, now.size, now.was) == (Change.RESIZED, 250 * GiB, 400 * GiB)
    assert done(edit(small, on, now, wish_of(small, now))) == small
    assert done(edit(small, on, now, Wish(size=now.was, keep=True))) == untouched(on)
    assert "nvme0n1p3" in refused(edit(untouched(on), on, one, Wish(size=100 * GiB, keep=True))).message
    request = done(add_partition(small, on, one.inside, Wish(mount="/", size=120 * GiB)))
    assert "  nvme0n1p5 new xfs /" in told(request, on)
    assert "There is no room" in refused(restore_size(request, on.machine.disks[0].name)).message


def restore_size(request: StorageRequest, disk: str) -> StorageRequest | Refused:
    """Windows gets back what the root file system has taken meanwhile."""
    on = site("laptop-windows")
    one = row(request, on, f"partition {disk}p3")
    return edit(request, on, one, Wish(size=one.was, keep=True))


def test_what_is_encrypted_is_opened_and_used_with_its_content() -> None:
    on = site("laptop-linux-luks")
    one = next(row for row in all_rows(untouched(on), on) if row.holds == "LUKS")
    luks = Encryption(passphrase=Secret("open it"))
    wish = replace(wish_of(untouched(on), one), mount="/home", format=Format.EXT4, encryption=luks)
    request = done(edit(untouched(on), on, one, wish))
    assert (row(request, on, one.key).holds, row(request, on, one.key).change) == ("LUKS2: ext4", Change.KEPT)
    closed = refused(edit(untouched(on), on, one, replace(wish, encryption=None)))
    assert closed.message == f"{one.name} is encrypted."


def test_volumes_and_arrays_that_are_there_are_used_again() -> None:
    on = site("server-md")
    home = row(untouched(on), on, "volume rl_srv1/home")
    request = done(edit(untouched(on), on, home, replace(wish_of(untouched(on), home), mount="/home")))
    root = row(request, on, "volume rl_srv1/root")
    request = done(edit(request, on, root, Wish(mount="/", size=root.size, format=Format.XFS)))
    boot = row(request, on, "array md127")
    request = done(edit(request, on, boot, Wish(mount="/boot", size=boot.size, format=Format.EXT4)))
    assert told(request, on)[-6:] == [
        "pv kept in the group rl_srv1",
        "boot formatted ext4 /boot",
        "rl_srv1 kept",
        "  rl_srv1/root formatted xfs /",
        "  rl_srv1/swap kept swap swap",
        "  rl_srv1/home kept xfs /home",
    ]
    swap = row(request, on, "volume rl_srv1/swap")
    request = done(delete(request, on, swap))
    assert "  rl_srv1/swap removed swap swap" in told(request, on)
    assert request.remove == ("rl_srv1/swap",)


def test_a_group_that_is_there_goes_with_its_volumes_and_leaves_its_partitions() -> None:
    on = site("server-md")
    request = done(delete(untouched(on), on, row(untouched(on), on, "group rl_srv1")))
    assert request.remove == ("rl_srv1",)
    gone = [one for one in all_rows(request, on) if one.change is Change.REMOVED]
    assert [one.thing for one in gone] == [Thing.GROUP, *[Thing.VOLUME] * 3]
    why = refused(restore(request, on, gone[1]))
    assert why.message == "rl_srv1/root goes with something else that is deleted."


def test_a_member_of_an_array_does_not_go_by_itself() -> None:
    on = site("server-md")
    why = refused(delete(untouched(on), on, row(untouched(on), on, "partition sda2")))
    assert "would lose a part" in why.message


def test_subvolumes_that_are_there_are_kept_made_anew_or_deleted() -> None:
    on = site("laptop-btrfs-fedora")
    volume = f"UUID={on.machine.btrfs[0].uuid}"
    home = row(untouched(on), on, f"subvolume {volume}:home")
    request = done(edit(untouched(on), on, home, Wish(mount="/home", keep=True)))
    root = row(request, on, f"subvolume {volume}:root")
    request = done(edit(request, on, root, Wish(mount="/")))
    assert told(request, on)[-4:-1] == ["  home kept /home", "  root new /", "  root/var/lib/machines removed"]
    assert request.remove == (f"{volume}:root",)
    root = next(one for one in all_rows(request, on) if one.name == "root")
    back = done(edit(request, on, root, Wish(keep=True)))
    assert back.remove == ()
    gone = done(delete(back, on, row(back, on, home.key)))
    assert gone.remove == (f"{volume}:home",)
    assert gone.btrfs == ()


# --- what is asked for ---------------------------------------------------------------------------------------


def test_new_things_are_edited_in_place() -> None:
    on = site("qemu-bios-virtio")
    request = done(add_partition(untouched(on), on, on.machine.disks[0].id, ROOT))
    one = row(request, on, "partition vda1")
    assert wish_of(request, one) == ROOT
    wish = Wish(mount="/", size=6 * GiB, format=Format.EXT4, label="sys")
    request = done(edit(request, on, one, wish))
    assert wish_of(request, row(request, on, "partition vda1")) == wish
    why = refused(edit(request, on, one, replace(wish, label="much too long for a label")))
    assert "too long" in why.message


def test_each_step_can_be_undone() -> None:
    on = site("qemu-bios-virtio")
    custom = Custom(request=untouched(on))
    first = done(add_partition(custom.request, on, on.machine.disks[0].id, ROOT))
    second = done(delete(first, on, row(first, on, "partition vda1")))
    custom = custom.then(first).then(first).then(second)
    assert custom.undone().request == first
    assert custom.undone().undone().undone().request == untouched(on)


def test_disks_and_free_room_are_neither_edited_nor_deleted() -> None:
    on = site("qemu-bios-virtio")
    for one in all_rows(untouched(on), on):
        assert not can_delete(one)
        refused(edit(untouched(on), on, one, ROOT))
        refused(delete(untouched(on), on, one))


def test_a_whole_system_beside_windows() -> None:
    """As a person does it: shrink, add what is missing, root; nothing is wrong then."""
    on = site("laptop-windows")
    request = untouched(on)
    request = done(edit(request, on, row(request, on, "partition nvme0n1p3"), Wish(size=250 * GiB, keep=True)))
    esp = row(request, on, "partition nvme0n1p1")
    request = done(edit(request, on, esp, replace(wish_of(request, esp), mount="/boot/efi")))
    request = done(add_partition(request, on, on.machine.disks[0].id, Wish(mount="/boot", size=GiB)))
    request = done(add_partition(request, on, on.machine.disks[0].id, ROOT))
    assert picture(request, on).problems == ()
