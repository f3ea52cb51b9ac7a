"""What a block is to hold, with everything decided that a person left open."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TypeVar

from ashore_installer.payload_info import PayloadInfo
from ashore_installer.plan import Problem
from ashore_installer.storage.swap import swap_size
from ashore_installer.storage_plan import SWAP, Encryption, Format
from ashore_installer.storage_request import BlockRequest, StorageRequest
from ashore_installer.units import human

_WORDS = {SWAP: Format.SWAP, "biosboot": Format.BIOSBOOT}
_EFI_OPTIONS = "umask=0077,shortname=winnt"
"""Anaconda's options of /boot/efi: only root reads it, and names keep their case."""
_WITH_PROFILES = (Format.EXT2, Format.EXT3, Format.EXT4)

_Request = TypeVar("_Request", bound=BlockRequest)


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What is in a block, or in the LUKS device that is opened on it, and where that is mounted."""

    mount: str
    format: Format
    label: str
    options: str
    mkfs: str = ""
    encryption: Encryption | None = None


def default_root_format(request: StorageRequest, image: PayloadInfo) -> Format:
    """The request's, else the image's `root-fs-type`, else xfs."""
    if request.automatic and request.automatic.format:
        return request.automatic.format
    name = image.install.root_fs_type
    return Format(name) if name in (Format.XFS, Format.EXT4, Format.BTRFS) else Format.XFS


def content_of(request: BlockRequest, root: Format, purpose: Format | None) -> Content:
    """What `request` asks for; `purpose` is the format of members of something, which have no other."""
    request = plain(request)
    format = purpose or request.format or default_format(request.mount, root)  # noqa: A001 (the field's name)
    return Content(
        mount=SWAP if format is Format.SWAP else request.mount,
        format=format,
        label=request.label,
        options=request.options or (_EFI_OPTIONS if format is Format.EFI else "defaults"),
        mkfs=" ".join(part for part in (request.mkfs, request.profile and f"-T {request.profile}") if part),
        encryption=request.encryption,
    )


def plain(request: _Request) -> _Request:
    """Kickstart writes swap and biosboot where the mount point stands; a path may end in a slash."""
    if request.mount in _WORDS:
        return replace(request, mount="", format=request.format or _WORDS[request.mount])
    if request.mount == "none":
        return replace(request, mount="")
    return replace(request, mount=plain_path(request.mount))


def plain_path(path: str) -> str:
    """A path without slashes too many; other words stay what they are."""
    return posixpath.normpath("/" + path.strip("/")) if path.startswith("/") else path


def default_format(mount: str, root: Format) -> Format:
    """The file system of a mount point that nothing is said of."""
    if mount == "/boot/efi":
        return Format.EFI
    return Format.EXT4 if mount == "/boot" else root


def least_size(request: BlockRequest, memory: int) -> int:
    """Bytes that a request needs: its own word, or ours for swap space."""
    if request.recommended or request.hibernation:
        return max(request.size, swap_size(memory, hibernation=request.hibernation))
    return request.size


def called(request: BlockRequest, name: str = "") -> str:
    """How messages name a request: by its mount point, its name as a member or a volume, or its format."""
    return request.mount or name or request.existing or (request.format.value if request.format else "a partition")


def size_problems(request: BlockRequest, field: str, name: str, root: Format, *, sized: bool) -> Iterator[Problem]:
    """What is wrong with sizes and options by themselves. `sized`: the size is known from elsewhere."""
    format = request.format or default_format(request.mount, root)  # noqa: A001 (the field's name)
    said = request.size > 0 or request.grow or request.recommended or request.hibernation
    if not said and not sized:
        message = f"The size of {name} is missing."
        yield Problem(field=field, message=message, hint="Give it a size, or let it grow.")
    if request.max_size and request.max_size < request.size:
        message = f"{name} may not be larger than {human(request.max_size)}, but needs {human(request.size)}."
        yield Problem(field=field, message=message, hint="Raise the limit or lower the size.")
    if request.profile and format not in _WITH_PROFILES and not request.keep:
        message = f"The usage type {request.profile!r} of {name} is for ext file systems, and it is {format}."
        yield Problem(field=field, message=message, hint="Leave it out, or choose ext4.")
    if (request.recommended or request.hibernation) and plain(request).format is not Format.SWAP:
        message = f"A size by the machine's memory is for swap space, and {name} is none."
        yield Problem(field=field, message=message, hint="Give it a size.")
