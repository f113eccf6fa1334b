"""What a worker does now and then."""

from datetime import UTC, datetime, timedelta

from prometheus_client import REGISTRY
from sqlalchemy import update

from app.store import tables
from app.store.db import Database
from app.webhooks.recovery import start_recovery
from app.worker.alarms import Alarm
from app.worker.caretaker import Caretaker
from app.worker.threads import Threads
from tests.faults.scenes import Scene

SECOND, DAY = timedelta(seconds=1), timedelta(days=1)


async def run_chores(database: Database) -> None:
    """Every chore once, and recoveries to their end."""
    threads = Threads(1)
    caretaker = Caretaker(database, disable_after=5 * DAY, keep_for=30 * DAY, threads=threads, deliveries=Alarm())
    while await caretaker.step() == 0 or await caretaker.recover() == 0:
        pass
    await threads.close()


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


async def test_it_removes_what_is_old(database: Database) -> None:
    scene = Scene.of(database)
    endpoint = scene.add_endpoint("http://127.0.0.1:9/", enabled=False)
    scene.add_interviews(2, datetime.now(UTC) - SECOND)
    scene.announce()
    assert endpoint
    assert len(scene.rows(tables.Message)) == 2
    with scene.begin() as session:
        table = tables.Message.__table__
        first = scene.rows(tables.Message)[0].id
        session.connection.execute(
            update(table)
            .where(table.c.id == first)
            .values(created_at=datetime.now(UTC) - 31 * DAY, id=f"msg_{'0' * 32}")
        )
    await run_chores(database)
    assert len(scene.rows(tables.Message)) == 1
