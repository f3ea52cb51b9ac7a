"""Images that are elsewhere: described by skopeo, fetched onto the target by their digest, and installed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from ashore_installer.context import Context
from ashore_installer.errors import BadInput, ExitStatus, InstallerError
from ashore_installer.events import Event, Progress
from ashore_installer.payload.bootable import problems
from ashore_installer.payload.layout import open_image
from ashore_installer.payload.ostree import Sysroot
from ashore_installer.payload.refs import parse_image_name
from ashore_installer.payload.remote import describe
from ashore_installer.payload.steps import FETCHED, FetchImage, ImportImage, InitSysroot, VerifyPayload, is_fetched
from ashore_installer.payload.store import META_DIGEST
from ashore_installer.payload.trust import Signed, tags, trust
from ashore_installer.plan import ImagePayload
from ashore_installer.run import Commands
from ashore_isogen.oci import regular, whiteout, write_layout
from tests.fakes.registry import Registry, serving
from tests.fakes.values import a_machine, a_plan
from tests.installer.images import BASE, KERNEL, TAG, image, layout
from tests.root.sysroots import fsck

pytestmark = [pytest.mark.root, pytest.mark.needs("skopeo")]


@pytest.fixture
def registry() -> Iterator[Registry]:
    """A registry without TLS that skopeo talks to, because the configuration of this root says so."""
    with serving() as found:
        config = Path("/etc/containers/registries.conf.d/90-test.conf")
        config.parent.mkdir(parents=True, exist_ok=True)
        config.write_text(f'[[registry]]\nlocation = "{found.host}"\ninsecure = true\n')
        yield found
        config.unlink()


class Fetching:
    """The steps from a name of skopeo's to a commit."""

    def __init__(self, tmp_path: Path, source: str) -> None:
        self.payload = ImagePayload(source=source, target="docker://registry.example/os:1")
        self.events: list[Event] = []
        target = tmp_path / "target"
        target.mkdir()
        self.context = Context(
            plan=a_plan(payload=self.payload),
            machine=a_machine(),
            payload=describe(Commands(), parse_image_name(source), "amd64"),
            run=Commands(),
            listener=self.events.append,
            log_file=tmp_path / "log",
            target=target,
        )

    def verify(self) -> None:
        VerifyPayload(payload=self.payload).run(self.context)

    def install(self) -> None:
        for step in (VerifyPayload, FetchImage, InitSysroot, ImportImage):
            self.context.step = step.id
            step(payload=self.payload).run(self.context)


def test_an_image_of_a_registry_is_installed_by_its_digest(tmp_path: Path, registry: Registry) -> None:
    digest = registry.add(layout(tmp_path / "layout", BASE, (regular("usr/x", b"x" * 10_000),)), TAG, "os:1")
    made = Fetching(tmp_path, f"docker://{registry.host}/os:1")
    known = made.context.image
    assert is_fetched(made.payload)
    assert (known.scanned, known.manifest_digest, known.image_version) == (False, digest, "1.0")
    assert problems(known, "amd64") == ()

    registry.add(layout(tmp_path / "newer", BASE), TAG, "os:1")  # the tag moves, the plan stays
    made.install()

    found = made.context.image
    assert (found.scanned, found.manifest_digest, found.kernel) == (True, digest, KERNEL)
    assert found.layers == open_image(tmp_path / "layout", TAG, "amd64").layers
    commit = Sysroot(made.context.target).read_commit(made.context.commit)
    assert commit.metadata[META_DIGEST] == digest
    fsck(made.context.target / "ostree/repo")
    assert not list(made.context.target.glob(f"{FETCHED}*"))
    fetched = [event for event in made.events if isinstance(event, Progress) and event.step == "fetch-image"]
    assert fetched[-1].done == fetched[-1].total == known.download_size


