from __future__ import annotations

import tarfile
from dataclasses import replace
from pathlib import Path

from ashore_installer.errors import ExitStatus
from ashore_installer.events import StepFinished
from ashore_installer.facts import Facts
from ashore_installer.machine import MachineInfo
from ashore_installer.plan import Draft, Finish
from ashore_installer.run import CommandFailed
from ashore_installer.secret import Secret
from ashore_installer.storage_plan import Encryption
from ashore_installer.storage_request import Automatic, Clear, StorageRequest
from ashore_tui.engine import Progress, Running
from ashore_tui.flow.evaluate import begin, evaluate
from ashore_tui.flow.state import with_draft, with_system
from ashore_tui.lines.face import LineFace
from tests.fakes.machines import recorded
from tests.tui.fakes import BROKEN, DONE
from tests.tui.flow_values import REMOTE, PlanningEngine
from tests.tui.lines.scripted import prompt_of, sit
from tests.tui.lines.ways import DISK, PASSWORD, SHORTEST
from tests.tui.test_session import Interrupted

# --- a kickstart ---------------------------------------------------------------------------------------------


def test_a_kickstart_is_asked_only_for_what_it_leaves_open(tmp_path: Path) -> None:
    engine = PlanningEngine(machine=recorded("two-sata"), directory=tmp_path)
    flow = begin(engine, kickstart="ks.cfg")
    flow = with_system(flow, replace(flow.system, hostname="given"))
    request = StorageRequest(only_use=("sdb",), clear=Clear.ALL, zero_mbr=True, automatic=Automatic())
    flow = evaluate(with_draft(flow, replace(flow.draft, storage=request, finish=Finish.POWEROFF)), engine)

    ended = sit(tmp_path, (*PASSWORD, "yes", ""), flow=flow, engine=engine)

    assert ended.status == ExitStatus.DONE
    assert ended.finishes == [Finish.POWEROFF]
    assert ended.engine.requests[0].plan.system.hostname == "given"
    assert "The kickstart ks.cfg has filled in what it says." in ended.person.said


def test_what_a_kickstart_says_wrong_is_put_right(tmp_path: Path) -> None:
    engine = PlanningEngine(machine=recorded("two-sata"), directory=tmp_path)
    flow = begin(engine, kickstart="ks.cfg")
    flow = with_system(flow, replace(flow.system, hostname="my_host"))

    ended = sit(tmp_path, (*DISK, *PASSWORD, "1", "host", "", "yes", "3"), flow=flow, engine=engine)

    assert "'my_host' is no host name." in ended.person.said
    assert ended.engine.requests[0].plan.system.hostname == "host"


def test_a_kickstart_may_leave_the_passphrase_to_the_person(tmp_path: Path) -> None:
    engine = PlanningEngine(machine=recorded("two-sata"), directory=tmp_path)
    flow = begin(engine, kickstart="ks.cfg")
    automatic = Automatic(encryption=Encryption(cipher="aes-xts-plain64"))
    request = StorageRequest(only_use=("sdb",), clear=Clear.ALL, zero_mbr=True, automatic=automatic)
    flow = with_draft(flow, replace(flow.draft, storage=request))

    ended = sit(tmp_path, ("", "y", "korb7Fisch", "korb7Fisch", "", *PASSWORD, "yes", "3"), flow=flow, engine=engine)

    assert ended.status == ExitStatus.DONE
    (opened,) = ended.engine.requests[0].plan.storage.encrypted
    assert opened.encryption == Encryption(passphrase=Secret("korb7Fisch"), cipher="aes-xts-plain64")
    assert "  3) Encryption: the passphrase is missing" in ended.person.said


# --- the end -------------------------------------------------------------------------------------------------


def test_a_failure_can_be_tried_again(tmp_path: Path) -> None:
    engine = PlanningEngine(machine=recorded("two-sata"), directory=tmp_path, events=BROKEN)

    ended = sit(tmp_path, (*SHORTEST, "1", "m", "6", "1", "other", "m", "10", "yes", "3"), engine=engine)

    assert ended.status == ExitStatus.FAILED
    assert len(engine.requests) == 2
    assert engine.requests[1].plan.system.hostname == "other"
    assert "  The disk is full." in ended.person.said


