"""Whatever is typed, what comes out can stand in a sentence, and reading it again changes nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.language import shapes
from app.language.casing import end_stop
from app.language.shapes import Fact
from app.language.words import WORDS as LISTS
from app.language.words import is_of_oneself, read_words

READERS = [
    shapes.read_topic,
    shapes.read_fit,
    shapes.read_contribution,
    shapes.read_understanding,
    shapes.read_insight,
    shapes.read_concern,
    shapes.read_news,
]
LONGEST = 2000
PARTS = """
how why what that you we I they the a team teams is are does do did have will can Kafka review reviews reviewed Led led
building moving Inc. etc. v2. C++ mentioned said talked about discussed Topic: - * 1. ( ) [ ] " \u201c \u201d ' . ? !
\u2026 ; , : if whether who owns my your U.S. e.g. \u200b \U0001f642 \u00dcn\u00ef \u00df \u674e None n/a what's
What's it's to of and ing ed 's A i i'm in may May us let's nurse offer importance speaks bilingual Will's tell me asked
"""
WORDS = st.lists(st.sampled_from(sorted(set(PARTS.split()))), max_size=14)
TEXTS = st.text(max_size=200) | WORDS.map(" ".join) | WORDS.map("".join)


def read_all(text: str) -> list[Fact]:
    return [fact for fact in (read(text) for read in READERS) if fact is not None]


@given(TEXTS)
def test_a_fact_is_never_empty_and_has_no_space_to_spare(text: str) -> None:
    for fact in read_all(text):
        assert any(letter.isalnum() for letter in fact.text), fact
        assert fact.text == " ".join(fact.text.split()), fact


@given(TEXTS)
def test_a_fact_ends_with_one_stop_at_most(text: str) -> None:
    for fact in read_all(text):
        assert not end_stop(fact.text).endswith(("..", "?.", "!.", ";.", ":.", ",.")), fact


@given(TEXTS)
def test_a_topic_that_is_read_again_stays_as_it_is(text: str) -> None:
    for read in (shapes.read_topic, shapes.read_insight, shapes.read_concern):
        fact = read(text)
        if fact is not None:
            again = read(fact.text)
            assert again is not None
            assert again.text == fact.text


@given(TEXTS)
def test_sentences_that_are_read_again_stay_as_they_are(text: str) -> None:
    for read in (shapes.read_fit, shapes.read_contribution, shapes.read_news):
        fact = read(text)
        if fact is not None and fact.shape == "sentence":
            assert read(fact.text) == fact
    answer = shapes.read_answer(text)
    assert shapes.read_answer(answer) == answer


@given(TEXTS)
def test_a_topic_and_a_concern_are_never_sentences_of_their_own(text: str) -> None:
    for fact in (shapes.read_topic(text), shapes.read_concern(text)):
        assert fact is None or fact.shape != "sentence"


@given(TEXTS)
def test_nobody_elses_i_is_told_as_the_writers(text: str) -> None:
    fact = shapes.read_insight(text)
    assert fact is None or fact.shape == "sentence" or not is_of_oneself(read_words(fact.text), LISTS.first_person)


@given(TEXTS)
def test_a_question_says_at_least_one_of_its_three(text: str) -> None:
    question = shapes.read_question(text)
    assert question is None or any(question)


@given(TEXTS)
def test_a_reference_that_is_read_again_stays_as_it_is(text: str) -> None:
    reference = shapes.read_reference(text)
    assert reference is None or shapes.read_reference(reference) == reference


@pytest.mark.parametrize(
    "part",
    [
        "a",
        " ",
        "(",
        '"',
        ".",
        "*",
        "that ",
        "you mentioned ",
        "we talked about ",
        "what is ",
        "- ",
        "a. ",
        "Aa ",
        "i gather ",
        "i think ",
        "a; ",
        "a\U0001f642",
        "a \U0001f642 \U0001f642",
        "need ",
        "?(a)",
        "audited ",
        "[x] ",
    ],
)
def test_the_longest_text_of_one_part_is_read(part: str) -> None:
    text = (part * LONGEST)[:LONGEST]
    for fact in read_all(text):
        assert len(fact.text) <= len(text) + len("I am .")
