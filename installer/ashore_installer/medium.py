"""What an Ashore medium carries, and where the live system finds it.

The manifest is written once, when the medium is made; the live system, `ashore iso inspect` and the media check read
it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from ashore_installer import codec
from ashore_installer.errors import BadInput
from ashore_installer.image import ImageInfo
from ashore_installer.package_plan import MEDIUM_REPOSITORY, PackagePayload, Repository, SigningKey

VERSION = 1

MOUNT_POINT = Path("/run/initramfs/live")
"""Where dracut's dmsquash-live module mounts the medium (dracut, modules.d/70dmsquash-live)."""

MANIFEST = Path("ashore/manifest.json")
KICKSTART = Path("ashore/kickstart.cfg")
PAYLOAD = Path("ashore/payload")
"""An OCI image layout (image-layout.md of the OCI image specification) with one image in it."""
PAYLOAD_TAG = "payload"
PACKAGES = Path("ashore/packages")
"""A package repository, with `repodata/repomd.xml` (createrepo_c(8)) and its armoured keys as `keys/*.asc`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MediumFile:
    """A file of the medium; `path` is relative to its root, `size` in bytes."""

    path: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MediumPackages:
    """The package repository of a medium. Sizes in bytes."""

    name: str
    """What the packages make, in the words of their own release package, or empty."""
    count: int
    download_size: int
    unpacked_size: int
    """Of what was chosen, once it is installed."""
    kernel: str
    signed: bool
    """Its packages are checked with the keys beside them."""
    choice: PackagePayload
    """What the packages were collected for, without the repositories that they came from."""
    sources: tuple[str, ...] = ()
    """Addresses that they came from, without names and passwords; of a directory only its name, as `file:NAME`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MediumManifest:
    """The description of a medium with an image, packages, or both.

    `created` is ISO 8601 in UTC, that of the image or of the newest package, so that media can be rebuilt.
    """

    version: int = VERSION
    ashore: str
    volume_id: str
    created: str
    source: str = ""
    """The image as it was named when the medium was made (skopeo's name)."""
    target: str = ""
    """The image that installed systems update from."""
    image: ImageInfo | None = None
    packages: MediumPackages | None = None
    runtime: str
    """Digest of the inputs of the live runtime."""
    kargs: tuple[str, ...] = ()
    kickstart: bool = False
    files: tuple[MediumFile, ...] = ()
    esp: MediumFile | None = None
    """The EFI system partition, which is no file of the medium's file system; `path` is a name for messages."""


def read_manifest(root: Path) -> MediumManifest:
    """The manifest of the medium mounted at `root`. Raises BadInput when this is no Ashore medium."""
    try:
        text = (root / MANIFEST).read_text(encoding="utf-8")
    except OSError as error:
        raise BadInput(
            f"There is no Ashore medium at {root}.", "Boot from an ISO made by `ashore iso build`."
        ) from error
    return codec.from_json(text, MediumManifest, "The medium's manifest")


def payload_source(root: Path) -> str:
    """The embedded image under skopeo's name."""
    return f"oci:{root / PAYLOAD}:{PAYLOAD_TAG}"


def medium_repositories(root: Path) -> tuple[Repository, ...]:
    """The package repository of the medium mounted at `root`, if it carries one.

    Whoever made the medium vouches for it: without keys of its own its packages are taken as they are, as an image is.
    """
    if not (root / PACKAGES / "repodata/repomd.xml").is_file():
        return ()
    found = sorted((root / PACKAGES / "keys").glob("*.asc"))
    keys = tuple(SigningKey(location=f"{MEDIUM_REPOSITORY}{PACKAGES}/keys/{path.name}") for path in found)
    address = f"{MEDIUM_REPOSITORY}{PACKAGES}"
    return (Repository(id="medium", name="Medium", baseurls=(address,), keys=keys, gpgcheck=bool(keys)),)


def with_medium(payload: PackagePayload, root: Path) -> PackagePayload:
    """`payload` with the repository of the medium mounted at `root` where it only says that one is meant.

    Raises BadInput when that medium carries none.
    """
    if not any(one.baseurls == (MEDIUM_REPOSITORY,) for one in payload.repositories):
        return payload
    found = medium_repositories(root)
    if not found:
        raise BadInput(
            "Packages are to come from the medium, but there are none on it.",
            "Name a repository (`url` in a kickstart), or make a medium with `ashore iso build --repo`.",
        )
    named = (found[0] if one.baseurls == (MEDIUM_REPOSITORY,) else one for one in payload.repositories)
    return replace(payload, repositories=tuple(named))
