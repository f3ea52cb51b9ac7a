"""Disks before and after a plan as text."""

from __future__ import annotations

import pytest

from ashore_installer.errors import BadInput
from ashore_installer.storage.layout import plan_storage
from ashore_installer.storage_plan import StoragePlan
from ashore_installer.storage_request import Automatic, Clear, Scheme, StorageRequest
from ashore_tui.storage_text import WIDTH, storage_lines
from tests.fakes.machines import NAMES, recorded
from tests.fakes.storage import new_machine, new_plan, old_machine, old_plan
from tests.fakes.values import a_plan, an_image

OLD = """\
What will be destroyed:
  Debian 13 on vg/root stays, but loses /boot (md127).
  The RAID1 array boot on sda2 and sdb1 (2.0 GiB, ext4) is formatted as ext4;
    everything in it is lost.
Disks:
  100.0 GiB ata, serial a, /dev/sda [by-id/ata-a]
    today, GPT:
      sda1           1.0 MiB                BIOS boot
      sda2           2.0 GiB                in the array boot
      sda3          20.0 GiB                in the group vg
      sda4          20.0 GiB  is resized    ntfs “Windows”           Windows 11
                    58.0 GiB  free
    after, GPT kept:
      sda1           1.0 MiB  as it is      BIOS boot
      sda2           2.0 GiB  as it is      in the array boot
      sda3          20.0 GiB  as it is      in the group vg
      sda4          10.0 GiB  was 20.0 GiB  ntfs “Windows”           Windows 11
                    10.0 GiB  free
      sda5          20.0 GiB  new           xfs “root”               /
                    38.0 GiB  free
  100.0 GiB ata, serial b, /dev/sdb [by-id/ata-b]
    today, GPT:
      sdb1           2.0 GiB                in the array boot
      sdb2          20.0 GiB                btrfs “data”             /srv (home)
      sdb3          20.0 GiB                LUKS
                    58.0 GiB  free
    after, GPT kept:
      sdb1           2.0 GiB  as it is      in the array boot
      sdb2          20.0 GiB  as it is      btrfs “data”          /srv, /var/new
      sdb3          20.0 GiB  as it is      LUKS2: ext4              /mnt
                    58.0 GiB  free
Arrays, volume groups and btrfs volumes:
    today:
      RAID1 array boot on sda2, sdb1: 2.0 GiB, is wiped, ext4, /boot
      volume group vg on sda3: 20.0 GiB
        vg/root     10.0 GiB                xfs                      Debian 13
        vg/home      5.0 GiB  is resized    ext4 “home”              /home
      btrfs volume data on sdb2:
        home                                                         /srv
        snapshots
    after:
      RAID1 array boot on sda2, sdb1: 2.0 GiB, formatted, ext4, /boot
      volume group vg on sda3: 20.0 GiB, as it is
        vg/root     10.0 GiB  as it is      xfs                      Debian 13
        vg/home      4.0 GiB  was 5.0 GiB   ext4                     /home
        vg/more      5.0 GiB  new           ext4                     /var/more
      btrfs volume data on sdb2: 20.0 GiB, as it is, “data”
        snapshots             as it is
        home                  as it is                               /srv
        new                   new                                    /var/new
What will be done to the disks:
  Shrink sda4 with the ntfs in it from 20.0 GiB to 10.0 GiB
  Shrink vg/home with the ext4 in it from 5.0 GiB to 4.0 GiB
  Make the partition sda5 (20.0 GiB) with xfs “root” for /
  Open the encrypted device sdb3
  Use the volume group vg
  Make the logical volume vg/more (5.0 GiB) with ext4 for /var/more
  Format boot with ext4 for /boot
  Make the subvolume new for /var/new
  Use vg/home as it is for /home
  Use the subvolume home as it is for /srv
  Use luks-sdb3 as it is for /mnt"""

ALONE = """\
Disks:
  100.0 GiB /dev/sda [by-id/ata-a]
    after:
      sda2           2.0 GiB  as it is      in the array boot
      sda3          20.0 GiB  as it is      in the group vg
      sda4          10.0 GiB  was 20.0 GiB  ntfs
      root          20.0 GiB  new           xfs “root”               /
  100.0 GiB /dev/sdb [by-id/ata-b]
    after:
      sdb1           2.0 GiB  as it is      in the array boot
      sdb2          20.0 GiB  as it is      btrfs                 /srv, /var/new
      sdb3          20.0 GiB  as it is      LUKS2: ext4              /mnt
Arrays,"""


def test_what_is_there_and_what_becomes_of_it() -> None:
    assert "\n".join(storage_lines(a_plan(storage=old_plan()), old_machine())) == OLD


def test_a_plan_by_itself_says_what_it_knows() -> None:
    assert "\n".join(storage_lines(a_plan(storage=old_plan()), None)).startswith(ALONE)


def test_a_plan_that_does_nothing() -> None:
    lines = list(storage_lines(a_plan(storage=StoragePlan()), old_machine()))
    assert lines[:3] == ["What will be destroyed:", "  nothing", "Disks:"]
    assert "Left alone:" in lines
    assert lines[-2:] == ["What will be done to the disks:", "  nothing"]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("scheme", list(Scheme))
def test_every_line_has_its_place(name: str, scheme: Scheme) -> None:
    """Eighty columns, but for a single word that has more."""
    machine = recorded(name)
    request = StorageRequest(clear=Clear.ALL, zero_mbr=True, automatic=Automatic(scheme=scheme))
    try:
        storage = plan_storage(request, machine, an_image())
    except BadInput:
        storage = StoragePlan()
    lines = list(storage_lines(a_plan(storage=storage), machine))
    assert all(len(line) <= WIDTH or " " not in line.strip() for line in lines)
    assert all(line == line.rstrip() for line in lines)


def test_new_stacks() -> None:
    lines = list(storage_lines(a_plan(storage=new_plan()), new_machine()))
    assert "      RAID1 array pv on sda3, sdb3: 60.0 GiB, new, LUKS2: in the group vg" in lines
    assert "        vg/var      20.0 GiB  new           thin volume, xfs         /var" in lines
