"""Loop devices as disks, for blivet and for reading back what lies on them."""

from __future__ import annotations

import multiprocessing
import os
import shutil
import struct
import subprocess
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from ashore_installer.machine import DiskInfo, PartitionInfo, PartitionTable
from ashore_installer.storage.readback import parse_blkid

T = TypeVar("T")

_CONFIG = Path("/etc/libblockdev/3/conf.d/00-default.cfg")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An entry of a GPT, in bytes; `type` is the GUID in lower case."""

    number: int
    start: int
    size: int
    type: str


def let_blivet_see_loops(folder: Path) -> None:
    """Before blivet is imported: without libblockdev's loop plugin it takes loop devices for plain disks.

    LIBBLOCKDEV_CONFIG_DIR is libblockdev's own setting for which plugins it loads.
    """
    text = _CONFIG.read_text().replace("libbd_loop.so.3", "no-such-plugin.so")
    (folder / _CONFIG.name).write_text(text)
    os.environ["LIBBLOCKDEV_CONFIG_DIR"] = str(folder)


@contextmanager
def btrfs_known() -> Iterator[None]:
    """libblockdev makes btrfs only if the running kernel's modules have it; a root has none of its host's kernel."""
    folder = Path("/lib/modules") / os.uname().release
    if folder.exists():
        yield
        return
    folder.mkdir(parents=True)
    try:
        (folder / "modules.builtin").write_text("kernel/fs/btrfs/btrfs.ko\n")
        (folder / "modules.order").touch()
        subprocess.run(["depmod"], check=True, capture_output=True)
        yield
    finally:
        shutil.rmtree(folder)


def sparse(path: Path, size: int) -> None:
    """A file of `size` bytes that takes no space."""
    with path.open("wb") as stream:
        stream.truncate(size)


@contextmanager
def attached(image: Path, *, sector: int = 512) -> Iterator[str]:
    """The node of a loop device for `image`; it is detached, and its partitions gone, in the end."""
    argv = ["losetup", "--find", "--show", "--sector-size", str(sector), str(image)]
    node = subprocess.run(argv, check=True, capture_output=True, text=True).stdout.strip()
    try:
        yield node
    finally:
        subprocess.run(["partx", "--delete", node], check=False, capture_output=True)
        subprocess.run(["losetup", "--detach", node], check=True)


def in_a_process(work: Callable[[], T]) -> T:
    """What `work` gives or raises, in a process of its own, as the engine is one.

    libparted keeps what it knows of a node, such as its sector size, for the life of its process.
    """
    with ProcessPoolExecutor(max_workers=1, mp_context=multiprocessing.get_context("fork")) as pool:
        return pool.submit(work).result()


def as_disk(node: str, *, sector: int = 512) -> DiskInfo:
    """What a probe would say of the loop device; the kernel here reads no partition tables, so blkid is asked."""
    name = Path(node).name
    size = int(Path(f"/sys/class/block/{name}/size").read_text()) * 512
    facts = blkid(node)
    tables = {"gpt": PartitionTable.GPT, "dos": PartitionTable.MSDOS}
    table = tables.get(facts.get("PTTYPE", ""))
    parts = sorted(Path(f"/sys/class/block/{name}").glob(f"{name}p*"), key=lambda path: int(_number(path)))
    return DiskInfo(
        name=name,
        ids=(f"by-id/loop-{name}",),
        size=size,
        sector_size=sector,
        table=table,
        format="" if table else facts.get("TYPE", ""),
        partitions=tuple(_partition(path) for path in parts),
    )


def _partition(path: Path) -> PartitionInfo:
    facts = blkid(f"/dev/{path.name}")
    return PartitionInfo(
        number=int(_number(path)),
        start=int(facts["PART_ENTRY_OFFSET"]) * 512,
        size=int(facts["PART_ENTRY_SIZE"]) * 512,
        type=facts["PART_ENTRY_TYPE"].lower(),
        format=facts.get("TYPE", ""),
        label=facts.get("LABEL", ""),
        uuid=facts.get("UUID", ""),
    )


def _number(path: Path) -> str:
    return (path / "partition").read_text().strip()


def blkid(node: str) -> dict[str, str]:
    argv = ["blkid", "--probe", "--output", "export", node]
    return parse_blkid(subprocess.run(argv, check=False, capture_output=True, text=True).stdout)


def read_gpt(image: Path, *, sector: int = 512) -> tuple[Entry, ...]:
    """The entries of a GPT, read from the bytes (UEFI Specification 2.10, section 5.3)."""
    data = image.open("rb")
    with data:
        data.seek(sector)
        header = data.read(92)
        assert header[:8] == b"EFI PART"
        table, count, width = struct.unpack_from("<QII", header, 72)
        data.seek(table * sector)
        entries = [data.read(width) for _ in range(count)]
    return tuple(_entry(number, raw, sector) for number, raw in enumerate(entries, 1) if any(raw[:16]))


def _entry(number: int, raw: bytes, sector: int) -> Entry:
    first, last = struct.unpack_from("<QQ", raw, 32)
    kind = str(uuid.UUID(bytes_le=raw[:16]))
    return Entry(number=number, start=first * sector, size=(last + 1 - first) * sector, type=kind)
