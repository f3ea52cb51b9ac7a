"""Traditional mode in the flow: repositories, what is chosen from them, and when it is solved."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ashore_installer.package_plan import GroupChoice, PackagePayload, Repository, SigningKey
from ashore_installer.plan import Draft
from ashore_tui.flow.destination import Destination, request_of
from ashore_tui.flow.evaluate import begin, settle
from ashore_tui.flow.fields import Wrong
from ashore_tui.flow.repositories import (
    Address,
    address,
    address_of,
    confirm_keys,
    key_words,
    known,
    put,
    remove,
    repository_id,
    state_words,
    toggle,
    with_address,
    with_key,
)
from ashore_tui.flow.review import checks, payload_facts
from ashore_tui.flow.software import (
    NONE,
    choose_environment,
    chosen,
    chosen_words,
    environments,
    groups,
    package_names,
    set_excludes,
    solved_lines,
    toggle_group,
    toggle_package,
)
from ashore_tui.flow.state import Flow, Mode, with_mode, with_storage
from ashore_tui.flow.status import Kind
from ashore_tui.flow.topics import TopicId, next_topic, previous_topic, topic
from ashore_tui.rehearsal.packages import FINGERPRINT, REPOSITORY, example_keys
from tests.fakes.machines import recorded
from tests.tui.flow_values import PlanningEngine, a_bootable_image

OTHER = Repository(id="other", baseurls=("https://example.org/os/",), gpgcheck=False)


def an_engine(**changes: object) -> PlanningEngine:
    values = {"machine": recorded("qemu-uefi-nvme"), "offered": (REPOSITORY,), **changes}
    return PlanningEngine(**values)  # type: ignore[arg-type]


def traditional(engine: PlanningEngine | None = None) -> Flow:
    engine = engine or an_engine()
    return settle(with_mode(begin(engine), Mode.TRADITIONAL), engine)


def source(flow: Flow) -> tuple[Kind, str]:
    found = topic(TopicId.SOURCE).status(flow)
    return found.kind, found.text


# --- the mode ------------------------------------------------------------------------------------------------


def test_a_medium_of_packages_alone_is_for_traditional_mode() -> None:
    assert begin(an_engine(embedded=None)).mode is Mode.TRADITIONAL
    assert begin(an_engine()).mode is Mode.IMAGE
    assert begin(an_engine(offered=())).mode is Mode.IMAGE


def test_the_repositories_of_the_medium_are_used_and_the_base_system_is_solved() -> None:
    flow = traditional()
    assert chosen(flow).repositories == (REPOSITORY,)
    assert flow.packages is not None
    assert source(flow)[0] is Kind.DONE
    assert source(flow)[1].startswith("base system: ")
    assert flow.catalogue is not None


def test_who_goes_back_to_image_mode_finds_everything_as_it_was() -> None:
    engine = an_engine()
    flow = settle(toggle_package(traditional(engine), "htop"), engine)
    image = settle(with_mode(flow, Mode.IMAGE), engine)
    assert image.draft.packages is None
    assert image.image == a_bootable_image()
    again = settle(with_mode(image, Mode.TRADITIONAL), engine)
    assert chosen(again).packages == ("htop",)
    assert again.image is None


def test_a_kickstart_with_packages_begins_in_traditional_mode_with_its_choice() -> None:
    payload = PackagePayload(repositories=(REPOSITORY,), environment="server-environment", packages=("git",))
    flow = begin(an_engine(), Draft(packages=payload), kickstart="x.ks")
    assert flow.mode is Mode.TRADITIONAL
    assert chosen(flow) == payload
    assert flow.repositories == (REPOSITORY,)
    assert source(flow)[0] is Kind.DONE
    image = with_mode(flow, Mode.IMAGE)
    assert image.image is not None


def test_packages_are_on_everybodys_way() -> None:
    flow = traditional()
    assert next_topic(flow, TopicId.MODE).id is TopicId.SOURCE
    assert previous_topic(flow, TopicId.DESTINATION) == topic(TopicId.SOURCE)
    assert next_topic(begin(an_engine()), TopicId.MODE).id is TopicId.DESTINATION


def test_without_a_repository_there_is_something_to_do() -> None:
    flow = traditional(an_engine(offered=()))
    assert source(flow) == (Kind.TODO, "Add a repository that packages come from")
    assert not flow.needs_lookup


# --- what is chosen ------------------------------------------------------------------------------------------


def test_an_environment_brings_its_groups_and_takes_them_along() -> None:
    flow = choose_environment(traditional(), "server-environment")
    assert chosen(flow).groups == (GroupChoice(id="containers"),)
    flow = toggle_group(flow, "editors")
    flow = choose_environment(flow, "workstation-environment")
    assert chosen(flow).groups == (GroupChoice(id="editors"), GroupChoice(id="development"))
    flow = choose_environment(flow, NONE)
    assert (chosen(flow).environment, chosen(flow).groups) == ("", (GroupChoice(id="editors"),))
    assert chosen(toggle_group(flow, "editors")).groups == ()


def test_the_groups_of_the_environment_come_first() -> None:
    flow = choose_environment(traditional(), "server-environment")
    listed = groups(flow)
    assert [one.value for one in listed[:3]] == ["containers", "databases", "web-server"]
    assert "core" not in [one.value for one in listed], "it is not shown, and comes anyway"
    assert listed[0].detail == "1 package, 53.0 MiB. Runs containers"
    assert environments(flow.catalogue)[0].value == NONE


def test_a_package_is_named_or_left_out() -> None:
    flow = set_excludes(traditional(), ("htop", "git"))
    flow = toggle_package(flow, "htop")
    assert (chosen(flow).packages, chosen(flow).excludes) == (("htop",), ("git",))
    assert chosen(toggle_package(flow, "htop")).packages == ()
    assert chosen_words(chosen(flow), None) == "base system, 1 package by name"


def test_each_choice_is_solved_anew() -> None:
    engine = an_engine()
    flow = traditional(engine)
    assert flow.packages is not None
    before = len(flow.packages.packages)
    flow = toggle_group(flow, "desktop")
    assert flow.packages is None
    assert source(flow) == (Kind.WAITING, "Finding out which packages belong to it")
    flow = settle(flow, engine)
    assert flow.packages is not None
    assert len(flow.packages.packages) == before + 2
    assert solved_lines(flow)[0].startswith(f"{before + 2} packages, ")


def test_what_can_not_be_solved_is_said() -> None:
    engine = an_engine()
    flow = settle(toggle_package(traditional(engine), "no-such"), engine)
    assert source(flow)[0] is Kind.WRONG
    assert solved_lines(flow)[:2] == (
        "The packages can't be installed together.",
        "No repository has the package no-such.",
    )


def test_other_disks_need_other_packages_and_the_screens_keep_what_they_had() -> None:
    engine = an_engine()
    flow = traditional(engine)
    machine = flow.machine
    solved = len(engine.solved)
    planned = with_storage(flow, request_of(Destination(disks=(machine.disks[0].id,)), machine))
    assert planned.facts is not None
    assert planned.needs_lookup
    assert not planned.ready_to_check
    planned = settle(planned, engine)
    assert len(engine.solved) == solved + 1
    assert planned.plan is not None
    assert planned.problems == ()
    assert "shim-x64" in planned.whole.packages.packages if planned.whole.packages else False
    assert "shim-x64" not in chosen(planned).packages


def test_the_plan_says_what_is_installed() -> None:
    engine = an_engine()
    flow = traditional(engine)
    flow = settle(with_storage(flow, request_of(Destination(disks=(flow.machine.disks[0].id,)), flow.machine)), engine)
    assert flow.plan is not None
    facts = dict(payload_facts(flow, flow.plan))
    assert facts["System"] == "Example OS 1"
    assert facts["Repositories"] == "Example OS 1"
    assert facts["Signatures"] == "checked for every package"
    assert checks(flow)[0].title == "The packages fit this machine and make a system that boots"


@pytest.mark.parametrize(("text", "names"), [("vim, git  git", ("vim", "git")), ("", ()), ("*-doc", ("*-doc",))])
def test_names_of_packages(text: str, names: tuple[str, ...]) -> None:
    assert package_names(text) == names


@pytest.mark.parametrize("text", ["-vim", "a;b", "ä"])
def test_what_is_no_name_of_a_package(text: str) -> None:
    assert isinstance(package_names(text), Wrong)


# --- repositories --------------------------------------------------------------------------------------------


def test_a_repository_is_added_used_and_removed() -> None:
    engine = an_engine()
    flow = settle(put(traditional(engine), OTHER), engine)
    assert [(one.repository.id, one.used) for one in known(flow)] == [("example", True), ("other", True)]
    assert state_words(known(flow)[0]) == "28 packages"
    assert state_words(known(flow)[1]) == "A rehearsal reads no repository but its own."
    assert source(flow)[0] is Kind.WRONG
    flow = toggle(flow, "other")
    assert flow.needs_catalogue
    assert [state_words(one) for one in known(flow)][1] == "not used"
    assert chosen(flow).repositories == (REPOSITORY,)
    flow = remove(flow, "other")
    assert flow.repositories == (REPOSITORY,)


def test_a_repository_is_changed_in_its_place() -> None:
    flow = put(traditional(), OTHER)
    flow = put(flow, replace(REPOSITORY, id="renamed"), instead_of="example")
    assert [one.id for one in chosen(flow).repositories] == ["renamed", "other"]


def test_a_key_is_confirmed_by_its_fingerprint() -> None:
    new = with_key(replace(OTHER, gpgcheck=True), "https://example.org/key.asc")
    assert new.keys == (SigningKey(location="https://example.org/key.asc"),)
    assert key_words(new) == "key not confirmed yet"
    sure = confirm_keys(new, example_keys(PackagePayload(repositories=(new,))))
    assert sure.keys[0].fingerprint == FINGERPRINT
    assert key_words(sure) == "key … 89AB CDEF 0123 4567"
    assert with_key(sure, "https://example.org/key.asc") == sure
    assert with_key(sure, "").keys == ()
    assert key_words(OTHER) == "signatures are NOT checked"
    assert key_words(replace(OTHER, gpgcheck=True)) == "signatures are checked, but there is no key"


def test_an_address_is_of_a_repository_or_of_a_list() -> None:
    assert address_of(OTHER) == (Address.BASE, "https://example.org/os/")
    for kind in (Address.MIRRORS, Address.METALINK):
        assert address_of(with_address(OTHER, kind, "https://example.org/list")) == (kind, "https://example.org/list")


@pytest.mark.parametrize("text", ["https://example.org/a/ https://example.net/a/", "file:///srv/os", "medium:packages"])
def test_addresses(text: str) -> None:
    assert address(text) == text


@pytest.mark.parametrize("text", ["", "example.org", "gopher://example.org", "https://"])
def test_what_is_no_address(text: str) -> None:
    assert isinstance(address(text), Wrong)


def test_ids_of_repositories() -> None:
    assert repository_id(" base-1 ") == "base-1"
    assert repository_id("base", ("base",)) == Wrong("There is a repository base already.")
    assert isinstance(repository_id("two words"), Wrong)
