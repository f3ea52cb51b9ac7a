"""%packages and where packages come from: what each line means, and what is refused by its line."""

from __future__ import annotations

import pytest

from ashore_installer.package_plan import (
    MEDIUM_REPOSITORY,
    GroupChoice,
    GroupLevel,
    Multilib,
    PackagePayload,
    Repository,
    SigningKey,
)
from ashore_installer.plan import Draft, PayloadRequest
from ashore_installer.secret import Secret
from ashore_kickstart.problems import KickstartError
from ashore_kickstart.read import draft_from_text
from ashore_kickstart.read_repositories import ON_MEDIUM
from ashore_kickstart.write import kickstart_from_draft
from tests.kickstart.values import without_lines

URL = "url --url=http://mirror.example/os/ --nogpgcheck\n"
AT_URL = Repository(id="installation", baseurls=("http://mirror.example/os/",), gpgcheck=False)
PRINT = "0123456789abcdef0123456789abcdef01234567"


def payload(text: str) -> PackagePayload:
    found = draft_from_text(text, "x.ks").packages
    assert found is not None
    return found


def section(lines: str, options: str = "") -> PackagePayload:
    return payload(f"{URL}%packages {options}\n{lines}\n%end\n")


def problem(text: str) -> str:
    with pytest.raises(KickstartError) as caught:
        draft_from_text(text, "x.ks")
    return caught.value.message


# --- the section ---------------------------------------------------------------------------------------------


def test_every_kind_of_line() -> None:
    found = section(
        "@^server\n@core --nodefaults\n@X Window System --optional\n@web\n-@dial-up\nvim*\n-nano  # no\n\n#x"
    )

    assert found == PackagePayload(
        repositories=(AT_URL,),
        environment="server",
        groups=(
            GroupChoice(id="core", level=GroupLevel.MANDATORY),
            GroupChoice(id="X Window System", level=GroupLevel.OPTIONAL),
            GroupChoice(id="web"),
        ),
        excluded_groups=("dial-up",),
        packages=("vim*",),
        excludes=("nano",),
    )


def test_every_option() -> None:
    options = "--nocore --excludedocs --inst-langs=de:en_US --multilib --ignoremissing --ignorebroken"
    options += " --exclude-weakdeps --retries=3 --timeout=7 --releasever=44"

    assert section("", options) == PackagePayload(
        repositories=(AT_URL,),
        core=False,
        documentation=False,
        languages=("de", "en_US"),
        multilib=Multilib.ALL,
        ignore_missing=True,
        ignore_broken=True,
        weak_dependencies=False,
        retries=3,
        timeout=7,
        release="44",
    )


def test_no_languages_are_another_thing_than_all_of_them() -> None:
    assert section("", "--inst-langs=").languages == ()
    assert section("").languages is None


def test_several_sections_are_one() -> None:
    found = payload(f"{URL}%packages --nocore\nvim\n%end\n%packages --excludedocs\nnano\n-vim\n%end\n")

    assert (found.core, found.documentation) == (False, False)
    assert (found.packages, found.excludes) == (("nano",), ("vim",))


def test_of_two_lines_about_one_package_the_later_one_counts() -> None:
    assert section("-vim\nvim\nvim").packages == ("vim",)
    assert section("vim\n-vim").packages == ()


def test_a_group_that_is_left_out_later_is_not_installed() -> None:
    found = section("@web\n-@web")

    assert (found.groups, found.excluded_groups) == ((), ("web",))


def test_an_empty_section_on_the_medium_is_enough() -> None:
    assert payload("%packages\n%end\n") == PackagePayload(repositories=(ON_MEDIUM,))
    assert payload("cdrom\n%packages\n%end\n") == payload("repo --name=medium\n%packages\n%end\n")
    assert ON_MEDIUM.baseurls == (MEDIUM_REPOSITORY,)


def test_lines_are_kept_for_messages() -> None:
    draft = draft_from_text(f"\n{URL}repo --name=medium\n%packages\n%end\n", "x.ks")

    assert draft.lines == {
        "packages.repositories[0]": 2,
        "packages.repositories[1]": 3,
        "packages": 4,
    }


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ("vim emacs", "line 3: 'vim emacs' is no package."),
        ("-", "line 3: '' is no package."),
        ("@", "line 3: the line names no group."),
        ("x\n@nodejs:20/devel", "line 4: 'nodejs:20/devel' is a module, and dnf5 knows none."),
        ("-@nodejs:20", "line 3: 'nodejs:20' is a module, and dnf5 knows none."),
        ("@a --optional --nodefaults", "line 3: a group can't be taken in two ways."),
        ("@a --all", "line 3: there is no option --all for groups."),
        ("@^a --optional", "line 3: 'a --optional' can't have options."),
        ("-@a --optional", "line 3: 'a --optional' can't have options."),
        ("@^a\n@^b", "line 4: line 3 has already chosen the environment a."),
        ("@^a\n-@^a", "line 4: an environment can't be left out."),
        ("-@a\n@a", "line 4: line 3 leaves out the group a."),
        ("@a\n@a --optional", "line 4: line 3 takes more or less of the group a."),
        (
            "%include /tmp/x\nvim emacs",
            "line 3: %include is not supported yet.\nx.ks, line 4: 'vim emacs' is no package.",
        ),
    ],
)
def test_a_line_that_cannot_be_followed_is_refused(lines: str, message: str) -> None:
    assert problem(f"{URL}%packages\n{lines}\n%end\n") == f"x.ks, {message}"


