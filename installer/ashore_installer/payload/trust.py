"""What a registry and this system say of an image before it is fetched: its tags, and whether it has to be signed.

What is demanded is in containers-policy.json(5), which skopeo carries out when it fetches. Whether signatures are there
is known for those that lie in the registry under the tag `sha256-DIGEST.sig`, as cosign writes them; others (simple
signing, in a lookaside store) are not looked for.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from ashore_installer.errors import BadInput
from ashore_installer.payload.fields import parse_json
from ashore_installer.payload.refs import ImageName
from ashore_installer.payload.remote import skopeo
from ashore_installer.run import Runner

POLICIES = ("~/.config/containers/policy.json", "/etc/containers/policy.json")
_PATIENCE = "45s"
"""How long skopeo may take for one answer (Go's duration)."""
_UNKNOWN = ("manifest unknown", "not found", "404", "name unknown")
"""What registries say of a tag that is not there."""


class Demand(StrEnum):
    """What has to be so before an image is fetched."""

    NOTHING = "nothing"
    SIGNATURE = "signature"
    REFUSED = "refused"
    UNKNOWN = "unknown"
    """There is no policy that can be read; skopeo then fetches nothing."""


class Signed(StrEnum):
    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Trust:
    """`demand` is this system's, `signed` is the registry's."""

    demand: Demand = Demand.UNKNOWN
    signed: Signed = Signed.UNKNOWN


def tags(run: Runner, name: ImageName) -> tuple[str, ...]:
    """The tags of an image's repository, newest names first as far as names tell, without those of signatures.

    Raises BadInput when the image is in no registry, or when that one does not answer.
    """
    if name.transport != "docker":
        raise BadInput(f"{name} is in no registry, so it has no other tags.", "Name an image of a registry.")
    argv = ["skopeo", "--command-timeout", _PATIENCE, "list-tags", f"docker://{repository(name)}"]
    answer = skopeo(run, argv, name, None).encode(errors="surrogateescape")
    found = parse_json(answer, f"The list of tags of {name}").texts("Tags")
    return tuple(sorted((one for one in found if not _is_attached(one)), key=_parts, reverse=True))


def trust(run: Runner, name: ImageName, digest: str, policies: Sequence[str] = POLICIES) -> Trust:
    """What is demanded of an image, and whether its registry has a signature of it. Asks the registry once."""
    return Trust(demand=demand(name, read_policy(policies)), signed=_signed(run, name, digest))


def repository(name: ImageName) -> str:
    """The name of a registry's image without tag and digest."""
    head, slash, last = name.name.partition("@")[0].rpartition("/")
    return f"{head}{slash}{last.partition(':')[0]}"


def _parts(tag: str) -> tuple[tuple[int, str], ...]:
    """A key that sorts 10 after 9, and words before numbers."""
    words = "".join(one if one.isdecimal() and one.isascii() else f" {one} " for one in tag).split()
    return tuple((int(word), "") if word.isdecimal() else (-1, word) for word in words)


def _is_attached(tag: str) -> bool:
    """Whether a tag is that of a signature or another thing about an image, as cosign names them."""
    return (tag.startswith("sha256-") and tag.endswith((".sig", ".att", ".sbom"))) or len(tag) == len("sha256-") + 64


# --- the policy ----------------------------------------------------------------------------------------------


def read_policy(paths: Sequence[str] = POLICIES) -> Mapping[str, Any] | None:
    """The first policy that is there; None without one, or when it is no JSON object."""
    for path in paths:
        try:
            found = json.loads(Path(path).expanduser().read_text(encoding="utf-8"))
        except FileNotFoundError:
            continue
        except (OSError, ValueError):
            return None
        return found if isinstance(found, dict) else None
    return None


def demand(name: ImageName, policy: Mapping[str, Any] | None) -> Demand:
    """What the policy demands of an image: the requirements of the narrowest scope that matches, all of them."""
    if policy is None:
        return Demand.UNKNOWN
    scopes = policy.get("transports", {}).get(name.transport, {})
    default = policy.get("default")
    requirements = next((scopes[one] for one in _scopes(name) if one in scopes), default)
    kinds = {one.get("type") for one in requirements or () if isinstance(one, dict)}
    if not kinds:
        return Demand.UNKNOWN
    if "reject" in kinds:
        return Demand.REFUSED
    return Demand.SIGNATURE if kinds & {"signedBy", "sigstoreSigned"} else Demand.NOTHING


def _scopes(name: ImageName) -> Iterator[str]:
    """Scopes that match an image, the narrowest first; of a registry's: image, its parents, host, wider domains."""
    if name.transport == "docker":
        yield name.name
        scope = repository(name)
        while scope:
            yield scope
            scope = scope.rpartition("/")[0]
        host = name.name.partition("/")[0].partition(":")[0]
        while "." in host:
            host = host.partition(".")[2]
            yield f"*.{host}"
    yield ""


def _signed(run: Runner, name: ImageName, digest: str) -> Signed:
    if name.transport != "docker":
        return Signed.UNKNOWN
    tag = f"{digest.replace(':', '-', 1)}.sig"
    argv = ["skopeo", "--command-timeout", _PATIENCE, "inspect", "--raw", f"docker://{repository(name)}:{tag}"]
    try:
        skopeo(run, argv, name, None)
    except BadInput as error:
        absent = any(word in error.message.casefold() for word in _UNKNOWN)
        return Signed.NO if absent else Signed.UNKNOWN
    return Signed.YES
