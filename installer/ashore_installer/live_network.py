"""Network settings in the running live system, so that what is elsewhere can be fetched. It has systemd-networkd.

Files in /run/systemd/network are gone with the next start (systemd.network(5)); they come before those of /etc with
other names by their number.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from ashore_installer.configure.check_network import link_of
from ashore_installer.configure.network import file_name, networkd_file
from ashore_installer.errors import InstallerError
from ashore_installer.machine import MachineInfo, NetworkLink
from ashore_installer.network_plan import NetworkConnection, with_cards
from ashore_installer.probe_network import with_network
from ashore_installer.run import CommandFailed, Runner

FOLDER = Path("/run/systemd/network")
_PREFIX = "05-ashore-"
_WAIT = "/usr/lib/systemd/systemd-networkd-wait-online"
SECONDS = 20
"""A DHCP server that is there answers within a few."""


def connect(
    connections: Sequence[NetworkConnection], machine: MachineInfo, run: Runner, folder: Path = FOLDER
) -> MachineInfo:
    """Give the running system the connections that are to be activated; the machine with what its links have then.

    Connections that this made earlier and that are not wanted any more are taken back. Raises InstallerError when
    networkd can't do it, or when a card is not connected within `SECONDS`.
    """
    wanted = [one for one in with_cards(connections, machine.links) if one.activate]
    cards = [(one, link) for one in wanted if (link := link_of(one, machine.links))]
    files = {folder / f"{_PREFIX}{file_name(one)}.network": networkd_file(_now(one)) for one, _link in cards}
    changed = set(_write(files, folder))
    if changed:
        _tell(run, "networkctl", "reload")
    for link in machine.links:
        if any(_is_for(path, link) for path in changed):
            _tell(run, "networkctl", "reconfigure", link.name)
    for one, link in cards:
        if changed and not one.off:
            _wait(run, link)
    return with_network(machine, run)


def _now(one: NetworkConnection) -> NetworkConnection:
    """What is not wanted at the start of the installed system is wanted here all the same."""
    return replace(one, onboot=True)


def _write(files: dict[Path, str], folder: Path) -> Iterator[Path]:
    """Make these files, and no others of ours; those that changed or are gone."""
    folder.mkdir(mode=0o755, parents=True, exist_ok=True)
    for path in folder.glob(f"{_PREFIX}*"):
        if path not in files:
            path.unlink()
            yield path
    for path, text in files.items():
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
            path.chmod(0o644)
            yield path


def _is_for(path: Path, link: NetworkLink) -> bool:
    name = path.name.removeprefix(_PREFIX).removesuffix(".network")
    return name in (link.name, link.mac.replace(":", "-"))


def _tell(run: Runner, *argv: str) -> None:
    try:
        run.run(argv)
    except CommandFailed as error:
        message = f"The live system's network can't be set up: {error.message}"
        raise InstallerError(message, "See `journalctl -u systemd-networkd` on another console.") from error


def _wait(run: Runner, link: NetworkLink) -> None:
    try:
        run.run((_WAIT, f"--interface={link.name}", f"--timeout={SECONDS}"))
    except CommandFailed as error:
        raise InstallerError(
            f"The network card {link.name} got no connection within {SECONDS} seconds.",
            "Check the cable and the addresses.",
        ) from error
