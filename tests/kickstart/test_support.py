"""The support table says something about everything in the language, and what it says is true."""

from __future__ import annotations

import pytest

from ashore_installer.plan import Draft
from ashore_kickstart.commands import ADDITIONS, COMMANDS, SECTIONS, SIGPOLICY, table
from ashore_kickstart.package_commands import PACKAGES, SECTION
from ashore_kickstart.parse import language, package_options
from ashore_kickstart.problems import KickstartError
from ashore_kickstart.read import READERS, draft_from_text
from ashore_kickstart.support import Level
from tests.kickstart import package_examples, storage_examples
from tests.kickstart.values import without_lines

LANGUAGE = language()


def test_every_command_of_the_language_is_in_the_table() -> None:
    assert set(COMMANDS) == set(LANGUAGE)


def test_the_language_is_the_newest_that_pykickstart_has() -> None:
    assert {"bootc", "ostreecontainer", "stratispool"} <= set(LANGUAGE)


@pytest.mark.parametrize(("command", "option"), [(name, one) for name, added in ADDITIONS.items() for one in added])
def test_what_is_added_to_the_language_is_named_as_an_addition(command: str, option: str) -> None:
    support = SECTION if command == PACKAGES else COMMANDS[command]

    assert option in (package_options() if command == PACKAGES else LANGUAGE[command])
    assert option == SIGPOLICY or "an addition of Ashore" in support.option(option).note


@pytest.mark.parametrize("name", [name for name, one in COMMANDS.items() if one.support.level is not Level.REFUSED])
def test_every_option_of_a_command_that_is_followed_is_in_the_table(name: str) -> None:
    assert set(COMMANDS[name].options) == set(LANGUAGE[name])


def test_every_option_of_the_packages_section_is_in_the_table() -> None:
    assert set(SECTION.options) == set(package_options())


def test_every_supported_command_has_a_reader_and_no_other_one() -> None:
    assert set(READERS) == {name for name, one in COMMANDS.items() if one.support.level is Level.SUPPORTED}


def test_every_refusal_has_a_reason() -> None:
    supports = [one.support for one in COMMANDS.values()] + list(SECTIONS.values())
    supports += [option for one in (*COMMANDS.values(), SECTION) for option in one.options.values()]

    assert [support for support in supports if support.level is not Level.SUPPORTED and not support.note] == []


STATIC = "--device=enp1s0 --bootproto=static --ip=192.0.2.7 --netmask=255.255.255.0"
# Each supported option: what stands on a line with it.
EXAMPLES: dict[str, dict[str, str]] = {
    **storage_examples.EXAMPLES,
    **package_examples.EXAMPLES,
    "ostreecontainer": {
        "--url": "--url=other",
        "--transport": "--url=x --transport=oci",
        "--stateroot": "--url=x --stateroot=s",
        "--no-signature-verification": "--url=x --no-signature-verification",
    },
    "bootc": {
        "--source-imgref": "--source-imgref=oci:/y",
        "--target-imgref": "--source-imgref=oci:/x --target-imgref=y",
        "--stateroot": "--source-imgref=oci:/x --stateroot=s",
        SIGPOLICY: f"--source-imgref=oci:/x {SIGPOLICY}",
    },
    "keyboard": {"--vckeymap": "--vckeymap=de", "--xlayouts": "us --xlayouts=de"},
    "timezone": {"--utc": "UTC --utc"},
    "network": {
        "--hostname": f"{STATIC} --hostname=h",
        "--device": "--device=enp2s0 --bootproto=static --ip=192.0.2.7 --netmask=255.255.255.0",
        "--bootproto": "--device=enp1s0 --bootproto=dhcp",
        "--ip": "--device=enp1s0 --bootproto=static --ip=192.0.2.8 --netmask=255.255.255.0",
        "--netmask": "--device=enp1s0 --bootproto=static --ip=192.0.2.7 --netmask=255.255.0.0",
        "--gateway": f"{STATIC} --gateway=192.0.2.1",
        "--mtu": f"{STATIC} --mtu=9000",
        "--nodefroute": f"{STATIC} --nodefroute",
        "--noipv4": "--device=enp1s0 --noipv4",
        "--noipv6": f"{STATIC} --noipv6",
        "--ipv6": f"{STATIC} --ipv6=2001:db8::7",
        "--ipv6gateway": f"{STATIC} --ipv6=2001:db8::7 --ipv6gateway=fe80::1",
        "--nameserver": f"{STATIC} --nameserver=192.0.2.53,2001:db8::53",
        "--nodns": f"{STATIC} --nodns",
        "--ipv4-dns-search": f"{STATIC} --ipv4-dns-search=example.org",
        "--ipv6-dns-search": f"{STATIC} --ipv6-dns-search=example.org",
        "--onboot": f"{STATIC} --onboot=no",
        "--activate": f"{STATIC} --activate",
        "--no-activate": f"{STATIC} --no-activate",
    },
    "rootpw": {"--iscrypted": "--iscrypted x", "--plaintext": "--plaintext x", "--lock": "x --lock"},
    "user": {
        "--name": "--name=v",
        "--gecos": "--name=u --gecos=g",
        "--groups": "--name=u --groups=g",
        "--password": "--name=u --password=p",
        "--iscrypted": "--name=u --iscrypted",
        "--plaintext": "--name=u --plaintext",
        "--lock": "--name=u --lock",
        "--uid": "--name=u --uid=7",
        "--gid": "--name=u --gid=7",
        "--shell": "--name=u --shell=/bin/sh",
        "--homedir": "--name=u --homedir=/h",
    },
    "group": {"--name": "--name=h", "--gid": "--name=g --gid=7"},
    "sshkey": {"--username": "--username=root key"},
    "reboot": {"--eject": "--eject"},
}
WITHOUT = {
    **storage_examples.WITHOUT,
    **package_examples.WITHOUT,
    "ostreecontainer": "--url=x",
    "bootc": "--source-imgref=oci:/x",
    "keyboard": "us",
    "timezone": "UTC",
    "network": STATIC,
    "rootpw": "x",
    "user": "--name=u",
    "group": "--name=g",
}
BESIDE = {**storage_examples.BESIDE, **package_examples.BESIDE}
OTHER_LINES = {**storage_examples.OTHER_LINES, **package_examples.OTHER_LINES}
SAME_AS = {"partition": "part", "poweroff": "reboot", "halt": "reboot", "shutdown": "reboot"}
DEFAULTS = {*storage_examples.DEFAULTS, ("network", "--activate"), ("rootpw", "--plaintext"), ("user", "--plaintext")}
"""Options that say what is the case without them."""
SUPPORTED = [
    (command.name, name)
    for command in COMMANDS.values()
    for name, option in command.options.items()
    if option.level is Level.SUPPORTED
]


