"""The package repository of a medium, as plans name it and as it is found."""

from __future__ import annotations

from pathlib import Path

import pytest

from ashore_installer.errors import BadInput
from ashore_installer.medium import PACKAGES, medium_repositories, with_medium
from ashore_installer.package_plan import MEDIUM_REPOSITORY, PackagePayload, Repository

MEANT = Repository(id="medium", baseurls=(MEDIUM_REPOSITORY,))
OTHER = Repository(id="x", baseurls=("http://x.example/",))


@pytest.fixture
def medium(tmp_path: Path) -> Path:
    for path in ("repodata/repomd.xml", "keys/1.asc"):
        (tmp_path / PACKAGES / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / PACKAGES / path).touch()
    return tmp_path


def test_what_means_the_medium_becomes_its_repository(medium: Path) -> None:
    found = with_medium(PackagePayload(repositories=(OTHER, MEANT), packages=("vim",)), medium)

    assert found == PackagePayload(repositories=(OTHER, *medium_repositories(medium)), packages=("vim",))
    assert found.repositories[1].baseurls == (f"medium:{PACKAGES}",)
    assert found.repositories[1].gpgcheck


def test_a_medium_without_packages_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"^Packages are to come from the medium, but there are none on it\."):
        with_medium(PackagePayload(repositories=(MEANT,)), tmp_path)


def test_other_repositories_need_no_medium(tmp_path: Path) -> None:
    payload = PackagePayload(repositories=(OTHER,))

    assert with_medium(payload, tmp_path) == payload
