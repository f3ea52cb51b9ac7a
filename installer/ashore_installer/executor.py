"""Runs steps in their order and tells what happens. It knows nothing of what they do."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from typing import Protocol

from ashore_installer.context import Context
from ashore_installer.errors import ExitStatus, InstallerError
from ashore_installer.events import Failed, Finished, Started, StepFinished, StepStarted, StepTitle

log = logging.getLogger(__name__)


class Step(Protocol):
    """One thing of an installation, made from values of the plan. It may warn or fail, it never asks."""

    @property
    def id(self) -> str: ...

    @property
    def title(self) -> str:
        """What happens, for people, as "Format the partitions"."""
        ...

    @property
    def writes(self) -> bool:
        """Whether this step changes a disk. From the first that does, the installation can't be cancelled."""
        ...

    def run(self, context: Context) -> None: ...


def execute(steps: Sequence[Step], context: Context) -> ExitStatus:
    """Run `steps`; every outcome is an event, and what they mounted is unmounted again in each case."""
    start = time.monotonic()
    context.listener(Started(steps=tuple(StepTitle(id=step.id, title=step.title) for step in steps)))
    try:
        with context.cleanup:
            _run_all(steps, context)
    except InstallerError as error:
        return _failed(context, error)
    except Exception as error:
        log.exception("a bug in step %s", context.step)
        _failed(context, _bug(error))
        raise
    context.listener(Finished(seconds=time.monotonic() - start))
    return ExitStatus.DONE


def _run_all(steps: Sequence[Step], context: Context) -> None:
    try:
        for number, step in enumerate(steps, 1):
            _run_one(step, number, len(steps), context)
    except Exception:
        context.on_failure(context)
        raise


def _run_one(step: Step, number: int, total: int, context: Context) -> None:
    context.heed_cancel()
    context.written = context.written or step.writes
    context.step = step.id
    context.listener(StepStarted(step=step.id, title=step.title, number=number, total=total, writes=context.written))
    start = time.monotonic()
    step.run(context)
    context.listener(StepFinished(step=step.id, seconds=round(time.monotonic() - start, 3)))


def _failed(context: Context, error: InstallerError) -> ExitStatus:
    log.error("step %s failed: %s", context.step, error)
    context.listener(
        Failed(
            step=context.step,
            message=error.message,
            hint=error.hint,
            log=str(context.log_file),
            status=error.status,
        )
    )
    return error.status


def _bug(error: Exception) -> InstallerError:
    return InstallerError(
        f"The installer has a bug: {type(error).__name__}.",
        "Report it with the log. What was installed is not usable.",
    )
