"""By what media are told apart: everything here is a function of what goes onto a medium, never of when or where.

So the same inputs give the same bytes, and two media with different content never have the same label or GUID, which
boot loaders and udev would confuse.
"""

from __future__ import annotations

import hashlib
import json
import re
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime

from ashore_installer.errors import BadInput

_NAMESPACE = uuid.UUID("5a3f6a2c-6f0e-4c39-9d0f-3f7e0e1f6b52")
"""Any fixed value will do (RFC 9562, section 5.5)."""
_EARLIEST = datetime(1980, 1, 2, tzinfo=UTC)
"""FAT knows no earlier times than 1980-01-01, in any time zone."""
_LATEST = datetime(2099, 12, 31, tzinfo=UTC)
"""ISO 9660 and FAT count years in one byte; what claims to be later is no real date."""
_VOLUME_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,31}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """`id` is 64 hexadecimal digits, `created` the time that every file and file system of the medium gets."""

    id: str
    created: datetime
    volume_id: str

    @property
    def epoch(self) -> int:
        """`created` in seconds since 1970."""
        return int(self.created.timestamp())

    @property
    def iso_date(self) -> str:
        """`created` as xorriso takes it for its dates: YYYYMMDDhhmmsscc in UTC."""
        return self.created.strftime("%Y%m%d%H%M%S00")

    @property
    def disk_guid(self) -> str:
        """The GUID of the medium's GPT."""
        return str(uuid.uuid5(_NAMESPACE, self.id))

    @property
    def fat_serial(self) -> str:
        """The serial number of the EFI system partition: 8 hexadecimal digits."""
        return self.id[8:16]

    @property
    def marker(self) -> str:
        """Path on the medium by which GRUB finds this medium and no other."""
        return f".disk/ashore-{self.id[:32]}"


def identity(inputs: dict[str, str | list[str]], created: str, volume_id: str = "") -> Identity:
    """The identity of a medium with these inputs.

    `created` is RFC 3339 as images have it; what is no date becomes the earliest. An empty `volume_id` is made from
    the inputs.
    """
    canonical = json.dumps({**inputs, "volume_id": volume_id}, sort_keys=True, separators=(",", ":"))
    id = hashlib.sha256(canonical.encode()).hexdigest()  # noqa: A001 (the field's name)
    return Identity(id=id, created=parse_created(created), volume_id=volume_id or f"ASHORE-{id[:8].upper()}")


def parse_created(text: str) -> datetime:
    """A time of an image in whole seconds, within what all file systems of a medium can hold."""
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        return _EARLIEST
    if time.tzinfo is None:
        time = time.replace(tzinfo=UTC)
    return min(max(time, _EARLIEST), _LATEST).astimezone(UTC).replace(microsecond=0)


def check_volume_id(text: str) -> None:
    """Raise BadInput unless the live system can find a medium by this label.

    ISO 9660 allows 32 characters (ECMA-119, 8.4.7); of those that everybody writes anyway, these need no escapes on a
    kernel command line and in /dev/disk/by-label.
    """
    if not _VOLUME_ID.fullmatch(text):
        raise BadInput(
            f"{text!r} can't be the label of a medium.",
            "Use 1 to 32 of the characters A-Z a-z 0-9 . _ - and begin with a letter or digit.",
        )
