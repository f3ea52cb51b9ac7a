"""Certificates of authorities of our own, and servers and proxies that ask for them, as tests of transports need."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from tests.root import transport_server
from tests.root.transport_server import ASKED, CONTROL, SEEN, Seen, Setup

CHECKOUT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """A certificate and its key, files in PEM."""

    certificate: Path
    key: Path

    def issue(self, path: Path, *more: str) -> Identity:
        """A certificate that this one has signed; `more` are further words for `openssl req`."""
        signed = ("-CA", str(self.certificate), "-CAkey", str(self.key), "-addext", "basicConstraints=CA:FALSE")
        return _certificate(path, *signed, *more)


def authority(path: Path) -> Identity:
    """An authority of its own."""
    return _certificate(path, "-addext", "keyUsage=critical,keyCertSign,cRLSign")


def of_server(authority: Identity, path: Path) -> Identity:
    return authority.issue(path, "-addext", "subjectAltName=IP:127.0.0.1")


def _certificate(path: Path, *words: str) -> Identity:
    made = Identity(certificate=path.with_suffix(".pem"), key=path.with_suffix(".key"))
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
         "-subj", f"/CN=Tests {path.name}", "-keyout", str(made.key), "-out", str(made.certificate), *words],
        check=True, capture_output=True,
    )  # fmt: skip
    return made


@dataclass(kw_only=True)
class Peer:
    """A server or a proxy that runs."""

    url: str
    scratch: Path

    @property
    def port(self) -> int:
        return int(self.url.rpartition(":")[2])

    def seen(self) -> list[Seen]:
        file = self.scratch / SEEN
        return [Seen(**json.loads(line)) for line in file.read_text().splitlines()] if file.exists() else []

    def asked(self) -> list[str]:
        """The paths of what was given out, or would have been if it were there."""
        file = self.scratch / ASKED
        return [line.split()[0] for line in file.read_text().splitlines()] if file.exists() else []

    def behave(self, *wishes: str) -> None:
        """What goes wrong from now on: see `rpm_server`."""
        (self.scratch / CONTROL).write_text("\n".join(wishes))


@contextmanager
def running(setup: Setup, identity: Identity | None = None) -> Iterator[Peer]:
    """Run it until the block ends. Its password is in a file for root alone, not in the arguments that it looks for."""
    scratch = Path(setup.scratch)
    scratch.mkdir(parents=True, mode=0o700)
    if identity:
        setup = replace(setup, certificate=str(identity.certificate), key=str(identity.key))
    (scratch / "setup.json").write_text(json.dumps(asdict(setup)))
    words = [sys.executable, "-m", transport_server.__name__, str(scratch / "setup.json")]
    process = subprocess.Popen(words, stdout=subprocess.PIPE, text=True, cwd=CHECKOUT)
    assert process.stdout is not None
    try:
        yield Peer(url=process.stdout.readline().strip(), scratch=scratch)
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
