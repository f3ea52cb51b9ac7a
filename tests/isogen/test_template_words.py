"""A line of a template becomes a command, or is refused with its place."""

from __future__ import annotations

import pytest

from ashore_installer.errors import BadInput, ExitStatus
from ashore_isogen.template import commands as c
from ashore_isogen.template.words import NOT_YET, brace_expand, read_line

HERE = c.Where(file="x.tmpl", line=7)

UNDERSTOOD: list[tuple[str, c.Command]] = [
    ("installpkg systemd udev", c.InstallPkg(specs=("systemd", "udev"))),
    ("installpkg --optional nano", c.InstallPkg(specs=("nano",), required=False)),
    ("installpkg --except '*-doc' gtk", c.InstallPkg(specs=("gtk",), excluding=("*-doc",))),
    ("run_pkg_transaction", c.RunPkgTransaction()),
    ("removepkg perl perl-*", c.RemovePkg(packages=("perl", "perl-*"))),
    ("removefrom kbd /usr/bin/{a,b}", c.RemoveFrom(package="kbd", files=("/usr/bin/a", "/usr/bin/b"))),
    ("removefrom kbd --allbut */x", c.RemoveFrom(package="kbd", files=("*/x",), all_but=True)),
    ("removekmod sound", c.RemoveKmod(globs=("sound",))),
    ("removekmod drivers/media --allbut cec rc", c.RemoveKmod(globs=("drivers/media",), keep=("cec", "rc"))),
    ("install /tmp/a /etc/a", c.Install(source="/tmp/a", dest="/etc/a")),
    ("mkdir /a/{b,c}", c.MakeDirs(paths=("/a/b", "/a/c"))),
    ("copy /a /b", c.Copy(source="/a", dest="/b")),
    ("move /a /b", c.Move(source="/a", dest="/b")),
    ("hardlink /a /b", c.HardLink(source="/a", dest="/b")),
    ("symlink ../run/x /etc/x", c.Symlink(target="../run/x", path="/etc/x")),
    ("remove /a /b*", c.Remove(globs=("/a", "/b*"))),
    ("chmod /a 0755", c.Chmod(glob="/a", mode=0o755)),
    ("replace '^a.*$' b /etc/x", c.Replace(pattern="^a.*$", replacement="b", globs=("/etc/x",))),
    (r"append /etc/x 'a\tä\n\\n'", c.Append(file="/etc/x", text="a\tä\n\\n")),
    ("runcmd chroot / depmod -a 6.1", c.RunCmd(argv=("depmod", "-a", "6.1"))),
    ("systemctl mask a.service b.timer", c.Systemctl(verb="mask", units=("a.service", "b.timer"))),
    ("log 'half way'", c.Log(message="half way")),
]

REFUSED: list[tuple[str, str]] = [
    ("instalpkg x", "there is no command instalpkg; there are append, chmod"),
    ("installpkg", "an argument is missing: PACKAGE"),
    ("installpkg --weak x", "installpkg has no option --weak"),
    ("installpkg --except", "installpkg has no option --except, or it lacks its value"),
    ("installpkg a # the editor", "a comment must be on a line of its own"),
    ("run_pkg_transaction now", "1 arguments where 0 are wanted"),
    ("removefrom kbd", "an argument is missing: FILE"),
    ("removefrom kbd usr/bin/x", "usr/bin/x can't match any file"),
    ("removekmod --allbut x", "an argument is missing: DIRECTORY"),
    ("removekmod sound --allbut", "an argument is missing: MODULE"),
    ("install /a", "1 arguments where 2 are wanted: SOURCE DEST"),
    ("chmod /a u+x", "u+x is no mode"),
    ("replace a b", "replace wants PATTERN REPLACEMENT FILE"),
    ("replace '(' b /x", "( is no regular expression"),
    ("runcmd rm -rf /", "runcmd runs programs of the root tree only"),
    ("runcmd chroot /", "runcmd runs programs of the root tree only"),
    ("systemctl start x", "systemctl start is not possible in a template"),
    ("systemctl", "an argument is missing"),
    ("systemctl mask", "an argument is missing: UNIT"),
    ("log 'no end", "No closing quotation"),
]


@pytest.mark.parametrize(("text", "command"), UNDERSTOOD)
def test_a_line_is_its_command(text: str, command: c.Command) -> None:
    line = read_line(HERE, text)
    assert line.command == command
    assert not line.may_fail


@pytest.mark.parametrize(("text", "reason"), REFUSED)
def test_a_wrong_line_is_refused_with_its_place(text: str, reason: str) -> None:
    with pytest.raises(BadInput) as refused:
        read_line(HERE, text)
    assert refused.value.message.startswith("x.tmpl:7: ")
    assert reason in refused.value.message
    assert refused.value.hint == "Correct line 7 of x.tmpl."
    assert refused.value.status == ExitStatus.BAD_INPUT


@pytest.mark.parametrize("name", NOT_YET)
def test_the_rest_of_the_language_is_refused_by_name(name: str) -> None:
    with pytest.raises(BadInput, match=f"x.tmpl:7: the command {name} is not supported yet"):
        read_line(HERE, f"{name} a b c")


def test_a_minus_lets_a_command_fail() -> None:
    line = read_line(HERE, "-remove /a")
    assert line.may_fail
    assert line.command == c.Remove(globs=("/a",))


def test_a_line_is_listed_as_it_could_be_written_again() -> None:
    line = read_line(HERE, "-append '/etc/{a b}' \"it's\"")
    assert str(line) == """x.tmpl:7: -append '/etc/{a b}' 'it'"'"'s'"""
    again = read_line(HERE, str(line).removeprefix("x.tmpl:7: "))
    assert again == line


def test_a_number_sign_in_quotes_is_text() -> None:
    assert read_line(HERE, "append /etc/x '# a comment there'").command == c.Append(
        file="/etc/x", text="# a comment there"
    )


@pytest.mark.parametrize(
    ("word", "words"),
    [
        ("plain", ["plain"]),
        ("{one}", ["{one}"]),
        ("/{a,b}/x", ["/a/x", "/b/x"]),
        ("{a,b}{1,2}", ["a1", "a2", "b1", "b2"]),
        ("x{a,{b,c}d}", ["xa", "xbd", "xa", "xcd"]),
        ("a{,b}", ["a", "ab"]),
    ],
)
def test_braces(word: str, words: list[str]) -> None:
    assert brace_expand(word) == words
