"""libostree, through GObject introspection: the only module that imports `gi`, and only when it is used.

It makes the system root and its repository, writes commits and refs, deploys, and looks up SELinux labels. Objects of
files and directories are written by `objects.py`. API: libostree 2024.5 or newer, built with composefs.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ashore_installer.errors import InstallerError

log = logging.getLogger(__name__)

REPO_CONFIG = {
    "sysroot.bootloader": "none",
    "sysroot.bootprefix": "true",
    "sysroot.readonly": "true",
}
"""bootc, lib/src/install.rs, DEFAULT_REPO_CONFIG."""

ORIGIN_KEY = "container-image-reference"


@dataclass(frozen=True, slots=True, kw_only=True)
class Commit:
    """A commit as it is stored. `metadata` has the text values only; `timestamp` in seconds since 1970."""

    tree: bytes
    meta: bytes
    metadata: dict[str, str]
    keys: tuple[str, ...]
    parent: str
    subject: str
    body: str
    timestamp: int


@contextmanager
def _failing(what: str, hint: str = "See the log; is the disk full or failing?") -> Iterator[None]:
    """Turn libostree's errors into ours.

    The new error does not hold on to the old one: its traceback would keep libostree's objects alive, and with them
    open files that keep the target from being unmounted.
    """
    from gi.repository import GLib

    try:
        yield
        return
    except GLib.Error as error:
        log.debug("libostree failed", exc_info=True)
        reason = str(error.message)
    raise InstallerError(f"{what}: {reason}.", hint)


def _library() -> Any:
    import gi

    gi.require_version("OSTree", "1.0")
    from gi.repository import OSTree

    return OSTree


def _file(path: Path) -> Any:
    from gi.repository import Gio

    return Gio.File.new_for_path(str(path))


class Sysroot:
    """The system root at `path`: what is below its /ostree. `create` makes it, the constructor opens it.

    It keeps directories of the target open until the `with` block ends, or `close`.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        ostree = _library()
        self._ostree = ostree
        self._sysroot = ostree.Sysroot.new(_file(path))
        with _failing(f"The system root {path} can't be opened"):
            # The target is ours alone: libostree need not remount anything.
            self._sysroot.set_mount_namespace_in_use()
            self._sysroot.load(None)
            _, self._repo = self._sysroot.get_repo(None)
        # Nothing can be booted before the last sync of the installation.
        self._repo.set_disable_fsync(True)

    @classmethod
    def create(cls, path: Path, stateroot: str) -> Sysroot:
        """Make /ostree, its repository and the stateroot, as `ostree admin init-fs --modern` and `os-init` do.

        What is there already stays: the repository, other stateroots, and the /var of this one.
        """
        ostree = _library()
        (path / "boot").mkdir(mode=0o755, exist_ok=True)
        with _failing(f"The system root {path} can't be made"):
            ostree.Sysroot.new(_file(path)).ensure_initialized(None)
        sysroot = cls(path)
        if sysroot._repo.get_mode() != ostree.RepoMode.BARE:
            raise InstallerError(
                "The system that is there keeps its files in a way that no system can boot from.",
                "Erase its root file system instead of keeping it.",
            )
        with _failing(f"The stateroot {stateroot} can't be made"):
            if not (path / "ostree/deploy" / stateroot).is_dir():
                sysroot._sysroot.init_osname(stateroot, None)
            sysroot.configure(REPO_CONFIG)
        return sysroot

    def __enter__(self) -> Sysroot:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def close(self) -> None:
        """Close all files. The object is of no use afterwards, whoever still has it (the traceback of an error)."""
        self._sysroot = self._repo = None

    @property
    def repo(self) -> Path:
        return self.path / "ostree" / "repo"

    def configure(self, values: Mapping[str, str]) -> None:
        """Set `GROUP.KEY` of the repository's configuration."""
        with _failing("The repository can't be configured"):
            config = self._repo.copy_config()
            for name, value in values.items():
                config.set_string(*name.split(".", 1), value)
            self._repo.write_config(config)
            self._repo.reload_config(None)

    def config(self, name: str) -> str:
        """A value of the repository's configuration."""
        with _failing(f"The repository's configuration has no {name}"):
            return str(self._repo.get_config().get_string(*name.split(".", 1)))

    def write_commit(
        self, root: tuple[bytes, bytes], metadata: Mapping[str, str], timestamp: int, parent: str = ""
    ) -> str:
        """Commit the tree with these checksums of its root's dirtree and dirmeta; gives the commit's checksum."""
        with _failing("The commit can't be written"):
            return self._write_commit(root, metadata, timestamp, parent)

    def _write_commit(
        self, root: tuple[bytes, bytes], metadata: Mapping[str, str], timestamp: int, parent: str
    ) -> str:  # fmt: skip
        from gi.repository import GLib

        values = {key: GLib.Variant("s", value) for key, value in sorted(metadata.items())}
        variant = GLib.Variant("a{sv}", values) if values else None
        tree, meta = root
        mutable = self._ostree.MutableTree.new_from_checksum(self._repo, tree.hex(), meta.hex())
        _, file = self._repo.write_mtree(mutable, None)
        _, commit = self._repo.write_commit_with_time(parent or None, None, None, variant, file, timestamp, None)
        return str(commit)

    def set_refs(self, refs: Mapping[str, str]) -> None:
        """Set refs to commits, all at once."""
        with _failing("The refs can't be written"):
            self._repo.prepare_transaction(None)
            for name, commit in refs.items():
                self._repo.transaction_set_ref(None, name, commit)
            self._repo.commit_transaction(None)

    def refs(self, prefix: str = "") -> dict[str, str]:
        """All refs with their commits, or those below a prefix (with their whole names)."""
        with _failing("The refs can't be read"):
            flags = self._ostree.RepoListRefsExtFlags.NONE
            _, found = self._repo.list_refs_ext(prefix or None, flags, None)
        return {str(name): str(commit) for name, commit in found.items()}

    def read_commit(self, checksum: str) -> Commit:
        with _failing(f"The commit {checksum} can't be read"):
            _, variant, _ = self._repo.load_commit(checksum)
        metadata = variant.get_child_value(0)
        entries = [metadata.get_child_value(n) for n in range(metadata.n_children())]
        pairs = [(e.get_child_value(0).get_string(), e.get_child_value(1).get_variant()) for e in entries]
        return Commit(
            tree=_bytes(variant, 6),
            meta=_bytes(variant, 7),
            metadata={key: value.get_string() for key, value in pairs if value.get_type_string() == "s"},
            keys=tuple(key for key, _ in pairs),
            parent=_bytes(variant, 1).hex(),
            subject=variant.get_child_value(3).get_string(),
            body=variant.get_child_value(4).get_string(),
            timestamp=self._ostree.commit_get_timestamp(variant),
        )

    def deploy(self, stateroot: str, commit: str, origin: str, kargs: Sequence[str]) -> Path:
        """Deploy a commit with an origin file and kernel arguments; gives the deployment's root.

        It becomes the default. What the stateroot had deployed before is removed, unless it is pinned; other
        stateroots keep theirs, with their boot entries.
        """
        with _failing(f"The image can't be deployed to {self.path}"):
            return self._deploy(stateroot, commit, origin, kargs)

    def _deploy(self, stateroot: str, commit: str, origin: str, kargs: Sequence[str]) -> Path:
        from gi.repository import GLib

        keyfile = GLib.KeyFile()
        keyfile.set_string("origin", ORIGIN_KEY, origin)
        self._sysroot.load(None)
        _, deployment = self._sysroot.deploy_tree(stateroot, commit, keyfile, None, list(kargs), None)
        flags = self._ostree.SysrootSimpleWriteDeploymentFlags.NO_CLEAN  # once, below
        self._sysroot.simple_write_deployment(stateroot, deployment, None, flags, None)
        self._sysroot.cleanup(None)
        return self.path / str(self._sysroot.get_deployment_dirpath(deployment))

    def deployments(self) -> tuple[tuple[str, Path], ...]:
        """Checksum and root of each deployment, the default one first."""
        with _failing("The deployments can't be read"):
            self._sysroot.load(None)
            found = self._sysroot.get_deployments()
        return tuple(
            (str(d.get_csum()), self.path / str(self._sysroot.get_deployment_dirpath(d))) for d in found
        )  # fmt: skip


class Policy:
    """The SELinux policy in a root (below /etc/selinux or /usr/etc/selinux); `name` is empty if there is none."""

    def __init__(self, root: Path) -> None:
        with _failing("The image's SELinux policy can't be read", "Install the policy again where the image is made."):
            self._policy = _library().SePolicy.new(_file(root), None)
        self.name = str(self._policy.get_name() or "")

    def label(self, path: str, mode: int) -> bytes | None:
        """The label of an absolute path with this mode, as it is stored (with a NUL at its end), or None."""
        with _failing(f"The SELinux policy fails on {path}"):
            _, label = self._policy.get_label(path, mode, None)
        return str(label).encode() + b"\0" if label else None


def _bytes(variant: Any, child: int) -> bytes:
    return bytes(variant.get_child_value(child).get_data_as_bytes().get_data() or b"")
