"""Names of images on the way to a medium: what people type, where it is, and what of it is written down."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

from ashore_installer.errors import BadInput
from ashore_installer.payload.refs import ImageName, is_local, parse_image_name, split_oci

OCI = "oci"
REGISTRY = "docker"
STORAGE = "containers-storage"
OCI_ARCHIVE = "oci-archive"
DOCKER_ARCHIVE = "docker-archive"
DIR = "dir"


def named_image(text: str) -> ImageName:
    """The image that skopeo's name means. Raises BadInput, with a hint for what people type instead."""
    try:
        return parse_image_name(text)
    except BadInput as error:
        raise BadInput(error.message, _meant(text) or error.hint) from error


def _meant(text: str) -> str:
    if re.match(r"[\w.-]+\.[a-z]+(:\d+)?/", text):
        return f"For an image in a registry write docker://{text}."
    if Path(text.partition(":")[0], "index.json").is_file():
        return f"For an OCI layout in a directory write oci:{text}."
    return ""


def path_and_tag(name: ImageName) -> tuple[Path, str]:
    """The file or directory of an image in files, and what follows it (containers-transports(5); `dir:` has no tag)."""
    if name.transport == DIR:
        return Path(name.name), ""
    path, tag = split_oci(name.name)
    return Path(path), tag


def absolute(name: ImageName) -> ImageName:
    """The same image, whatever the working directory is."""
    return _at(name, str(path_and_tag(name)[0].absolute())) if is_local(name) else name


def recorded(name: ImageName) -> str:
    """The name for a medium: without the directories of the machine that the medium is made on."""
    if is_local(name):
        return str(_at(name, path_and_tag(name)[0].absolute().name))
    return str(replace(name, name=re.sub(r"^\[[^\]]*\]", "", name.name)))


def _at(name: ImageName, path: str) -> ImageName:
    tag = path_and_tag(name)[1]
    return replace(name, name=f"{path}:{tag}" if tag else path)
