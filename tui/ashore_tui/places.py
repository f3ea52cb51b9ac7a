"""Where the programs of the live system leave things for each other. All of it is in memory."""

from __future__ import annotations

from pathlib import Path

MOTD = Path("/run/motd.d/ashore")
"""Shown at every login (pam_motd(8)): on all consoles, and to who comes later."""
STATUS = Path("/run/ashore/status")
"""The exit status of an unattended installation, once it has ended."""
KEPT = Path("/run/ashore/kickstart.cfg")
"""The kickstart of this start, for root only."""
CONSOLES = Path("/run/ashore/consoles")
"""A file for each console, with the number of its screens' unexpected ends."""
