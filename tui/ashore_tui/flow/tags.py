"""Tags of an image in a registry: the name without one, the name with one, and a list to choose from. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from ashore_installer.errors import BadInput
from ashore_installer.payload.refs import ImageName, parse_image_name
from ashore_installer.payload.trust import repository
from ashore_tui.flow.choices import Choice


def has_tags(source: str) -> bool:
    """Whether an image comes from a registry, which can be asked for its tags."""
    try:
        return parse_image_name(source).transport == "docker"
    except BadInput:
        return False


def untagged(source: str) -> str:
    """The name that all the tags are of, as people write it: `quay.io/example/os`."""
    return repository(parse_image_name(source))


def tagged(source: str, tag: str) -> str:
    """The same image with another tag, under skopeo's name."""
    return str(ImageName(transport="docker", name=f"{untagged(source)}:{tag}"))


def tag_of(source: str) -> str:
    """The tag in a name, or empty."""
    return source.removeprefix(tagged(source, "")) if source.startswith(tagged(source, "")) else ""


def tag_choices(tags: Sequence[str]) -> tuple[Choice, ...]:
    return tuple(Choice(value=tag, label=tag) for tag in tags)
