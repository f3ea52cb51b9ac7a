"""The one spec file of which rpmbuild makes all packages of the laboratory, and the lists of their files."""

from __future__ import annotations

import re
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.lab.compose import Rpm
from tests.lab.recipe import Scriptlet, Trigger

_HEAD = """\
%global debug_package %{{nil}}
%global __os_install_post %{{nil}}
%global _build_id_links none
%global _empty_manifest_terminate_build 0
%global _binaries_in_noarch_packages_terminate_build 0
%global _binary_payload w3.zstdio
%global _rpmformat 4
%global _buildhost lagoon.example
%global use_source_date_epoch_as_buildtime 1
%global build_mtime_policy clamp_to_source_date_epoch

Name: lagoon
Version: 7
Release: 1
Summary: All packages of Lagoon Linux
License: various

%description
All packages of Lagoon Linux.

%install
set +x
# Links that go with the trees, so that no file seems to be a part of a set of hard links.
for tree in {trees}/*; do cp -al "$tree/." "%{{buildroot}}/"; done
rm -rf {trees}

"""
_CHANGED_BY_INSTALLERS = frozenset(
    f"/etc/{name}" for name in ("passwd", "group", "shadow", "gshadow", "subuid", "subgid", "hosts", "motd")
)
_CAPABILITIES = {"/usr/bin/ping": "cap_net_raw=p"}
_FAT = "/boot/efi/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """A file, directory or link of a package. `path` is absolute, `mode` as in lstat(2)."""

    path: str
    mode: int


def spec_text(rpms: Iterable[Rpm], trees: Path, lists: Path, kernel: str) -> str:
    """The spec file: each package has its files below trees/NAME and the list of them in lists/NAME."""
    return _HEAD.format(trees=trees) + "\n".join(line for rpm in rpms for line in _package(rpm, lists, kernel)) + "\n"


def _package(rpm: Rpm, lists: Path, kernel: str) -> Iterator[str]:
    yield f"%package -n {rpm.name}"
    if rpm.epoch:
        yield f"Epoch: {rpm.epoch}"
    yield f"Version: {rpm.version}"
    yield f"Release: {rpm.release}"
    yield f"Summary: {_plain(rpm.summary)}"
    yield "License: various"
    yield "AutoReqProv: no"
    if rpm.noarch:
        yield "BuildArch: noarch"
    for key, values in (("Requires", rpm.requires), ("Provides", rpm.recipe.provides)):
        yield from (f"{key}: {filled(value, kernel)}" for value in values)
    yield from (f"Recommends: {value}" for value in rpm.recipe.recommends)
    yield from ("", f"%description -n {rpm.name}", f"{_plain(rpm.summary)}.", "")
    for kind, script in _scriptlets(rpm).items():
        yield from _script(f"%{kind} -n {rpm.name}", script, kernel)
    for trigger in rpm.recipe.triggers:
        yield from _trigger(rpm.name, trigger, kernel)
    yield from (f"%files -n {rpm.name} -f {lists / rpm.name}", "")


def filled(text: str, kernel: str) -> str:
    """`text` of the recipe with the kernel's version in it."""
    start, _, end = kernel.rpartition("-")
    uname = f"{start.replace('-', '.')}-{end}" if start else kernel
    return text.replace("@KVER@", kernel).replace("@UNAME@", uname)


def _plain(text: str) -> str:
    return text.replace("%", "%%").rstrip(".")


def _scriptlets(rpm: Rpm) -> dict[str, Scriptlet]:
    """The recipe's own, and what Fedora's macros do with units: presets at first, disabled at last."""
    units = " ".join(rpm.recipe.units)
    if not units:
        return rpm.recipe.scriptlets
    start = f'if [ "$1" -eq 1 ]; then systemctl --no-reload preset {units} || :; fi'
    end = f'if [ "$1" -eq 0 ]; then systemctl --no-reload disable {units} || :; fi'
    return {"post": Scriptlet(text=start), "preun": Scriptlet(text=end), **rpm.recipe.scriptlets}


def _script(head: str, script: Scriptlet, kernel: str) -> Iterator[str]:
    yield f"{head} -p {script.interpreter}"
    yield filled(script.text.strip(), kernel)
    yield ""


def _trigger(name: str, trigger: Trigger, kernel: str) -> Iterator[str]:
    options = f"-P {trigger.priority} -p {trigger.script.interpreter}"
    yield f"%transfiletriggerin -n {name} {options} -- {' '.join(trigger.paths)}"
    yield filled(trigger.script.text.strip(), kernel)
    yield ""


# --- lists of files ---------------------------------------------------------------------------------------------------


def file_list(nodes: Iterable[Node], ghosts: Iterable[str], basic: frozenset[str]) -> str:
    """A package's list of files. It leaves out the `basic` directories, which the package `filesystem` has."""
    ghosts = set(ghosts)
    kept = (node for node in nodes if not (stat.S_ISDIR(node.mode) and node.path in basic))
    return "".join(f"{_line(node, ghost=node.path in ghosts)}\n" for node in kept)


def _line(node: Node, *, ghost: bool) -> str:
    words = ["%ghost"] if ghost else list(_kind(node))
    link = stat.S_ISLNK(node.mode)
    mode = "-" if link else f"{stat.S_IMODE(node.mode):04o}"
    return " ".join([*words, f"%attr({mode},root,root)", _quoted(node.path)])


def _kind(node: Node) -> Iterator[str]:
    if stat.S_ISDIR(node.mode):
        yield "%dir"
    if node.path.startswith(_FAT):
        yield "%verify(not mode mtime)"  # FAT has neither
    if not stat.S_ISREG(node.mode):
        return
    if node.path in _CHANGED_BY_INSTALLERS:
        yield "%verify(not md5 size mtime mode)"
    if node.path.startswith("/etc/"):
        yield "%config(noreplace)"
    if language := re.match(r"/usr/share/locale/([^/]+)/", node.path):
        yield f"%lang({language[1]})"
    if node.path.startswith("/usr/share/man/"):
        yield "%doc"
    if node.path.startswith("/usr/share/doc/"):
        yield "%license" if node.path.endswith("/copyright") else "%doc"
    if capability := _CAPABILITIES.get(node.path):
        yield f"%caps({capability})"


def _quoted(path: str) -> str:
    """As rpm takes a name literally: globs mean nothing between quotes, but macros are expanded there too."""
    return f'"{path.replace("%", "%%")}"'
