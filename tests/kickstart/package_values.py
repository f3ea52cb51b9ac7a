"""Packages and repositories of every shape that the kickstart language can say, for property tests."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from ashore_installer.package_plan import GroupChoice, GroupLevel, Multilib, PackagePayload, Repository, SigningKey
from ashore_installer.secret import Secret
from ashore_kickstart.read_repositories import ON_MEDIUM
from tests.kickstart.storage_values import some_text, text

_names = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_.:-]{0,8}", fullmatch=True)
_urls = st.sampled_from(
    [
        "http://mirror.example/fedora/$releasever/os/",
        "https://[2001:db8::1]:8443/it's?a=b&c=$basearch",
        "ftp://mirror.example/x",
        "file:///srv/with%20space",
        "medium:",
        "medium:ashore/packages",
    ]
)
_proxies = st.sampled_from(["http://cache.example:3128", "https://cache", "socks5h://[2001:db8::1]:1080"])
_keys = st.builds(SigningKey, location=_urls, fingerprint=st.sampled_from(["", "0123456789ABCDEF0123" * 2, "F" * 64]))
_secrets = some_text.filter(lambda word: word != "*password-left-out*").map(Secret)
_number = st.none() | st.integers(0, 1 << 20)
_globs = st.lists(st.sampled_from(["vim*", "nano", "kernel-[a-z]*", "it's"]), max_size=2, unique=True).map(tuple)


_places = (
    st.lists(_urls, min_size=1, max_size=3).map(lambda urls: {"baseurls": tuple(urls)})
    | _urls.map(lambda url: {"mirrorlist": url})
    | _urls.map(lambda url: {"metalink": url})
)


@st.composite
def repositories(draw: st.DrawFn, name: str) -> Repository:
    place: dict[str, Any] = draw(_places)
    proxy = draw(st.just("") | _proxies)
    one = Repository(
        id=name,
        **place,
        proxy=proxy,
        proxy_username=draw(text) if proxy else "",
        username=draw(text),
        sslverify=draw(st.booleans()),
        ca_certificate=draw(text),
        client_certificate=draw(text),
        client_key=draw(text),
        keys=draw(st.lists(_keys, max_size=2).map(tuple)),
        gpgcheck=draw(st.booleans()),
        repo_gpgcheck=draw(st.booleans()),
    )
    one = replace(
        one,
        proxy_password=draw(st.none() | _secrets) if one.proxy_username else None,
        password=draw(st.none() | _secrets) if one.username else None,
    )
    return draw(st.just(one) | _with_more(one))


@st.composite
def _with_more(draw: st.DrawFn, one: Repository) -> Repository:
    """What `url` has no words for."""
    return replace(
        one,
        name=draw(text),
        cost=draw(_number),
        priority=draw(_number),
        includes=draw(_globs),
        excludes=draw(_globs),
        groups=draw(st.booleans()),
        install=draw(st.booleans()),
    )


_groups = st.sampled_from(["core", "dial-up", "X Window System", "server-product-environment"])
_packages = st.sampled_from(["kernel", "vim*", "python(abi) = 3.14", "/usr/bin/it's", "glibc.i686", "kernel-[a-z]*"])
_levels = st.sampled_from(GroupLevel)


@st.composite
def packages(draw: st.DrawFn) -> PackagePayload:
    ids = draw(st.lists(_names | st.just("installation"), min_size=1, max_size=3, unique=True))
    groups = draw(st.lists(_groups, max_size=4, unique=True))
    names = draw(st.lists(_packages, max_size=6, unique=True))
    cut, at = draw(st.integers(0, len(groups))), draw(st.integers(0, len(names)))
    found = tuple(draw(repositories(name)) for name in ids if name != ON_MEDIUM.id)
    return PackagePayload(
        repositories=(*found, *([ON_MEDIUM] if not found or draw(st.booleans()) else [])),
        environment=draw(st.just("") | _groups),
        groups=tuple(GroupChoice(id=name, level=draw(_levels)) for name in groups[:cut]),
        packages=tuple(names[:at]),
        excludes=tuple(names[at:]),
        excluded_groups=tuple(groups[cut:]),
        core=draw(st.booleans()),
        weak_dependencies=draw(st.booleans()),
        documentation=draw(st.booleans()),
        languages=draw(
            st.none() | st.lists(st.sampled_from(["de", "en_US", "it's"]), max_size=2, unique=True).map(tuple)
        ),
        multilib=draw(st.sampled_from(Multilib)),
        ignore_missing=draw(st.booleans()),
        ignore_broken=draw(st.booleans()),
        retries=draw(st.integers(0, 100)),
        timeout=draw(st.integers(0, 1000)),
        release=draw(text),
    )
