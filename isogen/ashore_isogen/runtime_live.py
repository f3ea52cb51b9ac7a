"""The live system: the runtime root without what only builds and tests need, with Ashore, as the files of a medium."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable
from pathlib import Path

from ashore_installer.errors import BadInput
from ashore_installer.run import Commands
from ashore_isogen.backend_debian import Dpkg, Package
from ashore_isogen.cache import contents, digest_of, remove_tree
from ashore_isogen.dracut import kernel_version
from ashore_isogen.live import LiveRuntime
from ashore_isogen.ours import PACKAGES, install_ours, package_directory
from ashore_isogen.report import Report
from ashore_isogen.runtime_root import (
    LIVE_CLEANUP,
    PYTHON,
    RuntimeRoot,
    byte_compile,
    executor,
    templates_of,
    write_table,
)
from ashore_isogen.sandbox import Bind, Sandbox
from ashore_isogen.template.commands import Line, Log, Remove, RemoveFrom, RemoveKmod, RemovePkg

# Larger blocks would save 3 %, and make every start of a program decompress more than it reads.
LEVEL, BLOCK = "6", "128K"
# What GRUB needs to read a CD by the BIOS; all else it loads from /boot/grub/i386-pc on the medium.
ELTORITO_MODULES = ("biosdisk", "iso9660", "part_gpt", "part_msdos", "search", "normal", "configfile")
_SHIM, _MOK_MANAGER = "usr/lib/shim/shimx64.efi.signed", "usr/lib/shim/mmx64.efi.signed"
_SIGNED_GRUB = "usr/lib/grub/x86_64-efi-signed/gcdx64.efi.signed"
_BIOS = "usr/lib/grub/i386-pc"


def live_digest(root_digest: str, templates: Path) -> str:
    """The digest of all that a live runtime is made from."""
    parts = [b"live 1", root_digest.encode(), (templates / LIVE_CLEANUP).read_bytes()]
    for name in PACKAGES:
        parts += [name.encode(), *contents(package_directory(name))]
    return digest_of(parts)


def build_live(directory: Path, root: RuntimeRoot, templates: Path, report: Report) -> None:
    """Builds the files of a LiveRuntime into the empty `directory`. Raises InstallerError."""
    live = LiveRuntime(digest=directory.name, directory=directory)
    tree = directory / "tree"
    # Hard links: a copy at no cost, as long as files of it are only removed, added or replaced, never written into.
    Commands().run(["cp", "--archive", "--link", root.tree, tree])
    lines = removals(templates_of(templates, tree).parse(LIVE_CLEANUP))
    executor(tree, Dpkg(root.tree), report).execute(lines)
    write_table(live.packages, [*Dpkg(root.tree).packages_in(tree), *_libraries(root)])
    report.note("Adding Ashore")
    install_ours(tree)
    byte_compile(tree, *(f"/{PYTHON}/{name}" for name in PACKAGES))
    report.note("Compressing the live system")
    squash(tree, live.squashfs, root.epoch)
    remove_tree(tree)
    _boot_files(live, root)
    report.note(f"The live system has {live.squashfs.stat().st_size / 1_000_000:.0f} MB")


def squash(tree: Path, output: Path, epoch: int) -> None:
    """`tree` as a squashfs whose bytes depend on its names, modes and contents only. All times in it are `epoch`."""
    empty = [f"{name}/*" for name in ("boot", "dev", "proc", "run", "sys", "tmp")]
    words: list[str | os.PathLike[str]] = ["env", "-u", "SOURCE_DATE_EPOCH"]  # mksquashfs refuses it beside -all-time
    words += ["mksquashfs", tree, output, "-noappend", "-no-progress", "-quiet", "-no-xattrs", "-b", BLOCK]
    words += ["-comp", "zstd", "-Xcompression-level", LEVEL, "-all-time", str(epoch), "-mkfs-time", str(epoch)]
    Commands().run([*words, "-root-mode", "0755", "-wildcards", "-e", *empty])


def removals(lines: Iterable[Line]) -> tuple[Line, ...]:
    """`lines`, if they only take files away: the tree shares its files with the runtime root."""
    allowed = Log | Remove | RemoveFrom | RemoveKmod | RemovePkg
    checked = tuple(lines)
    for line in checked:
        if not isinstance(line.command, allowed):
            raise BadInput(f"{line}: {LIVE_CLEANUP} can only remove files.", "Put this into runtime-postinstall.tmpl.")
    return checked


def _libraries(root: RuntimeRoot) -> list[Package]:
    rows = [line.split("\t") for line in root.libraries.read_text(encoding="utf-8").splitlines()]
    return [Package(name=f"pypi:{name}", version=version, architecture="all") for name, version in rows]


def _boot_files(live: LiveRuntime, root: RuntimeRoot) -> None:
    tree = root.tree
    shutil.copyfile(tree / "usr/lib/modules" / kernel_version(tree) / "vmlinuz", live.kernel)
    shutil.copyfile(root.initramfs, live.initrd)
    for path in (live.shim.parent, live.grub_modules):
        path.mkdir(parents=True)
    for source, target in ((_SHIM, live.shim), (_MOK_MANAGER, live.mok_manager), (_SIGNED_GRUB, live.grub_cd)):
        shutil.copyfile(tree / source, target)
    shutil.copyfile(tree / _BIOS / "boot_hybrid.img", live.boot_hybrid)
    for path in sorted((tree / _BIOS).iterdir()):
        if path.suffix in {".mod", ".lst"}:
            shutil.copyfile(path, live.grub_modules / path.name)
    _eltorito(live.eltorito, root)


def _eltorito(output: Path, root: RuntimeRoot) -> None:
    sandbox = Sandbox(
        root=root.tree,
        binds=(Bind(source=output.parent, target="/tmp/out"),),
        env={"SOURCE_DATE_EPOCH": str(root.epoch)},
    )
    words = ["grub-mkimage", "-O", "i386-pc-eltorito", "-p", "/boot/grub", "-o", f"/tmp/out/{output.name}"]
    sandbox.run([*words, *ELTORITO_MODULES])
