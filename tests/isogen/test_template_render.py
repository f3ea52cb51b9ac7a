"""Templates are read with Mako, and every line keeps its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from ashore_installer.errors import BadInput
from ashore_isogen.template.parse import Templates
from ashore_isogen.template.render import render
from ashore_isogen.template.tree import Tree


def lines(directory: Path, text: str, **variables: object) -> list[tuple[str, str]]:
    (directory / "main.tmpl").write_text(text, encoding="utf-8")
    return [(str(where), line) for where, line in render(directory, "main.tmpl", variables)]


def test_comments_and_empty_lines_are_not_commands(tmp_path: Path) -> None:
    text = "# one\n\n## two\n  # three\nlog a\n"
    assert lines(tmp_path, text) == [("main.tmpl:5", "log a")]


def test_conditions_and_loops_give_lines_with_their_place(tmp_path: Path) -> None:
    text = "%if arch == 'x':\nlog x\n% elif arch == 'y':\n  log y\n%else:\nlog z\n%endif\n"
    text += "%for i in (1, 2):\nlog ${i}\n%endfor\n"
    assert lines(tmp_path, text, arch="y") == [
        ("main.tmpl:4", "log y"),
        ("main.tmpl:9", "log 1"),
        ("main.tmpl:9", "log 2"),
    ]


def test_a_continued_line_is_one_line_at_the_place_of_its_start(tmp_path: Path) -> None:
    text = "installpkg a \\\n    b \\\n    ${x}\nlog end\n"
    assert lines(tmp_path, text, x="c") == [("main.tmpl:1", "installpkg a     b     c"), ("main.tmpl:4", "log end")]


def test_included_lines_have_the_place_in_their_own_file(tmp_path: Path) -> None:
    (tmp_path / "part").mkdir()
    (tmp_path / "part/other.tmpl").write_text("\nlog other ${x}\n", encoding="utf-8")
    text = 'log before\n<%include file="part/other.tmpl"/>\nlog after\n'
    expected = [("main.tmpl:1", "log before"), ("part/other.tmpl:2", "log other 1"), ("main.tmpl:3", "log after")]
    assert lines(tmp_path, text, x=1) == expected


def test_code_blocks_and_page_tags_keep_the_numbers_right(tmp_path: Path) -> None:
    text = '<%page args="root"/>\n<%\nwhere = "/etc"\nother = where + "/x"\n%>\nremove ${other}\n${command} ${root}\n'
    expected = [("main.tmpl:6", "remove /etc/x"), ("main.tmpl:7", "mkdir /")]
    assert lines(tmp_path, text, root="/", command="mkdir") == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("log a\nlog ${unknown}\n", "main.tmpl:2: the template can't be read: NameError"),
        ("log a\n%if x\nlog b\n%endif\n", "main.tmpl:2: the template can't be read"),
        ("log a\n%if True:\nlog b\n", "main.tmpl:2: the template can't be read"),
        ("log a\n\n${1 / 0}\n", "main.tmpl:3: the template can't be read: ZeroDivisionError: division by zero"),
        ('<%include file="none.tmpl"/>\n', "Can't read the template"),
        ('<%include file="../../etc/passwd"/>\n', "The template ../../etc/passwd is outside of"),
        ('<%include file="main.tmpl"/>\n', "RecursionError"),
    ],
)
def test_what_is_wrong_is_told_by_file_and_line(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(BadInput) as refused:
        lines(tmp_path, text)
    assert message in refused.value.message
    assert refused.value.hint
    assert "\x1e" not in str(refused.value)


def test_an_error_in_an_included_file_has_its_place(tmp_path: Path) -> None:
    (tmp_path / "other.tmpl").write_text("log a\nlog ${missing}\n", encoding="utf-8")
    with pytest.raises(BadInput, match=r"^other\.tmpl:2: the template can't be read: NameError"):
        lines(tmp_path, 'log\n<%include file="other.tmpl"/>\n')


def test_a_missing_template_is_bad_input(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="Can't read the template"):
        render(tmp_path, "main.tmpl", {})


def test_templates_can_ask_about_the_tree(tmp_path: Path) -> None:
    root = tmp_path / "root"
    (root / "usr/lib/modules/6.1").mkdir(parents=True)
    (root / "usr/lib/modules/6.2").mkdir()
    text = '%for path in glob("/usr/lib/modules/*"):\nlog ${path}\n%endfor\n'
    text += '%if exists("/usr/sbin/none"):\nlog no\n%endif\n'
    (tmp_path / "main.tmpl").write_text(text, encoding="utf-8")
    parsed = Templates(directory=tmp_path, variables={}, tree=Tree(root)).parse("main.tmpl")
    assert [line.words[1] for line in parsed] == ["/usr/lib/modules/6.1", "/usr/lib/modules/6.2"]


def test_without_a_tree_nothing_exists(tmp_path: Path) -> None:
    (tmp_path / "main.tmpl").write_text('log ${exists("/") or len(glob("*"))}${root}\n', encoding="utf-8")
    (line,) = Templates(directory=tmp_path, variables={}).parse("main.tmpl")
    assert line.words == ("log", "0/")
