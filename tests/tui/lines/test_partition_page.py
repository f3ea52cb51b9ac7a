from __future__ import annotations

from pathlib import Path

from ashore_installer.errors import ExitStatus
from ashore_installer.storage_plan import Format, RaidLevel
from ashore_installer.storage_request import Clear
from tests.fakes.machines import recorded
from tests.tui.flow_values import PlanningEngine
from tests.tui.lines.scripted import Sitting, sit
from tests.tui.lines.ways import LANGUAGE, MODE, ON, PASSWORD

HAND = ("m", "4", "2")
"""To the destination, and on to setting partitions by hand."""
WORD = "korb7Fisch"


def hand(directory: Path, machine: str, *answers: str) -> Sitting:
    return sit(directory, (*HAND, *answers), machine)


def numbers(sitting: Sitting) -> dict[str, str]:
    """The number of each row on the last page of partitions, by the row's name."""
    said = sitting.person.said
    start = len(said) - 1 - said[::-1].index("Partitions")
    found = [line.split(")", 1) for line in said[start + 2 :] if ")" in line and line.lstrip()[:1].isdigit()]
    return {text.strip().split(":")[0]: number.strip() for number, text in found}


def test_a_blank_disk_is_partitioned_and_installed_on(tmp_path: Path) -> None:
    start = (LANGUAGE, MODE, "2", "2", "n", "1")
    row = numbers(sit(tmp_path, start, "qemu-bios-virtio"))["free"]
    root = (row, "/", "2", "10 GiB", "n")
    home = (str(int(row) + 1), "/home", "1", "max", "y", WORD, WORD)

    ended = sit(tmp_path, (*start, *root, *home, "", ON, *PASSWORD, "yes", "3"), "qemu-bios-virtio")

    assert ended.status == ExitStatus.DONE
    plan = ended.engine.requests[0].plan.storage
    assert plan.format_of("/") is Format.XFS
    assert {mount.path for mount in plan.mounts} == {"/", "/boot", "/home"}
    assert len(plan.encrypted) == 1
    assert WORD not in ended.person.text


def test_what_is_there_is_kept_formatted_deleted_and_brought_back(tmp_path: Path) -> None:
    rows = numbers(hand(tmp_path, "dual-boot", "1"))
    efi = (rows["nvme0n1p1"], "1", "y", "/boot/efi", "")
    root = (rows["nvme0n1p5"], "1", "n", "/", "3", "", "n")
    home = (rows["nvme0n1p7"], "1", "y", "/home", "")
    swap = (rows["nvme0n1p6"], "2")

    ended = hand(tmp_path, "dual-boot", "1", *efi, *root, *home, *swap, "u", "", "q")

    plan = ended.flow.plan
    assert plan is not None, ended.person.text[-3000:]
    kept = {mount.path: plan.storage.block(mount.device).keep for mount in plan.storage.mounts}
    assert kept == {"/": False, "/boot/efi": True, "/home": True}
    assert plan.storage.format_of("/") is Format.EXT4
    assert ended.flow.storage is not None
    assert ended.flow.storage.clear_partitions == ()


def test_back_leaves_everything_as_it_was(tmp_path: Path) -> None:
    ended = hand(tmp_path, "dual-boot", "1", "8", "2", "b", "q")

    assert ended.flow.storage is None


def test_a_question_can_be_left_without_losing_the_page(tmp_path: Path) -> None:
    ended = hand(tmp_path, "two-sata", "2", "n", "b", "n", "1", "", "q")

    assert ended.flow.storage is not None
    assert ended.flow.storage.clear is Clear.LIST


def test_refusals_say_why(tmp_path: Path) -> None:
    rows = numbers(hand(tmp_path, "two-sata", "2"))
    free = rows["free"]

    ended = hand(tmp_path, "two-sata", "2", "77", "x", free, "/usr", "/", "1", "90 TiB", "n", "b", "q")

    assert any(line.startswith("Give a number from 1 to ") for line in ended.person.said)
    assert "/usr is part of the image" in ended.person.text
    assert ended.flow.storage is None


def test_the_automatic_layout_can_be_the_beginning_and_is_gone_on_with_later(tmp_path: Path) -> None:
    automatic = (LANGUAGE, MODE, "", "")

    ended = sit(tmp_path, (*automatic, "8", "3", "", "q"), "qemu-uefi-nvme")

    assert ended.flow.storage is not None
    assert ended.flow.storage.automatic is None
    assert ended.flow.plan is not None
    assert "  1) Set partitions by hand: set" in ended.person.said
    again = sit(tmp_path, ("m", "4", "1", "", "2", "1", "", "q"), flow=ended.flow, engine=ended.engine)
    assert any("automatic" in line for line in again.person.said)


def test_an_encrypted_partition_is_opened_by_its_passphrase(tmp_path: Path) -> None:
    rows = numbers(hand(tmp_path, "laptop-linux-luks", "1"))
    luks = next(name for name in rows if name.endswith("p3"))

    ended = hand(tmp_path, "laptop-linux-luks", "1", rows[luks], "1", "y", "/home", WORD, WORD, "3", "", "q")

    assert ended.flow.storage is not None
    (asked,) = ended.flow.storage.partitions
    assert asked.keep
    assert asked.encryption is not None
    assert asked.encryption.passphrase is not None


def test_groups_arrays_and_btrfs_volumes_span_disks(tmp_path: Path) -> None:
    group = ("n", "2", "1 2", "vg", "root", "/", "1", "20 GiB", "n")
    by_group = hand(tmp_path, "nvme-4kn", "2", *group, "", "q")
    assert by_group.flow.storage is not None
    assert [one.name for one in by_group.flow.storage.volumes] == ["root"]
    row = numbers(by_group)["vg"]
    more = hand(tmp_path, "nvme-4kn", "2", *group, row, "1", "home", "/home", "1", "30 GiB", "", "q")
    assert more.flow.storage is not None
    assert [one.name for one in more.flow.storage.volumes] == ["root", "home"]

    array = hand(tmp_path, "nvme-4kn", "2", "n", "3", "1 2", "root", "2", "/", "1", "20 GiB", "n", "", "q")
    assert array.flow.storage is not None
    assert [one.level for one in array.flow.storage.arrays] == [RaidLevel.RAID1]

    volume = ("n", "4", "1 2", "data", "max", "n", "root", "/", "home", "/home", "")
    btrfs = hand(tmp_path, "nvme-4kn", "2", *volume, "", "q")
    assert btrfs.flow.storage is not None
    assert [one.mount for one in btrfs.flow.storage.subvolumes] == ["/", "/home"]
    row = numbers(btrfs)["data"]
    inner = hand(tmp_path, "nvme-4kn", "2", *volume, row, "1", "srv", "/srv", "", "q")
    assert inner.flow.storage is not None
    assert inner.flow.storage.subvolumes[-1].mount == "/srv"


def test_without_an_image_nothing_can_be_sized(tmp_path: Path) -> None:
    engine = PlanningEngine(machine=recorded("two-sata"), directory=tmp_path, embedded=None)

    ended = sit(tmp_path, (*HAND, "q"), engine=engine)

    assert "What is installed has to be known first, for its size." in ended.person.said
