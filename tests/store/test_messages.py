from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any, get_args

import pytest
from sqlalchemy import event, insert, update

from app.store.db import Session
from app.store.endpoints import insert_endpoint
from app.store.find import NotFound, find_delivery, find_message
from app.store.ids import new_id
from app.store.keys import find_or_insert_account
from app.store.messages import (
    MessageFilter,
    Progress,
    attempts_of,
    deliveries_of,
    follow,
    list_deliveries,
    list_messages,
)
from app.store.paging import BadCursor, Page
from app.store.rows import AttemptRow, DeliveryRow, DeliveryState, EndpointRow, MessageRow, PendingRow
from app.store.tables import Attempt, Delivery, Message, Pending, WebhookEndpoint
from tests.store.examples import NOW

INT, FU = (f"{prefix}_{'0' * 32}" for prefix in ("int", "fu"))


def _endpoint(session: Session) -> EndpointRow:
    row = EndpointRow(
        account_id=session.account_id,
        id=new_id("ep", NOW),
        url="https://hooks.example.com/",
        events=None,
        description=None,
        include_email=False,
        enabled=True,
        disabled_because=None,
        secrets="[]",
        created_at=NOW,
        updated_at=NOW,
    )
    insert_endpoint(session, row)
    return row


def _message(session: Session, seconds: float = 0, **members: Any) -> MessageRow:
    at = NOW + timedelta(seconds=seconds)
    row = MessageRow(session.account_id, new_id("msg", at), "plan.changed", INT, None, None, "{}", None, at)
    row = row._replace(**members)
    session.connection.execute(insert(Message.__table__), row._asdict())
    return row


def _delivery(session: Session, message: MessageRow, endpoint: EndpointRow, **members: Any) -> DeliveryRow:
    at = message.created_at
    row = DeliveryRow(session.account_id, new_id("dlv", at), endpoint.id, message.id, "open", 0, at, None)
    row = row._replace(**members)
    session.connection.execute(insert(Delivery.__table__), row._asdict())
    if row.state == "open":
        pending = PendingRow(
            account_id=session.account_id,
            delivery_id=row.id,
            endpoint_id=endpoint.id,
            message_id=message.id,
            retry=False,
            available_at=at,
            tries=0,
            claim=None,
        )
        session.connection.execute(insert(Pending.__table__), pending._asdict())
    return row


def _attempt(session: Session, delivery: DeliveryRow, number: int) -> AttemptRow:
    row = AttemptRow(session.account_id, delivery.id, number, NOW, 7, 500, "status", "no", truncated=False)
    session.connection.execute(insert(Attempt.__table__), row._asdict())
    return row


def _read_messages(session: Session, filters: MessageFilter, cursor: str | None) -> Page[MessageRow]:
    return list_messages(session, filters, limit=1, cursor=cursor)


def _read_deliveries(
    session: Session, endpoint_id: str, state: DeliveryState | None, cursor: str | None
) -> Page[Progress]:
    return list_deliveries(session, endpoint_id, state, limit=2, cursor=cursor)


def _pages(read: Callable[[str | None], Any]) -> list[Any]:
    page = read(None)
    found = [*page.rows]
    while page.next_cursor is not None:
        page = read(page.next_cursor)
        found += page.rows
    return found


# Neighbours by a microsecond, and ties: those stand in the order of their ids, too.
@pytest.mark.parametrize("limit", [1, 2, 5, 100])
def test_messages_are_paged_from_the_newest_on(session: Session, limit: int) -> None:
    kept = [_message(session, seconds) for seconds in (0, 0, 1e-6, 2e-6, -1e-6, 3600, 0, -3600)]
    found = _pages(lambda cursor: list_messages(session, MessageFilter(), limit=limit, cursor=cursor))
    assert found == sorted(kept, key=lambda row: (row.created_at, row.id), reverse=True)


def test_messages_are_found_by_what_they_are_about(session: Session) -> None:
    one = _message(session, 0, type="ping", interview_id=None)
    two = _message(session, 1, follow_up_id=FU)
    three = _message(session, 2)
    for filters, expected in (
        (MessageFilter(type="ping"), [one]),
        (MessageFilter(interview_id=INT), [three, two]),
        (MessageFilter(follow_up_id=FU), [two]),
        (MessageFilter(type="ping", interview_id=INT), []),
    ):
        assert _pages(partial(_read_messages, session, filters)) == expected


def test_deliveries_are_paged_by_endpoint_and_state(session: Session) -> None:
    one, other = _endpoint(session), _endpoint(session)
    kept = []
    for seconds, state in enumerate(("open", "delivered", "failed", "open", "cancelled")):
        message = _message(session, seconds)
        kept.append(_delivery(session, message, one, state=state))
        _delivery(session, message, other)
    states: tuple[DeliveryState | None, ...] = (None, *get_args(DeliveryState))
    for wanted in states:
        found = _pages(partial(_read_deliveries, session, one.id, wanted))
        expected = [row for row in reversed(kept) if wanted in {None, row.state}]
        assert [progress.delivery for progress in found] == expected
    cursor = list_deliveries(session, one.id, None, limit=1).next_cursor
    with pytest.raises(BadCursor):
        list_deliveries(session, other.id, None, limit=1, cursor=cursor)
    with pytest.raises(BadCursor):
        list_deliveries(session, one.id, "open", limit=1, cursor=cursor)


