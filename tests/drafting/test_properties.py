"""What holds for every email that can be asked for."""

import os
import re
from datetime import UTC, datetime
from itertools import combinations

from hypothesis import given, settings
from hypothesis import strategies as st

from app.drafting import draft_email
from app.rules.checks import count_paragraphs, count_sentences
from app.rules.dossier import Dossier
from app.rules.drafts import Draft, Email, Length, Options
from app.rules.facts import Interview
from tests.drafting.generated import POLICIES, Asked, interviews, orders

searched = settings(max_examples=150, deadline=None, derandomize="CI" in os.environ)

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
FLAWS = re.compile(r"  | [,.;:?!]|\.\.|[?!]\.|,,|\bNone\b|[{}\[\]…]|\(\)")


def runs_of_five(text: str) -> set[tuple[str, ...]]:
    """Every five words in a row, outside greeting and signature."""
    words = re.findall(r"[\w'\u2019]+", " ".join(text.split("\n\n")[1:-1]).casefold())
    return {tuple(words[n : n + 5]) for n in range(len(words) - 4)}


def write(asked: Asked) -> Email:
    known = Dossier(asked.interview, asked.events, POLICIES[asked.interview.policy])
    return draft_email(known, asked.kind, asked.named, asked.options, NOW)


@searched
@given(orders())
def test_that_what_is_rendered_passes_its_own_check(asked: Asked) -> None:
    written = write(asked)
    assert written.findings == (), written.text


@searched
@given(orders())
def test_that_an_email_is_the_same_from_call_to_call(asked: Asked) -> None:
    assert write(asked) == write(asked)


@searched
@given(orders())
def test_that_nothing_is_left_blank_and_stops_stand_where_they_belong(asked: Asked) -> None:
    written = write(asked)
    assert FLAWS.search(written.text) is None, written.text
    assert FLAWS.search(written.subject) is None, written.subject


@searched
@given(orders())
def test_that_sentences_paragraphs_and_elements_are_those_of_the_text(asked: Asked) -> None:
    written = write(asked)
    if written.channel == "email":
        draft = Draft(kind=written.kind, text=written.text, interview=asked.interview)
        assert (written.sentences, written.paragraphs) == (count_sentences(draft), count_paragraphs(draft))
    places = [written.text.find(element.text) for element in written.elements]
    assert -1 not in places
    assert places == sorted(places)


@searched
@given(interviews(most=12), st.sampled_from(("full", "short")))
def test_that_no_two_of_a_panel_share_half_of_their_words(interview: Interview, length: Length) -> None:
    known, options = Dossier(interview, (), POLICIES[interview.policy]), Options(length=length, channel="email")
    names = [who.name for who in interview.interviewers]
    texts = [draft_email(known, "thank_you", name, options, NOW).text for name in names]
    for one, other in combinations(map(runs_of_five, texts), 2):
        assert len(one & other) <= min(len(one), len(other)) / 2, texts
