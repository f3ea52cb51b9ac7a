"""Why something could not be fetched: whose turn it is, whichever TLS library curl has."""

from __future__ import annotations

import pytest

from ashore_installer.payload.package_reasons import NETWORK, reason, telling

URL = "https://r.example/repodata/repomd.xml"
GNUTLS = (
    f"Curl error (60): SSL peer certificate or SSH remote key was not OK for {URL} [certificate signer not trusted]"
)
OPENSSL = f"Curl error (60): SSL peer certificate or SSH remote key was not OK for {URL} [SSL certificate problem: EOF]"


@pytest.mark.parametrize(
    ("said", "why", "hint"),
    [
        (GNUTLS, "not from an authority that is trusted", "Name the certificate"),
        (OPENSSL, "not from an authority that is trusted", "Name the certificate"),
        (f"Status code: 401 for {URL} (IP: 192.0.2.1)", "the server wants another user name", "of the repository"),
        (f"Status code: 407 for {URL} (IP: 192.0.2.1)", "the proxy wants another user name", "of the proxy"),
        (f"Status code: 404 for {URL} (IP: 192.0.2.1)", "Status code: 404", NETWORK),
        (f"Curl error (28): Timeout was reached for {URL} [too slow]", "nothing came for so long", "longer time"),
        (f"Curl error (58): Problem with the local SSL certificate for {URL} []", "client certificate", "both files"),
        (f"Curl error (77): Problem with the SSL CA cert for {URL} []", "certificate of the authority", "path"),
        (f"Curl error (56): Failure when receiving for {URL} [alert]", "connection was refused", "client certificate"),
        ("Curl error (56): Failure when receiving for http://r.example/ [reset]", "Curl error (56)", NETWORK),
        ("Curl error (6): Could not resolve hostname for http://r.example/ []", "Could not resolve", NETWORK),
        ("Downloading successful, but checksum doesn't match", "checksum doesn't match", "Try again later"),
    ],
)
def test_reasons(said: str, why: str, hint: str) -> None:
    found = reason(said)
    assert why in found.why
    assert said in found.why
    assert hint in found.hint


def test_what_says_more_than_that_it_failed_is_taken() -> None:
    assert telling([GNUTLS, "Usable URL not found", "No more mirrors to try - All mirrors were tried"]) == GNUTLS
    assert telling(["Status code: 401 for x.", "An Curl handle error"]) == "Status code: 401 for x"
    assert telling(["Usable URL not found"]) == ""