@pytest.mark.parametrize(
    ("header", "message"),
    [
        ("--default", "the option %packages --default is not supported: repositories don't say which"),
        ("--instLangs=de", "the option %packages --instLangs is not supported: write it as --inst-langs."),
        ("--resolvedeps", "%packages: unrecognized arguments: --resolvedeps."),
        ("vim", "%packages: 'vim' is no option."),
        ("--timeout=soon", "%packages: argument --timeout: invalid int value"),
        ("--timeout=-1", "--timeout is less than nothing."),
        ("--nocore --nocore", "%packages: an option is given twice."),
        ("--inst-langs='de", "a quotation is not closed."),
    ],
)
def test_an_option_that_cannot_be_followed_is_refused(header: str, message: str) -> None:
    assert problem(f"{URL}%packages {header}\n%end\n").startswith(f"x.ks, line 2: {message}")


def test_two_sections_that_contradict_each_other_are_refused() -> None:
    text = f"{URL}%packages --retries=1\n%end\n%packages --retries=2\n%end\n"

    assert problem(text) == "x.ks, line 4: line 2 says something else about --retries."


# --- image or packages ---------------------------------------------------------------------------------------


def test_the_rest_of_a_kickstart_is_the_same_in_both_modes() -> None:
    rest = "lang de_DE.UTF-8\nclearpart --all\nautopart --type=lvm\nuser --name=anna\nreboot\n%post\ntrue\n%end\n"
    image = draft_from_text(f"bootc --source-imgref=oci:/x\n{rest}", "x.ks")
    packages = draft_from_text(f"{rest}%packages\n%end\n", "x.ks")

    assert image.packages is None
    assert packages.payload == PayloadRequest()
    for field in ("storage", "system", "finish"):
        assert getattr(without_lines(image), field) == getattr(without_lines(packages), field)


def test_an_image_and_packages_are_refused_with_both_lines() -> None:
    text = f"lang C\n{URL}ostreecontainer --url=x\n%packages\n%end\n"

    assert problem(text).splitlines() == [
        "x.ks, line 2: url installs packages, but line 3 (ostreecontainer) installs an image.",
        "x.ks, line 4: %packages installs packages, but line 3 (ostreecontainer) installs an image.",
    ]


@pytest.mark.parametrize("command", [URL.rstrip(), "cdrom", "repo --name=medium"])
def test_a_source_without_packages_is_refused(command: str) -> None:
    name = command.split(maxsplit=1)[0]

    assert problem(f"{command}\n") == (
        f"x.ks, line 1: {name} says where packages come from, but there is no %packages section."
    )


# --- where from ----------------------------------------------------------------------------------------------


def test_every_option_of_a_repository() -> None:
    (found,) = payload(
        "repo --name=updates --title='Fedora 44 updates' --metalink='https://m.example/l?r=u&a=$basearch' --cost=10 "
        "--priority=5 --excludepkgs=vim*,nano --includepkgs=a --proxy=http://u:p%40ss@cache.example:3128 --noverifyssl "
        "--install --sslcacert=/ca --sslclientcert=/cert --sslclientkey=/key --username=anna --password='x y' "
        f"--gpgkey=https://k.example/a,medium:k --gpgkey-fingerprint={PRINT},any --repo-gpgcheck --ignoregroups\n"
        "%packages\n%end\n"
    ).repositories

    assert found == Repository(
        id="updates",
        name="Fedora 44 updates",
        metalink="https://m.example/l?r=u&a=$basearch",
        cost=10,
        priority=5,
        excludes=("vim*", "nano"),
        includes=("a",),
        proxy="http://cache.example:3128",
        proxy_username="u",
        proxy_password=Secret("p@ss"),
        sslverify=False,
        install=True,
        ca_certificate="/ca",
        client_certificate="/cert",
        client_key="/key",
        username="anna",
        password=Secret("x y"),
        keys=(SigningKey(location="https://k.example/a", fingerprint=PRINT.upper()), SigningKey(location="medium:k")),
        repo_gpgcheck=True,
        groups=False,
    )


def test_a_name_and_password_in_an_address_are_taken_out_of_it() -> None:
    (found,) = payload(
        "url --url='https://anna:p%40ss@m.example/a https://anna:p%40ss@n.example/a'\n%packages\n%end\n"
    ).repositories

    assert found.baseurls == ("https://m.example/a", "https://n.example/a")
    assert (found.username, found.password) == ("anna", Secret("p@ss"))


