"""Only packages that the plan's keys have signed get installed, and no other key gets into the target."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from ashore_installer.package_plan import SigningKey
from ashore_installer.payload.package_protocol import FailureKind, PackagesFailed
from tests.root.packaging import Bench, names
from tests.root.rpms import Laboratory, index, installed

pytestmark = [pytest.mark.root, pytest.mark.needs("rpmbuild", "createrepo_c", "gpg")]

DATABASE = "/usr/lib/sysimage/rpm"


@pytest.fixture
def bench(laboratory: Laboratory, tmp_path: Path) -> Bench:
    return Bench(path=tmp_path, laboratory=laboratory)


def main(bench: Bench, *, signed: bool = True) -> str:
    return bench.laboratory.repository(bench.path / "main", "weak", "rpm", signed=signed).as_uri()


def wrong_key(bench: Bench) -> SigningKey:
    return SigningKey(location=bench.laboratory.wrong.public_key(bench.path / "wrong.asc").as_uri())


def refused(bench: Bench, payload_key: SigningKey | None, url: str, message: str) -> None:
    """Whoever refuses it, nothing gets into the target's rpm database."""
    keys = () if payload_key is None else (payload_key,)
    with pytest.raises(PackagesFailed, match=message) as caught:
        bench.install(bench.payload(bench.repository(url, keys=keys), "weak"))
    assert caught.value.kind is FailureKind.UNTRUSTED
    assert not (bench.target / DATABASE.lstrip("/")).exists()


def test_the_right_key_is_enrolled(bench: Bench) -> None:
    bench.install(bench.payload(bench.repository(main(bench)), "weak"))
    (key,) = installed(bench.target, DATABASE, "gpg-pubkey*")
    assert bench.laboratory.right.fingerprint.lower()[-8:] in key
    assert "weak-1-1.noarch" in installed(bench.target, DATABASE)


def test_wrong_key(bench: Bench) -> None:
    message = r"The package weak-1-1\.noarch of the repository main is signed by a key that isn't the repository's"
    refused(bench, wrong_key(bench), main(bench), message)


def test_unsigned_package(bench: Bench) -> None:
    refused(bench, bench.key(), main(bench, signed=False), r"weak-1-1\.noarch of the repository main is not signed")


def test_package_that_was_changed_and_indexed_again(bench: Bench) -> None:
    url = main(bench)
    package = bench.path / "main" / "weak-1.rpm"
    content = bytearray(package.read_bytes())
    content[-20] ^= 1
    package.write_bytes(content)
    index(bench.path / "main")
    refused(bench, bench.key(), url, r"weak-1-1\.noarch of the repository main was changed")


def test_package_that_is_not_what_the_metadata_says(bench: Bench) -> None:
    payload = bench.payload(bench.repository(main(bench)), "weak", retries=1)
    info = bench.resolve(payload)
    package = bench.path / "main" / "weak-1.rpm"
    content = bytearray(package.read_bytes())
    content[-20] ^= 1
    package.write_bytes(content)
    with pytest.raises(PackagesFailed, match=r"weak-1-1\.noarch could not be fetched") as caught:
        bench.libdnf5.download(payload, info, bench.target)
    assert caught.value.kind is FailureKind.DOWNLOAD


def test_repository_without_a_key(bench: Bench) -> None:
    refused(bench, None, main(bench), "The repository main names no key")


def test_key_with_another_fingerprint(bench: Bench) -> None:
    key = replace(wrong_key(bench), fingerprint=bench.key().fingerprint)
    refused(bench, key, main(bench), "is not the one that was named")


def test_place_without_a_key(bench: Bench) -> None:
    url = main(bench)
    refused(bench, SigningKey(location=f"{url}/none.asc"), url, "can't be used: no such file")


def test_switched_off(bench: Bench) -> None:
    repository = bench.repository(main(bench, signed=False), keys=(), gpgcheck=False)
    bench.install(bench.payload(repository, "weak"))
    assert installed(bench.target, DATABASE) == {"weak-1-1.noarch"}


def test_a_key_is_good_for_its_own_repository_only(bench: Bench) -> None:
    first = bench.repository(main(bench), id="first", keys=(wrong_key(bench),), includes=("weak",))
    second = bench.repository(main_again(bench), id="second", includes=("rpm",))
    payload = replace(bench.payload(first, "weak", "rpm"), repositories=(first, second))
    with pytest.raises(PackagesFailed) as caught:
        bench.install(payload)
    assert len(caught.value.details) == 1
    assert "weak-1-1.noarch of the repository first" in caught.value.details[0]


def main_again(bench: Bench) -> str:
    return bench.laboratory.repository(bench.path / "again", "weak", "rpm").as_uri()


def test_signed_metadata(bench: Bench) -> None:
    repository = bench.repository(main(bench), repo_gpgcheck=True)
    bench.laboratory.right.sign_metadata(bench.path / "main")
    assert names(bench.resolve(bench.payload(repository, "weak"))) == {"weak"}


@pytest.mark.parametrize("signer", ["wrong", ""])
def test_metadata_that_is_not_signed_right(bench: Bench, signer: str) -> None:
    repository = bench.repository(main(bench), repo_gpgcheck=True)
    if signer:
        bench.laboratory.wrong.sign_metadata(bench.path / "main")
    with pytest.raises(PackagesFailed, match="The repository main can't be used") as caught:
        bench.resolve(bench.payload(repository, "weak"))
    assert caught.value.kind is FailureKind.REPOSITORY


def test_keys_are_shown(bench: Bench) -> None:
    (key,) = bench.libdnf5.keys(bench.payload(bench.repository(main(bench))), "amd64")
    assert key.fingerprint == bench.laboratory.right.fingerprint
    assert key.user_ids == ("right <right@example.org>",)
