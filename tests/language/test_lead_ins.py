"""What leads to a fact is dropped, and so is who said it."""

import pytest

from app.language.lead_ins import is_dialogue
from app.language.shapes import Fact, Question, read_question, read_topic


@pytest.mark.parametrize(
    "typed",
    [
        "We talked about the rota.",
        "We also talked a lot about the rota",
        "Priya and I discussed the rota",
        "Talked with Dana about the rota",
        "discussing the rota",
        "Discussed: the rota",
        "our discussion of the rota",
        "We had a great conversation about the rota",
        "I really enjoyed hearing about the rota",
        "Topic: the rota",
        "Re: the rota",
        "Regarding the rota",
        "What about the rota?",
        "I asked about the rota",
        "asked about the rota",
        "I have a question about the rota",
        "You told me about the rota",
        "Mentioned the rota",
        "learned about the rota",
        "learn more about the rota",
        "Thanks for explaining the rota",
        "Thank you so much for telling me about the rota",
        "I'm excited about the rota",
        "it was great to hear about the rota",
        "Could you tell me more about the rota?",
        "Priya mentioned the rota",
        "- We talked about “the rota”.",
    ],
)
def test_what_leads_to_a_topic_is_dropped(typed: str) -> None:
    assert read_topic(typed) == Fact("the rota", "thing")


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ("about 40 teams", "about 40 teams"),
        ("your talk on Kafka", "your talk on Kafka"),
        ("Our shared code", "our shared code"),
    ],
)
def test_what_only_looks_like_a_lead_in_stays(typed: str, text: str) -> None:
    assert read_topic(typed) == Fact(text, "thing")


@pytest.mark.parametrize(
    "typed",
    [
        "tell me about the rota",
        "Can you tell me about the rota?",
        "Could you please tell us a bit more about the rota?",
        "I'd like to know about the rota",
        "I'd like to know more about the rota",
        "would love to hear about the rota",
        "wanted to ask about the rota",
        "May I ask about the rota?",
        "ask about the rota",
    ],
)
def test_what_leads_to_a_question_is_dropped(typed: str) -> None:
    assert read_question(typed) == Question(None, None, "the rota")


@pytest.mark.parametrize("joined", [", and you", " and you", ", but Priya and I"])
def test_a_dialogue_is_left_whole(joined: str) -> None:
    text = f"I asked about the rota{joined} said it rotates weekly"
    assert is_dialogue(text)
    assert read_topic(text) == Fact(text, "unsure")


def test_one_saying_is_no_dialogue() -> None:
    assert not is_dialogue("you said the rota and the pager rotate weekly")
