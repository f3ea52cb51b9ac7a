"""Keys that come faster than the screens can follow: all of them at once."""

from __future__ import annotations

from pathlib import Path

from textual.events import Key

from tests.tui.sitting import PASSWORD, Room, Sitting, to_accounts


def burst(sitting: Sitting, *keys: str) -> None:
    """What a terminal sends in one piece: no turn of the app lies between the keys."""
    for key in keys:
        sitting.app.post_message(Key(key, key if len(key) == 1 else None))


def test_a_password_typed_twice_without_waiting_is_in_two_fields(tmp_path: Path) -> None:
    async def type_it(sitting: Sitting) -> None:
        await to_accounts(sitting)
        burst(sitting, *PASSWORD, "enter", *PASSWORD, "enter")
        await sitting.until(lambda: sitting.title == "Summary")

    sitting = Room(state=tmp_path).sit(type_it)

    assert "Everything is ready" in sitting.text


def test_keys_find_their_way_through_several_screens(tmp_path: Path) -> None:
    async def hurry(sitting: Sitting) -> None:
        burst(sitting, "enter", "enter", "enter", "enter", "enter", "enter", *PASSWORD, "enter", *PASSWORD)
        await sitting.until(lambda: sitting.title == "Accounts")
        await sitting.quiet()

    sitting = Room(state=tmp_path).sit(hurry)

    assert sitting.text.count("•" * len(PASSWORD)) == 2
