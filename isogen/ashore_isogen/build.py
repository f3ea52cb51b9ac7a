"""`ashore iso build`: from a bootable container image to installer media.

Everything that can be refused is refused before the output is begun. The same inputs give the same bytes, and neither
root nor a loop device is needed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import ashore_installer
from ashore_installer.errors import BadInput
from ashore_installer.image import ImageInfo
from ashore_installer.medium import MediumFile, MediumManifest
from ashore_installer.payload.bootable import problems
from ashore_installer.payload.refs import ImageName, is_local
from ashore_installer.run import Runner
from ashore_isogen.cache import Cache
from ashore_isogen.content import (
    Texts,
    boot_items,
    esp_files,
    kickstart_item,
    manifest_items,
    payload_items,
)
from ashore_isogen.esp import write_esp
from ashore_isogen.facts import Facts, image_facts
from ashore_isogen.grubcfg import Menu, check_kargs, grub_cfg, printable
from ashore_isogen.identity import Identity, check_volume_id, identity
from ashore_isogen.imgref import named_image, recorded
from ashore_isogen.iso import OVERHEAD, IsoParts, Item, write_iso
from ashore_isogen.live import LiveRuntime
from ashore_isogen.output import check_output, check_space, create, work_beside
from ashore_isogen.report import Report
from ashore_isogen.skopeo import Skopeo
from ashore_isogen.source import Source, open_source
from ashore_isogen.sums import Sums, blob_sums, compared_meanwhile, described, file_digest, keep_sums, kept_sums

ARCHITECTURE = "amd64"
"""What the live runtime and its boot loaders are made for, in OCI words."""

CheckKickstart = Callable[[Path], object]
"""Raises BadInput for a kickstart that could not be carried out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildRequest:
    """A medium somebody asked for.

    `image` is a name in skopeo's words. `kargs` are for the live system, as words. An empty `volume_id` is made from
    the content, an empty `target` (what installed systems update from) is `image`.
    """

    image: str
    output: Path
    kickstart: Path | None = None
    kargs: tuple[str, ...] = ()
    volume_id: str = ""
    target: str = ""
    tls_verify: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class _Medium:
    """All that decides the bytes of a medium."""

    source: Source
    image: ImageInfo
    verified: bool
    identity: Identity
    menu: Menu
    kickstart: bytes | None
    made_from: str
    target: str


def build_iso(
    request: BuildRequest,
    runtime: LiveRuntime,
    run: Runner,
    report: Report,
    check_kickstart: CheckKickstart = lambda _path: None,
    cache: Cache | None = None,
) -> MediumManifest:
    """Write the ISO file and give the manifest that is on it. `cache` keeps facts of images and checksums of
    runtimes for the next time.

    An ISO with a kickstart can be read by its owner only, because kickstarts hold password hashes and ISO files get
    copied around. Raises BadInput before the output is begun, CommandFailed when a program fails; the output then is
    what it was.
    """
    name = check_request(request)
    check_runtime(runtime)
    kickstart = read_kickstart(request.kickstart, check_kickstart)
    output = request.output.absolute()
    with work_beside(output) as work:
        skopeo = Skopeo(run=run, scratch=work, architecture=ARCHITECTURE, tls_verify=request.tls_verify)
        source = open_source(name, skopeo, report)
        facts = _bootable(image_facts(source, ARCHITECTURE, cache, report))
        medium = _medium(request, name, source, facts, runtime, kickstart)
        check_space(output.parent, source.image.size + runtime.squashfs.stat().st_size + OVERHEAD)
        manifest, parts, expected = _prepared(medium, runtime, work, run, report, cache)
        partial = work / "medium.iso"
        create(partial, private=kickstart is not None)
        report.note(f"Writing {request.output}")
        with compared_meanwhile(parts.items, expected):
            write_iso(partial, parts, medium.identity, work, run, report)
        partial.replace(output)
    return manifest


def check_request(request: BuildRequest) -> ImageName:
    """Everything that can be known to be wrong without looking at the image. Raises BadInput."""
    name = named_image(request.image)
    check_output(request.output)
    check_kargs(request.kargs)
    if request.volume_id:
        check_volume_id(request.volume_id)
    if request.target:
        named_image(request.target)
    return name


def check_runtime(runtime: LiveRuntime) -> None:
    """Raise BadInput if somebody removed a part of the live runtime."""
    files = (
        *(runtime.squashfs, runtime.kernel, runtime.initrd, runtime.packages, runtime.shim, runtime.mok_manager),
        *(runtime.grub_cd, runtime.eltorito, runtime.boot_hybrid, runtime.grub_modules / "normal.mod"),
    )
    missing = [str(path.relative_to(runtime.directory)) for path in files if not path.is_file()]
    if missing:
        raise BadInput(
            f"The live runtime in {runtime.directory} has no {', '.join(missing)}.",
            "Remove that directory; it is made again when it is needed.",
        )


