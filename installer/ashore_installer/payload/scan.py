"""What an image is: one pass over its layers, with whiteouts applied, gives an `ImageInfo`.

Nothing is unpacked. Contents of the few small files that matter are kept as they go by; where such a file is a hard
link to one that was not (as in layers of ostree objects) its layer is read again.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from ashore_installer.errors import BadInput, InstallerError
from ashore_installer.image import ImageInfo
from ashore_installer.payload import facts
from ashore_installer.payload.initramfs import Content, abilities, look_into
from ashore_installer.payload.layout import LayoutImage, OnProgress, open_image
from ashore_installer.payload.place import Refused, placed
from ashore_installer.payload.programs import programs
from ashore_installer.payload.stream import ahead, layer_pieces
from ashore_installer.payload.tar import Kind, TarEntry, TarReader
from ashore_installer.payload.tree import Tree, overlay
from ashore_installer.units import MiB

CONTENT_LIMIT = MiB
"""No file that is read for its text may be larger."""
BLOCK = 4096

CRYPTENROLL = "usr/bin/systemd-cryptenroll"
_TEXTS = re.compile(
    r"usr/(local/)?lib/bootc/install/[^/]+\.toml|usr/etc/bootc/install/[^/]+\.toml|usr/lib/bootc/kargs\.d/[^/]+\.toml"
    r"|usr/(lib|etc)/os-release|usr/(lib|etc)/ostree/prepare-root\.conf|usr/etc/selinux/config|usr/etc/shells"
    r"|usr/lib/modules/[^/]+/modules\.builtin|" + CRYPTENROLL
)
_INITRAMFS = re.compile(r"usr/lib/modules/[^/]+/initramfs(?:\.img)?")
_INSTALL_DIRS = ("usr/lib/bootc/install", "usr/local/lib/bootc/install", "usr/etc/bootc/install")
_EFI_VENDOR = re.compile(r"(?:usr/lib/ostree-boot|usr/lib/efi|usr/lib/bootupd|boot)/(?:.*/)?EFI/([^/]+)/shim[^/]*\.efi")
_NOT_VENDORS = ("BOOT", "Linux", "systemd")
_DEBIAN_SHIM = re.compile(r"usr/lib/shim/shim[^/]*\.efi\.signed")
POLICY_DIR = "usr/etc/selinux/"


@dataclass(frozen=True, slots=True)
class Seen:
    """A file: how large it is, and where its content stands (`layer` by index, `path` there)."""

    size: int
    layer: int
    path: str
    target: str = ""


Files = Tree[Seen, int]


@dataclass(kw_only=True)
class Survey:
    """What a pass over the layers finds; `contents` is by layer and path."""

    image: LayoutImage
    tree: Files = field(default_factory=Tree)
    contents: dict[tuple[int, str], bytes] = field(default_factory=dict)
    initramfs: dict[tuple[int, str], Content | None] = field(default_factory=dict)
    """What is in each initramfs."""
    size: int = 0
    files: int = 0
    policy_layers: list[int] = field(default_factory=list)

    def text(self, path: str) -> str:
        """The text of a file of the merged tree, links within its directory followed; empty if there is none."""
        seen = self.tree.find(path)
        if seen and seen.target:
            seen = self.tree.find(_followed(path, seen.target))
        if seen is None or seen.target:
            return ""
        if (seen.layer, seen.path) not in self.contents:
            self.contents |= _second_look(self.image, seen.layer, {seen.path})
        return self.contents[seen.layer, seen.path].decode(errors="replace")

    def directory(self, path: str, suffix: str) -> dict[str, str]:
        """Name and text of each file in a directory whose name ends with `suffix`."""
        found = self.tree.find_dir(path)
        names = sorted(name for name in found.files if name.endswith(suffix)) if found else ()
        return {name: self.text(f"{path}/{name}") for name in names}


def scan_image(
    layout: Path, tag: str = "", on_progress: OnProgress = lambda _done, _total: None, architecture: str = ""
) -> ImageInfo:
    """Read an image of an OCI layout once and say what it is; digests and diff_ids are checked on the way.

    Of an image for several architectures, that for `architecture` (OCI's word, default this machine's) is taken. Raises
    BadInput when the image can't be read or has what can't be installed (devices, names that aren't UTF-8). Whether
    it can boot is what `bootable.problems` says.
    """
    try:
        return describe(survey(open_image(layout, tag, architecture), on_progress))
    except InstallerError as error:
        raise BadInput(error.message, error.hint) from error


def survey(image: LayoutImage, on_progress: OnProgress) -> Survey:
    """The merged tree of an image and the small files in it."""
    found = Survey(image=image)
    done = 0

    def advance(count: int) -> None:
        nonlocal done
        done += count
        on_progress(done, image.size)

    for number, layer in enumerate(image.layers):
        reader = TarReader(ahead(layer_pieces(image.root, layer, advance)))
        overlay(found.tree, _layer_tree(found, number, reader))
    on_progress(image.size, image.size)
    return found


def describe(found: Survey) -> ImageInfo:
    """The facts of a surveyed image."""
    image, tree = found.image, found.tree
    kernels = _kernels(tree)
    modules = tree.find_dir(f"usr/lib/modules/{kernels[0]}") if len(kernels) == 1 else None
    boot = modules.files if modules else {}
    initramfs = next((boot[name] for name in ("initramfs.img", "initramfs") if name in boot), None)
    composefs, verity = facts.composefs(
        found.text("usr/etc/ostree/prepare-root.conf") or found.text("usr/lib/ostree/prepare-root.conf")
    )
    os_release = facts.os_release(found.text("usr/lib/os-release") or found.text("usr/etc/os-release"))
    return ImageInfo(
        manifest_digest=image.digest,
        platform_digest=image.platform_digest,
        config_digest=image.config_digest,
        architecture=image.architecture,
        labels=image.labels,
        created=image.created,
        layers=image.layers,
        unpacked_size=found.size,
        files=found.files,
        kernel=kernels[0] if len(kernels) == 1 else "",
        kernels=kernels,
        missing=_missing(tree),
        uki=_uki(tree),
        kernel_size=boot["vmlinuz"].size if boot else 0,
        initramfs_size=initramfs.size if initramfs else 0,
        initramfs=_abilities(found, initramfs, kernels[0]) if initramfs else (),
        programs=programs(tree, found.text(CRYPTENROLL)),
        install=facts.install_config(_install_files(found), image.architecture),
        kargs=facts.kernel_arguments(found.directory("usr/lib/bootc/kargs.d", ".toml"), image.architecture),
        os_release=os_release,
        composefs=composefs,
        verity=verity,
        selinux=_policy(found),
        policy_layers=tuple(found.policy_layers),
        bootupd=_has_bootupd(tree),
        grub_efi_vendor=_efi_vendor(tree, os_release),
        shells=facts.shells(found.text("usr/etc/shells")),
    )


def _layer_tree(found: Survey, number: int, reader: TarReader) -> Files:
    tree: Files = Tree()
    policy = False
    for raw in reader:
        entry = placed(raw)
        if entry is None:
            continue
        policy = policy or entry.path.startswith(POLICY_DIR)
        if entry.kind is Kind.DIRECTORY:
            tree.put_dir(entry.path, entry.mode)
        else:
            tree.put_file(entry.path, _seen(found, number, entry, raw, tree))
        if entry.kind is Kind.FILE:
            found.files += 1
            found.size += -(-entry.size // BLOCK) * BLOCK
            if _TEXTS.fullmatch(entry.path):
                found.contents[number, entry.path] = reader.read(CONTENT_LIMIT)
            elif _INITRAMFS.fullmatch(entry.path):
                found.initramfs[number, entry.path] = look_into(reader.content())
    if policy:
        found.policy_layers.append(number)
    return tree


def _seen(found: Survey, number: int, entry: TarEntry, raw: TarEntry, tree: Files) -> Seen:
    if entry.kind is not Kind.HARDLINK:
        return Seen(entry.size, number, entry.path, entry.target)
    seen = tree.find(entry.target) or found.tree.find(entry.target)
    if seen is None:
        raise Refused(raw.path, f"a hard link to {raw.target!r}, which is not in the image")
    return seen


def _second_look(image: LayoutImage, number: int, paths: set[str]) -> dict[tuple[int, str], bytes]:
    contents = {}
    reader = TarReader(ahead(layer_pieces(image.root, image.layers[number])))
    for raw in reader:
        entry = placed(raw)
        if entry and entry.kind is Kind.FILE and entry.path in paths:
            contents[number, entry.path] = reader.read(CONTENT_LIMIT)
    return contents


def _abilities(found: Survey, initramfs: Seen, kernel: str) -> tuple[str, ...]:
    """What the initramfs can do. Where it is a hard link to an object of ostree its layer is read again."""
    place = initramfs.layer, initramfs.path
    if place not in found.initramfs:
        reader = TarReader(ahead(layer_pieces(found.image.root, found.image.layers[initramfs.layer])))
        for raw in reader:
            entry = placed(raw)
            if entry and entry.kind is Kind.FILE and entry.path == initramfs.path:
                found.initramfs[place] = look_into(reader.content())
    return abilities(found.initramfs[place], found.text(f"usr/lib/modules/{kernel}/modules.builtin"))


def _followed(path: str, target: str) -> str:
    """Where a symbolic link leads; enough of the rules for links between /etc and /usr/lib."""
    start = [] if target.startswith("/") else path.removeprefix("usr/etc/").split("/")[:-1]
    if path.startswith("usr/etc/") and not target.startswith("/"):
        start = ["etc", *start]
    parts: list[str] = []
    for part in [*start, *target.split("/")]:
        if part == "..":
            del parts[-1:]
        elif part not in ("", "."):
            parts.append(part)
    return "/".join(["usr", *parts] if parts[:1] == ["etc"] else parts)


def _kernels(tree: Files) -> tuple[str, ...]:
    modules = tree.find_dir("usr/lib/modules")
    return tuple(sorted(name for name, child in modules.dirs.items() if "vmlinuz" in child.files)) if modules else ()


def _missing(tree: Files) -> tuple[str, ...]:
    """ostree-prepare-root(1) moves the physical root to /sysroot; ostree's programs look for /ostree."""
    link = tree.find("ostree")
    found = {"/sysroot": tree.find_dir("sysroot") is not None, "/ostree": link is not None and bool(link.target)}
    return tuple(path for path, there in found.items() if not there)


def _uki(tree: Files) -> str:
    found = tree.find_dir("boot/EFI/Linux")
    names = sorted(name for name in found.files if name.endswith(".efi")) if found else []
    return f"/boot/EFI/Linux/{names[0]}" if names else ""


def _install_files(found: Survey) -> dict[str, str]:
    """Drop-ins by name: a file hides those of the same name in earlier directories."""
    files: dict[str, str] = {}
    for directory in _INSTALL_DIRS:
        files |= found.directory(directory, ".toml")
    return files


def _policy(found: Survey) -> str:
    """The enabled policy if the image really has it."""
    name = facts.selinux(found.text("usr/etc/selinux/config"))
    return name if name and "/" not in name and found.tree.find_dir(f"{POLICY_DIR}{name}/contexts") else ""


def _has_bootupd(tree: Files) -> bool:
    updates = tree.find_dir("usr/lib/bootupd/updates")
    metadata = any(name.endswith(".json") for name in updates.files) if updates else False
    return metadata and tree.find("usr/bin/bootupctl") is not None


def _efi_vendor(tree: Files, os_release: dict[str, str]) -> str:
    for path in _below(tree, ("usr/lib/ostree-boot", "usr/lib/efi", "usr/lib/bootupd", "boot")):
        match = _EFI_VENDOR.fullmatch(path)
        if match and match[1] not in _NOT_VENDORS:
            return match[1]
    if any(_DEBIAN_SHIM.fullmatch(path) for path in _below(tree, ("usr/lib/shim",))):
        return os_release.get("ID", "")
    return ""


def _below(tree: Files, directories: tuple[str, ...]) -> Iterator[str]:
    for directory in directories:
        found = tree.find_dir(directory)
        yield from (path for path, _ in found.walk(f"{directory}/")) if found else ()
