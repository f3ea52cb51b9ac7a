"""One way to install packages onto a disk image, run inside the runtime root: DISK dnf5|ours REPOSITORY KEY."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory, mkdtemp

from ashore_installer.package_plan import PackagePayload, Repository, SigningKey
from ashore_installer.payload.package_process import PackageProcess

API = (("proc", "proc", "proc"), ("sysfs", "sysfs", "sys"), ("tmpfs", "tmpfs", "run"), ("tmpfs", "tmpfs", "dev"))
NODES = (("null", 3), ("zero", 5), ("random", 8), ("urandom", 9))


def main(disk: str, way: str, repository: str, key: str) -> None:
    with TemporaryDirectory(prefix="ashore-bench-") as scratch, _mounted(disk) as target:
        if way == "dnf5":
            _dnf5(target, Path(repository), Path(key), Path(scratch))
        else:
            _ours(target, Path(repository), Path(key), Path(scratch))


def _dnf5(target: Path, repository: Path, key: Path, scratch: Path) -> None:
    (scratch / "lab.repo").write_text(
        f"[lab]\nname=lab\nbaseurl={repository.as_uri()}\ngpgcheck=1\ngpgkey={key.as_uri()}\n", encoding="utf-8"
    )
    options = [
        f"reposdir={scratch}",
        f"cachedir={scratch}/cache",
        f"pluginconfpath={scratch}/none",
        "optional_metadata_types=comps,filelists",
    ]
    words = ["dnf5", "--assumeyes", "--quiet", f"--installroot={target}", "--use-host-config"]
    subprocess.run(
        [*words, *(f"--setopt={option}" for option in options), "install", "@core"],
        check=True, stdout=subprocess.DEVNULL,
    )  # fmt: skip


def _ours(target: Path, repository: Path, key: Path, scratch: Path) -> None:
    libdnf5 = PackageProcess(cache=scratch / "cache")
    payload = PackagePayload(
        repositories=(Repository(id="lab", baseurls=(repository.as_uri(),), keys=(SigningKey(location=key.as_uri()),)),)
    )
    info = libdnf5.resolve(payload, "amd64")
    libdnf5.download(payload, info, target)
    libdnf5.install(payload, info, target)


@contextmanager
def _mounted(disk: str) -> Iterator[Path]:
    """The root of the file system in `disk`, with what scriptlets need mounted in it."""
    target = Path(mkdtemp(prefix="ashore-target-"))
    with ExitStack() as stack:
        stack.callback(target.rmdir)
        _mount(stack, "-o", "loop", disk, str(target))
        for kind, source, place in API:
            (target / place).mkdir()
            _mount(stack, "-t", kind, source, str(target / place))
        for name, minor in NODES:
            os.mknod(target / "dev" / name, 0o666 | stat.S_IFCHR, os.makedev(1, minor))
        yield target


def _mount(stack: ExitStack, *words: str) -> None:
    subprocess.run(["mount", *words], check=True)
    stack.callback(subprocess.run, ["umount", words[-1]], check=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
