from __future__ import annotations

import zoneinfo

import pytest

from ashore_installer.plan import SystemPlan
from ashore_tui.flow import choices
from ashore_tui.flow.fields import Wrong, keymap, locale, system_problems, timezone


def values(found: tuple[choices.Choice, ...]) -> list[str]:
    return [one.value for one in found]


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("berlin", "Europe/Berlin"),
        ("Germany", "Europe/Berlin"),
        ("new york", "America/New_York"),
        ("america/new", "America/New_York"),
        ("sao paulo", "America/Sao_Paulo"),
        ("utc", "UTC"),
    ],
)
def test_typing_finds_a_time_zone(typed: str, first: str) -> None:
    assert values(choices.matching(choices.zones(), typed))[0] == first


def test_typing_finds_a_language_by_both_its_names_and_without_accents() -> None:
    assert values(choices.matching(choices.languages(), "cestina")) == ["cs_CZ.UTF-8"]
    assert "de_DE.UTF-8" in values(choices.matching(choices.languages(), "german"))
    assert "zh_CN.UTF-8" in values(choices.matching(choices.languages(), "simplified"))


def test_nothing_typed_is_everything_in_its_order() -> None:
    assert choices.matching(choices.keymaps(), "") == choices.keymaps()


def test_what_nothing_has() -> None:
    assert choices.matching(choices.keymaps(), "klingon") == ()


def test_every_language_is_one_that_the_engine_takes_and_has_its_keymap_and_zone_in_the_tables() -> None:
    keymaps, zones = set(values(choices.keymaps())), set(values(choices.zones()))

    for one in choices.language_table():
        assert locale(one.locale) == one.locale
        assert one.name
        assert one.english
        assert one.keymap in keymaps
        assert one.timezone in {"", *zones}


def test_every_keymap_and_its_layouts_are_ones_that_the_engine_takes() -> None:
    for one in choices.keymap_table():
        assert not isinstance(keymap(one.name), Wrong)
        assert one.label
        assert system_problems(SystemPlan(keymap=one.name, x11_layouts=one.layouts)) == ()


def test_every_time_zone_is_one_that_the_engine_takes_and_that_python_knows() -> None:
    known = zoneinfo.available_timezones()
    found = values(choices.zones())

    assert len(found) > 400
    assert all(timezone(one) == one for one in found)
    assert not known or set(found) <= known


@pytest.mark.parametrize(
    ("language", "locale"),
    [("en", "en_US.UTF-8"), ("de", "de_DE.UTF-8"), ("zh_CN", "zh_CN.UTF-8"), ("tlh", "en_US.UTF-8")],
)
def test_a_language_proposes_its_first_locale(language: str, locale: str) -> None:
    assert choices.usual_locale(language) == locale
