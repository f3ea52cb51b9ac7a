"""What the solver says, in words. The texts on the left are libdnf5's own."""

from __future__ import annotations

import pytest

from ashore_installer.payload.package_problems import missing_group, missing_package, solver_sentences

NOTHING = """Problem: conflicting requests
  - nothing provides nowhere >= 2 needed by broken-1-1.noarch from main"""
CONFLICT = """Problem: package alpha-1-1.noarch from main requires beta, but none of the providers can be installed
  - package foe-1-1.noarch from main conflicts with beta provided by beta-1-1.noarch from main
  - conflicting requests"""
CONFLICT_WORDS = """The package alpha-1-1.noarch needs beta, and nothing that provides it can be installed; \
the package foe-1-1.noarch conflicts with beta-1-1.noarch."""
TWO = """Problem 1: cannot install both a-1-1.noarch from x and a-2-1.noarch from y
  - conflicting requests
Problem 2: package b-1-1.noarch from x is filtered out by exclude filtering"""


@pytest.mark.parametrize(
    ("said", "sentences"),
    [
        (NOTHING, ("The package broken-1-1.noarch needs nowhere >= 2, which no repository has.",)),
        (CONFLICT, (CONFLICT_WORDS,)),
        (
            TWO,
            ("The packages a-1-1.noarch and a-2-1.noarch exclude each other.", "The package b-1-1.noarch is excluded."),
        ),
        ("Problem: something that was never seen", ("Something that was never seen.",)),
        ("Problem: conflicting requests", ()),
    ],
)
def test_solver(said: str, sentences: tuple[str, ...]) -> None:
    assert solver_sentences(said) == sentences


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("bahs", "No repository has the package bahs: did you mean bash?"),
        ("zzz", "No repository has the package zzz."),
        ("zz*", "No package matches zz*."),
        ("/usr/bin/none", "No package has the file /usr/bin/none."),
    ],
)
def test_missing_package(name: str, sentence: str) -> None:
    assert missing_package(name, ("bash", "coreutils")) == sentence


def test_missing_group() -> None:
    assert missing_group("cores", ("core",)) == "No repository has the group cores: did you mean core?"
    assert missing_group("x", ("core",), environment=True) == "No repository has the environment x."
