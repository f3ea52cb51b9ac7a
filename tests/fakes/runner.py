"""A command runner that runs nothing: it records what it was asked for and gives prepared answers."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ashore_installer.run import CommandFailed


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One command as it was asked for; `followed` when its lines were wanted as they come."""

    argv: tuple[str, ...]
    stdin: bytes = b""
    cwd: Path | None = None
    env: Mapping[str, str] = field(default_factory=dict)
    followed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What happens to a command in which the words of `words` stand side by side.

    `effect` is called first, to make the files that the program would make.
    """

    words: tuple[str, ...]
    output: str = ""
    status: int = 0
    stderr: str = ""
    effect: Callable[[Call], None] = lambda _call: None

    def fits(self, argv: tuple[str, ...]) -> bool:
        width = len(self.words)
        return any(argv[start : start + width] == self.words for start in range(len(argv) - width + 1))


class FakeRunner:
    """Has the shape of `ashore_installer.run.Runner`. The first answer that fits is given, else empty output."""

    def __init__(self, *answers: Answer) -> None:
        self._answers = answers
        self.calls: list[Call] = []

    @property
    def argvs(self) -> list[tuple[str, ...]]:
        return [call.argv for call in self.calls]

    def ran(self, *words: str) -> list[Call]:
        """The calls in whose argv `words` stand side by side."""
        wanted = Answer(words=words)
        return [call for call in self.calls if wanted.fits(call.argv)]

    def run(
        self, argv: Sequence[str | os.PathLike[str]], *, stdin: bytes | None = None,
        cwd: Path | None = None, env: Mapping[str, str] | None = None,
    ) -> str:  # fmt: skip
        words = tuple(os.fspath(word) for word in argv)
        return self._answer(Call(argv=words, stdin=stdin or b"", cwd=cwd, env=env or {}))

    def follow(
        self, argv: Sequence[str | os.PathLike[str]], on_line: Callable[[str], None], *,
        env: Mapping[str, str] | None = None,
    ) -> None:  # fmt: skip
        words = tuple(os.fspath(word) for word in argv)
        for line in self._answer(Call(argv=words, env=env or {}, followed=True), on_line).splitlines():
            on_line(line)

    def _answer(self, call: Call, on_line: Callable[[str], None] = lambda _line: None) -> str:
        self.calls.append(call)
        answer = next((answer for answer in self._answers if answer.fits(call.argv)), None)
        if answer is None:
            return ""
        answer.effect(call)
        if answer.status:
            for line in answer.output.splitlines():
                on_line(line)
            raise CommandFailed(call.argv, answer.status, answer.stderr, stdout=answer.output)
        return answer.output
