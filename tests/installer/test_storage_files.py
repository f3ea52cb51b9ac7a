"""/etc/fstab and /etc/crypttab that name what is there, and such that do not."""

from __future__ import annotations

from pathlib import Path

import pytest

from ashore_installer.context import Context
from ashore_installer.errors import InstallerError
from ashore_installer.storage.prove_files import prove_files
from ashore_installer.storage_plan import (
    Encryption,
    EncryptionPlan,
    Format,
    MountPlan,
    PartitionPlan,
    StoragePlan,
    SubvolumePlan,
)
from ashore_installer.units import GiB, MiB
from tests.fakes.runner import Answer, FakeRunner
from tests.fakes.values import a_machine, a_plan, an_image

PLAN = StoragePlan(
    partitions=(
        PartitionPlan(id="luks", disk="d", start=MiB, size=GiB, format=Format.LUKS),
        PartitionPlan(id="swap", disk="d", start=2 * GiB, size=GiB, format=Format.SWAP),
        PartitionPlan(id="data", disk="d", start=4 * GiB, size=GiB, format=Format.BTRFS),
    ),
    encrypted=(
        EncryptionPlan(id="root", device="luks", name="", size=GiB, format=Format.XFS, encryption=Encryption()),
    ),
    subvolumes=(SubvolumePlan(id="home", volume="data", path="my home"),),
    mounts=(
        MountPlan(device="root", path="/"),
        MountPlan(device="home", path="/home"),
        MountPlan(device="swap", path="swap"),
    ),
)
UUIDS = {"luks": "L-1", "root": "R-1", "swap": "S-1", "data": "D-1", "home": "D-1"}
FSTAB = """\
# a comment
UUID=D-1 /boot/efi vfat defaults 0 0
UUID=D-1 /var/home btrfs subvol=my\\040home 0 0
UUID=S-1 none swap defaults 0 0
tmpfs /tmp tmpfs defaults 0 0
"""
CRYPTTAB = "luks-L-1 UUID=L-1 - luks,discard\n"


def prove(folder: Path, fstab: str, crypttab: str, *answers: Answer) -> None:
    root = folder / "deployment"
    for name in ("etc", "tmp", "home"):
        (root / name).mkdir(parents=True)
    (folder / "target/boot/efi").mkdir(parents=True)
    (root / "etc/fstab").write_text(fstab)
    if crypttab:
        (root / "etc/crypttab").write_text(crypttab)
    context = Context(
        plan=a_plan(), machine=a_machine(), payload=an_image(), run=FakeRunner(*answers), listener=lambda _event: None,
        log_file=folder / "log", target=folder / "target", deployment=root, uuids=UUIDS,
    )  # fmt: skip
    prove_files(context, PLAN, folder / "var")


def test_all_is_there(tmp_path: Path) -> None:
    prove(tmp_path, FSTAB, CRYPTTAB)


def test_the_images_own_lines_may_name_other_disks_of_the_machine(tmp_path: Path) -> None:
    prove(tmp_path, f"{FSTAB}UUID=X-1 /var/x ext4 defaults 0 0\n", CRYPTTAB)


@pytest.mark.parametrize(
    ("fstab", "crypttab", "words"),
    [
        (FSTAB.replace("S-1", "S-2"), CRYPTTAB, "/etc/fstab names UUID=S-2 for none, and nothing has"),
        (FSTAB.replace("S-1", "S-2"), CRYPTTAB, "has no line that mounts swap from UUID=S-1"),
        (FSTAB.replace("my\\040home", "home"), CRYPTTAB, "has no line that mounts /home from UUID=D-1"),
        (f"{FSTAB}UUID=D-1 /nowhere btrfs defaults 0 0\n", CRYPTTAB, "no such directory"),
        (f"{FSTAB}UUID=D-1 /home\n", CRYPTTAB, "a line that says too little: UUID=D-1 /home"),
        (FSTAB, "", "/etc/crypttab has no line that opens luks"),
        (FSTAB, CRYPTTAB.replace("luks-L-1", "cryptroot"), "/etc/crypttab has no line that opens luks"),
        (FSTAB, CRYPTTAB.replace("UUID=L-1", "UUID=L-2"), "/etc/crypttab names UUID=L-2 for luks-L-1"),
    ],
)
def test_what_leads_nowhere_stops_the_installation(tmp_path: Path, fstab: str, crypttab: str, words: str) -> None:
    with pytest.raises(InstallerError) as caught:
        prove(tmp_path, fstab, crypttab, Answer(words=("findfs",), status=1))
    assert words in caught.value.message
