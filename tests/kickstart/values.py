"""Drafts of every shape that the kickstart language can say, for property tests."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import strategies as st

from ashore_installer.plan import (
    Draft,
    Finish,
    Group,
    PayloadRequest,
    RootAccount,
    Script,
    ScriptPhase,
    SystemPlan,
    User,
)
from ashore_installer.secret import Secret
from ashore_installer.storage_plan import Format
from ashore_installer.storage_request import Automatic, Clear, PartitionRequest, Scheme, StorageRequest
from ashore_installer.units import MiB

# Everything that can stand on a line, quotes, comment signs, backslashes and all.
text = st.text(
    st.characters(min_codepoint=32, exclude_categories=("Cc", "Cs", "Zl", "Zp", "Cn", "Co", "Cf")), max_size=12
).filter(str.isprintable)
some_text = text.filter(bool)
name = st.from_regex(r"[a-z][a-z0-9-]{0,8}", fullmatch=True)
in_list = some_text.filter(lambda word: "," not in word and word == word.strip())
disk = st.sampled_from(["vda", "sdb", "disk/by-id/virtio-disk0", "disk/by-path/pci-0000:00:04.0", "/dev/nvme0n1"])
disks = st.lists(disk, max_size=2, unique=True).map(tuple)
key = st.sampled_from(["ssh-ed25519 AAAA anna@example", 'command="true" ssh-rsa BBBB', "-odd key"])
keys = st.lists(key, max_size=2).map(tuple)
secret = st.none() | some_text.filter(lambda word: word != "*password-left-out*").map(Secret)
size = st.integers(1, 1 << 20).map(lambda count: count * MiB)

partition = st.builds(
    PartitionRequest,
    format=st.sampled_from([None, Format.XFS, Format.EXT4, Format.BTRFS]),
    size=size,
    grow=st.booleans(),
    max_size=st.just(0) | size,
    disk=st.just("") | disk,
    label=text,
    options=text,
)
_PLACES = ("/", "/boot", "/var", "/home/a b", "/boot/efi", "swap", "biosboot")
_FIXED = {"/boot/efi": Format.EFI, "swap": Format.SWAP, "biosboot": Format.BIOSBOOT}


def _at(request: PartitionRequest, place: str) -> PartitionRequest:
    mount = place if place.startswith("/") else ""
    return replace(request, mount=mount, format=_FIXED.get(place, request.format))


partitions = st.lists(st.sampled_from(_PLACES), unique=True).flatmap(
    lambda places: st.tuples(*(st.builds(_at, partition, st.just(place)) for place in places))
)
"""Requests for different places."""


# The scheme decides about btrfs, so that one line says it.
_AUTOMATIC = st.builds(Automatic, format=st.sampled_from([None, Format.XFS, Format.EXT4])) | st.just(
    Automatic(scheme=Scheme.BTRFS, format=Format.BTRFS)
)


@st.composite
def storage(draw: st.DrawFn) -> StorageRequest:
    automatic = draw(st.booleans())
    clear = draw(st.sampled_from(Clear))
    only = draw(st.booleans())
    return StorageRequest(
        only_use=draw(disks) if only else (),
        ignore=() if only else draw(disks),
        clear=clear,
        clear_disks=draw(disks),
        clear_partitions=("vda2", "disk/by-id/x-part1") if clear is Clear.LIST else (),
        zero_mbr=draw(st.booleans()),
        new_table=draw(st.booleans()),
        automatic=draw(_AUTOMATIC) if automatic else None,
        partitions=() if automatic else draw(partitions),
    )


image = st.sampled_from(
    [
        "docker://quay.example/os:1",
        "oci:/srv/layout:tag",
        "oci-archive:/srv/a.tar",
        "containers-storage:localhost/os",
        "dir:/srv/d",
    ]
)
payload = st.builds(
    PayloadRequest,
    source=st.just("") | image,
    target=st.just("") | image,
    signed=st.booleans(),
    stateroot=st.just("") | name,
)

user = st.builds(
    User,
    name=name,
    gecos=text,
    groups=st.lists(in_list.filter(lambda word: "(" not in word), max_size=3).map(tuple),
    password=secret,
    crypted=st.booleans(),
    locked=st.booleans(),
    uid=st.none() | st.integers(0, 1 << 31),
    gid=st.none() | st.integers(0, 1 << 31),
    shell=text,
    home=text,
    ssh_keys=keys,
)
root = st.builds(RootAccount, password=secret, crypted=st.booleans(), locked=st.booleans(), ssh_keys=keys).map(
    lambda account: account if account.password else replace(account, locked=True)
)


@st.composite
def system(draw: st.DrawFn) -> SystemPlan:
    zone = draw(text)
    return SystemPlan(
        hostname=draw(text),
        locale=draw(text),
        keymap=draw(text),
        x11_layouts=draw(st.lists(in_list, max_size=2).map(tuple)),
        timezone=zone,
        utc=draw(st.booleans()) if zone else True,
        root=draw(root),
        users=draw(st.lists(user, max_size=3, unique_by=lambda one: one.name).map(tuple)),
        groups=draw(
            st.lists(
                st.builds(Group, name=name, gid=st.none() | st.integers(0, 1 << 31)),
                max_size=2,
                unique_by=lambda one: one.name,
            ).map(tuple)
        ),
    )


line = st.text(st.characters(exclude_characters="\n\r\0", exclude_categories=["Cs"]), max_size=20).filter(
    lambda words: not words.strip().startswith("%")
)
script = st.builds(
    Script,
    phase=st.just(ScriptPhase.POST),
    body=st.lists(line, min_size=1).map(lambda lines: "\n".join([*lines, "true"]) + "\n"),
    interpreter=st.sampled_from(["/bin/sh", "/usr/bin/python3", "/odd path/perl"]),
    chroot=st.booleans(),
    error_on_fail=st.booleans(),
    log=text,
)
karg = st.sampled_from(["quiet", "audit=0", 'dyndbg="file x +p; y"', "a#b", "console=ttyS0,115200", "it's"])


@st.composite
def drafts(draw: st.DrawFn) -> Draft:
    finish = draw(st.sampled_from(Finish))
    return Draft(
        payload=draw(payload),
        storage=draw(st.none() | storage()),
        boot_disk=draw(st.just("") | disk),
        kargs=draw(st.lists(karg, max_size=3).map(tuple)),
        system=draw(system()),
        scripts=draw(st.lists(script, max_size=2).map(tuple)),
        finish=finish,
        eject=False if finish is Finish.WAIT else draw(st.booleans()),
    )


def without_lines(draft: Draft) -> Draft:
    """`draft` as it would be without a file."""
    request = draft.storage and replace(
        draft.storage, partitions=tuple(replace(one, line=0) for one in draft.storage.partitions)
    )
    return replace(draft, storage=request, scripts=tuple(replace(one, line=0) for one in draft.scripts), lines={})
