from __future__ import annotations

import importlib
import shlex
from dataclasses import replace
from typing import Any

import pytest

from ashore_installer.errors import BadInput
from ashore_installer.package_plan import GroupChoice, PackagePayload, Repository, SigningKey
from ashore_installer.plan import Draft, Finish, PayloadRequest, RootAccount, Script, ScriptPhase, SystemPlan, User
from ashore_installer.secret import Secret
from ashore_installer.storage_plan import Encryption, Format, RaidLevel, Tpm2, VolumeKind
from ashore_installer.storage_request import (
    ArrayRequest,
    Automatic,
    Clear,
    GroupRequest,
    PartitionRequest,
    Scheme,
    ShrinkRequest,
    StorageRequest,
    VolumeRequest,
)
from ashore_kickstart.problems import KickstartError
from ashore_kickstart.read import draft_from_text
from ashore_kickstart.write import kickstart_from_draft, kickstart_from_plan
from tests.fakes.values import a_plan


def a_draft(**changes: Any) -> Draft:
    system = SystemPlan(
        root=RootAccount(password=Secret("sink or swim"), locked=False),
        users=(User(name="anna", password=Secret("$6$salt$hash"), crypted=True),),
    )
    return replace(Draft(system=system), **changes)


def test_passwords_are_left_out_and_the_file_says_so() -> None:
    text = kickstart_from_draft(a_draft())

    assert "sink or swim" not in text
    assert "$6$" not in text
    assert text.splitlines()[1].startswith("# Saved without its passwords")


def test_a_kickstart_without_its_passwords_is_refused_by_name() -> None:
    with pytest.raises(KickstartError) as caught:
        draft_from_text(kickstart_from_draft(a_draft()), "saved.ks")

    assert caught.value.message.splitlines() == [
        "saved.ks, line 3: this kickstart was saved without its passwords, and the one of root is missing.",
        "saved.ks, line 4: this kickstart was saved without its passwords, and the one of user anna is missing.",
    ]
    assert "openssl passwd" in caught.value.hint


def test_a_left_out_password_lets_nobody_in_elsewhere() -> None:
    line = kickstart_from_draft(a_draft()).splitlines()[2]

    assert line == "rootpw --iscrypted '*password-left-out*'"


def test_passwords_are_there_when_they_are_asked_for() -> None:
    text = kickstart_from_draft(a_draft(), reveal_secrets=True)

    assert "rootpw --plaintext 'sink or swim'" in text
    assert draft_from_text(text, "x.ks").system == a_draft().system


ENCRYPTED = StorageRequest(
    partitions=(
        PartitionRequest(
            mount="/",
            size=1 << 30,
            encryption=Encryption(passphrase=Secret("open sesame"), tpm2=Tpm2(pin=Secret("4711"))),
            line=2,
        ),
    )
)


def test_passphrases_are_left_out_and_the_file_says_so() -> None:
    text = kickstart_from_draft(Draft(storage=ENCRYPTED))

    assert "sesame" not in text
    assert "4711" not in text
    assert text.splitlines()[1].startswith("# Saved without its passphrases")
    assert " --passphrase= " in text
    assert " --tpm2-pin= " in text


def test_a_kickstart_without_its_passphrases_is_refused_by_name() -> None:
    with pytest.raises(KickstartError) as caught:
        draft_from_text(kickstart_from_draft(Draft(storage=ENCRYPTED)), "saved.ks")

    assert caught.value.message == (
        "saved.ks, line 4: this kickstart was saved without its passwords, "
        "and the passphrase of the partition / is missing."
    )


def test_another_installer_takes_a_left_out_passphrase_for_none_at_all() -> None:
    """Anaconda asks for what is missing; a mark in its place would be a passphrase that everybody knows."""
    lines = [line for line in kickstart_from_draft(Draft(storage=ENCRYPTED)).splitlines() if line.startswith("part")]
    theirs = lines[0].replace(" --tpm2 --tpm2-pin=", "")
    handler = importlib.import_module("pykickstart.version").makeVersion()

    handler.dispatcher(shlex.split(theirs), 1)

    (data,) = handler.partition.partitions
    assert (data.encrypted, data.passphrase) == (True, "")


def test_a_plan_is_written_with_exact_partitions_on_stable_names() -> None:
    assert kickstart_from_plan(a_plan()) == (
        "# Kickstart written by Ashore.\n"
        "bootc --source-imgref=oci:/srv/image:1 --target-imgref=registry.example/sample:1 --stateroot=default\n"
        "ignoredisk --only-use=disk/by-id/virtio-disk0\n"
        "zerombr\n"
        "clearpart --all --drives=disk/by-id/virtio-disk0 --initlabel\n"
        "part --fstype=biosboot --size=1 --ondisk=disk/by-id/virtio-disk0 biosboot\n"
        "part --fstype=ext4 --label=boot --fsoptions=defaults --size=1024 --ondisk=disk/by-id/virtio-disk0 /boot\n"
        "part --fstype=xfs --label=root --fsoptions=defaults --size=18432 --ondisk=disk/by-id/virtio-disk0 /\n"
        "bootloader --boot-drive=disk/by-id/virtio-disk0\n"
        "rootpw --lock\n"
    )


WITHOUT_PASSPHRASE = PartitionRequest(mount="/x", size=1 << 30, encryption=Encryption())
UNSAYABLE_PARTITIONS = (
    PartitionRequest(mount="/"),
    PartitionRequest(size=1 << 30),
    PartitionRequest(mount="/x", format=Format.SWAP, size=1 << 30),
    PartitionRequest(mount="/boot/efi", format=Format.XFS, size=1 << 30),
    PartitionRequest(name="pv.1", format=Format.XFS, size=1 << 30),
    PartitionRequest(name="member", format=Format.LVMPV, size=1 << 30),
    PartitionRequest(mount="/", size=1 << 30, encryption=Encryption(passphrase=Secret(""))),
    PartitionRequest(mount="/", size=1 << 30, encryption=Encryption(tpm2=Tpm2(pin=Secret("")))),
)


