from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from ashore_installer.errors import ExitStatus
from ashore_installer.events import StepFinished
from ashore_installer.image import ImageInfo
from ashore_installer.plan import Draft, Finish
from ashore_installer.run import CommandFailed
from ashore_installer.secret import Secret
from ashore_installer.storage_plan import Encryption, Format
from ashore_installer.storage_request import Automatic, Clear, Scheme, StorageRequest
from ashore_tui.engine import Progress, Running
from ashore_tui.flow.destination import Way, form_of, usable, usual_disks
from ashore_tui.flow.destination_choices import ways
from ashore_tui.flow.evaluate import begin, evaluate
from ashore_tui.flow.state import with_draft, with_system
from ashore_tui.lines.face import LineFace
from tests.fakes.machines import NAMES, recorded
from tests.tui.fakes import BROKEN, DONE, EMBEDDED
from tests.tui.flow_values import REMOTE, PlanningEngine
from tests.tui.lines.scripted import prompt_of, sit
from tests.tui.test_session import Interrupted

WORD = "correct horse"
LANGUAGE, MODE, ON = "", "", ""
DISK = ("", "", "")
"""Enter for what is to do, Enter for the disk that is proposed, Enter to go on."""
PASSWORD = ("", WORD, WORD, "")
SHORTEST = (LANGUAGE, MODE, *DISK, *PASSWORD, "yes")
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHVw ada@laptop"


# --- the shortest way ----------------------------------------------------------------------------------------


TOGETHER = {"server-md": "1 2", "raid-of-four": "1 2 3 4"}
"""Machines with arrays across disks, which only go together."""
NOWHERE = {name for name in NAMES if not usable(recorded(name))}


@pytest.mark.parametrize("name", sorted(set(NAMES) - NOWHERE))
def test_the_shortest_way_on_every_machine(name: str, tmp_path: Path) -> None:
    disk = ("", TOGETHER.get(name, ""), "")

    ended = sit(tmp_path, (LANGUAGE, MODE, *disk, *PASSWORD, "yes", "1"), name)

    assert ended.status == ExitStatus.DONE
    assert ended.finishes == [Finish.REBOOT]
    (request,) = ended.engine.requests
    assert request.plan == ended.flow.plan
    assert request.plan.system.root.password is not None
    assert WORD not in ended.person.text
    assert "ashore: installation finished (status 0)" in ended.person.said


@pytest.mark.parametrize("name", sorted(NOWHERE))
def test_a_machine_without_a_disk_to_install_on_says_why(name: str, tmp_path: Path) -> None:
    ended = sit(tmp_path, (LANGUAGE, MODE, "", "m", "10", "q"), name)

    assert ended.status == ExitStatus.CANCELLED
    assert "  There is no disk to install on. Attach one, and start again." in ended.person.said
    assert "None of the disks can be used." in ended.person.said
    assert "2 topics are open." in ended.person.said


def test_a_machine_whose_disks_only_go_together(tmp_path: Path) -> None:
    refused = sit(tmp_path, (LANGUAGE, MODE, "", "", "m", "q"), "server-md")
    assert "The array md126 would lose a part" in refused.person.text
    assert "4) Destination: WRONG." in refused.person.text

    both = sit(tmp_path, (LANGUAGE, MODE, "", "1 2", "", *PASSWORD, "yes", "3"), "server-md")
    assert both.status == ExitStatus.DONE


def test_what_is_destroyed_is_named_right_above_the_question(tmp_path: Path) -> None:
    said = sit(tmp_path, SHORTEST, "dual-boot").person.said
    question = said.index("Type yes to install, m to change something: ")

    assert said[question - 1] == "All 10 things named above will be destroyed."
    assert any(line.startswith("  Windows on ") for line in said[question - 25 : question])


def test_a_person_who_does_not_say_yes_installs_nothing(tmp_path: Path) -> None:
    for answers in ((), ("no", "q"), ("", "q"), ("ja", "q"), ("q",), ("b", "q")):
        ended = sit(tmp_path, (*SHORTEST[:-1], *answers), "two-sata")

        assert ended.status == ExitStatus.CANCELLED
        assert ended.engine.requests == []
        assert ended.person.said[-1] == "Nothing was written."


