"""The machines that VM tests share. Each case is installed and booted once, by the process that runs its tests."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from ashore_isogen.report import Quiet
from ashore_isogen.sample.build import ensure_sample
from tests.vm.cases import Case
from tests.vm.driver import Vm
from tests.vm.media import ImageFacts, bake, facts_of
from tests.vm.system import Hardware, System, free_port, install, new_hardware, ssh_key
from tests.vm.updates import Update, ensure_update


@pytest.fixture(scope="class")
def case(request: pytest.FixtureRequest) -> Case:
    """The case that a class of tests is about; pytest-xdist keeps a class in one process."""
    chosen: Case = request.cls.case
    return chosen


@pytest.fixture(scope="module")
def big() -> Iterator[Path]:
    """A directory for disks and ISOs; /tmp may be in memory."""
    with tempfile.TemporaryDirectory(prefix="ashore-vm-", dir="/var/tmp") as directory:
        yield Path(directory)


@pytest.fixture(scope="module")
def logs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where consoles are written down. $ASHORE_VM_LOGS keeps them where one can find them."""
    chosen = os.environ.get("ASHORE_VM_LOGS")
    if not chosen:
        return tmp_path_factory.mktemp("vm-logs")
    Path(chosen).mkdir(parents=True, exist_ok=True)
    return Path(tempfile.mkdtemp(dir=chosen))


@pytest.fixture(scope="session")
def sample() -> Path:
    """The OCI layout with versions 1 and 2 of the sample image."""
    return ensure_sample(report=Quiet())


@pytest.fixture(scope="session")
def facts(sample: Path) -> ImageFacts:
    return facts_of(sample, "1")


@pytest.fixture(scope="session")
def key(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return ssh_key(tmp_path_factory.mktemp("ssh"))


@pytest.fixture(scope="session")
def update(sample: Path) -> Update:
    return ensure_update(sample)


@pytest.fixture(scope="class")
def installed(case: Case, sample: Path, key: Path, big: Path, logs: Path) -> Hardware:
    """A machine on whose disk the case was installed from an ISO, without a touch."""
    place = Path(tempfile.mkdtemp(prefix=f"{case.name}-", dir=big))
    kickstart = place / "ks.cfg"
    kickstart.write_text(case.text(key.with_suffix(".pub").read_text().strip()))
    iso = bake(sample, "1", kickstart, place / "ashore.iso", Quiet())
    hardware = new_hardware(case.firmware, case.bus, place)
    install(hardware, iso, logs / f"{place.name}-install")
    iso.unlink()
    return hardware


@pytest.fixture(scope="class")
def system(case: Case, installed: Hardware, update: Update, logs: Path) -> Iterator[System]:
    """The installed system, booted from its disk alone."""
    port = free_port()
    machine = installed.machine(disks=(update.attached(),), ssh=port)
    with Vm(machine, logs / f"{installed.disk.parent.name}-boot") as vm:
        system = System(vm, case, port)
        system.login()
        yield system
