from __future__ import annotations

from dataclasses import replace

import pytest

from ashore_installer.network_plan import Ipv4, Ipv6, NetworkConnection
from ashore_installer.plan import Problem, RootAccount, SystemPlan, User
from ashore_installer.secret import Secret
from ashore_installer.storage_plan import Encryption
from ashore_installer.storage_request import Automatic, PartitionRequest, StorageRequest
from ashore_tui.flow.destination import Destination, Way, request_of
from ashore_tui.flow.edits import choose_language, set_root_keys, set_root_password
from ashore_tui.flow.evaluate import begin, evaluate, lookup
from ashore_tui.flow.state import Flow, Mode, with_draft, with_mode, with_remote, with_storage, with_system, with_visit
from ashore_tui.flow.status import Kind, TopicStatus
from ashore_tui.flow.topics import (
    TOPICS,
    TopicId,
    begin_allowed,
    first_topic,
    next_topic,
    previous_topic,
    statuses,
    topic,
    topic_of,
)
from ashore_tui.rehearsal.packages import REPOSITORY
from tests.fakes.machines import NAMES
from tests.fakes.values import a_machine
from tests.tui.flow_values import REMOTE, PlanningEngine, on

PASSWORD = Secret("correct horse")
NOBODY = "Nobody could log in: set a password"


def status(flow: Flow, id: str) -> tuple[Kind, str]:  # noqa: A002 (the field's name)
    found = topic(id).status(flow)
    return found.kind, found.text


def settled(flow: Flow, **form: object) -> Flow:
    """The flow with the proposed disk, a root password and a plan."""
    engine = PlanningEngine(machine=flow.machine)
    whole = replace(Destination(disks=(flow.machine.disks[0].id,)), **form)  # type: ignore[arg-type]
    chosen = with_storage(flow, request_of(whole, flow.machine))
    return evaluate(with_system(chosen, set_root_password(chosen.system, PASSWORD)), engine)


# --- every topic's states ------------------------------------------------------------------------------------


def test_what_is_open_at_the_beginning_is_the_disk_and_the_password() -> None:
    flow = on()

    assert {one.id: found.kind for one, found in statuses(flow) if not found.settled} == {
        TopicId.DESTINATION: Kind.TODO,
        TopicId.ACCOUNTS: Kind.TODO,
        TopicId.SUMMARY: Kind.WAITING,
    }


def test_language_and_keyboard() -> None:
    flow = on()

    assert status(flow, "welcome") == (Kind.DONE, "As in the image")
    german = with_system(flow, choose_language(flow.system, "de_DE.UTF-8"))
    assert status(german, "welcome") == (Kind.DONE, "German (Germany); keyboard: German")
    odd = with_system(flow, SystemPlan(locale="tlh_KX", keymap="klingon"))
    assert status(odd, "welcome") == (Kind.DONE, "tlh_KX; keyboard: klingon")
    wrong = with_system(flow, SystemPlan(locale="klingon!"))
    assert status(wrong, "welcome") == (Kind.WRONG, "'klingon!' is no locale.")


def test_mode() -> None:
    flow = on()

    assert status(replace(flow, mode=None), "mode") == (Kind.TODO, "Choose how the system is installed")
    assert status(flow, "mode") == (Kind.DONE, "Image mode")
    kind, text = status(with_mode(flow, Mode.TRADITIONAL), "mode")
    assert (kind, text) == (Kind.WRONG, "This medium carries no packages, and no network card is connected.")
    assert status(with_mode(on("dual-boot"), Mode.TRADITIONAL), "mode") == (Kind.DONE, "Traditional")
    assert status(replace(flow, repositories=(REPOSITORY,), mode=Mode.TRADITIONAL), "mode")[0] is Kind.DONE


