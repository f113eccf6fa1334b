"""Words are read in small letters, with what sets names and acronyms apart."""

import pytest

from app.language.words import WORDS, is_doing, is_of_oneself, opens_with_month, read_words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("The On-call, rota.", ("the", "on-call", "rota")),
        ("Strong SQL", ("strong", "SQL")),
        ("STRONG SQL", ("strong", "sql")),
        ("we use Go", ("we", "use", '"Go')),
        ("Go is fast", ("go", "is", "fast")),
        ('the "run it" idea', ("the", '""run', '"it"', "idea")),
        ("May release", ('"May', "release")),
        ("May I ask", ("may", "i", "ask")),
        ("it\u2019s", ("it's",)),
        ("", ("",)),
    ],
)
def test_words_are_read_small_without_stops(text: str, words: tuple[str, ...]) -> None:
    assert read_words(text) == words


@pytest.mark.parametrize(
    "text", ["moving to streaming", "not blaming people", "gradually moving on", "hiring and coaching people"]
)
def test_words_tell_of_doing(text: str) -> None:
    assert is_doing(read_words(text))


@pytest.mark.parametrize("text", ["moving", "pricing strategy", "hiring plan", "driving licence", "the moving van"])
def test_words_in_ing_may_be_a_thing(text: str) -> None:
    assert not is_doing(read_words(text))


@pytest.mark.parametrize(
    ("text", "told"), [("we've grown", True), ("ask my team", True), ("US teams", False), ("you", False)]
)
def test_who_speaks_is_told_by_the_person(text: str, told: bool) -> None:  # noqa: FBT001 - a case of the table
    assert is_of_oneself(read_words(text), WORDS.first_person) is told


def test_may_is_a_month_unless_somebody_may() -> None:
    assert opens_with_month(["May", "release"])
    assert opens_with_month(["May"])
    assert not opens_with_month(["May", "I", "ask"])
    assert not opens_with_month(["may", "release"])
