"""What an endpoint missed is sent again, once."""

from datetime import datetime

import pytest

from app.store.db import Database, Session
from app.store.find import NotFound
from app.store.rows import MessageRow, RecoveryRow
from app.store.tables import Delivery, Lane, Message, Recovery, WebhookEndpoint
from app.webhooks.lanes import hold_lanes
from app.webhooks.outbox import News, cancel, disable, forget, publish, publish_to
from app.webhooks.recovery import Unsendable, list_unfinished, recover_some, retry_delivery, start_recovery
from app.webhooks.settling import Outcome
from tests.store.examples import NOW
from tests.webhooks.queues import FAILED, HOUR, REFUSED, SECOND, Queue

LATER = NOW + HOUR


@pytest.fixture
def queue(database: Database) -> Queue:
    return Queue(database)


@pytest.fixture
def endpoint(queue: Queue) -> str:
    return queue.add_endpoint()


def _fail_all(queue: Queue) -> None:
    while taken := queue.lease().deliveries:
        queue.settle("a", [Outcome(each, REFUSED, FAILED) for each in taken])


def _start(queue: Queue, endpoint_id: str, since: datetime = NOW) -> RecoveryRow:
    with queue.database.begin() as connection:
        return start_recovery(Session(connection, queue.account_id), endpoint_id, since, LATER)


def _recover(queue: Queue, most: int = 500) -> int | None:
    """One step of the oldest that is under way, None if there is none."""
    with queue.database.begin() as connection:
        ids = list_unfinished(connection).get(queue.account_id)
        return recover_some(Session(connection, queue.account_id), ids[0], LATER, most) if ids else None


def _recoveries(queue: Queue) -> list[RecoveryRow]:
    return queue.rows(Recovery.__table__, RecoveryRow)


def _retry(queue: Queue, delivery_id: str) -> None:
    with queue.database.begin() as connection:
        retry_delivery(Session(connection, queue.account_id), delivery_id, LATER)


def _publish(queue: Queue, news: News) -> MessageRow:
    with queue.database.begin() as connection:
        publish(Session(connection, queue.account_id), [news], NOW)
    row: MessageRow = queue.rows(Message.__table__, MessageRow)[-1]
    return row


def test_what_failed_since_then_is_sent_again_once(queue: Queue, endpoint: str) -> None:
    before = queue.add(endpoint, 2, at=NOW - SECOND)
    ids = queue.add(endpoint, 3)
    _fail_all(queue)
    since = NOW - HOUR.resolution * 2
    row = _start(queue, endpoint, since)
    assert (row.since, row.recovered, row.finished_at) == (since, 0, None)
    assert _recover(queue) == 3
    assert [(each.id, each.state) for each in queue.deliveries() if each.id in before] == [
        (id, "failed") for id in before
    ]
    pending = queue.pending()
    assert [each.delivery_id for each in pending] == ids
    assert {(each.retry, each.tries, each.available_at, each.claim) for each in pending} == {(True, 0, LATER, None)}
    assert queue.lane(endpoint).next_at == LATER
    assert _recoveries(queue)[0].finished_at == LATER
    assert _recoveries(queue)[0].recovered == 3
    assert _recover(queue) is None


def test_what_is_sent_again_begins_anew_and_its_attempts_are_counted_on(queue: Queue, endpoint: str) -> None:
    (id,) = queue.add(endpoint)
    _fail_all(queue)
    _start(queue, endpoint)
    _recover(queue)
    (leased,) = queue.lease(now=LATER).deliveries
    assert (leased.tries, leased.delivery_id) == (1, id)
    queue.deliver([leased], now=LATER)
    assert [(each.number, each.status) for each in queue.attempts()] == [(1, 500), (2, 200)]
    assert queue.delivery(id).state == "delivered"


def test_what_arrived_or_is_on_its_way_is_not_sent_again(queue: Queue, endpoint: str) -> None:
    queue.add(endpoint, 2)
    queue.deliver(queue.lease(most=1).deliveries)
    queue.lease(most=1)
    before = queue.pending()
    _start(queue, endpoint, NOW - HOUR)
    assert _recover(queue) == 0
    assert queue.pending() == before


def test_what_was_never_sent_to_it_is_sent_if_it_asks_for_it(queue: Queue) -> None:
    endpoint, other = queue.add_endpoint(events='["plan.changed"]'), queue.add_endpoint()
    messages = [queue.message(NOW), queue.message(NOW, type="follow_up.missed"), queue.message(NOW, type="ping")]
    queue.keep(messages)
    _start(queue, endpoint)
    assert _recover(queue) == 1
    assert [each.message_id for each in queue.pending()] == [messages[0].id]
    _start(queue, other)
    assert _recover(queue) == 2
    assert [each.endpoint_id for each in queue.deliveries()].count(other) == 2


