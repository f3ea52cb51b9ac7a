"""Kickstart files from where `inst.ks=` says they are.

`file:/path`, `hd:DEVICE:/path` (DEVICE as `sda1`, `/dev/sda1`, `LABEL=x` or `UUID=x`), `cdrom:/path` or
`cdrom:DEVICE:/path`, `http://…` and `https://…`, and the file that is embedded in the medium. All of them are what
somebody else wrote: files are small UTF-8 text, and links don't lead out of the file system they are on.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ashore_installer.errors import BadInput, InstallerError
from ashore_installer.medium import KICKSTART, MOUNT_POINT
from ashore_installer.run import CommandFailed, Runner
from ashore_installer.units import MiB, human

LIMIT = 1 * MiB
"""The largest kickstart in bytes."""

SYS_BLOCK = Path("/sys/block")
_FORMS = "Known are file:/path, hd:DEVICE:/path, cdrom:/path, http://… and https://…."
_WAITS = (1.0, 2.0, 4.0, 8.0, 16.0)
"""Seconds after each try that failed: disks and networks come up while the system starts."""
_CONNECT_SECONDS, _READ_SECONDS, _TOTAL_SECONDS = 10, 30, 120


@dataclass(frozen=True, slots=True, kw_only=True)
class KickstartFile:
    """The text of a kickstart, and what to call it in messages."""

    name: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetcher:
    """Gets kickstarts on this machine; `sleep` takes seconds."""

    run: Runner
    medium: Path = MOUNT_POINT
    blocks: Path = SYS_BLOCK
    sleep: Callable[[float], None] = time.sleep

    def fetch(self, source: str) -> KickstartFile:
        """The kickstart that `source` names. Raises BadInput for what it can't be, InstallerError for what failed."""
        kind, _, rest = source.partition(":")
        if kind in ("http", "https"):
            return _download(source, self.sleep)
        if kind == "file" and rest.startswith("/"):
            return KickstartFile(name=source, text=read_text(Path(rest), source))
        if kind == "hd" and ":" in rest:
            device, _, path = rest.partition(":")
            return self._from_device(source, device, path)
        if kind == "cdrom" and rest:
            return self._from_cd(source, rest)
        raise BadInput(f"The kickstart can't be at {source!r}.", _FORMS)

    def embedded(self) -> KickstartFile | None:
        """The kickstart on the medium, if it has one."""
        path = self.medium / KICKSTART
        return KickstartFile(name=KICKSTART.name, text=read_text(path, KICKSTART.name)) if path.is_file() else None

    def _from_cd(self, source: str, rest: str) -> KickstartFile:
        """From the drive that is named, else from the medium itself, else from the first drive that has the file."""
        device, _, path = rest.rpartition(":")
        if device:
            return self._from_device(source, device, path)
        if (self.medium / path.lstrip("/")).is_file():
            return KickstartFile(name=source, text=_read_inside(self.medium, path, source))
        drives = sorted(block.name for block in self.blocks.glob("sr*"))
        if not drives:
            raise BadInput(f"There is no CD for the kickstart {source}.", "Insert it, or name another place.")
        for drive in drives[:-1]:
            try:
                return self._from_device(source, drive, path, waits=(0.0,))
            except InstallerError:
                continue
        return self._from_device(source, drives[-1], path)

    def _from_device(self, source: str, device: str, path: str, waits: Sequence[float] = _WAITS) -> KickstartFile:
        with self._mounted(source, device, waits) as root:
            return KickstartFile(name=source, text=_read_inside(root, path, source))

    @contextmanager
    def _mounted(self, source: str, device: str, waits: Sequence[float]) -> Iterator[Path]:
        """`device` read-only in a directory that only root can enter, until the block ends."""
        with tempfile.TemporaryDirectory(prefix="ashore-kickstart-") as directory:
            self._mount(source, _device(device), directory, waits)
            try:
                yield Path(directory)
            finally:
                self.run.run(["umount", directory])

    def _mount(self, source: str, device: str, directory: str, waits: Sequence[float]) -> None:
        failure: CommandFailed | None = None
        for wait in waits:
            try:
                self.run.run(["mount", "-o", "ro,nosuid,nodev,noexec", "--", device, directory])
            except CommandFailed as error:
                failure = error
                self.sleep(wait)
            else:
                return
        raise InstallerError(
            f"The device {device} of the kickstart {source} can't be mounted.\n{failure}",
            "Check its name with `lsblk -o NAME,LABEL,UUID`.",
        ) from failure


