"""Known facts are found as whole words, however often their words stand in a text, and blanked out."""

import pytest

from app.rules.checks.masking import BLANK, blank_out, find_known, read_wording


@pytest.mark.parametrize(
    ("text", "fact", "found"),
    [
        ("we go, go on", "go", ["go", "go"]),
        ("we forgo golf", "go", []),
        ("c++ and c# and c", "C++", ["c++"]),
        ("a a a b", "a b", ["a b"]),
        ("data and a at dawn", "a at", ["a at"]),
        ("who\u2019s there?", "Who's there?", []),
        ("!!", "!!", ["!!"]),
        ("nothing here", "nothing there", []),
    ],
)
def test_that_a_fact_is_found_as_whole_words(text: str, fact: str, found: list[str]) -> None:
    assert [text[start:end] for start, end in find_known(text, [read_wording(fact)])] == found


def test_that_a_fact_of_words_that_stand_everywhere_is_found_too() -> None:
    text = "a " * 500 + "a b" + " a" * 500
    assert len(find_known(text, [read_wording("a")])) == 1001
    assert find_known(text, [read_wording("a b")]) == [(1000, 1003)]


def test_that_what_is_blanked_out_leaves_the_text_as_long_as_it_was() -> None:
    assert blank_out("abcdef", [(1, 3), (2, 4), (2, 3)]) == f"a{BLANK * 3}ef"