def test_a_ping_is_between_us_and_its_endpoint(queue: Queue, endpoint: str) -> None:
    with queue.database.begin() as connection:
        publish_to(Session(connection, queue.account_id), endpoint, News("ping", {}), NOW)
    _start(queue, queue.add_endpoint())
    assert _recover(queue) == 0


def test_what_was_cancelled_with_its_endpoint_is_sent_when_that_is_back(queue: Queue, endpoint: str) -> None:
    queue.add(endpoint, 2)
    with queue.database.begin() as connection:
        disable(Session(connection, queue.account_id), endpoint, "failing", NOW)
    assert {each.state for each in queue.deliveries()} == {"cancelled"}
    queue.change(WebhookEndpoint.__table__, endpoint, enabled=True, disabled_because=None)
    _start(queue, endpoint, NOW - HOUR)
    assert _recover(queue) == 2
    assert len(queue.lease(now=LATER).deliveries) == 2


def test_what_waits_for_a_disabled_endpoint_is_held(queue: Queue, endpoint: str) -> None:
    queue.add(endpoint)
    _fail_all(queue)
    with queue.database.begin() as connection:
        disable(Session(connection, queue.account_id), endpoint, "owner", NOW)
    _start(queue, endpoint)
    assert _recover(queue) == 1
    assert queue.lane(endpoint).next_at is None
    assert queue.lease(now=LATER).deliveries == ()


def test_what_is_not_due_any_more_is_not_told_again(queue: Queue, endpoint: str) -> None:
    for number in range(2):
        _publish(queue, News("follow_up.due", {}, f"int_{number}", f"fu_{number}", NOW))
    _fail_all(queue)
    with queue.database.begin() as connection:
        cancel(Session(connection, queue.account_id), ["fu_0"], NOW)
    _start(queue, endpoint)
    assert _recover(queue) == 1


def test_what_was_forgotten_is_not_sent_again(queue: Queue, endpoint: str) -> None:
    _publish(queue, News("plan.changed", {}, "int_0"))
    _fail_all(queue)
    with queue.database.begin() as connection:
        forget(Session(connection, queue.account_id), ["int_0"], NOW)
    _start(queue, endpoint)
    assert _recover(queue) == 0
    with pytest.raises(Unsendable, match="forgotten"):
        _retry(queue, queue.deliveries()[0].id)


def test_a_recovery_goes_in_steps_and_a_crash_costs_one(queue: Queue, endpoint: str) -> None:
    ids = queue.add(endpoint, 10)
    _fail_all(queue)
    _start(queue, endpoint, NOW - HOUR)
    assert _recover(queue, 4) == 4
    id, after = _recoveries(queue)[0].id, _recoveries(queue)[0].after
    with pytest.raises(ZeroDivisionError), queue.database.begin() as connection:  # noqa: PT012 - it ends the transaction
        assert recover_some(Session(connection, queue.account_id), id, LATER, 4) == 4
        raise ZeroDivisionError
    assert _recoveries(queue)[0].after == after
    assert len(queue.pending()) == 4
    queue.deliver(queue.lease(now=LATER).deliveries, now=LATER)
    assert [_recover(queue, 4) for _ in range(3)] == [4, 2, None]
    queue.deliver(queue.lease(now=LATER).deliveries, now=LATER)
    assert [each.id for each in queue.deliveries() if each.attempts == 2] == ids
    assert _recoveries(queue)[0].recovered == 10


def test_what_is_published_meanwhile_is_no_part_of_it(queue: Queue, endpoint: str) -> None:
    queue.add(endpoint)
    _fail_all(queue)
    _start(queue, endpoint)
    queue.add(endpoint, at=LATER)
    assert _recover(queue) == 1


def test_an_endpoint_has_one_recovery_at_a_time_and_the_others_have_their_own(queue: Queue, endpoint: str) -> None:
    queue.add(endpoint, 3)
    _fail_all(queue)
    first = _start(queue, endpoint, NOW - HOUR)
    assert _start(queue, endpoint, NOW) == first
    other = _start(queue, queue.add_endpoint(events='["ping"]'))
    assert {row.id for row in _recoveries(queue)} == {first.id, other.id}
    assert {_recover(queue), _recover(queue)} == {3, 0}
    assert _recover(queue) is None
    assert _start(queue, endpoint, NOW - HOUR).id not in {first.id, other.id}


