from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from ashore_installer.errors import BadInput, InstallerError
from ashore_installer.medium import KICKSTART
from ashore_installer.run import CommandFailed
from ashore_kickstart.fetch import LIMIT, Fetcher
from tests.fakes.runner import FakeRunner


class Mounts(FakeRunner):
    """A `mount` that puts the files of known devices into the mount point, after failing `failures` times."""

    def __init__(self, devices: dict[str, dict[str, str]], failures: int = 0) -> None:
        super().__init__()
        self.devices = devices
        self.failures = failures
        self.now: list[str] = []

    def run(
        self, argv: Sequence[str | os.PathLike[str]], *, stdin: bytes | None = None,
        cwd: Path | None = None, env: Mapping[str, str] | None = None,
    ) -> str:  # fmt: skip
        super().run(argv, stdin=stdin, cwd=cwd, env=env)
        device, directory = self.argvs[-1][-2:]
        if self.argvs[-1][0] == "umount":
            self._unmount(directory)
        elif self.failures > 0 or device not in self.devices:
            self.failures -= 1
            raise CommandFailed(self.argvs[-1], 32, "mount: no such device")
        else:
            self._mount(self.devices[device], directory)
        return ""

    def _mount(self, files: dict[str, str], directory: str) -> None:
        self.now.append(directory)
        for name, text in files.items():
            (Path(directory) / name).write_text(text)

    def _unmount(self, directory: str) -> None:
        self.now.remove(directory)
        for path in Path(directory).iterdir():
            path.unlink()


@dataclass
class Naps:
    seconds: list[float] = field(default_factory=list)

    def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)


@pytest.fixture
def naps() -> Naps:
    return Naps()


@pytest.fixture
def fetcher(tmp_path: Path, naps: Naps) -> Fetcher:
    return Fetcher(run=FakeRunner(), medium=tmp_path / "medium", blocks=tmp_path / "block", sleep=naps)


def with_mounts(fetcher: Fetcher, mounts: Mounts) -> Fetcher:
    return Fetcher(run=mounts, medium=fetcher.medium, blocks=fetcher.blocks, sleep=fetcher.sleep)


# --- files ---------------------------------------------------------------------------------------------------


def test_a_file(fetcher: Fetcher, tmp_path: Path) -> None:
    (tmp_path / "a.ks").write_text("text\n")

    found = fetcher.fetch(f"file:{tmp_path}/a.ks")

    assert found.text == "text\n"
    assert found.name == f"file:{tmp_path}/a.ks"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"#" * (LIMIT + 1), r"is larger than 1\.0 MiB"),
        (b"\xff\xfe", "is no UTF-8 text"),
        (b"text\0", "is no text"),
    ],
)
def test_files_that_are_no_kickstart_are_refused(
    fetcher: Fetcher, tmp_path: Path, content: bytes, message: str
) -> None:
    (tmp_path / "a.ks").write_bytes(content)

    with pytest.raises(BadInput, match=message):
        fetcher.fetch(f"file:{tmp_path}/a.ks")


def test_a_file_that_is_not_there(fetcher: Fetcher) -> None:
    with pytest.raises(BadInput, match="can't be read: No such file or directory"):
        fetcher.fetch("file:/nowhere/a.ks")


@pytest.mark.parametrize("source", ["", "a.ks", "nfs:host:/a.ks", "ftp://host/a.ks", "file:a.ks", "hd:sda1", "cdrom:"])
def test_other_places_are_refused_with_those_that_are_known(fetcher: Fetcher, source: str) -> None:
    with pytest.raises(BadInput, match="The kickstart can't be at") as caught:
        fetcher.fetch(source)

    assert "hd:DEVICE:/path" in caught.value.hint


# --- devices -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "device"),
    [
        ("hd:sdb1:/a.ks", "/dev/sdb1"),
        ("hd:/dev/sdb1:a.ks", "/dev/sdb1"),
        ("hd:LABEL=OEMDRV:/a.ks", "LABEL=OEMDRV"),
        ("hd:UUID=12-34:/a.ks", "UUID=12-34"),
        ("cdrom:LABEL=TOOLS:/a.ks", "LABEL=TOOLS"),
    ],
)
def test_a_device_is_mounted_read_only_and_unmounted(fetcher: Fetcher, source: str, device: str) -> None:
    mounts = Mounts({device: {"a.ks": "text\n"}})
    fetcher = with_mounts(fetcher, mounts)

    assert fetcher.fetch(source).text == "text\n"

    assert mounts.argvs[0][:5] == ("mount", "-o", "ro,nosuid,nodev,noexec", "--", device)
    assert mounts.now == []


def test_a_device_is_unmounted_when_its_file_is_missing(fetcher: Fetcher) -> None:
    mounts = Mounts({"/dev/sdb1": {}})
    fetcher = with_mounts(fetcher, mounts)

    with pytest.raises(BadInput, match=r"hd:sdb1:/a\.ks can't be read: No such file"):
        fetcher.fetch("hd:sdb1:/a.ks")

    assert mounts.now == []


