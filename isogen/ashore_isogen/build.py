"""`ashore iso build`: from a bootable container image, from packages, or from both to installer media.

Everything that can be refused is refused before the output is begun. The same inputs give the same bytes, and neither
root nor a loop device is needed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import ashore_installer
from ashore_installer.errors import BadInput
from ashore_installer.image import ImageInfo
from ashore_installer.medium import MediumFile, MediumManifest
from ashore_installer.package_plan import PackagePayload
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
from ashore_isogen.repository.collect import Collected, Enter, collect
from ashore_isogen.skopeo import Skopeo
from ashore_isogen.source import Source, open_source
from ashore_isogen.sums import Sums, blob_sums, compared_meanwhile, described, file_digest, keep_sums, kept_sums

ARCHITECTURE = "amd64"
"""What the live runtime and its boot loaders are made for, in OCI words."""

CheckKickstart = Callable[[Path], object]
"""Raises BadInput for a kickstart that could not be carried out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildRequest:
    """A medium somebody asked for: with an image, with packages, or both.

    `image` is a name in skopeo's words, empty for none. `packages` are collected from their repositories. `kargs` are
    for the live system, as words. An empty `volume_id` is made from the content, an empty `target` (what installed
    systems update from) is `image`.
    """

    image: str = ""
    output: Path
    packages: PackagePayload | None = None
    kickstart: Path | None = None
    kargs: tuple[str, ...] = ()
    volume_id: str = ""
    target: str = ""
    tls_verify: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class _Image:
    """The image of a medium. Unless `verified`, nobody has compared its layers with their digests in this run."""

    source: Source
    info: ImageInfo
    verified: bool
    made_from: str
    target: str

    @property
    def name(self) -> str:
        version = self.info.image_version
        return f"{self.info.name} {version}" if version and version not in self.info.name else self.info.name


@dataclass(frozen=True, slots=True, kw_only=True)
class _Medium:
    """All that decides the bytes of a medium."""

    image: _Image | None
    packages: Collected | None
    identity: Identity
    menu: Menu
    kickstart: bytes | None


def build_iso(
    request: BuildRequest,
    runtime: LiveRuntime,
    run: Runner,
    report: Report,
    check_kickstart: CheckKickstart = lambda _path: None,
    cache: Cache | None = None,
    enter: Enter | None = None,
) -> MediumManifest:
    """Write the ISO file and give the manifest that is on it. `cache` keeps facts of images and checksums of
    runtimes for the next time, `enter` gives the tools that packages are collected with.

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
        image = _image(request, name, skopeo, report, cache) if name else None
        packages = _packages(request, work, enter, report)
        medium = _medium(request, image, packages, runtime, kickstart)
        check_space(output.parent, _size(medium) + runtime.squashfs.stat().st_size + OVERHEAD)
        manifest, parts, expected = _prepared(medium, runtime, work, run, report, cache)
        partial = work / "medium.iso"
        create(partial, private=kickstart is not None)
        report.note(f"Writing {request.output}")
        with compared_meanwhile(parts.items, expected):
            write_iso(partial, parts, medium.identity, work, run, report)
        partial.replace(output)
    return manifest


def check_request(request: BuildRequest) -> ImageName | None:
    """Everything that can be known to be wrong without looking at the image: gives its name. Raises BadInput."""
    name = named_image(request.image) if request.image else None
    if not (name or request.packages or request.kickstart):
        raise BadInput(
            "Nothing says what the medium installs.",
            "Name an image, a repository (--repo), or a kickstart (--kickstart).",
        )
    if request.target and not name:
        raise BadInput("Packages don't update from an image.", "Leave --target-imgref out, or name an image.")
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


def _image(
    request: BuildRequest, name: ImageName, skopeo: Skopeo, report: Report, cache: Cache | None
) -> _Image:  # fmt: skip
    source = open_source(name, skopeo, report)
    facts = _bootable(image_facts(source, ARCHITECTURE, cache, report))
    made_from = recorded(name)
    return _Image(
        source=source,
        info=replace(facts.image, manifest_digest=source.digest),
        verified=facts.verified,
        made_from=made_from,
        target=request.target or (made_from if is_local(name) else request.image),
    )


def _packages(request: BuildRequest, work: Path, enter: Enter | None, report: Report) -> Collected | None:
    if request.packages is None:
        return None
    if enter is None:
        raise RuntimeError("packages are asked for, but nothing that collects them is there")
    place = work / "packages"
    place.mkdir()
    return collect(request.packages, ARCHITECTURE, place, enter, report)


def _medium(
    request: BuildRequest, image: _Image | None, packages: Collected | None, runtime: LiveRuntime,
    kickstart: bytes | None,
) -> _Medium:  # fmt: skip
    menu = Menu(
        name=_name(image, packages), volume_id="", marker="", kargs=request.kargs, unattended=kickstart is not None
    )
    inputs: dict[str, str | list[str]] = {
        "ashore": ashore_installer.__version__,
        "image": [image.info.manifest_digest, image.info.platform_digest] if image else [],
        "source": [image.made_from, image.target] if image else [],
        "runtime": runtime.digest,
        "menu": grub_cfg(menu),
        "kickstart": hashlib.sha256(kickstart).hexdigest() if kickstart is not None else "",
        **({"packages": hashlib.sha256(packages.index).hexdigest()} if packages else {}),
    }
    who = identity(inputs, _created(image, packages), request.volume_id)
    menu = replace(menu, volume_id=who.volume_id, marker=who.marker)
    return _Medium(image=image, packages=packages, identity=who, menu=menu, kickstart=kickstart)


def _name(image: _Image | None, packages: Collected | None) -> str:
    """What the menu says that is installed."""
    if image:
        return image.name
    return (packages.facts.name or "packages") if packages else "a system"


def _created(image: _Image | None, packages: Collected | None) -> str:
    """RFC 3339; of a medium with neither, nothing says when it was made."""
    if image:
        return image.info.created
    return datetime.fromtimestamp(packages.created, UTC).isoformat() if packages else ""


def _size(medium: _Medium) -> int:
    files = sum(item.source.stat().st_size for item in medium.packages.items()) if medium.packages else 0
    return files + (medium.image.source.image.size if medium.image else 0)


def _prepared(
    medium: _Medium, runtime: LiveRuntime, work: Path, run: Runner, report: Report, cache: Cache | None
) -> tuple[MediumManifest, IsoParts, Sums]:
    """Everything of the medium but the ISO itself, and the checksums that must still be compared with the files."""
    texts = Texts(work / "texts")
    items = boot_items(runtime, medium.menu, texts)
    if medium.kickstart is not None:
        items.append(kickstart_item(medium.kickstart, texts))
    blobs = payload_items(medium.image.source.image, texts) if medium.image else []
    items += [*blobs, *(medium.packages.items() if medium.packages else [])]
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
    return manifest, parts, kept if medium.image and medium.image.verified else kept | named


def _manifest(medium: _Medium, runtime: LiveRuntime, files: tuple[MediumFile, ...], esp: Path) -> MediumManifest:
    return MediumManifest(
        ashore=ashore_installer.__version__,
        volume_id=medium.identity.volume_id,
        created=medium.identity.created.strftime("%Y-%m-%dT%H:%M:%SZ"),
        source=medium.image.made_from if medium.image else "",
        target=medium.image.target if medium.image else "",
        image=medium.image.info if medium.image else None,
        packages=medium.packages.facts if medium.packages else None,
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
