"""The live system's own start, with everything that belongs to a machine replaced."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import pytest

from ashore_installer import codec
from ashore_installer.errors import ExitStatus
from ashore_installer.mediacheck import INFO, info_text
from ashore_installer.medium import KICKSTART, MANIFEST, MediumFile, MediumManifest
from ashore_installer.plan import Problem
from ashore_kickstart.fetch import Fetcher
from ashore_tui.finish import Machine
from ashore_tui.live import READY, Live
from tests.fakes.runner import FakeRunner
from tests.fakes.values import an_image
from tests.tui.fakes import BROKEN, FakeEngine, Recorder

TEXT = "clearpart --all\nautopart\nreboot\n"
PROOF = b"some file of the medium"


@dataclass(frozen=True, kw_only=True)
class Start:
    """A live system that has started, and what it left behind."""

    live: Live
    engine: FakeEngine
    recorder: Recorder
    runner: FakeRunner
    medium: Path
    motd: Path
    status: Path
    kept: Path

    @property
    def lines(self) -> list[str]:
        return self.recorder.lines


@pytest.fixture
def start(tmp_path: Path) -> Start:
    medium, runner, recorder = tmp_path / "medium", FakeRunner(), Recorder()
    engine = FakeEngine(tmp_path)
    live = Live(
        output=recorder,
        engine=engine,
        fetcher=Fetcher(run=runner, medium=medium),
        machine=Machine(run=runner, medium=medium, hooks=tmp_path / "hooks"),
        cmdline="root=live:CDLABEL=X quiet",
        medium=medium,
        motd=tmp_path / "motd.d" / "ashore",
        status=tmp_path / "run" / "status",
        kept=tmp_path / "run" / "kickstart.cfg",
    )
    _make_medium(medium)
    return Start(
        live=live, engine=engine, recorder=recorder, runner=runner, medium=medium, motd=live.motd, status=live.status,
        kept=live.kept,
    )  # fmt: skip


def _make_medium(medium: Path) -> None:
    manifest = MediumManifest(
        ashore="0.1.0",
        volume_id="X",
        created="2026-01-01T00:00:00Z",
        source="oci:x:1",
        target="docker://registry.example/sample:1",
        image=an_image(),
        runtime="0" * 32,
        files=(MediumFile(path="proof", size=len(PROOF), sha256=hashlib.sha256(PROOF).hexdigest()),),
    )
    text = codec.to_json(manifest)
    for path, content in ((MANIFEST, text), (Path(INFO), info_text("A medium", text.encode()))):
        (medium / path).parent.mkdir(parents=True, exist_ok=True)
        (medium / path).write_text(content)
    (medium / "proof").write_bytes(PROOF)


def embed(start: Start, text: str) -> None:
    (start.medium / KICKSTART).write_text(text)


# --- without a kickstart -------------------------------------------------------------------------------------


def test_the_welcome_says_what_the_medium_carries_and_how_to_install(start: Start) -> None:
    assert start.live.run() == ExitStatus.DONE

    text = start.motd.read_text()
    assert "this medium installs Debian GNU/Linux forky/sid, version 1." in text
    assert "docker://registry.example/sample:1" in text
    assert "sha256:" + "a" * 64 in text
    assert "300.0 MiB, 1.0 GiB when installed" in text
    assert "20.0 GiB virtio, serial disk0, /dev/vda [by-id/virtio-disk0]" in text
    assert "ashore install --kickstart FILE" in text
    assert max(map(len, text.splitlines())) <= 90
    assert start.lines == [READY]
    assert start.engine.requests == []
    assert not start.status.exists()


def test_names_from_an_image_can_not_command_the_terminal(start: Start) -> None:
    text = (start.medium / MANIFEST).read_text()
    (start.medium / MANIFEST).write_text(text.replace("Debian GNU/Linux", "Evil\\u001b[2J"))

    start.live.run()

    assert "Evil?[2J" in start.motd.read_text()
    assert "\x1b" not in start.motd.read_text()


# --- with a kickstart ----------------------------------------------------------------------------------------


def test_an_embedded_kickstart_installs_and_ends_the_live_system(start: Start) -> None:
    embed(start, TEXT)

    assert start.live.run() == ExitStatus.DONE

    assert start.lines[0] == "Installing by the kickstart kickstart.cfg."
    assert "What will be destroyed:" in start.lines
    assert start.lines.index("What will be destroyed:") < start.lines.index("[ 1/2] Look at it")
    assert start.lines[-1] == "ashore: installation finished (status 0)"
    assert start.runner.argvs == [("systemctl", "--no-block", "reboot")]
    assert start.status.read_text() == "0\n"


def test_the_kickstart_of_the_boot_menu_wins(start: Start, tmp_path: Path) -> None:
    embed(start, "raid\n")
    (tmp_path / "other.ks").write_text("autopart\nclearpart --all\n")
    start.live.cmdline = f"quiet inst.ks=file:{tmp_path}/other.ks"

    assert start.live.run() == ExitStatus.DONE

    assert start.lines[:2] == [
        f"Getting the kickstart file:{tmp_path}/other.ks ...",
        f"Installing by the kickstart file:{tmp_path}/other.ks.",
    ]


def test_an_installation_without_an_end_waits_and_says_how_to_go_on(start: Start) -> None:
    embed(start, "clearpart --all\nautopart\n")

    start.live.run()

    assert start.runner.argvs == []
    assert start.lines[-2:] == [
        "The installation is done. Remove the medium, and restart with `systemctl reboot`.",
        "ashore: installation finished (status 0)",
    ]
    assert start.motd.read_text().startswith("The installation is done.")


def test_the_medium_is_ejected_when_the_kickstart_asks_for_it(start: Start) -> None:
    embed(start, "clearpart --all\nautopart\npoweroff --eject\n")

    start.live.run()

    assert start.runner.argvs[-1] == ("systemctl", "--no-block", "poweroff")
    assert start.runner.ran("findmnt")
    assert "Remove the medium before the machine starts again." in start.lines


def test_a_failed_installation_leaves_the_machine_running_with_a_clear_word(start: Start) -> None:
    embed(start, TEXT)
    start.engine.events = BROKEN

    assert start.live.run() == ExitStatus.FAILED

    assert "The installation failed in the step 'Write it'." in start.lines
    assert "  The disk is full." in start.lines
    assert start.lines[-1] == "ashore: installation finished (status 1)"
    assert start.runner.argvs == []
    assert start.status.read_text() == "1\n"
    assert start.motd.read_text().startswith("The installation failed. Its log is ")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("autopart\nurl --url=nfs://x/\n", "kickstart.cfg, line 2: url: addresses with nfs: are not supported."),
        ("lang C\n", "Nothing says which disks may be used."),
    ],
)
def test_a_kickstart_that_can_not_be_followed_touches_nothing(start: Start, text: str, message: str) -> None:
    embed(start, text)

    assert start.live.run() == ExitStatus.BAD_INPUT

    assert start.engine.requests == []
    assert any(line.startswith(message) for line in start.lines)
    assert start.lines[-1] == "ashore: installation finished (status 2)"
    assert start.status.read_text() == "2\n"
    assert start.motd.read_text().startswith(f"Nothing was installed.\n{message}")


def test_every_problem_of_the_plan_is_said(start: Start) -> None:
    embed(start, TEXT)
    start.engine.problems = (Problem(field="a", message="One."), Problem(field="b", message="Two.", hint="Do it."))

    assert start.live.run() == ExitStatus.BAD_INPUT

    assert "One.\nTwo.\nDo it." in start.lines


def test_a_kickstart_that_is_nowhere(start: Start) -> None:
    start.live.cmdline = "inst.ks=file:/nowhere.ks"

    assert start.live.run() == ExitStatus.BAD_INPUT
    assert "The kickstart file:/nowhere.ks can't be read" in start.lines[2]


def test_a_password_in_an_address_is_not_shown(start: Start) -> None:
    start.live.cmdline = "inst.ks=http://anna:secret@[/a.ks"

    start.live.run()

    assert start.lines[0] == "Getting the kickstart http://[/a.ks ..."
    assert "secret" not in "\n".join(start.lines)


def test_a_bug_is_said_and_not_swallowed(start: Start) -> None:
    class Buggy(FakeEngine):
        def check(self, *_: object) -> tuple[Problem, ...]:
            raise ZeroDivisionError

    embed(start, TEXT)
    start.live.engine = Buggy(start.medium)

    with pytest.raises(ZeroDivisionError):
        start.live.run()

    assert start.lines[-1] == "ashore: installation finished (status 1)"
    assert "Ashore has a bug: ZeroDivisionError." in start.motd.read_text()


def test_a_kickstart_is_kept_for_who_goes_on_by_hand(start: Start) -> None:
    embed(start, "lang C\n")

    assert start.live.run() == ExitStatus.BAD_INPUT

    assert start.kept.read_text() == "lang C\n"
    assert start.kept.stat().st_mode & 0o777 == 0o600


def test_an_interactive_kickstart_only_fills_in(start: Start) -> None:
    embed(start, TEXT)
    start.live.cmdline = "quiet ashore.interactive"

    assert start.live.run() == ExitStatus.DONE

    assert start.kept.read_text() == TEXT
    assert start.engine.requests == []
    assert start.lines == []
    assert not start.status.exists()


def test_who_asks_for_a_shell_gets_only_that(start: Start) -> None:
    embed(start, TEXT)
    start.live.cmdline = "ashore.shell"

    assert start.live.run() == ExitStatus.DONE

    assert start.lines == [READY]
    assert start.engine.requests == []


# --- media check ---------------------------------------------------------------------------------------------


def test_a_medium_that_is_whole_goes_on(start: Start) -> None:
    start.live.cmdline = "ashore.mediacheck"

    assert start.live.run() == ExitStatus.DONE

    assert start.lines[0] == "Checking the medium ..."
    assert start.lines[-2:] == ["The medium is whole.", READY]


def test_a_damaged_medium_installs_nothing(start: Start) -> None:
    embed(start, TEXT)
    (start.medium / "proof").write_bytes(PROOF[::-1])
    start.live.cmdline = "ashore.mediacheck"

    assert start.live.run() == ExitStatus.FAILED

    assert any(line.startswith("The medium is damaged: proof.") for line in start.lines)
    assert start.lines[-1] == "ashore: installation finished (status 1)"
    assert start.engine.requests == []


def test_recovery_keys_are_shown_and_kept_for_the_screens_and_the_machine_waits(start: Start, tmp_path: Path) -> None:
    keys = tmp_path / "recovery-keys"
    keys.mkdir()
    (keys / "luks-root").write_text("cbdefghi-jklnrtuv\n")
    embed(start, TEXT)
    assert start.live.run() == ExitStatus.DONE
    assert [line for line in start.lines if "cbdefghi" in line] == ["  luks-root: cbdefghi-jklnrtuv"]
    assert [file.name for file in keys.iterdir()] == ["luks-root"]
    assert not start.runner.ran("systemctl")
    assert "restart with `systemctl reboot`" in start.motd.read_text()


# --- the network ---------------------------------------------------------------------------------------------


def test_the_live_system_gets_the_kickstarts_network_before_anything_is_looked_for(start: Start) -> None:
    embed(start, f"{TEXT}network --device=enp1s0 --noipv6\nnetwork --device=enp2s0 --no-activate\n")

    assert start.live.run() == ExitStatus.DONE

    ((used,),) = start.engine.connections
    assert (used.device, used.ipv6) == ("enp1s0", "off")
    assert "Setting up the network ..." in start.lines


def test_a_network_that_is_not_there_is_told_and_what_needs_none_is_installed(start: Start) -> None:
    embed(start, f"{TEXT}network --device=enp1s0\n")
    start.engine.unconnected = "The network card enp1s0 got no connection."

    assert start.live.run() == ExitStatus.DONE

    assert any("The network card enp1s0 got no connection." in line for line in start.lines)
    assert len(start.engine.requests) == 1


def test_nothing_is_set_up_that_no_kickstart_names(start: Start) -> None:
    embed(start, TEXT)

    start.live.run()

    assert start.engine.connections == []
