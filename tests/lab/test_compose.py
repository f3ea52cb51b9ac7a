"""What the laboratory makes of Debian's packages, without making them."""

from __future__ import annotations

import stat
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.lab.compose import compose, kernel_version, split_version
from tests.lab.debs import chosen, parse_index
from tests.lab.recipe import DIRECTORY, PackageRecipe, Recipe, Scriptlet, load
from tests.lab.spec import Node, file_list, spec_text

INDEX = """\
Package: bash
Version: 5.3-4
Architecture: amd64
Pre-Depends: libc6 (>= 2.41), debconf | debconf-2.0
Depends: awk-ish (>= 1) | mawk, virtual
Description: GNU Bourne Again SHell

Package: libc6
Version: 2:2.43-7+b1
Architecture: amd64
Description: GNU C Library

Package: gawk
Version: 1.0
Architecture: all
Provides: virtual (= 1), other
Description: GNU awk

Package: mawk
Version: 1.0
Architecture: amd64
Description: mawk

Package: linux-binary-7.2-cloud
Version: 7.2-1
Architecture: amd64
Description: kernel
"""


def a_recipe(*packages: PackageRecipe, more: tuple[str, ...] = ("bash",), without: tuple[str, ...] = ()) -> Recipe:
    return Recipe(suite="forky", release_suffix=".lg1", without=without, more=more, materials=(), packages=packages)


def a_package(name: str, *debs: str) -> PackageRecipe:
    return PackageRecipe(name=name, debs=debs, ghost_sizes={}, scriptlets={})


def test_a_dependency_is_the_first_alternative_there_is_or_what_provides_it() -> None:
    found = chosen(a_recipe(without=("debconf",)), parse_index(INDEX))
    assert [deb.name for deb in found] == ["bash", "gawk", "libc6", "mawk"]


def test_a_dependency_that_nothing_satisfies_is_told() -> None:
    with pytest.raises(KeyError, match=r"bash needs debconf \| debconf-2.0"):
        chosen(a_recipe(), parse_index(INDEX))


def test_dependencies_become_requires_on_the_packages_that_hold_them() -> None:
    recipe = a_recipe(a_package("glibc", "libc6"), without=("debconf",))
    rpms = {rpm.name: rpm for rpm in compose(recipe, chosen(recipe, parse_index(INDEX)))}
    assert rpms["bash"].requires == ("filesystem", "gawk", "glibc", "mawk")
    assert rpms["glibc"].requires == ("filesystem",)
    assert (rpms["glibc"].epoch, rpms["glibc"].version, rpms["glibc"].release) == ("2", "2.43", "7+b1.lg1")
    assert rpms["gawk"].noarch
    assert not rpms["bash"].noarch


def test_a_name_counts_more_than_a_glob() -> None:
    recipe = a_recipe(a_package("all", "l*"), a_package("glibc", "libc6"), without=("debconf",), more=("libc6",))
    rpms = {rpm.name: rpm for rpm in compose(recipe, chosen(recipe, parse_index(INDEX)))}
    assert [deb.name for deb in rpms["glibc"].debs] == ["libc6"]


@pytest.mark.parametrize(
    ("debian", "expected"),
    [
        ("5.3-4", ("", "5.3", "4")),
        ("1:2.43-7+b1", ("1", "2.43", "7+b1")),
        ("14.2", ("", "14.2", "1")),
        ("1.2-rc1-3", ("", "1.2.rc1", "3")),
        ("0~2026+dfsg-1", ("", "0~2026+dfsg", "1")),
    ],
)
def test_debian_versions_become_rpm_ones(debian: str, expected: tuple[str, str, str]) -> None:
    assert split_version(debian) == expected


def test_there_is_one_kernel() -> None:
    debs = parse_index(INDEX).values()
    assert kernel_version(debs) == "7.2-cloud"
    with pytest.raises(ValueError, match="not enough"):
        kernel_version(deb for deb in debs if deb.name == "bash")


