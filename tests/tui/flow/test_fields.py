from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ashore_installer.configure.check import check_system
from ashore_installer.plan import SystemPlan
from ashore_installer.secret import Secret
from ashore_installer.units import GiB, MiB
from ashore_tui.flow import fields
from ashore_tui.flow.fields import Wrong
from tests.fakes.values import a_plan, an_image

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHVw ada@laptop"

Validator = Callable[[str], object]


@pytest.mark.parametrize(
    ("validate", "text", "value"),
    [
        (fields.hostname, " server1.example.org ", "server1.example.org"),
        (fields.hostname, "", ""),
        (fields.locale, "de_DE.UTF-8", "de_DE.UTF-8"),
        (fields.locale, "C.UTF-8", "C.UTF-8"),
        (fields.keymap, "de-latin1-nodeadkeys", "de-latin1-nodeadkeys"),
        (fields.timezone, "America/Argentina/Buenos_Aires", "America/Argentina/Buenos_Aires"),
        (fields.user_name, "ada", "ada"),
        (fields.full_name, "Ada King, Countess of Lovelace", "Ada King, Countess of Lovelace"),
        (fields.group_names, "wheel, video  audio wheel", ("wheel", "video", "audio")),
        (fields.group_names, "", ()),
        (fields.password, "correct horse", Secret("correct horse")),
        (fields.passphrase, "korrekt Pferd äöü", Secret("korrekt Pferd äöü")),
        (fields.ssh_keys, f"# mine\n\n{KEY}\n", (KEY,)),
        (fields.ssh_keys, "", ()),
        (fields.kernel_arguments, ' quiet  dyndbg="x.c +p" a=1', ("quiet", 'dyndbg="x.c +p"', "a=1")),
        (fields.kernel_arguments, "", ()),
        (fields.image_reference, "quay.io/fedora/fedora-bootc:43", "docker://quay.io/fedora/fedora-bootc:43"),
        (fields.image_reference, "localhost:5000/x", "docker://localhost:5000/x"),
        (fields.image_reference, "oci:/srv/image:1", "oci:/srv/image:1"),
        (fields.size, "20 GiB", 20 * GiB),
        (fields.size, "512m", 512 * MiB),
        (fields.mount_point, "/", "/"),
        (fields.mount_point, "/home/", "/home"),
        (fields.mount_point, "/var/lib/data", "/var/lib/data"),
        (fields.mount_point, "/boot/efi", "/boot/efi"),
    ],
)  # fmt: skip
def test_what_is_taken(validate: Validator, text: str, value: object) -> None:
    assert validate(text) == value


@pytest.mark.parametrize(
    ("validate", "text", "says"),
    [
        (fields.hostname, "my_host", "letters, digits and hyphens"),
        (fields.hostname, "-a", "letters, digits and hyphens"),
        (fields.hostname, "a" * 65, "64 characters"),
        (fields.hostname, "a..b", "dots between"),
        (fields.locale, "german please", "de_DE.UTF-8"),
        (fields.keymap, "../de", "de-nodeadkeys"),
        (fields.timezone, "Berlin, I think", "Europe/Berlin"),
        (fields.user_name, "", "small letters"),
        (fields.user_name, "Ada", "small letters"),
        (fields.user_name, "a" * 33, "32 characters"),
        (fields.user_name, "root", "form of its own"),
        (fields.full_name, "a:b", "colons"),
        (fields.group_names, "wheel Video", "Video can't be"),
        (fields.password, "", "Type a password"),
        (fields.password, "a\tb", "can't be typed"),
        (fields.passphrase, "", "Type a passphrase"),
        (fields.passphrase, "x" * 513, "too long"),
        (fields.ssh_keys, "hello", "Key 1 is no public key"),
        (fields.ssh_keys, f"{KEY}\nssh-rsa x", "Key 2"),
        (fields.ssh_keys, "-----BEGIN OPENSSH PRIVATE KEY-----", "keep it to yourself"),
        (fields.kernel_arguments, "quiet a;b", "a;b has characters"),
        (fields.kernel_arguments, "root=/dev/sda1", "says root="),
        (fields.kernel_arguments, 'a="b', "has characters"),
        (fields.image_reference, "", "Type the name"),
        (fields.image_reference, "fedora-bootc:43", "Begin with the registry"),
        (fields.image_reference, "library/fedora", "Begin with the registry"),
        (fields.image_reference, "docker:quay.io/x", "Write it like"),
        (fields.image_reference, "quay.io/x y", "without blanks"),
        (fields.size, "large", "like 20 GiB"),
        (fields.size, "0", "at least"),
        (fields.mount_point, "home", "Write a path"),
        (fields.mount_point, "/my home", "without blanks"),
        (fields.mount_point, "/usr", "/usr is part of the image"),
        (fields.mount_point, "/etc/x", "part of the image"),
    ],
)
def test_what_is_refused(validate: Validator, text: str, says: str) -> None:
    found = validate(text)

    assert isinstance(found, Wrong)
    assert says in found.text
    assert found.text.endswith(".")


def test_what_is_taken_already() -> None:
    assert fields.user_name("ada", taken=("ada",)) == Wrong("There is a user ada already.")
    assert fields.mount_point("/home", taken=("/home",)) == Wrong("/home is used already.")


def test_sizes_have_limits() -> None:
    assert fields.size("1 GiB", least=2 * GiB) == Wrong("It has to be 2.0 GiB at least.")
    assert fields.size("9 GiB", most=8 * GiB) == Wrong("There is room for 8.0 GiB only.")


def test_passwords_are_typed_twice() -> None:
    assert fields.password("one", "two") == Wrong("The two are not the same.")
    assert fields.password("one", "one") == Secret("one")
    assert fields.passphrase("one", "two") == Wrong("The two are not the same.")


def test_a_secret_is_not_in_what_is_said() -> None:
    assert "hunter" not in repr((fields.password("hunter2"), fields.password("hunter2", "x")))


@settings(deadline=None)  # a busy machine is no failure
@given(st.text(alphabet="abcXY019-_. é", max_size=70))
def test_a_host_name_is_taken_exactly_when_the_engine_takes_it(text: str) -> None:
    name = text.strip()
    refused = bool(check_system(a_plan(system=SystemPlan(hostname=name)), an_image()))

    assert isinstance(fields.hostname(text), Wrong) == refused