def _device(word: str) -> str:
    """What `mount` takes for a device."""
    if word.startswith(("LABEL=", "UUID=", "PARTLABEL=", "PARTUUID=")):
        return word
    return f"/dev/{word.removeprefix('/dev/')}"


# --- files ---------------------------------------------------------------------------------------------------


def read_text(path: Path, name: str) -> str:
    """The text of the file `path`, called `name` in messages. Raises BadInput when it is no small UTF-8 text."""
    try:
        with path.open("rb") as stream:
            content = stream.read(LIMIT + 1)
    except OSError as error:
        raise BadInput(f"The kickstart {name} can't be read: {error.strerror}.", "Check its path.") from error
    return _text(content, name)


def _read_inside(root: Path, path: str, name: str) -> str:
    file = (root / path.lstrip("/")).resolve()
    if not file.is_relative_to(root.resolve()):
        raise BadInput(f"The kickstart {name} is a link that leads elsewhere.", "Name the file itself.")
    return read_text(file, name)


def _text(content: bytes, name: str) -> str:
    if len(content) > LIMIT:
        raise BadInput(f"The kickstart {name} is larger than {human(LIMIT)}.", "Check that it is the right file.")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadInput(f"The kickstart {name} is no UTF-8 text.", "Save it as UTF-8.") from error
    if "\0" in text:
        raise BadInput(f"The kickstart {name} is no text.", "Check that it is the right file.")
    return text


# --- the network ---------------------------------------------------------------------------------------------


def _download(url: str, sleep: Callable[[float], None]) -> KickstartFile:
    name = without_password(url)
    failure: _TryAgain | None = None
    for wait in _WAITS:
        try:
            return KickstartFile(name=name, text=_text(_get(url, name), name))
        except _TryAgain as error:
            failure = error
            sleep(wait)
    raise InstallerError(
        f"The kickstart {name} can't be downloaded: {failure}.", "Check the address, the network and the server."
    ) from failure


class _TryAgain(Exception):
    """The network or the server is not there now."""


def _get(url: str, name: str) -> bytes:
    import requests

    try:
        with requests.get(url, stream=True, timeout=(_CONNECT_SECONDS, _READ_SECONDS)) as answer:
            _judge(answer.status_code, name)
            return _read_body(answer.iter_content(chunk_size=64 * 1024))
    except requests.exceptions.SSLError as error:
        raise BadInput(f"The server of {name} can't be trusted.", "Check its certificate.") from error
    except ValueError as error:  # what requests raises for addresses that make no sense
        raise BadInput(f"The address of the kickstart {name} is not valid.", _FORMS) from error
    except requests.RequestException as error:
        # Its text may hold the whole address, and so a password.
        raise _TryAgain(type(error).__name__) from error


def _read_body(chunks: Iterable[bytes]) -> bytes:
    """All of it, or the first bytes that are more than a kickstart may have."""
    deadline, content = time.monotonic() + _TOTAL_SECONDS, b""
    for chunk in chunks:
        content += chunk
        if len(content) > LIMIT:
            break
        if time.monotonic() > deadline:
            raise _TryAgain("it takes too long")
    return content


def _judge(status: int, name: str) -> None:
    if status >= 500 or status in (408, 429):
        raise _TryAgain(f"the server answers {status}")
    if status != 200:
        raise BadInput(f"The server has no kickstart {name}: it answers {status}.", "Check the address.")


def without_password(source: str) -> str:
    """The name of a kickstart for messages: an address without the name and password before its host."""
    scheme, separator, rest = source.partition("://")
    if not separator:
        return source
    host, slash, path = rest.partition("/")
    return f"{scheme}://{host.rpartition('@')[2]}{slash}{path}"
