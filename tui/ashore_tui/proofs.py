"""What an installation has proven, step by step, in words. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from ashore_tui.text import N_, _

_PROOFS = {
    "verify-payload": N_("The image is the one of the plan, by its digests."),
    "verify-packages": N_("The packages are those of the plan, by their checksums."),
    "prove-packages": N_("The installed system's own rpm knows every package, and no other."),
    "prove-deployment": N_("The installed system is what its own update tools expect: files, origin and boot entry."),
    "prove-boot": N_("Boot loader, kernel and initramfs lie where the machine's firmware looks for them."),
    "prove-storage": N_("The disks were read again: they are as planned, and /etc/fstab names what is there."),
}


def proofs(steps: Iterable[str]) -> tuple[str, ...]:
    """A sentence for each of the steps (ids, all of them done) that proves something."""
    return tuple(_(_PROOFS[step]) for step in steps if step in _PROOFS)
