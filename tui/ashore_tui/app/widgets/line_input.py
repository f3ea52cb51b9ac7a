"""The line that is typed into."""

from __future__ import annotations

from textual.reactive import reactive
from textual.widgets import Input


class LineInput(Input):
    """Textual's, with a caret that stands still: a blinking one is drawn twice a second for as long as it is shown."""

    cursor_blink = reactive(False, init=False)
