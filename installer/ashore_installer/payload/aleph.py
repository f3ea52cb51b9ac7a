"""`/sysroot/.bootc-aleph.json`: what a machine was first installed from (bootc, lib/src/install/aleph.rs)."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

from ashore_installer.image import ImageInfo
from ashore_installer.payload.refs import is_local, parse_image_name
from ashore_installer.payload.store import canonical_json
from ashore_installer.plan import ImagePayload

FILE = ".bootc-aleph.json"
_CREATED = "org.opencontainers.image.created"


def write_aleph(target: Path, payload: ImagePayload, image: ImageInfo) -> None:
    path = target / FILE
    path.write_text(canonical_json(aleph(payload, image, selinux_state(image))), encoding="utf-8")
    path.chmod(0o644)


def aleph(payload: ImagePayload, image: ImageInfo, selinux: str) -> dict[str, object]:
    """The values; the source is left out when it was a file that only the installer could see."""
    source = parse_image_name(payload.source)
    return {
        **({} if is_local(source) else {"image": source.name}),
        "digest": image.manifest_digest,
        "target-image": parse_image_name(payload.target).name,
        **({"labels": image.labels} if image.labels else {}),
        "version": image.image_version or None,
        "timestamp": _timestamp(image.labels.get(_CREATED, "")),
        "kernel": os.uname().release,
        "selinux": selinux,
    }


def selinux_state(image: ImageInfo) -> str:
    if not image.selinux:
        return "disabled"
    return "enabled" if Path("/sys/fs/selinux/enforce").exists() else "host-disabled"


def _timestamp(created: str) -> str | None:
    try:
        moment = datetime.fromisoformat(created)
    except ValueError:
        return None
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z") if moment.tzinfo else None
