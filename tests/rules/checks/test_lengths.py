"""A thank-you and a check-in keep their measure."""

from typing import Any

import pytest

from app.rules.checks.lengths import measure_of
from app.rules.drafts import Draft
from app.rules.plans import Kind
from tests.rules.checks.drafts import find, northwind, pick


def body(*, sentences: int = 0, paragraphs: int = 1) -> str:
    inside = (
        "\n\n".join(["Kafka was fun."] * (sentences or paragraphs))
        if paragraphs > 1
        else " ".join(["Kafka was fun."] * sentences)
    )
    return f"Hi Ada,\n\n{inside}\n\nBest,\nRobin"


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
