"""What a worker does now and then."""

from datetime import UTC, datetime, timedelta

from prometheus_client import REGISTRY
from sqlalchemy import insert, update

from app.store import tables
from app.store.db import Database
from app.webhooks.recovery import start_recovery
from app.worker.alarms import Alarm
from app.worker.caretaker import Caretaker
from app.worker.forgetting import Forgetter
from app.worker.threads import Threads
from tests.faults.scenes import POLICIES, Scene

SECOND, DAY = timedelta(seconds=1), timedelta(days=1)


async def run_chores(database: Database) -> None:
    """Every chore once, and recoveries to their end."""
    threads = Threads(1)
    forgetter = Forgetter(database, POLICIES, log_for=30 * DAY, retention_days=30)
    caretaker = Caretaker(database, forgetter, disable_after=5 * DAY, threads=threads, deliveries=Alarm())
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
