"""Sets a machine up to build, test and try Ashore: asks nothing, and writes to the cache only.

Debian packages are installed when this runs as root; an ordinary user is told in one line which are missing. The
Python environment is kept in the cache, one for each checkout, and made again when pyproject.toml or Python changes.
"""

from __future__ import annotations

import argparse
import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent
READY = "ready"

# Each package with a program (or file) of it, so that other distributions can be checked too.
PACKAGES = {
    "python3-venv": "",  # the Python environment
    "ca-certificates": "/etc/ssl/certs/ca-certificates.crt",  # packages and images over HTTPS
    "mmdebstrap": "mmdebstrap",  # the live runtime and the sample image from Debian packages
    "squashfs-tools": "mksquashfs",  # the live runtime as one compressed file
    "xorriso": "xorriso",  # the ISO
    "mtools": "mcopy",  # the EFI system partition of the ISO, without mounting it
    "dosfstools": "mkfs.fat",  # the same
    "skopeo": "skopeo",  # images from registries and other stores
    "uidmap": "newuidmap",  # user namespaces for builds without root
    "qemu-system-x86": "qemu-system-x86_64",  # machines to try media in
    "qemu-utils": "qemu-img",  # their disks
    "ovmf": "/usr/share/qemu/firmware",  # their UEFI firmware
    "swtpm": "swtpm",  # their TPM
    "openssh-client": "ssh",  # tests log in to installed systems
}


class SetUpFailed(Exception):
    """What is missing, and one thing to do about it."""


def main(words: list[str]) -> int:
    parser = argparse.ArgumentParser(prog=".ci/setup", description="Set up this machine for `make`.")
    parser.add_argument("--where", action="store_true", help="print the directory of the Python environment and stop")
    if parser.parse_args(words).where:
        print(environment())
        return 0
    try:
        install_packages()
        make_environment(environment())
    except SetUpFailed as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def cache() -> Path:
    """`$ASHORE_CACHE`, else `$XDG_CACHE_HOME/ashore`, else `~/.cache/ashore` (as ashore_isogen.cache has it)."""
    if chosen := os.environ.get("ASHORE_CACHE"):
        return Path(chosen).absolute()
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "ashore"


def environment() -> Path:
    """The Python environment of this checkout. Two checkouts have two, since theirs is the code that they import."""
    checkout = hashlib.sha256(os.fsencode(CHECKOUT)).hexdigest()[:12]
    inputs = (CHECKOUT / "pyproject.toml").read_bytes() + sys.version.encode() + os.fsencode(sys.executable)
    return cache() / "python" / checkout / hashlib.sha256(inputs).hexdigest()[:12]


def install_packages() -> None:
    """Install the Debian packages that are missing. Raises SetUpFailed where that can't be done."""
    if shutil.which("dpkg-query") is None:
        missing = [program for program in PACKAGES.values() if program and not is_there(program)]
        if missing:
            raise SetUpFailed(f"Install what has these, and try again: {' '.join(missing)}")
        return
    missing = missing_packages()
    if not missing:
        return
    if os.geteuid() != 0:
        raise SetUpFailed(f"Packages are missing. As root: apt-get install --no-install-recommends {' '.join(missing)}")
    print(f"Installing Debian packages: {' '.join(missing)}", flush=True)
    apt("update", "-q")
    apt("install", "-q", "-y", "--no-install-recommends", *missing)


def missing_packages() -> list[str]:
    query = ["dpkg-query", "--show", "--showformat=${Package} ${db:Status-Status}\\n", *PACKAGES]
    shown = subprocess.run(query, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=False).stdout
    installed = {line.split()[0] for line in shown.splitlines() if line.endswith(" installed")}
    return [name for name in PACKAGES if name not in installed]


def is_there(program: str) -> bool:
    return Path(program).exists() if program.startswith("/") else shutil.which(program) is not None


def apt(*words: str) -> None:
    settings = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    run(["apt-get", *words], "Look at what apt-get says above.", settings)


def make_environment(place: Path) -> None:
    """The Python environment at `place`, if it is not there. Waits for whoever makes it now."""
    if (place / READY).exists():
        return
    place.parent.mkdir(parents=True, exist_ok=True)
    with (place.parent / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if (place / READY).exists():
            return
        for old in place.parent.iterdir():  # of an earlier pyproject.toml, or unfinished
            if old.is_dir():
                shutil.rmtree(old)
        fill_environment(place)


def fill_environment(place: Path) -> None:
    print(f"Making the Python environment in {place}", flush=True)
    started = time.monotonic()
    run([sys.executable, "-m", "venv", str(place)], "Install the package python3-venv.", dict(os.environ))
    pip = [str(place / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    run([*pip, "--editable", f"{CHECKOUT}[test,lint]"], "Is there a network? pip says more above.", dict(os.environ))
    (place / READY).touch()
    print(f"Done in {time.monotonic() - started:.0f} s.", flush=True)


def run(argv: list[str], hint: str, settings: dict[str, str]) -> None:
    status = subprocess.run(argv, stdin=subprocess.DEVNULL, env=settings, check=False).returncode
    if status != 0:
        raise SetUpFailed(f"{argv[0]} failed with exit status {status}.\n{hint}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
