"""Accounts, with a runner that does to /etc/passwd and /etc/group what shadow-utils would."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import pytest

from ashore_installer.chroot import Chroot
from ashore_installer.configure.accounts import Accounts
from ashore_installer.plan import Group, RootAccount, SystemPlan, User
from ashore_installer.run import CommandFailed
from ashore_installer.secret import Secret
from tests.fakes.runner import Answer, Call, FakeRunner

ME = f"{os.getuid()}:{os.getgid()}"
"""Files are owned by whoever runs the tests."""


@dataclass(frozen=True)
class System:
    """A tree with accounts, and what was done to it."""

    accounts: Accounts
    runner: FakeRunner
    warnings: list[str]
    root: Path

    def argvs(self, program: str) -> list[tuple[str, ...]]:
        """Arguments of each run of a program of the new system, without the program."""
        return [call.argv[call.argv.index(program) + 1 :] for call in self.runner.ran(program)]

    def stdins(self, program: str) -> list[bytes]:
        return [call.stdin for call in self.runner.ran(program)]


def a_system(tmp_path: Path, *answers: Answer, passwd: str = "", group: str = "", vendor_group: str = "") -> System:
    for directory in ("etc", "usr/lib", "var"):
        (tmp_path / directory).mkdir(parents=True)
    for name, target in (("home", "var/home"), ("root", "var/roothome")):
        (tmp_path / name).symlink_to(target)
    (tmp_path / "etc/passwd").write_text(f"root:x:{ME}:root:/root:/bin/bash\n{passwd}")
    (tmp_path / "etc/group").write_text(f"root:x:0:\n{group}")
    (tmp_path / "usr/lib/group").write_text(vendor_group)

    def useradd(call: Call) -> None:
        name = call.argv[-1]
        with (tmp_path / "etc/passwd").open("a") as stream:
            stream.write(f"{name}:x:{ME}::/home/{name}:/bin/sh\n")

    def groupadd(call: Call) -> None:
        gid = call.argv[call.argv.index("--gid") + 1] if "--gid" in call.argv else "1999"
        with (tmp_path / "etc/group").open("a") as stream:
            stream.write(f"{call.argv[-1]}:x:{gid}:\n")

    runner = FakeRunner(
        *answers, Answer(words=("useradd",), effect=useradd), Answer(words=("groupadd",), effect=groupadd)
    )
    warnings: list[str] = []
    chroot = Chroot(root=tmp_path, commands=runner)
    accounts = Accounts(chroot=chroot, shells=("/bin/sh", "/bin/bash"), warn=warnings.append)
    return System(accounts, runner, warnings, tmp_path)


def test_a_whole_user(tmp_path: Path) -> None:
    system = a_system(tmp_path, group="wheel:x:10:\n")
    user = User(
        name="alice",
        gecos="Alice A.",
        groups=("wheel", "new"),
        password=Secret("$6$s$h"),
        crypted=True,
        uid=1500,
        gid=1600,
        shell="/bin/sh",
        home="/home/al",
    )
    system.accounts.apply(SystemPlan(users=(user,)))
    assert system.argvs("groupadd") == [("new",), ("--gid", "1600", "alice")]
    assert system.argvs("useradd") == [
        ("--create-home", "--uid", "1500", "--gid", "1600", "-c", "Alice A.", "-s", "/bin/sh", "-d", "/home/al",
         "-G", "wheel,new", "alice")
    ]  # fmt: skip
    assert system.argvs("chpasswd") == [("--encrypted",)]
    assert system.stdins("chpasswd") == [b"alice:$6$s$h\n"]
    assert system.warnings == []


def test_a_plain_user_gets_a_group_and_a_comfortable_shell(tmp_path: Path) -> None:
    system = a_system(tmp_path)
    system.accounts.apply(SystemPlan(users=(User(name="bo"),)))
    assert system.argvs("useradd") == [("--create-home", "--user-group", "-s", "/bin/bash", "bo")]
    assert system.argvs("chpasswd") == []


def test_a_group_of_the_users_name_is_the_users(tmp_path: Path) -> None:
    system = a_system(tmp_path)
    system.accounts.apply(SystemPlan(users=(User(name="bo"),), groups=(Group(name="bo", gid=1700),)))
    assert system.argvs("groupadd") == [("--gid", "1700", "bo")]
    assert system.argvs("useradd")[0][1:3] == ("--gid", "bo")


def test_a_group_that_exists_is_not_made_again(tmp_path: Path) -> None:
    system = a_system(tmp_path, group="staff:x:50:\n")
    system.accounts.apply(SystemPlan(groups=(Group(name="staff"), Group(name="staff", gid=60))))
    assert system.argvs("groupadd") == []
    assert "keeps its number 50" in system.warnings[0]


def test_a_group_of_the_images_own_file_can_get_members(tmp_path: Path) -> None:
    system = a_system(tmp_path, vendor_group="docker:x:998:\n")
    system.accounts.apply(SystemPlan(users=(User(name="bo", groups=("docker",)),)))
    assert system.argvs("groupadd") == []
    assert "docker:x:998:" in (tmp_path / "etc/group").read_text().splitlines()


def test_a_user_of_the_image_is_changed(tmp_path: Path) -> None:
    system = a_system(tmp_path, passwd=f"core:x:{ME}::/home/core:/bin/bash\n", group="wheel:x:10:\n")
    system.accounts.apply(SystemPlan(users=(User(name="core", groups=("wheel",), password=Secret("p")),)))
    assert system.argvs("useradd") == []
    assert system.argvs("usermod")[0] == ("--append", "-G", "wheel", "core")
    assert "core already" in system.warnings[0]


def test_keys_are_the_users_alone(tmp_path: Path) -> None:
    system = a_system(tmp_path)
    user = User(name="bo", ssh_keys=("ssh-ed25519 AAAA one", "ssh-ed25519 BBBB two"))
    system.accounts.apply(SystemPlan(users=(user,), root=RootAccount(ssh_keys=("ssh-rsa CCCC",))))
    keys = tmp_path / "var/home/bo/.ssh/authorized_keys"
    assert keys.read_text() == "ssh-ed25519 AAAA one\nssh-ed25519 BBBB two\n"
    assert (keys.stat().st_mode & 0o777, keys.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    assert (tmp_path / "var/roothome/.ssh/authorized_keys").read_text() == "ssh-rsa CCCC\n"


def test_keys_of_the_image_stay_and_none_is_there_twice(tmp_path: Path) -> None:
    system = a_system(tmp_path)
    directory = tmp_path / "var/roothome/.ssh"
    directory.mkdir(parents=True, mode=0o755)
    (directory / "authorized_keys").write_text("ssh-rsa OLD\nssh-rsa NEW\n")
    system.accounts.apply(SystemPlan(root=RootAccount(ssh_keys=("ssh-rsa NEW", "ssh-rsa NEWER"))))
    assert (directory / "authorized_keys").read_text() == "ssh-rsa OLD\nssh-rsa NEW\nssh-rsa NEWER\n"
    assert directory.stat().st_mode & 0o777 == 0o700


def test_who_has_only_a_key_is_not_locked(tmp_path: Path) -> None:
    """sshd without PAM lets nobody in whose password begins with `!`, which is what useradd writes."""
    system = a_system(tmp_path)
    system.accounts.apply(SystemPlan(users=(User(name="bo", ssh_keys=("ssh-rsa AAAA",)),)))
    assert ("--password", "*", "bo") in system.argvs("usermod")


@pytest.mark.parametrize(
    ("root", "expected"),
    [
        (RootAccount(), [("--password", "*", "root")]),
        (RootAccount(locked=False), [("--password", "*", "root")]),
        (RootAccount(password=Secret("p"), locked=False), []),
        (RootAccount(password=Secret("p"), locked=True), [("--lock", "root")]),
    ],
)
def test_root(tmp_path: Path, root: RootAccount, expected: list[tuple[str, ...]]) -> None:
    system = a_system(tmp_path)
    system.accounts.apply(SystemPlan(root=root))
    assert system.argvs("usermod") == expected
    assert system.stdins("chpasswd") == ([b"root:p\n"] if root.password else [])


@pytest.mark.parametrize("mark", ["*", "!", "*password-left-out*"])
def test_what_marks_an_account_without_password_is_no_hash(tmp_path: Path, mark: str) -> None:
    system = a_system(tmp_path)
    system.accounts.apply(SystemPlan(users=(User(name="bo", password=Secret(mark), crypted=True),)))
    assert ("--password", mark, "bo") in system.argvs("usermod")
    assert system.argvs("chpasswd") == []


def test_no_secret_is_in_an_argv(tmp_path: Path) -> None:
    system = a_system(tmp_path)
    user = User(name="bo", password=Secret("open sesame"), locked=True)
    system.accounts.apply(SystemPlan(users=(user,), root=RootAccount(password=Secret("$6$a$b"), crypted=True)))
    assert not any("sesame" in word or "$6$" in word for argv in system.runner.argvs for word in argv)
    assert ("--lock", "bo") in system.argvs("usermod")


def test_a_failure_names_the_program_of_the_image(tmp_path: Path) -> None:
    system = a_system(tmp_path, Answer(words=("useradd",), status=127))
    with pytest.raises(CommandFailed, match=r"^useradd was not found") as caught:
        system.accounts.apply(SystemPlan(users=(User(name="bo"),)))
    assert caught.value.argv[0] == "useradd"


def test_homes_are_made_even_without_systemd_tmpfiles(tmp_path: Path) -> None:
    system = a_system(tmp_path, Answer(words=("systemd-tmpfiles",), status=127))
    system.accounts.apply(SystemPlan())
    assert (tmp_path / "var/home").is_dir()
    assert (tmp_path / "var/roothome").stat().st_mode & 0o777 == 0o700
