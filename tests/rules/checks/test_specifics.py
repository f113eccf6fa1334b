"""A draft holds something that only this conversation could have put there."""

import pytest

from app.rules.plans import Kind
from tests.rules.checks.drafts import find, find_known, northwind, pick

STOCK = (
    "Hi Ada,\n\nThank you so much for taking the time to meet with me today. I really enjoyed learning more about the"
    " company and the team. I believe that my skills and experience would be a great match for the position. I look"
    " forward to hearing from you.\n\nBest,\nRobin"
)


def test_that_a_letter_that_anyone_could_have_sent_is_generic() -> None:
    assert pick("generic", find(STOCK)) == [None]
    assert pick("generic", find_known(STOCK)) == [None]
    assert pick("generic", find("Hi,\n\nJust checking in. Are there any updates?\n\nAlex", "check_in")) == [None]


def test_that_the_company_and_the_role_alone_are_nothing_of_ones_own() -> None:
    text = STOCK.replace("the position", "the Account Executive role at Contoso")
    assert pick("generic", find(text)) == [None]


@pytest.mark.parametrize(
    "own",
    [
        "You told me about Kafka.",
        "The 4,000 jobs a night impressed me.",
        "We use C++ as well.",
        "I keep thinking of the pager, the rota and the sourdough.",
        "Your colleague Zoë was right about the seams.",
    ],
)
def test_that_one_thing_of_ones_own_is_enough(own: str) -> None:
    assert pick("generic", find(STOCK.replace("I look", f"{own} I look"))) == []


@pytest.mark.parametrize(
    ("topic", "said"),
    [
        ("the on-call rota", "I liked the on-call rota."),
        ("Moving the nightly batch to streaming.", "You moved the batch."),
        ("- your team", "I liked your team."),
        ("Go", "I liked Go."),
        ("What does a good first year look like?", "I liked what a good first year looks like."),
    ],
)
def test_that_a_topic_of_the_interview_is_ones_own(topic: str, said: str) -> None:
    told = northwind(notes={"topics": [topic]}, interviewers=[{"name": "Ada Park"}])
    assert pick("generic", find_known(STOCK.replace("I look", f"{said} I look"), told=told)) == []


@pytest.mark.parametrize("which", ["Northwind", "the Data Engineer role", "Friday"])
def test_that_a_check_in_is_ones_own_once_it_says_which_interview(which: str) -> None:
    text = f"Hi Ada,\n\nThank you again for the talk about {which}. Are there any updates?\n\nRobin"
    assert pick("generic", find_known(text, "check_in")) == []


@pytest.mark.parametrize("kind", ["offer_reply", "rejection_reply", "feedback_request", "situation_update"])
def test_that_other_letters_may_be_plain(kind: Kind) -> None:
    assert pick("generic", find(STOCK, kind)) == []


def test_that_a_topic_of_the_largest_interview_is_found() -> None:
    people = [{"name": f"P{who}", "topics": [f"widget{who}x{n} " * 30 for n in range(20)]} for who in range(19)]
    told = northwind(interviewers=[{"name": "Ada Park"}, *people, {"name": "Zed", "topics": ["a zither"]}])
    assert pick("generic", find_known(STOCK, told=told)) == [None]
    assert pick("generic", find_known(STOCK.replace("I look", "The zither fits. I look"), told=told)) == []
