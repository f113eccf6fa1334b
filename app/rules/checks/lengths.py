"""How long a draft is, against how long its kind and stage allow."""

from collections.abc import Iterator
from typing import NamedTuple

from app.rules.checks.findings import find
from app.rules.checks.reading import Reading
from app.rules.drafts import Draft, Finding

MOST_PARAGRAPHS = 3
"""Of a check-in (`length.paragraphs`)."""


class Measure(NamedTuple):
    """How many sentences a thank-you has, at least and at most (`length.sentences`)."""

    least: int
    most: int


USUAL = Measure(5, 7)
PHONE_SCREEN = Measure(2, 3)
FINAL_ROUND = Measure(6, 10)
SHORT = Measure(3, 4)
CARD = Measure(2, 5)
CAPSTONE = Measure(5, 9)
"""A policy that also confirms the understanding, revisits an answer and asks a question."""


def check_too_long(reading: Reading) -> Iterator[Finding]:
    """More sentences than a thank-you may have, or more paragraphs than a check-in."""
    measure, sentences, paragraphs = measure_of(reading.draft), len(reading.sentences), len(reading.paragraphs)
    if measure and sentences > measure.most:
        message = (
            f"This has {_count(sentences, 'sentence')}, where {measure.least} to {measure.most} are read to the end."
            " Keep what only you could have written, and let the rest go."
        )
        yield find("lint.too_long", "warning", message)
    if reading.draft.kind in {"check_in", "final_check_in"} and paragraphs > MOST_PARAGRAPHS:
        message = (
            f"This has {_count(paragraphs, 'paragraph')}; a check-in is read at a glance, and {MOST_PARAGRAPHS} are"
            " plenty. Say which interview, that you are still interested, and ask about the timing."
        )
        yield find("lint.too_long", "warning", message)


def check_too_short(reading: Reading) -> Iterator[Finding]:
    """Fewer sentences than a thank-you needs."""
    measure, sentences = measure_of(reading.draft), len(reading.sentences)
    if measure and sentences < measure.least:
        message = (
            f"This has {_count(sentences, 'sentence')}, where {measure.least} to {measure.most} leave room to be"
            " personal. Add something that you talked about, or why you fit."
        )
        yield find("lint.too_short", "warning", message)


def measure_of(draft: Draft) -> Measure | None:
    """How long a draft should be; None where nothing is said of it.

    Where the interview is not known, a thank-you is measured as one for a first round or a panel.
    """
    if draft.kind != "thank_you" or draft.channel == "phone":
        return None
    stage = draft.interview.stage if draft.interview else "first_round"
    if draft.channel == "card":
        return CARD
    if stage == "phone_screen":
        return PHONE_SCREEN
    if draft.length == "short":
        return SHORT
    if stage == "final_round":
        return FINAL_ROUND
    return CAPSTONE if draft.interview and draft.interview.policy == "capstone" else USUAL


def _count(number: int, thing: str) -> str:
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"
