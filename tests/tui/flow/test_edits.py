from __future__ import annotations

import pytest

from ashore_installer.plan import SystemPlan, User
from ashore_installer.secret import Secret
from ashore_tui.flow import edits
from tests.fakes.values import an_image


def test_a_language_brings_its_keyboard_and_time_zone() -> None:
    system = edits.choose_language(SystemPlan(), "de_DE.UTF-8")

    assert (system.locale, system.keymap, system.x11_layouts) == ("de_DE.UTF-8", "de", ("de",))
    assert system.timezone == "Europe/Berlin"


def test_another_language_changes_only_what_came_with_the_first() -> None:
    german = edits.choose_language(SystemPlan(), "de_DE.UTF-8")
    dvorak = edits.choose_keymap(german, "dvorak")

    assert edits.choose_language(german, "fr_FR.UTF-8").keymap == "fr"
    assert edits.choose_language(dvorak, "fr_FR.UTF-8").keymap == "dvorak"
    assert edits.choose_language(dvorak, "fr_FR.UTF-8").timezone == "Europe/Paris"


def test_a_country_with_several_time_zones_has_none_that_is_usual() -> None:
    assert edits.choose_language(SystemPlan(), "en_US.UTF-8").timezone == ""


def test_a_keymap_that_no_table_has_is_taken_alone() -> None:
    system = edits.choose_keymap(edits.choose_keymap(SystemPlan(), "de"), "neo")

    assert (system.keymap, system.x11_layouts) == ("neo", ())


@pytest.mark.parametrize(
    ("release", "group"),
    [
        ({"ID": "debian"}, "sudo"),
        ({"ID": "linuxmint", "ID_LIKE": "ubuntu debian"}, "sudo"),
        ({"ID": "fedora"}, "wheel"),
        ({"ID": "rocky", "ID_LIKE": "rhel centos fedora"}, "wheel"),
        ({}, "wheel"),
    ],
)
def test_the_group_of_administrators_is_the_images(release: dict[str, str], group: str) -> None:
    assert edits.admin_group(an_image(os_release=release)) == group


def test_an_image_that_is_not_known_has_wheel() -> None:
    assert edits.admin_group(None) == "wheel"


def test_the_root_account() -> None:
    opened = edits.set_root_password(SystemPlan(), Secret("x"))

    assert not opened.root.locked
    assert edits.set_root_password(opened, None).root.locked
    assert edits.set_root_keys(opened, ("k",)).root.ssh_keys == ("k",)
    assert edits.reset_root(opened) == SystemPlan()


def test_users_come_change_and_go() -> None:
    system = edits.put_user(edits.put_user(SystemPlan(), User(name="ada")), User(name="bob"))
    renamed = edits.put_user(system, User(name="eve"), instead_of="ada")

    assert [one.name for one in renamed.users] == ["eve", "bob"]
    assert [one.name for one in edits.remove_user(renamed, "eve").users] == ["bob"]


def test_an_administrator_is_in_the_group_once() -> None:
    user = edits.set_admin(User(name="ada", groups=("wheel", "video")), "wheel", admin=True)

    assert user.groups == ("video", "wheel")
    assert edits.set_admin(user, "wheel", admin=False).groups == ("video",)


@pytest.mark.parametrize(
    ("full", "name"),
    [("Ada Lovelace", "ada"), ("", ""), ("Åsa", "sa"), ("李明", ""), ("007 Bond", ""), ("Jean-Luc P", "jean-luc")],
)
def test_a_user_name_is_made_of_a_full_one(full: str, name: str) -> None:
    assert edits.usual_name(full) == name
