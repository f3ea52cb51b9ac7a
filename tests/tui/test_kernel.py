from __future__ import annotations

import pytest

from ashore_installer.errors import BadInput
from ashore_tui.kernel import BootOptions, boot_options


@pytest.mark.parametrize(
    ("cmdline", "options"),
    [
        ("root=live:CDLABEL=X quiet\n", BootOptions()),
        ("quiet inst.ks=http://host/a.ks", BootOptions(kickstart="http://host/a.ks")),
        ("inst.ks=file:/a inst.ks=hd:LABEL=X:/b", BootOptions(kickstart="hd:LABEL=X:/b")),
        ('inst.ks="hd:LABEL=MY DISK:/a.ks" x', BootOptions(kickstart="hd:LABEL=MY DISK:/a.ks")),
        ('"inst.ks=hd:LABEL=MY DISK:/a.ks"', BootOptions(kickstart="hd:LABEL=MY DISK:/a.ks")),
        ("ashore.mediacheck", BootOptions(media_check=True)),
        ("ashore.shell quiet", BootOptions(shell=True)),
        ("ashore.plain ashore.interactive", BootOptions(plain=True, interactive=True)),
        ("noinst.ks=x ashore.mediacheck.x", BootOptions()),
    ],
)
def test_options(cmdline: str, options: BootOptions) -> None:
    assert boot_options(cmdline) == options


def test_a_kickstart_from_nowhere_is_refused() -> None:
    with pytest.raises(BadInput, match=r"inst\.ks says nothing"):
        boot_options("quiet inst.ks console=tty0")
