"""An HTTP server for tests, run as a program: DIRECTORY CONTROL ASKED. Says its address on standard output.

Each line of the file CONTROL makes something go wrong for paths that contain a word: `cut WORD COUNT` breaks the first
COUNT answers off in their middle, `refuse WORD` answers 503, `die WORD` ends the whole server in the middle of an
answer, `stall WORD` never answers. Ranges are served, as a download that goes on needs them. Every path goes into the
file ASKED, with the first byte that was asked for.
"""

from __future__ import annotations

import os
import re
import socket
import sys
import threading
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar
from urllib.parse import unquote, urlsplit


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    root: Path
    control: Path
    asked: Path
    cut: ClassVar[Counter[str]] = Counter()

    def do_GET(self) -> None:
        path = unquote(urlsplit(self.path).path)
        start = int(match[1]) if (match := re.match(r"bytes=(\d+)-", self.headers.get("Range", ""))) else 0
        with self.asked.open("a") as file:
            file.write(f"{path} {start}\n")
        found = self.root / path.lstrip("/")
        wishes = self._wishes(path)
        if "refuse" in wishes or not found.is_file():
            self.send_error(503 if found.is_file() else 404)
            return
        content = found.read_bytes()
        if "stall" in wishes:
            threading.Event().wait()
        self._head(start, len(content))
        rest = content[start:]
        if "die" in wishes or "cut" in wishes:
            self.wfile.write(rest[: len(rest) // 2])
            self.wfile.flush()
            if "die" in wishes:
                os._exit(1)
            self.connection.shutdown(socket.SHUT_RDWR)
            self.close_connection = True
            return
        self.wfile.write(rest)

    def _head(self, start: int, size: int) -> None:
        self.send_response(206 if start else 200)
        if start:
            self.send_header("Content-Range", f"bytes {start}-{size - 1}/{size}")
        self.send_header("Accept-Ranges", "bytes")
        self.send_header("Content-Length", str(size - start))
        self.end_headers()

    def _wishes(self, path: str) -> set[str]:
        found = set()
        lines = self.control.read_text().splitlines() if self.control.exists() else []
        for kind, word, *more in (line.split() for line in lines):
            if word in path and (not more or self.cut[word] < int(more[0])):
                self.cut[word] += 1
                found.add(kind)
        return found

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (http.server's name)
        """Say nothing: the requests are remembered."""


def main(directory: str, control: str, asked: str) -> None:
    Handler.root, Handler.control, Handler.asked = Path(directory), Path(control), Path(asked)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    print(f"http://127.0.0.1:{server.server_port}", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main(*sys.argv[1:])
