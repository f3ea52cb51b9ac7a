"""An installation on the screen: progress, cancelling, the end, and a screen that dies and comes back."""

from __future__ import annotations

import tarfile
from dataclasses import dataclass
from pathlib import Path

from ashore_installer.errors import BadInput, ExitStatus
from ashore_installer.events import Failed, Note, Progress, Warned
from ashore_installer.storage.recovery import KEYS
from ashore_tui.app.screens.progress import ProgressScreen
from ashore_tui.engine import Running
from tests.fakes.machines import recorded
from tests.tui.fakes import BROKEN, DONE
from tests.tui.held_run import HeldEngine, HeldRun
from tests.tui.sitting import Room, Sitting, install, to_summary


def room(tmp_path: Path, run: HeldRun, *, joined: bool = True, rehearsal: bool = False, may: bool = True) -> Room:
    engine = HeldEngine(machine=recorded("qemu-uefi-nvme"), state=tmp_path / "state", run=run, joined=joined, may=may)
    return Room(state=tmp_path, engine=engine, rehearsal=rehearsal, wait=not joined)


async def shown(sitting: Sitting, *words: str) -> None:
    """Wait until all of the words are on the screen."""
    await sitting.until(lambda: all(word in sitting.text for word in words))


def test_steps_amounts_and_the_log_are_shown_while_it_runs(tmp_path: Path) -> None:
    run = HeldRun(tmp_path / "run")
    run.tell(*DONE[:4], Note(step="b", text="A chosen disk"), Progress(step="b", done=150 << 20, total=300 << 20))

    async def act(sitting: Sitting) -> None:
        await shown(sitting, "Step 2 of 2: Write it", "150.0 MiB of 300.0 MiB", "75 %", "A chosen disk", "Look at it")
        assert "Don't switch the machine off" in sitting.text
        run.die()

    room(tmp_path, run).sit(act)


def test_before_the_first_write_who_joined_can_cancel_too(tmp_path: Path) -> None:
    run = HeldRun(tmp_path / "run")
    run.tell(*DONE[:2])

    async def act(sitting: Sitting) -> None:
        await shown(sitting, "Nothing has been written yet.")
        await sitting.press_on("escape")
        await shown(sitting, "was not started on this screen")
        assert run.cancelled == 0
        await sitting.press_on("tab", "enter")
        await sitting.until(lambda: run.cancelled == 1)
        run.tell(Failed(step="a", message="Cancelled. Nothing was written.", hint="", log="", status=130))
        await shown(sitting, "Cancelled", "Back, and try again")

    assert room(tmp_path, run).sit(act).title == "Cancelled"


def test_who_started_it_can_cancel_before_the_first_write(tmp_path: Path) -> None:
    run = HeldRun(tmp_path / "run")

    async def act(sitting: Sitting) -> None:
        await to_run(sitting)
        run.tell(*DONE[:2])
        await shown(sitting, "Nothing has been written yet.")
        await sitting.press_on("escape", "tab", "enter")
        await sitting.until(lambda: run.cancelled == 1)
        run.tell(Failed(step="a", message="Cancelled. Nothing was written.", hint="", log="", status=130))
        await shown(sitting, "Cancelled", "Back, and try again")

    sitting = room(tmp_path, run, joined=False).sit(act)

    assert sitting.screen == "FailedScreen"
    assert sitting.title == "Cancelled"


def test_after_the_first_write_cancelling_says_what_it_means(tmp_path: Path) -> None:
    run = HeldRun(tmp_path / "run")
    run.tell(*DONE[:4])

    async def act(sitting: Sitting) -> None:
        await shown(sitting, "Write it")
        await sitting.press_on("escape")
        await shown(sitting, "It is too late to cancel", "neither the old system")
        await sitting.press_on("enter")
        await sitting.until(lambda: sitting.screen == "ProgressScreen")
        run.die()

    room(tmp_path, run).sit(act)

    assert run.cancelled == 0


