"""Building media for real, of dummy parts: what is refused leaves nothing behind, what is built is always the same."""

from __future__ import annotations

import os
import stat
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ashore_installer.errors import BadInput
from ashore_installer.mediacheck import check_tree
from ashore_installer.medium import KICKSTART, PAYLOAD, PAYLOAD_TAG, MediumManifest, payload_source, read_manifest
from ashore_installer.payload.layout import open_image, verify_blobs
from ashore_installer.run import CommandFailed, Commands, Runner
from ashore_isogen.build import BuildRequest, build_iso
from ashore_isogen.cache import Cache
from ashore_isogen.live import LiveRuntime
from tests.fakes.media import Notes, a_layout, a_runtime, an_image_spec
from tests.fakes.registry import serving


class Bench:
    """A directory with all inputs, and another one for the output."""

    def __init__(self, directory: Path) -> None:
        self.out = directory / "out"
        self.out.mkdir(parents=True)
        self.runtime: LiveRuntime = a_runtime(directory / "runtime")
        self.request = BuildRequest(image=a_layout(directory / "layout"), output=self.out / "x.iso")
        self.notes = Notes()

    def build(self, run: Runner | None = None, cache: Cache | None = None, **changes: Any) -> MediumManifest:
        request = replace(self.request, **changes)
        return build_iso(request, self.runtime, run or Commands(), self.notes, cache=cache)

    def left(self) -> list[str]:
        return sorted(path.name for path in self.out.iterdir())


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def extracted(iso: Path, directory: Path) -> Path:
    """The file system of the ISO, as the live system would see it."""
    argv = ["xorriso", "-osirrox", "on", "-indev", f"stdio:{iso}", "-extract", "/", str(directory)]
    subprocess.run(argv, check=True, capture_output=True)
    return directory


def test_the_live_system_finds_everything_on_the_medium(bench: Bench, tmp_path: Path) -> None:
    manifest = bench.build(kargs=("nomodeset",))
    root = extracted(bench.request.output, tmp_path / "root")
    assert read_manifest(root) == manifest
    assert check_tree(root, manifest) == ()
    listed = {file.path for file in manifest.files} | {"ashore/manifest.json", ".disk/info"}
    assert {str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()} == listed
    image = open_image(root / PAYLOAD, PAYLOAD_TAG)
    verify_blobs(image)
    assert manifest.image is not None
    assert image.digest == manifest.image.manifest_digest
    assert (root / "LiveOS/squashfs.img").read_bytes() == bench.runtime.squashfs.read_bytes()
    assert "root=live:CDLABEL=" + manifest.volume_id in (root / "boot/grub/grub.cfg").read_text()
    assert bench.left() == ["x.iso"]


def test_the_manifest_says_what_was_asked_for(bench: Bench) -> None:
    manifest = bench.build(kargs=("a=b",), target="docker://quay.io/x/y:1", volume_id="MINE")
    assert (manifest.kargs, manifest.target, manifest.volume_id) == (("a=b",), "docker://quay.io/x/y:1", "MINE")
    assert manifest.source == "oci:layout:v1"
    assert manifest.created == "2026-01-01T00:00:00Z"
    assert manifest.runtime == bench.runtime.digest
    assert manifest.image is not None
    assert manifest.image.kernel == "6.18.1-amd64"
    assert not manifest.kickstart


