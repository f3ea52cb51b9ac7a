"""The transaction: rpm's work through libdnf5, with what became of every package and of every scriptlet.

rpm's rules (rpm, lib/psm.c): a package whose %pre or %pretrans fails, or that can't be unpacked, is not installed; of
a failed %post, %posttrans or trigger there is a warning, and the package is installed. libdnf5 tells the second kind
through script_stop only, and then calls the whole transaction failed: so the rpm database is asked what is there.
"""

from __future__ import annotations

import logging
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ashore_installer.package_plan import PackagePayload, PackagesInfo
from ashore_installer.payload.package_meter import INTERVAL
from ashore_installer.payload.package_protocol import (
    Answer,
    Cautioned,
    FailureKind,
    Noted,
    PackagesFailed,
    Progressed,
)

log = logging.getLogger(__name__)

Tell = Callable[[Answer], None]

DOWNLOADS = ".ashore-packages"
"""Directory on the target, where packages wait until they are installed; it is gone afterwards."""
LANGUAGES = "_install_langs"
DATABASE = "_dbpath"
_OUTPUT_LINES = 3
_ONLY_WARNS = 1
"""RPMRC_NOTFOUND: what rpm says of a failed script that its package survives (rpm, lib/psm.c)."""


def macros(payload: PackagePayload, expected: PackagesInfo) -> dict[str, str]:
    """What librpm must know: where the target's own rpm looks for its database, and which %lang files to install."""
    found = {DATABASE: expected.rpm_database}
    if payload.languages is not None:
        found[LANGUAGES] = ":".join(payload.languages) or "%{nil}"
    return found


@dataclass(kw_only=True)
class Told:
    """What rpm's callbacks told. Sentences."""

    failures: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


def run(base: Any, transaction: Any, root: Path, tell: Tell) -> None:
    """Carry out a resolved transaction whose packages are downloaded and checked. Raises PackagesFailed."""
    wanted = {item.get_package().get_nevra() for item in transaction.get_transaction_packages()}
    told = Told()
    callbacks = _callbacks(transaction, told, tell, len(wanted))
    import libdnf5

    transaction.set_callbacks(libdnf5.rpm.TransactionCallbacksUniquePtr(callbacks))
    transaction.set_description("Installation by Ashore")
    result = transaction.run()
    for message in told.warnings:
        tell(Cautioned(message=message))
    _judge(transaction, result, told, wanted - _installed(base, root))


def clear_up(root: Path) -> None:
    shutil.rmtree(root / DOWNLOADS, ignore_errors=True)


def log_to(base: Any, path: str) -> None:
    """Have libdnf5 write what it does, and all that scriptlets say, to a file; nothing for an empty path."""
    import libdnf5

    if path:
        base.get_config().logdir = str(Path(path).parent)
        base.get_logger().add_logger(libdnf5.logger.create_file_logger(base, Path(path).name))


def _judge(transaction: Any, result: int, told: Told, missing: set[str]) -> None:
    """Raise what went wrong. Failed scriptlets that only warn leave every package installed."""
    import libdnf5

    kinds = libdnf5.base.Transaction
    if result == kinds.TransactionRunResult_ERROR_GPG_CHECK:
        problems = tuple(str(text) for text in transaction.get_gpg_signature_problems())
        raise PackagesFailed(FailureKind.UNTRUSTED, *_first(problems, "A signature is not right."), problems)
    problems = (*told.failures, *(str(text) for text in transaction.get_transaction_problems()))
    if not missing and not told.failures:
        return
    for text in transaction.get_rpm_messages():
        log.error("%s", text)
    problems = problems or tuple(f"The package {name} was not installed." for name in sorted(missing))
    kind = FailureKind.SPACE if _no_room(problems) else FailureKind.TRANSACTION
    raise PackagesFailed(kind, *_first(problems, kinds.transaction_result_to_string(result)), problems)


def _first(problems: tuple[str, ...], otherwise: str) -> tuple[str, str]:
    """A message of the first problem, and a hint."""
    text = problems[0] if problems else otherwise
    more = f" There are {len(problems) - 1} more problems." if len(problems) > 1 else ""
    hint = "Make the file system larger." if _no_room(problems) else "Look into the log of the packages."
    return f"The packages can't be installed: {text.rstrip('.')}.{more}", hint


def _no_room(problems: tuple[str, ...]) -> bool:
    return any(word in text.lower() for text in problems for word in ("no space left", "more space", "more inodes"))


def _installed(base: Any, root: Path) -> set[str]:
    """What the rpm database in `root` has now. `base` knows what it had before."""
    import libdnf5

    fresh = libdnf5.base.Base()
    config = fresh.get_config()
    config.installroot, config.plugins, config.varsdir = str(root), False, []
    config.cachedir = base.get_config().cachedir
    fresh.setup()
    fresh.get_repo_sack().load_repos(libdnf5.repo.Repo.Type_SYSTEM)
    query = libdnf5.rpm.PackageQuery(fresh)
    query.filter_installed()
    return {str(package.get_nevra()) for package in query}


def _callbacks(transaction: Any, told: Told, tell: Tell, total: int) -> Any:
    import libdnf5

    kinds = libdnf5.rpm.TransactionCallbacks

    class Callbacks(libdnf5.rpm.TransactionCallbacks):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self._done = 0
            self._told = float("-inf")

        def install_stop(self, _item: Any, _amount: int, _total: int) -> None:
            self._done += 1
            now = time.monotonic()
            if self._done >= total or now - self._told >= INTERVAL:
                self._told = now
                tell(Progressed(done=min(self._done, total), total=total, unit="packages"))

        def script_start(self, _item: Any, nevra: Any, kind: int) -> None:
            if kind == kinds.ScriptType_POST_TRANSACTION:
                tell(Noted(text=f"The last script of {nevra.get_name()} runs."))

        def script_stop(self, _item: Any, nevra: Any, kind: int, status: int) -> None:
            if status == _ONLY_WARNS:
                told.warnings.append(_script(nevra, kinds.script_type_to_string(kind), transaction))

        def script_error(self, _item: Any, nevra: Any, kind: int, _status: int) -> None:
            told.failures.append(_script(nevra, kinds.script_type_to_string(kind), transaction))

        def unpack_error(self, item: Any) -> None:
            why = " ".join(str(text) for text in transaction.get_rpm_messages()) or "see the log"
            told.failures.append(f"The package {item.get_package().get_nevra()} can't be unpacked: {why}")

        def cpio_error(self, item: Any) -> None:
            self.unpack_error(item)

    return Callbacks()


def _script(nevra: Any, name: str, transaction: Any) -> str:
    said = "; ".join(_last_lines(str(transaction.get_last_script_output())))
    return f"The script {name} of the package {nevra.get_name()} failed{': ' + said if said else ''}."


def _last_lines(text: str) -> Iterator[str]:
    yield from [line.strip().rstrip(".") for line in text.splitlines() if line.strip()][-_OUTPUT_LINES:]
