"""A registry on loopback that serves the images of OCI layouts: enough of the distribution specification for pulls."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any


@dataclass(kw_only=True)
class Registry:
    """`tags` by repository and tag are digests and may be changed at any time. `requests` are paths, as they came."""

    host: str
    blobs: dict[str, bytes] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    requests: list[str] = field(default_factory=list)

    def add(self, layout: Path, tag: str, name: str) -> str:
        """Offer the image `tag` of a layout as `name` (`repository:tag`). Gives its digest."""
        for path in (layout / "blobs" / "sha256").iterdir():
            self.blobs[f"sha256:{path.name}"] = path.read_bytes()
        index: dict[str, Any] = json.loads((layout / "index.json").read_text())
        (digest,) = [
            str(entry["digest"])
            for entry in index["manifests"]
            if entry["annotations"]["org.opencontainers.image.ref.name"] == tag
        ]
        self.tags[name] = digest
        return digest

    def add_manifest(self, manifest: dict[str, Any], name: str) -> str:
        """Offer a manifest that no layout has."""
        content = json.dumps(manifest).encode()
        digest = f"sha256:{hashlib.sha256(content).hexdigest()}"
        self.blobs[digest] = content
        self.tags[name] = digest
        return digest

    def listed(self, repository: str) -> bytes | None:
        """The answer to a question for all tags of a repository; None where there is none."""
        found = [name.removeprefix(f"{repository}:") for name in self.tags if name.startswith(f"{repository}:")]
        return json.dumps({"name": repository, "tags": found}).encode() if found else None


@contextmanager
def serving() -> Iterator[Registry]:
    """A registry that answers until the block ends."""
    server = _Server(("127.0.0.1", 0), _Handler)
    server.registry = registry = Registry(host=f"127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield registry
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Server(ThreadingHTTPServer):
    registry: Registry


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self._answer(body=True)

    def do_HEAD(self) -> None:
        self._answer(body=False)

    def _answer(self, *, body: bool) -> None:
        assert isinstance(self.server, _Server)
        registry = self.server.registry
        registry.requests.append(self.path)
        content = b"{}" if self.path == "/v2/" else self._find(registry)
        if content is None:
            self.send_error(404)
            return
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.send_header(
            "Content-Type", _media_type(content) if "/manifests/" in self.path else "application/octet-stream"
        )
        self.end_headers()
        if body:
            self.wfile.write(content)

    def _find(self, registry: Registry) -> bytes | None:
        repository, kind, reference = self.path.removeprefix("/v2/").rsplit("/", 2)
        if (kind, reference) == ("tags", "list"):
            return registry.listed(repository)
        digest = reference
        if kind == "manifests" and not reference.startswith("sha256:"):
            digest = registry.tags.get(f"{repository}:{reference}", "")
        return registry.blobs.get(digest)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (http.server's name)
        """Say nothing: the requests are remembered."""


def _media_type(content: bytes) -> str:
    return str(json.loads(content)["mediaType"])
