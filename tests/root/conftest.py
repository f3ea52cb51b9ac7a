"""Disks that are loop devices, for tests of storage."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ashore_installer.units import GiB
from tests.root.loopdisks import attached, btrfs_known, let_blivet_see_loops, sparse
from tests.root.rpms import Laboratory


@pytest.fixture(scope="session")
def loops(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """blivet takes loop devices for disks."""
    let_blivet_see_loops(tmp_path_factory.mktemp("libblockdev"))
    with btrfs_known():
        yield


@pytest.fixture
def image(tmp_path: Path) -> Path:
    """What is on the disk `node`."""
    path = tmp_path / "disk.img"
    sparse(path, 4 * GiB)
    return path


@pytest.fixture
def node(image: Path) -> Iterator[str]:
    with attached(image) as found:
        yield found


@pytest.fixture(scope="session")
def laboratory(tmp_path_factory: pytest.TempPathFactory) -> Laboratory:
    """Tiny RPM packages, signed and not."""
    return Laboratory.create(tmp_path_factory.mktemp("laboratory"))
