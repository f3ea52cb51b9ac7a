"""Run a program in a live system with disks, within seconds, as often as you like.

  python -m tests.vm.storage run 'lsblk; ashore probe' --disk 10G:virtio --disk 8G:nvme,4kn
  python -m tests.vm.storage run try.py --disk 10G --disk 10G:scsi,512e --firmware uefi
  python -m tests.vm.storage matrix            all scenarios (`make storage-matrix`); names of some run only those
  python -m tests.vm.storage freeze            make the frozen live systems now (minutes each)

`run` takes the path of a Python file, or else commands for bash. Python runs as root in a process that has imported
blivet; the packages of this checkout, as they are at that moment, are on its path (for bash in $PYTHONPATH). Its exit
status is that of the program. A disk is SIZE[:BUS][,SECTORS][,ro] with the buses virtio nvme scsi usb and the sectors
512 512e 4kn; the first is /dev/disk/by-id/virtio-disk1 and so on.

The first run boots the live system and freezes it in the user's cache; that is done again when the templates of the
runtime, QEMU or this harness change. In a test:

  with Lab((DiskSpec(size=10 * GiB),), firmware=Firmware.UEFI) as lab:
      lab.out("sgdisk -p /dev/vda")                            text, raises when the status is not 0
      lab.python(code, arguments={"a": 1}).result              what `code` left in the variable `result`
      lab.disks[0].edges()                                     first and last MiB, seen from this host
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from ashore_installer.errors import InstallerError
from ashore_isogen.qemu.spec import Firmware
from tests.vm.storage import matrix
from tests.vm.storage.disks import disk_from
from tests.vm.storage.lab import Lab
from tests.vm.storage.matrix import AT_ONCE
from tests.vm.storage.scenarios import ROWS
from tests.vm.storage.snapshot import snapshot


class ToScreen:
    """What is told while something is made."""

    def note(self, text: str) -> None:
        print(f"[{text}]", file=sys.stderr, flush=True)

    def progress(self, done: int, total: int, unit: str = "bytes") -> None:
        """Notes are enough here."""


def main(words: list[str]) -> int:
    arguments = _parser().parse_args(words)
    try:
        match arguments.command:
            case "freeze":
                return _freeze()
            case "matrix":
                return _matrix(arguments)
            case _:
                return _run(arguments)
    except InstallerError as error:
        print(error, file=sys.stderr)
        return error.status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tests.vm.storage", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("freeze")
    table = commands.add_parser("matrix")
    table.add_argument("names", nargs="*", help="scenarios, or beginnings of their names")
    table.add_argument("--quick", action="store_true", help="only those that `make test` runs")
    table.add_argument("--junit-xml", type=Path, metavar="FILE", help="write a report too")
    table.add_argument("--logs", type=Path, metavar="DIRECTORY", help="keep consoles there")
    table.add_argument("--at-once", type=int, default=AT_ONCE, metavar="N", help="machines at a time")
    run = commands.add_parser("run")
    run.add_argument("program", help="a Python file, or commands for bash")
    run.add_argument("--disk", action="append", default=[], metavar="SIZE[:BUS,SECTORS]")
    run.add_argument("--firmware", choices=[Firmware.BIOS.value, Firmware.UEFI.value], default=Firmware.BIOS.value)
    run.add_argument("--seconds", type=float, default=600.0, help="when to give up")
    return parser


def _freeze() -> int:
    for firmware in (Firmware.BIOS, Firmware.UEFI):
        with snapshot(firmware, ToScreen()) as entry:
            print(entry)
    return 0


def _matrix(arguments: argparse.Namespace) -> int:
    rows = [row for row in ROWS if row.quick or not arguments.quick]
    if arguments.names:
        rows = [row for row in rows if row.name.startswith(tuple(arguments.names))]
    verdicts = matrix.run(rows, ToScreen(), arguments.logs, arguments.at_once)
    if arguments.junit_xml:
        matrix.write_junit(verdicts, arguments.junit_xml)
    return int(any(verdict.wrong for verdict in verdicts))


def _run(arguments: argparse.Namespace) -> int:
    began = time.monotonic()
    disks = [disk_from(text) for text in arguments.disk]
    with Lab(disks, firmware=Firmware(arguments.firmware), report=ToScreen()) as lab:
        named = " ".join(f"{disk.name}={disk.node}" for disk in lab.disks)
        ToScreen().note(f"ready after {time.monotonic() - began:.1f} s {named}".rstrip())
        began = time.monotonic()
        path = Path(arguments.program)
        if path.suffix == ".py" and path.is_file():
            answer = lab.python(path.read_text(), name=path.name, seconds=arguments.seconds, echo=_echo)
        else:
            answer = lab.shell(arguments.program, arguments.seconds, _echo)
    if answer.result is not None:
        print(answer.result)
    ToScreen().note(f"status {answer.status} after {time.monotonic() - began:.1f} s")
    return answer.status


def _echo(text: str) -> None:
    print(text, end="", flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
