"""What tells media apart is a function of their inputs and nothing else."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime

import pytest

from ashore_installer.errors import BadInput
from ashore_isogen.identity import check_volume_id, identity, parse_created

INPUTS: dict[str, str | list[str]] = {"image": ["sha256:a"], "kickstart": ""}


def test_same_inputs_same_identity() -> None:
    assert identity(INPUTS, "2026-01-01T00:00:00Z") == identity(dict(reversed(INPUTS.items())), "2026-01-01T00:00:00Z")


def test_any_other_input_changes_every_name() -> None:
    one = identity(INPUTS, "2026-01-01T00:00:00Z")
    other = identity({**INPUTS, "kickstart": "1"}, "2026-01-01T00:00:00Z")
    assert one.volume_id != other.volume_id
    assert one.disk_guid != other.disk_guid
    assert one.fat_serial != other.fat_serial
    assert one.marker != other.marker


def test_names_have_the_forms_that_their_formats_want() -> None:
    found = identity(INPUTS, "2026-01-01T01:02:03Z")
    check_volume_id(found.volume_id)
    assert found.volume_id == f"ASHORE-{found.id[:8].upper()}"
    assert uuid.UUID(found.disk_guid).version == 5
    assert len(found.fat_serial) == 8
    assert int(found.fat_serial, 16) >= 0
    assert found.iso_date == "2026010101020300"
    assert found.epoch == 1_767_229_323


def test_a_chosen_label_is_kept_and_counts() -> None:
    chosen = identity(INPUTS, "", "RESCUE_1")
    assert chosen.volume_id == "RESCUE_1"
    assert chosen.id != identity(INPUTS, "").id


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-11-21T20:34:00Z", datetime(2026, 11, 21, 20, 34, tzinfo=UTC)),
        ("2026-11-21T20:34:00.123456789+02:00", datetime(2026, 11, 21, 18, 34, tzinfo=UTC)),
        ("2026-11-21T20:34:00", datetime(2026, 11, 21, 20, 34, tzinfo=UTC)),
        ("1970-01-01T00:00:00Z", datetime(1980, 1, 2, tzinfo=UTC)),
        ("0001-01-01T00:00:00Z", datetime(1980, 1, 2, tzinfo=UTC)),
        ("0001-01-01T00:00:00+14:00", datetime(1980, 1, 2, tzinfo=UTC)),
        ("9999-12-31T23:59:59-14:00", datetime(2099, 12, 31, tzinfo=UTC)),
        ("", datetime(1980, 1, 2, tzinfo=UTC)),
        ("yesterday", datetime(1980, 1, 2, tzinfo=UTC)),
    ],
)
def test_times_of_images_become_times_of_media(text: str, expected: datetime) -> None:
    assert parse_created(text) == expected


@pytest.mark.parametrize("label", ["A", "ASHORE-0123ABCD", "my.medium_2-x", "X" * 32])
def test_good_labels(label: str) -> None:
    check_volume_id(label)


@pytest.mark.parametrize("label", ["", "X" * 33, "two words", "a/b", "ä", "-x", "a\n", "$x", "a'b"])
def test_bad_labels(label: str) -> None:
    with pytest.raises(BadInput, match="can't be the label"):
        check_volume_id(label)
