"""A directory over HTTP on loopback, in a thread of its own.

libdnf5 holds Python's lock while it downloads, so who calls it must be another process than the one that serves.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path


class _Silent(SimpleHTTPRequestHandler):
    def log_request(self, code: object = "-", size: object = "-") -> None:
        """Nobody reads it: a failing download says what it asked for."""


@contextmanager
def served(directory: Path, port: int = 0) -> Iterator[int]:
    """Serves `directory` on 127.0.0.1 and gives the port; 0 takes a free one."""
    server = ThreadingHTTPServer(("127.0.0.1", port), partial(_Silent, directory=str(directory)))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
