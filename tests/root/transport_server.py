"""A web server or a proxy for tests that asks for certificates, names and passwords: `python -m`, with a file of JSON.

The file is a `Setup`. The server says its address on standard output; as a proxy it answers for every host by itself,
and connects every tunnel to `upstream`. What is in `rpm_server` can go wrong here, too. Each request becomes a line of
JSON, a `Seen`, in the file SEEN.
"""

from __future__ import annotations

import base64
import json
import shutil
import socket
import ssl
import sys
import threading
from dataclasses import asdict, dataclass
from http.server import ThreadingHTTPServer
from pathlib import Path

from tests.root import rpm_server

ASKED, CONTROL, SEEN = "asked", "control", "seen"
"""Names of files in the scratch directory."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """Without `user`, everybody may come; without `certificate`, the server speaks plain HTTP."""

    directory: str
    scratch: str
    user: str = ""
    password: str = ""
    certificate: str = ""
    key: str = ""
    clients: str = ""
    """The authority whose certificates clients must have."""
    proxy: bool = False
    upstream: int = 0
    """A port of this machine."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A request: `url` as it was asked for, whether its name and password were right, and what ran at that time.

    `processes` are command lines and environments, as everybody (or root) can read them.
    """

    url: str
    allowed: bool
    processes: str


class Handler(rpm_server.Handler):
    wanted: Setup

    def do_GET(self) -> None:  # noqa: N802 (http.server's name)
        if self._admitted():
            super().do_GET()

    def do_CONNECT(self) -> None:  # noqa: N802 (http.server's name)
        if not self._admitted():
            return
        with socket.create_connection(("127.0.0.1", self.wanted.upstream)) as other:
            self.send_response(200)
            self.end_headers()
            back = threading.Thread(target=_pass_on, args=(other, self.connection))
            back.start()
            _pass_on(self.connection, other)
            back.join()
        self.close_connection = True

    def _admitted(self) -> bool:
        """Remember the request; refuse it unless it has the right name and password."""
        ours = self.wanted
        header = "Proxy-Authorization" if ours.proxy else "Authorization"
        expected = "Basic " + base64.b64encode(f"{ours.user}:{ours.password}".encode()).decode()
        allowed = not ours.user or self.headers.get(header) == expected
        seen = Seen(url=self.path, allowed=allowed, processes=_processes())
        with Path(ours.scratch, SEEN).open("a") as file:
            file.write(json.dumps(asdict(seen)) + "\n")
        if not allowed:
            self.send_response(407 if ours.proxy else 401)
            self.send_header("Proxy-Authenticate" if ours.proxy else "WWW-Authenticate", 'Basic realm="tests"')
            self.send_header("Content-Length", "0")
            self.end_headers()
        return allowed


class Quiet(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of clients that go away in the middle: those that trust us not do."""


def _pass_on(source: socket.socket, target: socket.socket) -> None:
    with source.makefile("rb", buffering=0) as reader, target.makefile("wb", buffering=0) as writer:
        shutil.copyfileobj(reader, writer)
    target.shutdown(socket.SHUT_WR)


def _processes() -> str:
    texts = []
    for path in (*Path("/proc").glob("[0-9]*/cmdline"), *Path("/proc").glob("[0-9]*/environ")):
        try:
            texts.append(path.read_bytes().replace(b"\0", b" ").decode(errors="replace"))
        except OSError:
            # It has ended since.
            continue
    return "\n".join(texts)


def main(file: str) -> None:
    setup = Setup(**json.loads(Path(file).read_text()))
    Handler.wanted, Handler.root = setup, Path(setup.directory)
    Handler.control, Handler.asked = Path(setup.scratch, CONTROL), Path(setup.scratch, ASKED)
    server = Quiet(("127.0.0.1", 0), Handler)
    if setup.certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(setup.certificate, setup.key)
        if setup.clients:
            context.load_verify_locations(setup.clients)
            context.verify_mode = ssl.CERT_REQUIRED
        server.socket = context.wrap_socket(server.socket, server_side=True)
    print(f"http{'s' if setup.certificate else ''}://127.0.0.1:{server.server_port}", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main(sys.argv[1])