AT = Repository(id="x", baseurls=("http://x.example/",))
UNSAYABLE_REPOSITORIES = (
    replace(AT, id="a b"),
    replace(AT, baseurls=()),
    replace(AT, mirrorlist="http://x.example/"),
    replace(AT, baseurls=("http://anna@x.example/",)),
    replace(AT, baseurls=("http://x.example/a b",)),
    replace(AT, baseurls=("nfs://x.example/",)),
    replace(AT, password=Secret("p")),
    replace(AT, username="u", password=Secret("")),
    replace(AT, proxy_username="u"),
    replace(AT, proxy="cache"),
    replace(AT, proxy="http://cache", proxy_password=Secret("p")),
    replace(AT, includes=("a,b",)),
    replace(AT, keys=(SigningKey(location="key"),)),
    replace(AT, keys=(SigningKey(location="file:///k", fingerprint="12"),)),
)
UNSAYABLE_PACKAGES = (
    PackagePayload(repositories=()),
    PackagePayload(repositories=(AT, AT)),
    PackagePayload(repositories=(AT,), packages=("a b",)),
    PackagePayload(repositories=(AT,), packages=("@a",)),
    PackagePayload(repositories=(AT,), packages=("-a",)),
    PackagePayload(repositories=(AT,), packages=("%end",)),
    PackagePayload(repositories=(AT,), packages=("a#b",)),
    PackagePayload(repositories=(AT,), packages=("a", "a")),
    PackagePayload(repositories=(AT,), packages=("a",), excludes=("a",)),
    PackagePayload(repositories=(AT,), groups=(GroupChoice(id="a"),), excluded_groups=("a",)),
    PackagePayload(repositories=(AT,), groups=(GroupChoice(id="a:b"),)),
    PackagePayload(repositories=(AT,), environment="a  b"),
    PackagePayload(repositories=(AT,), excluded_groups=("a --optional",)),
    PackagePayload(repositories=(AT,), languages=("a:b",)),
)


@pytest.mark.parametrize(
    "changes",
    [
        {"system": SystemPlan(hostname="a\nrootpw --plaintext owned")},
        {"system": SystemPlan(users=(User(name="u", groups=("a,b",)),))},
        {"system": SystemPlan(utc=False)},
        {"system": SystemPlan(root=RootAccount(locked=False))},
        {"system": SystemPlan(root=RootAccount(password=Secret("")))},
        {"finish": Finish.WAIT, "eject": True},
        {"scripts": (Script(phase=ScriptPhase.PRE, body="true\n"),)},
        {"scripts": (Script(phase=ScriptPhase.POST, body="cat <<E\n%end\nE\n"),)},
        {"scripts": (Script(phase=ScriptPhase.POST, body="true\n%include /x\n"),)},
        {"scripts": (Script(phase=ScriptPhase.POST, body="  \n"),)},
        {"scripts": (Script(phase=ScriptPhase.POST, body="true\r\n"),)},
        {"kargs": ("two words",)},
        {"payload": PayloadRequest(source="ftp:x")},
        {"payload": PayloadRequest(target="nothing known")},
        *({"packages": one} for one in UNSAYABLE_PACKAGES),
        *({"packages": PackagePayload(repositories=(one,))} for one in UNSAYABLE_REPOSITORIES),
        {"packages": PackagePayload(repositories=(AT,)), "payload": PayloadRequest(source="oci:/x")},
        {"storage": StorageRequest(only_use=("vda",), ignore=("vdb",))},
        {"storage": StorageRequest(clear=Clear.LIST)},
        {"storage": StorageRequest(clear=Clear.ALL, clear_partitions=("vda1",))},
        {"storage": StorageRequest(automatic=Automatic(format=Format.SWAP))},
        {"storage": StorageRequest(automatic=Automatic(), partitions=(PartitionRequest(mount="/", size=1 << 30),))},
        {"storage": StorageRequest(partitions=(PartitionRequest(mount="/", size=1000),))},
        *({"storage": StorageRequest(partitions=(one,))} for one in UNSAYABLE_PARTITIONS),
        {"storage": StorageRequest(automatic=Automatic(hibernation=True))},
        {"storage": StorageRequest(automatic=Automatic(scheme=Scheme.BTRFS, format=Format.XFS))},
        {"storage": replace(ENCRYPTED, partitions=(*ENCRYPTED.partitions, WITHOUT_PASSPHRASE))},
        {"storage": StorageRequest(required_boot=True)},
        {"storage": StorageRequest(arrays=(ArrayRequest(mount="/", level=RaidLevel.RAID1),))},
        {"storage": StorageRequest(groups=(GroupRequest(name="vg", members=("pv.1",), extent=1000),))},
        {"storage": StorageRequest(volumes=(VolumeRequest(name="a", group="vg", existing="vg/b"),))},
        {"storage": StorageRequest(volumes=(VolumeRequest(name="a", group="vg", kind=VolumeKind.POOL, mount="/x"),))},
        {"storage": StorageRequest(shrink=(ShrinkRequest(existing="vda1", size=1000),))},
    ],
)
def test_what_the_language_has_no_words_for_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(BadInput, match=r"^A kickstart can't say this: \S"):
        kickstart_from_draft(replace(Draft(), **changes))
