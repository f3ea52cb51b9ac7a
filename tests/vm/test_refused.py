"""What can't be installed is refused with a reason, and the disks stay as they were. One live boot serves all cases."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from ashore_installer.units import GiB, MiB
from ashore_isogen.oci import ImageSpec, Layer, LayoutWriter, tar_bytes
from ashore_isogen.qemu.spec import Disk, Machine, Medium
from ashore_isogen.report import Quiet
from tests.vm.driver import Vm
from tests.vm.guest import Guest, Result
from tests.vm.media import ImageFacts, bake, damage
from tests.vm.system import BOOT

pytestmark = [pytest.mark.vm, pytest.mark.timeout(5400)]

PASSWORD = "Fair winds, 7 knots"
ANSWERS = (
    (r"Number to change, Enter to go on: $", ""),
    (r"Number to change, Enter for what is to do: $", ""),
    (r"(\d+)\) vdb (?s:.)*Disks, by number.*: $", r"\1"),
    (r"Root password \(not shown.*: $", PASSWORD),
    (r"The same again: $", PASSWORD),
    (r"Type yes to install, m to change something: $", "yes"),
)
"""What a person answers to what `ashore --plain` asks, to put the image on the second disk."""

KICKSTART = "zerombr\nclearpart --all --initlabel\nignoredisk --only-use=disk/by-id/virtio-{disk}\nautopart\n{more}\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Live:
    """A live system without a kickstart, from a medium with a damaged layer, and the disks of its machine."""

    guest: Guest
    disks: dict[str, Path]

    def install(self, disk: str, more: str = "") -> Result:
        self.guest.write("/run/try.ks", KICKSTART.format(disk=disk, more=more))
        return self.guest.run("ashore install --yes --kickstart /run/try.ks", 120)

    def edges(self, disk: str) -> tuple[bytes, bytes]:
        """The first and the last MiB, as they are on this host."""
        with self.disks[disk].open("rb") as file:
            first = file.read(MiB)
            file.seek(-MiB, os.SEEK_END)
            return first, file.read(MiB)


def a_disk(path: Path, size: int) -> Path:
    """A disk with something in its first and last MiB that must not get lost."""
    with path.open("xb") as file:
        file.truncate(size)
        file.write(os.urandom(MiB))
        file.seek(-MiB, os.SEEK_END)
        file.write(os.urandom(MiB))
    return path


@pytest.fixture(scope="module")
def images(big: Path) -> Path:
    """A disk with an image that has no kernel, as an OCI layout."""
    tree = big / "images" / "no-kernel"
    writer = LayoutWriter(tree)
    layer = writer.add_layer(Layer(entries=tar_bytes(()), made_by="nothing"))
    labels = {"containers.bootc": "1"}
    writer.add_image("1", ImageSpec(layers=(layer,), architecture="amd64", labels=labels, created=0))
    writer.finish()
    disk = big / "images.raw"
    subprocess.run(["mkfs.ext4", "-q", "-d", tree.parent, disk, "16M"], check=True)
    return disk


@pytest.fixture(scope="module")
def live(sample: Path, facts: ImageFacts, images: Path, big: Path, logs: Path) -> Iterator[Live]:
    iso = bake(sample, "1", None, big / "damaged.iso", Quiet(), kargs=("ashore.shell",))
    damage(iso, facts.layers[0])
    disks = {"tiny": a_disk(big / "tiny.raw", 1 * GiB), "good": a_disk(big / "good.raw", 12 * GiB)}
    attached = [Disk(path=path, serial=name, scratch=True) for name, path in disks.items()]
    attached.append(Disk(path=images, serial="images", readonly=True))
    machine = Machine(disks=tuple(attached), medium=Medium(path=iso, boot=1))
    with Vm(machine, logs / "refused") as vm:
        vm.console.expect("^ashore: ready$", BOOT * vm.patience)
        guest = vm.guest()
        guest.expect("# ?$", 30)
        guest.attach()
        guest.hush()
        guest.out("mkdir /run/images && mount -o ro /dev/disk/by-id/virtio-images /run/images")
        yield Live(guest=guest, disks=disks)


def test_a_disk_that_is_too_small_is_refused(live: Live) -> None:
    before = live.edges("tiny")
    result = live.install("tiny")
    assert result.status == 2
    assert "There is no room for /boot: it needs 1.0 GiB" in result.stderr
    assert live.edges("tiny") == before


def test_a_damaged_layer_is_found_before_the_first_write(live: Live, facts: ImageFacts) -> None:
    before = live.edges("good")
    result = live.install("good")
    assert result.status == 1
    assert facts.layers[0] in result.stdout
    assert "ashore: installation finished (status 1)" in result.stdout
    assert live.edges("good") == before


def test_an_image_without_kernel_is_refused(live: Live) -> None:
    before = live.edges("good")
    source = "oci:/run/images/no-kernel:1"
    result = live.install("good", f"bootc --source-imgref={source} --target-imgref=docker://registry.example/x:1")
    assert result.status == 2
    assert "kernel" in result.stderr
    assert live.edges("good") == before


def test_a_kickstart_that_asks_for_what_is_not_there_is_refused_by_line(live: Live) -> None:
    before = live.edges("good")
    result = live.install("good", "module --name=nodejs --stream=20")
    assert result.status == 2
    assert "line 5" in result.stderr
    assert live.edges("good") == before


def test_packages_that_are_nowhere_are_refused(live: Live) -> None:
    before = live.edges("good")
    result = live.install("good", "%packages\nvim\n%end")
    assert result.status == 2
    assert "there are none on it" in result.stderr
    assert live.edges("good") == before


def test_a_person_on_plain_lines_is_told_the_same(live: Live, facts: ImageFacts) -> None:
    """The whole conversation, as a screen reader has it: a terminal that knows nothing but lines."""
    before, guest = live.edges("good"), live.guest
    guest.leave('stty echo; TERM=dumb ashore --plain; echo "<plain:$?>"; stty -echo')

    answer_until(guest, r"^\[ ?1/\d+\] Check the image$")
    assert PASSWORD not in guest.console.tail(1000)
    guest.expect(facts.layers[0], 120)
    (number,) = re.findall(r"(\d)\) Leave", guest.expect(r"\d\) Leave(?s:.)*Number: $", 30))
    guest.leave(number)

    assert guest.expect(r"^<plain:\d+>", 30) == "<plain:1>"
    assert live.edges("good") == before


def answer_until(guest: Guest, end: str) -> None:
    """Answer whatever is asked until what is said matches `end`."""
    while True:
        said = guest.expect("|".join(f"(?:{pattern})" for pattern in (end, *dict(ANSWERS))), 120)
        for pattern, answer in ANSWERS:
            if found := re.search(pattern, said, re.MULTILINE):
                guest.leave(found.expand(answer))
                break
        else:
            return


def test_the_machine_is_fine_after_all_that(live: Live) -> None:
    assert live.guest.out("findmnt -n /run/ashore/target || echo free") == "free"
    assert live.guest.out("systemctl is-system-running --wait || true", 60) == "running"
