"""The packages' part of the support table, and what Ashore adds to the language for them. Data only."""

from __future__ import annotations

from collections.abc import Mapping

from ashore_kickstart.storage_commands import Takes
from ashore_kickstart.support import CommandSupport, refused, supported

PACKAGES = "%packages"
MEDIUM = "medium"
"""`repo --name` of the repository on the medium; every other one needs an address."""

_TRUST = {
    "--gpgkey": Takes.VALUE,
    "--gpgkey-fingerprint": Takes.VALUE,
    "--nogpgcheck": Takes.NOTHING,
    "--repo-gpgcheck": Takes.NOTHING,
    "--username": Takes.VALUE,
    "--password": Takes.VALUE,
}
ADDITIONS: Mapping[str, Mapping[str, Takes]] = {
    "url": _TRUST,
    "repo": {**_TRUST, "--title": Takes.VALUE, "--priority": Takes.VALUE, "--ignoregroups": Takes.PERHAPS},
    PACKAGES: {"--releasever": Takes.VALUE},
}
"""Options that other installers don't know."""

_ADDITION = "an addition of Ashore"
_TRUST_NOTES = {
    "--gpgkey": f"{_ADDITION}: addresses of keys (file:, http:, https:, medium:), separated by commas, that sign the "
    "packages",
    "--gpgkey-fingerprint": f"{_ADDITION}: the fingerprint of each key of --gpgkey in its order, or `any`",
    "--nogpgcheck": f"{_ADDITION}: packages need no signature; without it, they need one",
    "--repo-gpgcheck": f"{_ADDITION}: the metadata must be signed too",
    "--username": f"{_ADDITION}: for HTTP authentication, as is --password; or both in the address",
    "--password": f"{_ADDITION}: see --username",
}
_PLACES = "--mirrorlist --metalink"
_TLS = "--noverifyssl --sslcacert --sslclientcert --sslclientkey"
_PROXY = {"--proxy": "as [PROTOCOL://][USER:PASSWORD@]HOST[:PORT]; the protocol is http without one"}
_SCHEMES = "http:, https:, ftp:, file: and medium: (on the medium), with $releasever and $basearch"

SOURCES: tuple[CommandSupport, ...] = (
    supported(
        "url",
        f"where packages come from; addresses are {_SCHEMES}",
        options=f"{_PLACES} {_TLS}",
        notes={"--url": "one address, or several of the same repository, separated by spaces", **_PROXY} | _TRUST_NOTES,
    ),
    supported(
        "repo",
        f"one more repository, as url; `repo --name={MEDIUM}` without an address is the one on the medium",
        options=f"--name {_PLACES} --cost --excludepkgs --includepkgs --install {_TLS}",
        notes={
            "--baseurl": "one address, or several of the same repository, separated by spaces",
            "--title": f"{_ADDITION}: the name that people read",
            "--priority": f"{_ADDITION}: in dnf.conf's words; the lowest number wins",
            "--ignoregroups": f"{_ADDITION}: its groups and environments are not seen (until F40, kickstart's own)",
            **_PROXY,
        }
        | _TRUST_NOTES,
    ),
    supported("cdrom", "the repository on the medium, which is also the one without url, repo and cdrom"),
    *refused(
        "repositories on other disks are not mounted; put one on the medium with `ashore iso build --repo`", "harddrive"
    ),
    *refused("NFS is not in the live system; serve the same directory over HTTP", "nfs"),
    *refused("only PC firmware is supported yet", "hmc"),
    *refused("dnf5 and Fedora have no modules any more; name the packages themselves", "module"),
)

SECTION: CommandSupport = supported(
    PACKAGES,
    "PACKAGE, -PACKAGE (globs too), @GROUP [--nodefaults|--optional], -@GROUP, @^ENVIRONMENT; groups and environments "
    "by their ids or by their names, spaces included; of two lines about one package the later one counts",
    options="--excludedocs --ignoremissing --ignorebroken --multilib --nocore",
    notes={
        "--inst-langs": "languages of what packages have by language, separated by commas or colons; empty for none",
        "--exclude-weakdeps": "packages that are only recommended are not installed",
        "--timeout": "seconds without data after which a download is given up; 30 without it",
        "--retries": "tries for each file over all mirrors; 10 without it",
        "--releasever": f"{_ADDITION}: $releasever; without it, that of the repository's release package",
    },
    refused={
        "repositories don't say which environment is the default; name it as @^ENVIRONMENT": "--default",
        "write it as --inst-langs": "--instLangs",
        "write it as --exclude-weakdeps": "--excludeWeakdeps",
    },
)
"""The section's options. What its lines are is in the note."""
