"""What is installed, and what happens when it is."""

from __future__ import annotations

from dataclasses import replace

from ashore_installer.medium import MOUNT_POINT, payload_source
from ashore_installer.plan import Draft, Finish, PayloadRequest
from ashore_kickstart.commands import SIGPOLICY
from ashore_kickstart.parse import Command
from ashore_kickstart.problems import Refused

REGISTRY = "docker://"
TRANSPORTS = ("oci", "oci-archive", "docker-archive", "containers-storage", "dir")
"""Of containers-transports(5), without the registry, which kickstart calls `registry` and skopeo `docker`."""

_FINISHES = {
    "reboot": Finish.REBOOT,
    "poweroff": Finish.POWEROFF,
    "shutdown": Finish.POWEROFF,  # Anaconda: "shutdown" powers off
    "halt": Finish.HALT,
}


def ostreecontainer(draft: Draft, command: Command) -> Draft:
    transport, url = command.text("--transport") or "registry", command.text("--url")
    if transport not in (*TRANSPORTS, "registry", "docker"):
        raise Refused(command.line, f"there is no transport {transport!r}.", f"Known are {_known()}.")
    source = f"{transport}:{url}" if transport in TRANSPORTS else REGISTRY + url.removeprefix(REGISTRY)
    request = PayloadRequest(
        source=_source(source),
        stateroot=command.text("--stateroot"),
        signed=not command.has("--no-signature-verification"),
    )
    return _payload(draft, command, request)


def bootc(draft: Draft, command: Command) -> Draft:
    source, target = command.text("--source-imgref"), command.text("--target-imgref")
    named = source.replace("registry:", REGISTRY, 1) if source.startswith("registry:") else source
    if not _has_transport(named):
        raise Refused(
            command.line, f"the source {source} has no transport.", f"Put one before it and a colon: {_known()}."
        )
    request = PayloadRequest(
        source=_source(named),
        target=target if not target or _has_transport(target) else REGISTRY + target,
        stateroot=command.text("--stateroot"),
        signed=command.has(SIGPOLICY),
    )
    return _payload(draft, command, request)


def _has_transport(name: str) -> bool:
    return name.startswith((REGISTRY, *(f"{transport}:" for transport in TRANSPORTS)))


def _source(source: str) -> str:
    """Nothing for the image on the medium, by whatever name."""
    return "" if source == payload_source(MOUNT_POINT) else source


def _known() -> str:
    return ", ".join(("registry", *TRANSPORTS))


def _payload(draft: Draft, command: Command, request: PayloadRequest) -> Draft:
    return replace(draft, payload=request, lines={**draft.lines, "payload": command.line})


def finish(draft: Draft, command: Command) -> Draft:
    lines = {**draft.lines, "finish": command.line}
    return replace(draft, finish=_FINISHES[command.name], eject=command.has("--eject"), lines=lines)


READERS = {
    "ostreecontainer": ostreecontainer,
    "bootc": bootc,
    **dict.fromkeys(_FINISHES, finish),
}
