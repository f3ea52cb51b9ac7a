"""Repositories of tiny RPM packages, signed or not, and a server on loopback that can fail in ways that servers do."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

SERVER = Path(__file__).with_name("rpm_server.py")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rpm:
    """A package with one file, /usr/share/NAME/data. `extra` is more of its preamble, `scripts` what comes after it.

    `files` are more files, with their content; directories end in a slash. `megabytes` of noise make it large.
    """

    name: str
    version: str = "1"
    extra: str = ""
    scripts: str = ""
    files: tuple[tuple[str, str], ...] = ()
    documentation: bool = False
    language: str = ""
    """Has a translation, /usr/share/locale/LANGUAGE/NAME."""
    megabytes: int = 0

    @property
    def nevra(self) -> str:
        return f"{self.name}-{self.version}-1.noarch"

    def spec(self) -> str:
        lines = [f"install -D /dev/stdin %{{buildroot}}/usr/share/{self.name}/data <<<{self.name}"]
        listed = [f"/usr/share/{self.name}"]
        for path, content in self.files:
            if path.endswith("/"):
                lines.append(f"mkdir -p %{{buildroot}}{path}")
                listed.append(f"%dir {path}")
            else:
                lines.append(f"install -D -m 755 /dev/stdin %{{buildroot}}{path} <<'END'\n{content}\nEND")
                listed.append(path)
        if self.megabytes:
            lines.append(f"head -c {self.megabytes}M /dev/urandom > %{{buildroot}}/usr/share/{self.name}/noise")
        if self.documentation:
            lines.append(f"install -D /dev/stdin %{{buildroot}}/usr/share/doc/{self.name}/README <<<Read")
            listed.append(f"%doc /usr/share/doc/{self.name}/README")
        if self.language:
            translation = f"/usr/share/locale/{self.language}/{self.name}"
            lines.append(f"install -D /dev/stdin %{{buildroot}}{translation} <<<Lesen")
            listed.append(f"%lang({self.language}) {translation}")
        install, names = "\n".join(lines), "\n".join(listed)
        return (
            f"Name: {self.name}\nVersion: {self.version}\nRelease: 1\nSummary: Tiny {self.name}\nLicense: none\n"
            f"BuildArch: noarch\n{self.extra}\n%description\nTiny.\n%install\n{install}\n{self.scripts}\n"
            f"%files\n{names}\n"
        )


@dataclass(kw_only=True)
class Signer:
    """A key that signs packages and metadata, in a keyring of its own."""

    home: Path
    name: str

    @classmethod
    def create(cls, home: Path, name: str) -> Signer:
        home.mkdir(mode=0o700, parents=True)
        signer = cls(home=home, name=name)
        signer.gpg(
            "--passphrase", "", "--quick-generate-key", f"{name} <{name}@example.org>", "rsa2048", "sign", "never"
        )
        return signer

    def gpg(self, *words: str) -> str:
        done = subprocess.run(
            ["gpg", "--homedir", str(self.home), "--batch", "--yes", *words],
            check=True, capture_output=True, text=True, stdin=subprocess.DEVNULL,
        )  # fmt: skip
        return done.stdout

    @property
    def fingerprint(self) -> str:
        listed = self.gpg("--with-colons", "--fingerprint")
        return next(line.split(":")[9] for line in listed.splitlines() if line.startswith("fpr:"))

    def public_key(self, path: Path) -> Path:
        path.write_text(self.gpg("--armor", "--export"))
        return path

    def sign(self, packages: Sequence[Path]) -> None:
        subprocess.run(
            ["rpmsign", "--define", f"_gpg_name {self.name}", "--define", f"_gpg_path {self.home}",
             "--addsign", *map(str, packages)],
            check=True, capture_output=True, env={**os.environ, "GNUPGHOME": str(self.home)},
        )  # fmt: skip

    def sign_metadata(self, repository: Path) -> None:
        self.gpg("--armor", "--detach-sign", str(repository / "repodata" / "repomd.xml"))


def build(packages: Sequence[Rpm], directory: Path) -> dict[str, Path]:
    """Build the packages into `directory`; gives their files by name."""
    top = directory.parent / f"{directory.name}.build"
    top.mkdir(parents=True)
    directory.mkdir(parents=True, exist_ok=True)
    specs = []
    for package in packages:
        spec = top / f"{package.name}.spec"
        spec.write_text(package.spec())
        specs.append(str(spec))
    subprocess.run(
        ["rpmbuild", "-bb", "--quiet", "--define", f"_topdir {top}", "--define", "_buildshell /bin/bash",
         "--define", f"_rpmdir {directory}", "--define", "_build_name_fmt %{NAME}-%{VERSION}.rpm",
         "--define", "_binary_payload w1.gzdio", *specs],
        check=True, capture_output=True,
    )  # fmt: skip
    return {package.name: directory / f"{package.name}-{package.version}.rpm" for package in packages}


def index(directory: Path, comps: str = "") -> None:
    """Make the metadata of the packages in `directory`, with groups if there are any."""
    words = ["createrepo_c", "--quiet"]
    if comps:
        (directory / "comps.xml").write_text(comps)
        words += ["--groupfile", "comps.xml"]
    subprocess.run([*words, str(directory)], check=True, capture_output=True)


@dataclass(kw_only=True)
class Server:
    """A server of the files in a directory, in a process of its own: libdnf5 would keep one in ours from answering."""

    url: str
    process: subprocess.Popen[str]
    control: Path
    asked: Path

    def requests(self) -> list[str]:
        """The paths that were asked for, as they came."""
        return self.asked.read_text().splitlines() if self.asked.exists() else []

    def behave(self, *wishes: str) -> None:
        """What goes wrong from now on: see `rpm_server`."""
        self.control.write_text("\n".join(wishes))


@contextmanager
def served(directory: Path, scratch: Path) -> Iterator[Server]:
    """Serve `directory` until the block ends. `scratch` is an empty directory for what the server is told."""
    scratch.mkdir(parents=True, exist_ok=True)
    control, asked = scratch / "control", scratch / "asked"
    process = subprocess.Popen(
        [sys.executable, str(SERVER), str(directory), str(control), str(asked)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    try:
        yield Server(url=process.stdout.readline().strip(), process=process, control=control, asked=asked)
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


RELEASE = Rpm(name="tiny-release", version="7", extra="Provides: system-release = 7")
FAILS_BEFORE = Rpm(name="fails-before", scripts='%pre -p <lua>\nprint("no, no")\nerror("oh dear")')
FAILS_AFTER = Rpm(name="fails-after", scripts='%post -p <lua>\nprint("no, no")\nerror("oh dear")')
PACKAGES = (
    Rpm(name="alpha", extra="Requires: beta"),
    Rpm(name="beta", extra="Recommends: weak"),
    Rpm(name="weak"),
    Rpm(name="told", documentation=True, language="de"),
    Rpm(name="broken", extra="Requires: nowhere"),
    Rpm(name="foe", extra="Conflicts: beta"),
    Rpm(name="rpm", files=(("/usr/lib/sysimage/rpm/", ""),)),
    Rpm(name="old-rpm", files=(("/var/lib/rpm/", ""),)),
    Rpm(name="large", megabytes=4),
    *(Rpm(name=f"langpacks-{language}") for language in ("de", "pt", "pt_BR")),
    RELEASE,
    FAILS_BEFORE,
    FAILS_AFTER,
)
COMPS = """<?xml version="1.0"?>
<comps>
  <group><id>core</id><name>Core</name><description>The least.</description><uservisible>false</uservisible>
    <packagelist><packagereq type="mandatory">tiny-release</packagereq></packagelist></group>
  <group><id>levels</id><name>Levels</name><description>All of them.</description>
    <packagelist><packagereq type="mandatory">beta</packagereq><packagereq type="default">told</packagereq>
      <packagereq type="optional">large</packagereq></packagelist></group>
  <group><id>more</id><name>More</name><description>What may be added.</description>
    <packagelist><packagereq type="default">weak</packagereq></packagelist></group>
  <environment><id>tiny-environment</id><name>Tiny</name><description>A tiny system.</description>
    <grouplist><groupid>core</groupid><groupid>levels</groupid></grouplist>
    <optionlist><groupid>more</groupid></optionlist></environment>
