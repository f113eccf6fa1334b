"""Which words of a text are judged, and where they stand."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.proofreading.words import read_keys, read_words

CURLY = "\N{RIGHT SINGLE QUOTATION MARK}"


def words_of(text: str) -> list[str]:
    return [word.text for word in read_words(text).words]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("We met, and (briefly) “spoke”: twice...", ["We", "met", "and", "briefly", "spoke", "twice"]),
        ("a well-known trade\N{EN DASH}off", ["a", "well", "known", "trade", "off"]),
        ("Ada's, the boss' and don't", ["Ada", "the", "boss", "and", "don't"]),
        (f"Ada{CURLY}s don{CURLY}t", ["Ada", f"don{CURLY}t"]),
        ("*never* _ever_ [sic]", ["never", "ever", "sic"]),
        ("naïve Zoë at café", ["naïve", "Zoë", "at", "café"]),
        ("see `x = y` and v2.1, a/b, x@y.z, www.a.org, #tag, $5, List<String>, {x}", ["see", "and"]),
        ("e\u0301cole is not read, \N{CYRILLIC SMALL LETTER A}b neither", ["is", "not", "read", "neither"]),
        ("", []),
        (" \n\t", []),
    ],
)
def test_words_are_read_and_code_addresses_and_numbers_are_not(text: str, words: list[str]) -> None:
    assert words_of(text) == words


def test_greeting_and_signature_are_not_judged_and_give_names() -> None:
    reading = read_words("Dear Ada Park,\n\nThe talk with Tom was good.\n\nBest wishes,\nBen Ito\n")
    assert [word.text for word in reading.words] == ["The", "talk", "with", "Tom", "was", "good"]
    assert {"ada", "park", "tom", "ben", "ito"} <= reading.names
    assert "the" not in reading.names


def test_the_first_word_of_each_sentence_opens_it() -> None:
    reading = read_words("It was good. “Never” before. So:\n\n- now\n- then")
    assert [word.text for word in reading.words if word.opens] == ["It", "Never", "So", "now", "then"]


def test_keys_are_small_and_have_straight_apostrophes_and_no_possessive() -> None:
    assert read_keys(["The Zephyrix's C++", f"O{CURLY}Brien"]) == {"the", "zephyrix", "c", "o'brien"}


@settings(deadline=None)
@given(st.text(max_size=80))
def test_every_word_stands_where_it_says(text: str) -> None:
    for word in read_words(text).words:
        assert text[word.start : word.start + len(word.text)] == word.text
