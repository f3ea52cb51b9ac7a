"""What is known of packages before the first write: checks, what is added to them, and room for them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ashore_installer.check import check
from ashore_installer.errors import BadInput
from ashore_installer.finalize import finalize
from ashore_installer.machine import Firmware, MachineInfo
from ashore_installer.package_plan import PackagesInfo, Repository
from ashore_installer.payload.check_packages import check_packages, package_names
from ashore_installer.payload.requirements import langpacks, with_required
from ashore_installer.plan import Draft, SystemPlan
from ashore_installer.secret import Secret
from ashore_installer.sources import resolve
from ashore_installer.storage.check_mounts import check_mounts
from ashore_installer.storage.needs import root_minimum
from ashore_installer.storage_plan import Encryption, Format, MountPlan, PartitionPlan
from ashore_installer.storage_request import Automatic, Clear, PartitionRequest, Scheme, StorageRequest
from ashore_installer.units import GiB, MiB
from tests.fakes.packages import NAMES, FakePackages, a_package, a_package_plan, a_payload, some_packages
from tests.fakes.values import DISK, a_machine, an_image

UEFI = a_machine(firmware=Firmware.UEFI)


def messages(info: PackagesInfo, machine: MachineInfo | None = None) -> str:
    return "\n".join(one.message for one in check_packages(a_payload(), machine or a_machine(), info))


def test_a_system_that_boots_has_no_problems() -> None:
    assert messages(some_packages()) == ""
    assert messages(some_packages(grub_efi_vendor="lagoon"), UEFI) == ""


@pytest.mark.parametrize(
    ("info", "machine", "said"),
    [
        (some_packages(architecture="arm64"), None, "made for arm64, not for amd64"),
        (some_packages(kernel=""), None, "no kernel"),
        (some_packages(*(name for name in NAMES if "dracut" not in name)), None, "no dracut"),
        (some_packages(*(name for name in NAMES if "tools" not in name)), None, "no grub2-mkconfig"),
        (some_packages(*(name for name in NAMES if "grub2-pc" not in name)), None, "boots by BIOS"),
        (some_packages(), UEFI, "boots by UEFI"),
        (some_packages(packages=()), None, "No packages are chosen"),
        (some_packages(architecture="arm64"), a_machine(architecture="arm64"), "boot loader of packages on arm64"),
    ],
)
def test_what_would_not_boot_is_refused(info: PackagesInfo, machine: MachineInfo | None, said: str) -> None:
    assert said in messages(info, machine)


def test_a_repository_of_the_medium_can_not_stay() -> None:
    medium = Repository(id="disc", baseurls=("medium:/Packages",), install=True)
    found = check_packages(a_payload(repositories=(medium,)), a_machine(), some_packages())
    assert [one.message for one in found] == [
        "The repository disc is on the medium, where the installed system will not find it."
    ]


def test_names_are_read_from_nevras() -> None:
    info = some_packages("grub2-tools-1:2.14-4.x86_64", "python3-dnf-plugin-x-1-2.noarch")
    assert package_names(info) == {"grub2-tools", "python3-dnf-plugin-x"}


# --- what is added -------------------------------------------------------------------------------------------


def required(storage: StorageRequest | None, machine: MachineInfo, **changes: object) -> tuple[str, ...]:
    payload = replace(a_payload(packages=("bash",)), **changes)  # type: ignore[arg-type]
    draft = Draft(packages=payload, storage=storage)
    once = with_required(payload, draft, machine)
    assert with_required(once, draft, machine) == once
    assert once.packages[: len(payload.packages)] == payload.packages
    return once.packages[len(payload.packages) :]


ERASE = StorageRequest(clear=Clear.ALL, zero_mbr=True, automatic=Automatic())


@pytest.mark.parametrize(
    ("locale", "names"),
    [
        ("de_DE.UTF-8", ("langpacks-de_DE", "langpacks-de")),
        ("sr_RS@latin", ("langpacks-sr_RS", "langpacks-sr")),
        ("eo.UTF-8", ("langpacks-eo",)),
        ("C.UTF-8", ()),
        ("", ()),
    ],
)
def test_the_packages_of_a_language_are_those_of_the_country_or_of_the_language(
    locale: str, names: tuple[str, ...]
) -> None:
    assert langpacks(locale) == names


def test_the_language_is_that_of_the_draft() -> None:
    draft = Draft(packages=a_payload(), system=SystemPlan(locale="de_DE.UTF-8"))
    assert with_required(a_payload(), draft, a_machine()).locale == "de_DE.UTF-8"


def test_the_boot_loader_of_the_machine_is_added() -> None:
    assert required(None, a_machine()) == ("kernel", "grub2-tools", "grub2-pc")
    assert required(None, UEFI) == ("kernel", "grub2-tools", "grub2-efi-x64", "shim-x64", "efibootmgr")


def test_another_kernel_is_one_and_what_is_excluded_stays_out() -> None:
    assert required(None, a_machine(), packages=("kernel-rt",)) == ("grub2-tools", "grub2-pc")
    assert "grub2-pc" not in required(None, a_machine(), excludes=("grub2-pc",))


@pytest.mark.parametrize(
    ("automatic", "names"),
    [
        (Automatic(), {"xfsprogs", "e2fsprogs"}),
        (Automatic(scheme=Scheme.LVM, format=Format.EXT4), {"lvm2", "e2fsprogs"}),
        (Automatic(scheme=Scheme.BTRFS), {"btrfs-progs", "e2fsprogs"}),
        (
            Automatic(encryption=Encryption(passphrase=Secret("open sesame"))),
            {"cryptsetup", "xfsprogs", "e2fsprogs"},
        ),
    ],
)
def test_what_the_disks_need_is_added(automatic: Automatic, names: set[str]) -> None:
    added = set(required(replace(ERASE, automatic=automatic), a_machine()))
    assert added - {"kernel", "grub2-tools", "grub2-pc"} == names


def test_a_layout_that_can_not_be_adds_nothing() -> None:
    """What is wrong with it is said when the plan is made."""
    storage = StorageRequest(partitions=(PartitionRequest(mount="/", size=900 * GiB),), clear=Clear.ALL)
    assert required(storage, a_machine()) == ("kernel", "grub2-tools", "grub2-pc")


# --- from a draft to a plan ----------------------------------------------------------------------------------


def test_a_draft_with_packages_becomes_a_plan_with_what_they_need() -> None:
    packages, machine = FakePackages(), a_machine()
    draft, info = resolve(Draft(packages=a_payload(), storage=ERASE), machine=machine, packages=packages)
    assert draft.packages is not None
    assert "grub2-pc" in draft.packages.packages
    plan = finalize(draft, machine, info)
    assert plan.payload == draft.packages
    assert check(plan, machine, info) == ()
    assert packages.calls == [("resolve", draft.packages)]


def test_without_a_machine_only_what_was_named_is_resolved() -> None:
    draft, _ = resolve(Draft(packages=a_payload()), packages=FakePackages())
    assert draft.packages == a_payload()


def test_without_repositories_there_is_nothing_to_resolve() -> None:
    with pytest.raises(BadInput, match="where packages come from"):
        resolve(Draft(packages=a_payload(repositories=())), packages=FakePackages())


def test_packages_and_an_image_are_not_taken_for_each_other() -> None:
    with pytest.raises(TypeError):
        finalize(Draft(packages=a_payload(), storage=ERASE), a_machine(), an_image())
    with pytest.raises(TypeError):
        check(a_package_plan(), a_machine(), an_image())


# --- room and mount points -----------------------------------------------------------------------------------


def test_the_root_takes_what_is_fetched_beside_what_is_installed() -> None:
    small = some_packages(unpacked_size=4 * GiB)
    large = replace(small, packages=(*small.packages, a_package("big-1-1.noarch", download_size=2 * GiB)))
    more = [root_minimum(info, Format.EXT4, holds_boot=False) for info in (small, large)]
    assert more[0] > 4 * GiB
    assert more[1] - more[0] >= 2 * GiB


def test_packages_that_do_not_fit_are_refused_before_the_first_write() -> None:
    problems = check(a_package_plan(), a_machine(), some_packages(unpacked_size=40 * GiB))
    assert any("The file system / is too small" in one.message for one in problems)


def with_mount(path: str, *, keep_root: bool = False) -> str:
    plan = a_package_plan()
    more = PartitionPlan(id="more", disk=DISK.id, start=19500 * MiB, size=500 * MiB, format=Format.XFS)
    partitions = tuple(replace(one, keep=one.id == "root" and keep_root) for one in plan.storage.partitions)
    storage = replace(
        plan.storage,
        partitions=(*partitions, more),
        mounts=(*plan.storage.mounts, MountPlan(device="more", path=path)),
    )
    return "\n".join(one.message for one in check_mounts(storage, a_machine(), some_packages()))


@pytest.mark.parametrize("path", ["/usr", "/var/log", "/data", "/home", "/var"])
def test_most_directories_can_be_separate(path: str) -> None:
    assert with_mount(path) == ""


@pytest.mark.parametrize("path", ["/etc", "/etc/sub", "/bin", "/lib64", "/proc", "/run"])
def test_what_the_system_starts_from_can_not(path: str) -> None:
    assert "starts from" in with_mount(path)


def test_packages_do_not_go_into_a_root_that_stays() -> None:
    assert "only installed into an empty one" in with_mount("/data", keep_root=True)