def test_source() -> None:
    engine = PlanningEngine(machine=a_machine())
    flow = begin(engine)

    assert status(flow, "source") == (Kind.DONE, "Debian GNU/Linux forky/sid, version 1, from this medium")
    assert status(replace(flow, mode=None), "source") == (Kind.WAITING, "Choose the mode first")
    remote = with_remote(flow, REMOTE)
    assert status(remote, "source") == (Kind.WAITING, f"Looking for {REMOTE}")
    assert status(lookup(remote, engine), "source") == (Kind.DONE, f"{REMOTE}, version 1")
    bad = lookup(with_remote(flow, "docker://registry.example/none"), engine)
    assert status(bad, "source")[0] is Kind.WRONG
    assert bad.source_problem is not None
    assert not bad.needs_lookup


def test_source_without_a_medium() -> None:
    flow = begin(PlanningEngine(machine=a_machine(), embedded=None))

    assert status(flow, "source") == (Kind.TODO, "Name an image: this medium carries none")


@pytest.mark.parametrize(
    ("form", "text"),
    [
        (Destination(), "Erase nvme0n1"),
        (Destination(encryption=Encryption(passphrase=PASSWORD)), "Erase nvme0n1, encrypted"),
        (Destination(way=Way.FREE), "Free space of nvme0n1"),
        (Destination(way=Way.REPLACE, replaces="Debian GNU/Linux 13 (trixie)"),
         "Debian GNU/Linux 13 (trixie) is replaced, its /home stays"),
    ],
)  # fmt: skip
def test_destination(form: Destination, text: str) -> None:
    flow = on("dual-boot")
    chosen = with_storage(flow, request_of(replace(form, disks=(flow.machine.disks[0].id,)), flow.machine))

    assert status(chosen, "destination") == (Kind.WAITING, "Being checked")
    found = evaluate(chosen, PlanningEngine(machine=flow.machine))
    expected = Kind.WRONG if form.way is Way.FREE else Kind.DONE  # the disk is full
    assert status(found, "destination")[0] is expected
    assert expected is Kind.WRONG or status(found, "destination")[1] == text


def test_destination_by_hand_and_while_the_image_is_unknown() -> None:
    flow = on()
    request = StorageRequest(
        zero_mbr=True, required=True, partitions=(PartitionRequest(mount="/", size=10 << 30, grow=True),)
    )
    chosen = evaluate(with_storage(flow, request), PlanningEngine(machine=flow.machine))

    assert status(chosen, "destination") == (Kind.DONE, "vda: partitions as you set them")
    unknown = with_remote(chosen, REMOTE)
    assert status(unknown, "destination") == (Kind.WAITING, "What is installed has to be known first")


def test_a_passphrase_that_is_missing_has_to_be_said() -> None:
    flow = settled(on(), encryption=Encryption())

    assert flow.problems
    assert status(flow, "destination") == (Kind.TODO, "Set the passphrase that opens the disk")


@pytest.mark.parametrize(
    ("system", "kind", "text"),
    [
        (SystemPlan(), Kind.TODO, NOBODY),
        (SystemPlan(root=RootAccount(password=PASSWORD, locked=False)), Kind.DONE, "root can log in"),
        (SystemPlan(root=RootAccount(password=PASSWORD, locked=True)), Kind.TODO, NOBODY),
        (SystemPlan(users=(User(name="ada", password=PASSWORD),)), Kind.DONE, "ada can log in"),
        (SystemPlan(users=(User(name="ada", password=PASSWORD, locked=True),)), Kind.TODO,
         NOBODY),
        (SystemPlan(users=(User(name="Ada", password=PASSWORD),)), Kind.WRONG, "'Ada' can't be the name of a user."),
    ],
)  # fmt: skip
def test_accounts(system: SystemPlan, kind: Kind, text: str) -> None:
    assert status(with_system(on(), system), "accounts") == (kind, text)


def test_accounts_with_keys_only_or_deliberately_none() -> None:
    flow = on()
    key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHVw ada@laptop"

    keyed = with_system(flow, set_root_keys(flow.system, (key,)))
    assert status(keyed, "accounts") == (Kind.DONE, "root (ssh) can log in")
    assert status(replace(flow, no_login=True), "accounts") == (Kind.DONE, "None: the image brings its own")


