"""`ashore iso build`: which packages its words and kickstarts put onto a medium."""

from __future__ import annotations

from pathlib import Path

import pytest

from ashore_installer.errors import BadInput
from ashore_installer.package_plan import GroupChoice, PackagePayload, Repository, SigningKey
from ashore_tui.cli.iso_packages import chosen_packages
from ashore_tui.cli.parser import build_parser

ON_MEDIUM = "%packages --nocore\n@^server\nvim\n-nano\n%end\n"
ELSEWHERE = "url --url=http://m.example/ --nogpgcheck\n%packages\n@web\n-vim\n%end\n"


def chosen(*words: str) -> PackagePayload | None:
    return chosen_packages(build_parser().parse_args(["iso", "build", "-o", "o.iso", *words]))


def kickstart(directory: Path, text: str) -> str:
    path = directory / f"{len(list(directory.iterdir()))}.ks"
    path.write_text(text)
    return str(path)


def test_the_words() -> None:
    found = chosen(
        "--repo", "http://a.example/os/", "--repo", "/srv/b", "--repo-key", "/srv/key.asc", "--package", "vim",
        "--package", "vim", "--group", "web", "--environment", "server", "--releasever", "44",
    )  # fmt: skip

    keys = (SigningKey(location="file:///srv/key.asc"),)
    assert found == PackagePayload(
        repositories=(
            Repository(id="repo1", baseurls=("http://a.example/os/",), keys=keys),
            Repository(id="repo2", baseurls=("file:///srv/b",), keys=keys),
        ),
        environment="server",
        groups=(GroupChoice(id="web"),),
        packages=("vim",),
        release="44",
    )


def test_without_words_there_are_no_packages() -> None:
    assert chosen("oci:x:1") is None


def test_a_kickstart_for_the_medium_says_what_it_needs(tmp_path: Path) -> None:
    found = chosen("--kickstart", kickstart(tmp_path, ON_MEDIUM), "--repo", "/srv/b", "--no-gpgcheck")

    assert found == PackagePayload(
        repositories=(Repository(id="repo1", baseurls=("file:///srv/b",), gpgcheck=False),),
        environment="server",
        packages=("vim",),
        excludes=("nano",),
        core=True,
    )


def test_a_kickstart_for_the_network_needs_nothing_on_the_medium(tmp_path: Path) -> None:
    path = kickstart(tmp_path, ELSEWHERE)

    assert chosen("--kickstart", path) is None
    found = chosen("--kickstart", path, "--repo", "/srv/b", "--package", "bash")
    assert found is not None
    assert (found.groups, found.packages) == ((), ("bash",))


def test_packages_are_taken_from_a_kickstart_with_its_repositories(tmp_path: Path) -> None:
    found = chosen("--packages-from", kickstart(tmp_path, ELSEWHERE), "--package", "vim")

    assert found is not None
    assert [one.baseurls for one in found.repositories] == [("http://m.example/",)]
    assert (found.groups, found.packages, found.excludes) == ((GroupChoice(id="web"),), ("vim",), ())


def test_two_kickstarts_get_what_both_need(tmp_path: Path) -> None:
    words = ("--packages-from", kickstart(tmp_path, ELSEWHERE), "--kickstart", kickstart(tmp_path, ON_MEDIUM))

    found = chosen(*words)

    assert found is not None
    assert (found.environment, found.groups, found.packages) == ("server", (GroupChoice(id="web"),), ("vim",))
    assert (found.core, found.excludes) == (True, ())


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--package", "vim"), "Nothing says where the packages come from."),
        (("--repo", "nfs://x/y"), "Packages can't come from nfs://x/y."),
        (("--repo", "http://u:p@x.example/"), "A password can't be given here."),
    ],
)
def test_what_can_not_be_collected_is_refused(words: tuple[str, ...], message: str) -> None:
    with pytest.raises(BadInput, match=f"^{message}"):
        chosen(*words)


@pytest.mark.parametrize(
    ("option", "text", "message"),
    [
        ("--kickstart", ON_MEDIUM, "The kickstart installs packages from the medium, but none are put on it."),
        ("--packages-from", ON_MEDIUM, "Nothing says where the packages come from."),
        ("--packages-from", "lang C\n", r"The kickstart .* installs no packages."),
    ],
)
def test_a_kickstart_that_does_not_fit_is_refused(option: str, text: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=f"^{message}"):
        chosen(option, kickstart(tmp_path, text))


def test_two_environments_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"^Two environments are asked for: server and site\."):
        chosen("--kickstart", kickstart(tmp_path, ON_MEDIUM), "--repo", "/srv/b", "--environment", "site")