@pytest.mark.parametrize(("command", "option"), SUPPORTED)
def test_a_supported_option_changes_the_draft(command: str, option: str) -> None:
    family = SAME_AS.get(command, command)
    without = BESIDE.get((family, option), WITHOUT.get(family))
    plain = _draft(command, without) if without else _bare(command)

    changed = _draft(command, EXAMPLES[family][option])

    assert (changed == plain) is ((family, option) in DEFAULTS)


def _bare(command: str) -> Draft:
    """The command without arguments, or a kickstart without it where it needs some."""
    try:
        return _draft(command, "")
    except KickstartError:
        return Draft()


def _draft(command: str, arguments: str) -> Draft:
    beside = OTHER_LINES.get(command, "")
    return without_lines(draft_from_text(f"{command} {arguments}\n{beside}", "x.ks"))


@pytest.mark.parametrize("option", [name for name, one in SECTION.options.items() if one.level is Level.SUPPORTED])
def test_a_supported_option_of_the_packages_section_changes_the_draft(option: str) -> None:
    changed = draft_from_text(f"{PACKAGES} {package_examples.SECTION[option]}\n%end\n", "x.ks")

    assert changed != draft_from_text(f"{PACKAGES}\n%end\n", "x.ks")


@pytest.mark.parametrize("option", [name for name, one in SECTION.options.items() if one.level is Level.REFUSED])
def test_a_refused_option_of_the_packages_section_is_refused_by_name_and_line(option: str) -> None:
    with pytest.raises(KickstartError, match=rf"^x.ks, line 1: the option %packages {option} is not supported: \w"):
        draft_from_text(f"{PACKAGES} {option}\n%end\n", "x.ks")


@pytest.mark.parametrize("command", [name for name, one in COMMANDS.items() if one.support.level is Level.REFUSED])
def test_a_refused_command_is_refused_by_name_and_line(command: str) -> None:
    with pytest.raises(KickstartError, match=rf"^x.ks, line 2: the command {command} is not supported: \w"):
        draft_from_text(f"\n{command} anything\n", "x.ks")


@pytest.mark.parametrize(
    ("command", "option"),
    [(one.name, name) for one in COMMANDS.values() for name, it in one.options.items() if it.level is Level.REFUSED],
)
def test_a_refused_option_is_refused_by_name_and_line(command: str, option: str) -> None:
    with pytest.raises(KickstartError, match=rf"^x.ks, line 1: the option {command} {option} is not supported: \w"):
        draft_from_text(f"{command} {option}=1\n", "x.ks")


@pytest.mark.parametrize("section", [name for name, one in SECTIONS.items() if one.level is Level.REFUSED])
def test_a_refused_section_is_refused_by_name_and_line(section: str) -> None:
    with pytest.raises(KickstartError, match=rf"^x.ks, line 1: the section {section} is not supported: \w"):
        draft_from_text(f"{section}\ntext\n%end\n", "x.ks")


def test_commands_that_need_no_action_leave_the_draft_alone() -> None:
    accepted = [name for name, one in COMMANDS.items() if one.support.level is Level.NO_EFFECT]

    assert accepted == ["cmdline", "graphical", "text"]
    assert draft_from_text("text --non-interactive\n", "x.ks") == Draft()


def test_the_table_names_every_command_and_why_it_is_not_supported() -> None:
    text = table()

    assert "\nsnapshot                         not supported  use a thin pool, and" in text
    assert "\n  --cdl                          accepted       there are no such disks" in text
    assert "\n  --tpm2                         supported      an addition of Ashore: " in text
    assert len(text.splitlines()) > len(COMMANDS) + len(SECTIONS)