def test_a_screen_that_dies_and_comes_back_shows_the_same(tmp_path: Path) -> None:
    run = HeldRun(tmp_path / "run")
    seen: list[str] = []

    async def first(sitting: Sitting) -> None:
        await to_run(sitting)
        run.tell(*DONE[:4], Note(step="b", text="Half of it"))
        await shown(sitting, "Half of it")
        seen.append(steps(sitting))
        await sitting.press_on("ctrl+q")
        await shown(sitting, "The installation goes on without this screen.")
        await sitting.pilot.press("tab", "enter")

    async def second(sitting: Sitting) -> None:
        await shown(sitting, "Half of it")
        seen.append(steps(sitting))
        run.tell(*DONE[4:])
        await shown(sitting, "Restart")

    left = room(tmp_path, run, joined=False).sit(first)
    back = room(tmp_path, run).sit(second)

    assert left.app.return_value == ExitStatus.CANCELLED
    assert seen[0] == seen[1]
    assert run.cancelled == 0
    assert back.screen == "DoneScreen"


def steps(sitting: Sitting) -> str:
    """What the screen says of the steps, without the sign that turns."""
    return "\n".join(
        line for line in sitting.text.splitlines() if "Look at it" in line or "Write it" in line
    ).partition("Step")[2]


def test_what_ended_while_nobody_looked_is_shown_to_who_comes_back(tmp_path: Path) -> None:
    run = HeldRun(tmp_path / "run")
    run.tell(*DONE)
    (run.folder / KEYS.name).mkdir()
    (run.folder / KEYS.name / "root").write_text("abcd-efgh\n", encoding="ascii")
    run.die()

    async def leave(sitting: Sitting) -> None:
        await shown(sitting, "Restart", "root: abcd-efgh")
        await sitting.pilot.press("escape")

    # Nobody knows which console the person sits before; whoever goes on has seen them.
    other = room(tmp_path, run).sit(lambda sitting: shown(sitting, "Restart", "root: abcd-efgh"))
    here = room(tmp_path, run).sit(leave)

    assert (other.screen, here.screen) == ("DoneScreen", "DoneScreen")
    assert not list((run.folder / KEYS.name).iterdir())


def test_a_failure_says_what_why_and_what_to_try(tmp_path: Path) -> None:
    run = HeldRun(tmp_path / "run")
    run.tell(*BROKEN[:4], Note(step="b", text="The last thing"), *BROKEN[4:])

    async def act(sitting: Sitting) -> None:
        await shown(sitting, "It failed in step 2 of 2: Write it.", "The disk is full.", "Use a larger one.")
        assert "The last thing" in sitting.text
        assert "The disks have been changed" in sitting.text

    assert room(tmp_path, run).sit(act).title == "The installation failed"


def test_an_engine_that_is_killed_is_a_failure(tmp_path: Path) -> None:
    run = HeldRun(tmp_path / "run")
    run.tell(*DONE[:4])

    async def act(sitting: Sitting) -> None:
        await shown(sitting, "Write it")
        run.die()
        await shown(sitting, "The installer itself ended with status -9.", "Write it")

    assert room(tmp_path, run).sit(act).screen == "FailedScreen"


def test_after_a_failure_the_log_can_be_read_and_saved(tmp_path: Path) -> None:
    run = HeldRun(tmp_path / "run")
    run.tell(*BROKEN)
    target = tmp_path / "logs.tar.gz"

    async def act(sitting: Sitting) -> None:
        await shown(sitting, "Show the log")
        await sitting.press_on("tab", "enter")
        await shown(sitting, "the engine's log")
        await sitting.press_on("escape")
        await sitting.until(lambda: sitting.screen == "FailedScreen")
        await sitting.press_on("tab", "enter")
        await sitting.until(lambda: sitting.screen == "SaveDialog")
        await sitting.press_on("home", "ctrl+k")
        await sitting.pilot.press(*str(target), "enter")
        await shown(sitting, "The logs are saved")

    room(tmp_path, run).sit(act)

    with tarfile.open(target) as archive:
        assert archive.getnames() == ["ashore-logs/ashore.log", "ashore-logs/journal.jsonl"]
    assert target.stat().st_mode & 0o077 == 0