def test_a_proxy_may_be_a_host_alone() -> None:
    (found,) = payload(f"{URL.rstrip()} --proxy=cache:3128\n%packages\n%end\n").repositories

    assert found.proxy == "http://cache:3128"


@pytest.mark.parametrize(("word", "groups"), [("--ignoregroups=true", False), ("--ignoregroups=no", True)])
def test_older_files_say_of_groups_true_or_false(word: str, groups: bool) -> None:
    (found,) = payload(f"repo --name=x --baseurl=http://x.example {word}\n%packages\n%end\n").repositories

    assert found.groups is groups


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("url --nogpgcheck", "url: One of -"),
        ("url --url=http://x.example --mirrorlist=http://y.example", "url: Only one of "),
        ("url --url=nfs://server:/dir", "url: addresses with nfs: are not supported."),
        ("url --url=/dir", "url: the address can't be read."),
        ("url --url=http://x.example:port/", "url: the address can't be read."),
        ("url --url=http:///x", "url: the address can't be read."),
        ("url --url=http://x.example --proxy=cache:3128/x", "url: the proxy can't be read."),
        ("url --url='http://a@x.example http://y.example'", "url has several names or passwords."),
        ("url --url=http://a@x.example --username=b", "url has several names or passwords."),
        ("url --url=http://x.example --password=b", "url has a password without a name."),
        ("url --url=http://x.example --gpgkey=key", "url: the address can't be read."),
        ("url --url=http://x.example --gpgkey=file:///k --gpgkey-fingerprint=12", "'12' is no fingerprint of a key."),
        ("url --url=http://x.example --gpgkey-fingerprint=any", "url has 0 keys, but 1 fingerprints."),
        ("url --url=http://x.example --gpgkey=http://u:p@k.example", "url: the address of a key has a name in it."),
        ("repo --name=updates", "repo has no address."),
        ("repo --name=a/b --baseurl=http://x.example", "'a/b' can't be a repository's name."),
        ("repo --name=x --baseurl=http://x.example --cost=-1", "repo --cost is no whole number."),
        ("repo --name=x --baseurl=http://x.example --priority=low", "repo --priority is no whole number."),
        ("repo --name=x --baseurl=http://x.example --ignoregroups=x", "repo --ignoregroups is neither true nor false."),
        ("cdrom now", "cdrom: Kickstart command cdrom does not take any arguments."),
        ("harddrive --partition=sda1 --dir=/x", "the command harddrive is not supported: repositories on other disks"),
        ("nfs --server=x --dir=/y", "the command nfs is not supported: NFS is not in the live system"),
        ("module --name=nodejs", "the command module is not supported: dnf5 and Fedora have no modules any more"),
    ],
)
def test_a_source_that_cannot_be_followed_is_refused(line: str, message: str) -> None:
    assert problem(f"{line}\n%packages\n%end\n").startswith(f"x.ks, line 1: {message}")


def test_a_repository_that_is_named_twice_is_refused_with_both_lines() -> None:
    repo = "repo --name x --baseurl http://x.example\n"

    assert problem(f"{repo}{repo}%packages\n%end\n") == "x.ks, line 2: line 1 has already named the repository x."


def test_passwords_are_in_no_message() -> None:
    for line in (
        "url --url http://u:sesame@x.example --bogus=http://u:sesame@x.example",
        "repo --name=x --baseurl=http://x.example --cost=http://u:sesame@x.example",
        "url --url=nfs://u:sesame@x.example/",
    ):
        assert "sesame" not in problem(f"{line}\n%packages\n%end\n")


# --- written back --------------------------------------------------------------------------------------------

SECRETS = PackagePayload(
    repositories=(
        Repository(
            id="installation",
            baseurls=("https://m.example/",),
            username="anna",
            password=Secret("sesame"),
            proxy="http://cache:3128",
            proxy_username="otto",
            proxy_password=Secret("a b@c"),
        ),
    )
)


def test_passwords_are_left_out_and_refused_by_name() -> None:
    text = kickstart_from_draft(Draft(packages=SECRETS))

    assert "sesame" not in text
    assert "a%20b" not in text
    assert text.splitlines()[1].startswith("# Saved without its passwords")
    assert problem(text).startswith(
        "x.ks, line 3: this kickstart was saved without its passwords, and the one of a repository is missing."
    )


def test_passwords_are_there_when_they_are_asked_for() -> None:
    text = kickstart_from_draft(Draft(packages=SECRETS), reveal_secrets=True)

    assert "--proxy=http://otto:a%20b%40c@cache:3128 --username=anna --password=sesame" in text
    assert payload(text) == SECRETS


def test_packages_are_written_in_the_usual_form() -> None:
    found = section("@^server\n@core --nodefaults\n-@dial-up\nvim*\n-nano", "--inst-langs= --excludedocs")

    assert kickstart_from_draft(Draft(packages=found)).endswith(
        "\n%packages --excludedocs --inst-langs=\n@^server\n@core --nodefaults\n-@dial-up\nvim*\n-nano\n%end\n"
    )