def test_only_root_installs(tmp_path: Path) -> None:
    engine = PlanningEngine(machine=recorded("two-sata"), directory=tmp_path, privileged=False)

    ended = sit(tmp_path, (*SHORTEST, "q"), engine=engine)

    assert engine.requests == []
    assert "Only root can install. Try it again with sudo." in ended.person.said


def test_a_rehearsal_is_marked_on_every_page_and_restarts_nothing(tmp_path: Path) -> None:
    engine = PlanningEngine(machine=recorded("two-sata"), directory=tmp_path)
    ended = sit(tmp_path, SHORTEST, flow=replace(begin(engine), rehearsal=True), engine=engine)

    titles = [one for one, below in zip(ended.person.said, ended.person.said[1:], strict=False) if set(below) == {"-"}]
    assert len(titles) == 7
    assert all(one.endswith("(rehearsal: nothing is written)") for one in titles)
    assert ended.person.said[-1] == "This was a rehearsal: nothing was written."
    assert ended.finishes == []


# --- going about ---------------------------------------------------------------------------------------------


def test_back_leads_back_and_the_menu_anywhere(tmp_path: Path) -> None:
    ended = sit(tmp_path, (LANGUAGE, "b", "m", "6", "1", "server1", "m", "q"), "two-sata")

    titles = [one for one, below in zip(ended.person.said, ended.person.said[1:], strict=False) if set(below) == {"-"}]
    assert titles == [
        "Language and keyboard", "Mode", "Language and keyboard", "All topics", "Host name", "Host name", "All topics",
    ]  # fmt: skip
    assert ended.flow.system.hostname == "server1"
    assert "   6) Host name: done. server1" in ended.person.said


def test_enter_in_the_menu_leads_to_what_is_open(tmp_path: Path) -> None:
    ended = sit(tmp_path, ("m", "", "q"), "two-sata")

    assert ended.person.said.count("Destination") == 1


def test_help_says_what_a_topic_is(tmp_path: Path) -> None:
    ended = sit(tmp_path, ("?", "q"), "two-sata")

    assert any(line.startswith("The language of the installed system") for line in ended.person.said)


def test_numbers_that_are_not_there(tmp_path: Path) -> None:
    ended = sit(tmp_path, ("7", "x", "m", "99", "m", "b", "q"), "two-sata")

    assert ended.person.said.count("Give a number from 1 to 2.") == 2
    assert ended.person.said.count("Give a number from 1 to 10.") == 1


def test_back_in_a_setting_leaves_it_as_it_was(tmp_path: Path) -> None:
    ended = sit(tmp_path, ("m", "6", "1", "server1", "1", ":b", "q"), "two-sata")

    assert ended.flow.system.hostname == "server1"


# --- topics --------------------------------------------------------------------------------------------------


def test_language_keyboard_time_and_boot_options(tmp_path: Path) -> None:
    answers = (
        "1",
        "german (ger",
        "2",
        "dvorak",
        "1",
        "",
        "m",
        "7",
        "1",
        "vienna",
        "2",
        "n",
        "m",
        "9",
        "1",
        "root=x",
        "quiet",
        "q",
    )

    ended = sit(tmp_path, answers, "two-sata")

    system = ended.flow.system
    assert (system.locale, system.timezone, system.utc) == ("de_DE.UTF-8", "Europe/Vienna", False)
    assert system.keymap == "dvorak"
    assert ended.flow.draft.kargs == ("quiet",)
    assert "The installer itself says root=." in ended.person.said


def test_traditional_says_why_it_is_not_there(tmp_path: Path) -> None:
    ended = sit(tmp_path, (LANGUAGE, "1", "2", "1", "q"), "two-sata")

    assert "Traditional can't be chosen: This medium carries no packages" in ended.person.text


