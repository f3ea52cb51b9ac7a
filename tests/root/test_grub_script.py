"""GRUB's own parser takes the boot menu of every kind of medium."""

from __future__ import annotations

import subprocess

import pytest

from ashore_isogen.grubcfg import Menu, grub_cfg, loopback_cfg, stub_cfg

pytestmark = pytest.mark.root

MENUS = [
    Menu(name="Sample System 1", volume_id="X", marker=".disk/x", kargs=("a b", "c$d", "e;f", "{g}")),
    Menu(name="it's a } system", volume_id="X", marker=".disk/x", unattended=True),
]


@pytest.mark.parametrize("text", [*map(grub_cfg, MENUS), stub_cfg(".disk/x"), loopback_cfg()])
def test_grub_parses_it(text: str) -> None:
    subprocess.run(["grub-script-check"], input=text, text=True, check=True)


def test_grub_would_complain() -> None:
    done = subprocess.run(["grub-script-check"], input="menuentry 'x {", text=True, check=False, capture_output=True)
    assert done.returncode != 0
