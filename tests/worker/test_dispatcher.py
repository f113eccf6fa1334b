"""What a worker settles and leases in one step, and what it leaves for later."""

import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from app.store.db import Database, Session
from app.store.rows import EndpointRow
from app.webhooks.lanes import hold_lanes
from app.webhooks.leasing import Leased
from app.webhooks.settling import Outcome
from app.worker import settler
from app.worker.courier import Courier
from app.worker.dispatcher import Dispatcher
from app.worker.threads import Threads
from tests.webhooks.queues import DELIVERED, LIMITS, OK, Queue
from tests.worker.test_courier import settle_down


@pytest.fixture
def queue(database: Database) -> Queue:
    return Queue(database)


@pytest.fixture
def other(database: Database) -> Queue:
    return Queue(database, "other")


@pytest.fixture
def courier() -> Courier:
    return Courier(_receive, lambda: None, LIMITS.in_flight, LIMITS.per_account)


async def _receive(leased: Leased, endpoint: EndpointRow) -> Outcome | None:
    return Outcome(leased, OK, DELIVERED, endpoint.url)


@pytest.fixture
async def threads() -> AsyncIterator[Threads]:
    threads = Threads(1)
    yield threads
    await threads.close()


@pytest.fixture
def dispatcher(database: Database, courier: Courier, threads: Threads) -> Dispatcher:
    return Dispatcher("a", database, courier, LIMITS, threads)


async def test_what_came_back_is_settled_with_the_next_step(queue: Queue, dispatcher: Dispatcher) -> None:
    queue.add(queue.add_endpoint(), at=_now())
    await _take(dispatcher)
    assert _states(queue) == ["open"]
    await _take(dispatcher)
    assert _states(queue) == ["delivered"]


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)  # SQLite has one writer anyway
async def test_an_account_that_somebody_holds_keeps_no_other_one_waiting(
    queue: Queue, other: Queue, dispatcher: Dispatcher, courier: Courier, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settler, "REST", 0)
    late = queue.add(queue.add_endpoint(), at=_now())
    later = [Outcome(each, OK, DELIVERED) for each in queue.lease("a", _now()).deliveries]
    held = [id for _ in range(5) for id in queue.add(queue.add_endpoint(), at=_now())]
    endpoint = other.add_endpoint()
    done = other.add(endpoint, at=_now())
    await _take(dispatcher)
    with queue.database.begin() as connection:
        hold_lanes(Session(connection, queue.account_id))
        more = other.add(endpoint, 3, at=_now())
        await _take(dispatcher)
        assert _delivered(queue) == set(done)
        courier.keep(later, [])
        began = time.monotonic()
        await _take(dispatcher)
        assert time.monotonic() - began < 1
        assert _delivered(queue) == {*done, *more}
        dispatcher.stop()
        assert not dispatcher.is_over()
    await _take(dispatcher)
    assert _delivered(queue) == {*done, *more, *held, *late}
    assert len(queue.attempts()) == 10
    assert dispatcher.is_over()


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_an_account_that_somebody_holds_rests_for_a_while(
    queue: Queue, dispatcher: Dispatcher, caplog: pytest.LogCaptureFixture
) -> None:
    queue.add(queue.add_endpoint(), at=_now())
    await _take(dispatcher)
    with queue.database.begin() as connection:
        hold_lanes(Session(connection, queue.account_id))
        await _take(dispatcher)
    assert f"account {queue.account_id} cannot be settled now" in caplog.text
    await _take(dispatcher)
    assert _states(queue) == ["open"]


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)  # SQLite keeps any text
async def test_what_cannot_be_written_down_keeps_nothing_else_from_it(
    queue: Queue, database: Database, threads: Threads, caplog: pytest.LogCaptureFixture
) -> None:
    endpoint = queue.add_endpoint()
    broken, *others = queue.add(endpoint, 3, at=_now())

    async def send(leased: Leased, endpoint: EndpointRow) -> Outcome:
        answer = OK._replace(body="\0") if leased.delivery_id == broken else OK
        return Outcome(leased, answer, DELIVERED, endpoint.url)

    dispatcher = Dispatcher("a", database, Courier(send, lambda: None, 10, 50), LIMITS, threads)
    await _take(dispatcher)
    await _take(dispatcher)
    assert _delivered(queue) == set(others)
    assert f"What came of delivery {broken} could not be settled" in caplog.text


async def _take(dispatcher: Dispatcher) -> None:
    """Take a step, and have what it leased delivered."""
    await dispatcher.step()
    await settle_down()


def _now() -> datetime:
    return datetime.now(UTC)


def _states(queue: Queue) -> list[str]:
    return [each.state for each in queue.deliveries()]


def _delivered(queue: Queue) -> set[str]:
    return {each.id for each in queue.deliveries() if each.state == "delivered"}
