"""Names: of images in containers' words, in the origin file, and of the refs in the repository.

Rules: bootc, ostree-ext/src/refescape.rs (escaping), container/store.rs (prefixes) and container/mod.rs (references).
"""

from __future__ import annotations

from dataclasses import dataclass

from ashore_installer.errors import BadInput

LAYERS = "ostree/container/blob"
IMAGES = "ostree/container/image"

_TRANSPORTS = ("docker", "oci", "oci-archive", "docker-archive", "containers-storage", "dir")
_LOCAL = ("oci", "oci-archive", "docker-archive", "dir")


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageName:
    """An image under skopeo's name; `name` is what comes after the transport (`quay.io/x:y`, `/dir:tag`)."""

    transport: str
    name: str

    def __str__(self) -> str:
        """What skopeo calls it, which is the key of an image in the repository too."""
        return f"docker://{self.name}" if self.transport == "docker" else f"{self.transport}:{self.name}"

    def origin(self, *, signed: bool) -> str:
        """The value of `container-image-reference` in the origin file.

        With `signed`, updates refuse to run when containers-policy.json(5) accepts anything.
        """
        if signed:
            return f"ostree-image-signed:{self}"
        if self.transport == "docker":
            return f"ostree-unverified-registry:{self.name}"
        return f"ostree-unverified-image:{self}"


def parse_image_name(text: str) -> ImageName:
    """The image that skopeo's name means. Raises BadInput."""
    transport, colon, name = text.partition(":")
    if transport == "docker":
        name = name.removeprefix("//") if name.startswith("//") else ""
    if (
        not colon
        or transport not in _TRANSPORTS
        or not name
        or any(not char.isprintable() for char in name)
        or (" " in name and transport not in _LOCAL)
    ):
        raise BadInput(
            f"{text!r} is no name of an image.",
            "Write it as docker://HOST/NAME:TAG, oci:DIRECTORY:TAG, oci-archive:FILE or containers-storage:NAME.",
        )
    return ImageName(transport=transport, name=name)


def split_oci(name: str) -> tuple[str, str]:
    """Directory and tag of an `oci:` name; the tag may be missing (containers-transports(5))."""
    directory, _, tag = name.partition(":")
    return directory, tag


def is_local(image: ImageName) -> bool:
    """Whether the image is in files, so that no network is needed to read it."""
    return image.transport in _LOCAL


def layer_ref(digest: str) -> str:
    """The ref of a layer, by the digest of its blob as the manifest has it."""
    return f"{LAYERS}/{escape(digest)}"


def image_ref(image: ImageName) -> str:
    """The ref of an image's merge commit, by the name in the origin without the prefix about signatures."""
    return f"{IMAGES}/{escape(str(image))}"


def escape(text: str) -> str:
    """`text` as a part of a ref's name.

    Letters, digits and `-` stay; `_` is doubled; `/` stays after a letter or digit unless it is the last character;
    anything else becomes the hexadecimal code point between underscores.
    """
    return "".join(_escaped(text, at) for at in range(len(text)))


def _escaped(text: str, at: int) -> str:
    char = text[at]
    if _plain(char) or char == "-":
        return char
    if char == "_":
        return "__"
    if char == "/" and 0 < at < len(text) - 1 and _plain(text[at - 1]):
        return char
    return f"_{ord(char):02X}_"


def _plain(char: str) -> bool:
    return char.isascii() and char.isalnum()
