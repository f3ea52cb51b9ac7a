"""The part of the build that runs in the runtime root: `python3 -m tests.lab.inside OUTPUT DEBS MIRROR`.

There are apt, dpkg, rpmbuild, gpg and createrepo_c of known versions, and whoever runs this is root or seems so.
OUTPUT is an empty directory, DEBS keeps downloads.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.lab import trees
from tests.lab.compose import Rpm, compose, kernel_version
from tests.lab.debs import Deb, chosen, parse_index
from tests.lab.recipe import DIRECTORY, Recipe, load
from tests.lab.spec import file_list, filled, spec_text

KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"
EPOCH = 1_793_491_200  # 2026-11-01, and no package is younger
KEY_FILE = "RPM-GPG-KEY-lagoon"
REPOSITORY, FINGERPRINT, PACKAGES = "repository", "fingerprint", "packages.tsv"
_SIGNER = "Lagoon Linux laboratory (thrown away after tests) <lagoon@lagoon.example>"


@dataclass(frozen=True, slots=True)
class Workshop:
    """Where things are while the packages are made."""

    output: Path
    debs: Path

    @property
    def work(self) -> Path:
        return self.output / "work"

    @property
    def trees(self) -> Path:
        return self.work / "trees"

    @property
    def gnupg(self) -> Path:
        return self.work / "gnupg"

    @property
    def repository(self) -> Path:
        return self.output / REPOSITORY

    def run(self, *words: str | Path, cwd: Path | None = None, **env: str) -> str:
        argv = [os.fspath(word) for word in words]
        settings = {**os.environ, "GNUPGHOME": str(self.gnupg), "SOURCE_DATE_EPOCH": str(EPOCH), **env}
        done = subprocess.run(argv, cwd=cwd, env=settings, check=False, capture_output=True, text=True)
        if done.returncode:
            sys.exit(f"{' '.join(argv[:8])} failed ({done.returncode}):\n{done.stdout[-2000:]}\n{done.stderr[-6000:]}")
        return done.stdout


def main(words: Sequence[str]) -> None:
    output, debs, mirror = words
    shop, recipe = Workshop(Path(output), Path(debs)), load()
    shop.gnupg.mkdir(parents=True, mode=0o700)
    shop.repository.mkdir()
    found = fetch(shop, recipe, mirror)
    kernel = kernel_version(found)
    rpms = compose(recipe, found)
    fingerprint = make_key(shop)

    tell(f"Composing {len(rpms)} RPM packages out of {len(found)} Debian packages")
    materials = [deb for deb in found if deb.name in recipe.materials]
    trees.unpack_all(rpms, materials, shop.debs, shop.trees)
    trees.overlay(DIRECTORY / "files", shop.trees)
    key = shop.repository / KEY_FILE
    tell(shop.run(DIRECTORY / "compose.sh", cwd=shop.trees, KVER=kernel, KEY=str(key)))
    shutil.rmtree(shop.trees / trees.MATERIALS)
    trees.add_ghosts(rpms, shop.trees, kernel)

    build(shop, rpms, kernel)
    publish(shop, fingerprint)
    rows = (f"{deb.name}\t{deb.version}\t{deb.architecture}\n" for deb in found)
    (shop.output / PACKAGES).write_text("".join(rows), encoding="utf-8")
    shutil.rmtree(shop.work)


def tell(text: str) -> None:
    if text.strip():
        print(text.strip(), flush=True)


def fetch(shop: Workshop, recipe: Recipe, mirror: str) -> tuple[Deb, ...]:
    """Bring the Debian packages that the recipe needs into DEBS, and keep nothing else there."""
    apt, options = shop.work / "apt", []
    for name in ("state/lists/partial", "cache/archives/partial"):
        (apt / name).mkdir(parents=True)
    (apt / "status").touch()
    (apt / "sources.list").write_text(f"deb [signed-by={KEYRING}] {mirror} {recipe.suite} main\n", encoding="ascii")
    settings = {
        "Dir::State": apt / "state", "Dir::State::status": apt / "status", "Dir::Cache": apt / "cache",
        "Dir::Etc::sourcelist": apt / "sources.list", "Dir::Etc::sourceparts": "/nowhere",
        # A frozen mirror's Release file is past its Valid-Until; its signature is checked all the same.
        "Acquire::Check-Valid-Until": "false", "Acquire::Languages": "none", "APT::Sandbox::User": "root",
    }  # fmt: skip
    for key, value in settings.items():
        options += ["-o", f"{key}={value}"]
    shop.run("apt-get", *options, "--quiet", "update")
    (index,) = (apt / "state/lists").glob("*_Packages")
    found = chosen(recipe, parse_index(index.read_text(encoding="utf-8")))
    missing = [f"{deb.name}={deb.version}" for deb in found if not (shop.debs / deb.file).exists()]
    if missing:
        tell(f"Fetching {len(missing)} Debian packages")
        shop.run("apt-get", *options, "--quiet", "download", *missing, cwd=shop.debs)
    for path in {*shop.debs.iterdir()} - {shop.debs / deb.file for deb in found}:
        path.unlink()
    return found


def make_key(shop: Workshop) -> str:
    """A key that signs this build alone: its secret half goes with the work directory. Gives the fingerprint."""
    shop.run("gpg", "--batch", "--passphrase", "", "--quick-generate-key", _SIGNER, "rsa3072", "sign", "never")
    listed = shop.run("gpg", "--batch", "--with-colons", "--list-keys")
    fingerprint = next(line.split(":")[9] for line in listed.splitlines() if line.startswith("fpr:"))
    shop.run("gpg", "--batch", "--armor", "--output", shop.repository / KEY_FILE, "--export", fingerprint)
    (shop.output / FINGERPRINT).write_text(f"{fingerprint}\n", encoding="ascii")
    return fingerprint


def build(shop: Workshop, rpms: tuple[Rpm, ...], kernel: str) -> None:
    """Write the spec file and the lists of files, and let rpmbuild make the packages."""
    lists, spec = shop.work / "lists", shop.work / "lagoon.spec"
    lists.mkdir()
    basic = frozenset(node.path for node in trees.nodes(shop.trees / "filesystem"))
    for rpm in rpms:
        ghosts = [filled(ghost, kernel) for ghost in rpm.recipe.ghosts]
        own = frozenset() if rpm.name == "filesystem" else basic
        text = file_list(trees.nodes(shop.trees / rpm.name), ghosts, own)
        (lists / rpm.name).write_text(text, encoding="utf-8")
    spec.write_text(spec_text(rpms, shop.trees, lists, kernel), encoding="utf-8")
    tell("Building the RPM packages")
    places = {"_topdir": shop.work / "rpmbuild", "_rpmdir": shop.repository, "_buildshell": "/bin/bash"}
    defines = [word for name, value in places.items() for word in ("--define", f"{name} {value}")]
    shop.run("rpmbuild", "-bb", "--target", "x86_64-linux", *defines, spec)


def publish(shop: Workshop, fingerprint: str) -> None:
    """Sign the packages, make the metadata, sign that too."""
    tell("Signing the packages, making the metadata")
    packages = sorted(shop.repository.rglob("*.rpm"))
    shop.run("rpmsign", "--addsign", "--define", f"_gpg_name {fingerprint}", *packages)
    words = ["--quiet", "--groupfile", str(DIRECTORY / "comps.xml"), "--revision", str(EPOCH)]
    shop.run("createrepo_c", *words, "--set-timestamp-to-revision", shop.repository)
    repomd = shop.repository / "repodata/repomd.xml"
    shop.run("gpg", "--batch", "--local-user", fingerprint, "--detach-sign", "--armor", repomd)


if __name__ == "__main__":
    main(sys.argv[1:])
