"""One question, or the few that time left unasked, and no list of them."""

from typing import Any

import pytest

from tests.rules.checks.drafts import find, find_known, northwind, pick


def test_that_two_questions_are_the_most() -> None:
    asked = "Why Kafka? Thank you. Why now?"
    assert pick("question_list", find(f"Hi Ada,\n\n{asked} Thank you.")) == []
    assert pick("question_list", find(f"Hi Ada,\n\n{asked} Thank you. And who?")) == [f"{asked} Thank you. And who?"]


@pytest.mark.parametrize("marks", ["--", "**", ("1.", "2."), ("1)", "2)"), ("a)", "b)")])
def test_that_two_questions_in_a_list_are_a_list(marks: Any) -> None:
    assert len(pick("question_list", find(f"Thank you.\n\n{marks[0]} Why Kafka?\n{marks[1]} Why now?"))) == 1


def test_that_questions_on_a_string_are_a_list_too() -> None:
    text = "I would like to know how many there are, who pays, what it costs, and whether it rains."
    assert pick("question_list", find(text)) == [text]
    assert pick("question_list", find("I know how it goes, what it costs, and why.")) == []


def test_that_a_topic_that_ends_in_a_question_mark_asks_nothing() -> None:
    told = northwind(company="Who Knows?")
    text = "Hi Ada,\n\n" + "I would join Who Knows? " * 5
    assert pick("question_list", find_known(text, told=told)) == []
