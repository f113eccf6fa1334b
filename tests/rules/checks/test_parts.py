"""What a draft has to hold: something of its own, thanks, a look ahead; and how much of it."""

from typing import Any

import pytest

from app.rules.checks.lengths import measure_of
from app.rules.drafts import Draft
from app.rules.plans import Kind
from tests.rules.checks.drafts import GOOD, find, find_known, northwind, pick, somebody

STOCK = (
    "Hi Ada,\n\nThank you so much for taking the time to meet with me today. I really enjoyed learning more about the"
    " company and the team. I believe that my skills and experience would be a great match for the position. I look"
    " forward to hearing from you.\n\nBest,\nRobin"
)


def body(*, sentences: int = 0, paragraphs: int = 1) -> str:
    inside = (
        "\n\n".join(["Kafka was fun."] * (sentences or paragraphs))
        if paragraphs > 1
        else " ".join(["Kafka was fun."] * sentences)
    )
    return f"Hi Ada,\n\n{inside}\n\nBest,\nRobin"


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
    ("around", "interview", "least", "most"),
    [
        ({}, None, 5, 7),
        ({}, {"stage": "phone_screen"}, 2, 3),
        ({}, {"stage": "first_round"}, 5, 7),
        ({}, {"stage": "panel"}, 5, 7),
        ({}, {"stage": "final_round"}, 6, 10),
        ({}, {"policy": "capstone"}, 5, 9),
        ({}, {"policy": "capstone", "stage": "phone_screen"}, 2, 3),
        ({"length": "short"}, {"stage": "final_round"}, 3, 4),
        ({"length": "short"}, {"stage": "phone_screen"}, 2, 3),
        ({"channel": "card"}, {"stage": "final_round"}, 2, 5),
    ],
)
def test_that_a_thank_you_keeps_its_measure(
    around: dict[str, Any], interview: dict[str, Any] | None, least: int, most: int
) -> None:
    told = northwind(**interview) if interview else None
    for number in (least - 1, least, most, most + 1):
        found = find(body(sentences=number), interview=told, **around)
        assert pick("too_short", found) == [None] * (number < least)
        assert pick("too_long", found) == [None] * (number > most)


def test_that_the_figures_are_told() -> None:
    [finding] = [one for one in find(body(sentences=8)) if one.rule == "lint.too_long"]
    assert "8 sentences" in finding.message
    assert "5 to 7" in finding.message


def test_that_a_script_and_other_letters_have_no_measure() -> None:
    assert measure_of(Draft(kind="thank_you", text="", channel="phone")) is None
    assert measure_of(Draft(kind="offer_reply", text="")) is None


@pytest.mark.parametrize("kind", ["check_in", "final_check_in"])
def test_that_a_check_in_has_three_paragraphs_at_most(kind: Kind) -> None:
    assert pick("too_long", find(body(paragraphs=3), kind)) == []
    assert pick("too_long", find(body(paragraphs=4), kind)) == [None]
    assert pick("too_short", find("Hi Ada,\n\nAny news?", kind)) == []


def test_that_three_questions_are_the_most() -> None:
    asked = "Why Kafka? Why now? Why not? "
    assert pick("question_list", find(f"Hi Ada,\n\n{asked}Thank you.")) == []
    assert pick("question_list", find(f"Hi Ada,\n\n{asked}Thank you. And who?")) == [f"{asked}Thank you. And who?"]


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


def test_that_a_copy_of_another_draft_is_found() -> None:
    copy = GOOD.replace("Hi Ada", "Dear Mr. Ito").replace("fair", "just")
    [finding] = [
        one for one in find_known(GOOD, other_drafts=("Hi,\n\nQuite another text.", copy)) if one.rule == "lint.copied"
    ]
    assert "%" in finding.message
    assert finding.span is None


def test_that_greeting_and_signature_may_be_the_same() -> None:
    other = "Hi Ada,\n\nKafka is a log that you can read twice, and that is why I like it so much.\n\nBest,\nRobin"
    assert pick("copied", find_known(GOOD, other_drafts=(other, "Hi Ada,\n\nBest,\nRobin"))) == []


def test_that_half_of_the_shorter_draft_may_be_shared() -> None:
    words = [f"word{n}" for n in range(24)]
    assert pick("copied", find(" ".join(words), other_drafts=(" ".join([*words[:14], *"abcdefghij"]),))) == []
    assert pick("copied", find(" ".join(words), other_drafts=(" ".join([*words[:16], *"abcdefgh"]),))) == [None]


def test_that_nobody_is_named_without_being_asked() -> None:
    assert find(GOOD, recipient=somebody("Ada Park")) == []
