"""What a worker does now and then."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from json import JSONDecodeError

import pytest
from prometheus_client import REGISTRY
from sqlalchemy import insert, update

from app.store import tables
from app.store.db import Database
from app.store.ids import new_id
from app.webhooks.lanes import hold_lanes
from app.webhooks.recovery import start_recovery
from app.worker.alarms import LONGEST_SLEEP, Alarm
from app.worker.caretaker import Caretaker
from app.worker.forgetting import Forgetter
from app.worker.threads import Threads
from tests.faults.scenes import POLICIES, Scene

SECOND, DAY = timedelta(seconds=1), timedelta(days=1)


@asynccontextmanager
async def taking_care(database: Database) -> AsyncIterator[Caretaker]:
    threads = Threads(1)
    forgetter = Forgetter(database, POLICIES, log_for=30 * DAY, retention_days=30)
    yield Caretaker(database, forgetter, disable_after=5 * DAY, threads=threads, deliveries=Alarm())
    await threads.close()


async def run_chores(database: Database) -> None:
    """Every chore once, and recoveries to their end."""
    async with taking_care(database) as caretaker:
        while await caretaker.step() == 0 or await caretaker.recover() == 0:
            pass


def miss(scene: Scene, count: int, endpoints: int = 1) -> list[str]:
    """So many messages that none of these endpoints got, which are to recover."""
    now = datetime.now(UTC)
    ids = [scene.add_endpoint("http://127.0.0.1:9/") for _ in range(endpoints)]
    message = {"account_id": scene.account_id, "type": "plan.changed", "payload": "{}", "created_at": now}
    with scene.begin() as session:
        rows = [message | {"id": new_id("msg", now - n * SECOND.resolution)} for n in range(count)]
        session.connection.execute(insert(tables.Message.__table__), rows)
        for id in ids:
            start_recovery(session, id, now - DAY, now)
    return ids


def recovered(scene: Scene) -> list[int]:
    return [row.recovered for row in sorted(scene.rows(tables.Recovery), key=lambda row: row.endpoint_id)]


def break_endpoint(scene: Scene, id: str) -> None:
    """As a row is that nobody we know wrote: what it asks for cannot be read."""
    columns = tables.WebhookEndpoint.__table__
    with scene.begin() as session:
        session.connection.execute(update(columns).where(columns.c.id == id).values(events="["))


async def test_it_measures_the_queue(database: Database) -> None:
    scene = Scene.of(database)
    scene.add_endpoint("http://127.0.0.1:9/")
    scene.add_interviews(3, datetime.now(UTC) - SECOND)
    scene.announce()
    await run_chores(database)
    assert REGISTRY.get_sample_value("afterword_queue_depth") == 3
    assert (REGISTRY.get_sample_value("afterword_queue_oldest_seconds") or 0) > 0


async def test_it_disables_endpoints_that_only_fail(database: Database) -> None:
    scene = Scene.of(database)
    failing, healthy = scene.add_endpoint("http://127.0.0.1:9/"), scene.add_endpoint("http://127.0.0.1:9/")
    with scene.begin() as session:
        lane = tables.Lane.__table__
        now = datetime.now(UTC)
        values = {"failing_since": now - 6 * DAY, "failed_at": now - DAY}
        session.connection.execute(update(lane).where(lane.c.endpoint_id == failing).values(values))
    await run_chores(database)
    found = {row.id: (row.enabled, row.disabled_because) for row in scene.rows(tables.WebhookEndpoint)}
    assert found == {failing: (False, "failing"), healthy: (True, None)}


async def test_it_carries_recoveries_out(database: Database) -> None:
    scene = Scene.of(database)
    endpoint = scene.add_endpoint("http://127.0.0.1:9/", enabled=False, disabled_because="gone")
    scene.add_interviews(3, datetime.now(UTC) - SECOND)
    scene.announce()
    assert scene.states() == []
    with scene.begin() as session:
        columns = tables.WebhookEndpoint.__table__
        session.connection.execute(update(columns).values(enabled=True, disabled_because=None))
        start_recovery(session, endpoint, datetime.now(UTC) - DAY, datetime.now(UTC))
    await run_chores(database)
    assert scene.states() == ["open"] * 3
    (recovery,) = scene.rows(tables.Recovery)
    assert recovery.recovered == 3
    assert recovery.finished_at is not None


async def test_accounts_recover_in_turn_a_step_each(database: Database) -> None:
    large, small = Scene.of(database, "large"), Scene.of(database, "small")
    miss(large, 600, endpoints=2)
    miss(small, 1)
    async with taking_care(database) as caretaker:
        assert [await caretaker.recover() for _ in range(2)] == [0, 0]
        assert (sum(recovered(large)), recovered(small)) == (500, [1])
        while await caretaker.recover() == 0:
            pass
    assert recovered(large) == [600, 600]


async def test_nobody_waits_behind_a_recovery_that_fails(database: Database) -> None:
    scene, other = Scene.of(database, "one"), Scene.of(database, "other")
    broken, _ = miss(scene, 1, endpoints=2)
    miss(other, 1)
    break_endpoint(scene, broken)
    failed = 0
    async with taking_care(database) as caretaker:
        for _ in range(10):
            try:
                await caretaker.recover()
            except JSONDecodeError:
                failed += 1
    assert failed > 1
    assert (recovered(scene), recovered(other)) == ([0, 1], [1])


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)  # SQLite has one writer anyway
async def test_an_account_that_is_held_keeps_no_other_one_from_recovering(database: Database) -> None:
    held, other = Scene.of(database, "held"), Scene.of(database, "other")
    miss(held, 1)
    miss(other, 1)
    async with taking_care(database) as caretaker:
        with held.begin() as session:
            hold_lanes(session)
            started = time.monotonic()
            assert [await caretaker.recover() for _ in range(2)] == [0, 0]
            assert (recovered(held), recovered(other)) == ([0], [1])
            assert time.monotonic() - started < 5
        assert [await caretaker.recover() for _ in range(2)] == [0, LONGEST_SLEEP]
    assert recovered(held) == [1]


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_an_endpoint_that_is_held_keeps_no_other_one_from_being_disabled(database: Database) -> None:
    held, other = Scene.of(database, "held"), Scene.of(database, "other")
    for scene in (held, other):
        scene.add_endpoint("http://127.0.0.1:9/")
        with scene.begin() as session:
            values = {"failing_since": datetime.now(UTC) - 6 * DAY, "failed_at": datetime.now(UTC) - DAY}
            session.connection.execute(update(tables.Lane.__table__).values(values))
    async with taking_care(database) as caretaker:
        with held.begin() as session:
            hold_lanes(session)
            while await caretaker.step() == 0:
                pass
    assert [scene.rows(tables.WebhookEndpoint)[0].enabled for scene in (held, other)] == [True, False]


async def test_it_removes_what_is_old(database: Database) -> None:
    scene, now = Scene.of(database), datetime.now(UTC)
    scene.add_endpoint("http://127.0.0.1:9/", enabled=False)
    (young,) = scene.add_interviews(1, now - SECOND)
    scene.add_interviews(1, now - 31 * DAY, now - 32 * DAY)
    scene.announce()
    message = {"account_id": scene.account_id, "id": f"msg_{'0' * 32}", "type": "ping", "created_at": now - 31 * DAY}
    with scene.begin() as session:
        session.connection.execute(insert(tables.Message.__table__), message)
    await run_chores(database)
    assert [row.id for row in scene.rows(tables.Interview)] == [young]
    assert message["id"] not in {row.id for row in scene.rows(tables.Message)}
