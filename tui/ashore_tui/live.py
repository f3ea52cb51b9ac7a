"""The live system's own start: `python -m ashore_tui.live`, run once at boot by ashore-live.service.

With a kickstart (boot option `inst.ks=`, else the one on the medium) it installs and then ends the live system as the
kickstart says. It is followed on every console. What comes on the consoles after that, or at once when nothing is to be
installed by itself, is in console.py; the kickstart is left for it, so that its words need not be said again there.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass, field, replace
from pathlib import Path

from ashore_installer.errors import ExitStatus, InstallerError
from ashore_installer.machine import MachineInfo
from ashore_installer.mediacheck import check_tree
from ashore_installer.medium import MOUNT_POINT, read_manifest
from ashore_installer.plan import Draft, Finish, InstallPlan
from ashore_installer.run import Commands
from ashore_kickstart.fetch import Fetcher, KickstartFile, without_password
from ashore_tui.engine import Engine, LocalEngine
from ashore_tui.finish import Machine
from ashore_tui.kernel import CMDLINE, BootOptions, boot_options
from ashore_tui.outputs import All, Output, consoles, printable, stream_output
from ashore_tui.places import KEPT, MOTD, STATUS
from ashore_tui.plain import PlainFace, final_line
from ashore_tui.recovery import recovery_keys
from ashore_tui.report import OutputReport
from ashore_tui.session import prepare, request_of, watch
from ashore_tui.summary import plan_lines
from ashore_tui.welcome import welcome

READY = "ashore: ready"
"""The last line on the consoles when there is nothing to install; programs that drive a machine wait for it."""


@dataclass(kw_only=True)
class Live:
    """One start of the live system."""

    output: Output
    engine: Engine
    fetcher: Fetcher
    machine: Machine
    cmdline: str
    medium: Path = MOUNT_POINT
    motd: Path = MOTD
    status: Path = STATUS
    kept: Path = KEPT
    _report: OutputReport = field(init=False)

    def __post_init__(self) -> None:
        self._report = OutputReport(output=self.output)

    def run(self) -> int:
        """Do what this start is for. The exit status is that of the installation, 0 when there was none."""
        try:
            return self._run()
        except InstallerError as error:
            return self._refused(error)
        except Exception as error:
            sentence = f"Ashore has a bug: {type(error).__name__}. `journalctl -u ashore-live` has the details."
            self.output.line(sentence)
            self._end(ExitStatus.FAILED, sentence)
            raise

    def _run(self) -> int:
        options = boot_options(self.cmdline)
        if options.media_check:
            self._check_medium()
        kickstart = None if options.shell else self._kickstart(options)
        if kickstart is None:
            return self._welcome()
        self._keep(kickstart)
        if options.interactive:
            return ExitStatus.DONE
        return self._install(kickstart)

    def _check_medium(self) -> None:
        self._report.note("Checking the medium ...")
        wrong = check_tree(self.medium, read_manifest(self.medium), self._report.progress)
        if wrong:
            raise InstallerError(
                f"The medium is damaged: {', '.join(wrong)}.", "Write it again, and check the file it is written from."
            )
        self._report.note("The medium is whole.")

    def _kickstart(self, options: BootOptions) -> KickstartFile | None:
        if not options.kickstart:
            return self.fetcher.embedded()
        self._report.note(f"Getting the kickstart {without_password(options.kickstart)} ...")
        return self.fetcher.fetch(options.kickstart)

    def _keep(self, kickstart: KickstartFile) -> None:
        self.kept.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.kept.touch(mode=0o600)
        self.kept.write_text(kickstart.text, encoding="utf-8")

    def _welcome(self) -> int:
        self._tell_logins(welcome(read_manifest(self.medium), self.engine.probe()))
        self.output.line(READY)
        return ExitStatus.DONE

    def _install(self, kickstart: KickstartFile) -> int:
        from ashore_kickstart.read import draft_from_text

        self._report.note(f"Installing by the kickstart {kickstart.name}.")
        draft = draft_from_text(kickstart.text, kickstart.name)
        machine = self._connected(draft, self.engine.probe())
        prepared = prepare(draft, machine, self.engine, self._report.progress)
        for line in ("", *plan_lines(prepared.plan, prepared.image, prepared.machine), ""):
            self.output.line(line)
        running = self.engine.start(request_of(prepared))
        status = watch(running, PlainFace(output=self.output))
        if status != ExitStatus.DONE:
            return self._end(status, f"The installation failed. Its log is {running.log}.")
        keys = recovery_keys(running.log.parent)
        for line in keys:
            self.output.line(line)
        # Somebody has to read the keys, so the machine does not end by itself.
        return self._installed(replace(prepared.plan, finish=Finish.WAIT) if keys else prepared.plan)

    def _connected(self, draft: Draft, machine: MachineInfo) -> MachineInfo:
        """What can't be connected is told, and matters only when something must be fetched."""
        wanted = tuple(one for one in draft.system.network if one.activate)
        if not wanted:
            return machine
        self._report.note("Setting up the network ...")
        try:
            return self.engine.connect(wanted, machine)
        except InstallerError as error:
            self._report.note(str(error))
            return machine

    def _installed(self, plan: InstallPlan) -> int:
        for line in self.machine.prepare_eject() if plan.eject else ():
            self.output.line(line)
        how = "The installation is done. Remove the medium, and restart with `systemctl reboot`."
        if plan.finish is Finish.WAIT:
            self.output.line(how)
        self._end(ExitStatus.DONE, how)
        self.machine.finish(plan.finish)
        return ExitStatus.DONE

    def _refused(self, error: InstallerError) -> int:
        """It failed before the engine began."""
        self.output.line("")
        self.output.line(str(error))
        return self._end(error.status, f"Nothing was installed.\n{error}")

    def _end(self, status: int, sentence: str) -> int:
        """Leave word of the end for who logs in and for programs, and say it on the consoles."""
        self._tell_logins(f"{sentence}\n")
        self.status.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.status.write_text(f"{int(status)}\n", encoding="ascii")
        self.output.line(final_line(status))
        return status

    def _tell_logins(self, text: str) -> None:
        self.motd.parent.mkdir(parents=True, exist_ok=True)
        self.motd.write_text(printable(text), encoding="utf-8")


def main() -> int:
    run = Commands()
    return Live(
        output=All(outputs=(*consoles(), stream_output(sys.stdout))),
        engine=LocalEngine(),
        fetcher=Fetcher(run=run),
        machine=Machine(run=run),
        cmdline=CMDLINE.read_text(encoding="utf-8", errors="replace"),
    ).run()


if __name__ == "__main__":
    sys.exit(main())
