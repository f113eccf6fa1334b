from datetime import timedelta

import pytest
from sqlalchemy import select, update

from app.store.db import Session
from app.store.endpoints import (
    MOST_ENDPOINTS,
    Crowded,
    delete_endpoint,
    find_failing_since,
    forgive,
    insert_endpoint,
    list_endpoints,
    replace_endpoint,
)
from app.store.find import NotFound, find_endpoint
from app.store.ids import new_id
from app.store.keys import find_or_insert_account
from app.store.rows import EndpointRow, LaneRow
from app.store.tables import Lane
from tests.store.examples import NOW

LANE = Lane.__table__


def _row(session: Session, number: int = 0) -> EndpointRow:
    now = NOW + timedelta(seconds=number)
    return EndpointRow(
        account_id=session.account_id,
        id=new_id("ep", now),
        url="https://hooks.example.com/",
        events='["ping"]',
        description=None,
        include_email=False,
        enabled=True,
        disabled_because=None,
        secrets="[]",
        created_at=now,
        updated_at=now,
    )


def _keep(session: Session, number: int = 0) -> EndpointRow:
    row = _row(session, number)
    insert_endpoint(session, row)
    return row


def _clean_lane(row: EndpointRow) -> LaneRow:
    return LaneRow(row.account_id, row.id, next_at=None, throttled=False, failing_since=None, failed_at=None)


def _lanes(session: Session) -> list[LaneRow]:
    return [LaneRow._make(row) for row in session.connection.execute(select(LANE).order_by(LANE.c.endpoint_id))]


def _stranger(session: Session) -> Session:
    return Session(session.connection, find_or_insert_account(session.connection, "another", NOW))


def _fail(session: Session) -> None:
    values = {"failing_since": NOW, "failed_at": NOW, "throttled": True}
    session.connection.execute(update(LANE).values(values))


def test_an_endpoint_is_kept_with_a_lane_in_which_nothing_waits(session: Session) -> None:
    row = _keep(session)
    assert find_endpoint(session, row.id) == row
    assert _lanes(session) == [_clean_lane(row)]


def test_endpoints_are_listed_from_the_oldest_on_with_the_moment_since_which_they_fail(session: Session) -> None:
    rows = [_keep(session, number) for number in (2, 0, 1)]
    expected = sorted(rows, key=lambda row: row.created_at)
    assert list_endpoints(session) == tuple((row, None) for row in expected)
    _fail(session)
    assert list_endpoints(session) == tuple((row, NOW) for row in expected)
    assert find_failing_since(session, rows[0].id) == NOW


def test_what_failed_is_forgiven_one_endpoint_alone(session: Session) -> None:
    one, other = _keep(session, 0), _keep(session, 1)
    _fail(session)
    forgive(session, one.id)
    assert _lanes(session) == [
        _clean_lane(one),
        _clean_lane(other)._replace(throttled=True, failing_since=NOW, failed_at=NOW),
    ]


def test_an_endpoint_is_replaced_alone(session: Session) -> None:
    one, other = _keep(session, 0), _keep(session, 1)
    changed = one._replace(url="https://other.example.com/", events=None, description="x", enabled=False, secrets="[1]")
    replace_endpoint(session, changed)
    assert [row for row, _ in list_endpoints(session)] == [changed, other]


def test_a_deleted_endpoint_takes_its_lane_with_it(session: Session) -> None:
    one, other = _keep(session, 0), _keep(session, 1)
    delete_endpoint(session, one.id)
    assert [row for row, _ in list_endpoints(session)] == [other]
    assert [lane.endpoint_id for lane in _lanes(session)] == [other.id]
    with pytest.raises(NotFound):
        delete_endpoint(session, one.id)


def test_an_account_is_full_at_some_point_and_another_is_not(session: Session) -> None:
    for number in range(MOST_ENDPOINTS):
        _keep(session, number)
    with pytest.raises(Crowded):
        _keep(session)
    assert len(list_endpoints(session)) == MOST_ENDPOINTS
    _keep(_stranger(session))


def test_another_accounts_endpoints_are_not_there(session: Session) -> None:
    row = _keep(session)
    stranger = _stranger(session)
    assert list_endpoints(stranger) == ()
    with pytest.raises(NotFound):
        find_endpoint(stranger, row.id)
    with pytest.raises(NotFound):
        delete_endpoint(stranger, row.id)
    replace_endpoint(stranger, row._replace(url="https://evil.example.com/"))
    _fail(session)
    forgive(stranger, row.id)
    assert list_endpoints(session) == ((row, NOW),)
