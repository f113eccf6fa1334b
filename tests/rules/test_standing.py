"""How a message would stand among the others, by the one plan; and what the checks make of it."""

from datetime import datetime
from typing import Any

import pytest

from app.rules.addressing import find_step
from app.rules.checks import judge
from app.rules.dossier import Dossier
from app.rules.drafts import Standing
from app.rules.facts import Event, Person
from app.rules.planner import plan
from app.rules.plans import Channel, Kind
from app.rules.standing import stand
from tests.rules.checks.drafts import find, find_known, northwind, pick
from tests.rules.situations import ADA, BEN, CLEO, POLICIES, happened, interview

FRIDAY = "2026-11-20T17:30:00-05:00"
A_WEEK_LATER = "2026-11-30T10:00:00-05:00"


def standing(
    *events: Event,
    kind: Kind = "check_in",
    as_of: str = A_WEEK_LATER,
    policy: str = "balanced",
    channel: Channel | None = None,
    **changes: Any,
) -> Standing:
    """How a message to the first interviewer would stand."""
    told = interview(**changes)
    at = datetime.fromisoformat(as_of)
    return stand(Dossier(told, events, POLICIES[policy]), at, kind, told.interviewers[0], channel)


def sent(key: str, at: str = FRIDAY) -> Event:
    return happened("follow_up_sent", at, key=key)


def test_that_the_first_message_is_the_first() -> None:
    found = standing(kind="thank_you", as_of=FRIDAY)
    assert (found.messages, found.limit) == (1, 2)
    assert found.as_of == datetime.fromisoformat(FRIDAY)
    assert found.opens_at == datetime.fromisoformat("2026-11-20T17:00:00-05:00")


def test_that_what_was_sent_counts_before_it() -> None:
    assert standing().messages == 1
    assert standing(sent("thank_you/ada-park")).messages == 2
    check_in = sent("check_in", A_WEEK_LATER)
    assert standing(sent("thank_you/ada-park"), check_in, kind="final_check_in", policy="classic").messages == 3


def test_that_another_check_in_is_another_message() -> None:
    assert standing(sent("thank_you/ada-park"), sent("check_in", A_WEEK_LATER)).messages == 3


def test_that_the_thank_yous_of_a_panel_are_one_message() -> None:
    panel: dict[str, Any] = {"interviewers": [ADA, BEN, CLEO]}
    assert (
        standing(
            sent("thank_you/ben-ito"), sent("thank_you/cleo-roy"), kind="thank_you", as_of=FRIDAY, **panel
        ).messages
        == 1
    )
    assert standing(sent("thank_you/ben-ito"), sent("thank_you/cleo-roy"), **panel).messages == 2


def test_that_a_reply_answers_what_went_before() -> None:
    reply = happened("reply_received", "2026-11-23T10:00:00-05:00")
    assert standing(sent("thank_you/ada-park"), reply).messages == 1
    acknowledged = happened("reply_received", "2026-11-23T10:00:00-05:00", acknowledgement=True)
    assert standing(sent("thank_you/ada-park"), acknowledged).messages == 2


def test_that_what_was_skipped_does_not_count() -> None:
    assert standing(happened("follow_up_skipped", FRIDAY, key="thank_you/ada-park")).messages == 1


@pytest.mark.parametrize("kind", ["offer_reply", "rejection_reply", "feedback_request", "situation_update"])
def test_that_an_answer_counts_towards_nothing_and_has_no_window_unasked(kind: Kind) -> None:
    found = standing(sent("thank_you/ada-park"), kind=kind)
    assert (found.messages, found.opens_at) == (0, None)


@pytest.mark.parametrize("policy", sorted(POLICIES))
def test_that_window_and_limit_are_those_of_the_plan(policy: str) -> None:
    told = northwind(policy=policy)
    at = datetime.fromisoformat(A_WEEK_LATER)
    planned = plan(told, [], POLICIES[policy], at)
    step = find_step(planned, told, "check_in", told.interviewers[0])
    found = stand(Dossier(told, [], POLICIES[policy]), at, "check_in", told.interviewers[0])
    assert step
    assert (found.opens_at, found.limit) == (step.opens_at, POLICIES[policy].limit.messages)


