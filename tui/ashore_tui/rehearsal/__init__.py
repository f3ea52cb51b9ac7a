"""Rehearsals: a whole installation on a recorded machine, without privilege. Nothing is read or written."""
