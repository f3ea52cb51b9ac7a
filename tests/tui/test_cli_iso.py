"""`ashore iso`: its words become requests of the ISO generator, and bad ones are refused before anything is built."""

from __future__ import annotations

from pathlib import Path

import pytest

from ashore_installer.errors import BadInput, ExitStatus
from ashore_installer.units import GiB
from ashore_isogen.build import BuildRequest
from ashore_isogen.qemu.boot import BootRequest
from ashore_isogen.qemu.spec import Firmware
from ashore_tui.cli import iso
from ashore_tui.cli.parser import build_parser
from tests.tui.fakes import FakeEngine, ashore

KICKSTARTS = Path(__file__).parent.parent / "kickstarts"


@pytest.fixture
def engine(tmp_path: Path) -> FakeEngine:
    return FakeEngine(tmp_path)


def test_the_words_of_build() -> None:
    options = build_parser().parse_args(
        ["iso", "build", "oci:x:1", "-o", "o.iso", "--kickstart", "k.ks", "--kargs", "a b", "--kargs", "c",
         "--volume-id", "V", "--target-imgref", "docker://t", "--no-tls-verify"]
    )  # fmt: skip

    assert iso.build_request(options) == BuildRequest(
        image="oci:x:1",
        output=Path("o.iso"),
        kickstart=Path("k.ks"),
        kargs=("a", "b", "c"),
        volume_id="V",
        target="docker://t",
        tls_verify=False,
    )


def test_the_words_of_boot() -> None:
    options = build_parser().parse_args(
        ["iso", "boot", "o.iso", "--firmware", "secure", "--disk", "30G", "--memory", "4G", "--cpus", "1", "--usb"]
    )

    assert iso.boot_request(options) == BootRequest(
        iso=Path("o.iso"), firmware=Firmware.SECURE, disk=30 * GiB, memory=4 * GiB, cpus=1, usb=True
    )


def test_boot_without_words_is_the_default_machine() -> None:
    assert iso.boot_request(build_parser().parse_args(["iso", "boot", "o.iso"])) == BootRequest(iso=Path("o.iso"))


def test_a_kickstart_that_can_not_be_followed_is_not_baked_in() -> None:
    iso.check_kickstart(KICKSTARTS / "bios-xfs.ks")

    with pytest.raises(BadInput, match="line 2: url: addresses with nfs: are not"):
        iso.check_kickstart(KICKSTARTS / "packages.ks")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("build", "x"), "The following arguments are required: -o/--output."),
        (("build", "oci:x:1", "-o", "/nowhere/o.iso"), "/nowhere"),
        (("build", "nothing", "-o", "o.iso"), "nothing"),
        (("build", "oci:x:1", "-o", "o.iso", "--kargs", "'"), "a quotation that is not closed"),
        (
            ("build", "oci:x:1", "-o", "o.iso", "--kickstart", str(KICKSTARTS / "packages.ks")),
            "line 2: url: addresses with nfs: are not",
        ),
        (("inspect", "/nowhere.iso"), "/nowhere.iso"),
        (("boot", "/dev/null"), "/dev/null is not an ISO image."),
        (("boot", "x.iso", "--memory", "much"), "'much' is not a size."),
        (("boot", "x.iso", "--firmware", "coreboot"), "Argument --firmware: invalid choice: 'coreboot'"),
    ],
)
def test_bad_words_are_refused(engine: FakeEngine, tmp_path: Path, arguments: tuple[str, ...], message: str) -> None:
    words = [str(tmp_path / word) if word == "o.iso" else word for word in arguments]

    outcome = ashore(engine, "iso", *words)

    assert outcome.status == ExitStatus.BAD_INPUT
    assert message in outcome.err
    assert list(tmp_path.iterdir()) == []
