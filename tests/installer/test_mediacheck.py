"""The media check finds every file that is not what the manifest says, and nothing else."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from ashore_installer import codec
from ashore_installer.mediacheck import BOOT_IMAGE, INFO, check_tree, content_digest, info_text, is_the_manifest
from ashore_installer.medium import MANIFEST, MediumFile, MediumManifest
from tests.fakes.values import an_image

CONTENTS = {
    BOOT_IMAGE: bytes(range(256)) * 16,
    "images/pxeboot/vmlinuz": b"kernel" * 100,
    "LiveOS/squashfs.img": b"root" * 600_000,
}


def a_tree(root: Path) -> MediumManifest:
    """A medium's files at `root`, with their manifest among them."""
    files = []
    for path, content in CONTENTS.items():
        put(root, path, content)
        with (root / path).open("rb") as stream:
            files.append(MediumFile(path=path, size=len(content), sha256=content_digest(path, stream)))
    manifest = MediumManifest(
        ashore="0", volume_id="X", created="", source="", target="", image=an_image(), runtime="", files=tuple(files)
    )
    text = codec.to_json(manifest).encode()
    put(root, str(MANIFEST), text)
    put(root, INFO, info_text("A medium", text).encode())
    return manifest


def put(root: Path, path: str, content: bytes) -> None:
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_bytes(content)


def test_an_untouched_medium_is_whole_and_progress_ends_at_its_size(tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    assert check_tree(tmp_path, a_tree(tmp_path), lambda done, total: seen.append((done, total))) == ()
    total = sum(map(len, CONTENTS.values()))
    assert seen[-1] == (total, total)
    assert seen == sorted(seen)
    assert len(seen) > len(CONTENTS)  # a large file reports more than its end


@pytest.mark.parametrize("path", CONTENTS)
def test_one_changed_byte_is_found(tmp_path: Path, path: str) -> None:
    manifest = a_tree(tmp_path)
    content = bytearray(CONTENTS[path])
    content[-1] ^= 1
    put(tmp_path, path, bytes(content))
    assert check_tree(tmp_path, manifest) == (path,)


def test_missing_short_and_unreadable_files_are_named_in_their_order(tmp_path: Path) -> None:
    manifest = a_tree(tmp_path)
    (tmp_path / "images/pxeboot/vmlinuz").unlink()
    (tmp_path / "images/pxeboot/vmlinuz").mkdir()
    put(tmp_path, "LiveOS/squashfs.img", b"root")
    (tmp_path / BOOT_IMAGE).unlink()
    assert check_tree(tmp_path, manifest) == (BOOT_IMAGE, "images/pxeboot/vmlinuz", "LiveOS/squashfs.img")


@pytest.mark.parametrize("path", [str(MANIFEST), INFO])
def test_a_damaged_manifest_or_its_digest_is_found(tmp_path: Path, path: str) -> None:
    manifest = a_tree(tmp_path)
    content = (tmp_path / path).read_bytes()
    put(tmp_path, path, content.replace(b"manifest sha256:", b"manifest sha256:0") + b" ")
    assert check_tree(tmp_path, manifest) == (str(MANIFEST),)


def test_addresses_in_the_boot_image_do_not_count(tmp_path: Path) -> None:
    manifest = a_tree(tmp_path)
    content = bytearray(CONTENTS[BOOT_IMAGE])
    content[8:64] = b"\xaa" * 56
    content[2548:2556] = b"\xbb" * 8
    put(tmp_path, BOOT_IMAGE, bytes(content))
    assert check_tree(tmp_path, manifest) == ()
    content[64] ^= 1
    put(tmp_path, BOOT_IMAGE, bytes(content))
    assert check_tree(tmp_path, manifest) == (BOOT_IMAGE,)


def test_other_files_have_their_plain_sha256(tmp_path: Path) -> None:
    manifest = a_tree(tmp_path)
    (kernel,) = (file for file in manifest.files if file.path.endswith("vmlinuz"))
    assert kernel.sha256 == hashlib.sha256(CONTENTS[kernel.path]).hexdigest()


def test_info_vouches_for_one_manifest_only() -> None:
    info = info_text("Ashore 1", b"{}")
    assert is_the_manifest(b"{}", info)
    assert not is_the_manifest(b"{} ", info)
    assert not is_the_manifest(b"{}", "Debian GNU/Linux 13")
