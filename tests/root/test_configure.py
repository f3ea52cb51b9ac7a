"""The steps that configure a system, on a tree made of the runtime's own files: real useradd, real mounts."""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from ashore_installer.chroot import enter
from ashore_installer.configure.records import save_failure_log
from ashore_installer.configure.scripts import ScriptFailed
from ashore_installer.configure.steps import CreateAccounts, RunScripts, SaveRecords
from ashore_installer.context import Context
from ashore_installer.events import Event, Note, Warned
from ashore_installer.plan import Group, RootAccount, Script, ScriptPhase, SystemPlan, User
from ashore_installer.run import CommandFailed, Commands
from ashore_installer.secret import Secret
from tests.fakes.values import a_machine, a_plan, an_image

pytestmark = pytest.mark.root

HASH = "$6$salt$" + "x" * 86
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBcL5fVnq8JYT8gOnS1pB8RkC7b8uI0yO7b1nGmXw0aP root@example"


@dataclass(frozen=True)
class Installation:
    """A mounted target with a deployment, and what the steps told."""

    context: Context
    events: list[Event]
    mounts: Path

    @property
    def root(self) -> Path:
        return self.context.root()

    @property
    def var(self) -> Path:
        return self.root.parent.parent / "var"

    def notes(self) -> list[str]:
        return [event.text for event in self.events if isinstance(event, Note)]

    def warnings(self) -> list[str]:
        return [event.message for event in self.events if isinstance(event, Warned)]

    def script(self, body: str, **changes: object) -> None:
        script = replace(Script(phase=ScriptPhase.POST, body=body), **changes)  # type: ignore[arg-type]
        RunScripts(scripts=(script,), mounts=self.mounts).run(self.context)

    def fields(self, file: str, name: str) -> list[str]:
        """The fields of a line of /etc/passwd and its like."""
        lines = (self.root / "etc" / file).read_text().splitlines()
        return next(line.split(":") for line in lines if line.startswith(f"{name}:"))


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    target = tmp_path / "target"
    target.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "tmpfs", target], check=True)
    try:
        events: list[Event] = []
        context = Context(
            plan=a_plan(),
            machine=a_machine(),
            payload=an_image(shells=("/bin/sh", "/bin/bash")),
            run=Commands(),
            listener=events.append,
            log_file=tmp_path / "ashore.log",
            target=target,
            deployment=deploy(target),
        )
        context.log_file.write_text("the log\n")
        yield Installation(context, events, tmp_path / "mnt")
    finally:
        subprocess.run(["umount", "--recursive", target], check=True)


def deploy(target: Path) -> Path:
    """A deployment as an image makes one: /usr of the runtime, /etc of its own, the rest links into /var."""
    root = target / "ostree/deploy/default/deploy/abc.0"
    for directory in ("usr", "proc", "sys", "dev", "run", "tmp", "boot", "sysroot", "var", "opt"):
        (root / directory).mkdir(parents=True)
    for link in ("bin", "sbin", "lib", "lib64"):
        (root / link).symlink_to(f"usr/{link}")
    (root / "home").symlink_to("var/home")
    (root / "root").symlink_to("var/roothome")
    shutil.copytree("/etc", root / "etc", symlinks=True)
    (target / "boot").mkdir()
    (root.parent.parent / "var").mkdir()
    subprocess.run(["mount", "--bind", "-o", "ro", "/usr", root / "usr"], check=True)
    return root


def mounted_below(path: Path) -> list[str]:
    lines = Path("/proc/self/mountinfo").read_text().splitlines()
    return [line.split()[4] for line in lines if line.split()[4].startswith(str(path))]


def fits(password: str, hashed: str) -> bool:
    """Whether crypt(3) takes this password for this hash."""
    library = ctypes.CDLL("libcrypt.so.1")
    library.crypt.restype = ctypes.c_char_p
    result: bytes | None = library.crypt(password.encode(), hashed.encode())
    return result == hashed.encode()


def status_of(path: Path) -> tuple[int, int, int]:
    status = path.stat()
    return status.st_mode & 0o7777, status.st_uid, status.st_gid


