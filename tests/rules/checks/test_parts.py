"""A draft holds thanks, and a look ahead or a question."""

import pytest

from app.rules.plans import Kind
from tests.rules.checks.drafts import find, find_known, northwind, pick


@pytest.mark.parametrize(
    "thanks", ["Thank you for it.", "Thanks for it.", "I am grateful.", "I appreciate it.", "It was kind of you."]
)
@pytest.mark.parametrize("kind", ["thank_you", "offer_reply", "rejection_reply", "feedback_request"])
def test_that_thanks_are_missed_where_they_belong(thanks: str, kind: Kind) -> None:
    assert pick("no_thanks", find("Hi Ada,\n\nIt was good.\n\nThanks,\nRobin", kind)) == [None]
    assert pick("no_thanks", find(f"Hi Ada,\n\n{thanks}\n\nRobin", kind)) == []


def test_that_thanks_in_advance_are_none_and_a_check_in_needs_none() -> None:
    assert pick("no_thanks", find("Thanks in advance for the news.")) == [None]
    assert pick("no_thanks", find("Is there any news?", "check_in")) == []


@pytest.mark.parametrize(
    "ahead",
    [
        "I look forward to the next step.",
        "When do you expect to decide?",
        "What does your timeline look like?",
        "I'd be glad to answer any questions.",
        "Do you know yet who got it?",
        "I hope that we talk again.",
        "See you on Monday.",
        "Is there any news?",
    ],
)
@pytest.mark.parametrize("kind", ["thank_you", "check_in", "final_check_in"])
def test_that_a_look_ahead_is_missed_where_it_belongs(ahead: str, kind: Kind) -> None:
    text = "Hi Ada,\n\nThank you for the hour. The rota looked fair to me on Tuesday.{}\n\nRobin"
    assert pick("no_next_step", find(text.format(""), kind)) == [None]
    assert pick("no_next_step", find(text.format(f" {ahead}"), kind)) == []


def test_that_a_card_and_an_answer_need_no_look_ahead() -> None:
    assert pick("no_next_step", find("Thank you for the hour.", channel="card")) == []
    assert pick("no_next_step", find("Thank you for the news.", "rejection_reply")) == []


@pytest.mark.parametrize(
    "text",
    [
        "I understand the process.",
        "I stand by my numbers.",
        "The decision to use Go was wise.",
        "The schedule was tight.",
        "We soon agreed.",
        "The update to Go broke things.",
        "I was glad to see how you work.",
    ],
)
def test_that_a_lone_word_is_no_look_ahead(text: str) -> None:
    assert pick("no_next_step", find(f"Hi Ada,\n\nThank you for the hour. {text}\n\nRobin")) == [None]


@pytest.mark.parametrize(
    "text",
    [
        "There was no time left to ask about the rota, and I'm still curious.",
        "When the time was up, I still wanted to know how you deploy.",
        "With a few more minutes, I'd have asked about the rota.",
        "Where do you see the team heading?",
    ],
)
def test_that_a_question_to_the_reader_looks_ahead_too(text: str) -> None:
    assert pick("no_next_step", find(f"Hi Ada,\n\nThank you for the hour. {text}\n\nRobin")) == []


def test_that_a_fact_holds_no_part() -> None:
    told = northwind(notes={"topics": ["how the next step of the build looks forward", "thank-you cards"]})
    text = "Hi Ada,\n\nWe spoke about {}.\n\nRobin"
    ahead, thanks = (text.format(topic) for topic in told.notes.topics)
    assert pick("no_next_step", find_known(ahead, told=told)) == [None]
    assert pick("no_thanks", find_known(thanks, told=told)) == [None]
