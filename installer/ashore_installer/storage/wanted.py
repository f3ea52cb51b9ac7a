"""What partitions are wanted: a person's requests with their defaults filled in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ashore_installer.plan import Problem
from ashore_installer.storage.content import Content, called, content_of, default_root_format, least_size, plain
from ashore_installer.storage.content import size_problems as _size_problems
from ashore_installer.storage.needs import align_down, align_up
from ashore_installer.storage_plan import Format
from ashore_installer.storage_request import PartitionRequest

__all__ = ["Names", "Wanted", "default_root_format", "request_problems", "wanted"]


class Names:
    """The ids that are given away so far."""

    def __init__(self) -> None:
        self._used: set[str] = set()

    def take(self, name: str) -> str:
        """`name`, or with a number behind it if that is taken."""
        candidates = (name, *(f"{name}{number}" for number in range(2, len(self._used) + 3)))
        free = next(candidate for candidate in candidates if candidate not in self._used)
        self._used.add(free)
        return free


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted(Content):
    """A partition to be placed: sizes aligned, format and id decided. `max_size` 0 is no limit, `disk` may be empty.

    Those with the same `apart` go on different disks; `name` is what a member is called.
    """

    id: str
    size: int
    grow: bool
    max_size: int
    disk: str
    field: str
    name: str = ""
    apart: str = ""
    primary: bool = False


def wanted(
    requests: Mapping[int, PartitionRequest],
    root: Format,
    *,
    purposes: Mapping[str, Format],
    apart: Mapping[str, str],
    memory: int,
    names: Names,
) -> tuple[Wanted, ...]:
    """The requests, by their number in the list, with their defaults and in the same order; ids are unique."""
    found: list[Wanted] = []
    for number, request in requests.items():
        content = content_of(request, root, purposes.get(request.name))
        size = align_up(max(least_size(request, memory), 1))
        found.append(
            Wanted(
                id=names.take(request.name or name_of(content)),
                mount=content.mount,
                format=content.format,
                label=content.label,
                options=content.options,
                mkfs=content.mkfs,
                encryption=content.encryption,
                size=size,
                grow=request.grow,
                max_size=max(align_down(request.max_size), size) if request.max_size else 0,
                disk=request.disk,
                field=f"storage.partitions[{number}]",
                name=request.name,
                apart=apart.get(request.name, ""),
                primary=request.primary,
            )
        )
    return tuple(found)


def name_of(content: Content) -> str:
    """An id from what is mounted where: `root`, `efi`, `var-lib`, `swap`."""
    if content.mount == "/":
        return "root"
    if content.mount == "/boot/efi":
        return "efi"
    return content.mount.strip("/").replace("/", "-") if content.mount.startswith("/") else content.format.value


def request_problems(requests: tuple[PartitionRequest, ...], root: Format) -> Iterator[Problem]:
    """What is wrong with the requests by themselves: sizes and mount points that say nothing."""
    for number, request in enumerate(map(plain, requests)):
        field = f"storage.partitions[{number}]"
        yield from _size_problems(
            request, field, called(request, request.name), root, sized=bool(request.existing) and not request.resize
        )
        if not request.mount and request.format is None and not request.name and not request.existing:
            message = "A partition has neither a mount point nor a format."
            yield Problem(field=field, message=message, hint="Say where it is mounted.")
