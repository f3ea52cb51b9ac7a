from __future__ import annotations

from collections.abc import Iterator

import pytest

from ashore_tui.text import ENGLISH, use_language


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    """Who chooses a language in one test does not choose it for the next."""
    yield
    use_language(ENGLISH)
