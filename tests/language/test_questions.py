"""A question is turned where that is safe, and left alone where it is not."""

import pytest

from app.language.questions import make_direct, make_indirect
from app.language.shapes import Question, read_question


@pytest.mark.parametrize(
    ("typed", "direct", "indirect"),
    [
        ("How do you measure success?", "How do you measure success?", "how you measure success"),
        ("how do you measure success", "How do you measure success?", "how you measure success"),
        ("how you measure success", "How do you measure success?", "how you measure success"),
        ("HOW BIG IS THE TEAM", "How big is the team?", "how big the team is"),
        (
            "How do you measure success? (OKRs)",
            "How do you measure success (OKRs)?",
            "how you measure success (OKRs)",
        ),
        ("how you chose Rust", "How did you choose Rust?", "how you chose Rust"),
        ("whether you use Kafka", "Do you use Kafka?", "whether you use Kafka"),
        ("who owns the pager", "Who owns the pager?", "who owns the pager"),
        ("what the team looks like", None, "what the team looks like"),
        ("how incidents are reviewed", None, "how incidents are reviewed"),
        ("How are incidents reviewed?", "How are incidents reviewed?", "how incidents are reviewed"),
        ("How big is the team?", "How big is the team?", "how big the team is"),
        ("how big the team is", None, "how big the team is"),
        ("How many people are on call?", "How many people are on call?", "how many people are on call"),
        ("How did the migration go?", "How did the migration go?", "how the migration went"),
        (
            "What would a good first month look like?",
            "What would a good first month look like?",
            "what a good first month would look like",
        ),
        ("What are your plans for 2027?", "What are your plans for 2027?", "what your plans are for 2027"),
        ("Are there plans to move?", "Are there plans to move?", "whether there are plans to move"),
        ("I was wondering how you measure success", "How do you measure success?", "how you measure success"),
        ("Do you have on-call? How often?", "Do you have on-call? How often?", None),
        ("I wanted to ask about how you ship", "How do you ship?", "how you ship"),
        ("Will Priya join?", "Will Priya join?", "whether Priya will join"),
        ("Why don't you use Kafka?", "Why don't you use Kafka?", "why you don't use Kafka"),
    ],
)
def test_a_question_is_turned_where_that_is_safe(typed: str, direct: str | None, indirect: str | None) -> None:
    assert read_question(typed) == Question(direct, indirect, None)


@pytest.mark.parametrize(
    ("typed", "about"),
    [
        ("the on-call rota", "the on-call rota"),
        ("What about the on-call rota?", "the on-call rota"),
        ("I'd like to know more about the rota", "the rota"),
        ("Your plans for 2027.", "your plans for 2027"),
    ],
)
def test_a_question_may_only_name_what_it_is_about(typed: str, about: str) -> None:
    assert read_question(typed) == Question(None, None, about)


@pytest.mark.parametrize("typed", ["Will Smith's team", "the rota", "How"])
def test_what_cannot_be_turned_safely_is_not_turned(typed: str) -> None:
    assert make_indirect(typed) is None


@pytest.mark.parametrize("clause", ["how the team ships", "how you", "the rota"])
def test_a_clause_whose_verb_cannot_be_told_makes_no_question(clause: str) -> None:
    assert make_direct(clause) is None
