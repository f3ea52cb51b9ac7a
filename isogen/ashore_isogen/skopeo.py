"""Fetching images: the only place that calls skopeo (skopeo-inspect(1), skopeo-copy(1); 1.6 or newer)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from ashore_installer.errors import BadInput
from ashore_installer.payload.refs import ImageName
from ashore_installer.run import CommandFailed, Runner
from ashore_isogen.imgref import DOCKER_ARCHIVE, REGISTRY, STORAGE, absolute

_CONVERTED = (DOCKER_ARCHIVE, STORAGE)
"""Transports that keep layers unpacked: their blobs are made anew."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Skopeo:
    """skopeo for images of one architecture (in OCI words). It keeps large intermediate files in `scratch`."""

    run: Runner
    scratch: Path
    architecture: str
    tls_verify: bool = True

    def manifest(self, name: ImageName) -> bytes:
        """The top-level manifest exactly as it is stored, so that its SHA-256 is the image's digest."""
        return self._inspect(name, "--raw").encode(errors="surrogateescape")

    def config(self, name: ImageName) -> str:
        """The OCI configuration of the image for our architecture, as JSON text."""
        return self._inspect(name, "--config")

    def copy(self, name: ImageName, layout: Path, tag: str, *, keep_digests: bool) -> None:
        """Copy the image into an OCI layout. Its signature is checked against the machine's policy, and left out."""
        argv = ["skopeo", *self._platform(), "--tmpdir", str(self.scratch), "copy", "--quiet", "--remove-signatures"]
        argv += ["--preserve-digests"] if keep_digests else []
        # Unpacked layers are compressed again anyway; zstd is many times faster than skopeo's gzip.
        argv += ["--dest-compress-format", "zstd"] if name.transport in _CONVERTED else []
        argv += [] if self.tls_verify else ["--src-tls-verify=false"]
        # A relative destination, because a colon in the path of an `oci:` name would end the path.
        self._run([*argv, str(absolute(name)), f"oci:{layout.name}:{tag}"], name, layout.parent)

    def _inspect(self, name: ImageName, what: str) -> str:
        argv = ["skopeo", *self._platform(), "--tmpdir", str(self.scratch), "inspect", what]
        argv += [] if self.tls_verify else ["--tls-verify=false"]
        return self._run([*argv, str(absolute(name))], name, self.scratch)

    def _platform(self) -> list[str]:
        return ["--override-os", "linux", "--override-arch", self.architecture]

    def _run(self, argv: list[str], name: ImageName, directory: Path) -> str:
        try:
            return self.run.run(argv, cwd=directory)
        except CommandFailed as error:
            if error.returncode == 127:
                raise
            raise BadInput(f"The image {name} can't be read: {reason(error.stderr)}", _hint(name)) from error


def reason(stderr: str) -> str:
    """What skopeo's last line of log says (logrus text format), without its frame."""
    lines = stderr.strip().splitlines()
    if not lines:
        return "skopeo does not say why."
    found = re.search(r'msg="((?:[^"\\]|\\.)*)"', lines[-1])
    return re.sub(r"\\(.)", r"\1", found[1]) if found else lines[-1]


def _hint(name: ImageName) -> str:
    if name.transport == REGISTRY:
        return f"Check the name and the network, or log in with `skopeo login {name.name.split('/')[0]}`."
    return f"Check the name with `skopeo inspect {name}`."
