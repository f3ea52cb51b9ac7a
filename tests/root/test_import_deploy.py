"""The steps of an installation on a real file system: sysroot, import, deployment, and its proof."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from ashore_installer.context import Context
from ashore_installer.errors import InstallerError
from ashore_installer.events import Event, Progress
from ashore_installer.executor import Step
from ashore_installer.payload.refs import image_ref, layer_ref, parse_image_name
from ashore_installer.payload.scan import scan_image
from ashore_installer.payload.steps import (
    DeployImage,
    ImportImage,
    InitSysroot,
    LabelTarget,
    ProveDeployment,
    VerifyPayload,
)
from ashore_installer.plan import ImagePayload
from ashore_installer.run import Commands
from ashore_isogen.oci import Entry, directory, regular
from tests.fakes.values import a_machine, a_plan
from tests.installer.images import BASE, KERNEL, TAG, layout, spoil
from tests.root.sysroots import TARGET, fsck, ostree
from tests.root.test_import_oracle import labelled_layers

pytestmark = pytest.mark.root

ROOT = (
    *(directory(name) for name in ("boot", "dev", "proc", "run", "sys", "var")),
    directory("tmp", mode=0o1777),
    regular("etc/passwd", b"root:x:0:0:root:/root:/bin/sh\n"),
    regular("usr/bin/su", b"su", mode=0o4755),
    regular("usr/bin/ping", b"ping", mode=0o755, xattrs=(("security.capability", b"\x01\0\0\x02\0\x20" + bytes(14)),)),
)
UUIDS = {"root": "11111111-aaaa", "boot": "22222222-bbbb"}


class Installation:
    """The steps of the payload against a directory that stands for the mounted target."""

    def __init__(self, tmp_path: Path, *layers: tuple[Entry, ...]) -> None:
        self.layout = layout(tmp_path / "layout", *layers)
        self.payload = ImagePayload(source=f"oci:{self.layout}:{TAG}", target=TARGET)
        self.events: list[Event] = []
        target = tmp_path / "target"
        target.mkdir()
        self.context = Context(
            plan=a_plan(payload=self.payload),
            machine=a_machine(),
            payload=scan_image(self.layout, TAG, architecture="amd64"),
            run=Commands(),
            listener=self.events.append,
            log_file=tmp_path / "log",
            target=target,
            uuids=dict(UUIDS),
        )

    def run(self, *steps: type[VerifyPayload | InitSysroot | ImportImage | DeployImage | LabelTarget]) -> None:
        for kind in steps or (VerifyPayload, InitSysroot, ImportImage, DeployImage, LabelTarget):
            self.step(kind(payload=self.payload))

    def step(self, step: Step) -> None:
        self.context.step = step.id
        step.run(self.context)

    def prove(self) -> None:
        self.step(ProveDeployment(payload=self.payload))

    @property
    def repo(self) -> Path:
        return self.context.target / "ostree" / "repo"


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    made = Installation(tmp_path, (*BASE, *ROOT), (regular("etc/motd", b"hello\n"),))
    yield made
    if made.context.deployment:
        Commands().run(["chattr", "-i", made.context.deployment])


def test_an_image_is_installed_and_proved(installation: Installation) -> None:
    installation.run()
    installation.prove()

    context, root = installation.context, installation.context.root()
    assert root.name == f"{context.commit}.0"
    assert (root / "etc/motd").read_bytes() == b"hello\n"
    assert (root / "usr/etc/motd").read_bytes() == b"hello\n"
    assert (root / ".ostree.cfs").is_file()
    origin = root.with_name(root.name + ".origin").read_text()
    assert origin == "[origin]\ncontainer-image-reference=ostree-unverified-registry:registry.example/os/sample:1\n"
    fsck(installation.repo)
    # Deploying and cleaning up leave the refs that garbage collection of bootc and ostree goes by.
    refs = ostree("refs", f"--repo={installation.repo}").split()
    assert len([ref for ref in refs if ref.startswith("ostree/container/")]) == 3
    assert "ostree/1/1/0" in refs
    status = ostree("admin", "status", f"--sysroot={context.target}")
    assert f"default {context.commit}.0" in status


def test_the_boot_entry_has_the_kernel_arguments_in_their_order(installation: Installation) -> None:
    installation.run()

    boot = installation.context.target / "boot"
    entry = dict(line.partition(" ")[::2] for line in (boot / "loader/entries/ostree-1.conf").read_text().splitlines())
    options = entry["options"].split()
    assert options[:3] == ["root=UUID=11111111-aaaa", "rw", "boot=UUID=22222222-bbbb"]
    assert options[-1].startswith("ostree=/ostree/boot.1/default/")
    assert entry["title"] == "Test System 1 (ostree:0)"
    assert entry["linux"].startswith("/boot/ostree/default-")
    assert entry["linux"].endswith(f"/vmlinuz-{KERNEL}")
    assert (installation.context.target / entry["initrd"].lstrip("/")).read_bytes() == b"initramfs" * 1000


def test_the_repository_is_configured_as_bootc_does(installation: Installation) -> None:
    installation.run(InitSysroot)
    for key, value in (("bootloader", "none"), ("bootprefix", "true"), ("readonly", "true")):
        assert ostree("config", f"--repo={installation.repo}", "get", f"sysroot.{key}").strip() == value
    assert ostree("config", f"--repo={installation.repo}", "get", "core.mode").strip() == "bare"


def test_the_aleph_says_what_was_installed(installation: Installation) -> None:
    installation.run()
    found = json.loads((installation.context.target / ".bootc-aleph.json").read_text())
    assert found["digest"] == installation.context.image.manifest_digest
    assert found["target-image"] == "registry.example/os/sample:1"
    assert found["version"] == "1.0"
    assert found["selinux"] == "disabled"
    assert found["timestamp"] is None
    assert "image" not in found


def test_progress_is_in_bytes_and_ends_at_the_total(installation: Installation) -> None:
    installation.run()
    size = installation.context.image.download_size
    last = {event.step: event for event in installation.events if isinstance(event, Progress)}
    assert {step: (event.done, event.total, event.unit) for step, event in last.items()} == {
        "verify-payload": (size, size, "bytes"),
        "import-image": (size, size, "bytes"),
    }


def test_a_signed_target_is_verified_at_every_update(tmp_path: Path) -> None:
    made = Installation(tmp_path, (*BASE, *ROOT))
    made.payload = replace(made.payload, signed=True, stateroot="other")
    made.context.plan = replace(made.context.plan, payload=made.payload)
    made.run()
    made.prove()
    root = made.context.root()
    Commands().run(["chattr", "-i", root])
    assert root.parts[-3:-1] == ("other", "deploy")
    origin = root.with_name(root.name + ".origin").read_text()
    assert "=ostree-image-signed:docker://registry.example/os/sample:1\n" in origin


def test_everything_of_a_labelled_image_has_a_label(tmp_path: Path) -> None:
    made = Installation(tmp_path, *labelled_layers(tmp_path), ROOT)
    made.run(VerifyPayload, InitSysroot, ImportImage, DeployImage)
    root = made.context.root()
    try:
        (root / "etc/written-later").write_text("x")
        with pytest.raises(InstallerError, match="etc/written-later has no SELinux label"):
            made.prove()
        made.run(LabelTarget)
        made.prove()
        fsck(made.repo)
        assert label_of(root / "etc/shadow") == b"system_u:object_r:shadow_t:s0\0"
        assert label_of(root / "etc/written-later") == b"system_u:object_r:etc_t:s0\0"
        assert label_of(made.context.target / "boot") == b"system_u:object_r:boot_t:s0\0"
        assert label_of(root.parents[1] / "var") == b"system_u:object_r:var_t:s0\0"
    finally:
        Commands().run(["chattr", "-i", root])


@pytest.mark.parametrize("kind", ["ext4", "xfs"])
def test_it_works_on_the_file_systems_of_real_disks(tmp_path: Path, kind: str) -> None:
    disk, run = tmp_path / "disk", Commands()
    with disk.open("wb") as file:
        file.truncate(1 << 30)
    run.run([f"mkfs.{kind}", "-q", disk])
    made = Installation(tmp_path, *labelled_layers(tmp_path), ROOT)
    run.run(["mount", "-o", "loop", disk, made.context.target])
    try:
        made.run()
        made.prove()
        fsck(made.repo)
        # The deployment is the very files of the repository: nothing is stored twice.
        assert (made.context.root() / "usr/bin/su").stat().st_nlink >= 2
    finally:
        run.run(["umount", made.context.target])


def test_an_error_of_libostree_does_not_keep_the_target_busy(installation: Installation) -> None:
    target, run = installation.context.target, installation.context.run
    run.run(["mount", "-t", "tmpfs", "-o", "size=20m", "tmpfs", target])
    try:
        installation.run(InitSysroot, ImportImage)
        installation.context.commit = "0" * 64
        with pytest.raises(InstallerError, match=r"can't be deployed to .*No such metadata object") as caught:
            installation.run(DeployImage)
        assert caught.value.__traceback__
    finally:
        run.run(["umount", target])


def test_an_attribute_that_the_file_system_can_not_hold_is_named(tmp_path: Path) -> None:
    disk, run = tmp_path / "disk", Commands()
    with disk.open("wb") as file:
        file.truncate(256 << 20)
    run.run(["mkfs.ext4", "-q", disk])
    made = Installation(tmp_path, (*BASE, *ROOT, regular("usr/x", xattrs=(("user.big", bytes(20_000)),))))
    run.run(["mount", "-o", "loop", disk, made.context.target])
    try:
        with pytest.raises(InstallerError, match=r"user\.big of a file, which has 20000 bytes: No space") as caught:
            made.run(InitSysroot, ImportImage)
        assert "xfs" in caught.value.hint
    finally:
        run.run(["umount", made.context.target])


def label_of(path: Path) -> bytes:
    return os.getxattr(path, "security.selinux")


def test_a_damaged_blob_stops_before_anything_is_written(installation: Installation) -> None:
    digest = installation.context.image.layers[1].digest
    spoil(installation.layout, digest)

    assert not VerifyPayload(payload=installation.payload).writes
    with pytest.raises(InstallerError, match=digest) as caught:
        installation.run()
    assert "medium" in caught.value.hint
    assert list(installation.context.target.iterdir()) == []


def test_an_image_that_changed_since_it_was_chosen_is_refused(installation: Installation) -> None:
    installation.context.payload = replace(installation.context.image, platform_digest="sha256:" + "0" * 64)
    with pytest.raises(InstallerError, match="has changed"):
        installation.run()


def test_a_full_disk_is_said_in_a_sentence(installation: Installation) -> None:
    target = installation.context.target
    installation.context.run.run(["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", target])
    try:
        image = layout(installation.layout.parent / "large", (*BASE, *ROOT, regular("usr/large", bytes(4 << 20))))
        installation.payload = replace(installation.payload, source=f"oci:{image}:{TAG}")
        installation.context.payload = scan_image(image, TAG, architecture="amd64")
        with pytest.raises(InstallerError, match="The disk is full") as caught:
            installation.run(InitSysroot, ImportImage)
        # Whoever still has the error does not keep the target busy: it can be unmounted.
        assert caught.value.__traceback__
    finally:
        installation.context.run.run(["umount", target])


def break_ref(installed: Installation) -> str:
    ostree("refs", f"--repo={installed.repo}", "--delete", layer_ref(installed.context.image.layers[0].digest))
    return "has no ref"


def break_image_ref(installed: Installation) -> str:
    ostree("refs", f"--repo={installed.repo}", "--delete", image_ref(parse_image_name(TARGET)))
    return "is missing instead of"


def break_origin(installed: Installation) -> str:
    root = installed.context.root()
    root.with_name(root.name + ".origin").write_text("[origin]\nrefspec=x\n")
    return "origin file says"


def break_composefs(installed: Installation) -> str:
    root = installed.context.root()
    Commands().run(["chattr", "-i", root])
    (root / ".ostree.cfs").unlink()
    return "no composefs image"


def break_entry(installed: Installation) -> str:
    entry = installed.context.target / "boot/loader/entries/ostree-1.conf"
    entry.write_text(entry.read_text().replace("initrd ", "devicetree "))
    return "entry's initrd ''"


def break_kernel(installed: Installation) -> str:
    next((installed.context.target / "boot/ostree").glob("*/vmlinuz-*")).unlink()
    return "entry's linux"


def break_mode(installed: Installation) -> str:
    (installed.context.root() / "usr/bin/ping").chmod(0o700)
    return "/usr/bin/ping lost its mode"


def break_config(installed: Installation) -> str:
    ostree("config", f"--repo={installed.repo}", "set", "sysroot.readonly", "false")
    return "sysroot.readonly is not true"


@pytest.mark.parametrize(
    "break_",
    [
        break_ref, break_image_ref, break_origin, break_composefs, break_entry, break_kernel, break_mode, break_config,
    ],
)  # fmt: skip
def test_each_thing_that_is_wrong_is_found(installation: Installation, break_: object) -> None:
    installation.run()
    assert callable(break_)
    message = break_(installation)
    with pytest.raises(InstallerError, match=message):
        installation.prove()
