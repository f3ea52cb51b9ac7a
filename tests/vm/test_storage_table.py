"""The table of storage scenarios itself, and how an outcome is compared with it: no machine is needed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from ashore_installer import codec
from ashore_installer.errors import BadInput
from ashore_installer.units import GiB, MiB
from ashore_isogen.qemu.spec import Bus
from tests.vm.storage.disks import DiskSpec, Sectors, disk_from
from tests.vm.storage.row import Look, Outcome, Row, Said, Seen
from tests.vm.storage.scenario import digest, faults
from tests.vm.storage.scenarios import ROWS

ROOT = Seen(name="vda3", size=8 * GiB, format="xfs", mount="/")
ROW = Row(name="a-row", kickstart="autopart\n", seen=(ROOT,), looks=(Look(command="true", says="yes"),))
GOOD = Outcome(seen=(ROOT,), said=(Said(command="true", status=0, output="yes"),), written=True)
REFUSAL = Row(name="a-refusal", kickstart="autopart\n", refused="too small")


def test_there_are_enough_rows_and_each_says_what_must_come_of_it() -> None:
    names = [row.name for row in ROWS]
    assert len(names) == len(set(names)) >= 40
    assert [row.name for row in ROWS if bool(row.seen) == bool(row.refused)] == []


def test_a_row_survives_its_way_into_the_guest() -> None:
    for row in ROWS:
        assert codec.from_data(codec.to_data(row), Row, "a row") == row


def test_what_is_as_expected_has_no_fault() -> None:
    assert list(faults(ROW, GOOD, [])) == []
    assert list(faults(REFUSAL, Outcome(refused="The disk is too small."), [])) == []


@pytest.mark.parametrize(
    ("outcome", "fault"),
    [
        (replace(GOOD, seen=(replace(ROOT, size=7 * GiB),)), "vda3: size is"),
        (replace(GOOD, seen=(replace(ROOT, format="ext4"),)), "vda3: format is 'ext4', and not 'xfs'"),
        (replace(GOOD, seen=()), "vda3 is missing"),
        (replace(GOOD, seen=(ROOT, Seen(name="vda4"))), "vda4 is too much"),
        (replace(GOOD, said=(Said(command="true", status=1, output="no"),)), "`true` says 'no'"),
        (replace(GOOD, left=("mapped vg-root",)), "It leaves open: mapped vg-root"),
        (Outcome(refused="No."), "It was refused: No."),
    ],
)
def test_every_difference_is_a_fault(outcome: Outcome, fault: str) -> None:
    (found,) = faults(ROW, outcome, [])
    assert found.startswith(fault)


@pytest.mark.parametrize(
    ("outcome", "changed", "fault"),
    [
        (GOOD, ["disk1"], "It was not refused"),
        (Outcome(refused="It is mounted."), [], "It was refused for another reason"),
        (Outcome(refused="too small", written=True), [], "It was refused after the first write"),
        (Outcome(refused="too small"), ["disk1"], "The refusal changed disk1"),
    ],
)
def test_a_refusal_must_be_the_right_one_and_change_nothing(outcome: Outcome, changed: list[str], fault: str) -> None:
    assert [text for text in faults(REFUSAL, outcome, changed) if text.startswith(fault)] != []


def test_the_digest_of_a_disk_is_that_of_its_content(tmp_path: Path) -> None:
    images = [tmp_path / name for name in ("a", "b", "c")]
    for image, place in zip(images, (100 * MiB, 100 * MiB, 101 * MiB), strict=True):
        with image.open("xb") as file:
            file.truncate(3 * GiB)
            file.seek(place)
            file.write(b"content")
    with images[1].open("r+b") as file:  # written, but nothing
        file.seek(1 * GiB)
        file.write(bytes(MiB))
    first, second, third = map(digest, images)
    assert first == second != third


def test_disks_are_written_as_people_think_of_them() -> None:
    assert disk_from("10G") == DiskSpec(size=10 * GiB)
    wanted = DiskSpec(size=8 * GiB, bus=Bus.NVME, sectors=Sectors.NATIVE, readonly=True)
    assert disk_from("8G:nvme,4kn,ro") == wanted
    assert wanted.sector_sizes == (4096, 4096)


@pytest.mark.parametrize("text", ["", "ten", "10G:sata", "10G:nvme,usb", "big:nvme", "10G:4kn,512e"])
def test_what_is_no_disk_is_refused(text: str) -> None:
    with pytest.raises(BadInput, match="is no disk"):
        disk_from(text)
