from __future__ import annotations

from dataclasses import replace

from ashore_installer.payload.trust import Demand, Signed, Trust
from ashore_installer.payload_info import InstallConfig
from ashore_installer.plan import Problem, Script, ScriptPhase
from ashore_tui.flow.review import (
    actions_of,
    checks,
    confirmation,
    image_facts,
    losses_of,
)
from ashore_tui.flow.state import Flow, with_draft, with_remote
from ashore_tui.flow.wrong import wrong_lines
from tests.fakes.values import an_image
from tests.tui.flow.test_topics import settled
from tests.tui.flow_values import on


def test_everything_that_goes_is_named() -> None:
    flow = settled(on("dual-boot"))

    assert [loss.name for loss in losses_of(flow)][:2] == ["Windows", "Debian GNU/Linux 13 (trixie)"]
    assert actions_of(flow)
    assert confirmation(flow) == f"All {len(losses_of(flow))} things named above will be destroyed."


def test_a_blank_disk_loses_its_nothing_by_name_too() -> None:
    flow = settled(on())

    assert confirmation(flow) == "What is named above will be destroyed."


def test_without_a_plan_there_is_nothing_to_review() -> None:
    flow = on()

    assert (losses_of(flow), actions_of(flow), checks(flow)) == ((), (), ())
    assert confirmation(flow) == "Nothing that is on the disks now will be destroyed."


def test_checks_say_what_they_found() -> None:
    flow = settled(on())

    assert [one.passed for one in checks(flow)] == [True] * 4
    found = {one.title: one.passed for one in checks(_with(flow, "kargs", "storage.disks"))}
    assert list(found.values()) == [True, False, False, True]


def test_every_problem_is_in_one_check() -> None:
    fields = ("payload.source", "storage", "boot.disk", "boot_disk", "kargs", "system.root", "scripts[0]")
    script = Script(phase=ScriptPhase.POST, body="true")
    flow = on()
    flow = _with(with_draft(flow, replace(flow.draft, scripts=(script,))), *fields)

    assert sorted(one.field for check in checks(flow) for one in check.problems) == sorted(fields)


def _with(flow: Flow, *fields: str) -> Flow:
    return replace(flow, checked=True, problems=tuple(Problem(field=one, message="x") for one in fields))


def test_facts_of_an_image_on_the_medium() -> None:
    facts = dict(image_facts(an_image(), "docker://registry.example/sample:1"))

    assert facts["System"] == "Debian GNU/Linux forky/sid"
    assert facts["Size"] == "300.0 MiB, 1.0 GiB when installed"
    assert facts["Created"] == "2026-01-01 00:00:00"
    assert "Signature" not in facts
    assert "Signed updates" not in facts


def test_an_image_that_asks_for_signed_updates_says_so() -> None:
    image = an_image(install=InstallConfig(enforce_container_sigpolicy=True))

    assert dict(image_facts(image, "docker://registry.example/x"))["Signed updates"] == "the image asks for them"


def test_facts_of_an_image_elsewhere() -> None:
    image = an_image(scanned=False, labels={"org.opencontainers.image.title": "Sample"})
    trust = Trust(demand=Demand.SIGNATURE, signed=Signed.YES)
    facts = dict(image_facts(image, "docker://registry.example/sample:1", trust))

    assert "System" not in facts
    assert facts["Title"] == "Sample"
    assert facts["Size"] == "300.0 MiB to fetch"
    assert facts["Signature"] == (
        "the registry has one; this system asks for one, and checks it when the image is fetched"
    )


def test_files_have_no_signature() -> None:
    facts = dict(image_facts(an_image(scanned=False), "docker://registry.example/x:1"))

    assert facts["Signature"].startswith("none")


def test_problems_as_lines() -> None:
    problems = (Problem(field="a", message="One.\n  two", hint="Try."), Problem(field="b", message="Three."))

    assert wrong_lines(problems) == ("One.", "  two", "  Try.", "Three.")


def test_another_image_leaves_no_plan() -> None:
    flow = with_remote(settled(on()), "docker://registry.example/x")

    assert (flow.plan, flow.checked, flow.image) == (None, False, None)
