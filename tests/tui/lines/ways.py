"""What a person types on the ways that many tests go."""

from __future__ import annotations

WORD = "correct horse"
LANGUAGE, MODE, ON = "", "", ""
DISK = ("", "", "")
"""Enter for what is to do, Enter for the disk that is proposed, Enter to go on."""
PASSWORD = ("", WORD, WORD, "")
SHORTEST = (LANGUAGE, MODE, *DISK, *PASSWORD, "yes")
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHVw ada@laptop"
