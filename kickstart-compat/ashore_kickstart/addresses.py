"""Addresses of repositories, and the names and passwords in them. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import quote, unquote, urlsplit

from ashore_installer.package_plan import MEDIUM_REPOSITORY
from ashore_installer.secret import Secret

SCHEMES = ("http", "https", "ftp", "file")
PROXY_SCHEMES = ("http", "https", "socks4", "socks4a", "socks5", "socks5h")
"""Of dnf.conf(5)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """An address without what was before the @, and that."""

    url: str
    user: str = ""
    password: Secret | None = field(default=None)


def parsed(text: str) -> Address | None:
    """The address of a repository, or None for what is none."""
    if text.startswith(MEDIUM_REPOSITORY):
        return Address(url=text)
    return _parsed(text, SCHEMES)


def parsed_proxy(text: str) -> Address | None:
    """[PROTOCOL://][USER:PASSWORD@]HOST[:PORT], or None for what is none."""
    found = _parsed(text if "://" in text else f"http://{text}", PROXY_SCHEMES)
    return found if found and urlsplit(found.url).hostname and not urlsplit(found.url).path.strip("/") else None


def proxy_text(url: str, user: str, password: str) -> str:
    """The same as one word; `password` may be empty."""
    scheme, _, rest = url.partition("://")
    secret = f":{quote(password, safe='*')}" if password else ""
    return f"{scheme}://{quote(user, safe='')}{secret}@{rest}" if user else url


def _parsed(text: str, schemes: tuple[str, ...]) -> Address | None:
    try:
        parts = urlsplit(text)
        parts.port  # noqa: B018 (what is no number raises)
    except ValueError:
        return None
    local = parts.scheme == "file"
    if parts.scheme not in schemes or local is bool(parts.hostname) or any(word.isspace() for word in text):
        return None
    before, _, host = parts.netloc.rpartition("@")
    name, _, password = before.partition(":")
    return Address(
        url=text.replace(f"//{parts.netloc}", f"//{host}", 1),
        user=unquote(name),
        password=Secret(unquote(password)) if password else None,
    )
