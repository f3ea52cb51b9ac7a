from __future__ import annotations

from ashore_installer.errors import ExitStatus
from ashore_installer.events import Failed, Note, Progress, StepStarted, Warned
from ashore_installer.journal import Entry
from ashore_tui.plain import PlainFace, final_line
from tests.tui.fakes import BROKEN, DONE, Recorder


def face() -> tuple[PlainFace, Recorder]:
    recorder = Recorder()
    return PlainFace(output=recorder, clock=lambda: 0.0), recorder


def test_an_installation_that_succeeds() -> None:
    plain, recorder = face()

    for event in DONE:
        plain.show(event)

    assert recorder.lines == ["[ 1/2] Look at it", "[ 2/2] Write it", "Installed in 1 min 3 s."]
    assert plain.status == ExitStatus.DONE


def test_an_installation_that_fails_says_where_and_what_to_do() -> None:
    plain, recorder = face()

    for event in BROKEN:
        plain.show(event)

    assert recorder.lines[2:] == [
        "",
        "The installation failed in the step 'Write it'.",
        "  The disk is full.",
        "Use a larger one.",
        "The log is in /run/ashore/ashore.log.",
    ]
    assert plain.status == ExitStatus.FAILED


def test_a_failure_before_the_first_step() -> None:
    plain, recorder = face()

    plain.show(Failed(step="", message="It is too small.", hint="", log="", status=2))

    assert recorder.lines == ["", "The installation failed.", "  It is too small."]
    assert plain.status == ExitStatus.BAD_INPUT


def test_a_cancelled_installation_did_not_fail() -> None:
    plain, recorder = face()

    plain.show(Failed(step="a", message="Cancelled. Nothing was written.", hint="", log="", status=130))

    assert recorder.lines == ["", "Cancelled. Nothing was written."]


def test_notes_warnings_and_progress() -> None:
    plain, recorder = face()

    plain.show(Note(step="a", text="two\nlines"))
    plain.show(Warned(step="a", message="Slow disk."))
    plain.show(Progress(step="a", done=1, total=4, unit="files"))

    assert recorder.lines == [
        "        two\n        lines",
        "Warning: Slow disk.",
        "~         25 % [##        ] 1 of 4 files",
    ]


def test_it_knows_when_the_first_write_has_begun() -> None:
    plain, _ = face()

    plain.show(StepStarted(step="a", title="A", number=1, total=2, writes=False))
    assert not plain.writing
    plain.show(StepStarted(step="b", title="B", number=2, total=2, writes=True))
    assert plain.writing


def test_a_journal_that_is_followed_again_is_not_shown_again() -> None:
    plain, recorder = face()
    entries = [Entry(time=0, event=event) for event in DONE]

    plain.follow(entries[:2])
    plain.follow(entries)

    assert recorder.lines.count("[ 1/2] Look at it") == 1
    assert recorder.lines[-1] == "Installed in 1 min 3 s."


def test_the_line_that_programs_wait_for() -> None:
    assert final_line(ExitStatus.BAD_INPUT) == "ashore: installation finished (status 2)"