def test_that_a_card_has_a_window_of_its_own_channel_and_else_that_of_the_email() -> None:
    posted: dict[str, Any] = {"interviewers": [ADA | {"postal_address": "1 Pier Road"}]}
    assert standing(kind="thank_you", policy="steady", channel="card", **posted).opens_at
    mailed = standing(kind="thank_you", policy="balanced", channel="email", **posted).opens_at
    assert mailed
    assert standing(kind="thank_you", policy="balanced", channel="card", **posted).opens_at == mailed


def test_that_a_stranger_has_no_window() -> None:
    told = interview()
    at = datetime.fromisoformat(FRIDAY)
    assert stand(Dossier(told, [], POLICIES["balanced"]), at, "thank_you", Person(name="Zoë")).opens_at is None


def checked(found: Standing | None) -> dict[str, list[str | None]]:
    text = "Hi Ada,\n\nIs there any news about the Data Engineer role?\n\nBest,\nRobin"
    findings = find_known(text, "check_in", standing=found)
    return {rule: pick(rule, findings) for rule in ("too_soon", "too_many")}


def test_that_a_message_before_its_window_is_too_soon() -> None:
    assert checked(standing(as_of="2026-11-21T10:00:00-05:00")) == {"too_soon": [None], "too_many": []}
    assert checked(standing(as_of=A_WEEK_LATER)) == {"too_soon": [], "too_many": []}
    assert checked(None) == {"too_soon": [], "too_many": []}


def test_that_a_message_over_the_limit_is_too_many() -> None:
    over = standing(sent("thank_you/ada-park"), sent("check_in", A_WEEK_LATER))
    assert checked(over) == {"too_soon": [], "too_many": [None]}


def test_that_a_message_at_its_opening_is_not_too_soon() -> None:
    at = standing().opens_at
    assert at
    assert checked(standing(as_of=at.isoformat()))["too_soon"] == []


@pytest.mark.parametrize(
    ("country", "days"),
    [
        ("US", ["Saturday, November 21 at 10:00", "Monday, November 30"]),
        ("DE", ["Saturday 21 November at 10:00", "Monday 30 November"]),
    ],
)
def test_that_both_days_are_told_as_the_country_writes_them(country: str, days: list[str]) -> None:
    told = interview(country=country, subdivision=None)
    at = datetime.fromisoformat("2026-11-21T15:00:00Z")
    found = stand(Dossier(told, [], POLICIES["balanced"]), at, "check_in", told.interviewers[0])
    [finding] = [
        one for one in find("Any news?", "check_in", interview=told, standing=found) if one.rule == "lint.too_soon"
    ]
    assert finding.severity == "error"
    for day in days:
        assert day in finding.message


@pytest.mark.parametrize("kind", ["check_in", "final_check_in"])
def test_that_a_check_in_that_the_company_did_not_want_is_not_to_be_sent(kind: Kind) -> None:
    asked = happened("instruction_given", FRIDAY, no_contact=True)
    found = standing(asked, kind=kind, policy="classic")
    [finding] = [one for one in find("Any news?", kind, standing=found) if one.rule == "limit.instructions"]
    assert found.instructed
    assert (finding.severity, finding.span) == ("error", None)
    assert judge([finding]) == "stop"


def test_that_a_wish_that_is_over_or_of_another_kind_stops_nothing() -> None:
    asked = happened("instruction_given", FRIDAY, no_contact=True)
    lifted = happened("instruction_given", "2026-11-21T10:00:00-05:00", channel="email")
    for found in (standing(), standing(asked, lifted), standing(asked, kind="thank_you")):
        assert not found.instructed
        assert [one for one in find("Any news?", standing=found) if one.rule == "limit.instructions"] == []