</comps>
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Laboratory:
    """The tiny packages, built once: signed by `right`, and not signed at all."""

    signed: Path
    unsigned: Path
    right: Signer
    wrong: Signer

    @classmethod
    def create(cls, directory: Path) -> Laboratory:
        laboratory = cls(
            signed=directory / "signed",
            unsigned=directory / "unsigned",
            right=Signer.create(directory / "right", "right"),
            wrong=Signer.create(directory / "wrong", "wrong"),
        )
        built = build(PACKAGES, laboratory.unsigned)
        shutil.copytree(laboratory.unsigned, laboratory.signed)
        laboratory.right.sign([laboratory.signed / path.name for path in built.values()])
        return laboratory

    def repository(self, directory: Path, *names: str, signed: bool = True, comps: str = COMPS) -> Path:
        """A repository of the packages `names` (all, if there are none) in an empty directory."""
        directory.mkdir(parents=True)
        for path in (self.signed if signed else self.unsigned).iterdir():
            if not names or path.name.rpartition("-")[0] in names:
                shutil.copyfile(path, directory / path.name)
        index(directory, comps)
        return directory


def installed(root: Path, database: str, pattern: str = "*") -> set[str]:
    """What an rpm that looks for its database at `database` finds in `root`."""
    done = subprocess.run(
        ["rpm", "--root", str(root), "--dbpath", database, "-qa", pattern], check=True, capture_output=True, text=True
    )
    return set(done.stdout.split())
