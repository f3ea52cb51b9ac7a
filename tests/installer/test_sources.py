"""Where an image comes from: the medium, a layout, or no place that exists."""

from __future__ import annotations

from pathlib import Path

import pytest

from ashore_installer import codec
from ashore_installer.errors import BadInput
from ashore_installer.medium import MANIFEST, MediumManifest, payload_source
from ashore_installer.plan import Draft, PayloadRequest
from ashore_installer.sources import resolve
from ashore_installer.steps import steps_for
from tests.fakes.values import a_plan, an_image


@pytest.fixture
def medium(tmp_path: Path) -> Path:
    manifest = MediumManifest(
        ashore="0.1.0",
        volume_id="ASHORE",
        created="2026-01-01T00:00:00Z",
        source="oci:build:1",
        target="docker://registry.example/os:1",
        image=an_image(),
        runtime="0" * 32,
    )
    (tmp_path / MANIFEST).parent.mkdir()
    (tmp_path / MANIFEST).write_text(codec.to_json(manifest))
    return tmp_path


def test_an_unnamed_image_is_the_one_on_the_medium(medium: Path) -> None:
    draft, image = resolve(Draft(), medium)
    assert draft.payload == PayloadRequest(source=payload_source(medium), target="docker://registry.example/os:1")
    assert image == an_image()


def test_the_target_asked_for_is_kept(medium: Path) -> None:
    draft, _ = resolve(Draft(payload=PayloadRequest(target="docker://site.example/os:2")), medium)
    assert draft.payload.target == "docker://site.example/os:2"


@pytest.mark.parametrize("source", ["", "oci:/nowhere:1", "ftp://x/y", "docker:x", "oci:", "just words"])
def test_no_image_there_is_bad_input_with_a_hint(tmp_path: Path, source: str) -> None:
    with pytest.raises(BadInput) as caught:
        resolve(Draft(payload=PayloadRequest(source=source)), tmp_path)
    assert caught.value.hint


def test_only_an_image_elsewhere_is_fetched() -> None:
    here, there = (
        [step.id for step in steps_for(a_plan(payload=payload))]
        for payload in (
            a_plan().payload,
            codec.from_data(
                {"source": "docker://registry.example/os:1", "target": "docker://registry.example/os:1"},
                type(a_plan().payload),
                "The payload",
            ),
        )
    )
    assert set(there) - set(here) == {"fetch-image"}
    assert there.index("mount-target") < there.index("fetch-image") < there.index("import-image")


def test_nothing_is_written_before_image_and_boot_loader_are_checked() -> None:
    steps = steps_for(a_plan())
    first = next(number for number, step in enumerate(steps) if step.writes)
    assert {"verify-payload", "find-boot-loader"} <= {step.id for step in steps[:first]}
    assert steps[-1].id == "finish-storage"