def test_logs_of_a_failure_can_be_saved(tmp_path: Path) -> None:
    engine = PlanningEngine(machine=recorded("two-sata"), directory=tmp_path, events=BROKEN)
    (tmp_path / "ashore.log").write_text("log")
    stick = tmp_path / "stick"
    stick.mkdir()

    ended = sit(tmp_path, (*SHORTEST, "2", "/nowhere/at/all", f"{stick}/logs.tar.gz", "2", ":b", "q"), engine=engine)

    assert ended.status == ExitStatus.FAILED
    with tarfile.open(stick / "logs.tar.gz") as archive:
        assert archive.getnames() == ["ashore-logs/ashore.log", "ashore-logs/journal.jsonl"]
    assert "There is no directory /nowhere/at." in ended.person.said
    assert "Nothing was saved." in ended.person.said
    assert "Nothing was written." not in ended.person.said


def test_logs_that_can_not_be_saved(tmp_path: Path) -> None:
    engine = PlanningEngine(machine=recorded("two-sata"), directory=tmp_path, events=BROKEN)

    ended = sit(tmp_path, (*SHORTEST, "2", "/proc/ashore-logs.tar.gz", "3"), engine=engine)

    assert "The logs can't be saved as /proc/ashore-logs.tar.gz" in ended.person.text


def test_who_goes_away_after_the_end_has_installed_all_the_same(tmp_path: Path) -> None:
    for answer in ("q", "b", "m"):
        ended = sit(tmp_path, (*SHORTEST, answer), "two-sata")

        assert ended.status == ExitStatus.DONE
        assert ended.finishes == []
        assert "Nothing was written." not in ended.person.said


def test_a_machine_that_is_not_ours_is_not_restarted(tmp_path: Path) -> None:
    engine = PlanningEngine(machine=recorded("two-sata"), directory=tmp_path)
    prompt, person = prompt_of(*SHORTEST)

    assert LineFace(engine=engine, prompt=prompt, finish=None, flow=begin(engine)).run() == ExitStatus.DONE
    assert person.said[-1] == "Remove the medium before the machine starts again."


def test_the_end_says_what_was_proven(tmp_path: Path) -> None:
    proof = StepFinished(step="prove-storage", seconds=1)
    engine = PlanningEngine(machine=recorded("two-sata"), directory=tmp_path, events=(*DONE[:-1], proof, DONE[-1]))

    ended = sit(tmp_path, (*SHORTEST, "3"), engine=engine)

    assert any(line.startswith("  The disks were read again") for line in ended.person.said)


def test_who_interrupts_after_the_first_write_leaves_the_installation_alone(tmp_path: Path) -> None:
    class Engine(PlanningEngine):
        def attach(self) -> Running:
            return interrupted

    interrupted = Interrupted(tmp_path / "journal", DONE[:4])
    engine = Engine(machine=recorded("two-sata"), directory=tmp_path)

    ended = sit(tmp_path, SHORTEST, engine=engine)

    assert ended.status == ExitStatus.CANCELLED
    assert interrupted.cancelled == []
    assert ended.person.said[-2:] == [
        "The disks are being written, so the installation goes on without this program.",
        "To see it again: ashore install --follow",
    ]


def test_who_interrupts_before_the_first_write_installs_nothing_and_may_try_again(tmp_path: Path) -> None:
    class Engine(PlanningEngine):
        def attach(self) -> Running:
            return interrupted

    interrupted = Interrupted(tmp_path / "journal", DONE[:2])
    engine = Engine(machine=recorded("two-sata"), directory=tmp_path)

    ended = sit(tmp_path, (*SHORTEST, "3"), engine=engine)

    assert ended.status == ExitStatus.CANCELLED
    assert interrupted.cancelled == [True]
    assert "Cancelled. Nothing was written." in ended.person.said


def test_a_program_that_is_missing_is_told_at_the_source(tmp_path: Path) -> None:
    class Engine(PlanningEngine):
        def resolve(self, draft: Draft, progress: Progress, machine: MachineInfo | None = None) -> tuple[Draft, Facts]:
            if draft.payload.source == REMOTE:
                raise CommandFailed(("skopeo", "inspect"), 127, "")
            return super().resolve(draft, progress, machine)

    engine = Engine(machine=recorded("two-sata"), directory=tmp_path)

    ended = sit(tmp_path, ("m", "3", "1", "2", REMOTE, "q"), engine=engine)

    assert ended.flow.source_problem is not None
    assert "skopeo" in ended.flow.source_problem.message
