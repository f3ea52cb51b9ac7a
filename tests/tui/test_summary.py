from __future__ import annotations

from dataclasses import replace

from ashore_installer.machine import PartitionInfo, PartitionTable
from ashore_installer.plan import Finish, Group, RootAccount, Script, ScriptPhase, SystemPlan, User
from ashore_installer.secret import Secret
from ashore_installer.units import GiB, MiB
from ashore_tui.storage_text import storage_lines
from ashore_tui.summary import loss_lines, plan_lines
from tests.fakes.values import DISK, a_machine, a_plan, an_image

WINDOWS = PartitionInfo(number=1, start=MiB, size=10 * GiB, format="ntfs", label="Windows")


def test_what_is_lost_is_named_partition_by_partition() -> None:
    disk = replace(DISK, table=PartitionTable.GPT, partitions=(WINDOWS,))

    first, second = loss_lines(a_plan(), a_machine(disks=(disk,)))

    assert first.startswith("20.0 GiB virtio, serial disk0, /dev/vda [by-id/virtio-disk0] is erased.")
    assert second.startswith("vda1 (10.0 GiB, ")
    assert "ntfs" in second


def test_a_whole_plan() -> None:
    system = SystemPlan(
        hostname="harbour",
        locale="C.UTF-8",
        keymap="de",
        x11_layouts=("de", "us"),
        timezone="UTC",
        utc=False,
        root=RootAccount(ssh_keys=("key",)),
        users=(User(name="anna", password=Secret("x"), groups=("sudo",)), User(name="bo")),
        groups=(Group(name="crew"),),
    )
    script = Script(phase=ScriptPhase.POST, body="true\n", line=12)
    plan = a_plan(system=system, scripts=(script,), finish=Finish.REBOOT, eject=True)

    assert list(plan_lines(plan, an_image(), a_machine())) == [
        "System:       Debian GNU/Linux forky/sid, version 1",
        "  digest      sha256:" + "a" * 64,
        "  kernel      6.18.1-amd64",
        "  size        300.0 MiB, 1.0 GiB when installed",
        "Image:        oci:/srv/image:1",
        "Updates from: docker://registry.example/sample:1",
        *storage_lines(plan, a_machine()),
        "Host name:    harbour",
        "Language:     C.UTF-8",
        "Keyboard:     de de,us",
        "Time zone:    UTC (hardware clock in local time)",
        "Root:         logs in with 1 ssh key",
        "User:         anna (logs in with password; groups sudo)",
        "User:         bo (can't log in)",
        "Group:        crew",
        "Scripts:      1 (line 12)",
        "At the end:   restart and eject the medium",
    ]


def test_a_plan_by_itself_says_nothing_of_what_it_does_not_know() -> None:
    lines = list(plan_lines(a_plan()))

    assert lines[0] == "Image:        oci:/srv/image:1"
    assert "    after, a new GPT:" in lines
    assert not any("today" in line for line in lines)
    assert "What will be destroyed:" not in lines
    assert "Root:         can't log in" in lines