def test_a_device_may_come_late(fetcher: Fetcher, naps: Naps) -> None:
    fetcher = with_mounts(fetcher, Mounts({"/dev/sdb1": {"a.ks": "text\n"}}, failures=2))

    assert fetcher.fetch("hd:sdb1:/a.ks").text == "text\n"
    assert naps.seconds == [1, 2]


def test_a_device_that_never_comes(fetcher: Fetcher) -> None:
    fetcher = with_mounts(fetcher, Mounts({}))

    with pytest.raises(InstallerError, match=r"The device /dev/sdb1 of the kickstart hd:sdb1:/a\.ks can't be mounted"):
        fetcher.fetch("hd:sdb1:/a.ks")


def test_a_link_out_of_the_medium_is_not_followed(fetcher: Fetcher, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("root hash\n")
    fetcher.medium.mkdir()
    (fetcher.medium / "a.ks").symlink_to(tmp_path / "secret")

    with pytest.raises(BadInput, match="is a link that leads elsewhere"):
        fetcher.fetch("cdrom:/a.ks")


def test_the_medium_itself_is_the_first_cd(fetcher: Fetcher) -> None:
    fetcher.medium.mkdir()
    (fetcher.medium / "a.ks").write_text("text\n")

    assert fetcher.fetch("cdrom:/a.ks").text == "text\n"


def test_each_cd_is_tried(fetcher: Fetcher) -> None:
    for name in ("sr0", "sr1", "vda"):
        (fetcher.blocks / name).mkdir(parents=True)
    fetcher = with_mounts(fetcher, Mounts({"/dev/sr0": {}, "/dev/sr1": {"a.ks": "text\n"}}))

    assert fetcher.fetch("cdrom:/a.ks").text == "text\n"


def test_an_empty_drive_before_the_right_one_costs_no_time(fetcher: Fetcher, naps: Naps) -> None:
    for name in ("sr0", "sr1"):
        (fetcher.blocks / name).mkdir(parents=True)
    fetcher = with_mounts(fetcher, Mounts({"/dev/sr1": {"a.ks": "text\n"}}))

    assert fetcher.fetch("cdrom:/a.ks").text == "text\n"
    assert sum(naps.seconds) == 0


def test_no_cd(fetcher: Fetcher) -> None:
    with pytest.raises(BadInput, match=r"There is no CD for the kickstart cdrom:/a\.ks"):
        fetcher.fetch("cdrom:/a.ks")


def test_the_embedded_kickstart(fetcher: Fetcher) -> None:
    assert fetcher.embedded() is None

    (fetcher.medium / KICKSTART).parent.mkdir(parents=True)
    (fetcher.medium / KICKSTART).write_text("text\n")

    found = fetcher.embedded()
    assert found is not None
    assert (found.name, found.text) == ("kickstart.cfg", "text\n")


# --- the network ---------------------------------------------------------------------------------------------


class Server(ThreadingHTTPServer):
    """Gives `answers` (status and body) one after the other, and the last one again and again."""

    daemon_threads = True

    def __init__(self, answers: list[tuple[int, bytes]]) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answers = answers

    def next_answer(self) -> tuple[int, bytes]:
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        status, body = self.server.next_answer()
        self.send_response(status)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Tests are quiet."""


@contextmanager
def serving(*answers: tuple[int, bytes]) -> Iterator[str]:
    with Server(list(answers)) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def test_a_kickstart_over_http(fetcher: Fetcher) -> None:
    with serving((200, "lang C # ä\n".encode())) as host:
        found = fetcher.fetch(f"http://anna:secret@{host}/a.ks")

    assert found.text == "lang C # ä\n"
    assert found.name == f"http://{host}/a.ks"


def test_a_server_that_is_not_ready_yet_is_asked_again(fetcher: Fetcher, naps: Naps) -> None:
    with serving((503, b""), (200, b"text\n")) as host:
        assert fetcher.fetch(f"http://{host}/a.ks").text == "text\n"

    assert naps.seconds == [1]


def test_a_file_that_the_server_does_not_have(fetcher: Fetcher, naps: Naps) -> None:
    with serving((404, b"")) as host, pytest.raises(BadInput, match=r"it answers 404\."):
        fetcher.fetch(f"http://{host}/a.ks")

    assert naps.seconds == []


def test_a_server_that_is_away(fetcher: Fetcher, naps: Naps) -> None:
    with serving((200, b"")) as host:
        pass

    with pytest.raises(InstallerError, match=r"can't be downloaded: ConnectionError\.") as caught:
        fetcher.fetch(f"http://anna:secret@{host}/a.ks")

    assert "secret" not in str(caught.value)
    assert naps.seconds == [1, 2, 4, 8, 16]


def test_a_download_without_end_is_cut(fetcher: Fetcher) -> None:
    with serving((200, b"#" * (LIMIT * 2))) as host, pytest.raises(BadInput, match="is larger than"):
        fetcher.fetch(f"http://{host}/a.ks")


@pytest.mark.parametrize("source", ["http://", "http://[/a.ks", "https:///a.ks"])
def test_an_address_that_makes_no_sense(fetcher: Fetcher, source: str) -> None:
    with pytest.raises(BadInput, match="is not valid"):
        fetcher.fetch(source)
