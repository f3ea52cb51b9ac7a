"""A line of a list: a sign, and a text that goes on below itself when it is too long."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content, ContentText
from textual.widgets import Static


class Listed(Horizontal):
    """`sign` in a column of its own; `name`, if any, in a second one."""

    DEFAULT_CSS = """
    Listed {
        height: auto; padding-left: 1;
        .listed-sign { width: 3; text-style: bold; }
        .listed-name { width: 24; color: $dim; }
        .listed-text { width: 1fr; }
        &.-good .listed-sign { color: $good; }
        &.-bad .listed-sign { color: $bad; }
        &.-warn .listed-sign { color: $warn; }
        &.-todo .listed-sign { color: $accent; }
    }
    """

    def __init__(self, sign: str, text: ContentText, *, label: str = "", kind: str = "") -> None:
        super().__init__(classes=f"-{kind}" if kind else "")
        self._sign, self._text, self._label = sign, text, label

    def compose(self) -> ComposeResult:
        yield Static(self._sign, classes="listed-sign", markup=False)
        if self._label:
            yield Static(self._label, classes="listed-name", markup=False)
        yield Static(Content(self._text) if isinstance(self._text, str) else self._text, classes="listed-text")