def test_accounts(installation: Installation) -> None:
    before = Path("/etc/shadow").read_text()
    system = SystemPlan(
        root=RootAccount(password=Secret("sink or swim: ä"), locked=False, ssh_keys=(KEY,)),
        groups=(Group(name="sailors", gid=2500),),
        users=(
            User(name="bo", gecos="Bo Sün", groups=("sailors", "sudo", "pirates"), uid=1600, ssh_keys=(KEY,)),
            User(name="mate", password=Secret(HASH), crypted=True, gid=2600, home="/var/home/deep/mate"),
            User(name="mark", password=Secret("*left-out*"), crypted=True),
            User(name="gone", password=Secret("plank"), locked=True, shell="/bin/sh"),
        ),
    )
    CreateAccounts(system=system).run(installation.context)
    var = installation.var
    assert installation.fields("passwd", "bo")[2:] == ["1600", "1600", "Bo Sün", "/home/bo", "/bin/bash"]
    assert installation.fields("passwd", "mate")[5:] == ["/var/home/deep/mate", "/bin/bash"]
    assert installation.fields("passwd", "gone")[6] == "/bin/sh"
    assert installation.fields("group", "sailors")[2:] == ["2500", "bo"]
    assert installation.fields("group", "sudo")[3] == "bo"
    assert installation.fields("group", "pirates")[3] == "bo"
    assert installation.fields("group", "mate")[2] == "2600"
    assert fits("sink or swim: ä", installation.fields("shadow", "root")[1])
    assert installation.fields("shadow", "bo")[1] == "*"
    assert installation.fields("shadow", "mate")[1] == HASH
    assert installation.fields("shadow", "mark")[1] == "*left-out*"
    locked = installation.fields("shadow", "gone")[1]
    assert locked[0] == "!"
    assert fits("plank", locked[1:])
    assert (var / "home/bo/.bashrc").is_file()
    assert (var / "home/deep/mate").is_dir()
    assert status_of(var / "home/bo/.ssh") == (0o700, 1600, 1600)
    assert status_of(var / "home/bo/.ssh/authorized_keys") == (0o600, 1600, 1600)
    assert status_of(var / "roothome") == (0o700, 0, 0)
    assert status_of(var / "roothome/.ssh/authorized_keys") == (0o600, 0, 0)
    assert status_of(installation.root / "etc/shadow")[0] in (0o640, 0o600)
    assert installation.warnings() == []
    assert Path("/etc/shadow").read_text() == before


def test_the_new_system_is_complete_and_its_own_tree_read_only(installation: Installation) -> None:
    (installation.context.target / "boot/kernel").write_text("")
    with enter(installation.context) as chroot:
        assert chroot.run(["findmnt", "-n", "-o", "FSTYPE", "/proc"]).strip() == "proc"
        assert chroot.run(["sh", "-c", "echo x >/dev/null; ls /boot; ls -d /sysroot/ostree; echo $$"]).split() == [
            "kernel",
            "/sysroot/ostree",
            "1",
        ]
        chroot.run(["touch", "/etc/a", "/var/b", "/tmp/c", "/run/d", "/boot/e"])
        for path in ("/opt/f", "/usr/g", "/h"):
            with pytest.raises(CommandFailed, match="Read-only file system"):
                chroot.run(["touch", path])
        assert "ASHORE" not in chroot.run(["env"])
    assert (installation.root / "etc/a").exists()
    assert (installation.var / "b").exists()
    assert (installation.context.target / "boot/e").exists()
    assert not (installation.root / "run/d").exists()


def test_links_of_an_image_do_not_lead_mounts_into_the_running_system(installation: Installation) -> None:
    victim = installation.context.target.parent / "victim"
    victim.mkdir()
    for name in ("dev", "boot"):
        (installation.root / name).rmdir()
        (installation.root / name).symlink_to(victim)
    inner = installation.root / str(victim).lstrip("/")
    inner.mkdir(parents=True)
    with enter(installation.context) as chroot:
        assert mounted_below(victim) == []
        assert mounted_below(chroot.root / str(victim).lstrip("/")) != []
    assert mounted_below(victim) == []


def test_nothing_stays_mounted_and_the_running_system_keeps_its_own(installation: Installation) -> None:
    here = installation.context.target.parent
    before, devices = mounted_below(here), mounted_below(Path("/dev"))
    with enter(installation.context, network=True) as chroot:
        assert len(mounted_below(here)) > len(before)
        with pytest.raises(CommandFailed, match="false failed with exit status 1"):
            chroot.run(["false"])
    assert mounted_below(here) == before
    assert mounted_below(Path("/dev")) == devices


