"""What lies where on a medium: the live runtime, the boot files, the payload, and the manifest of them all."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Lock

from ashore_installer import codec
from ashore_installer.errors import BadInput
from ashore_installer.mediacheck import BOOT_IMAGE, INFO, content_digest, info_text
from ashore_installer.medium import KICKSTART, MANIFEST, PAYLOAD, MediumFile, MediumManifest
from ashore_installer.payload.layout import LayoutImage, blob_path
from ashore_isogen.grubcfg import INITRD, KERNEL, Menu, grub_cfg, loopback_cfg, stub_cfg
from ashore_isogen.iso import Item
from ashore_isogen.live import LiveRuntime
from ashore_isogen.report import Report
from ashore_isogen.source import OCI_INDEX, OCI_MANIFEST, index_json

SQUASHFS = "LiveOS/squashfs.img"
"""Where dracut's dmsquash-live looks for the root file system (dracut.cmdline(7), `rd.live.dir`)."""
_BLOBS = f"{PAYLOAD}/blobs/sha256/"
_STUBS = ("EFI/BOOT/grub.cfg", "EFI/debian/grub.cfg")
"""Where signed GRUBs look that were built for removable media, and for Debian's own directory."""


class Texts:
    """Small files that are made for this medium; they are kept in a directory until the ISO is written."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def item(self, path: str, content: str | bytes) -> Item:
        source = self._directory / path
        source.parent.mkdir(parents=True, exist_ok=True)
        source.write_bytes(content.encode() if isinstance(content, str) else content)
        return Item(path=path, source=source)


def boot_items(runtime: LiveRuntime, menu: Menu, texts: Texts) -> list[Item]:
    """What boot loaders read, in the order in which they do, then the live system."""
    modules = sorted(path for path in runtime.grub_modules.iterdir() if path.is_file())
    return [
        Item(path=BOOT_IMAGE, source=runtime.eltorito),
        texts.item(menu.marker, menu.marker + "\n"),
        texts.item("boot/grub/grub.cfg", grub_cfg(menu)),
        texts.item("boot/grub/loopback.cfg", loopback_cfg()),
        *(Item(path=f"boot/grub/i386-pc/{path.name}", source=path) for path in modules),
        *(Item(path=path, source=source) for path, source in _efi_programs(runtime).items()),
        *(texts.item(path, stub_cfg(menu.marker)) for path in _STUBS),
        Item(path=KERNEL, source=runtime.kernel),
        Item(path=INITRD, source=runtime.initrd),
        Item(path=SQUASHFS, source=runtime.squashfs),
        Item(path="ashore/packages.tsv", source=runtime.packages),
    ]


def esp_files(runtime: LiveRuntime, menu: Menu, directory: Path) -> dict[str, Path]:
    """The files of the EFI system partition, copied to `directory`, by their paths in the partition."""
    files = {}
    for path, source in _efi_programs(runtime).items():
        files[path] = directory / path.replace("/", "-")
        shutil.copyfile(source, files[path])
    # GRUB for removable media looks beside itself, in /boot/grub, before it takes any medium with a /.disk/info.
    for path in (*_STUBS, "boot/grub/grub.cfg"):
        files[path] = directory / path.replace("/", "-")
        files[path].write_text(stub_cfg(menu.marker), encoding="utf-8")
    return files


def payload_items(image: LayoutImage, texts: Texts) -> list[Item]:
    """The image as an OCI layout with nothing else in it, its blobs straight from the layout it comes from."""
    digests = [image.digest, image.platform_digest, image.config_digest, *(layer.digest for layer in image.layers)]
    top = blob_path(image.root, image.digest)
    content = top.read_bytes()
    kind = json.loads(content).get("mediaType") or (
        OCI_MANIFEST if image.digest == image.platform_digest else OCI_INDEX
    )
    return [
        texts.item(f"{PAYLOAD}/oci-layout", '{"imageLayoutVersion":"1.0.0"}'),
        texts.item(f"{PAYLOAD}/index.json", index_json(kind, image.digest, len(content))),
        *(_blob_item(image.root, digest) for digest in dict.fromkeys(digests)),
    ]


def kickstart_item(content: bytes, texts: Texts) -> Item:
    return texts.item(str(KICKSTART), content)


def manifest_items(manifest: MediumManifest, line: str, texts: Texts) -> list[Item]:
    """The manifest and the file that vouches for it; `line` says in one line what medium this is."""
    text = codec.to_json(manifest).encode()
    return [texts.item(str(MANIFEST), text), texts.item(INFO, info_text(line, text))]


def described(items: Sequence[Item], known: Mapping[str, str], report: Report) -> tuple[MediumFile, ...]:
    """Size and SHA-256 of each file; `known` has digests of some by their paths. Files are read in parallel.

    Raises BadInput if a blob of the payload does not have the digest that it is named by.
    """
    listed = [(item, item.source.stat().st_size) for item in items]
    meter = _Meter(sum(size for item, size in listed if item.path not in known), report)

    def describe(entry: tuple[Item, int]) -> MediumFile:
        item, size = entry
        return MediumFile(path=item.path, size=size, sha256=known.get(item.path) or _digest(item, meter))

    with ThreadPoolExecutor() as pool:  # hashlib lets other threads run meanwhile
        return tuple(map(_checked, pool.map(describe, listed)))


def blob_digests(items: Iterable[Item]) -> dict[str, str]:
    """Digests of those items that are blobs of the payload, by path: blobs are named by them."""
    return {item.path: item.path.removeprefix(_BLOBS) for item in items if item.path.startswith(_BLOBS)}


class _Meter:
    """Adds up what several threads have read."""

    def __init__(self, total: int, report: Report) -> None:
        self._lock = Lock()
        self._done, self._total, self._report = 0, total, report

    def add(self, count: int) -> None:
        with self._lock:
            self._done += count
            self._report.progress(self._done, self._total)


def _digest(item: Item, meter: _Meter) -> str:
    before = 0

    def advance(read: int) -> None:
        nonlocal before
        meter.add(read - before)
        before = read

    with item.source.open("rb", buffering=0) as stream:
        return content_digest(item.path, stream, advance)


def _checked(file: MediumFile) -> MediumFile:
    if file.path.startswith(_BLOBS) and file.sha256 != file.path.removeprefix(_BLOBS):
        raise BadInput(
            f"The blob sha256:{file.path.removeprefix(_BLOBS)} of the image is damaged.",
            "The copy of the image is not whole: copy it again.",
        )
    return file


def file_digest(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _efi_programs(runtime: LiveRuntime) -> dict[str, Path]:
    """The boot chain: firmware starts shim, shim starts the GRUB beside it (shim, README: DEFAULT_LOADER)."""
    return {
        "EFI/BOOT/BOOTX64.EFI": runtime.shim,
        "EFI/BOOT/grubx64.efi": runtime.grub_cd,
        "EFI/BOOT/mmx64.efi": runtime.mok_manager,
    }


def _blob_item(root: Path, digest: str) -> Item:
    return Item(path=f"{PAYLOAD}/blobs/{digest.replace(':', '/')}", source=blob_path(root, digest))
