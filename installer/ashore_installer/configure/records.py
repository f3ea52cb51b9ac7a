"""What stays on the installed system of its installation: the plan, the plan as a kickstart, the log, the journal.

No secret is among it: `codec` leaves them out of the plan, and the kickstart's writer out of the kickstart.
"""

from __future__ import annotations

import logging
import os
import shutil
from pathlib import Path

from ashore_installer import codec
from ashore_installer.chroot import inside, stateroot_var
from ashore_installer.configure.files import PRIVATE, write
from ashore_installer.context import Context
from ashore_installer.errors import InstallerError
from ashore_installer.plan import InstallPlan

log = logging.getLogger(__name__)

JOURNAL = "journal.jsonl"
"""The journal's name, beside the log."""
PACKAGES_LOG = "packages.log"
"""What libdnf5 and scriptlets said, beside the log too."""
PLAN, KICKSTART = "ashore-plan.json", "ashore-ks.cfg"
LOGS = "/var/log/ashore"


def save_plan(root: Path, plan: InstallPlan, kickstart: str) -> None:
    """Put the plan, both ways, into /root of the system at `root`, readable by root only."""
    write(root, f"/root/{PLAN}", codec.to_json(plan), PRIVATE)
    write(root, f"/root/{KICKSTART}", kickstart, PRIVATE)


def save_logs(root: Path, log_file: Path) -> Path:
    """Copy the log and the journal, as far as they are written, into /var/log/ashore of the system at `root`."""
    directory = inside(root, LOGS)
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    directory.chmod(0o700)
    for source in (log_file, log_file.with_name(JOURNAL), log_file.with_name(PACKAGES_LOG)):
        if source.is_file():
            copy = directory / source.name
            shutil.copyfile(source, copy)
            copy.chmod(PRIVATE)
    return directory


def save_failure_log(context: Context) -> None:
    """When an installation fails: leave its log on the target, where that is mounted already.

    In the new system if it is deployed, else at the top of the physical root. It never raises: what failed before is
    what the person has to hear of.
    """
    try:
        if not os.path.ismount(context.target):
            return
        deployed = context.deployment is not None and not context.plain
        root = stateroot_var(context).parent if deployed else context.target
        context.note(f"The log is kept on the disk too, in {save_logs(root, context.log_file)}.")
    except (OSError, InstallerError) as error:
        log.warning("the log could not be copied to the target: %s", error)
