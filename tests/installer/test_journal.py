"""The journal: what a face reads is what the engine told, from the start, however late it comes."""

from __future__ import annotations

import json
import stat
import threading
from pathlib import Path

import pytest

from ashore_installer.events import (
    Event,
    Failed,
    Finished,
    Note,
    Progress,
    Started,
    StepFinished,
    StepStarted,
    StepTitle,
    Warned,
)
from ashore_installer.journal import Entry, Journal, decode, encode, follow

EVENTS: tuple[Event, ...] = (
    Started(steps=(StepTitle(id="a", title="Do a"),)),
    StepStarted(step="a", title="Do a", number=1, total=1, writes=False),
    Progress(step="a", done=1, total=2),
    Note(step="a", text="grüße\nzwei Zeilen"),
    Warned(step="a", message="hm"),
    StepFinished(step="a", seconds=0.5),
    Finished(seconds=1.0),
)


@pytest.mark.parametrize("event", [*EVENTS, Failed(step="", message="m", hint="h", log="/l", status=1)])
def test_every_event_comes_back_from_its_line(event: Event) -> None:
    line = encode(Entry(time=1.5, event=event))
    assert "\n" not in line
    assert decode(line) == Entry(time=1.5, event=event)


def test_an_unknown_event_is_passed_over() -> None:
    assert decode(json.dumps({"v": 1, "time": 1, "type": "Sneezed", "step": "a"})) is None


def test_a_late_face_sees_everything(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal.jsonl", clock=lambda: 7.0)
    for event in EVENTS:
        journal(event)
    assert [entry.event for entry in follow(tmp_path / "journal.jsonl", lambda: True)] == list(EVENTS)


def test_a_face_follows_while_the_engine_writes(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    journal = Journal(path)
    seen: list[Event] = []
    face = threading.Thread(target=lambda: seen.extend(entry.event for entry in follow(path, lambda: True)))
    face.start()
    for event in EVENTS:
        journal(event)
    face.join(timeout=10)
    assert seen == list(EVENTS)


def test_a_face_ends_when_the_engine_died_without_a_word(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    Journal(path)(EVENTS[0])
    assert [entry.event for entry in follow(path, lambda: False)] == [EVENTS[0]]


def test_the_journal_is_private(tmp_path: Path) -> None:
    Journal(tmp_path / "journal.jsonl").close()
    assert stat.S_IMODE((tmp_path / "journal.jsonl").stat().st_mode) == 0o600
