"""What a worker removes because its time is over."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, insert, select, update

from app.erasing import AT_ONCE
from app.scheduling import lock_interview
from app.store import tables
from app.store.db import Database
from app.store.rows import KeptAnswerRow, RecoveryRow
from app.worker.forgetting import HOUR, MOST, Forgetter
from tests.conftest import NewDatabase
from tests.faults.scenes import POLICIES, Scene

DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)


@pytest.fixture
def postgresql(new_postgresql: NewDatabase) -> Iterator[Database]:
    with new_postgresql() as url:
        database = Database(url)
        yield database
        database.dispose()


@pytest.fixture
def scene(database: Database) -> Scene:
    return Scene.of(database)


@pytest.fixture
def now() -> datetime:
    return datetime.now(UTC)


def forgetter(database: Database, retention_days: int = 30) -> Forgetter:
    return Forgetter(database, POLICIES, log_for=30 * DAY, retention_days=retention_days)


def count(database: Database, table: type[Any]) -> int:
    with database.peek() as connection:
        found: int = connection.execute(select(func.count()).select_from(table.__table__)).scalar_one()
        return found


def add_old(scene: Scene, interviews: int, now: datetime) -> None:
    scene.add_interviews(interviews, now - 100 * DAY, now - 101 * DAY)


def test_old_interviews_go_account_by_account_a_batch_at_a_time(database: Database, now: datetime) -> None:
    large, small = Scene.of(database, "large"), Scene.of(database, "small")
    add_old(large, 2 * AT_ONCE, now)
    add_old(small, 1, now)
    forgetting = forgetter(database)
    left = []
    while forgetting.remove_interviews() < HOUR:
        left.append(count(database, tables.Interview))
    assert sorted(left, reverse=True) == left
    assert left[0] == AT_ONCE + 1
    assert left[1] == AT_ONCE  # the small one's turn
    assert count(database, tables.Interview) == 0
    assert forgetting.remove_interviews() == HOUR


def test_while_it_is_off_nothing_is_forgotten_but_of_who_asks_for_it(database: Database, now: datetime) -> None:
    silent, asking = Scene.of(database, "silent"), Scene.of(database, "asking")
    add_old(silent, 1, now)
    add_old(asking, 1, now)
    table = tables.Account.__table__
    with database.begin() as connection:
        connection.execute(update(table).where(table.c.id == asking.account_id).values(retention_days=90))
    assert forgetter(database, 0).remove_interviews() == HOUR
    assert len(silent.rows(tables.Interview)) == 1
    assert asking.rows(tables.Interview) == []


def test_what_somebody_holds_waits_and_keeps_no_other_account_waiting(
    postgresql: Database, now: datetime, caplog: pytest.LogCaptureFixture
) -> None:
    database = postgresql  # on SQLite everybody waits for its one writer anyway
    held, free = [Scene.of(database, name) for name in ("held", "free")]
    for scene in (held, free):
        add_old(scene, 1, now)
    forgetting = forgetter(database)
    with held.begin() as session:
        lock_interview(session, held.rows(tables.Interview)[0].id)
        while forgetting.remove_interviews() < HOUR:
            pass
    assert (len(held.rows(tables.Interview)), len(free.rows(tables.Interview))) == (1, 0)
    assert [record.getMessage() for record in caplog.records] == [
        f"What is old of account {held.account_id} is held by somebody, and waits for an hour"
    ]
    forgetting.remove_interviews()
    assert held.rows(tables.Interview) == []


def test_old_messages_go(scene: Scene, now: datetime) -> None:
    scene.add_endpoint("http://127.0.0.1:9/", enabled=False)
    scene.add_interviews(2, now - MINUTE)
    scene.announce()
    table = tables.Message.__table__
    with scene.begin() as session:
        first = scene.rows(tables.Message)[0].id
        old = {"created_at": now - 31 * DAY, "id": f"msg_{'0' * 32}"}
        session.connection.execute(update(table).where(table.c.id == first).values(old))
    assert forgetter(scene.database).remove_messages() < HOUR
    assert len(scene.rows(tables.Message)) == 1
    assert forgetter(scene.database).remove_messages() == HOUR


def add_tokens(scene: Scene, number: int, expires_at: datetime) -> None:
    key = {"account_id": scene.account_id, "id": "key_1", "name": "x", "digest": "x", "created_at": expires_at}
    own = {"account_id": scene.account_id, "key_id": "key_1", "actions": "read", "origins": "[]"}
    times = {"created_at": expires_at, "expires_at": expires_at}
    tokens = [own | times | {"id": f"tok_{n}{expires_at}", "digest": f"{n}{expires_at}"} for n in range(number)]
    with scene.begin() as session:
        if not scene.rows(tables.ApiKey):
            session.connection.execute(insert(tables.ApiKey.__table__), key)
        session.connection.execute(insert(tables.ClientToken.__table__), tokens)


def test_tokens_that_expired_go_many_at_a_time(scene: Scene, now: datetime) -> None:
    add_tokens(scene, MOST, now - MINUTE)
    add_tokens(scene, 1, now - 2 * MINUTE)
    add_tokens(scene, 1, now + DAY)
    assert forgetter(scene.database).remove_leftovers() < 60
    assert count(scene.database, tables.ClientToken) == 2
    assert forgetter(scene.database).remove_leftovers() == 60
    assert count(scene.database, tables.ClientToken) == 1


def test_kept_answers_go_after_a_day(scene: Scene, now: datetime) -> None:
    kept = [KeptAnswerRow(scene.account_id, f"{at}", "", "", None, at) for at in (now - DAY - MINUTE, now)]
    with scene.begin() as session:
        session.connection.execute(insert(tables.KeptAnswer.__table__), [row._asdict() for row in kept])
    forgetter(scene.database).remove_leftovers()
    assert [row.key for row in scene.rows(tables.KeptAnswer)] == [f"{now}"]


def test_allowances_of_past_minutes_go(scene: Scene, now: datetime) -> None:
    minute = int(now.timestamp() // 60)
    with scene.begin() as session:
        given = [{"subject": f"{at}", "minute": minute + at, "given": 1} for at in (-60, 0, 1)]
        session.connection.execute(insert(tables.Allowance.__table__), given)
    forgetter(scene.database).remove_leftovers()
    assert count(scene.database, tables.Allowance) == 2


def test_recoveries_go_once_the_log_does(scene: Scene, now: datetime) -> None:
    endpoint = scene.add_endpoint("http://127.0.0.1:9/")
    ends = (now - 31 * DAY, now, None)
    own = (scene.account_id, endpoint)
    made = [RecoveryRow(own[0], f"rec_{n}", own[1], now, "", "", 0, now - 40 * DAY, end) for n, end in enumerate(ends)]
    with scene.begin() as session:
        session.connection.execute(insert(tables.Recovery.__table__), [row._asdict() for row in made])
    forgetter(scene.database).remove_leftovers()
    assert {row.id for row in scene.rows(tables.Recovery)} == {"rec_1", "rec_2"}
