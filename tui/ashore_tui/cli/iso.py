"""`ashore iso`: make installer media, look into them, try them in a virtual machine.

The ISO generator is imported when one of these commands runs, and by nothing else.
"""

from __future__ import annotations

import argparse
import shlex
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from ashore_installer import codec
from ashore_installer.errors import BadInput, ExitStatus, InstallerError
from ashore_installer.image import ImageInfo
from ashore_installer.medium import MediumManifest, MediumPackages
from ashore_installer.run import Commands as Programs
from ashore_installer.units import human, parse_size
from ashore_tui.cli.iso_packages import chosen_packages
from ashore_tui.outputs import stream_output
from ashore_tui.report import OutputReport
from ashore_tui.terminal import Session
from ashore_tui.welcome import medium_name

if TYPE_CHECKING:
    from ashore_isogen.build import BuildRequest
    from ashore_isogen.inspect import Inspection
    from ashore_isogen.qemu.boot import BootRequest

# --- build ---------------------------------------------------------------------------------------------------


def build(options: argparse.Namespace, session: Session) -> int:
    from ashore_isogen.build import build_iso, check_request, read_kickstart
    from ashore_isogen.cache import Cache
    from ashore_isogen.repository.collect import runtime_tools
    from ashore_isogen.runtime import ensure_live, ensure_root

    request = replace(build_request(options), packages=chosen_packages(options))
    # What is wrong with the words is said before the live system is built, which takes minutes the first time.
    check_request(request)
    read_kickstart(request.kickstart, check_kickstart)
    report = OutputReport(output=stream_output(session.terminal.out))
    cache = Cache.of_user()
    live = ensure_live(report)
    enter = runtime_tools(ensure_root(report)) if request.packages else None
    manifest = build_iso(request, live, Programs(), report, check_kickstart, cache, enter)
    report.note(f"{options.output} installs {medium_name(manifest)} ({human(options.output.stat().st_size)}).")
    return ExitStatus.DONE


def build_request(options: argparse.Namespace) -> BuildRequest:
    from ashore_isogen.build import BuildRequest

    return BuildRequest(
        image=options.image,
        output=options.output,
        kickstart=options.kickstart,
        kargs=tuple(word for words in options.kargs for word in _split(words)),
        volume_id=options.volume_id,
        target=options.target_imgref,
        tls_verify=not options.no_tls_verify,
    )


def _split(words: str) -> list[str]:
    try:
        return shlex.split(words)
    except ValueError as error:
        raise BadInput(f"The kernel arguments {words!r} have a quotation that is not closed.", "Close it.") from error


def check_kickstart(path: Path) -> None:
    """Raises BadInput for a kickstart that could not be carried out."""
    from ashore_kickstart.fetch import read_text
    from ashore_kickstart.read import draft_from_text

    draft_from_text(read_text(path, str(path)), str(path))


# --- inspect -------------------------------------------------------------------------------------------------


def inspect(options: argparse.Namespace, session: Session) -> int:
    from ashore_isogen.inspect import check_iso, inspect_iso

    programs = Programs()
    found = inspect_iso(options.iso, programs)
    if options.json:
        session.terminal.say(codec.to_json(found.manifest).rstrip())
    else:
        for line in _inspection_lines(found):
            session.terminal.say(line)
    if options.check:
        wrong = check_iso(options.iso, programs, OutputReport(output=stream_output(session.terminal.err)))
        if wrong:
            raise InstallerError(f"{options.iso} is damaged: {', '.join(wrong)}.", "Copy or make it again.")
        session.terminal.say("Every file is whole.")
    return ExitStatus.DONE


def _inspection_lines(found: Inspection) -> Iterator[str]:
    manifest = found.manifest
    yield f"Installs:     {medium_name(manifest)}"
    if manifest.image:
        yield from _image_lines(manifest.image, manifest)
    if manifest.packages:
        yield from _package_lines(manifest.packages)
    yield f"Volume ID:    {manifest.volume_id}"
    yield f"Created:      {manifest.created} by Ashore {manifest.ashore}"
    yield f"Kickstart:    {'embedded: installs without asking' if manifest.kickstart else 'none'}"
    if manifest.kargs:
        yield f"Arguments:    {' '.join(manifest.kargs)}"
    yield f"Files:        {len(manifest.files)}, {human(sum(file.size for file in manifest.files))}"


def _image_lines(image: ImageInfo, manifest: MediumManifest) -> Iterator[str]:
    yield f"  digest      {image.manifest_digest}"
    yield f"  kernel      {image.kernel}"
    yield f"  size        {human(image.download_size)}, {human(image.unpacked_size)} when installed"
    yield f"Made from:    {manifest.source}"
    yield f"Updates from: {manifest.target}"


def _package_lines(packages: MediumPackages) -> Iterator[str]:
    choice = packages.choice
    names = [f"@^{choice.environment}"] if choice.environment else []
    names += [f"@{one.id}" for one in choice.groups] + list(choice.packages)
    yield f"Packages:     {packages.count}, {'signed' if packages.signed else 'without signatures that are checked'}"
    yield f"  made for    {' '.join(names) or 'the group core'}"
    yield f"  kernel      {packages.kernel or 'none'}"
    yield f"  size        {human(packages.download_size)}, {human(packages.unpacked_size)} when installed"
    yield from (f"  from        {address}" for address in packages.sources)


# --- boot ----------------------------------------------------------------------------------------------------


def boot(options: argparse.Namespace, session: Session) -> int:  # noqa: ARG001 (QEMU has the terminal)
    from ashore_isogen.qemu import boot as machine

    return machine.boot(boot_request(options))


def boot_request(options: argparse.Namespace) -> BootRequest:
    from ashore_isogen.qemu.boot import BootRequest, disk_from
    from ashore_isogen.qemu.spec import Firmware

    return BootRequest(
        iso=options.iso,
        firmware=Firmware(options.firmware),
        disk=disk_from(options.disk),
        memory=_size(options.memory),
        cpus=options.cpus,
        window=options.window,
        usb=options.usb,
    )


def _size(text: str) -> int:
    try:
        return parse_size(text)
    except ValueError as error:
        raise BadInput(f"{text!r} is not a size.", "Write it as 2G or 512M.") from error