def test_host_name_time_network_and_boot_options() -> None:
    flow = on()

    for id_ in ("hostname", "time", "boot"):
        assert status(flow, id_) == (Kind.DONE, "As in the image")
    said = with_system(flow, SystemPlan(hostname="s1", timezone="Europe/Berlin", utc=False))
    assert status(said, "hostname") == (Kind.DONE, "s1")
    assert status(said, "time") == (Kind.DONE, "Europe/Berlin, hardware clock in local time")
    assert status(with_system(flow, SystemPlan(hostname="a_b")), "hostname") == (Kind.WRONG, "'a_b' is no host name.")
    assert status(with_system(flow, SystemPlan(timezone="!")), "time")[0] is Kind.WRONG
    assert status(with_draft(flow, replace(flow.draft, kargs=("quiet",))), "boot") == (Kind.DONE, "quiet")
    assert status(on("laptop-windows"), "network") == (Kind.DONE, "Not connected")
    assert status(on("dual-boot"), "network") == (Kind.DONE, "enp0s31f6 connected")
    assert status(flow, "network") == (Kind.DONE, "No network card")
    two = on("server-md")
    by_hand = NetworkConnection(device="eno1", ipv4=Ipv4.STATIC, ipv4_addresses=("192.0.2.7/24",), ipv6=Ipv6.OFF)
    off = NetworkConnection(device="eno2", ipv4=Ipv4.OFF, ipv6=Ipv6.OFF)
    said = with_system(two, SystemPlan(network=(by_hand, off)))
    assert status(said, "network") == (Kind.DONE, "eno1: 192.0.2.7/24, no IPv6; eno2: off")
    wrong = with_system(two, SystemPlan(network=(replace(by_hand, ipv4_gateway="10.0.0.1"),)))
    assert status(wrong, "network") == (Kind.WRONG, "The gateway 10.0.0.1 can't be reached from 192.0.2.7/24.")


def test_kernel_arguments_that_can_not_be_are_the_boot_topics() -> None:
    flow = settled(on())
    wrong = with_draft(flow, replace(flow.draft, kargs=("root=/dev/vda1",)))

    assert status(evaluate(wrong, PlanningEngine(machine=flow.machine)), "boot")[0] is Kind.WRONG


def test_summary() -> None:
    flow = on()

    assert status(flow, "summary") == (Kind.WAITING, "2 topics are open")
    one = with_system(flow, set_root_password(flow.system, PASSWORD))
    assert status(one, "summary") == (Kind.WAITING, "One topic is open")
    ready = settled(flow)
    assert status(ready, "summary") == (Kind.DONE, "Ready to install")
    assert begin_allowed(ready)
    stale = with_system(ready, replace(ready.system, hostname="other"))
    assert status(stale, "summary") == (Kind.WAITING, "Being checked")
    assert not begin_allowed(stale)
    script = replace(ready, problems=(Problem(field="scripts[0]", message="It is no text."),))
    assert status(script, "summary") == (Kind.WRONG, "It is no text.")


def test_several_problems_are_counted() -> None:
    found = replace(settled(on()), problems=tuple(Problem(field="storage.disks", message=f"{n}.") for n in range(3)))

    assert topic("destination").status(found) == TopicStatus(
        kind=Kind.WRONG, text="0. And 2 more.", problems=found.problems
    )


# --- the way -------------------------------------------------------------------------------------------------


def test_the_shortest_way_passes_what_is_settled_by_itself() -> None:
    flow, way = on(), [first_topic(on())]
    while way[-1].id is not TopicId.SUMMARY:
        way.append(next_topic(flow, way[-1].id))

    assert [one.id for one in way] == ["welcome", "mode", "destination", "accounts", "summary"]


