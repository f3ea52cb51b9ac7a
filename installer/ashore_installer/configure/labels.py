"""SELinux labels of what the installation itself writes."""

from __future__ import annotations

import logging
import os

from ashore_installer.chroot import Chroot
from ashore_installer.context import Context

log = logging.getLogger(__name__)


def relabel(context: Context, chroot: Chroot, *paths: str) -> None:
    """Label everything at and below `paths` of the new system as its own policy says; nothing if it has none.

    The running kernel need not have SELinux: `setfiles` (policycoreutils) only sets an attribute. Raises
    CommandFailed.
    """
    policy = context.image.selinux
    if not policy:
        return
    contexts = chroot.path(f"/etc/selinux/{policy}/contexts/files/file_contexts")
    places = [chroot.path(path) for path in paths]
    found = [os.fspath(place) for place in places if place.exists()]
    if not contexts.is_file():
        context.warn(f"The SELinux policy {policy} has no file_contexts; {', '.join(paths)} stay without labels.")
    elif found:
        context.run.run(("setfiles", "-F", "-r", os.fspath(chroot.root), os.fspath(contexts), *found))
