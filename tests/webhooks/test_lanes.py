"""Who holds lanes, and who wakes them."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import pytest

from app.store.db import Database, Session
from app.store.tables import Lane, WebhookEndpoint
from app.webhooks.lanes import hold_lanes, wake
from tests.store.examples import NOW
from tests.webhooks.queues import HOUR, SECOND, Queue


@pytest.fixture
def queue(database: Database) -> Queue:
    return Queue(database)


def _wake(queue: Queue, endpoint_ids: list[str], at: datetime) -> None:
    with queue.database.begin() as connection:
        session = Session(connection, queue.account_id)
        hold_lanes(session)
        wake(session, endpoint_ids, at)


def test_all_lanes_of_the_account_are_held_with_their_endpoints(queue: Queue) -> None:
    ids = sorted(queue.add_endpoint(url=f"https://{name}.example.org/") for name in "abc")
    Queue(queue.database, "other").add_endpoint()
    with queue.database.begin() as connection:
        session = Session(connection, queue.account_id)
        held = hold_lanes(session)
        assert hold_lanes(session) == held
    assert [each.endpoint.id for each in held] == ids
    assert [each.lane.endpoint_id for each in held] == ids
    assert held[0].lane == queue.lane(ids[0])
    assert held[0].endpoint.created_at == NOW
    assert held[0].endpoint.enabled is True


def test_an_endpoint_wants_what_it_asked_for(queue: Queue) -> None:
    queue.add_endpoint(events='["follow_up.due","ping"]')
    queue.add_endpoint()
    with queue.database.begin() as connection:
        some, everything = sorted(
            hold_lanes(Session(connection, queue.account_id)), key=lambda each: each.endpoint.events is None
        )
    assert [some.wants(name) for name in ("follow_up.due", "ping", "plan.changed", "follow_up")] == [1, 1, 0, 0]
    assert everything.wants("plan.changed")


def test_a_lane_is_woken_at_the_earlier_moment(queue: Queue) -> None:
    first, second = queue.add_endpoint(), queue.add_endpoint()
    _wake(queue, [first], NOW + HOUR)
    assert queue.lane(first).next_at == NOW + HOUR
    _wake(queue, [first, second, first], NOW)
    assert [queue.lane(id).next_at for id in (first, second)] == [NOW, NOW]
    _wake(queue, [first], NOW + SECOND)
    assert queue.lane(first).next_at == NOW
    _wake(queue, [], NOW - HOUR)
    assert queue.lane(second).next_at == NOW


def test_the_lane_of_a_disabled_endpoint_is_not_woken(queue: Queue) -> None:
    endpoint = queue.add_endpoint(enabled=False)
    _wake(queue, [endpoint], NOW)
    assert queue.lane(endpoint).next_at is None


def test_no_lane_of_another_account_is_woken(queue: Queue) -> None:
    other = Queue(queue.database, "other")
    endpoint = other.add_endpoint()
    _wake(queue, [endpoint], NOW)
    assert other.lane(endpoint).next_at is None


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)  # SQLite has one writer anyway
def test_whoever_waited_for_a_lane_sees_what_became_of_its_endpoint(queue: Queue) -> None:
    endpoint = queue.add_endpoint()

    def hold() -> list[bool]:
        with queue.database.begin() as connection:
            return [each.endpoint.enabled for each in hold_lanes(Session(connection, queue.account_id))]

    with ThreadPoolExecutor() as pool:
        with queue.database.begin() as connection:
            hold_lanes(Session(connection, queue.account_id))
            waiting = pool.submit(hold)
            _until_somebody_waits(queue.database)
            connection.execute(WebhookEndpoint.__table__.update().values(enabled=False))
            connection.execute(Lane.__table__.update().values(next_at=None))
        assert waiting.result(timeout=20) == [False]
    assert queue.lane(endpoint).next_at is None


def _until_somebody_waits(database: Database) -> None:
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    with database.peek() as connection:
        while not connection.exec_driver_sql(waiting).scalar_one():
            pass