def test_what_is_missing_or_wrong_is_on_the_way() -> None:
    flow = begin(PlanningEngine(machine=a_machine(), embedded=None))

    assert next_topic(flow, "mode").id is TopicId.SOURCE
    assert next_topic(with_system(flow, SystemPlan(hostname="a_b")), "accounts").id is TopicId.HOSTNAME


def test_back_is_where_one_came_from() -> None:
    flow = with_visit(on(), "source")

    assert previous_topic(flow, "welcome") is None
    assert [previous_topic(flow, id_) for id_ in ("destination", "mode")] == [topic("source"), topic("welcome")]
    assert previous_topic(on(), "destination") == topic("mode")


def test_who_comes_from_the_summary_goes_back_to_it() -> None:
    flow = with_visit(settled(on()), "summary")

    assert next_topic(flow, "welcome").id is TopicId.SUMMARY
    assert next_topic(with_storage(flow, None), "welcome").id is TopicId.DESTINATION


def test_a_kickstart_begins_at_what_it_leaves_open() -> None:
    flow = on()
    told = replace(flow, kickstart="ks.cfg")

    assert first_topic(told).id is TopicId.DESTINATION
    assert first_topic(settled(told)).id is TopicId.SUMMARY


def test_a_prefilled_draft_keeps_what_it_says_and_can_be_changed() -> None:
    draft = with_system(on(), SystemPlan(hostname="given")).draft
    draft = replace(draft, storage=StorageRequest(zero_mbr=True, automatic=Automatic()), payload=on().draft.payload)
    engine = PlanningEngine(machine=a_machine())
    flow = evaluate(begin(engine, draft, kickstart="ks.cfg"), engine)

    assert status(flow, "hostname") == (Kind.DONE, "given")
    assert status(flow, "destination") == (Kind.DONE, "Free space of vda")
    assert flow.plan is not None
    assert status(with_system(flow, SystemPlan(hostname="mine")), "hostname") == (Kind.DONE, "mine")


def test_a_draft_keeps_its_own_name_for_updates() -> None:
    draft = replace(
        on().draft, payload=replace(on().draft.payload, source="", target="docker://registry.example/mine:1")
    )
    flow = begin(PlanningEngine(machine=a_machine()), draft)

    assert flow.draft.payload.target == "docker://registry.example/mine:1"
    assert flow.offer is not None


@pytest.mark.parametrize("name", NAMES)
def test_every_machine_can_be_looked_at(name: str) -> None:
    assert all(found.text for _, found in statuses(on(name)))


# --- whose a problem is --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("field", "where"),
    [
        ("payload.source", "source"),
        ("storage", "destination"),
        ("storage.partitions[0].disk", "destination"),
        ("storage.encrypted[0].encryption.passphrase", "destination"),
        ("boot_disk", "destination"),
        ("boot.disk", "destination"),
        ("kargs", "boot"),
        ("system.hostname", "hostname"),
        ("system.locale", "welcome"),
        ("system.keymap", "welcome"),
        ("system.timezone", "time"),
        ("system.root", "accounts"),
        ("system.users.ada", "accounts"),
        ("system.groups", "accounts"),
        ("scripts[0]", "summary"),
        ("storages", "summary"),
    ],
)
def test_a_problem_belongs_to_a_topic(field: str, where: str) -> None:
    assert topic_of(Problem(field=field, message="x")) == where


def test_every_topic_has_a_title_and_help() -> None:
    assert len({one.title for one in TOPICS}) == len(TOPICS)
    assert all(one.help.endswith(".") for one in TOPICS)


def test_a_plan_error_is_told_at_its_topic() -> None:
    flow = on("server-md")
    chosen = with_storage(flow, request_of(Destination(disks=(flow.machine.disks[0].id,)), flow.machine))
    found = topic("destination").status(evaluate(chosen, PlanningEngine(machine=flow.machine)))

    assert found.kind is Kind.WRONG
    assert found.problems[0].message.startswith("The array md126 would lose a part")
