"""Scripts and records on directories, with a runner that only records."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from ashore_installer import codec
from ashore_installer.configure.records import save_failure_log, save_logs, save_plan
from ashore_installer.configure.scripts import SHOWN_LINES, ScriptFailed
from ashore_installer.configure.steps import RunScripts, SaveRecords, WriteFstab
from ashore_installer.context import Context
from ashore_installer.events import Event, Note, Warned
from ashore_installer.plan import InstallPlan, RootAccount, Script, ScriptPhase, SystemPlan, User
from ashore_installer.secret import Secret
from ashore_installer.storage_plan import StoragePlan, ZramPlan
from tests.fakes.runner import Answer, Call, FakeRunner
from tests.fakes.values import a_machine, a_plan, an_image
from tests.installer.stacks import LUKS_UUIDS, MIRROR_OWN, luks_lvm, mirror


@dataclass(frozen=True)
class Installation:
    """A context on directories, its runner and what it told.

    The runner mounts nothing, so what would be the mounted new system is an empty directory: `chroot`.
    """

    context: Context
    runner: FakeRunner
    events: list[Event]
    chroot: Path
    mounts: Path

    def notes(self) -> list[str]:
        return [event.text for event in self.events if isinstance(event, Note)]

    def warnings(self) -> list[str]:
        return [event.message for event in self.events if isinstance(event, Warned)]

    def run(self, *scripts: Script) -> None:
        RunScripts(scripts=scripts, mounts=self.mounts).run(self.context)


def an_installation(tmp_path: Path, *answers: Answer, plan: InstallPlan | None = None) -> Installation:
    target = tmp_path / "target"
    root = target / "ostree/deploy/default/deploy/abc.0"
    (root / "etc").mkdir(parents=True)
    (root / "home").symlink_to("var/home")
    chroot = tmp_path / "chroot"
    (chroot / "run").mkdir(parents=True)
    runner, events = FakeRunner(*answers), list[Event]()
    context = Context(
        plan=plan or a_plan(),
        machine=a_machine(),
        payload=an_image(),
        run=runner,
        listener=events.append,
        log_file=tmp_path / "ashore.log",
        target=target,
        deployment=root,
        uuids={"root": "r-1", "boot": "b-1"},
    )
    return Installation(context, runner, events, chroot, tmp_path / "mnt")


def post(body: str = "true\n", **changes: object) -> Script:
    return replace(Script(phase=ScriptPhase.POST, body=body), **changes)  # type: ignore[arg-type]


def test_a_script_runs_in_the_new_system(tmp_path: Path) -> None:
    seen: list[tuple[str, int]] = []

    def look(call: Call) -> None:
        file = tmp_path / "chroot" / call.argv[-1].lstrip("/")
        seen.append((file.read_text(), file.stat().st_mode & 0o777))

    installation = an_installation(tmp_path, Answer(words=("/usr/bin/python3", "-u"), output="one\ntwo\n", effect=look))
    installation.run(post("print(1)\n", interpreter="/usr/bin/python3 -u"))
    (call,) = installation.runner.ran("/usr/bin/python3", "-u")
    assert call.followed
    assert call.argv[:2] == ("env", "-i")
    assert "chroot" in call.argv
    assert seen == [("print(1)\n", 0o700)]
    assert installation.notes() == ["one", "two"]
    assert list((installation.chroot / "run/ashore-scripts").iterdir()) == []
    assert (installation.chroot / "run/ashore-scripts").stat().st_mode & 0o777 == 0o700


def test_a_script_outside_is_told_where_the_new_system_is(tmp_path: Path) -> None:
    installation = an_installation(tmp_path)
    installation.run(post(chroot=False))
    (call,) = installation.runner.ran("/bin/sh")
    assert "chroot" not in call.argv
    assert call.env == {"ANA_INSTALL_PATH": str(tmp_path / "mnt/sysroot")}
    shown = [Path(argv[-1]) for argv in installation.runner.argvs if argv[0] == "mount"][-2:]
    assert shown == [tmp_path / "mnt/sysroot", tmp_path / "mnt/sysimage"]
    assert not Path(call.argv[-1]).exists()


def test_scripts_of_other_phases_are_not_run(tmp_path: Path) -> None:
    installation = an_installation(tmp_path)
    installation.run(replace(post(), phase=ScriptPhase.PRE))
    assert installation.runner.calls == []


def test_a_failing_script_is_a_warning_and_the_next_one_runs(tmp_path: Path) -> None:
    installation = an_installation(tmp_path, Answer(words=("/bin/first",), status=3, stderr="oh no"))
    installation.run(post(interpreter="/bin/first", line=12), post(interpreter="/bin/second"))
    (warning,) = installation.warnings()
    assert "line 12" in warning
    assert "exit status 3" in warning
    assert installation.runner.ran("/bin/second")


def test_erroronfail_ends_the_installation(tmp_path: Path) -> None:
    installation = an_installation(tmp_path, Answer(words=("/bin/first",), status=3, stderr="oh no"))
    with pytest.raises(ScriptFailed, match="oh no"):
        installation.run(post(interpreter="/bin/first", error_on_fail=True), post(interpreter="/bin/second"))
    assert not installation.runner.ran("/bin/second")


def test_a_missing_interpreter_is_said_so(tmp_path: Path) -> None:
    installation = an_installation(tmp_path, Answer(words=("/bin/zsh",), status=127))
    installation.run(post(interpreter="/bin/zsh"))
    assert "(/bin/zsh) was not found" in installation.warnings()[0]


def test_the_log_of_a_script_has_everything_also_when_it_fails(tmp_path: Path) -> None:
    output = "".join(f"{number}\n" for number in range(SHOWN_LINES + 50))
    installation = an_installation(tmp_path, Answer(words=("/bin/sh",), output=output, status=1))
    installation.run(post(log="/root/deep/post.log"))
    log = installation.chroot / "root/deep/post.log"
    assert log.read_text() == output
    assert log.stat().st_mode & 0o777 == 0o600
    assert len(installation.notes()) == SHOWN_LINES + 1


def test_a_log_that_can_not_be_written_is_a_warning(tmp_path: Path) -> None:
    installation = an_installation(tmp_path)
    (installation.chroot / "root").write_text("a file")
    installation.run(post(log="/root/post.log"))
    assert "/root/post.log" in installation.warnings()[0]


def test_fstab_follows_the_links_of_the_image(tmp_path: Path) -> None:
    installation = an_installation(tmp_path)
    WriteFstab(storage=installation.context.plan.storage).run(installation.context)
    text = (installation.context.root() / "etc/fstab").read_text()
    assert "UUID=b-1 /boot ext4 ro 0 2\n" in text
    assert installation.runner.calls == []


def test_what_is_opened_and_assembled_is_written_too(tmp_path: Path) -> None:
    storage = replace(luks_lvm(), arrays=mirror().arrays, zram=ZramPlan())
    installation = an_installation(tmp_path, plan=a_plan(storage=storage))
    installation.context.uuids, installation.context.own_uuids = dict(LUKS_UUIDS), dict(MIRROR_OWN)
    etc = installation.context.root() / "etc"
    (etc / "mdadm").mkdir()
    WriteFstab(storage=storage).run(installation.context)
    assert (etc / "crypttab").stat().st_mode & 0o777 == 0o600
    assert "UUID=c-1" in (etc / "crypttab").read_text()
    assert "ARRAY /dev/md/root" in (etc / "mdadm/mdadm.conf").read_text()
    assert "[zram0]" in (etc / "systemd/zram-generator.conf").read_text()


SECRET = SystemPlan(
    root=RootAccount(password=Secret("open sesame")), users=(User(name="bo", password=Secret("shiver me")),)
)


def test_records_are_for_root_only_and_have_no_secret(tmp_path: Path) -> None:
    installation = an_installation(tmp_path, plan=a_plan(system=SECRET))
    installation.context.log_file.write_text("the log\n")
    installation.context.log_file.with_name("journal.jsonl").write_text("{}\n")
    SaveRecords(kickstart="text\n").run(installation.context)
    root = installation.chroot
    files = [root / "root/ashore-ks.cfg", root / "root/ashore-plan.json", *(root / "var/log/ashore").iterdir()]
    assert sorted(file.name for file in files) == ["ashore-ks.cfg", "ashore-plan.json", "ashore.log", "journal.jsonl"]
    assert {file.stat().st_mode & 0o777 for file in files} == {0o600}
    assert (root / "var/log/ashore").stat().st_mode & 0o777 == 0o700
    assert not any("sesame" in file.read_text() or "shiver" in file.read_text() for file in files)
    saved = json.loads((root / "root/ashore-plan.json").read_text())
    assert codec.from_data(saved["storage"], StoragePlan, "the plan") == installation.context.plan.storage
    assert saved["system"]["root"]["password"] == codec.LEFT_OUT


def test_a_plan_is_replaced_not_added(tmp_path: Path) -> None:
    save_plan(tmp_path, a_plan(), "one\n")
    save_plan(tmp_path, a_plan(), "two\n")
    assert (tmp_path / "root/ashore-ks.cfg").read_text() == "two\n"


def test_logs_that_are_not_there_are_not_invented(tmp_path: Path) -> None:
    assert list(save_logs(tmp_path / "root", tmp_path / "no.log").iterdir()) == []


def test_nothing_is_kept_of_a_failure_before_the_target_is_mounted(tmp_path: Path) -> None:
    installation = an_installation(tmp_path)
    installation.context.log_file.write_text("the log\n")
    save_failure_log(installation.context)
    assert installation.notes() == []
    assert not (installation.context.target / "var").exists()
