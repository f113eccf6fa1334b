"""A word gets "a" or "an" by its first sound."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.language.articles import article


@pytest.mark.parametrize(
    "phrase",
    """
an SRE|a user-facing role|an hour|a unicorn|an 8-year plan|an MBA|a UX designer|a one-off|an L5|an engineer|an ounce
an honest answer|a European team|a university|an umbrella|an unimportant detail|a unified view|a union|a useful idea
an FBI agent|a NASA project|an API|an HR lead|a URL|a US team|an 11th hour|an 18-month plan|an 800-page book|a 1-pager
a 100 % stake|a hotel|an heir|an X-ray|a U-turn|an LLM|a SaaS product|an iPhone|an MVP|an S3 bucket|an oncologist
an urgent matter|a uranium mine|an Xbox|a Head of Data|an FPGA|a STEM degree|a RAM disk|a YouTube channel|an EU law
a Utah office|a Ugandan team|an "open" door|an $8 plan|a once-loved tool|a unanimous vote|a ubiquitous tool
""".strip()
    .replace("\n", "|")
    .split("|"),
)
def test_a_and_an_follow_the_first_sound(phrase: str) -> None:
    assert article(phrase.split(" ", 1)[1]) == phrase


@given(st.text(max_size=200))
def test_an_article_changes_nothing_else(words: str) -> None:
    assert article(words).split(" ", 1)[1] == words
