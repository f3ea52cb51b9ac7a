"""Packages from their repositories into one directory: tried again, from other mirrors, and nothing fetched twice."""

from __future__ import annotations

import logging
import os
import shutil
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from ashore_installer.payload.package_base import Downloads, errors
from ashore_installer.payload.package_meter import Meter
from ashore_installer.payload.package_protocol import Answer, FailureKind, Noted, PackagesFailed
from ashore_installer.payload.package_reasons import reason, telling

log = logging.getLogger(__name__)

FIRST_PAUSE, LONGEST_PAUSE = 1.0, 30.0
"""Seconds between two tries; each pause is twice the one before."""
_SHOWN = 3
_FULL = ("no space left on device", "write error", "failed writing")
"""What curl and librepo say when the disk is full."""


@dataclass(kw_only=True)
class Fetch:
    """Gets `packages` (libdnf5's) into the directory that `base` keeps packages in.

    `tries` is for each package; in each, libdnf5 goes through the mirrors of its repository. What is there already with
    the right checksum is not fetched, and what is there in part is completed.
    """

    base: Any
    packages: Sequence[Any]
    tries: int
    tell: Callable[[Answer], None]
    pause: Callable[[float], None] = time.sleep

    def run(self, directory: Path) -> None:
        """Raises PackagesFailed that says what is missing and why."""
        directory.mkdir(parents=True, exist_ok=True)
        missing = self._missing()
        self._require_room(directory, missing)
        total = sum(package.get_download_size() for package in self.packages)
        downloads = Downloads(meter=Meter(tell=self.tell, total=total), broken_off=self._keep)
        downloads.attach(self.base)
        for number in range(max(self.tries, 1)):
            if not missing:
                break
            if number:
                self._wait(number, missing, downloads.failures)
            downloads.meter.again(total - sum(package.get_download_size() for package in missing))
            self._try(missing, downloads)
            missing = self._missing()
        if missing:
            raise self._lost(missing, downloads.failures)
        for package in self.packages:
            _part(Path(package.get_package_path())).unlink(missing_ok=True)
        downloads.meter.again(total)
        downloads.meter.finish()

    def _keep(self, data: int) -> None:
        """Keep what there is of a package: librepo cuts a file off when a mirror fails, whoever could go on with it.

        The copy has librepo's extended attribute, by which it knows its own files.
        """
        file = Path(self.packages[data - 1].get_package_path())
        part = _part(file)
        try:
            if _size(file) > _size(part):
                shutil.copy2(file, part)
        except OSError as error:
            log.warning("%s is not kept: %s", file, error)

    def _missing(self) -> list[Any]:
        return [package for package in self.packages if not package.is_available_locally()]

    def _try(self, missing: Sequence[Any], downloads: Downloads) -> None:
        import libdnf5

        downloads.failures.clear()
        downloader = libdnf5.repo.PackageDownloader(self.base)
        downloader.set_fail_fast(False)
        downloader.set_resume(True)
        downloader.force_keep_packages(True)
        for data, package in enumerate(self.packages, 1):
            if package in missing:
                _go_on(Path(package.get_package_path()))
                downloader.add(package, data)
        try:
            downloader.download()
        except errors() as error:
            log.error("%s", error)
        for failure in dict.fromkeys(downloads.failures):
            log.warning("%s", failure)
        if any(word in failure.lower() for failure in downloads.failures for word in _FULL):
            raise _full(self.base)

    def _wait(self, number: int, missing: Sequence[Any], failures: Sequence[str]) -> None:
        seconds = min(FIRST_PAUSE * 2 ** (number - 1), LONGEST_PAUSE)
        why = f" ({failures[-1].strip()})" if failures else ""
        count = f"{len(missing)} packages are" if len(missing) > 1 else "One package is"
        self.tell(Noted(text=f"{count} still missing{why}. Trying again in {seconds:g} s."))
        self.pause(seconds)

    def _lost(self, missing: Sequence[Any], failures: Sequence[str]) -> PackagesFailed:
        names = sorted(package.get_nevra() for package in missing)
        shown = ", ".join(names[:_SHOWN]) + (f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else "")
        hint = "Check the network and the repository, or add another mirror."
        found = reason(telling(failures) or "no reason is known", hint)
        return PackagesFailed(
            FailureKind.DOWNLOAD,
            f"After {self.tries} tries, {shown} could not be fetched: {found.why}.",
            found.hint,
            tuple(dict.fromkeys(failures)),
        )

    def _require_room(self, directory: Path, missing: Sequence[Any]) -> None:
        needed = sum(package.get_download_size() for package in missing)
        if shutil.disk_usage(directory).free < needed:
            raise _full(self.base)


def link_local(packages: Sequence[Any], directory: Path) -> None:
    """Have packages of repositories on this machine in `directory` without a copy, as symbolic links.

    Their content is checked like that of any other: a link to something else is fetched over, as if it were damaged.
    """
    directory.mkdir(parents=True, exist_ok=True)
    for package in packages:
        link = directory / os.path.basename(package.get_location())  # noqa: PTH119 (it is a part of an address)
        source = _local(package)
        if source is not None and not link.exists():
            link.unlink(missing_ok=True)
            link.symlink_to(source)
            if not package.is_available_locally():
                link.unlink()


def _part(file: Path) -> Path:
    """Where the beginning of a package waits for another try."""
    return file.with_name(f"{file.name}.part")


def _size(file: Path) -> int:
    return file.stat().st_size if file.exists() else 0


def _go_on(file: Path) -> None:
    """Have librepo find the beginning that was kept."""
    part = _part(file)
    if _size(part) > _size(file):
        part.replace(file)


def _local(package: Any) -> Path | None:
    """Where a package of a file: repository lies."""
    for url in package.get_repo().get_config().baseurl:
        parts = urlsplit(str(url))
        path = Path(unquote(parts.path), str(package.get_location()))
        if parts.scheme == "file" and path.is_file():
            return path
    return None


def _full(base: Any) -> PackagesFailed:
    return PackagesFailed(
        FailureKind.SPACE,
        f"There is no room for the packages in {base.get_config().destdir}.",
        "Choose fewer packages, or a larger root file system.",
    )
