"""kickstart -> plan -> kickstart -> the same plan, for what lies on partitions and for what is there already."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from ashore_installer.errors import BadInput
from ashore_installer.finalize import finalize
from ashore_installer.machine import DiskInfo, Firmware, MachineInfo
from ashore_installer.plan import Draft, InstallPlan
from ashore_installer.secret import Secret
from ashore_installer.storage_plan import Encryption, Tpm2
from ashore_installer.storage_request import Automatic, Clear, Scheme, StorageRequest
from ashore_installer.units import GiB
from ashore_kickstart.read import draft_from_text
from ashore_kickstart.write import kickstart_from_plan
from tests.fakes.machines import recorded
from tests.fakes.values import a_machine
from tests.kickstart.test_plan_round_trip import PAYLOAD
from tests.vm.storage.images import ABLE


def planned(text: str, machine: MachineInfo) -> InstallPlan:
    return finalize(replace(draft_from_text(text, "x.ks"), payload=PAYLOAD, lines={}), machine, ABLE)


def again(plan: InstallPlan, machine: MachineInfo) -> InstallPlan:
    return finalize(draft_from_text(kickstart_from_plan(plan, reveal_secrets=True), "written.ks"), machine, ABLE)


# --- automatic layouts ---------------------------------------------------------------------------------------

_LUKS = Encryption(passphrase=Secret("open sesame"), tpm2=Tpm2(pcrs=(7, 11)), recovery_key=True)


@pytest.mark.parametrize("scheme", Scheme)
@pytest.mark.parametrize("encryption", [None, _LUKS], ids=["plain", "luks"])
@pytest.mark.parametrize("name", ["two-sata", "nvme-4kn", "server-md", "sata-16tb"])
def test_automatic_layouts(name: str, encryption: Encryption | None, scheme: Scheme) -> None:
    machine = replace(recorded(name), tpm2=True)
    every = tuple(disk.name for disk in machine.disks if not disk.medium)
    automatic = Automatic(scheme=scheme, encryption=encryption, home=True, swap=True)
    request = StorageRequest(clear=Clear.ALL, zero_mbr=True, only_use=every, automatic=automatic)

    plan = finalize(Draft(payload=PAYLOAD, storage=request), machine, ABLE)

    assert again(plan, machine) == plan


# --- what is there already -----------------------------------------------------------------------------------

ARRAYS = """clearpart --none
part biosboot --onpart=sda1 --noformat
part biosboot --onpart=sdb1 --noformat
raid /boot --device=boot --useexisting --fstype=ext4
logvol / --vgname=rl_srv1 --name=root --useexisting --fstype=xfs --label=root
logvol /home --vgname=rl_srv1 --name=home --noformat --fsoptions=nodev
logvol swap --vgname=rl_srv1 --name=swap --noformat
logvol /var --vgname=rl_srv1 --name=var --size=4000 --fstype=ext4 --encrypted --passphrase=p
"""
REMOVED = """clearpart --none --remove=rl_srv1/root,rl_srv1/swap
part biosboot --onpart=sda1 --noformat
raid /boot --device=boot --useexisting --fstype=ext4
volgroup rl_srv1 --useexisting
logvol none --vgname=rl_srv1 --name=pool --thinpool --size=40000
logvol / --vgname=rl_srv1 --name=new --thin --poolname=pool --size=30000
logvol /home --vgname=rl_srv1 --name=home --noformat
"""
SUBVOLUMES = """clearpart --none
part /boot/efi --onpart=nvme0n1p1 --noformat
part /boot --onpart=nvme0n1p2 --fstype=ext4
btrfs none --useexisting LABEL=fedora
btrfs / --subvol --name=new LABEL=fedora --fsoptions=compress=zstd:1
btrfs /home --subvol --name=home --useexisting LABEL=fedora
"""
REPLACED = """clearpart --none --remove=nvme0n1p3:root
part /boot/efi --onpart=nvme0n1p1 --noformat
part /boot --onpart=nvme0n1p2 --fstype=ext4
btrfs / --subvol --name=root LABEL=fedora
btrfs /home --subvol --name=home --useexisting LABEL=fedora
"""
RESIZED = """clearpart --none
part /boot/efi --onpart=nvme0n1p1 --noformat
part / --onpart=nvme0n1p5 --fstype=xfs --label=root
part swap --onpart=nvme0n1p6 --noformat
part /home --onpart=nvme0n1p7 --noformat --resize --size=400000
part /srv --size=30000 --fstype=ext4
"""
ENCRYPTED_ANEW = """clearpart --none
part /boot/efi --onpart=nvme0n1p1 --noformat
part /boot --onpart=nvme0n1p2 --fstype=ext4
part pv.new --onpart=nvme0n1p3 --encrypted --passphrase=p --pbkdf=argon2id
volgroup vg pv.new --reserved-percent=5
logvol / --vgname=vg --name=root --size=9000 --grow
"""
SHRUNK = "clearpart --none --shrink=nvme0n1p3:200000\nautopart --type=btrfs --home\n"
REINSTALLED = "clearpart --none\nautopart --reinstall\n"
MOUNTED = """clearpart --none
mount nvme0n1p1 /boot/efi
mount nvme0n1p2 /boot --reformat
mount LABEL=root / --reformat=ext4 --mkfsoptions='-O ^metadata_csum' --mountoptions=noatime
"""


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("server-md", ARRAYS),
        ("server-md", REMOVED),
        ("laptop-btrfs-fedora", SUBVOLUMES),
        ("laptop-btrfs-fedora", REPLACED),
        ("laptop-btrfs-fedora", REINSTALLED),
        ("dual-boot", RESIZED),
        ("laptop-linux-luks", ENCRYPTED_ANEW),
        ("laptop-windows", SHRUNK),
        ("ostree-home", MOUNTED),
        ("ostree-home", REINSTALLED),
    ],
)
def test_what_is_there_already(name: str, text: str) -> None:
    machine = recorded(name)

    plan = planned(text, machine)

    assert again(plan, machine) == plan


# --- stacks --------------------------------------------------------------------------------------------------

_DISKS = tuple(DiskInfo(name=name, ids=(f"by-id/{name}",), size=64 * GiB) for name in ("vda", "vdb", "vdc", "vdd"))
MACHINE = a_machine(firmware=Firmware.UEFI, disks=_DISKS, tpm2=True)
_LUKS_WORDS = ("", "--encrypted --passphrase=p", "--encrypted --passphrase=p --luks-version=luks1 --tpm2")
_START = "clearpart --all\nzerombr\npart /boot/efi --size=600\npart /boot --size=1024 --fstype=ext4\n"


def _raid(target: str, level: int, luks: str, words: str = "") -> str:
    count = {0: 2, 1: 2, 4: 3, 5: 3, 6: 4, 10: 4}[level]
    names = [f"raid.{level}{number}" for number in range(count)]
    parts = [f"part {name} --size=20000 --ondisk={_DISKS[number].name}\n" for number, name in enumerate(names)]
    return "".join(parts) + f"raid {target} --device=r{level} --level={level} {luks} {words} {' '.join(names)}\n"


def _under(prefix: str, level: int | None, luks: str) -> str:
    """Members `pv.1` or `btrfs.1`: an array, or a partition."""
    if level is not None:
        return _raid(f"{prefix}1", level, luks)
    return f"part {prefix}1 --size=30000 --grow --maxsize=40000 {luks}\n"


def _upper(kind: str, luks: str) -> str:
    inside = f"--size=9000 --grow --fstype=xfs {luks}"
    if kind == "lvm":
        return f"volgroup vg pv.1 --pesize=8192\nlogvol / --vgname=vg --name=root {inside}\n"
    if kind == "thin":
        pool = "logvol none --vgname=vg --name=pool --thinpool --size=15000 --grow --chunksize=128\n"
        return f"volgroup vg pv.1\n{pool}logvol / --vgname=vg --name=root --thin --poolname=pool {inside}\n"
    subvolumes = "btrfs / --subvol --name=root data\nbtrfs none --subvol --name=home data\n"
    return f"btrfs /data --label=data --metadata=single --fsoptions=noatime btrfs.1\n{subvolumes}"


@given(
    kind=st.sampled_from(["lvm", "thin", "btrfs"]),
    level=st.sampled_from([None, 0, 1, 4, 5, 6, 10]),
    lower=st.sampled_from(_LUKS_WORDS),
    upper=st.sampled_from(_LUKS_WORDS[:2]),
)
@settings(max_examples=25, deadline=None)
def test_stacks(kind: str, level: int | None, lower: str, upper: str) -> None:
    text = _START + _under("btrfs." if kind == "btrfs" else "pv.", level, lower) + _upper(kind, upper)
    try:
        plan = planned(text, MACHINE)
    except BadInput:
        assume(False)

    assert again(plan, MACHINE) == plan


@pytest.mark.parametrize(("level", "luks"), list(itertools.product((0, 1, 5, 10), _LUKS_WORDS[:2])))
def test_a_root_on_an_array(level: int, luks: str) -> None:
    plan = planned(_START + _raid("/", level, luks, "--fstype=ext4 --label=root --fsoptions=noatime"), MACHINE)

    assert again(plan, MACHINE) == plan
