"""How near one word is to another."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.proofreading.speller import count_edits

WORDS = st.text("abc", max_size=7)


@pytest.mark.parametrize(
    ("one", "other", "edits"),
    [
        ("", "", 0),
        ("glad", "", 4),
        ("glad", "glad", 0),
        ("gald", "glad", 1),
        ("recieve", "receive", 1),
        ("becuase", "because", 1),
        ("occured", "occurred", 1),
        ("untill", "until", 1),
        ("definately", "definitely", 1),
        ("aceg", "bdfh", 4),
        ("curriculm", "curricula", 1),
    ],
)
def test_a_letter_wrong_missing_too_many_or_swapped_counts_one(one: str, other: str, edits: int) -> None:
    assert count_edits(one, other) == edits


@settings(deadline=None)
@given(WORDS, WORDS)
def test_it_does_not_matter_from_which_side_one_counts(one: str, other: str) -> None:
    edits = count_edits(one, other)
    assert edits == count_edits(other, one)
    assert (edits == 0) == (one == other)
    assert abs(len(one) - len(other)) <= edits <= max(len(one), len(other))
