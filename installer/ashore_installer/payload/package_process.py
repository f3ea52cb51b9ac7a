"""libdnf5 for the engine and the screens: each call is a process of its own, which is followed and can be stopped."""

from __future__ import annotations

import logging
import os
import selectors
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Protocol, TypeVar

from ashore_installer.errors import InstallerError
from ashore_installer.medium import MOUNT_POINT
from ashore_installer.package_plan import MEDIUM_REPOSITORY, PackagePayload, PackagesInfo, Repository, SigningKey
from ashore_installer.payload.package_protocol import (
    Answer,
    Browsed,
    Catalogue,
    Cautioned,
    Done,
    Failed,
    KeyInfo,
    KeysRead,
    Matched,
    Noted,
    PackagesFailed,
    Progressed,
    Request,
    Resolved,
    Verb,
    read_answer,
    request_text,
)
from ashore_installer.run import STDERR_LINES

log = logging.getLogger(__name__)

A = TypeVar("A")

MODULE = "ashore_installer.payload.packages"
CACHE = Path("/run/ashore/packages")
"""Where the metadata is kept while the live system runs."""
_POLL = 0.2
"""Seconds between two looks whether somebody wants to cancel."""
_ENDING = 5.0
"""Seconds that the process gets to end by itself once it is not wanted any more."""
_CHUNK = 65536


class Report(Protocol):
    """Whom to tell how far it is. A step's `Context` is one."""

    def progress(self, done: int, total: int, unit: str = "bytes") -> None: ...
    def note(self, text: str) -> None: ...
    def warn(self, message: str) -> None: ...

    def heed_cancel(self) -> None:
        """Raises to stop the work; called several times a second."""
        ...


class Quiet:
    """A `Report` to nobody."""

    def progress(self, done: int, total: int, unit: str = "bytes") -> None: ...
    def note(self, text: str) -> None: ...
    def warn(self, message: str) -> None: ...
    def heed_cancel(self) -> None: ...


QUIET = Quiet()


