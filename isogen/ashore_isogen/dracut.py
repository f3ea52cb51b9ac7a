"""The initramfs of the live system, made by the dracut of the runtime root."""

from __future__ import annotations

from pathlib import Path

from ashore_installer.errors import InstallerError
from ashore_isogen.sandbox import Bind, Sandbox


def kernel_version(root: Path) -> str:
    """The one kernel of a root tree, by its modules. Raises InstallerError when there is none or more than one."""
    found = sorted(path.name for path in (root / "usr/lib/modules").iterdir() if (path / "vmlinuz").exists())
    if len(found) != 1:
        raise InstallerError(
            f"The runtime root has {len(found)} kernels, one is wanted.", "Correct runtime-install.tmpl."
        )
    return found[0]


def build_initramfs(root: Path, output: Path, epoch: int) -> None:
    """Writes `output`. What goes in is decided by the tree's own /etc/dracut.conf.d. Times in it are `epoch`."""
    inside = Bind(source=output.parent, target="/tmp/out")
    sandbox = Sandbox(root=root, binds=(inside,), env={"SOURCE_DATE_EPOCH": str(epoch)})
    sandbox.run(["dracut", "--force", "--quiet", "--kver", kernel_version(root), f"/tmp/out/{output.name}"])
    output.chmod(0o644)
