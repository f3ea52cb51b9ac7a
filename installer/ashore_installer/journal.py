"""The append-only journal of an installation: one JSON line per event, for any number of faces.

A face may start late, die and come back: it reads the file from its beginning and follows it.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ashore_installer import codec
from ashore_installer.events import VERSION, Event, Failed, Finished, Progress

POLL_SECONDS = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An event and when it happened, in seconds since the epoch."""

    time: float
    event: Event


class Journal:
    """Writes events. Each line is written at once and whole, so readers never see half of one."""

    def __init__(self, path: Path, clock: Callable[[], float] = time.time) -> None:
        self._descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        self._clock = clock

    def __call__(self, event: Event) -> None:
        os.write(self._descriptor, (encode(Entry(time=self._clock(), event=event)) + "\n").encode())
        if not isinstance(event, Progress):
            os.fsync(self._descriptor)

    def close(self) -> None:
        os.close(self._descriptor)


def encode(entry: Entry) -> str:
    """One line, without its newline."""
    data = codec.to_data(entry.event, declared=Event)
    return json.dumps({"v": VERSION, "time": round(entry.time, 3), **data}, ensure_ascii=False)


def decode(line: str) -> Entry | None:
    """The entry in a line, or None for a type of event that this version does not know. Raises BadInput."""
    data: dict[str, Any] = json.loads(line)
    known = {kind.__name__ for kind in Event.__args__}
    if data.pop("v") != VERSION or data["type"] not in known:
        return None
    when = float(data.pop("time"))
    event: Event = codec.from_data(data, Event, "the journal")  # type: ignore[arg-type]
    return Entry(time=when, event=event)


def follow(path: Path, alive: Callable[[], bool]) -> Iterator[Entry]:
    """Entries from the first on, as they come, until the run has ended or its writer is no longer `alive`."""
    with path.open(encoding="utf-8") as stream:
        rest = ""
        while True:
            was_alive = alive()
            rest += stream.readline()
            if rest.endswith("\n"):
                entry, rest = decode(rest), ""
                if entry:
                    yield entry
                    if isinstance(entry.event, Failed | Finished):
                        return
            elif was_alive:
                time.sleep(POLL_SECONDS)
            else:
                return
