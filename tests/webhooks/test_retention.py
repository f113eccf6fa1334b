"""Messages past their retention go, and nothing that somebody still waits for."""

import pytest

from app.store.db import Database
from app.store.rows import MessageRow
from app.store.tables import Message
from app.webhooks.retention import remove_old
from app.webhooks.settling import Outcome
from tests.store.examples import NOW
from tests.webhooks.queues import FAILED, HOUR, REFUSED, SECOND, Queue


@pytest.fixture
def queue(database: Database) -> Queue:
    return Queue(database)


def _remove(queue: Queue, most: int = 1000) -> int:
    with queue.database.begin() as connection:
        return remove_old(connection, NOW, most)


def test_old_messages_go_with_their_deliveries_and_attempts(queue: Queue) -> None:
    endpoint = queue.add_endpoint()
    queue.add(endpoint, 3, at=NOW - HOUR)
    (young,) = queue.add(endpoint)
    first, *others = queue.lease().deliveries
    queue.deliver(others)
    queue.settle("a", [Outcome(first, REFUSED, FAILED)])
    assert _remove(queue) == 3
    assert [each.id for each in queue.deliveries()] == [young]
    assert [each.delivery_id for each in queue.attempts()] == [young]
    assert len(queue.rows(Message.__table__, MessageRow)) == 1
    assert _remove(queue) == 0


def test_what_somebody_waits_for_stays(queue: Queue) -> None:
    (id,) = queue.add(queue.add_endpoint(), at=NOW - HOUR)
    queue.keep([queue.message(NOW - HOUR)])
    assert _remove(queue) == 1
    assert [each.delivery_id for each in queue.pending()] == [id]


def test_the_boundary_is_exact(queue: Queue) -> None:
    resolution = NOW.resolution
    kept = [queue.message(at) for at in (NOW, NOW + resolution, NOW + SECOND)]
    queue.keep([queue.message(at) for at in (NOW - SECOND, NOW - resolution)] + kept)
    assert _remove(queue) == 2
    assert queue.rows(Message.__table__, MessageRow) == sorted(kept)


def test_they_go_in_batches(queue: Queue) -> None:
    queue.keep([queue.message(NOW - HOUR) for _ in range(7)])
    other = Queue(queue.database, "other")
    other.keep([other.message(NOW - HOUR) for _ in range(3)])
    assert [_remove(queue, 4) for _ in range(4)] == [4, 4, 2, 0]


def test_all_accounts_have_their_turn(queue: Queue) -> None:
    for name in ("one", "two", "three"):
        other = Queue(queue.database, name)
        other.keep([other.message(NOW - HOUR)])
    assert _remove(queue) == 3


def test_what_waits_stands_in_nobodys_way(queue: Queue) -> None:
    waiting = queue.add(queue.add_endpoint(), 7, at=NOW - HOUR)
    queue.keep([queue.message(NOW - SECOND) for _ in range(3)])
    other = Queue(queue.database, "other")
    other.keep([other.message(NOW - HOUR)])
    assert sum(_remove(queue, 2) for _ in range(4)) == 4
    assert _remove(queue, 2) == 0
    assert [each.delivery_id for each in queue.pending()] == waiting


def test_a_message_that_is_removed_was_settled(queue: Queue) -> None:
    queue.add(queue.add_endpoint(), at=NOW - HOUR)
    taken = queue.lease().deliveries
    assert _remove(queue) == 0
    assert len(queue.deliver(taken).counted) == 1
    assert _remove(queue) == 1
