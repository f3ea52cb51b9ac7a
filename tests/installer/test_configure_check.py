"""What can't be right about a system, found before the first write."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ashore_installer.configure.check import check_system
from ashore_installer.plan import Group, RootAccount, Script, ScriptPhase, SystemPlan, User
from ashore_installer.secret import Secret
from ashore_installer.storage_plan import MountPlan
from tests.fakes.values import a_plan, an_image

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBcL5fVnq8JYT8gOnS1pB8RkC7b8uI0yO7b1nGmXw0aP root@example"
HASH = "$6$saltsalt$" + "x" * 86


def problems(system: SystemPlan, *scripts: Script, shells: tuple[str, ...] = ()) -> list[str]:
    plan = replace(a_plan(), system=system, scripts=scripts)
    found = check_system(plan, an_image(shells=shells))
    assert all(problem.message and problem.hint for problem in found)
    return [problem.field for problem in found]


def user(**changes: object) -> SystemPlan:
    return SystemPlan(users=(replace(User(name="alice"), **changes),))  # type: ignore[arg-type]


def test_a_whole_system_is_fine() -> None:
    system = SystemPlan(
        hostname="host-1.example.org",
        locale="de_DE.UTF-8",
        keymap="de-latin1-nodeadkeys",
        x11_layouts=("de (nodeadkeys)", "us"),
        timezone="America/Argentina/Buenos_Aires",
        root=RootAccount(password=Secret(HASH), crypted=True, locked=False, ssh_keys=(KEY,)),
        users=(
            User(
                name="alice_1-x",
                gecos="Älice, Room 1",
                groups=("wheel",),
                password=Secret("naïve: pass"),
                uid=1000,
                gid=1000,
                shell="/bin/bash",
                home="/home/alice",
                ssh_keys=(f'command="echo hi",no-pty {KEY}',),
            ),
        ),
        groups=(Group(name="staff2", gid=2000),),
    )
    script = Script(phase=ScriptPhase.POST, body="echo", interpreter="/usr/bin/python3 -u", log="/root/post.log")
    assert problems(system, script, shells=("/bin/sh", "/bin/bash")) == []
    assert problems(SystemPlan()) == []


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("hostname", "-host"), ("hostname", "a..b"), ("hostname", "a_b"), ("hostname", "x" * 65), ("hostname", "a b"),
        ("hostname", "a\n"),
        ("locale", "german"), ("locale", "de_DE.UTF-8\nPATH=x"), ("locale", "../x"), ("locale", "de_DE; rm"),
        ("keymap", "de/../../x"), ("keymap", "-de"), ("keymap", "de*"), ("keymap", "de\n"),
        ("timezone", "../../etc/shadow"), ("timezone", "/Europe/Berlin"), ("timezone", "Europe/Ber lin"),
        ("timezone", "Europe//Berlin"), ("timezone", "Europe/Berlin\n"),
    ],
)  # fmt: skip
def test_identity(field: str, value: str) -> None:
    assert problems(replace(SystemPlan(), **{field: value})) == [f"system.{field}"]  # type: ignore[arg-type]


@pytest.mark.parametrize("options", ["", "a b", "a\n/dev/sda / x", "a\tb"])
def test_mount_options_fit_into_fstab(options: str) -> None:
    plan = a_plan()
    storage = replace(plan.storage, mounts=(MountPlan(device="boot", path="/boot", options=options),))
    (problem,) = check_system(replace(plan, storage=storage), an_image())
    assert problem.field == "storage.mounts"


@pytest.mark.parametrize("locale", ["C", "C.UTF-8", "POSIX", "en_US.UTF-8", "de_DE@euro", "sr_RS.UTF-8@latin", "eo"])
def test_locales(locale: str) -> None:
    assert problems(SystemPlan(locale=locale)) == []


def test_layouts() -> None:
    assert problems(SystemPlan(x11_layouts=('de" Option "x',))) == ["system.keymap"]


@pytest.mark.parametrize("name", ["Alice", "1abc", "-x", "a:b", "a b", "", "x" * 33, "a/b", "ä", "a\n"])
def test_names(name: str) -> None:
    assert problems(SystemPlan(users=(User(name=name),))) == [f"system.users.{name}"]
    assert problems(SystemPlan(groups=(Group(name=name),))) == [f"system.groups.{name}"]
    assert problems(user(groups=(name,))) == ["system.users.alice"]


@pytest.mark.parametrize(
    "changes",
    [
        {"gecos": "a:b"}, {"gecos": "a\nb"}, {"home": "home/x"}, {"home": "/home/../etc"}, {"home": "/a:b"},
        {"shell": "bash"}, {"uid": 0}, {"uid": -1}, {"uid": (1 << 32) - 1}, {"gid": 0},
        {"ssh_keys": ("not a key",)}, {"ssh_keys": (f"{KEY}\n{KEY}",)}, {"ssh_keys": ("ssh-ed25519 short",)},
        {"password": Secret("a\nroot:x")}, {"password": Secret("")},
        {"password": Secret("plain"), "crypted": True},
    ],
)  # fmt: skip
def test_users(changes: dict[str, object]) -> None:
    assert set(problems(user(**changes))) == {"system.users.alice"}


@pytest.mark.parametrize(
    "text",
    [
        "$6$saltsalt$" + "x" * 86, "$6$rounds=5000$s$" + "x" * 86, "$5$saltsalt$" + "x" * 43, "$y$j9T$salt$" + "x" * 43,
        "$y$j9T$$" + "x" * 43, "$gy$j9T$salt$" + "x" * 43, "$7$CU..../....salt$" + "x" * 43, "$2b$05$" + "x" * 53,
        "$1$salt$" + "x" * 22, "*", "!", "!*", "*password-left-out*",
    ],
)  # fmt: skip
def test_hashes(text: str) -> None:
    assert problems(user(password=Secret(text), crypted=True)) == []


@pytest.mark.parametrize(
    "text",
    [
        "plain",
        "$6$salt$short",
        "$6$salt$" + "x" * 85 + ":",
        "$y$j9T$salt$hash",
        "ab.DEF/hij012",
        "$9$a$b",
        "$6$" + "x" * 99,
    ],
)
def test_no_hashes(text: str) -> None:
    assert problems(user(password=Secret(text), crypted=True)) == ["system.users.alice"]


def test_shells_are_those_of_the_image() -> None:
    assert problems(user(shell="/bin/zsh"), shells=("/bin/sh",)) == ["system.users.alice"]
    assert problems(user(shell="/bin/zsh")) == []


def test_root_is_no_user_to_be_made() -> None:
    assert problems(SystemPlan(users=(User(name="root"),))) == ["system.users.root"]


def test_root() -> None:
    root = RootAccount(password=Secret("x\ny"), ssh_keys=("nonsense",))
    assert problems(SystemPlan(root=root)) == ["system.root", "system.root"]


def test_what_is_there_twice() -> None:
    system = SystemPlan(
        users=(User(name="a", uid=5), User(name="a", uid=5)),
        groups=(Group(name="g", gid=7), Group(name="g", gid=7)),
    )
    assert problems(system) == ["system.users", "system.groups", "system.users", "system.groups"]


@pytest.mark.parametrize(
    "script",
    [
        Script(phase=ScriptPhase.POST, body="", interpreter="python3"),
        Script(phase=ScriptPhase.POST, body="", interpreter="/bin/sh '"),
        Script(phase=ScriptPhase.POST, body="", interpreter=""),
        Script(phase=ScriptPhase.POST, body="", log="post.log"),
        Script(phase=ScriptPhase.POST, body="\0"),
    ],
)
def test_scripts(script: Script) -> None:
    assert problems(SystemPlan(), script) == ["scripts[0]"]


def test_no_password_is_ever_in_a_message() -> None:
    plan = replace(a_plan(), system=user(password=Secret("sesame\n"), crypted=True))
    found = check_system(plan, an_image())
    assert found
    assert not any("sesame" in f"{problem.message}{problem.hint}{problem.field}" for problem in found)
