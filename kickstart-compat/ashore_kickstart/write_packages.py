"""Which packages are installed and where they come from, in kickstart's words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ashore_installer.package_plan import GroupLevel, Multilib, PackagePayload, Repository
from ashore_installer.secret import Secret
from ashore_kickstart.addresses import parsed, parsed_proxy, proxy_text
from ashore_kickstart.package_commands import PACKAGES
from ashore_kickstart.read_packages import RELATION
from ashore_kickstart.read_repositories import ANY_KEY, FINGERPRINT, INSTALLATION, NAME, ON_MEDIUM
from ashore_kickstart.read_system import LEFT_OUT
from ashore_kickstart.words import Unsayable, Value, words

_LEVELS = {GroupLevel.MANDATORY: " --nodefaults", GroupLevel.OPTIONAL: " --optional", GroupLevel.DEFAULT: ""}
_DEFAULTS = PackagePayload(repositories=())


def repository_lines(payload: PackagePayload, reveal: bool) -> Iterator[str]:
    """A line for each repository; passwords only if `reveal`."""
    ids = [one.id for one in payload.repositories]
    if not ids:
        raise Unsayable("packages come from no repository")
    if len(set(ids)) < len(ids):
        raise Unsayable("two repositories have the same id")
    yield from (_repository(one, reveal) for one in payload.repositories)


def section_lines(payload: PackagePayload) -> Iterator[str]:
    """The %packages section."""
    for names, what in ((payload.packages, "package"), (payload.excludes, "package"), (_ids(payload), "group")):
        if len(set(names)) < len(names):
            raise Unsayable(f"a {what} is named twice")
    if set(payload.packages) & set(payload.excludes) or set(_ids(payload)) & set(payload.excluded_groups):
        raise Unsayable("the same is installed and left out")
    yield ""
    yield words(PACKAGES, _options(payload)) + (" --inst-langs=" if payload.languages == () else "")
    if payload.environment:
        yield f"@^{_group(payload.environment)}"
    yield from (f"@{_group(one.id)}{_LEVELS[one.level]}" for one in payload.groups)
    yield from (f"-@{_group(name)}" for name in payload.excluded_groups)
    yield from (_package(name) for name in payload.packages)
    yield from (f"-{_package(name)}" for name in payload.excludes)
    yield "%end"


def _ids(payload: PackagePayload) -> tuple[str, ...]:
    return tuple(one.id for one in payload.groups)


def _options(payload: PackagePayload) -> Mapping[str, Value]:
    languages = payload.languages
    if languages and any(not word or any(sign in word for sign in ",: \t") for word in languages):
        raise Unsayable("a language has a sign that separates languages")
    return {
        "--nocore": not payload.core,
        "--excludedocs": not payload.documentation,
        "--inst-langs": ":".join(languages) if languages else None,
        "--multilib": payload.multilib is Multilib.ALL,
        "--ignoremissing": payload.ignore_missing,
        "--ignorebroken": payload.ignore_broken,
        "--exclude-weakdeps": not payload.weak_dependencies,
        "--retries": payload.retries if payload.retries != _DEFAULTS.retries else None,
        "--timeout": payload.timeout if payload.timeout != _DEFAULTS.timeout else None,
        "--releasever": payload.release,
    }


def _group(name: str) -> str:
    if name != " ".join(name.split()) or not name or name.startswith("^") or any(sign in name for sign in ":/#"):
        raise Unsayable(f"{name!r} is no group or environment")
    if any(word.startswith("--") for word in name.split()) or not name.isprintable():
        raise Unsayable(f"{name!r} is no group or environment")
    return name


def _package(name: str) -> str:
    if not RELATION.fullmatch(name) or name.startswith(("@", "-", "%", "#")) or "#" in name or not name.isprintable():
        raise Unsayable(f"{name!r} is no package")
    return name


# --- repositories --------------------------------------------------------------------------------------------


def _repository(one: Repository, reveal: bool) -> str:
    if one == ON_MEDIUM:
        return "cdrom"
    if not NAME.fullmatch(one.id):
        raise Unsayable(f"{one.id!r} is no repository's name")
    common = {**_place(one), **_access(one, reveal), **_trust(one)}
    if one.id == INSTALLATION and _only_url(one):
        return words("url", {"--url": " ".join(one.baseurls), **common})
    options: dict[str, Value] = {
        "--name": one.id,
        "--title": one.name,
        "--baseurl": " ".join(one.baseurls),
        **common,
        "--cost": one.cost,
        "--priority": one.priority,
        "--includepkgs": one.includes,
        "--excludepkgs": one.excludes,
        "--ignoregroups": not one.groups,
        "--install": one.install,
    }
    return words("repo", options)


def _only_url(one: Repository) -> bool:
    """Whether `url` has a word for everything that is said of it."""
    more = (one.name, one.cost is not None, one.priority is not None, one.includes, one.excludes, one.install)
    return one.groups and not any(more)


def _place(one: Repository) -> Mapping[str, Value]:
    places = [one.baseurls, one.mirrorlist, one.metalink]
    if sum(bool(place) for place in places) != 1:
        raise Unsayable(f"the repository {one.id} has no address, or several kinds of them")
    for url in (*one.baseurls, *filter(None, (one.mirrorlist, one.metalink))):
        found = parsed(url)
        if found is None or found.url != url:
            raise Unsayable(f"the repository {one.id} has an address that can't be written")
    return {"--mirrorlist": one.mirrorlist, "--metalink": one.metalink}


def _access(one: Repository, reveal: bool) -> Mapping[str, Value]:
    if (one.password and not one.username) or (one.proxy_password and not one.proxy_username):
        raise Unsayable(f"the repository {one.id} has a password without a name")
    if one.proxy_username and not one.proxy:
        raise Unsayable(f"the repository {one.id} has a name for a proxy, but no proxy")
    proxy = parsed_proxy(one.proxy) if one.proxy else None
    if one.proxy and (proxy is None or proxy.url != one.proxy or one.proxy.endswith("/")):
        raise Unsayable(f"the proxy of the repository {one.id} can't be written")
    return {
        "--proxy": proxy_text(one.proxy, one.proxy_username, _password(one.proxy_password, reveal)),
        "--username": one.username,
        "--password": _password(one.password, reveal),
        "--noverifyssl": not one.sslverify,
        "--sslcacert": one.ca_certificate,
        "--sslclientcert": one.client_certificate,
        "--sslclientkey": one.client_key,
    }


def _password(password: Secret | None, reveal: bool) -> str:
    if password is None:
        return ""
    if not password.reveal():
        raise Unsayable("a password is empty")
    return password.reveal() if reveal else LEFT_OUT


def _trust(one: Repository) -> Mapping[str, Value]:
    prints = tuple(key.fingerprint or ANY_KEY for key in one.keys)
    for key in one.keys:
        found = parsed(key.location)
        if found is None or found.url != key.location or not FINGERPRINT.fullmatch(key.fingerprint or "0" * 40):
            raise Unsayable(f"a key of the repository {one.id} can't be written")
    return {
        "--gpgkey": tuple(key.location for key in one.keys),
        "--gpgkey-fingerprint": prints if any(key.fingerprint for key in one.keys) else (),
        "--nogpgcheck": not one.gpgcheck,
        "--repo-gpgcheck": one.repo_gpgcheck,
    }
