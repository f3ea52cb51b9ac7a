"""/etc/fstab and /etc/crypttab of the installed system: everything they name is there, under that name."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from ashore_installer.context import Context
from ashore_installer.errors import InstallerError
from ashore_installer.run import CommandFailed
from ashore_installer.storage.mounts import PHYSICAL, place_in_deployment
from ashore_installer.storage_plan import SWAP, StoragePlan

_BELOW_VAR = "/var/"


def prove_files(context: Context, plan: StoragePlan, var: Path) -> None:
    """`var` is the stateroot's. Raises InstallerError with every line that leads nowhere, and every one that lacks."""
    root = context.root()
    fstab, crypttab = (_lines(root / "etc" / name) for name in ("fstab", "crypttab"))
    known = {uuid.lower() for uuid in context.uuids.values() if uuid}

    def is_there(uuid: str) -> bool:
        return uuid.lower() in known or _found(context, uuid)

    def place(path: str) -> Path:
        inside = path not in PHYSICAL
        return place_in_deployment(path, root, var) if inside else context.target / path.lstrip("/")

    wrong = [
        *fstab_differences(plan, fstab, context.uuids, is_there),
        *mount_point_differences(fstab, place),
        *crypttab_differences(plan, crypttab, context.uuids, is_there),
    ]
    if wrong:
        message = "\n".join(["The system that was installed would not find its disks:", *wrong])
        raise InstallerError(message, "See the log, and report this.")


def fstab_differences(
    plan: StoragePlan, lines: tuple[tuple[str, ...], ...], uuids: Mapping[str, str], is_there: Callable[[str], bool]
) -> Iterator[str]:
    """Each UUID belongs to something, and each mount of the plan but the root has a line with its UUID."""
    for words in lines:
        if len(words) < 4:
            yield f"/etc/fstab has a line that says too little: {' '.join(words)}"
        elif words[0].startswith("UUID=") and not is_there(words[0].removeprefix("UUID=")):
            yield f"/etc/fstab names {words[0]} for {words[1]}, and nothing has that UUID."
    named = [(words[0], words[2] == "swap", _options(words)) for words in lines if len(words) >= 4]
    for mount in plan.mounts:
        if mount.path == "/":
            continue  # mounted by the initramfs
        spec, subvolume = f"UUID={uuids.get(mount.device, '')}", _subvolume(plan, mount.device)
        swaps = mount.path == SWAP
        if not any(
            (source, is_swap) == (spec, swaps) and (not subvolume or f"subvol={subvolume}" in options)
            for source, is_swap, options in named
        ):
            yield f"/etc/fstab has no line that mounts {mount.path} from {spec}."


def mount_point_differences(lines: tuple[tuple[str, ...], ...], place: Callable[[str], Path]) -> Iterator[str]:
    """Each mount point is a directory in the new system; systemd makes those below /var that are not there yet."""
    for words in lines:
        path = _unescaped(words[1]) if len(words) >= 4 else ""
        if path.startswith("/") and not path.startswith(_BELOW_VAR) and not place(path).is_dir():
            yield f"/etc/fstab mounts something at {path}, and the system has no such directory."


def crypttab_differences(
    plan: StoragePlan, lines: tuple[tuple[str, ...], ...], uuids: Mapping[str, str], is_there: Callable[[str], bool]
) -> Iterator[str]:
    """Each UUID belongs to something, and each LUKS device of the plan has a line with its name."""
    for words in lines:
        if len(words) > 1 and words[1].startswith("UUID=") and not is_there(words[1].removeprefix("UUID=")):
            yield f"/etc/crypttab names {words[1]} for {words[0]}, and nothing has that UUID."
    named = {(words[0], words[1]) for words in lines if len(words) > 1}
    for one in plan.encrypted:
        uuid = uuids.get(one.device, "")
        if (one.name or f"luks-{uuid}", f"UUID={uuid}") not in named:
            yield f"/etc/crypttab has no line that opens {one.device} (UUID={uuid})."


def _lines(path: Path) -> tuple[tuple[str, ...], ...]:
    """The fields of each line that is not a comment; none when there is no such file."""
    text = path.read_text(errors="surrogateescape") if path.exists() else ""
    return tuple(
        tuple(line.split()) for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")
    )


def _options(words: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(_unescaped(words[3]).split(","))


def _subvolume(plan: StoragePlan, device: str) -> str:
    return next((one.path for one in plan.subvolumes if one.id == device), "")


def _unescaped(word: str) -> str:
    """fstab(5) writes blanks as octal numbers."""
    return re.sub(r"\\([0-7]{3})", lambda match: chr(int(match[1], 8)), word)


def _found(context: Context, uuid: str) -> bool:
    """Whether any device of the machine has it: the image's own lines may name disks that the plan leaves alone."""
    try:
        context.run.run(["findfs", f"UUID={uuid}"])
    except CommandFailed:
        return False
    return True
