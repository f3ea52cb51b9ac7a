"""The command with the real engine as far as nothing is written: a real image, a recorded machine, real checks."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from ashore_installer.errors import ExitStatus
from ashore_tui.__main__ import main
from ashore_tui.terminal import Session, Terminal
from tests.fakes.machines import FOLDER
from tests.installer.images import BASE, TAG, layout
from tests.tui.fakes import Outcome

KICKSTARTS = Path(__file__).parent.parent / "kickstarts"
TARGET = "docker://registry.example/os:1"


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> str:
    return f"oci:{layout(tmp_path_factory.mktemp('image'), BASE)}:{TAG}"


def ashore(*arguments: str) -> Outcome:
    out, err = io.StringIO(), io.StringIO()
    status = main(arguments, Session(terminal=Terminal(out=out, err=err, interactive=False)))
    return Outcome(status=status, out=out.getvalue(), err=err.getvalue())


def on(machine: str) -> tuple[str, str]:
    return "--machine", str(FOLDER / f"{machine}.json")


def kickstart(tmp_path: Path, text: str) -> str:
    (tmp_path / "my.ks").write_text(text)
    return str(tmp_path / "my.ks")


def test_a_dry_run_goes_all_the_way_to_the_steps(image: str, tmp_path: Path) -> None:
    name = kickstart(tmp_path, "zerombr\nclearpart --all --initlabel\nautopart --fstype=ext4\nreboot\n")

    outcome = ashore(
        "install",
        "--kickstart",
        name,
        "--dry-run",
        *on("qemu-bios-virtio"),
        "--image",
        image,
        "--target-imgref",
        TARGET,
    )

    assert outcome.status == ExitStatus.DONE, outcome.err
    assert "System:       Test System 1, version 1.0" in outcome.out
    assert f"Updates from: {TARGET}" in outcome.out
    assert "with ext4 “root” for /\n" in outcome.out
    assert "   1. " in outcome.out
    assert outcome.out.endswith("This was a dry run: nothing was written.\n")


def test_a_plan_and_its_kickstart_lead_to_each_other(image: str, tmp_path: Path) -> None:
    name = kickstart(tmp_path, "zerombr\nclearpart --all --initlabel\nautopart\nuser --name=bo --lock\nhalt\n")
    words = (*on("qemu-bios-virtio"), "--image", image, "--target-imgref", TARGET)
    plan, written, again = tmp_path / "plan.json", tmp_path / "plan.ks", tmp_path / "again.json"

    assert ashore("kickstart", "convert", name, "--to", "plan", "-o", str(plan), *words).status == ExitStatus.DONE
    assert ashore("kickstart", "convert", str(plan), "-o", str(written)).status == ExitStatus.DONE
    assert (
        ashore("kickstart", "convert", str(written), "--to", "plan", "-o", str(again), *on("qemu-bios-virtio")).err
        == ""
    )

    assert json.loads(again.read_text()) == json.loads(plan.read_text())
    assert ashore("plan", "check", str(plan), *on("qemu-bios-virtio")).status == ExitStatus.DONE


def test_a_plan_for_another_machine_is_refused(image: str, tmp_path: Path) -> None:
    name = kickstart(tmp_path, "clearpart --all --initlabel\nzerombr\nautopart\n")
    plan = tmp_path / "plan.json"
    ashore("kickstart", "convert", name, "--to", "plan", "-o", str(plan), *on("qemu-bios-virtio"), "--image", image)

    outcome = ashore("plan", "check", str(plan), *on("two-sata"))

    assert outcome.status == ExitStatus.BAD_INPUT
    assert len(outcome.err) > len("ashore: ")


@pytest.mark.parametrize(
    ("text", "machine", "message"),
    [
        ("lang C\n", "qemu-bios-virtio", "Nothing says which disks may be used."),
        ("zerombr\npart / --size=9999999\n", "qemu-bios-virtio", "There is no room for /"),
        ("ignoredisk --only-use=sdz\nautopart\n", "qemu-bios-virtio", "There is no disk 'sdz' in this machine."),
    ],
)
def test_what_does_not_fit_the_machine_is_bad_input(
    image: str, tmp_path: Path, text: str, machine: str, message: str
) -> None:
    outcome = ashore("install", "--kickstart", kickstart(tmp_path, text), "--dry-run", *on(machine), "--image", image)

    assert outcome.status == ExitStatus.BAD_INPUT
    assert outcome.err.startswith("ashore: ")
    assert message in outcome.err
    assert "Traceback" not in outcome.err


def test_an_image_that_is_not_there(tmp_path: Path) -> None:
    name = kickstart(tmp_path, "clearpart --all\nautopart\n")

    for image in ("oci:/nowhere:1", "docker://quay.example/os", "nonsense"):
        outcome = ashore("install", "--kickstart", name, "--dry-run", *on("qemu-bios-virtio"), "--image", image)
        assert outcome.status == ExitStatus.BAD_INPUT
        assert image.removeprefix("oci:").partition(":")[0] in outcome.err


def test_without_a_medium_an_image_must_be_named(tmp_path: Path) -> None:
    name = kickstart(tmp_path, "clearpart --all\nautopart\n")

    outcome = ashore("install", "--kickstart", name, "--dry-run", *on("qemu-bios-virtio"))

    assert outcome.status == ExitStatus.BAD_INPUT
    assert outcome.err.startswith("ashore: No image was named")
