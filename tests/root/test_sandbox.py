"""Programs inside a root tree: with a tree that shows this machine's /usr and is empty otherwise."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ashore_installer.run import CommandFailed
from ashore_isogen.sandbox import Bind, Sandbox

pytestmark = pytest.mark.root


@pytest.fixture
def root(tmp_path: Path) -> Path:
    tree = tmp_path / "root"
    (tree / "etc").mkdir(parents=True)
    (tree / "usr").mkdir()
    for name in ("bin", "sbin", "lib", "lib64"):
        (tree / name).symlink_to(f"usr/{name}")
    (tree / "etc/resolv.conf").symlink_to("/run/nowhere")
    return tree


def sandbox(root: Path, *binds: Bind, keep: bool = False, **env: str) -> Sandbox:
    return Sandbox(
        root=root, binds=(Bind(source=Path("/usr"), target="/usr", read_only=True), *binds), keep=keep, env=env
    )


def setup_of(argv: list[str]) -> dict[str, object]:
    (text,) = [word for word in argv if word.startswith("{")]
    loaded: dict[str, object] = json.loads(text)
    return loaded


def test_a_tree_that_is_kept_does_not_depend_on_this_machine(root: Path) -> None:
    assert setup_of(sandbox(root, keep=True).argv(["true"]))["copies"] == []
    sandbox(root, keep=True).run(["touch", "/etc/made"])
    assert (root / "etc/made").exists()
    assert (root / "etc/resolv.conf").is_symlink()


def test_changes_are_gone_and_nothing_stays_mounted(root: Path) -> None:
    before = Path("/proc/self/mounts").read_text(encoding="utf-8")
    sandbox(root).run(["sh", "-c", "echo x > /etc/made && mount -t tmpfs tmpfs /etc && touch /etc/y && rm /lib64"])
    assert not (root / "etc/made").exists()
    assert (root / "lib64").is_symlink()
    assert sorted(path.name for path in root.iterdir()) == ["bin", "etc", "lib", "lib64", "sbin", "usr"]
    assert Path("/proc/self/mounts").read_text(encoding="utf-8") == before


def test_trees_inside_have_api_file_systems_too(root: Path, tmp_path: Path) -> None:
    tree = tmp_path / "work" / "tree"
    tree.mkdir(parents=True)
    work = Bind(source=tree.parent, target="/work")
    inside = Sandbox(root=root, binds=(Bind(source=Path("/usr"), target="/usr"), work), trees=("/work/tree",))
    script = "cd /work/tree && test -c dev/null && test -d sys/class && cat proc/1/comm && touch run/x made"
    assert inside.run(["sh", "-c", script]).startswith("python")
    assert sorted(path.name for path in tree.iterdir()) == ["dev", "made", "proc", "run", "sys", "tmp"]
    assert not list((tree / "run").iterdir()) + list((tree / "dev").iterdir())


def test_the_network_works_as_here(root: Path) -> None:
    assert sandbox(root).run(["cat", "/etc/hosts"]) == Path("/etc/hosts").read_text(encoding="utf-8")
    assert sandbox(root).run(["cat", "/etc/resolv.conf"]) == Path("/etc/resolv.conf").read_text(encoding="utf-8")


def test_processes_and_variables_are_its_own(root: Path) -> None:
    numbers = sandbox(root).run(["sh", "-c", "ls /proc | grep -c '^[0-9]'"])
    assert int(numbers) < 8
    assert sandbox(root, A="b").run(["env"]).splitlines().count("A=b") == 1
    assert "VIRTUAL_ENV" not in sandbox(root).run(["env"])
    assert sandbox(root).run(["pwd"]) == "/\n"


def test_files_of_this_machine_are_bound(root: Path, tmp_path: Path) -> None:
    (tmp_path / "seen").write_text("here", encoding="utf-8")
    shared = Bind(source=tmp_path, target="/deep/down")
    alone = Bind(source=tmp_path / "seen", target="/etc/seen", read_only=True)
    assert sandbox(root, shared, alone).run(["sh", "-c", "touch /deep/down/made; cat /etc/seen"]) == "here"
    assert (tmp_path / "made").exists()
    with pytest.raises(CommandFailed, match="Read-only file system"):
        sandbox(root, alone).run(["touch", "/etc/seen"])


def test_a_bind_can_not_leave_the_tree(root: Path, tmp_path: Path) -> None:
    (root / "out").symlink_to(tmp_path)
    with pytest.raises(CommandFailed, match="leads out of the root tree"):
        sandbox(root, Bind(source=Path("/usr"), target="/out/usr")).run(["true"])
    assert not (tmp_path / "usr").exists()


@pytest.mark.parametrize(("script", "status"), [("exit 3", 3), ("kill -TERM $$", 143), ("exec /none", 127)])
def test_how_it_ended_is_told(root: Path, script: str, status: int) -> None:
    with pytest.raises(CommandFailed) as failed:
        sandbox(root).run(["sh", "-c", script])
    assert failed.value.returncode == status


def test_a_program_that_is_not_there(root: Path) -> None:
    with pytest.raises(CommandFailed, match="nothing-like-it: No such file or directory") as failed:
        sandbox(root).run(["nothing-like-it"])
    assert failed.value.returncode == 127


def test_two_at_once_do_no_harm(root: Path) -> None:
    script = "touch /etc/$NAME; sleep 0.5; ls /etc"
    with ThreadPoolExecutor() as pool:
        runs = [pool.submit(sandbox(root, NAME=name).run, ["sh", "-c", script]) for name in ("one", "two", "three")]
        seen = [run.result().split() for run in runs]
    for name, files in zip(("one", "two", "three"), seen, strict=True):
        assert name in files
        assert len({"one", "two", "three"} & set(files)) == 1


def test_what_is_killed_leaves_nothing(root: Path) -> None:
    before = Path("/proc/self/mounts").read_text(encoding="utf-8")
    mark = f"{time.time_ns() % 10**9}"
    argv = sandbox(root).argv(["sh", "-c", f"echo started; sleep {mark} & sleep {mark}"])
    with subprocess.Popen(argv, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"started\n"
        process.send_signal(signal.SIGKILL)
    assert _ended(mark)
    assert Path("/proc/self/mounts").read_text(encoding="utf-8") == before


def test_it_ends_with_the_program_that_started_it(root: Path) -> None:
    mark = f"{time.time_ns() % 10**9}"
    argv = sandbox(root).argv(["sh", "-c", f"echo started; exec sleep {mark}"])
    caller = [sys.executable, "-c", f"import subprocess; subprocess.run({argv!r})"]
    with subprocess.Popen(caller, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"started\n"
        process.kill()
    assert _ended(mark)


def test_what_it_leaves_running_ends_with_it(root: Path) -> None:
    mark = f"{time.time_ns() % 10**9}"
    sandbox(root).run(["sh", "-c", f"sleep {mark} > /dev/null 2>&1 &"])
    assert _ended(mark)


def test_the_command_line(root: Path, tmp_path: Path) -> None:
    words = [sys.executable, "-m", "ashore_isogen.sandbox", "--root", str(root), "--ro-bind", "/usr:/usr"]
    words += ["--bind", f"{tmp_path}:/shared", "--setenv", "A=b=c", "--chdir", "/shared", "--", "sh", "-c"]
    done = subprocess.run(
        [*words, "pwd; echo $A; cat; exit 5"],
        input=b"from stdin",
        capture_output=True,
        check=False,
        env=dict(os.environ),
    )
    assert done.stdout == b"/shared\nb=c\nfrom stdin"
    assert done.returncode == 5


def _ended(mark: str) -> bool:
    """True when no process has `mark` among its arguments any more, within five seconds."""
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        if not any(mark in line for line in _command_lines()):
            return True
        time.sleep(0.05)
    return False


def _command_lines() -> list[str]:
    lines = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            lines.append(path.read_bytes().decode(errors="replace"))
        except OSError:  # it ended meanwhile
            continue
    return lines
