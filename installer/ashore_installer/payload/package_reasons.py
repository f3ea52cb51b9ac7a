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
_SECURE = " for https:"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """`why` goes on after a colon and has no full stop; `hint` is one thing to try."""

    why: str
    hint: str


def telling(failures: Sequence[str]) -> str:
    """The last of the texts that says why, without its full stop; empty if none does."""
    found = [text.strip().rstrip(".") for text in failures if not text.strip().startswith(_GENERAL)]
    return found[-1] if found else ""


def reason(said: str, hint: str = NETWORK) -> Reason:
    """What `said`, one text of librepo's, comes down to. `hint` is for what has no better one."""
    if match := _STATUS.search(said):
        return _of_status(int(match[1]), said, hint)
    if match := _CURL.search(said):
        return _of_curl(int(match[1]), said, hint)
    if "hecksum" in said:
        return Reason(
            why=said, hint="Try again later: mirrors may be in the middle of a change. If it stays, trust it not."
        )
    return Reason(why=said, hint=hint)


def _of_status(status: int, said: str, hint: str) -> Reason:
    match status:
        case 401:
            return Reason(
                why=f"the server wants another user name or password ({said})",
                hint="Check the user name and the password of the repository.",
            )
        case 407:
            return Reason(
                why=f"the proxy wants another user name or password ({said})",
                hint="Check the user name and the password of the proxy.",
            )
        case _:
            return Reason(why=said, hint=hint)


def _of_curl(number: int, said: str, hint: str) -> Reason:
    match number:
        case 28:
            return Reason(
                why=f"nothing came for so long that it was given up ({said})",
                hint="Try again later, name another mirror, or allow a longer time.",
            )
        case 58:
            return Reason(
                why=f"the client certificate or its key can't be used ({said})",
                hint="Check that both files are there, and belong to each other.",
            )
        case 60:
            return Reason(
                why=f"the server's certificate is not from an authority that is trusted ({said})",
                hint="Name the certificate of the server's authority. Check the address: it may be another server.",
            )
        case 77:
            return Reason(
                why=f"the certificate of the authority can't be read ({said})",
                hint="Check the path of the file.",
            )
        case 35 | 55 | 56 if _SECURE in said:
            return Reason(
                why=f"the encrypted connection was refused ({said})",
                hint="If the server wants a client certificate, check that one and its key; else check its address.",
            )
        case _:
            return Reason(why=said, hint=hint)
