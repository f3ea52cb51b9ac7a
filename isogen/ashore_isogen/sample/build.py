"""The sample image as an OCI layout, from the cache or built into it.

Two things are kept, each by the digest of its inputs: the base layer (minutes to make), and the layout with all
versions of the image (seconds). `$ASHORE_CACHE/sample/<digest>/oci` is the layout; its tags are the versions.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Protocol

from ashore_installer import codec
from ashore_isogen.cache import Cache, digest_of
from ashore_isogen.oci import Compression, ImageSpec, Layer, LayoutWriter, StoredLayer
from ashore_isogen.report import Quiet, Report
from ashore_isogen.sample import base
from ashore_isogen.sample.recipe import DIRECTORY, Recipe, Version, load

BASE, SAMPLE, DEBS = "sample-base", "sample", "sample-debs"
LAYOUT, LAYER, PACKAGES = "oci", "layer.json", "packages.tsv"


class TreeMaker(Protocol):
    """What makes the tree of the base layer; `base.DebianTree` is the real one."""

    def stream(self) -> AbstractContextManager[IO[bytes]]:
        """The tree as a tar stream."""
        ...

    def packages(self) -> str:
        """What is in it, one package a line, when the stream has ended."""
        ...


MakeTree = Callable[[Recipe, Path, Path, Report], TreeMaker]


def _debian(recipe: Recipe, work: Path, debs: Path, report: Report) -> TreeMaker:
    return base.DebianTree(recipe=recipe, work=work, debs=debs, report=report)


def ensure_sample(
    cache_directory: Path | None = None, report: Report | None = None, *,
    directory: Path = DIRECTORY, make_tree: MakeTree = _debian,
) -> Path:  # fmt: skip
    """The OCI layout of the image that `directory` describes, with one tag for each version.

    Built when it isn't in the cache (by default the user's): minutes. Never write to it. Raises InstallerError.
    """
    report = report or Quiet()
    cache = Cache(cache_directory) if cache_directory else Cache.of_user()
    recipe = load(directory)
    digest = image_digest(recipe)
    if not cache.find(SAMPLE, digest):
        made = _ensure_base(cache, recipe, report, make_tree)
        cache.make(SAMPLE, digest, lambda entry: assemble(recipe, made, entry / LAYOUT), report.note)
    return cache.entry(SAMPLE, digest) / LAYOUT


def base_digest(recipe: Recipe) -> str:
    """The digest of all that the base layer is made from, but for the state of the package archive."""
    parts = [b"sample base 1", recipe.suite.encode(), recipe.architecture.encode(), str(recipe.epoch).encode()]
    parts += [name.encode() for name in recipe.packages]
    parts += [recipe.rootfs(), recipe.finish.read_bytes(), Path(base.__file__).read_bytes()]
    return digest_of(parts)


def image_digest(recipe: Recipe) -> str:
    """The digest of all that the layout is made from."""
    names = dict.fromkeys(name for version in recipe.versions for name in version.layers)
    parts = [b"sample 1", base_digest(recipe).encode(), (recipe.directory / "image.toml").read_bytes()]
    return digest_of([*parts, *(recipe.layer(name) for name in names)])


def _ensure_base(cache: Cache, recipe: Recipe, report: Report, make_tree: MakeTree) -> Path:
    def build(entry: Path) -> None:
        work = entry / "work"
        work.mkdir()
        with cache.lock(DEBS, report.note):
            write_base(make_tree(recipe, work, cache.top / DEBS, report), entry, report)
        shutil.rmtree(work)

    return cache.make(BASE, base_digest(recipe), build, report.note)


def write_base(tree: TreeMaker, directory: Path, report: Report) -> None:
    """Make the base layer's blob in `directory`, with its description and the list of its packages."""
    with tree.stream() as stream:
        # zstd, because installation is the time to save: it unpacks several times faster than gzip.
        layer = Layer(entries=base.base_entries(stream), compression=Compression.ZSTD, made_by="Debian packages")
        stored = LayoutWriter(directory).add_layer(layer)
    (directory / LAYER).write_text(codec.to_json(stored), encoding="utf-8")
    (directory / PACKAGES).write_text(tree.packages(), encoding="utf-8")
    report.note(f"The base layer has {stored.size / 1e6:.0f} MB")


def assemble(recipe: Recipe, base_directory: Path, layout: Path) -> None:
    """Write the layout: the base layer, the derived layers on it, one image for each version."""
    text = (base_directory / LAYER).read_text(encoding="utf-8")
    stored = codec.from_json(text, StoredLayer, str(base_directory / LAYER))
    writer = LayoutWriter(layout)
    lowest = writer.adopt_layer(stored, base_directory / "blobs" / "sha256" / stored.digest.removeprefix("sha256:"))
    # gzip, because a small layer gains nothing by zstd, and images out there have both.
    layers = {
        name: writer.add_layer(Layer(entries=recipe.layer(name), made_by=f"layers/{name}"))
        for name in dict.fromkeys(name for version in recipe.versions for name in version.layers)
    }
    for version in recipe.versions:
        writer.add_image(version.tag, _spec(recipe, version, (lowest, *(layers[name] for name in version.layers))))
    writer.finish()


def _spec(recipe: Recipe, version: Version, layers: tuple[StoredLayer, ...]) -> ImageSpec:
    created = datetime.fromtimestamp(version.created, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    labels = {
        **recipe.labels,
        "org.opencontainers.image.version": version.tag,
        "org.opencontainers.image.created": created,
    }
    return ImageSpec(
        layers=layers, architecture=recipe.architecture, labels=labels, created=version.created,
        env=("PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin",), cmd=("/sbin/init",),
    )  # fmt: skip
