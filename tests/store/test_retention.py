from datetime import timedelta

import pytest
from sqlalchemy import update

from app.rules.facts import Withdrawn
from app.store.db import Database, Session
from app.store.events import insert_event
from app.store.retention import Term, find_old, still_old, terms
from app.store.tables import Account
from tests.store.examples import NOW, keep, new_account

DAY = timedelta(days=1)
TICK = timedelta.resolution
BEFORE = NOW - 30 * DAY


def keep_since(session: Session, at: object) -> str:
    """The id of an interview that began and was told of at this instant."""
    return keep(session, at, starts_at=at).id  # type: ignore[arg-type]


def found(session: Session, most: int = 100) -> list[str]:
    return [row.id for row in find_old(session, BEFORE, most)]


def set_days(database: Database, account_id: str, days: int | None) -> None:
    with database.begin() as connection:
        table = Account.__table__
        connection.execute(update(table).where(table.c.id == account_id).values(retention_days=days))


def test_the_boundary_is_exact(session: Session) -> None:
    keep_since(session, BEFORE)
    old = keep_since(session, BEFORE - TICK)
    assert found(session) == [old]


def test_the_first_to_begin_go_first(session: Session) -> None:
    ids = [keep_since(session, BEFORE - days * DAY) for days in (1, 3, 2)]
    assert found(session, 2) == [ids[1], ids[2]]


def test_what_changed_since_stays(session: Session) -> None:
    keep(session, NOW, starts_at=BEFORE - DAY)
    assert found(session) == []


def test_what_lies_ahead_stays(session: Session) -> None:
    keep(session, BEFORE - DAY, starts_at=NOW)
    assert found(session) == []


@pytest.mark.parametrize(("came_at", "stays"), [(BEFORE - TICK, False), (BEFORE, True)])
def test_the_latest_event_counts_from_when_it_came(session: Session, came_at: object, *, stays: bool) -> None:
    id = keep_since(session, BEFORE - 9 * DAY)
    for at in (came_at, BEFORE - 8 * DAY):
        insert_event(session, id, Withdrawn(occurred_at=BEFORE - 9 * DAY), "{}", at)  # type: ignore[arg-type]
    assert found(session) == ([] if stays else [id])
    assert [row.id for row in still_old(session, [id], BEFORE)] == ([] if stays else [id])


def test_of_some_interviews_the_old_ones_are_told(session: Session) -> None:
    old, young, other = [keep_since(session, at) for at in (BEFORE - DAY, NOW, BEFORE - DAY)]
    assert [row.id for row in still_old(session, [old, young], BEFORE)] == [old]
    assert still_old(session, [], BEFORE) == ()
    assert set(found(session)) == {old, other}


def test_another_accounts_interviews_are_not_found(session: Session) -> None:
    id = keep_since(session, BEFORE - DAY)
    other = Session(session.connection, "acc_other")
    assert find_old(other, BEFORE, 10) == ()
    assert still_old(other, [id], BEFORE) == ()


def test_an_account_has_its_own_days_or_those_of_the_service(database: Database) -> None:
    own, usual, never = [new_account(database, name) for name in ("own", "usual", "never")]
    for account_id, days in ((own, 7), (usual, None), (never, 0)):
        set_days(database, account_id, days)
        with database.begin() as connection:
            keep_since(Session(connection, account_id), NOW - 20 * DAY)
    with database.peek() as connection:
        assert terms(connection, NOW, 0) == [Term(own, NOW - 7 * DAY)]
        assert terms(connection, NOW, 30) == [Term(own, NOW - 7 * DAY)]
        assert sorted(terms(connection, NOW, 10)) == sorted([Term(own, NOW - 7 * DAY), Term(usual, NOW - 10 * DAY)])


def test_an_account_without_interviews_has_nothing_to_forget(database: Database, account_id: str) -> None:
    set_days(database, account_id, 1)
    with database.peek() as connection:
        assert terms(connection, NOW, 1) == []