class Packages(Protocol):
    """What steps and screens need of libdnf5; `PackageProcess` is the real one. All raise PackagesFailed."""

    def resolve(self, payload: PackagePayload, architecture: str, report: Report = QUIET) -> PackagesInfo:
        """What would be installed on an empty disk. Only metadata is fetched. `architecture` is OCI's word."""
        ...

    def download(self, payload: PackagePayload, expected: PackagesInfo, target: Path, report: Report = QUIET) -> None:
        """Fetch the packages of `expected` to a place below `target` and check their signatures."""
        ...

    def install(self, payload: PackagePayload, expected: PackagesInfo, target: Path, report: Report = QUIET) -> None:
        """Install what was downloaded into the root `target`, where the API file systems are mounted, and clear up."""
        ...

    def collect(
        self, payload: PackagePayload, architecture: str, directory: Path, report: Report = QUIET
    ) -> PackagesInfo:
        """Fetch the packages and all that they need into `directory`, for a medium."""
        ...

    def browse(self, payload: PackagePayload, architecture: str, report: Report = QUIET) -> Catalogue:
        """What the repositories of `payload` offer. One that can't be used says why; the others are read."""
        ...

    def search(
        self, payload: PackagePayload, architecture: str, words: tuple[str, ...], report: Report = QUIET
    ) -> Matched:
        """The packages whose names or summaries have all of `words`."""
        ...

    def keys(self, payload: PackagePayload, architecture: str, report: Report = QUIET) -> tuple[KeyInfo, ...]:
        """The keys that the repositories of `payload` name, to be shown and confirmed."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageProcess:
    """`medium` is where the medium is mounted, `log_file` where libdnf5 and the scriptlets write (empty: nowhere).

    `command` starts libdnf5's process; who makes media has it in another root tree, where all paths are the same.
    """

    command: tuple[str, ...] = (sys.executable, "-m", MODULE)
    cache: Path = CACHE
    medium: Path = MOUNT_POINT
    log_file: Path | None = None

    def resolve(self, payload: PackagePayload, architecture: str, report: Report = QUIET) -> PackagesInfo:
        request = self._request(Verb.RESOLVE, payload, architecture)
        return _only(Resolved, self._ask(request, report)).info

    def download(self, payload: PackagePayload, expected: PackagesInfo, target: Path, report: Report = QUIET) -> None:
        more = {"target": str(target), "expected": expected}
        self._ask(self._request(Verb.DOWNLOAD, payload, expected.architecture, **more), report)

    def install(self, payload: PackagePayload, expected: PackagesInfo, target: Path, report: Report = QUIET) -> None:
        more = {"target": str(target), "expected": expected}
        self._ask(self._request(Verb.INSTALL, payload, expected.architecture, **more), report)

    def collect(
        self, payload: PackagePayload, architecture: str, directory: Path, report: Report = QUIET
    ) -> PackagesInfo:
        request = self._request(Verb.COLLECT, payload, architecture, target=str(directory))
        return _only(Resolved, self._ask(request, report)).info

    def browse(self, payload: PackagePayload, architecture: str, report: Report = QUIET) -> Catalogue:
        return _only(Browsed, self._ask(self._request(Verb.BROWSE, payload, architecture), report)).catalogue

    def search(
        self, payload: PackagePayload, architecture: str, words: tuple[str, ...], report: Report = QUIET
    ) -> Matched:
        return _only(Matched, self._ask(self._request(Verb.SEARCH, payload, architecture, words=words), report))

    def keys(self, payload: PackagePayload, architecture: str, report: Report = QUIET) -> tuple[KeyInfo, ...]:
        return _only(KeysRead, self._ask(self._request(Verb.KEYS, payload, architecture), report)).keys

    def _request(self, verb: Verb, payload: PackagePayload, architecture: str, **more: Any) -> Request:
        self.cache.mkdir(parents=True, exist_ok=True)
        return Request(
            verb=verb,
            payload=located(payload, self.medium),
            architecture=architecture,
            cache=str(self.cache),
            log=str(self.log_file or ""),
            **more,
        )

    def _ask(self, request: Request, report: Report) -> list[Answer]:
        """The answers that are results; the others go to `report` as they come."""
        results: list[Answer] = []
        with (
            # A process that is cancelled leaves its scratch files behind.
            TemporaryDirectory(prefix="work-", dir=self.cache) as scratch,
            _running(self.command, scratch, report) as process,
        ):
            _hand_over(process, request_text(request))
            last: deque[str] = deque(maxlen=STDERR_LINES)
            for line in _lines(process, report, last):
                _take(read_answer(line), report, results.append)
        if not any(isinstance(answer, Done) for answer in results):
            raise _died(process.returncode, last)
        return results


def located(payload: PackagePayload, medium: Path) -> PackagePayload:
    """The payload with `medium:` addresses as those of files below `medium`."""

    def address(text: str) -> str:
        if not text.startswith(MEDIUM_REPOSITORY):
            return text
        return (medium / text.removeprefix(MEDIUM_REPOSITORY).lstrip("/")).as_uri()

    def key(found: SigningKey) -> SigningKey:
        return replace(found, location=address(found.location))

    def repository(found: Repository) -> Repository:
        return replace(
            found,
            baseurls=tuple(address(url) for url in found.baseurls),
            mirrorlist=address(found.mirrorlist),
            metalink=address(found.metalink),
            keys=tuple(key(item) for item in found.keys),
        )

    return replace(payload, repositories=tuple(repository(found) for found in payload.repositories))


def _take(answer: Answer, report: Report, keep: Callable[[Answer], None]) -> None:
    match answer:
        case Progressed():
            report.progress(answer.done, answer.total, answer.unit)
        case Noted():
            report.note(answer.text)
        case Cautioned():
            report.warn(answer.message)
        case Failed():
            raise PackagesFailed(answer.kind, answer.message, answer.hint, answer.details)
        case _:
            keep(answer)


@contextmanager
def _running(command: Sequence[str], scratch: str, report: Report) -> Iterator[subprocess.Popen[bytes]]:
    """The process; it does not outlive the block. A terminal's Ctrl-C is not for it: who runs it decides."""
    report.heed_cancel()
    process = subprocess.Popen(
        command,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        env={**os.environ, "LC_ALL": "C.UTF-8", "TMPDIR": scratch}, start_new_session=True,
    )  # fmt: skip
    with process:
        try:
            yield process
        finally:
            _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.stdin and not process.stdin.closed:
        process.stdin.close()
    try:
        process.wait(timeout=0 if process.poll() is None and sys.exc_info()[0] else _ENDING)
    except subprocess.TimeoutExpired:
        process.terminate()
        try:
            process.wait(timeout=_ENDING)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _hand_over(process: subprocess.Popen[bytes], text: str) -> None:
    assert process.stdin is not None
    try:
        process.stdin.write(text.encode())
        process.stdin.close()
    except BrokenPipeError:
        log.error("libdnf5's process did not read its request")


def _lines(process: subprocess.Popen[bytes], report: Report, last: deque[str]) -> Iterator[str]:
    """The lines of standard output as they come; those of standard error go to the log, and into `last`."""
    assert process.stdout is not None
    assert process.stderr is not None
    rest = {"out": b"", "err": b""}
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ, "out")
        selector.register(process.stderr, selectors.EVENT_READ, "err")
        while selector.get_map():
            report.heed_cancel()
            for key, _ in selector.select(_POLL):
                piece = os.read(key.fd, _CHUNK)
                if not piece:
                    selector.unregister(key.fileobj)
                *whole, rest[key.data] = (rest[key.data] + piece).split(b"\n")
                for raw in whole:
                    line = raw.decode(errors="replace")
                    if key.data == "out":
                        yield line
                    else:
                        log.info("%s", line)
                        last.append(line)


def _only(kind: type[A], answers: list[Answer]) -> A:
    found = [answer for answer in answers if isinstance(answer, kind)]
    if len(found) != 1:
        raise RuntimeError(f"libdnf5's process gave {len(found)} answers of the kind {kind.__name__}")
    return found[0]


def _died(status: int, last: deque[str]) -> InstallerError:
    for line in last:
        log.error("%s", line)
    how = f"was killed by signal {-status}" if status < 0 else f"ended with status {status}"
    return InstallerError(
        f"The process that installs packages {how}. {last[-1] if last else ''}".strip(),
        "Look into the log, and try again.",
    )
