"""Our trees against those of others: umoci applies the layers, ostree itself commits, and the checksums are the same.

The layers are made at random from a seed, so that a failure can be looked at again.
"""

from __future__ import annotations

import os
import random
import shutil
import stat
import subprocess
from pathlib import Path

import pytest

from ashore_installer.payload.ostree import Sysroot
from ashore_installer.payload.place import LABEL
from ashore_installer.payload.refs import layer_ref
from ashore_isogen.oci import Entry, directory, hardlink, opaque, regular, symlink, tar_bytes, whiteout
from tests.installer.images import BASE, TAG, layout
from tests.root.sysroots import imported, ostree

pytestmark = [pytest.mark.root, pytest.mark.needs("umoci", "matchpathcon")]

NAMES = ("a", "b", "c", "dé", "e e")
CAPABILITY = b"\x01\0\0\x02\0\x20" + bytes(14)


class RandomLayers:
    """Layers as builders write them: parents before children, hard links to files of the same layer."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self._below: dict[str, bool] = {"usr": True}

    def layers(self, count: int) -> list[tuple[Entry, ...]]:
        return [self._layer() for _ in range(count)]

    def _layer(self) -> tuple[Entry, ...]:
        chosen = self._random
        made: dict[str, Entry] = {"": directory("."), "usr": directory("usr")}
        dirs, files = ["usr"], list[str]()
        for _ in range(chosen.randint(5, 25)):
            parent = chosen.choice(dirs)
            path = f"{parent}/{chosen.choice(NAMES)}"
            if path in made:
                continue
            made[path] = self._entry(path, files)
            if made[path].kind is directory("x").kind:
                dirs.append(path)
            elif made[path].kind is regular("x").kind:
                files.append(path)
        removed = self._removals(made, dirs)
        self._below |= {path: path in dirs for path in made}
        return (*made.values(), *removed)

    def _entry(self, path: str, files: list[str]) -> Entry:
        chosen = self._random
        kind = chosen.choice(("file", "file", "file", "dir", "dir", "link", "hard"))
        mode = chosen.choice((0o644, 0o755, 0o4755, 0o2711, 0o600))
        owner = chosen.choice((0, 1, 1000))
        xattrs = chosen.choice(((), (("user.x", b"\0\xff"),), (("security.capability", CAPABILITY),)))
        if kind == "dir":
            return directory(path, mode=chosen.choice((0o755, 0o1777, 0o700)), uid=owner)
        if kind == "link":
            return symlink(path, chosen.choice(NAMES), gid=owner)
        if kind == "hard" and files:
            return hardlink(path, chosen.choice(files))
        return regular(path, chosen.randbytes(chosen.choice((0, 1, 5000))), mode=mode, gid=owner, xattrs=xattrs)

    def _removals(self, made: dict[str, Entry], dirs: list[str]) -> list[Entry]:
        """Whiteouts of what is below and not in this layer, and now and then an opaque directory."""
        chosen = self._random
        parents = {path.rpartition("/")[0] for path in made}
        candidates = [
            path for path in sorted(self._below) if path not in made and path.rpartition("/")[0] in dirs
        ]  # fmt: skip
        removed = [whiteout(path) for path in candidates if chosen.random() < 0.3]
        for path in sorted(set(dirs) & parents & set(self._below) - {"usr"}):
            if chosen.random() < 0.2:
                removed.append(opaque(path))
        return removed


@pytest.mark.parametrize("seed", range(12))
def test_merged_layers_are_what_umoci_unpacks_and_ostree_commits(tmp_path: Path, seed: int) -> None:
    root = layout(tmp_path / "layout", *RandomLayers(seed).layers(4))

    ours = imported(tmp_path / "root", root, TAG)

    found = ours.sysroot.read_commit(ours.commit)
    assert (found.tree, found.meta) == _commit_of_umoci(tmp_path, root)


def _commit_of_umoci(tmp_path: Path, root: Path) -> tuple[bytes, bytes]:
    bundle, repo = tmp_path / "bundle", tmp_path / "other"
    subprocess.run(["umoci", "unpack", f"--image={root}:{TAG}", bundle], check=True, capture_output=True)
    unpacked = bundle / "rootfs"
    for path in (unpacked, *unpacked.rglob("*")):
        if LABEL.decode() in os.listxattr(path, follow_symlinks=False):
            os.removexattr(path, LABEL.decode(), follow_symlinks=False)
    ostree("init", f"--repo={repo}", "--mode=bare")
    commit = ostree("commit", f"--repo={repo}", "--branch=x", f"--tree=dir={unpacked}").strip()
    return _root_of(repo, commit)


def _root_of(repo: Path, commit: str) -> tuple[bytes, bytes]:
    line = ostree("ls", f"--repo={repo}", "-C", "-d", commit).split()
    return bytes.fromhex(line[4]), bytes.fromhex(line[5])


def test_the_commit_of_a_layer_is_the_one_that_ostree_makes_of_its_tar(tmp_path: Path) -> None:
    """As bootc has it made (ostree-ext, tar/write.rs), of a layer that needs no filter."""
    for seed in range(4):
        layer = RandomLayers(seed).layers(1)[0]
        ours = imported(tmp_path / f"root{seed}", layout(tmp_path / f"layout{seed}", layer), TAG)
        tar = tmp_path / f"{seed}.tar"
        tar.write_bytes(tar_bytes(layer))
        ostree("init", f"--repo={tmp_path}/other{seed}", "--mode=bare")
        theirs = ostree(
            "commit", f"--repo={tmp_path}/other{seed}", "--add-metadata-string=ostree.importer.version=0.15.3",
            "--no-bindings", "--tar-autocreate-parents", f"--tree=tar={tar}", "--branch=x",
            "--timestamp=@1700000000",
        )  # fmt: skip
        assert ours.sysroot.refs()[layer_ref(ours.image.layers[0].digest)] == theirs.strip()


def test_a_second_pass_of_bootc_over_the_layers_changes_nothing(tmp_path: Path) -> None:
    """What bootc's `relabel_layers` (container/store.rs) does: check out, commit with the merged policy, compare."""
    ours = imported(tmp_path / "root", layout(tmp_path / "layout", *labelled_layers(tmp_path)), TAG)
    assert ours.info.selinux == "default"
    repo = ours.sysroot.repo
    merged = tmp_path / "merged"
    ostree("checkout", f"--repo={repo}", ours.commit, merged)
    for number, layer in enumerate(ours.image.layers):
        commit = ours.sysroot.refs()[layer_ref(layer.digest)]
        again = _again(repo, commit, tmp_path / str(number), merged, "ostree.importer.version=0.15.3")
        assert again == commit
    theirs = ours.sysroot.read_commit(_again(repo, ours.commit, tmp_path / "again", merged))
    found = ours.sysroot.read_commit(ours.commit)
    assert (theirs.tree, theirs.meta) == (found.tree, found.meta)


