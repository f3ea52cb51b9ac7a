"""A runtime root of RPM packages. libdnf5 and rpm are those of Debian's runtime root, whatever this machine has."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ashore_installer.payload.package_process import PackageProcess
from ashore_isogen.backend_rpm import RpmPackages
from ashore_isogen.cache import remove_tree
from ashore_isogen.distribution import Distribution
from ashore_isogen.report import Report
from ashore_isogen.repository.inside import Said, ToolRoot
from ashore_isogen.repository.keys import download, with_local_keys
from ashore_isogen.runtime_root import ARCHITECTURE

# Mount points, with the modes of Fedora's package `filesystem`: rpm can't set them while something is mounted there.
_MOUNT_POINTS = {"proc": 0o555, "sys": 0o555, "dev": 0o755, "run": 0o755, "tmp": 0o1777}
# Nothing for kernel-install(8): the kernel of a live system is on the medium, and its initramfs is another (dracut.py).
_ENVIRONMENT = {"KERNEL_INSTALL_BYPASS": "1"}


@contextmanager
def rpm_packages(tree: Path, distribution: Distribution, tools: Path, report: Report) -> Iterator[RpmPackages]:
    """What installs packages into the empty directory `tree`; its parent is used for work. Raises InstallerError.

    `tools` is the tree of a runtime root with libdnf5 and rpm. `packages.log` in the parent says what scriptlets said.
    """
    work = tree.parent
    keys, cache = work / "keys", work / "cache"
    keys.mkdir()
    for name, mode in _MOUNT_POINTS.items():
        (tree / name).mkdir()
        (tree / name).chmod(mode)
    payload = with_local_keys(distribution.payload(), keys, download)
    root = ToolRoot(root=tools, work=work, payload=payload, trees=(tree,), env=_ENVIRONMENT)
    libdnf5 = PackageProcess(command=root.libdnf5(), cache=cache, log_file=work / "packages.log")
    said = Said(report)
    yield RpmPackages(
        root=tree, base=payload, architecture=ARCHITECTURE, libdnf5=libdnf5, run=root.run, report=said
    )  # fmt: skip
    for directory in (keys, cache):
        remove_tree(directory)
