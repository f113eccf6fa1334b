"""All checks together: what they say, where, in which order, and what it comes to."""

import re
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.rules.catalogue import RULES
from app.rules.checks import check, count_paragraphs, count_sentences, judge
from app.rules.drafts import Draft, Finding, Severity, Standing, Verdict
from tests.rules.checks.drafts import GOOD, find, find_known
from tests.rules.situations import interview

BAD = (
    "Hi Ben,\n\nSorry for writing again ,but the the salary matters to me and I need an answer ASAP. [Your Name] can be"
    " reached by DM me on WhatsApp.\nWhy? How? When? Where\n\nBest,\n[Name]"
)
TEXTS = st.lists(
    st.sampled_from([*"abI [](){}<>_$%@#`.,!?\n\r\t'\"-1X李é", "sorry ", "pay ", "Dear ", "{{", "Hi "]), max_size=60
).map("".join)


def found(severity: Severity) -> Finding:
    return Finding("lint.salary", severity, "Say less.", None, None, ())


@pytest.mark.parametrize(
    ("severities", "verdict"),
    [
        ([], "ready"),
        (["hint"], "ready"),
        (["hint", "warning"], "improve"),
        (["warning", "error", "hint"], "stop"),
    ],
)
def test_that_the_worst_finding_decides(severities: list[Severity], verdict: Verdict) -> None:
    assert judge(map(found, severities)) == verdict


def test_that_a_good_draft_is_left_alone() -> None:
    assert find(GOOD) == []
    assert find_known(GOOD) == []
    assert judge(find_known(GOOD)) == "ready"


def test_that_findings_stand_in_the_order_of_the_text() -> None:
    places = [(at.start, at.end, finding.rule) for finding in find_known(BAD) if (at := finding.span)]
    assert places == sorted(places)
    assert len({rule for _, _, rule in places}) >= 6


def test_that_what_is_about_the_whole_draft_comes_first() -> None:
    spans = [finding.span is None for finding in find_known(BAD)]
    assert spans == sorted(spans, reverse=True)
    assert spans[0]


def test_that_every_finding_cites_its_sources_and_speaks_in_sentences() -> None:
    at = datetime(2026, 11, 20, 22, tzinfo=UTC)
    standing = Standing(at, at.replace(day=21), 3, 2)
    for finding in find_known(BAD, standing=standing, other_drafts=(BAD,)):
        assert finding.sources == RULES[finding.rule].sources
        assert re.fullmatch(r"[A-Z\"\[].*[.?]", finding.message), finding.message
        assert len(re.findall(r"[.?](?= |$)", finding.message)) <= 3
        assert "lint" not in finding.message


def test_that_a_subject_alone_is_no_place_in_the_text() -> None:
    [finding] = find_known(GOOD, subject="Thank you, [Name]")
    assert (finding.rule, finding.span) == ("lint.placeholder", None)


def test_that_sentences_and_paragraphs_are_counted_in_the_body_alone() -> None:
    draft = Draft(kind="check_in", text="Hi Ada,\n\nOne. Two.\n\nThree?\n\nBest,\nRobin")
    assert (count_sentences(draft), count_paragraphs(draft)) == (3, 2)


def test_that_a_stop_in_the_name_of_a_company_ends_no_sentence() -> None:
    told = interview(company="Zing!")
    draft = Draft(
        kind="thank_you",
        text="Hi Ada,\n\nI liked how Zing! works. Zing! is fun. I would join Zing! Today.",
        interview=told,
    )
    assert count_sentences(draft) == 4
    assert not [finding for finding in check(draft) if finding.rule == "lint.punctuation"]


@given(TEXTS, st.sampled_from(["thank_you", "check_in", "offer_reply", "feedback_request"]), st.booleans())
def test_that_any_text_is_checked_and_every_span_is_a_true_slice(text: str, kind: str, known: bool) -> None:  # noqa: FBT001
    look = find_known if known else find
    for finding in look(text, kind, subject=text):  # type: ignore[arg-type]  # one of the kinds
        if finding.span is not None:
            assert text[finding.span.start : finding.span.end] == finding.span.text


@given(TEXTS)
def test_that_a_draft_is_judged_the_same_twice(text: str) -> None:
    assert find_known(text) == find_known(text)
