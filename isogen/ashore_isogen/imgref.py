"""Names of images as skopeo writes them: containers-transports(5)."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

from ashore_installer.errors import BadInput


class Transport(StrEnum):
    """Where an image is kept. The value is what stands before the first colon of its name."""

    OCI = "oci"
    OCI_ARCHIVE = "oci-archive"
    REGISTRY = "docker"
    STORAGE = "containers-storage"
    DOCKER_ARCHIVE = "docker-archive"
    DIR = "dir"


LOCAL = frozenset({Transport.OCI, Transport.OCI_ARCHIVE, Transport.DOCKER_ARCHIVE, Transport.DIR})
"""Transports whose names begin with a path of this machine."""

_KNOWN = (
    "Write it as oci:DIRECTORY:TAG, docker://REGISTRY/NAME:TAG, containers-storage:NAME, "
    "oci-archive:FILE, docker-archive:FILE or dir:DIRECTORY."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageName:
    """An image by transport and the rest of its name: `oci` and `/srv/images:v1`, `docker` and `//quay.io/a/b:1`."""

    transport: Transport
    rest: str

    def __str__(self) -> str:
        return f"{self.transport}:{self.rest}"

    @property
    def path(self) -> Path:
        """The file or directory of an image with a LOCAL transport."""
        return Path(self.rest if self.transport is Transport.DIR else self.rest.partition(":")[0])

    @property
    def tag(self) -> str:
        """What follows the path of an image with a LOCAL transport, or empty."""
        return "" if self.transport is Transport.DIR else self.rest.partition(":")[2]

    def absolute(self) -> ImageName:
        """The same image, whatever the working directory is."""
        return self._with_path(str(self.path.absolute())) if self.transport in LOCAL else self

    def recorded(self) -> str:
        """The name for a medium: without the directories of the machine that the medium is made on."""
        if self.transport in LOCAL:
            return str(self._with_path(self.path.absolute().name))
        return str(replace(self, rest=re.sub(r"^\[[^\]]*\]", "", self.rest)))

    def pinned(self, digest: str) -> ImageName:
        """The image of a registry by digest instead of by tag, which may be moved at any time."""
        repository = self.rest.removeprefix("//").partition("@")[0]
        host, slash, last = repository.rpartition("/")
        return replace(self, rest=f"//{host}{slash}{last.partition(':')[0]}@{digest}")

    def _with_path(self, path: str) -> ImageName:
        return replace(self, rest=f"{path}:{self.tag}" if self.tag else path)


def parse_image_name(text: str) -> ImageName:
    """The image that skopeo knows under this name. Raises BadInput for transports that can't be embedded."""
    word, colon, rest = text.partition(":")
    if not colon or not rest or word not in {str(known) for known in Transport}:
        raise BadInput(f"{text!r} is not the name of an image.", _hint(text))
    if any(not letter.isprintable() for letter in text):
        raise BadInput("The name of the image has control characters.", _KNOWN)
    name = ImageName(transport=Transport(word), rest=rest)
    if name.transport is Transport.REGISTRY and not re.fullmatch(r"//[^/\s]+(/[^/\s]+)*", rest):
        raise BadInput(f"{text!r} is not the name of an image in a registry.", "Write docker://REGISTRY/NAME:TAG.")
    return name


def _hint(text: str) -> str:
    if re.match(r"[\w.-]+\.[a-z]+(:\d+)?/", text):
        return f"For an image in a registry write docker://{text}."
    if Path(text.partition(":")[0], "index.json").is_file():
        return f"For an OCI layout in a directory write oci:{text}."
    return _KNOWN
