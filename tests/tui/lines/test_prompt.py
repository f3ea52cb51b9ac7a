from __future__ import annotations

import pytest

from ashore_installer.secret import Secret
from ashore_tui.flow import choices, fields
from ashore_tui.flow.choices import Choice
from ashore_tui.lines.prompt import Back, Menu, Quit
from tests.tui.lines.scripted import prompt_of

COLOURS = (
    Choice(value="r", label="red"),
    Choice(value="g", label="green", detail="like grass"),
    Choice(value="x", label="black", refusal="it is no colour"),
)


def test_a_number_picks() -> None:
    prompt, person = prompt_of("2")

    assert prompt.pick(COLOURS, "Number") == "g"
    assert person.said[:3] == ["   1) red", "   2) green: like grass", "   3) black (not possible: it is no colour)"]


def test_enter_picks_what_is_usual_and_nothing_when_nothing_is() -> None:
    assert prompt_of("")[0].pick(COLOURS, "Number", "g") == "g"
    prompt, person = prompt_of("", "1")
    assert prompt.pick(COLOURS, "Number") == "r"
    assert "Give a number from 1 to 3." in person.said


def test_what_can_not_be_picked_says_why() -> None:
    prompt, person = prompt_of("3", "9", "0", "two", "1")

    assert prompt.pick(COLOURS, "Number") == "r"
    assert person.said.count("Give a number from 1 to 3.") == 3
    assert "black can't be chosen: it is no colour." in person.said


@pytest.mark.parametrize(("answer", "found"), [("1 2", ("r", "g")), ("2,1", ("g", "r")), ("2 2", ("g",)), ("", ("r",))])
def test_several_are_picked_in_their_order(answer: str, found: tuple[str, ...]) -> None:
    assert prompt_of(answer)[0].pick_some(COLOURS, "Numbers", ("r",)) == found


def test_several_are_refused_as_a_whole() -> None:
    prompt, person = prompt_of("1 3", "1 7", "", "1")

    assert prompt.pick_some(COLOURS, "Numbers") == ("r",)
    assert "black can't be chosen: it is no colour." in person.said


@pytest.mark.parametrize(("answer", "leave"), [("b", Back), ("M", Menu), (":q", Quit), (" q ", Quit)])
def test_letters_lead_elsewhere(answer: str, leave: type[Exception]) -> None:
    with pytest.raises(leave):
        prompt_of(answer)[0].pick(COLOURS, "Number")


def test_where_text_is_typed_a_letter_is_text() -> None:
    assert prompt_of("b")[0].text("Name", fields.hostname) == "b"
    with pytest.raises(Back):
        prompt_of(":b")[0].text("Name", fields.hostname)


def test_help_is_given_and_the_question_asked_again() -> None:
    prompt, person = prompt_of("?", "1")

    assert prompt.pick(COLOURS, "Number", "g") == "r"
    assert person.said[3:5] == ["Number [2]: ", "This helps."]
    assert person.said[5].startswith("b: back, m: all topics, q: quit.")
    assert person.said[-1] == "Number [2]: "


def test_text_is_asked_until_it_is_right() -> None:
    prompt, person = prompt_of("my_host", "host")

    assert prompt.text("Name", fields.hostname, "old") == "host"
    assert "Use letters, digits and hyphens" in person.text


def test_enter_leaves_text_and_a_hyphen_empties_it() -> None:
    assert prompt_of("")[0].text("Name", fields.hostname, "old") == "old"
    assert prompt_of("-")[0].text("Name", fields.hostname, "old") == ""


def test_a_secret_is_typed_twice_and_never_shown() -> None:
    prompt, person = prompt_of("korb7Fisch", "other", "korb7Fisch", "korb7Fisch")

    assert prompt.secret("Password:", fields.password, lambda _text: "Good") == Secret("korb7Fisch")
    assert "The two are not the same." in person.said
    assert "korb7Fisch" not in person.text
    assert person.secrets == ["Password: ", "The same again: "] * 2


def test_a_secret_may_be_any_text_and_enter_leaves_it() -> None:
    assert prompt_of(":q", ":q")[0].secret("Password:", fields.password, lambda _text: "") == Secret(":q")
    assert prompt_of("")[0].secret("Password:", fields.password, lambda _text: "") is None


def test_a_secret_that_can_not_be_is_asked_again() -> None:
    prompt, person = prompt_of("a\tb", "")

    assert prompt.secret("Password:", fields.password, lambda _text: "") is None
    assert "It has characters that can't be typed." in person.said


@pytest.mark.parametrize(
    ("answers", "found"),
    [
        (("berlin",), "Europe/Berlin"),
        (("argentina", "3"), "America/Argentina/Cordoba"),
        (("Europe/Vienna",), "Europe/Vienna"),
        (("",), "UTC"),
        (("-",), ""),
        (("Mars/Olympus", "y"), "Mars/Olympus"),
        (("Mars/Olympus", "n", "berlin"), "Europe/Berlin"),
    ],
)
def test_a_long_list_is_searched(answers: tuple[str, ...], found: str) -> None:
    assert prompt_of(*answers)[0].search(choices.zones(), "Zone", fields.timezone, "UTC") == found


def test_a_search_that_finds_much_or_nothing_says_so() -> None:
    prompt, person = prompt_of("america", "not a zone!", "berlin")

    prompt.search(choices.zones(), "Zone", fields.timezone)

    assert any(line.startswith("And ") and line.endswith(" more: type more of it.") for line in person.said)
    assert "Nothing has that in it. Write it like Europe/Berlin." in person.said


def test_lines_end_at_an_empty_one() -> None:
    assert prompt_of("one", "two", "")[0].lines("Keys:") == "one\ntwo"


@pytest.mark.parametrize(("answer", "found"), [("y", True), ("YES", True), ("n", False), ("", False)])
def test_yes_and_no(answer: str, found: bool) -> None:
    assert prompt_of(answer)[0].yes("Sure?") is found


def test_neither_yes_nor_no() -> None:
    prompt, person = prompt_of("maybe", "")

    assert prompt.yes("Sure?", default=True)
    assert person.said == ["Sure? [Y/n]: ", "Answer yes or no.", "Sure? [Y/n]: "]


def test_long_lines_are_wrapped_and_tables_are_left_alone() -> None:
    prompt, person = prompt_of()

    prompt.say("word " * 30, "  ")
    prompt.say("a     b")

    assert all(len(line) <= 79 for line in person.said)
    assert person.said[1].startswith("    word")
    assert person.said[-1] == "a     b"


def test_names_from_elsewhere_can_not_command_the_terminal() -> None:
    prompt, person = prompt_of("1")

    prompt.pick((Choice(value="a", label="\x1b[2Jred"),), "Number")

    assert person.said[0] == "   1) ?[2Jred"
