from datetime import timedelta

import pytest
from sqlalchemy import update

from app.store.db import Database, Session
from app.store.follow_ups import follow_ups_of, insert_follow_ups
from app.store.keys import find_or_insert_account
from app.store.rings import accounts_due, hold_free, hold_ringing, list_ringing, next_ring, put_off
from app.store.tables import FollowUp
from tests.store.examples import NOW, keep, step

HOUR = timedelta(hours=1)
PLAN = (step("thank_you/grace", HOUR), step("check_in", 3 * HOUR))


def test_the_next_ring_is_the_earliest_of_whichever_account(session: Session) -> None:
    assert next_ring(session.connection) is None
    insert_follow_ups(session, keep(session).id, PLAN, NOW)
    other = Session(session.connection, find_or_insert_account(session.connection, "other", NOW))
    insert_follow_ups(other, keep(other).id, [step("check_in", 0 * HOUR)], NOW)
    assert next_ring(session.connection) == NOW


def test_accounts_are_due_from_the_instant_of_their_first_ring_whoever_waits_longest_first(session: Session) -> None:
    other = Session(session.connection, find_or_insert_account(session.connection, "other", NOW))
    insert_follow_ups(session, keep(session).id, PLAN, NOW)
    insert_follow_ups(other, keep(other).id, [step("check_in", 0 * HOUR)], NOW)
    connection = session.connection
    assert accounts_due(connection, NOW - timedelta(microseconds=1)) == []
    assert accounts_due(connection, NOW) == [other.account_id]
    assert accounts_due(connection, NOW + HOUR) == [other.account_id, session.account_id]


def test_interviews_that_ring_are_held_once_each_those_that_wait_longest_first(session: Session) -> None:
    rows = [keep(session) for _ in range(10)][::-1]
    for n, row in enumerate(rows):
        insert_follow_ups(session, row.id, [step(key, n * HOUR) for key in ("thank_you/grace", "check_in")], NOW)
    assert hold_ringing(session, NOW - HOUR, 5) == ()
    assert hold_ringing(session, NOW, 5) == (rows[0],)
    assert hold_ringing(session, NOW + 9 * HOUR, 20) == tuple(rows)
    assert hold_ringing(session, NOW + 9 * HOUR, 1) == (rows[0],)
    assert hold_ringing(session, NOW + 9 * HOUR, 2) == tuple(rows[:2])
    assert list_ringing(session, NOW + 9 * HOUR, 6) == [row.id for row in rows[:3]]


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)  # SQLite has one writer anyway
def test_in_place_of_what_others_hold_the_next_in_turn_are_held(database: Database) -> None:
    with database.begin() as connection:
        account_id = find_or_insert_account(connection, "default", NOW)
        session = Session(connection, account_id)
        rows = [keep(session) for _ in range(4)][::-1]
        for n, row in enumerate(rows):
            insert_follow_ups(session, row.id, [step("check_in", n * HOUR)], NOW)
    with database.begin() as one, database.begin() as other:
        mine, theirs = Session(one, account_id), Session(other, account_id)
        assert hold_free(theirs, [rows[0].id, rows[2].id], 2) == (rows[0], rows[2])
        assert hold_ringing(mine, NOW + 9 * HOUR, 2) == (rows[1], rows[3])
        assert hold_free(mine, [rows[2].id], 1) == ()


def test_what_is_put_off_rings_later_and_the_rest_when_it_would_have(session: Session) -> None:
    one, other = keep(session).id, keep(session).id
    for interview_id in (one, other):
        insert_follow_ups(session, interview_id, PLAN, NOW)
    put_off(session, [], NOW + HOUR, NOW + 2 * HOUR)
    put_off(session, [one], NOW + HOUR, NOW + 2 * HOUR)
    assert [row.next_ring_at for row in follow_ups_of(session, one)] == [NOW + 2 * HOUR, NOW + 3 * HOUR]
    assert [row.next_ring_at for row in follow_ups_of(session, other)] == [NOW + HOUR, NOW + 3 * HOUR]


def test_what_rings_is_found_by_its_index(session: Session) -> None:
    if session.connection.dialect.name != "sqlite":  # whose plans do not depend on what happens to be in the tables
        return
    insert_follow_ups(session, keep(session).id, PLAN, NOW)
    explain = "EXPLAIN QUERY PLAN SELECT account_id, next_ring_at FROM follow_up WHERE next_ring_at <= ? ORDER BY 2"
    (plan,) = session.connection.exec_driver_sql(explain, ("2026",))
    assert "COVERING INDEX ix_follow_up_next_ring_at_account_id" in plan.detail
    session.connection.execute(update(FollowUp.__table__).values(next_ring_at=None))
    assert next_ring(session.connection) is None