def test_the_spec_file_has_scriptlets_triggers_and_presets() -> None:
    package = PackageRecipe(
        name="bash",
        debs=("bash",),
        provides=("shell = @KVER@",),
        units=("a.service",),
        ghost_sizes={},
        scriptlets={"posttrans": Scriptlet(text="touch /@KVER@"), "pre": Scriptlet(interpreter="/bin/x", text="")},
    )
    recipe = a_recipe(package, without=("debconf",))
    text = spec_text(compose(recipe, chosen(recipe, parse_index(INDEX))), Path("/t"), Path("/l"), "7.2")
    lines = text.splitlines()
    assert lines[lines.index("%posttrans -n bash -p /bin/sh") + 1] == "touch /7.2"
    assert "systemctl --no-reload preset a.service" in lines[lines.index("%post -n bash -p /bin/sh") + 1]
    assert {"%pre -n bash -p /bin/x", "Provides: shell = 7.2", "%files -n bash -f /l/bash"} <= set(lines)


def node(path: str, mode: int = stat.S_IFREG | 0o644) -> Node:
    return Node(path=path, mode=mode)


def test_files_are_marked_by_what_they_are() -> None:
    nodes = [
        node("/usr", stat.S_IFDIR | 0o755),
        node("/etc/own", stat.S_IFDIR | 0o700),
        node("/etc/own/a.conf"),
        node("/etc/link", stat.S_IFLNK | 0o777),
        node("/etc/shadow", stat.S_IFREG),
        node("/usr/bin/["),
        node("/usr/bin/su", stat.S_IFREG | 0o4755),
        node("/usr/share/locale/de/LC_MESSAGES/a.mo"),
        node("/usr/share/doc/a/copyright"),
        node(r"/usr/lib/a\x2db%.slice"),
        node("/boot/efi/EFI/x.efi", stat.S_IFREG | 0o700),
        node("/etc/machine-id"),
    ]
    assert file_list(nodes, ["/etc/machine-id"], frozenset({"/usr"})).splitlines() == [
        '%dir %attr(0700,root,root) "/etc/own"',
        '%config(noreplace) %attr(0644,root,root) "/etc/own/a.conf"',
        '%attr(-,root,root) "/etc/link"',
        '%verify(not md5 size mtime mode) %config(noreplace) %attr(0000,root,root) "/etc/shadow"',
        r'%attr(0644,root,root) "/usr/bin/["',
        '%attr(4755,root,root) "/usr/bin/su"',
        '%lang(de) %attr(0644,root,root) "/usr/share/locale/de/LC_MESSAGES/a.mo"',
        '%license %attr(0644,root,root) "/usr/share/doc/a/copyright"',
        r'%attr(0644,root,root) "/usr/lib/a\x2db%%.slice"',
        '%verify(not mode mtime) %attr(0700,root,root) "/boot/efi/EFI/x.efi"',
        '%ghost %attr(0644,root,root) "/etc/machine-id"',
    ]


# --- the recipe itself ------------------------------------------------------------------------------------------------


def test_files_and_groups_name_packages_that_there_are() -> None:
    recipe = load()
    names = {package.name for package in recipe.packages} | set(recipe.more)
    assert {path.name for path in (DIRECTORY / "files").iterdir()} <= names
    comps = ElementTree.parse(DIRECTORY / "comps.xml").getroot()
    assert {request.text for request in comps.iter("packagereq")} <= names
    groups = {group.findtext("id") for group in comps.iter("group")}
    assert {group.text for group in comps.iter("groupid")} <= groups


def test_what_a_package_requires_by_name_is_a_package() -> None:
    recipe = load()
    names = {package.name for package in recipe.packages} | set(recipe.more)
    provided = {word.split(" ")[0] for package in recipe.packages for word in package.provides}
    for package in recipe.packages:
        for need in package.requires:
            assert need.split(" ")[0] in names | provided, (package.name, need)
        assert package.version_of in {"", *names}