def test_logs_that_can_not_be_saved_are_said_to_be(tmp_path: Path) -> None:
    run = HeldRun(tmp_path / "run")
    run.tell(*BROKEN)

    async def act(sitting: Sitting) -> None:
        await shown(sitting, "Save the logs")
        await sitting.press_on("tab", "tab", "enter")
        await sitting.until(lambda: sitting.screen == "SaveDialog")
        await sitting.press_on("home", "ctrl+k")
        await sitting.pilot.press(*"/nowhere/logs.tar.gz", "enter")
        await shown(sitting, "There is no directory /nowhere.")

    room(tmp_path, run).sit(act)


def test_back_from_a_failure_keeps_what_was_said_and_looks_at_the_disks_again(tmp_path: Path) -> None:
    titles: list[str] = []

    async def act(sitting: Sitting) -> None:
        await install(sitting)
        titles.append(sitting.title)
        await sitting.press("enter")
        titles.append(sitting.title)
        assert sitting.flow.system.root.password is not None
        assert sitting.flow.plan is not None
        assert not sitting.flow.problems

    sitting = Room(state=tmp_path, fail_at="import-image").sit(act)

    assert titles == ["The installation failed", "All topics"]
    assert sitting.flow.system.locale == "en_US.UTF-8"


def test_who_is_not_root_is_told_so(tmp_path: Path) -> None:
    run = HeldRun(tmp_path / "run")

    async def act(sitting: Sitting) -> None:
        await install(sitting)
        await shown(sitting, "Only root can install.")

    room(tmp_path, run, joined=False, may=False).sit(act)


def test_warnings_are_told_again_at_the_end(tmp_path: Path) -> None:
    run = HeldRun(tmp_path / "run")
    run.tell(*DONE[:4], Warned(step="b", message="The firmware took no entry."), *DONE[4:])

    room(tmp_path, run).sit(lambda sitting: shown(sitting, "Warnings", "The firmware took no entry.", "1 min 3 s"))


def test_a_rehearsal_says_so_on_every_screen_of_the_run(tmp_path: Path) -> None:
    run = HeldRun(tmp_path / "run")

    async def act(sitting: Sitting) -> None:
        await shown(sitting, "REHEARSAL")
        run.tell(*DONE[:4])
        await shown(sitting, "REHEARSAL", "nothing is written")
        run.tell(*DONE[4:])
        await shown(sitting, "REHEARSAL", "Nothing was installed.", "would have proven")

    room(tmp_path, run, rehearsal=True).sit(act)


async def to_run(sitting: Sitting) -> None:
    """Begin an installation; it does not end by itself, so nothing waits for workers."""
    await to_summary(sitting)
    await sitting.press("enter")
    await sitting.pilot.press("tab", "enter")
    await sitting.until(lambda: isinstance(sitting.app.screen, ProgressScreen))


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedEngine(HeldEngine):
    """A machine with two consoles: somebody begins at the other one while this one is looked at."""

    begun: list[HeldRun]

    def attach(self) -> Running:
        if not self.begun:
            raise BadInput("There is no installation to follow.")
        return self.begun[-1]


def test_what_is_begun_on_another_console_is_shown_here_too(tmp_path: Path) -> None:
    first, second = HeldRun(tmp_path / "first"), HeldRun(tmp_path / "second")
    machine = recorded("qemu-uefi-nvme")
    engine = SharedEngine(machine=machine, state=tmp_path, run=first, begun=[])
    screens: list[str] = []

    async def act(sitting: Sitting) -> None:
        screens.append(sitting.screen)
        first.tell(*DONE[:4], Note(step="b", text="Half of it"))
        engine.begun.append(first)
        await shown(sitting, "Half of it")
        screens.append(sitting.screen)
        first.tell(BROKEN[-1])
        await sitting.until(lambda: sitting.screen == "FailedScreen")
        second.tell(*DONE[:2], Note(step="a", text="Once more"))
        engine.begun.append(second)
        await shown(sitting, "Once more")
        second.die()

    Room(state=tmp_path, engine=engine, rehearsal=False).sit(act)

    assert screens == ["WelcomeScreen", "ProgressScreen"]
