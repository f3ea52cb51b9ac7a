"""What lies where on a medium: the live runtime, the boot files, the payload, and the manifest of them all."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from ashore_installer import codec
from ashore_installer.mediacheck import BOOT_IMAGE, INFO, info_text
from ashore_installer.medium import KICKSTART, MANIFEST, PAYLOAD, MediumManifest
from ashore_installer.payload.layout import LayoutImage, blob_path
from ashore_isogen.grubcfg import INITRD, KERNEL, Menu, grub_cfg, loopback_cfg, stub_cfg
from ashore_isogen.iso import Item
from ashore_isogen.live import LiveRuntime
from ashore_isogen.source import OCI_INDEX, OCI_MANIFEST, index_json

SQUASHFS = "LiveOS/squashfs.img"
"""Where dracut's dmsquash-live looks for the root file system (dracut.cmdline(7), `rd.live.dir`)."""
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


def _efi_programs(runtime: LiveRuntime) -> dict[str, Path]:
    """The boot chain: firmware starts shim, shim starts the GRUB beside it (shim, README: DEFAULT_LOADER)."""
    return {
        "EFI/BOOT/BOOTX64.EFI": runtime.shim,
        "EFI/BOOT/grubx64.efi": runtime.grub_cd,
        "EFI/BOOT/mmx64.efi": runtime.mok_manager,
    }


def _blob_item(root: Path, digest: str) -> Item:
    return Item(path=f"{PAYLOAD}/blobs/{digest.replace(':', '/')}", source=blob_path(root, digest))
