"""The root of all errors that a person can cause or meet."""

from __future__ import annotations

from enum import IntEnum


class ExitStatus(IntEnum):
    """Exit statuses of every Ashore program."""

    DONE = 0
    FAILED = 1
    BAD_INPUT = 2
    CANCELLED = 130


class InstallerError(Exception):
    """Something failed that a person can understand.

    `message` says what failed in the user's words, `hint` one thing to try. Anything that is not an InstallerError
    is a bug of ours and ends in a traceback in the log.
    """

    status = ExitStatus.FAILED

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message}\n{self.hint}" if self.hint else self.message


class BadInput(InstallerError):
    """What the user gave can't be used: a wrong option, file, image or plan. Nothing was written."""

    status = ExitStatus.BAD_INPUT


class Cancelled(InstallerError):
    """The user stopped the work before the first write."""

    status = ExitStatus.CANCELLED

    def __init__(self, message: str = "Cancelled. Nothing was written.", hint: str = "") -> None:
        super().__init__(message, hint)
