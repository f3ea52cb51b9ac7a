"""Storage requests of every shape that the kickstart language can say, for property tests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from ashore_installer.machine import PartitionTable
from ashore_installer.secret import Secret
from ashore_installer.storage_plan import Encryption, Format, RaidLevel, Tpm2, VolumeKind, ZramPlan
from ashore_installer.storage_request import (
    ArrayRequest,
    Automatic,
    BtrfsRequest,
    Clear,
    GroupRequest,
    MountRequest,
    PartitionRequest,
    Scheme,
    ShrinkRequest,
    StorageRequest,
    SubvolumeRequest,
    VolumeRequest,
)
from ashore_installer.units import KiB, MiB

# Everything that can stand on a line, quotes, comment signs, backslashes and all.
text = st.text(
    st.characters(min_codepoint=32, exclude_categories=("Cc", "Cs", "Zl", "Zp", "Cn", "Co", "Cf")), max_size=12
).filter(str.isprintable)
some_text = text.filter(bool)
disk = st.sampled_from(["vda", "sdb", "disk/by-id/virtio-disk0", "disk/by-path/pci-0000:00:04.0", "/dev/nvme0n1"])
disks = st.lists(disk, max_size=2, unique=True).map(tuple)
size = st.integers(1, 1 << 20).map(lambda count: count * MiB)
_EXT = (Format.EXT2, Format.EXT3, Format.EXT4)
_MOUNTABLE = (Format.XFS, *_EXT, Format.BTRFS, Format.VFAT)
_DEVICES = ("vda2", "nvme0n1p3", "disk/by-id/x-part1", "UUID=12-ab", "LABEL=old home", "mapper/vg-lv")
_PATHS = ("/", "/boot", "/var", "/home/a b", "/srv", "/opt", "/data")


@st.composite
def encryptions(draw: st.DrawFn, *, passphrases: bool) -> Encryption:
    pbkdf = draw(st.sampled_from(["", "argon2id", "argon2i", "pbkdf2"]))
    luks = "luks1" if pbkdf in ("", "pbkdf2") and draw(st.booleans()) else "luks2"
    by_time = draw(st.booleans())
    number = st.just(0) | st.integers(1, 1 << 30)
    certificate = draw(text)
    pins = st.none() | some_text.map(Secret)
    tpm2 = st.builds(Tpm2, pcrs=st.lists(st.integers(0, 23), min_size=1, unique=True).map(tuple), pin=pins)
    return Encryption(
        passphrase=Secret(draw(some_text)) if passphrases else None,
        cipher=draw(text),
        luks=luks,
        pbkdf=pbkdf,
        pbkdf_memory=0 if pbkdf == "pbkdf2" or luks == "luks1" else draw(number),
        pbkdf_time=draw(number) if by_time else 0,
        pbkdf_iterations=0 if by_time else draw(number),
        recovery_key=draw(st.booleans()),
        escrow_certificate=certificate,
        backup_passphrase=bool(certificate) and draw(st.booleans()),
        tpm2=draw(st.none() | tpm2),
    )


class Drawing:
    """One request being drawn: what has been used must not be used again."""

    def __init__(self, draw: st.DrawFn) -> None:
        self.draw = draw
        self.paths = list(draw(st.permutations(_PATHS)))
        self.passphrases = draw(st.booleans())

    def path(self) -> str:
        """A mount point, or nothing."""
        wanted = self.draw(st.booleans())
        return self.paths.pop() if wanted and self.paths else ""

    def encryption(self) -> Encryption | None:
        return self.draw(st.none() | encryptions(passphrases=self.passphrases))

    def content(self, *, keep: bool = False) -> dict[str, Any]:
        """A file system that is mounted, or swap, or a file system that is not mounted."""
        kind = self.draw(st.sampled_from(["path", "swap", "none"]))
        if kind == "path" and not self.paths:
            kind = "none"
        formats = [Format.SWAP] if kind == "swap" else [*_MOUNTABLE, *([None] if kind == "path" or keep else [])]
        format = self.draw(st.sampled_from(formats))  # noqa: A001 (the field's name)
        profiles = keep or format not in (None, *_EXT) or self.draw(st.booleans())
        return {
            "mount": self.paths.pop() if kind == "path" else "",
            "format": format,
            "label": "" if keep else self.draw(text),
            "options": self.draw(text),
            "mkfs": self.draw(text) if profiles and not keep else "",
            "profile": "" if profiles else self.draw(text),
            "keep": keep,
            "encryption": self.encryption(),
        }

    def sized(self) -> dict[str, Any]:
        least, grow = self.draw(size), self.draw(st.booleans())
        more = self.draw(st.just(0) | size)
        return {"size": least, "grow": grow, "max_size": least + more if more else 0}

    # --- what it is made of ----------------------------------------------------------------------------------

    def partition(self) -> PartitionRequest:
        special = self.draw(st.sampled_from([None, None, None, Format.BIOSBOOT]))
        content = {"format": special} if special else self.content()
        found = PartitionRequest(
            **content, **self.sized(), disk=self.draw(st.just("") | disk), primary=self.draw(st.booleans())
        )
        if found.format is Format.SWAP and self.draw(st.booleans()):
            wish = self.draw(st.booleans())
            return replace(found, size=0, grow=False, max_size=0, recommended=wish, hibernation=not wish)
        return found

    def kept_partition(self, device: str) -> PartitionRequest:
        keep, resize = self.draw(st.booleans()), self.draw(st.booleans())
        return PartitionRequest(
            **self.content(keep=keep), existing=device, resize=resize, size=self.draw(size) if resize else 0
        )

    def members(self, prefix: str, least: int) -> tuple[PartitionRequest, ...]:
        kind = {"pv.": Format.LVMPV, "raid.": Format.RAID, "btrfs.": Format.BTRFS}[prefix]
        count = self.draw(st.integers(least, least + 1))
        return tuple(
            PartitionRequest(
                name=f"{prefix}{number:02}",
                format=kind,
                **self.sized(),
                disk=self.draw(st.just("") | disk),
                encryption=self.encryption(),
            )
            for number in range(count)
        )

    def array(self, members: Sequence[PartitionRequest]) -> ArrayRequest:
        levels = [level for level in RaidLevel if level.least_members <= len(members)]
        level = self.draw(st.sampled_from(levels))
        spare = level is not RaidLevel.RAID0 and level.least_members < len(members) and self.draw(st.booleans())
        chunk = 0 if level is RaidLevel.RAID1 else self.draw(st.sampled_from([0, 4 * KiB, 512 * KiB]))
        return ArrayRequest(
            **self.content(),
            name=self.draw(st.sampled_from(["0", "root", "md0", "a b"])),
            level=level,
            members=tuple(one.name for one in members),
            spares=int(spare),
            chunk=chunk,
            metadata=self.draw(st.sampled_from(["", "1.0", "1.2", "0.90"])),
        )

    def group(self, members: Sequence[PartitionRequest]) -> GroupRequest:
        percent = self.draw(st.booleans())
        return GroupRequest(
            name="vg-0",
            members=tuple(one.name for one in members),
            extent=self.draw(st.sampled_from([0, 1 * KiB, 4 * MiB])),
            reserved=0 if percent else self.draw(st.just(0) | size),
            reserved_percent=self.draw(st.integers(1, 99)) if percent else 0,
        )

    def volumes(self, group: str) -> tuple[VolumeRequest, ...]:
        pool = VolumeRequest(
            name="pool",
            group=group,
            kind=VolumeKind.POOL,
            format=Format.NONE,
            **self.sized(),
            metadata=self.draw(st.sampled_from([0, 8 * MiB])),
            chunk=self.draw(st.sampled_from([0, 64 * KiB])),
        )
        thin = VolumeRequest(
            **self.content(), **self.sized(), name="thin", group=group, kind=VolumeKind.THIN, pool="pool"
        )
        linear = VolumeRequest(**self.content(), **self.sized(), name="linear", group=group)
        part = VolumeRequest(**self.content(), name="part", group=group, percent=self.draw(st.integers(1, 50)))
        there = VolumeRequest(**self.content(keep=True), name="there", group=group, existing=f"{group}/there")
        return self.draw(st.sampled_from([(), (linear,), (pool, thin), (linear, part), (part, pool), (there,)]))

    def btrfs(self, members: Sequence[PartitionRequest]) -> BtrfsRequest:
        label = self.draw(text)
        kinds = st.sampled_from(["", "raid0", "raid1", "raid10", "single"])
        return BtrfsRequest(
            name=self.draw(st.sampled_from([label or members[0].name, "data"])),
            mount=self.path(),
            label=label,
            data=self.draw(kinds),
            metadata=self.draw(kinds),
            mkfs=self.draw(text),
            options=self.draw(text),
            members=tuple(one.name for one in members),
        )

    def subvolumes(self, volume: BtrfsRequest) -> tuple[SubvolumeRequest, ...]:
        found = []
        for path in self.draw(st.lists(st.sampled_from(["root", "home", "var/lib x"]), unique=True)):
            mount = self.path()
            options = self.draw(text) or (volume.options if mount else "")
            found.append(
                SubvolumeRequest(
                    volume=volume.name, path=path, mount=mount, options=options, keep=self.draw(st.booleans())
                )
            )
        return tuple(found)

    def layout(self) -> dict[str, Any]:
        """Partitions and, perhaps, each of the things that lie on partitions."""
        yes = st.booleans()
        parts = tuple(self.partition() for _ in range(self.draw(st.integers(0, 2))))
        parts += tuple(self.kept_partition(one) for one in self.draw(st.lists(st.sampled_from(_DEVICES), max_size=1)))
        raid = self.members("raid.", 2) if self.draw(yes) else ()
        pvs = self.members("pv.", 1) if self.draw(yes) else ()
        btrs = self.members("btrfs.", 1) if self.draw(yes) else ()
        group, volume = self.group(pvs) if pvs else None, self.btrfs(btrs) if btrs else None
        required = self.draw(yes)
        return {
            "partitions": (*parts, *raid, *pvs, *btrs),
            "arrays": (self.array(raid),) if raid else (),
            "groups": (group,) if group else (),
            "volumes": self.volumes(group.name) if group else (),
            "btrfs": (volume,) if volume else (),
            "subvolumes": self.subvolumes(volume) if volume else (),
            "required": required,
            "required_boot": required and self.draw(yes),
        }

    def automatic(self) -> dict[str, Any]:
        scheme = self.draw(st.sampled_from(Scheme))
        hibernation = self.draw(st.booleans())
        roots = st.sampled_from([None, Format.XFS, Format.EXT4, Format.EXT2])
        made = Automatic(
            scheme=scheme,
            format=Format.BTRFS if scheme is Scheme.BTRFS else self.draw(roots),
            encryption=self.encryption(),
            boot=self.draw(st.booleans()),
            home=self.draw(st.booleans()),
            swap=hibernation or self.draw(st.booleans()),
            hibernation=hibernation,
            reinstall=self.draw(st.sampled_from(["", "*", "Fedora Linux 46"])),
        )
        return {"automatic": made}

    def mounts(self) -> dict[str, Any]:
        return {"mounts": tuple(self.mount(one) for one in self.draw(st.lists(st.sampled_from(_DEVICES), unique=True)))}

    def mount(self, device: str) -> MountRequest:
        reformat = self.draw(st.booleans())
        return MountRequest(
            device=device,
            path=self.path() or "none",
            reformat=reformat,
            format=self.draw(st.sampled_from([None, Format.SWAP, *_MOUNTABLE])) if reformat else None,
            options=self.draw(text),
            mkfs=self.draw(text) if reformat else "",
        )


@st.composite
def storage(draw: st.DrawFn) -> StorageRequest:
    drawing = Drawing(draw)
    clear = draw(st.sampled_from(Clear))
    only = draw(st.booleans())
    shrink = st.builds(ShrinkRequest, existing=st.sampled_from(["vda7", "disk/by-path/x:1-part2"]), size=size)
    kind = draw(st.sampled_from([drawing.layout, drawing.layout, drawing.automatic, drawing.mounts]))
    words = st.sampled_from(["min(ram / 2, 4096)", "ram", "zstd", "lzo-rle zstd(level=3)"])
    zram = st.none() if kind == drawing.mounts else st.none() | st.builds(ZramPlan, size=words, algorithm=words)
    return StorageRequest(
        only_use=draw(disks) if only else (),
        ignore=() if only else draw(disks),
        clear=clear,
        clear_disks=draw(disks),
        clear_partitions=("vda2", "disk/by-id/x-part1") if clear is Clear.LIST else (),
        shrink=draw(st.lists(shrink, max_size=1).map(tuple)),
        remove=draw(st.lists(st.sampled_from(["vg", "vg/lv", "md127", "vda3:root"]), unique=True).map(tuple)),
        zero_mbr=draw(st.booleans()),
        new_table=draw(st.booleans()),
        table=draw(st.sampled_from([None, *PartitionTable])),
        zram=draw(zram),
        **kind(),
    )
