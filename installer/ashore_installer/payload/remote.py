"""Images that are not in a layout on this machine: described by their manifest, fetched by skopeo onto the target disk.

skopeo finds registries, credentials and the signature policy where containers' configuration has them
(containers-registries.conf(5), containers-auth.json(5), containers-policy.json(5)).
"""

from __future__ import annotations

import hashlib
import os
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from ashore_installer.errors import BadInput, InstallerError
from ashore_installer.image import ImageInfo
from ashore_installer.payload.fields import Fields, parse_json
from ashore_installer.payload.layout import (
    OnProgress,
    architecture_of,
    created_of,
    for_platform,
    is_index,
    labels_of,
    layers_of,
)
from ashore_installer.payload.refs import ImageName, is_local
from ashore_installer.run import CommandFailed, Runner
from ashore_installer.units import human

TAG = "payload"
UNPACKED = 3
"""How many times as large an image may be on disk as in transit; scanning it says it exactly, but only then."""

_INTERVAL = 0.5
_LAST_MESSAGE = re.compile(r'msg="((?:[^"\\]|\\.)*)"')


def describe(run: Runner, name: ImageName, architecture: str) -> ImageInfo:
    """What manifest and configuration say of an image; its content stays unknown. Raises BadInput.

    `unpacked_size` is an estimate that includes the room for the fetched layers.
    """
    top = _inspect(run, name, "--raw")
    digest = f"sha256:{hashlib.sha256(top).hexdigest()}"
    manifest = parse_json(top, f"The manifest of {name}")
    platform = digest
    if is_index(manifest):
        platform = for_platform(manifest, digest, architecture).digest()
        manifest = parse_json(_inspect(run, pinned(name, platform), "--raw"), f"The manifest {platform}")
    content = _inspect(run, pinned(name, platform), "--config", "--raw")
    return _described(manifest, parse_json(content, f"The configuration of {name}"), digest, platform)


def _described(manifest: Fields, config: Fields, digest: str, platform: str) -> ImageInfo:
    layers = layers_of(manifest, config)
    return ImageInfo(
        scanned=False,
        manifest_digest=digest,
        platform_digest=platform,
        config_digest=manifest.child("config").digest(),
        architecture=architecture_of(config),
        labels=labels_of(config),
        created=created_of(manifest, config),
        layers=layers,
        unpacked_size=(UNPACKED + 1) * sum(layer.size for layer in layers),
        files=0,
        kernel="",
        kernel_size=0,
        initramfs_size=0,
        os_release={},
    )


def pinned(name: ImageName, digest: str) -> ImageName:
    """The same image of a registry by its digest instead of its tag; names in other places have no digests."""
    if name.transport != "docker":
        return name
    repository = name.name.partition("@")[0]
    head, slash, last = repository.rpartition("/")
    return ImageName(transport="docker", name=f"{head}{slash}{last.partition(':')[0]}@{digest}")


def fetch(run: Runner, name: ImageName, image: ImageInfo, directory: Path, on_progress: OnProgress) -> None:
    """Copy an image by its digest into a new OCI layout at `directory`, under `TAG`. Raises InstallerError.

    Manifests that aren't OCI's are converted; `image` keeps the digest that the image is known by.
    """
    require_room(directory.parent, image.download_size + image.unpacked_size * UNPACKED // (UNPACKED + 1))
    argv = ["skopeo", "--override-os", "linux", "--override-arch", image.architecture]
    argv += ["copy", "--quiet", "--remove-signatures", str(pinned(name, image.manifest_digest))]
    with (
        TemporaryDirectory(prefix=f"{directory.name}-", dir=directory.parent) as scratch,
        _watched(directory, image.download_size, on_progress),
    ):
        argv[1:1] = ["--tmpdir", scratch]
        # A relative destination, because a colon in the path of an `oci:` name would end the path.
        try:
            skopeo(run, [*argv, f"oci:{directory.name}:{TAG}"], name, directory.parent)
        except BadInput as error:
            raise InstallerError(error.message, error.hint) from error  # something was written by now


def require_room(directory: Path, size: int) -> None:
    """Raise InstallerError unless `size` bytes can be written to the file system of `directory`."""
    status = os.statvfs(directory)
    free = status.f_bavail * status.f_frsize
    if free < size:
        raise InstallerError(
            f"The root file system has room for {human(free)}, the image needs {human(size)}.",
            "Give the root file system more room.",
        )


def _inspect(run: Runner, name: ImageName, *what: str) -> bytes:
    return skopeo(run, ["skopeo", "inspect", *what, str(name)], name, None).encode(errors="surrogateescape")


def skopeo(run: Runner, argv: list[str], name: ImageName, directory: Path | None) -> str:
    """Run skopeo about an image, in `directory` if given. Raises BadInput with skopeo's own last words."""
    try:
        return run.run(argv, cwd=directory)
    except CommandFailed as error:
        if error.returncode == 127:
            raise
        where = "Check the name." if is_local(name) else "Check the name, the network and the credentials."
        raise BadInput(f"The image {name} can't be read: {_reason(error.stderr)}", where) from error


def _reason(stderr: str) -> str:
    """What skopeo's last line of log says (logrus text format), without its frame."""
    last = stderr.strip().rpartition("\n")[2] or "skopeo does not say why."
    found = _LAST_MESSAGE.search(last)
    return re.sub(r"\\(.)", r"\1", found[1]) if found else last


@contextmanager
def _watched(directory: Path, total: int, on_progress: OnProgress) -> Iterator[None]:
    """Tell how many bytes are in `directory` while the block runs: skopeo tells it to terminals only."""
    ended = threading.Event()

    def watch() -> None:
        while not ended.wait(_INTERVAL):
            on_progress(min(_size(directory), total), total)

    watcher = threading.Thread(target=watch, name="fetch", daemon=True)
    watcher.start()
    try:
        yield
    finally:
        ended.set()
        watcher.join()
    on_progress(total, total)


def _size(directory: Path) -> int:
    """Bytes in all files below a directory, as far as they are still there when they are looked at."""
    total = 0
    for parent, _, names in os.walk(directory):
        for name in names:
            try:
                total += Path(parent, name).lstat().st_size
            except FileNotFoundError:
                continue
    return total
