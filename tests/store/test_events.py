from datetime import timedelta

import pytest

from app.rules.facts import ReplyReceived, Withdrawn
from app.store.db import Session
from app.store.events import delete_event, insert_event, list_events
from app.store.find import NotFound, find_event
from app.store.keys import find_or_insert_account
from app.store.rows import EventRow
from tests.store.examples import NEW_YORK, NOW, keep


def _happened(session: Session, interview_id: str, hours: int, data: str = "{}") -> EventRow:
    event = ReplyReceived(occurred_at=(NOW + timedelta(hours=hours)).astimezone(NEW_YORK))
    return insert_event(session, interview_id, event, data, NOW)


def test_what_happened_comes_back_as_it_was(session: Session) -> None:
    row = _happened(session, keep(session).id, 1, '{"type": "reply_received"}')
    assert find_event(session, row.interview_id, row.id) == row
    assert (row.type, row.data, row.occurred_at) == (
        "reply_received",
        '{"type": "reply_received"}',
        NOW + timedelta(hours=1),
    )


def test_events_stand_in_the_order_in_which_they_happened_and_ties_as_they_came(session: Session) -> None:
    interview_id, other_id = keep(session).id, keep(session).id
    _happened(session, other_id, 0)
    rows = [_happened(session, interview_id, hours) for hours in (2, 1, 1, 0, 1)]
    assert [row.position for row in rows] == [0, 1, 2, 3, 4]
    assert list_events(session, interview_id) == tuple(rows[number] for number in (3, 1, 2, 4, 0))


def test_an_event_that_is_taken_back_is_gone(session: Session) -> None:
    interview_id = keep(session).id
    first, second = _happened(session, interview_id, 0), _happened(session, interview_id, 0)
    delete_event(session, interview_id, first.id)
    third = _happened(session, interview_id, 0)
    assert list_events(session, interview_id) == (second, third)
    with pytest.raises(NotFound):
        delete_event(session, interview_id, first.id)


def test_an_event_is_taken_back_only_by_its_own_interview_and_account(session: Session) -> None:
    interview_id = keep(session).id
    row = insert_event(session, interview_id, Withdrawn(occurred_at=NOW), "{}", NOW)
    other = Session(session.connection, find_or_insert_account(session.connection, "other", NOW))
    for who, where in ((other, interview_id), (session, keep(session).id)):
        with pytest.raises(NotFound):
            delete_event(who, where, row.id)
    assert list_events(session, interview_id) == (row,)
    assert list_events(other, interview_id) == ()
