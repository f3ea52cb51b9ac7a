"""`make storage-matrix`: all scenarios, two machines at a time, as a table with times."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from xml.etree import ElementTree

from ashore_isogen.report import Report
from tests.vm.storage.row import Row
from tests.vm.storage.scenario import Verdict, judge
from tests.vm.storage.snapshot import snapshot

AT_ONCE = 2
"""Machines at a time; a translated one keeps a processor busy."""
_WIDTH = 34


def run(rows: Sequence[Row], report: Report, logs: Path | None = None, at_once: int = AT_ONCE) -> list[Verdict]:
    """Carry the rows out and print each as it ends, with what is wrong, then one line with the sums."""
    began = time.monotonic()
    for firmware in sorted({row.firmware for row in rows}):
        with snapshot(firmware, report):  # made before the clocks of the rows run
            pass
    print(f"{'scenario':<{_WIDTH}} {'result':<8} {'time':>7}", flush=True)
    verdicts = []
    with ThreadPoolExecutor(max_workers=at_once) as pool:
        waiting = [pool.submit(judge, row, logs / row.name if logs else None) for row in rows]
        for done in as_completed(waiting):
            verdicts.append(done.result())
            print(line(verdicts[-1]), *_reasons(verdicts[-1]), sep="\n", flush=True)
    failed = sum(bool(verdict.wrong) for verdict in verdicts)
    print(f"{len(rows)} scenarios, {failed} failed, {time.monotonic() - began:.0f} s", flush=True)
    return verdicts


def line(verdict: Verdict) -> str:
    """A row of the table."""
    good = "refused" if verdict.row.refused else "ok"
    return f"{verdict.row.name:<{_WIDTH}} {'FAILED' if verdict.wrong else good:<8} {verdict.seconds:>5.0f} s"


def _reasons(verdict: Verdict) -> Iterator[str]:
    """What is wrong, and the end of what the guest said."""
    if verdict.wrong:
        yield from (f"  {text}" for text in verdict.wrong)
        yield from (f"  | {text}" for text in verdict.output.splitlines()[-15:])


def write_junit(verdicts: Sequence[Verdict], path: Path) -> None:
    """The verdicts as a JUnit report, as pytest writes one."""
    suite = ElementTree.Element(
        "testsuite", tests=str(len(verdicts)), failures=str(sum(bool(one.wrong) for one in verdicts)), errors="0"
    )
    for verdict in verdicts:
        case = ElementTree.SubElement(suite, "testcase", name=verdict.row.name, time=f"{verdict.seconds:.1f}")
        if verdict.wrong:
            ElementTree.SubElement(case, "failure", message="; ".join(verdict.wrong)).text = verdict.output
    ElementTree.ElementTree(suite).write(path, encoding="unicode")