def _again(repo: Path, commit: str, scratch: Path, policy: Path, *metadata: str) -> str:
    ostree("checkout", f"--repo={repo}", commit, scratch)
    return ostree(
        "commit", f"--repo={repo}", "--branch=again", f"--tree=dir={scratch}", f"--selinux-policy={policy}",
        "--no-bindings", "--timestamp=@1700000000", "--parent=none",
        *(f"--add-metadata-string={value}" for value in metadata),
    ).strip()  # fmt: skip


def labelled_layers(tmp_path: Path) -> tuple[tuple[Entry, ...], ...]:
    """Layers with the SELinux policy of this root, files that it labels in several ways, and a foreign label."""
    policy = tmp_path / "policy"
    shutil.copytree("/etc/selinux/default", policy / "etc/selinux/default", symlinks=True)
    config = b"SELINUX=enforcing\nSELINUXTYPE=default\n"
    entries = [directory("etc/selinux"), regular("etc/selinux/config", config)]
    for path in sorted((policy / "etc/selinux/default").rglob("*")):
        name = str(path.relative_to(policy))
        mode = path.lstat().st_mode
        if stat.S_ISDIR(mode):
            entries.append(directory(name))
        elif stat.S_ISREG(mode):
            entries.append(regular(name, path.read_bytes()))
    second = (
        regular("usr/bin/passwd", b"p", mode=0o4755, xattrs=(("security.selinux", b"system_u:object_r:etc_t:s0\0"),)),
        hardlink("usr/share/passwd", "usr/bin/passwd"),
        regular("etc/shadow", b"", mode=0o600),
        symlink("usr/bin/sh", "bash"),
        directory("usr/lib/systemd/system"),
        regular("usr/lib/systemd/system/x.service"),
        directory("var/log/x"),
        directory("boot"), directory("run"), directory("tmp"), whiteout("usr/lib/ostree"),
        regular("etc/passwd", b"root:x:0:0:root:/root:/bin/sh\n"),
    )  # fmt: skip
    return (BASE, tuple(entries), second)


def test_labels_come_from_the_images_policy(tmp_path: Path) -> None:
    ours = imported(tmp_path / "root", layout(tmp_path / "layout", *labelled_layers(tmp_path)), TAG)

    assert isinstance(ours.sysroot, Sysroot)
    ostree("checkout", f"--repo={ours.sysroot.repo}", ours.commit, tmp_path / "out")
    out = tmp_path / "out"
    for path in (out, *out.rglob("*")):
        label = os.getxattr(path, LABEL.decode(), follow_symlinks=False)
        assert label == _expected(f"/{path.relative_to(out)}", path.lstat().st_mode), path
    assert os.getxattr(out / "usr/bin/passwd", LABEL.decode()) == b"system_u:object_r:passwd_exec_t:s0\0"
    # Another name of the same file has the label of that name.
    assert os.getxattr(out / "usr/share/passwd", LABEL.decode()) == b"system_u:object_r:usr_t:s0\0"
    assert (out / "usr/share/passwd").read_bytes() == b"p"
    assert stat.S_IMODE((out / "usr/share/passwd").stat().st_mode) == 0o4755


def _expected(name: str, mode: int) -> bytes:
    """What libselinux's own program says."""
    kinds = {stat.S_IFDIR: "dir", stat.S_IFLNK: "symlink", stat.S_IFREG: "file"}
    contexts = "/etc/selinux/default/contexts/files/file_contexts"
    words = ["matchpathcon", "-n", "-f", contexts, "-m", kinds[stat.S_IFMT(mode)], name if name != "/." else "/"]
    return subprocess.run(words, check=True, capture_output=True).stdout.strip() + b"\0"
