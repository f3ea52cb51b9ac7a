from __future__ import annotations

import pytest

from ashore_kickstart.lines import scan

SECTIONS = ("%post", "%packages")


def test_commands_keep_their_numbers_and_comments_go() -> None:
    found = scan("# a comment\n\nlang C\n   # another\n  text  \n", SECTIONS)

    assert [(one.line, one.text) for one in found.commands] == [(3, "lang C"), (5, "  text  ")]
    assert found.problems == []


def test_a_section_keeps_every_line_of_its_body() -> None:
    body = "# comment\n\n%not a section\n  %end-less\nlast\n"

    found = scan(f"%post --nochroot\n{body}%end\nreboot\n", SECTIONS)

    assert [(one.line, one.name, one.header) for one in found.texts] == [(1, "%post", "%post --nochroot")]
    assert "".join(found.texts[0].body) == body
    assert [one.line for one in found.commands] == [8]


def test_dos_line_ends_are_taken_for_line_ends() -> None:
    found = scan("lang C\r\n%post\r\necho hi\r\n%end\r\n", SECTIONS)

    assert found.commands[0].text == "lang C"
    assert found.texts[0].body == ("echo hi\n",)


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("text\n%post\necho\n", 2, "the section %post has no %end."),
        ("%post\necho\n%packages\nx\n%end\n", 1, "the section %post has no %end."),
        ("text\n%end\n", 2, "%end closes no section."),
        ("%include /tmp/x\n", 1, "%include is not supported yet."),
        ("%post\n%include /tmp/x\n%end\n", 2, "%include is not supported yet."),
        ("%ksappend http://x/y\n", 1, "%ksappend is not supported yet."),
    ],
)
def test_what_is_wrong_is_said_by_line(text: str, line: int, message: str) -> None:
    assert [(one.line, one.message) for one in scan(text, SECTIONS).problems] == [(line, message)]