def test_the_image_is_embedded_once_with_its_index(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    a_layout(tmp_path / "multi", an_image_spec(architecture="arm64", entries=[]), an_image_spec())
    manifest = bench.build(image=f"oci:{tmp_path / 'multi'}:v1")
    root = extracted(bench.request.output, tmp_path / "root")
    image = open_image(root / PAYLOAD, PAYLOAD_TAG)
    assert manifest.image is not None
    assert image.digest == manifest.image.manifest_digest != image.platform_digest
    assert len(list((root / PAYLOAD / "blobs/sha256").iterdir())) == 3 + len(image.layers)
    argv = ["skopeo", "--override-arch", "amd64", "inspect", "--format", "{{.Architecture}}", payload_source(root)]
    assert subprocess.run(argv, capture_output=True, text=True, check=True).stdout == "amd64\n"


def test_an_image_of_a_registry(bench: Bench, tmp_path: Path) -> None:
    with serving() as registry:
        digest = registry.add(tmp_path / "layout", "v1", "a/b:v1")
        name = f"docker://{registry.host}/a/b:v1"
        manifest = bench.build(image=name, tls_verify=False)
    assert manifest.source == manifest.target == name
    assert manifest.image is not None
    assert manifest.image.manifest_digest == digest
    assert bench.left() == ["x.iso"]


def test_a_kickstart_is_copied_as_it_is_and_the_iso_is_private(bench: Bench, tmp_path: Path) -> None:
    content = b"rootpw --iscrypted $6$x\n# \xff\r\n"
    (tmp_path / "ks.cfg").write_bytes(content)
    manifest = bench.build(kickstart=tmp_path / "ks.cfg")
    root = extracted(bench.request.output, tmp_path / "root")
    assert manifest.kickstart
    assert (root / KICKSTART).read_bytes() == content
    assert "ERASES DISKS" in (root / "boot/grub/grub.cfg").read_text()
    assert stat.S_IMODE(bench.request.output.stat().st_mode) == 0o600


def test_without_a_kickstart_the_umask_decides(bench: Bench) -> None:
    before = os.umask(0o027)
    try:
        bench.build()
    finally:
        os.umask(before)
    assert stat.S_IMODE(bench.request.output.stat().st_mode) == 0o640


def test_same_inputs_same_bytes(tmp_path: Path) -> None:
    first = Bench(tmp_path / "first")
    (first.out / "ks.cfg").write_text("reboot\n")
    one = first.build(kickstart=first.out / "ks.cfg", kargs=("a",))
    time.sleep(2.1)
    second = Bench(tmp_path / "second place")
    shuffle(second)
    (second.out / "other.ks").write_text("reboot\n")
    second.request = replace(second.request, output=second.out / "y.iso")
    two = second.build(Abroad(), kickstart=second.out / "other.ks", kargs=("a",))
    assert one == two
    assert first.request.output.read_bytes() == second.request.output.read_bytes()


class Abroad(Commands):
    """A machine in another time zone, where another language is spoken."""

    def run(
        self, argv: Sequence[str | os.PathLike[str]], *, stdin: bytes | None = None,
        cwd: Path | None = None, env: Mapping[str, str] | None = None,
    ) -> str:  # fmt: skip
        return super().run(argv, stdin=stdin, cwd=cwd, env={"TZ": "America/New_York", "LANG": "tr_TR", **(env or {})})


def shuffle(bench: Bench) -> None:
    """Give the same files other inodes, times and modes, in another order."""
    for path in sorted(bench.runtime.directory.rglob("*"), reverse=True):
        if path.is_file():
            content = path.read_bytes()
            path.unlink()
            path.write_bytes(content)
            path.chmod(0o600)
            os.utime(path, (1, 1))


def test_other_inputs_other_label(bench: Bench) -> None:
    one, two = bench.build(), bench.build(kargs=("quiet",))
    assert one.volume_id != two.volume_id


def test_an_existing_iso_is_replaced_only_by_a_whole_one(bench: Bench) -> None:
    bench.request.output.write_bytes(b"old")
    with pytest.raises(KeyboardInterrupt):
        bench.build(Failing(KeyboardInterrupt()))
    assert bench.request.output.read_bytes() == b"old"
    assert bench.left() == ["x.iso"]


def test_what_is_known_of_an_image_and_a_runtime_is_used_again_and_compared(bench: Bench, tmp_path: Path) -> None:
    cache = Cache(tmp_path / "cache")
    plain = bench.build()
    first = bench.request.output.read_bytes()
    assert bench.build(cache=cache) == bench.build(cache=cache) == plain
    assert bench.request.output.read_bytes() == first
    assert bench.notes.notes.count("Reading the image") == 2
    for path, hint in ((layer_blob(tmp_path / "layout"), "copy it again"), (bench.runtime.squashfs, "Remove")):
        content = path.read_bytes()
        path.write_bytes(b"?" + content[1:])
        with pytest.raises(BadInput, match=r"damaged|not what it was") as caught:
            bench.build(cache=cache)
        assert hint in caught.value.hint
        path.write_bytes(content)
    assert bench.request.output.read_bytes() == first
    assert bench.left() == ["x.iso"]


def test_a_cache_that_somebody_touched_is_not_believed(bench: Bench, tmp_path: Path) -> None:
    cache = Cache(tmp_path / "cache")
    plain = bench.build(cache=cache)
    for name in ("facts.json", "sums.json"):
        (kept,) = (tmp_path / "cache").rglob(name)
        kept.write_text("[]")
    assert bench.build(cache=cache) == plain


def layer_blob(layout: Path) -> Path:
    """The layer: the one that is no JSON but gzip."""
    return next(path for path in (layout / "blobs/sha256").iterdir() if path.read_bytes()[:2] == b"\x1f\x8b")


def test_progress_of_reading_and_writing_ends_at_its_total(bench: Bench) -> None:
    bench.build()
    ends = [entry for entry in bench.notes.progresses if entry[0] == entry[1]]
    assert len(ends) >= 2
    assert all(0 <= done <= total and unit == "bytes" for done, total, unit in bench.notes.progresses)


# --- refused -------------------------------------------------------------------------------------------------


def refused(bench: Bench, message: str, **changes: Any) -> BadInput:
    with pytest.raises(BadInput, match=message) as caught:
        bench.build(**changes)
    assert caught.value.hint
    assert bench.left() == []
    return caught.value


def test_images_that_cannot_boot(bench: Bench, tmp_path: Path) -> None:
    bare = a_layout(tmp_path / "bare", an_image_spec(entries=[]))
    refused(bench, "has no kernel", image=bare)
    refused(bench, "no label", image=a_layout(tmp_path / "unlabelled", an_image_spec(labels={})))
    refused(bench, "made for arm64", image=a_layout(tmp_path / "arm", an_image_spec(architecture="arm64")))


def test_images_that_are_not_there(bench: Bench, tmp_path: Path) -> None:
    refused(bench, "no OCI image layout", image=f"oci:{tmp_path}/none:v1")
    refused(bench, "called 'v2'", image=f"oci:{tmp_path}/layout:v2")
    refused(bench, "no name of an image", image="layout")


def test_a_damaged_blob(bench: Bench, tmp_path: Path) -> None:
    for blob in (tmp_path / "layout/blobs/sha256").iterdir():
        content = blob.read_bytes()
        blob.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
        refused(bench, r"is damaged|can't be decompressed")
        blob.write_bytes(content)


def test_options_that_cannot_be(bench: Bench) -> None:
    refused(bench, "can't be the label", volume_id="no spaces")
    refused(bench, "boot menu", kargs=("a\nb",))
    refused(bench, "no name of an image", target="quay.io/x/y")


def test_a_kickstart_that_is_missing_or_wrong(bench: Bench, tmp_path: Path) -> None:
    refused(bench, "no kickstart file", kickstart=tmp_path / "none.ks")
    (tmp_path / "bad.ks").write_text("nonsense\n")

    def check(path: Path) -> None:
        raise BadInput(f"{path.name}, line 1: unknown command.", "Remove it.")

    with pytest.raises(BadInput, match=r"bad\.ks, line 1"):
        build_iso(replace(bench.request, kickstart=tmp_path / "bad.ks"), bench.runtime, Commands(), bench.notes, check)
    assert bench.left() == []


def test_outputs_that_cannot_be(bench: Bench, tmp_path: Path) -> None:
    refused(bench, "is a directory", output=bench.out)
    refused(bench, "no directory", output=tmp_path / "none" / "x.iso")
    refused(bench, "not a regular file", output=Path("/dev/null"))


def test_a_runtime_with_a_hole(bench: Bench) -> None:
    bench.runtime.kernel.unlink()
    refused(bench, "has no vmlinuz")


def test_too_little_space(bench: Bench) -> None:
    """A sparse squashfs of more bytes than any disk has."""
    with bench.runtime.squashfs.open("wb") as file:
        file.truncate(8 << 40)
    refused(bench, "free space, but 8.0 TiB are needed")


class Failing(Commands):
    """Stops when it should write the ISO, as if interrupted or out of luck."""

    def __init__(self, error: BaseException) -> None:
        self.error = error

    def run(
        self, argv: Sequence[str | os.PathLike[str]], *, stdin: bytes | None = None,
        cwd: Path | None = None, env: Mapping[str, str] | None = None,
    ) -> str:  # fmt: skip
        if argv[0] == "xorriso":
            raise self.error
        return super().run(argv, stdin=stdin, cwd=cwd, env=env)


@pytest.mark.parametrize("error", [KeyboardInterrupt(), CommandFailed(["xorriso"], 32, "No space left")])
def test_nothing_is_left_after_a_failure(bench: Bench, error: BaseException) -> None:
    with pytest.raises(type(error)):
        bench.build(Failing(error))
    assert bench.left() == []
