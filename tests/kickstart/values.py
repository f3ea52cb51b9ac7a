"""Drafts of every shape that the kickstart language can say, for property tests."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from ashore_installer.network_plan import LINK, Ipv4, Ipv6, NetworkConnection
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
from ashore_installer.storage_request import StorageRequest
from tests.kickstart.package_values import packages
from tests.kickstart.storage_values import disk, some_text, storage, text

name = st.from_regex(r"[a-z][a-z0-9-]{0,8}", fullmatch=True)
in_list = some_text.filter(lambda word: "," not in word and word == word.strip())
key = st.sampled_from(["ssh-ed25519 AAAA anna@example", 'command="true" ssh-rsa BBBB', "-odd key"])
keys = st.lists(key, max_size=2).map(tuple)
secret = st.none() | some_text.filter(lambda word: word != "*password-left-out*").map(Secret)
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


ipv4: st.SearchStrategy[dict[str, Any]] = st.sampled_from(
    [
        {"ipv4": Ipv4.DHCP},
        {"ipv4": Ipv4.OFF},
        {"ipv4": Ipv4.STATIC, "ipv4_addresses": ("192.0.2.7/24",), "ipv4_gateway": "192.0.2.1"},
        {"ipv4": Ipv4.STATIC, "ipv4_addresses": ("192.0.2.7/32",)},
    ]
)
ipv6: st.SearchStrategy[dict[str, Any]] = st.sampled_from(
    [
        {"ipv6": Ipv6.AUTO},
        {"ipv6": Ipv6.DHCP},
        {"ipv6": Ipv6.OFF},
        {"ipv6": Ipv6.STATIC, "ipv6_addresses": ("2001:db8::7/48",), "ipv6_gateway": "fe80::1"},
    ]
)


@st.composite
def connection(draw: st.DrawFn, device: str) -> NetworkConnection:
    methods: dict[str, Any] = {**draw(ipv4), **draw(ipv6)}
    servers = [] if methods["ipv4"] is Ipv4.OFF else ["192.0.2.53", "198.51.100.53"]
    return NetworkConnection(
        device=device,
        **methods,
        dns=draw(st.lists(st.sampled_from(servers), max_size=2, unique=True).map(tuple)) if servers else (),
        search=draw(st.sampled_from([(), ("example.org", "example.net")])),
        ignore_dns=draw(st.booleans()),
        default_route=draw(st.booleans()),
        mtu=draw(st.none() | st.integers(576, 9000)),
        onboot=draw(st.booleans()),
        activate=draw(st.booleans()),
    )


@st.composite
def system(draw: st.DrawFn) -> SystemPlan:
    zone = draw(text)
    return SystemPlan(
        hostname=draw(text),
        network=tuple(
            draw(connection(device))
            for device in draw(
                st.lists(st.sampled_from([LINK, "enp1s0", "52:54:00:12:34:56"]), max_size=2, unique=True)
            )
        ),
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
    chosen = draw(st.none() | packages())
    return Draft(
        payload=PayloadRequest() if chosen else draw(payload),
        packages=chosen,
        storage=draw(st.none() | storage()),
        boot_disk=draw(st.just("") | disk),
        leave_boot_order=draw(st.booleans()),
        boot_timeout=draw(st.none() | st.integers(0, 3600)),
        kargs=draw(st.lists(karg, max_size=3).map(tuple)),
        system=draw(system()),
        scripts=draw(st.lists(script, max_size=2).map(tuple)),
        finish=finish,
        eject=False if finish is Finish.WAIT else draw(st.booleans()),
    )


def without_lines(draft: Draft) -> Draft:
    """`draft` as it would be without a file."""
    request = _without_lines(draft.storage) if draft.storage else None
    return replace(draft, storage=request, scripts=tuple(replace(one, line=0) for one in draft.scripts), lines={})


def _without_lines(request: StorageRequest) -> StorageRequest:
    return replace(
        request,
        shrink=tuple(replace(one, line=0) for one in request.shrink),
        partitions=tuple(replace(one, line=0) for one in request.partitions),
        arrays=tuple(replace(one, line=0) for one in request.arrays),
        groups=tuple(replace(one, line=0) for one in request.groups),
        volumes=tuple(replace(one, line=0) for one in request.volumes),
        btrfs=tuple(replace(one, line=0) for one in request.btrfs),
        subvolumes=tuple(replace(one, line=0) for one in request.subvolumes),
        mounts=tuple(replace(one, line=0) for one in request.mounts),
    )