def test_of_several_architectures_the_index_is_what_is_recorded(tmp_path: Path, registry: Registry) -> None:
    write_layout(tmp_path / "layout", {TAG: (image(BASE), image(BASE, arch="arm64"))})
    digest = registry.add(tmp_path / "layout", TAG, "os:1")
    made = Fetching(tmp_path, f"docker://{registry.host}/os:1")
    assert made.context.image.platform_digest != digest

    made.install()

    commit = Sysroot(made.context.target).read_commit(made.context.commit)
    assert commit.metadata[META_DIGEST] == digest


def test_an_archive_is_installed(tmp_path: Path) -> None:
    root = layout(tmp_path / "layout", BASE)
    archive = f"oci-archive:{tmp_path}/image.tar:x"
    Commands().run(["skopeo", "copy", "--quiet", f"oci:{root}:{TAG}", archive])
    made = Fetching(tmp_path, archive)
    made.install()
    assert made.context.image.kernel == KERNEL
    assert made.context.image.manifest_digest == open_image(root, TAG, "amd64").digest


def test_an_image_that_is_gone_is_noticed_before_anything_is_written(tmp_path: Path, registry: Registry) -> None:
    digest = registry.add(layout(tmp_path / "layout", BASE), TAG, "os:1")
    made = Fetching(tmp_path, f"docker://{registry.host}/os:1")
    del registry.blobs[digest]
    with pytest.raises(BadInput, match=f"{registry.host}/os@{digest} can't be read") as caught:
        made.verify()
    assert "network" in caught.value.hint
    assert not list(made.context.target.iterdir())


def test_a_name_that_nobody_knows_is_bad_input(registry: Registry) -> None:
    with pytest.raises(BadInput, match="can't be read"):
        describe(Commands(), parse_image_name(f"docker://{registry.host}/nothing:1"), "amd64")


def test_an_image_that_turns_out_not_to_boot_is_refused(tmp_path: Path, registry: Registry) -> None:
    registry.add(layout(tmp_path / "layout", BASE, (whiteout("usr/lib/modules"),)), TAG, "os:1")
    made = Fetching(tmp_path, f"docker://{registry.host}/os:1")
    with pytest.raises(InstallerError, match="no kernel"):
        made.install()


def test_a_blob_that_breaks_on_the_way_is_no_bad_input(tmp_path: Path, registry: Registry) -> None:
    registry.add(layout(tmp_path / "layout", BASE), TAG, "os:1")
    made = Fetching(tmp_path, f"docker://{registry.host}/os:1")
    layer = made.context.image.layers[0].digest
    registry.blobs[layer] = registry.blobs[layer][:-1] + b"?"
    with pytest.raises(InstallerError, match="can't be read") as caught:
        made.install()
    assert caught.value.status == ExitStatus.FAILED


def test_too_little_room_is_said_before_the_fetch(tmp_path: Path, registry: Registry) -> None:
    registry.add(layout(tmp_path / "layout", BASE), TAG, "os:1")
    made = Fetching(tmp_path, f"docker://{registry.host}/os:1")
    made.context.payload = replace(made.context.image, unpacked_size=1 << 60)
    with pytest.raises(InstallerError, match=r"the image needs \d"):
        made.install()
    assert not (made.context.target / FETCHED).exists()


def test_a_registry_is_asked_for_tags_and_signatures(tmp_path: Path, registry: Registry) -> None:
    root = layout(tmp_path / "layout", BASE)
    digest = registry.add(root, TAG, "os:1")
    registry.add(root, TAG, "os:10")
    name = parse_image_name(f"docker://{registry.host}/os:1")

    assert tags(Commands(), name) == ("10", "1")
    assert trust(Commands(), name, digest).signed is Signed.NO
    registry.add(root, TAG, f"os:{digest.replace(':', '-')}.sig")
    assert trust(Commands(), name, digest).signed is Signed.YES
    assert tags(Commands(), name) == ("10", "1")
    with pytest.raises(BadInput, match="can't be read"):
        tags(Commands(), parse_image_name(f"docker://{registry.host}/other:1"))