def test_asked_for_more_a_recovery_goes_back_and_on_until_now(queue: Queue, endpoint: str) -> None:
    queue.add(endpoint, at=NOW - HOUR)
    queue.add(endpoint, 4)
    _fail_all(queue)
    row = _start(queue, endpoint, NOW - SECOND)
    assert _recover(queue, 2) == 2
    queue.keep([queue.message(LATER)])
    wider = _start(queue, endpoint, NOW - 2 * HOUR)
    assert wider == _recoveries(queue)[0]
    assert (wider.id, wider.since, wider.recovered) == (row.id, NOW - 2 * HOUR, 2)
    assert (wider.created_at, wider.finished_at) == (row.created_at, None)
    while _recover(queue, 2) is not None:
        pass
    assert {each.message_id for each in queue.pending()} == {
        each.id for each in queue.rows(Message.__table__, MessageRow)
    }
    assert _recoveries(queue)[0].recovered == 6


def test_asked_for_again_a_recovery_sends_what_failed_behind_it(queue: Queue, endpoint: str) -> None:
    ids = queue.add(endpoint, 4)
    _fail_all(queue)
    _start(queue, endpoint, NOW - HOUR)
    assert _recover(queue, 2) == 2
    queue.settle("a", [Outcome(each, REFUSED, FAILED) for each in queue.lease(now=LATER).deliveries], LATER)
    assert [queue.delivery(id).state for id in ids] == ["failed"] * 4
    assert _start(queue, endpoint, NOW - HOUR).recovered == 2
    assert [_recover(queue), _recover(queue)] == [4, None]


def test_a_step_of_a_recovery_that_is_over_does_nothing(queue: Queue, endpoint: str) -> None:
    queue.add(endpoint)
    _fail_all(queue)
    row = _start(queue, endpoint)
    assert _recover(queue) == 1
    with queue.database.begin() as connection:
        assert recover_some(Session(connection, queue.account_id), row.id, LATER) == 0
    assert _recoveries(queue)[0].recovered == 1


def test_a_recovery_without_messages_ends(queue: Queue, endpoint: str) -> None:
    _start(queue, endpoint)
    assert [_recover(queue), _recover(queue)] == [0, None]


def test_only_an_endpoint_of_the_account_recovers(queue: Queue, endpoint: str) -> None:
    with pytest.raises(NotFound):
        _start(Queue(queue.database, "other"), endpoint)


@pytest.mark.parametrize("state", ["failed", "cancelled", "delivered"])
def test_a_settled_delivery_is_sent_once_more(queue: Queue, endpoint: str, state: str) -> None:
    (id,) = queue.add(endpoint)
    _fail_all(queue)
    queue.change(Delivery.__table__, id, state=state)
    _retry(queue, id)
    delivery = queue.delivery(id)
    assert (delivery.state, delivery.settled_at, delivery.attempts) == ("open", None, 1)
    assert queue.pending()[0].retry
    (leased,) = queue.lease(now=LATER).deliveries
    assert (leased.delivery_id, leased.tries) == (id, 1)


def test_a_delivery_that_waits_has_its_turn_now(queue: Queue, endpoint: str) -> None:
    (id,) = queue.add(endpoint, at=LATER + HOUR, retry=True)
    _retry(queue, id)
    assert queue.lane(endpoint).next_at == LATER
    (row,) = queue.pending()
    assert (row.available_at, row.tries) == (LATER, 0)
    assert len(queue.lease(now=LATER).deliveries) == 1


def test_a_delivery_that_is_under_way_stays_so(queue: Queue, endpoint: str) -> None:
    (id,) = queue.add(endpoint, at=LATER)
    taken = queue.lease(now=LATER).deliveries
    before = queue.pending()
    _retry(queue, id)
    assert queue.pending() == before
    assert len(queue.deliver(taken, now=LATER).counted) == 1


def test_nothing_is_sent_to_an_endpoint_that_is_deleted(queue: Queue, endpoint: str) -> None:
    (id,) = queue.add(endpoint)
    _fail_all(queue)
    with queue.database.begin() as connection:
        hold_lanes(Session(connection, queue.account_id))
        for table, column in ((Lane, "endpoint_id"), (WebhookEndpoint, "id")):
            connection.execute(table.__table__.delete().where(table.__table__.c[column] == endpoint))
    with pytest.raises(Unsendable, match="deleted"):
        _retry(queue, id)


@pytest.mark.parametrize("id", ["", "x", f"dlv_{'0' * 32}"])
def test_only_a_delivery_of_the_account_is_sent_again(queue: Queue, endpoint: str, id: str) -> None:
    (own,) = queue.add(endpoint)
    with pytest.raises(NotFound):
        _retry(queue, id)
    with pytest.raises(NotFound):
        _retry(Queue(queue.database, "other"), own)


def test_a_recovery_ends_with_its_endpoint(queue: Queue, endpoint: str) -> None:
    _start(queue, endpoint)
    with queue.database.begin() as connection:
        connection.execute(WebhookEndpoint.__table__.delete())
    assert _recover(queue) is None
