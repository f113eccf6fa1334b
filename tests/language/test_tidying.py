"""What stands around a fact is taken off, and what says nothing is nothing."""

import pytest

from app.language.shapes import Fact, read_concern, read_fit, read_insight, read_question, read_topic
from app.language.tidying import drop_stops, says_nothing


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ("  the   on-call rota ", "the on-call rota"),
        ("  kafka ", "Kafka"),
        ("Kafka!!!", "Kafka"),
        ('"Kafka"', "Kafka"),
        ("“the on-call rota”", "the on-call rota"),
        ("`kafka`", "Kafka"),
        ("**Kafka**", "Kafka"),
        ("(Kafka)", "Kafka"),
        ("- the on-call rota", "the on-call rota"),
        ("1. Kafka", "Kafka"),
        ("• Kafka", "Kafka"),
        ("... and Kafka", "and Kafka"),
        ("(the rota)", "the rota"),
        ("\u200bthe rota", "the rota"),
        ("[x] the rota", "the rota"),
    ],
)
def test_bullets_quotation_marks_and_stops_around_a_topic_are_taken_off(typed: str, text: str) -> None:
    assert read_topic(typed) == Fact(text, "thing")


@pytest.mark.parametrize(
    ("text", "bare"),
    [
        ("the rota.", "the rota"),
        ("the rota -", "the rota"),
        ("Contoso Inc.", "Contoso Inc."),
        ("the U.S.", "the U.S."),
        ("etc.", "etc."),
        ("C++", "C++"),
    ],
)
def test_closing_stops_are_dropped_but_for_those_of_a_word(text: str, bare: str) -> None:
    assert drop_stops(text) == bare


@pytest.mark.parametrize(
    "typed",
    [
        "",
        " ",
        "???",
        "-",
        "...",
        "n/a",
        "None",
        "TBD.",
        "it",
        "I",
        "Yes!",
        "We discussed it.",
        "[topic]",
        "{{topic}}",
        "🙂",
        "We talked about",
    ],
)
def test_what_says_nothing_is_nothing(typed: str) -> None:
    assert [read(typed) for read in (read_topic, read_fit, read_insight, read_concern)] == [None] * 4
    assert read_question(typed) is None


@pytest.mark.parametrize("text", ["IT", "US", "it support", "May"])
def test_an_acronym_and_a_name_say_something(text: str) -> None:
    assert not says_nothing(text)