def read_kickstart(path: Path | None, check: CheckKickstart) -> bytes | None:
    """The content of a kickstart that passed its check, exactly as it is. Raises BadInput."""
    if path is None:
        return None
    if not path.is_file():
        raise BadInput(f"There is no kickstart file {path}.", "Check its name.")
    check(path)
    try:
        return path.read_bytes()
    except OSError as error:
        raise BadInput(f"The kickstart {path} can't be read: {error.strerror}.", "Check its permissions.") from error


def _bootable(facts: Facts) -> Facts:
    found = problems(facts.image, ARCHITECTURE)
    if found:
        raise BadInput(" ".join(problem.message for problem in found), found[0].hint)
    return facts


def _medium(
    request: BuildRequest, name: ImageName, source: Source, facts: Facts, runtime: LiveRuntime,
    kickstart: bytes | None,
) -> _Medium:  # fmt: skip
    image = replace(facts.image, manifest_digest=source.digest)
    made_from = recorded(name)
    target = request.target or (made_from if is_local(name) else request.image)
    version = image.image_version
    shown = f"{image.name} {version}" if version and version not in image.name else image.name
    menu = Menu(name=shown, volume_id="", marker="", kargs=request.kargs, unattended=kickstart is not None)
    inputs: dict[str, str | list[str]] = {
        "ashore": ashore_installer.__version__,
        "image": [image.manifest_digest, image.platform_digest],
        "source": [made_from, target],
        "runtime": runtime.digest,
        "menu": grub_cfg(menu),
        "kickstart": hashlib.sha256(kickstart).hexdigest() if kickstart is not None else "",
    }
    who = identity(inputs, image.created, request.volume_id)
    menu = replace(menu, volume_id=who.volume_id, marker=who.marker)
    return _Medium(
        source=source, image=image, verified=facts.verified, identity=who, menu=menu, kickstart=kickstart,
        made_from=made_from, target=target,
    )  # fmt: skip


def _prepared(
    medium: _Medium, runtime: LiveRuntime, work: Path, run: Runner, report: Report, cache: Cache | None
) -> tuple[MediumManifest, IsoParts, Sums]:
    """Everything of the medium but the ISO itself, and the checksums that must still be compared with the files."""
    texts = Texts(work / "texts")
    items = boot_items(runtime, medium.menu, texts)
    if medium.kickstart is not None:
        items.append(kickstart_item(medium.kickstart, texts))
    blobs = payload_items(medium.source.image, texts)
    items += blobs
    esp = work / "esp.img"
    efi = work / "efi"
    efi.mkdir()
    write_esp(esp, esp_files(runtime, medium.menu, efi), medium.identity, run)
    kept, named = kept_sums(runtime, cache), blob_sums(blobs)
    report.note("Taking checksums")
    files = described(items, kept | named, report)
    keep_sums(items, files, runtime, cache)
    manifest = _manifest(medium, runtime, files, esp)
    items += manifest_items(manifest, _title(medium), texts)
    _check_items(items)
    parts = IsoParts(items=tuple(items), esp=esp, boot_hybrid=runtime.boot_hybrid)
    return manifest, parts, kept if medium.verified else kept | named


def _manifest(medium: _Medium, runtime: LiveRuntime, files: tuple[MediumFile, ...], esp: Path) -> MediumManifest:
    return MediumManifest(
        ashore=ashore_installer.__version__,
        volume_id=medium.identity.volume_id,
        created=medium.identity.created.strftime("%Y-%m-%dT%H:%M:%SZ"),
        source=medium.made_from,
        target=medium.target,
        image=medium.image,
        runtime=runtime.digest,
        kargs=medium.menu.kargs,
        kickstart=medium.kickstart is not None,
        files=files,
        esp=MediumFile(path="the EFI system partition", size=esp.stat().st_size, sha256=file_digest(esp)),
    )


def _title(medium: _Medium) -> str:
    return f"Ashore {ashore_installer.__version__} installer of {printable(medium.menu.name)} ({ARCHITECTURE})"


def _check_items(items: list[Item]) -> None:
    """No two files may want the same place: it would be our bug, and the second would win silently."""
    if len({item.path.lower() for item in items}) != len(items):
        raise RuntimeError("two files of the medium have the same path")
