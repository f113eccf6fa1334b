"""Events are read in the order in which they happened, whatever the order in which they were told."""

from collections.abc import Sequence
from itertools import permutations
from typing import get_args

import pytest
from pydantic import BaseModel

from app.rules.facts import (
    DecisionDateStated,
    Event,
    FollowUpSent,
    FollowUpSkipped,
    OfferReceived,
    Rejected,
    ReplyReceived,
    Withdrawn,
)
from app.rules.history import History, in_order
from tests.rules.situations import happened

MEMBERS = {
    "decision_date_stated": {"decision_by": "2026-12-01"},
    "situation_changed": {"change": "patent"},
    "follow_up_sent": {"key": "check_in"},
    "follow_up_skipped": {"key": "check_in"},
    "follow_up_snoozed": {"key": "check_in", "until": "2026-12-02T12:00:00Z"},
}
TYPES: Sequence[type[BaseModel]] = get_args(get_args(Event)[0])


def test_events_stand_in_the_order_of_their_instants() -> None:
    first = happened("reply_received", "2026-11-23T10:00:00-05:00")
    second = happened("offer_received", "2026-11-23T16:00:00+00:00")  # 11:00 in New York
    third = happened("withdrawn", "2026-11-24T01:00:00+09:00")  # 11:00 too, half a second later than the second
    third = third.model_copy(update={"occurred_at": third.occurred_at.replace(microsecond=500_000)})
    for told in permutations([first, second, third]):
        assert in_order(told) == [first, second, third]


def test_events_of_one_instant_stay_as_listed() -> None:
    sent = happened("follow_up_sent", "2026-11-23T10:00:00-05:00", key="check_in")
    skipped = happened("follow_up_skipped", "2026-11-23T15:00:00+00:00", key="check_in")
    assert in_order([sent, skipped]) == [sent, skipped]
    assert in_order([skipped, sent]) == [skipped, sent]


def test_what_was_told_is_left_as_it_was() -> None:
    told = [happened("rejected", "2026-11-24T10:00:00Z"), happened("reply_received", "2026-11-23T10:00:00Z")]
    in_order(told)
    assert [event.type for event in told] == ["rejected", "reply_received"]


def test_an_event_is_known_by_its_position_among_all() -> None:
    history = History(
        [
            happened("decision_date_stated", "2026-11-23T10:00:00Z", decision_by="2026-12-01"),
            happened("reply_received", "2026-11-24T10:00:00Z"),
            happened("decision_date_stated", "2026-11-25T10:00:00Z", decision_by="2026-12-08"),
        ]
    )
    assert [(at, event.decision_by.day) for at, event in history.each(DecisionDateStated)] == [(0, 1), (2, 8)]
    latest = history.latest(DecisionDateStated)
    assert latest is not None
    assert (latest[0], latest[1].decision_by.day) == (2, 8)
    assert [at for at, _ in history.each(ReplyReceived)] == [1]


def test_what_did_not_happen_is_not_found() -> None:
    history = History([happened("rejected", "2026-11-24T10:00:00Z")])
    assert history.has(Rejected)
    assert not history.has(OfferReceived)
    assert history.latest(OfferReceived) is None
    assert list(history.each(Withdrawn)) == []
    assert history.answers() == []


def test_a_sent_and_a_skipped_follow_up_are_told_apart() -> None:
    history = History([happened("follow_up_skipped", "2026-11-24T10:00:00Z", key="check_in")])
    assert history.has(FollowUpSkipped)
    assert not history.has(FollowUpSent)


@pytest.mark.parametrize("kind", TYPES, ids=lambda kind: kind.__name__)
def test_every_type_of_event_is_found_under_its_own_name(kind: type[BaseModel]) -> None:
    name = kind.model_fields["type"].default
    event = happened(name, "2026-11-24T10:00:00Z", **MEMBERS.get(name, {}))
    assert isinstance(event, kind)
    assert list(History([event]).each(type(event))) == [(0, event)]


def test_an_acknowledgement_answers_nothing() -> None:
    history = History(
        [
            happened("reply_received", "2026-11-23T10:00:00Z", acknowledgement=True),
            happened("reply_received", "2026-11-24T10:00:00Z"),
        ]
    )
    assert [at for at, _ in history.answers()] == [1]
    assert [at for at, _ in history.each(ReplyReceived)] == [0, 1]