def test_another_image_is_looked_up(tmp_path: Path) -> None:
    name = REMOTE.removeprefix("docker://")
    answers = ("m", "3", "1", "2", "sample", name, "3", "y", "1", "2", "registry.example/none", "q")

    ended = sit(tmp_path, answers, "two-sata")

    assert f"Looking for {REMOTE} ..." in ended.person.said
    assert "  Signature: checked when it is fetched, by the policy of this system" in ended.person.said
    assert "Begin with the registry, like quay.io/fedora/fedora-bootc:43." in ended.person.said
    assert "The image docker://registry.example/none can't be read: no such manifest." in ended.person.said
    assert ended.flow.draft.payload.signed


def test_updates_can_come_from_elsewhere_without_another_lookup(tmp_path: Path) -> None:
    ended = sit(tmp_path, ("m", "3", "2", "registry.example/mine:2", "q"), "two-sata")

    assert ended.flow.draft.payload.source == EMBEDDED.source
    assert ended.flow.draft.payload.target == "docker://registry.example/mine:2"
    assert ended.flow.image is not None


def test_without_a_medium_the_image_is_asked_on_the_way(tmp_path: Path) -> None:
    engine = PlanningEngine(machine=recorded("two-sata"), directory=tmp_path, embedded=None)
    answers = (LANGUAGE, MODE, "", REMOTE, ON, *DISK, *PASSWORD, "yes", "3")

    ended = sit(tmp_path, answers, engine=engine)

    assert ended.status == ExitStatus.DONE
    assert ended.engine.requests[0].plan.payload.source == REMOTE


def test_the_layout_can_be_chosen(tmp_path: Path) -> None:
    answers = ("m", "4", "", "2", "4", "2", "5", "3", "6", "y", "7", "y", "2", "2", "q")

    ended = sit(tmp_path, answers, "two-sata")

    form = form_of(ended.flow.storage, ended.flow.machine)
    assert form is not None
    assert (form.disks, form.way) == ((recorded("two-sata").disk("sdb").id,), Way.FREE)
    assert (form.scheme, form.format, form.home, form.swap) == (Scheme.LVM, Format.EXT4, True, True)


def test_btrfs_has_no_other_file_system(tmp_path: Path) -> None:
    ended = sit(tmp_path, ("m", "4", "", "", "5", "2", "4", "4", "5", "q"), "two-sata")

    assert "A btrfs layout has no other file system." in ended.person.said
    assert ended.flow.plan is not None


def test_encryption_with_the_tpm_where_there_is_one(tmp_path: Path) -> None:
    answers = ("m", "4", "", "", "3", "", "short", "other", "short", "short")

    ended = sit(tmp_path, (*answers, "y", "q"), "dual-boot")
    form = form_of(ended.flow.storage, ended.flow.machine)

    assert form is not None
    assert form.encryption is not None
    assert form.encryption.passphrase is not None
    assert form.encryption.passphrase.reveal() == "short"
    assert form.encryption.tpm2 is not None
    assert "short" not in ended.person.text.replace("Weak: longer", "")
    assert "  3) Encryption: passphrase, TPM" in ended.person.said

    without = sit(tmp_path, (*answers, "3", "n", "q"), "two-sata")
    assert "  3) Encryption: passphrase" in without.person.said
    assert "  3) Encryption: none" in without.person.said[-10:]


def test_a_system_can_be_replaced(tmp_path: Path) -> None:
    machine = recorded("dual-boot")
    known = [one.value for one in ways(machine, usual_disks(machine))]
    last = 1 + known.index("replace:Debian GNU/Linux 13 (trixie)")
    answers = (LANGUAGE, MODE, "", "", "2", str(last), ON, *PASSWORD, "yes", "3")

    ended = sit(tmp_path, answers, "dual-boot")
    form = form_of(ended.flow.storage, ended.flow.machine)

    assert ended.status == ExitStatus.DONE
    assert form is not None
    assert (form.way, form.replaces) == (Way.REPLACE, "Debian GNU/Linux 13 (trixie)")


