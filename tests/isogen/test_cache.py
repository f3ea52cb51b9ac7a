"""What is built once: complete or not there, by one process at a time, and not for ever."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from ashore_installer.errors import InstallerError
from ashore_isogen.cache import KEPT, Cache, contents, digest_of


def quiet(_line: str) -> None:
    """Tells nobody."""


def test_an_entry_is_built_once(tmp_path: Path) -> None:
    cache, builds = Cache(tmp_path / "c"), list[Path]()

    def build(directory: Path) -> None:
        builds.append(directory)
        (directory / "file").touch()

    first = cache.make("root", "abc", build, quiet)
    assert first == cache.make("root", "abc", build, quiet) == cache.find("root", "abc")
    assert len(builds) == 1
    assert (first / "file").exists()


def test_a_failed_build_leaves_nothing(tmp_path: Path) -> None:
    cache = Cache(tmp_path)

    def build(directory: Path) -> None:
        (directory / "half").mkdir()
        raise InstallerError("no network")

    with pytest.raises(InstallerError, match="no network"):
        cache.make("root", "abc", build, quiet)
    assert cache.find("root", "abc") is None
    assert list((tmp_path / "unfinished").iterdir()) == []


def test_what_a_killed_build_left_is_replaced(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    (tmp_path / "unfinished/root-abc/old").mkdir(parents=True)
    entry = cache.make("root", "abc", lambda directory: (directory / "new").touch(), quiet)
    assert [path.name for path in entry.iterdir()] == ["new"]


def test_what_other_killed_builds_left_is_swept_away(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    for name in ("root-dead", "root-alive"):
        (tmp_path / "unfinished" / name).mkdir(parents=True)
    with cache.lock("root-dead", quiet):
        pass
    with cache.lock("root-alive", quiet):
        cache.make("root", "abc", lambda directory: (directory / "f").touch(), quiet)
    assert [path.name for path in (tmp_path / "unfinished").iterdir()] == ["root-alive"]


def test_two_at_once_build_once(tmp_path: Path) -> None:
    cache, builds = Cache(tmp_path), list[Path]()
    told: list[str] = []

    def build(directory: Path) -> None:
        builds.append(directory)
        time.sleep(0.3)
        (directory / "file").touch()

    threads = [threading.Thread(target=cache.make, args=("root", "abc", build, told.append)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(builds) == 1
    assert told == ["Waiting for another build (root-abc)"] * 2
    assert cache.find("root", "abc") is not None


def test_old_entries_go_and_recently_used_ones_stay(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    for age, name in enumerate(("new", "older", "oldest")):
        entry = cache.make("root", name, lambda directory: (directory / "f").touch(), quiet)
        os.utime(entry, (1000 - age, 1000 - age))
    cache.find("root", "oldest")  # is in use again
    cache.make("root", "last", lambda directory: (directory / "f").touch(), quiet)
    left = {path.name for path in (tmp_path / "root").iterdir()}
    assert "last" in left
    assert "oldest" in left
    assert len(left) == KEPT


def test_an_entry_in_use_by_another_process_stays(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    held = cache.make("root", "held", lambda directory: (directory / "f").touch(), quiet)
    wait = [sys.executable, "-c", "input()"]
    with cache.hold(held) as number:
        process = subprocess.Popen(wait, pass_fds=(number,), stdin=subprocess.PIPE)
    with process:
        for name in ("a", "b", "c"):
            cache.make("root", name, lambda directory: (directory / "f").touch(), quiet)
        assert held.exists()
        process.communicate(b"\n")
    cache.make("root", "d", lambda directory: (directory / "f").touch(), quiet)
    assert not held.exists()


def test_an_entry_is_forgotten_unless_it_is_in_use(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    entry = cache.make("root", "abc", lambda directory: (directory / "f").touch(), quiet)
    with cache.hold(entry):
        cache.forget("root", "abc")
        assert entry.exists()
    cache.forget("root", "abc")
    cache.forget("root", "abc")
    assert cache.find("root", "abc") is None


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({"ASHORE_CACHE": "/x", "XDG_CACHE_HOME": "/y", "HOME": "/z"}, "/x"),
        ({"XDG_CACHE_HOME": "/y", "HOME": "/z"}, "/y/ashore"),
        ({"HOME": "/z"}, "/z/.cache/ashore"),
        ({"ASHORE_CACHE": "", "HOME": "/z"}, "/z/.cache/ashore"),
    ],
)
def test_where_it_is(environment: dict[str, str], expected: str) -> None:
    assert Cache.of_user(environment).top == Path(expected)


def test_a_cache_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(InstallerError, match="Can't write to the cache") as failed:
        Cache(tmp_path / "file" / "cache").make("root", "abc", lambda _: None, quiet)
    assert "ASHORE_CACHE" in failed.value.hint


def test_digests_see_names_contents_and_borders(tmp_path: Path) -> None:
    assert digest_of([b"ab", b"c"]) != digest_of([b"a", b"bc"])
    (tmp_path / "a").write_text("1", encoding="utf-8")
    before = digest_of(contents(tmp_path))
    (tmp_path / "__pycache__").mkdir()
    (tmp_path / "__pycache__/a.pyc").touch()
    (tmp_path / ".hidden").touch()
    (tmp_path / "a").touch()
    assert digest_of(contents(tmp_path)) == before
    (tmp_path / "a").rename(tmp_path / "b")
    renamed = digest_of(contents(tmp_path))
    assert renamed != before
    (tmp_path / "b").chmod(0o755)
    assert digest_of(contents(tmp_path)) != renamed
