from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ashore_installer.errors import BadInput, ExitStatus
from ashore_installer.medium import MOUNT_POINT, payload_source
from ashore_installer.plan import Finish, PayloadRequest, Script, ScriptPhase
from ashore_installer.storage_plan import Format
from ashore_installer.storage_request import Clear
from ashore_installer.units import GiB, MiB
from ashore_kickstart.commands import COMMANDS
from ashore_kickstart.problems import KickstartError
from ashore_kickstart.read import draft_from_text, problems_of

KICKSTARTS = Path(__file__).parent.parent / "kickstarts"


def read(text: str) -> object:
    return draft_from_text(text, "x.ks")


def test_the_automatic_layout() -> None:
    draft = draft_from_text((KICKSTARTS / "bios-xfs.ks").read_text(), "bios-xfs.ks")

    assert draft.storage is not None
    assert draft.storage.automatic
    assert draft.storage.automatic.format is Format.XFS
    assert draft.storage.clear is Clear.ALL
    assert draft.storage.new_table
    assert draft.storage.zero_mbr
    assert draft.kargs == ("quiet", "audit=0")
    assert (draft.finish, draft.eject) == (Finish.REBOOT, True)
    assert draft.payload == PayloadRequest()
    assert draft.lines["storage.automatic"] == 10


def test_accounts() -> None:
    system = draft_from_text((KICKSTARTS / "bios-xfs.ks").read_text(), "bios-xfs.ks").system

    (anna,) = system.users
    assert (anna.gecos, anna.groups, anna.shell, anna.crypted) == ("Anna Anker", ("crew", "sudo"), "/bin/bash", True)
    assert anna.password is not None
    assert anna.password.reveal().startswith("$6$salt$")
    assert anna.ssh_keys[0].endswith(" anna@example")
    assert system.root.locked
    assert system.root.password is None
    assert (system.hostname, system.timezone, system.utc) == ("harbour.example", "Europe/Berlin", True)


def test_explicit_partitions() -> None:
    storage = draft_from_text((KICKSTARTS / "uefi-ext4.ks").read_text(), "uefi-ext4.ks").storage

    assert storage is not None
    made = [(part.mount, part.format, part.size, part.grow) for part in storage.partitions]
    assert made == [
        ("/boot/efi", Format.EFI, 512 * MiB, False),
        ("/boot", Format.EXT4, 1 * GiB, False),
        ("/", Format.EXT4, 4 * GiB, True),
        ("/var", Format.EXT4, 2 * GiB, False),
        ("", Format.SWAP, 512 * MiB, False),
    ]
    assert {part.disk for part in storage.partitions} == {"disk/by-id/virtio-disk0"}
    assert storage.partitions[3].options == "defaults,nodev"
    assert storage.partitions[3].line == 14


def test_scripts_come_in_their_order_and_as_they_are_written() -> None:
    scripts = draft_from_text((KICKSTARTS / "uefi-ext4.ks").read_text(), "uefi-ext4.ks").scripts

    assert scripts == (
        Script(
            phase=ScriptPhase.POST,
            body='print("hello from the deployment")\n',
            interpreter="/usr/bin/python3",
            line=24,
        ),
        Script(
            phase=ScriptPhase.POST,
            body="#!/bin/sh\n\t%indented text that is no section\ntouch /tmp/nochroot\n",
            chroot=False,
            line=28,
        ),
    )


@pytest.mark.parametrize(
    ("line", "request_"),
    [
        ("ostreecontainer --url quay.example/os:1", PayloadRequest(source="docker://quay.example/os:1", signed=True)),
        (
            "ostreecontainer --url=/srv/os:1 --transport=oci --no-signature-verification",
            PayloadRequest(source="oci:/srv/os:1"),
        ),
        (
            "bootc --source-imgref=registry:quay.example/os --target-imgref=quay.example/os:stable",
            PayloadRequest(source="docker://quay.example/os", target="docker://quay.example/os:stable"),
        ),
        (f"bootc --source-imgref={payload_source(MOUNT_POINT)} --stateroot=os", PayloadRequest(stateroot="os")),
    ],
)
def test_the_image(line: str, request_: PayloadRequest) -> None:
    assert draft_from_text(line, "x.ks").payload == request_


def test_a_key_may_stand_before_its_user() -> None:
    (user,) = draft_from_text("sshkey --username=u key\nuser --name=u\n", "x.ks").system.users

    assert user.ssh_keys == ("key",)