def test_a_partition_can_make_room(tmp_path: Path) -> None:
    answers = (LANGUAGE, MODE, "", "", "2", "3", "1 GiB", "9 TiB", "300 GiB", ON, *PASSWORD, "yes", "3")

    ended = sit(tmp_path, answers, "dual-boot")
    form = form_of(ended.flow.storage, ended.flow.machine)

    assert ended.status == ExitStatus.DONE
    assert form is not None
    assert [one.size for one in form.shrink] == [300 << 30]
    assert any(line.startswith("It has to be ") for line in ended.person.said)
    assert any(line.startswith("There is room for ") for line in ended.person.said)


def test_users_are_made_changed_and_removed(tmp_path: Path) -> None:
    ada = ("3", "Ada Lovelace", "", "", WORD, WORD)
    change = ("3", "1", "Ada King", "3", "4", "wheel video", "5", KEY, "", "")
    bob = ("4", "", "Bob", "bob", "n", "", "4", "6", "y")

    ended = sit(tmp_path, ("m", "5", *ada, *change, *bob, "q"), "two-sata")

    (user,) = ended.flow.system.users
    assert (user.name, user.gecos, user.groups, user.ssh_keys) == ("ada", "Ada King", ("wheel", "video"), (KEY,))
    assert user.password is not None
    assert "Use small letters, digits, _ and -; begin with a letter; 32 characters at most." in ended.person.said
    assert "  4) User bob: can't log in" in ended.person.said


def test_root_may_have_keys_only_and_lose_its_password(tmp_path: Path) -> None:
    answers = ("m", "5", "1", WORD, WORD, "1", "n", "2", "hello", "", KEY, "", "q")

    ended = sit(tmp_path, answers, "two-sata")

    root = ended.flow.system.root
    assert (root.password, root.locked, root.ssh_keys) == (None, True, (KEY,))
    assert "Key 1 is no public key, as ssh-ed25519 AAAA… name." in ended.person.said


def test_an_image_with_accounts_of_its_own(tmp_path: Path) -> None:
    ended = sit(tmp_path, (LANGUAGE, MODE, *DISK, "4", "y", ON, "yes", "3"), "two-sata")

    assert ended.status == ExitStatus.DONE
    assert ended.engine.requests[0].plan.system.root.password is None


def test_of_several_disks_the_first_one_boots(tmp_path: Path) -> None:
    ended = sit(tmp_path, ("m", "4", "", "2 1", "q"), "nvme-4kn")

    second = recorded("nvme-4kn").disks[1].id
    assert ended.flow.draft.boot_disk == second
    assert ended.flow.plan is not None
    assert ended.flow.plan.boot.disks[0] == second


def test_the_network_is_shown_as_it_is(tmp_path: Path) -> None:
    ended = sit(tmp_path, ("m", "8", "q"), "laptop-windows")

    assert any(line.startswith("  wlp2s0 (") and line.endswith("not connected") for line in ended.person.said)
    assert "settings of its own can't be given yet" in " ".join(ended.person.text.split())


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

    ended = sit(tmp_path, (*SHORTEST, "2", "/nowhere/at/all", str(stick), "2", ":b", "q"), engine=engine)

    assert ended.status == ExitStatus.FAILED
    assert sorted(path.name for path in stick.iterdir()) == ["ashore.log", "journal.jsonl"]
    assert "There is no folder /nowhere/at/all." in ended.person.said
    assert "Nothing was written." not in ended.person.said


def test_logs_that_can_not_be_saved(tmp_path: Path) -> None:
    engine = PlanningEngine(machine=recorded("two-sata"), directory=tmp_path, events=BROKEN)

    ended = sit(tmp_path, (*SHORTEST, "2", str(tmp_path), "3"), engine=engine)

    assert "ashore.log could not be saved in" in ended.person.text


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
        def resolve(self, draft: Draft, progress: Progress) -> tuple[Draft, ImageInfo]:
            if draft.payload.source == REMOTE:
                raise CommandFailed(("skopeo", "inspect"), 127, "")
            return super().resolve(draft, progress)

    engine = Engine(machine=recorded("two-sata"), directory=tmp_path)

    ended = sit(tmp_path, ("m", "3", "1", "2", REMOTE, "q"), engine=engine)

    assert ended.flow.source_problem is not None
    assert "skopeo" in ended.flow.source_problem.message
