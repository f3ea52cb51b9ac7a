"""What is installed, in kickstart's words."""

from __future__ import annotations

from collections.abc import Iterator

from ashore_installer.medium import MOUNT_POINT, payload_source
from ashore_installer.plan import PayloadRequest
from ashore_kickstart.commands import SIGPOLICY
from ashore_kickstart.read_payload import REGISTRY, TRANSPORTS
from ashore_kickstart.words import Unsayable, words


def payload_lines(request: PayloadRequest) -> Iterator[str]:
    """Nothing for the image on the medium as it is; `ostreecontainer` has no word for another name to update from."""
    if request == PayloadRequest():
        return
    if request.source and not request.target:
        yield _ostreecontainer(request)
    else:
        yield _bootc(request)


def _ostreecontainer(request: PayloadRequest) -> str:
    transport, url = _split(request.source)
    return words(
        "ostreecontainer",
        {
            "--url": url,
            "--transport": transport,
            "--stateroot": request.stateroot,
            "--no-signature-verification": not request.signed,
        },
    )


def _bootc(request: PayloadRequest) -> str:
    transport, url = _split(request.source or payload_source(MOUNT_POINT))
    return words(
        "bootc",
        {
            "--source-imgref": f"{transport}:{url}",
            "--target-imgref": _target(request.target),
            "--stateroot": request.stateroot,
            SIGPOLICY: request.signed,
        },
    )


def _target(target: str) -> str:
    """bootc wants the name in a registry without its transport."""
    name = target.removeprefix(REGISTRY)
    looks_like_transport = name.startswith(tuple(f"{transport}:" for transport in TRANSPORTS))
    if target and not target.startswith(REGISTRY):
        _split(target)
    return target if looks_like_transport else name


def _split(name: str) -> tuple[str, str]:
    """Transport in kickstart's words, and the rest, of a name as skopeo writes it."""
    if name.startswith(REGISTRY) and name != REGISTRY:
        return "registry", name.removeprefix(REGISTRY)
    transport, _, rest = name.partition(":")
    if transport not in TRANSPORTS or not rest:
        raise Unsayable(f"the image {name!r} has no transport that kickstart knows")
    return transport, rest