def test_options_may_be_abbreviated_and_apart_from_their_values() -> None:
    storage = draft_from_text("part /x --si 10 --gr --ondrive vda\n", "x.ks").storage

    assert storage is not None
    assert (storage.partitions[0].size, storage.partitions[0].grow) == (10 * MiB, True)
    assert storage.partitions[0].disk == "vda"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("foo\n", "line 1: there is no command 'foo'."),
        ("lang 'C\n", "line 1: a quotation is not closed."),
        ("''\n", "line 1: the line has no command."),
        ("rootpw abc#def\n", "line 1: a # in the middle of a word would begin a comment."),
        ("lang\n", "line 1: lang: the following arguments are required: "),
        ("autopart\npart / --size=1\n", "line 2: part: The part and autopart commands can't be used at the same time."),
        ("clearpart --all\nclearpart --none\n", "line 2: line 1 has already set clearpart."),
        ("reboot\n\nhalt\n", "line 3: line 1 has already set the end of the installation."),
        ("bootloader --append=a --append=b\n", "line 1: bootloader: an option is given twice."),
        ("keyboard us --vckeymap=de\n", "line 1: keyboard names two keymaps"),
        ("network --hostname=a\nnetwork --hostname=b\n", "line 2: line 1 has already set the host name."),
        ("network\n", "line 1: network says nothing."),
        ("rootpw --iscrypted --plaintext x\n", "line 1: a password can't be both --iscrypted and --plaintext."),
        ("user --name=u --groups=wheel,g(5)\n", "line 1: a group's number can't be given here."),
        ("user --name=u\nuser --name=u\n", "line 2: user: A user with the name u has already been defined."),
        ("sshkey --username=u key\n", "line 1: sshkey is for u, but no `user` line makes that user."),
        ("ostreecontainer --url=x --transport=ftp\n", "line 1: there is no transport 'ftp'."),
        ("bootc --source-imgref=quay.example/os\n", "line 1: the source quay.example/os has no transport."),
        ("timezone UTC --isUtc\n", "line 1: the option timezone --isUtc is not supported: write it as --utc."),
        ("%post --wrong\n%end\n", "line 1: %post: unrecognized arguments: --wrong."),
        ("%other\n%end\n", "line 1: there is no section %other."),
    ],
)
def test_what_can_not_be_followed_is_refused_by_line(text: str, message: str) -> None:
    with pytest.raises(KickstartError) as caught:
        read(text)

    assert caught.value.message.startswith(f"x.ks, {message}")
    assert caught.value.hint
    assert caught.value.status is ExitStatus.BAD_INPUT


def test_every_line_of_a_kickstart_for_packages_is_judged() -> None:
    text = (KICKSTARTS / "packages.ks").read_text()

    assert [problem.line for problem in problems_of(text)] == [2, 6, 7, 18, 22, 24]
    with pytest.raises(BadInput, match="line 2: url: addresses with nfs: are not supported"):
        draft_from_text(text, "packages.ks")


def test_more_problems_than_fit_are_counted() -> None:
    with pytest.raises(KickstartError) as caught:
        read("foo\n" * 13)

    assert caught.value.message.splitlines()[-1] == "x.ks has 3 more problems."
    assert len(caught.value.problems) == 13


def test_comments_at_the_end_of_a_line_are_left_out() -> None:
    draft = draft_from_text("lang C # it's the language\nrootpw --plaintext 'abc#def' #end\n", "x.ks")

    assert draft.system.locale == "C"
    assert draft.system.root.password is not None
    assert draft.system.root.password.reveal() == "abc#def"


def test_no_password_gets_into_a_message() -> None:
    for line in ("rootpw hunter2 hunter3", "user --name=u --password=hunter2 hunter3", "user --password=hunter2"):
        with pytest.raises(KickstartError) as caught:
            read(line)
        assert "hunter" not in str(caught.value)


@given(
    st.lists(
        st.tuples(
            st.sampled_from([*COMMANDS, "%post", "%end", "%packages", ""]),
            st.lists(
                st.sampled_from(["--", "--name=", "--size", "-1", "'", '"', "#", "%", "--all", "=", "\x00", "é", "/"])
            ),
        ),
        max_size=5,
    )
)
@settings(max_examples=60, deadline=None)
def test_nonsense_is_refused_and_never_a_traceback(lines: list[tuple[str, list[str]]]) -> None:
    text = "\n".join(" ".join((command, *words)) for command, words in lines)

    problems = problems_of(text)

    assert all(0 < problem.line <= len(lines) and problem.message for problem in problems)