def _progress(session: Session, delivery: DeliveryRow) -> tuple[datetime | None, bool]:
    (progress,) = follow(session, [delivery.id])
    assert (progress.delivery, progress.type) == (delivery, "plan.changed")
    return progress.next_attempt_at, progress.held


def test_a_delivery_tells_when_it_is_tried_next_or_that_it_is_held(session: Session) -> None:
    endpoint, message = _endpoint(session), _message(session)
    waiting = _delivery(session, message, endpoint)
    assert _progress(session, waiting) == (NOW, False)
    session.connection.execute(update(Pending.__table__).values(claim="a worker"))
    assert _progress(session, waiting) == (None, False)
    session.connection.execute(update(Pending.__table__).values(claim=None))
    session.connection.execute(update(WebhookEndpoint.__table__).values(enabled=False))
    assert _progress(session, waiting) == (None, True)
    done = _delivery(session, _message(session), endpoint, state="delivered", settled_at=NOW, attempts=1)
    assert _progress(session, done) == (None, False)
    session.connection.execute(WebhookEndpoint.__table__.delete())
    assert _progress(session, done) == (None, False)


def test_a_message_is_followed_to_every_endpoint_with_every_attempt(session: Session) -> None:
    endpoints, message = [_endpoint(session) for _ in range(3)], _message(session)
    deliveries = [_delivery(session, message, endpoint) for endpoint in endpoints]
    attempts = [_attempt(session, deliveries[0], number) for number in (2, 1, 10)]
    _attempt(session, _delivery(session, _message(session), endpoints[0]), 1)
    expected = sorted(deliveries, key=lambda row: row.id, reverse=True)
    assert deliveries_of(session, message.id) == tuple(Progress(row, message.type, NOW, held=False) for row in expected)
    assert attempts_of(session, message.id) == {deliveries[0].id: sorted(attempts, key=lambda row: row.number)}
    assert follow(session, []) == ()


def test_another_accounts_log_is_not_there(session: Session) -> None:
    endpoint, message = _endpoint(session), _message(session)
    delivery = _delivery(session, message, endpoint)
    _attempt(session, delivery, 1)
    stranger = Session(session.connection, find_or_insert_account(session.connection, "another", NOW))
    assert list_messages(stranger, MessageFilter(), limit=9).rows == ()
    assert list_deliveries(stranger, endpoint.id, None, limit=9).rows == ()
    assert follow(stranger, [delivery.id]) == deliveries_of(stranger, message.id) == ()
    assert attempts_of(stranger, message.id) == {}
    for find, id in ((find_message, message.id), (find_delivery, delivery.id)):
        with pytest.raises(NotFound):
            find(stranger, id)


def _plan(session: Session, ask: Callable[[], object]) -> str:
    """How SQLite answers the last statement."""
    asked: list[tuple[str, Any]] = []

    def note(_c: object, _d: object, statement: str, parameters: Any, *_: object) -> None:
        asked.append((statement, parameters))

    event.listen(session.connection, "before_cursor_execute", note)
    ask()
    event.remove(session.connection, "before_cursor_execute", note)
    statement, values = asked[-1]
    found = session.connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
    return "; ".join(row.detail for row in found)


def test_the_log_is_read_by_an_index(session: Session) -> None:
    if session.connection.dialect.name != "sqlite":
        return  # its plans depend on what happens to be in the tables
    endpoint = _endpoint(session)
    for seconds in range(2):
        _delivery(session, _message(session, seconds), endpoint)

    def following(filters: MessageFilter) -> str:
        cursor = list_messages(session, filters, limit=1).next_cursor
        return _plan(session, lambda: list_messages(session, filters, limit=1, cursor=cursor))

    assert "(account_id=? AND id<?)" in following(MessageFilter())
    assert "(account_id=? AND id<?)" in following(MessageFilter(type="plan.changed"))
    assert "(account_id=? AND interview_id=?)" in following(MessageFilter(interview_id=INT))
    assert "B-TREE" not in following(MessageFilter())
    cursor = list_deliveries(session, endpoint.id, None, limit=1).next_cursor
    plan = _plan(session, lambda: list_deliveries(session, endpoint.id, None, limit=1, cursor=cursor))
    assert "SCAN" not in plan
    plan = _plan(session, lambda: deliveries_of(session, list_messages(session, MessageFilter(), limit=1).rows[0].id))
    assert "SCAN" not in plan
    assert "SCAN" not in _plan(session, lambda: attempts_of(session, "msg_1"))