def test_names_are_resolved_as_in_the_running_system(installation: Installation) -> None:
    ours = Path("/etc/resolv.conf").read_text()
    resolv = installation.root / "etc/resolv.conf"
    resolv.unlink(missing_ok=True)
    resolv.symlink_to("../run/systemd/resolve/stub-resolv.conf")
    with enter(installation.context, network=True) as chroot:
        assert chroot.run(["cat", "/etc/resolv.conf"]) == ours
    resolv.unlink()
    resolv.write_text("of the image\n")
    with enter(installation.context, network=True) as chroot:
        assert chroot.run(["cat", "/etc/resolv.conf"]) == ours
    assert resolv.read_text() == "of the image\n"
    with enter(installation.context) as chroot:
        assert chroot.run(["cat", "/etc/resolv.conf"]) == "of the image\n"


def test_scripts_inside(installation: Installation) -> None:
    (installation.var / "roothome").mkdir()
    installation.script(
        'import os\nprint("hello", os.getcwd())\nopen("/etc/marker", "w").write("yes")\n',
        interpreter="/usr/bin/python3 -u",
        log="/root/post.log",
    )
    assert (installation.root / "etc/marker").read_text() == "yes"
    assert installation.notes() == ["hello /"]
    assert (installation.var / "roothome/post.log").read_text() == "hello /\n"
    assert status_of(installation.var / "roothome/post.log") == (0o600, 0, 0)


def test_what_a_script_leaves_running_ends_with_it(installation: Installation) -> None:
    began = time.monotonic()
    installation.script("sleep 4321 >/dev/null 2>&1 &\necho started\n")
    assert time.monotonic() - began < 60
    assert installation.notes() == ["started"]
    commands = (path.read_bytes() for path in Path("/proc").glob("[0-9]*/cmdline") if path.exists())
    assert not any(b"4321" in command for command in commands)


def test_scripts_outside_find_the_new_system(installation: Installation) -> None:
    (installation.var / "roothome").mkdir()
    body = f'touch "$ANA_INSTALL_PATH/etc/one" {installation.mounts}/sysimage/root/two && ls -d "$ANA_INSTALL_PATH"\n'
    installation.script(body, chroot=False)
    assert (installation.root / "etc/one").exists()
    assert (installation.var / "roothome/two").exists()
    assert installation.notes() == [str(installation.mounts / "sysroot")]
    assert mounted_below(installation.mounts) == []


def test_failing_scripts(installation: Installation) -> None:
    installation.script("echo before; exit 3\n", line=40)
    assert "line 40" in installation.warnings()[0]
    assert "exit status 3" in installation.warnings()[0]
    with pytest.raises(ScriptFailed, match="no such thing"):
        installation.script("echo no such thing >&2; exit 1\n", error_on_fail=True)
    assert mounted_below(installation.context.target.parent / "chroot") == []


def test_an_interpreter_that_the_image_lacks(installation: Installation) -> None:
    installation.script("", interpreter="/usr/bin/fish")
    assert "(/usr/bin/fish) was not found" in installation.warnings()[0]


def test_records(installation: Installation) -> None:
    SaveRecords(kickstart="cmdline\n").run(installation.context)
    assert (installation.var / "roothome/ashore-ks.cfg").read_text() == "cmdline\n"
    assert status_of(installation.var / "roothome/ashore-plan.json") == (0o600, 0, 0)
    assert status_of(installation.var / "log/ashore") == (0o700, 0, 0)
    assert (installation.var / "log/ashore/ashore.log").read_text() == "the log\n"


def test_the_log_of_a_failure_stays_on_the_target(installation: Installation) -> None:
    save_failure_log(installation.context)
    assert (installation.var / "log/ashore/ashore.log").read_text() == "the log\n"
    installation.context.deployment = None
    save_failure_log(installation.context)
    assert (installation.context.target / "var/log/ashore/ashore.log").read_text() == "the log\n"


def test_a_log_that_can_not_be_kept_hides_no_failure(installation: Installation) -> None:
    (installation.var / "log").write_text("a file is in the way")
    save_failure_log(installation.context)
    assert installation.notes() == []
    assert os.path.ismount(installation.context.target)
