"""Why something could not be fetched, in words that say whose turn it is, from what librepo and curl say. Pure.

librepo tells curl's reason as `Curl error (60): … for URL [detail]` and a server's as `Status code: 404 for URL`; then
it says in general terms that nothing came of it. Numbers: libcurl-errors(3); they are the same whichever TLS library
curl has, while the details are not.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

NETWORK = "Check its address and the network."
_GENERAL = (
    *("No more mirrors to try", "Cannot download", "Usable URL not found", "An Curl handle error"),
    *("Cannot prepare internal mirrorlist", "Failed to download", "Librepo error"),
)
"""How librepo begins what it says after the reason."""
_CURL = re.compile(r"Curl error \((\d+)\): ")
_STATUS = re.compile(r"Status code: (\d+) ")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """`why` goes on after a colon and has no full stop; `hint` is one thing to try."""

    why: str
    hint: str


_STATUSES = {
    401: Reason(
        why="the server wants another user name or password",
        hint="Check the user name and the password of the repository.",
    ),
    407: Reason(
        why="the proxy wants another user name or password",
        hint="Check the user name and the password of the proxy.",
    ),
}
_CURLS = {
    28: Reason(
        why="nothing came for so long that it was given up",
        hint="Try again later, name another mirror, or allow a longer time.",
    ),
    58: Reason(
        why="the client certificate or its key can't be used",
        hint="Check that both files are there, and belong to each other.",
    ),
    60: Reason(
        why="the server's certificate is not from an authority that is trusted",
        hint="Name the certificate of the server's authority. Check the address: it may be another server.",
    ),
    77: Reason(why="the certificate of the authority can't be read", hint="Check the path of the file."),
}
_BROKEN = Reason(
    why="the encrypted connection was refused",
    hint="If the server wants a client certificate, check that one and its key; else check its address.",
)
"""For a connection that the server ends: which certificate it misses, TLS libraries tell or don't."""
_BROKEN_CURLS = dict.fromkeys((35, 55, 56), _BROKEN)
_CHECKSUM = "Try again later: mirrors may be in the middle of a change. If it stays, trust it not."


def telling(failures: Sequence[str]) -> str:
    """The last of the texts that says why, without its full stop; empty if none does."""
    found = [text.strip().rstrip(".") for text in failures if not text.strip().startswith(_GENERAL)]
    return found[-1] if found else ""


def reason(said: str, hint: str = NETWORK) -> Reason:
    """What `said`, one text of librepo's, comes down to. `hint` is for what has no better one."""
    status, curl = _STATUS.search(said), _CURL.search(said)
    if status:
        known = _STATUSES.get(int(status[1]))
    elif curl:
        known = {**_CURLS, **(_BROKEN_CURLS if " for https:" in said else {})}.get(int(curl[1]))
    else:
        return Reason(why=said, hint=_CHECKSUM if "hecksum" in said else hint)
    return Reason(why=f"{known.why} ({said})", hint=known.hint) if known else Reason(why=said, hint=hint)
