"""A template file becomes its commands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ashore_isogen.template.commands import Line
from ashore_isogen.template.render import render
from ashore_isogen.template.tree import Tree
from ashore_isogen.template.words import read_line

# Templates name the root tree by this variable, as lorax's do. Programs see it as their `/`.
ROOT = "/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Templates:
    """The templates of one distribution and what they may ask about: `variables`, and files of `tree`, if it exists."""

    directory: Path
    variables: Mapping[str, object]
    tree: Tree | None = None

    def parse(self, name: str) -> tuple[Line, ...]:
        """The commands of the template `name`. Raises BadInput with file and line."""
        return tuple(read_line(where, text) for where, text in render(self.directory, name, self._context()))

    def _context(self) -> dict[str, object]:
        return {**self.variables, "root": ROOT, "glob": self._glob, "exists": lambda pattern: bool(self._glob(pattern))}

    def _glob(self, pattern: str) -> tuple[str, ...]:
        return self.tree.glob(pattern) if self.tree else ()
