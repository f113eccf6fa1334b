"""What is written down of leased deliveries, and what of their lanes."""

from datetime import timedelta

import pytest

from app.store.db import Database, Session
from app.store.tables import Lane, WebhookEndpoint
from app.webhooks.leasing import Leased
from app.webhooks.outbox import cancel_pending
from app.webhooks.recovery import retry_delivery
from app.webhooks.retry import LOST, Verdict
from app.webhooks.settling import APART, Outcome, failing, settle
from tests.store.examples import NOW
from tests.webhooks.queues import DELIVERED, FAILED, HOUR, LIMITS, OK, REFUSED, SECOND, Queue

AGAIN = Verdict("open", NOW + HOUR)
FIVE_DAYS = timedelta(days=5)
URL = "https://example.org/"
"""Where every endpoint is."""


@pytest.fixture
def queue(database: Database) -> Queue:
    return Queue(database)


@pytest.fixture
def leased(queue: Queue) -> Leased:
    queue.add(queue.add_endpoint())
    (leased,) = queue.lease().deliveries
    return leased


def test_what_was_received_is_closed_and_logged(queue: Queue, leased: Leased) -> None:
    outcome = Outcome(leased, OK, DELIVERED)
    settled = queue.settle("a", [outcome], NOW + SECOND)
    assert settled == ((outcome,), ())
    delivery = queue.delivery(leased.delivery_id)
    assert (delivery.state, delivery.attempts, delivery.settled_at) == ("delivered", 1, NOW + SECOND)
    (attempt,) = queue.attempts()
    assert attempt[:3] == (queue.account_id, leased.delivery_id, 1)
    assert (attempt.started_at, attempt.milliseconds, attempt.status, attempt.failure) == (NOW, 12, 200, None)
    assert (attempt.body, attempt.truncated) == ("fine", False)
    assert queue.pending() == []
    assert queue.lane(leased.endpoint_id).next_at is None


def test_what_is_to_be_tried_again_waits_among_the_retries(queue: Queue, leased: Leased) -> None:
    assert queue.settle("a", [Outcome(leased, REFUSED, AGAIN)]).late == ()
    (row,) = queue.pending()
    assert (row.claim, row.retry, row.available_at, row.tries) == (None, True, AGAIN.available_at, 1)
    delivery = queue.delivery(leased.delivery_id)
    assert (delivery.state, delivery.attempts, delivery.settled_at) == ("open", 1, None)
    assert queue.lane(leased.endpoint_id).next_at == AGAIN.available_at
    (again,) = queue.lease(now=NOW + HOUR).deliveries
    assert (again.tries, again.expired) == (2, False)
    queue.settle("a", [Outcome(again, REFUSED, FAILED)], NOW + HOUR)
    assert [(each.number, each.status) for each in queue.attempts()] == [(1, 500), (2, 500)]
    assert queue.delivery(leased.delivery_id).state == "failed"
    assert queue.pending() == []


def test_many_are_settled_at_once(queue: Queue) -> None:
    endpoints = [queue.add_endpoint() for _ in range(3)]
    for endpoint in endpoints:
        queue.add(endpoint, 12)
    taken = queue.lease().deliveries
    verdicts = [DELIVERED, AGAIN, FAILED]
    outcomes = [
        Outcome(each, OK if place % 3 == 0 else REFUSED, verdicts[place % 3]) for place, each in enumerate(taken)
    ]
    assert queue.settle("a", outcomes).counted == tuple(outcomes)
    states = [each.state for each in queue.deliveries()]
    assert [states.count(name) for name in ("delivered", "open", "failed")] == [12, 12, 12]
    assert len(queue.attempts()) == 36


def test_nothing_to_settle_is_settled(queue: Queue) -> None:
    assert queue.settle("a", []) == ((), ())


@pytest.mark.parametrize("verdict", [DELIVERED, AGAIN, FAILED])
def test_a_late_worker_changes_nothing(queue: Queue, leased: Leased, verdict: Verdict) -> None:
    """It was frozen past its lease, and another has the delivery."""
    (other,) = queue.lease("b", leased.until).deliveries
    before = queue.pending()
    outcome = Outcome(leased, OK, verdict)
    assert queue.settle("a", [outcome], leased.until) == ((), (outcome,))
    assert queue.pending() == before
    assert queue.attempts() == []
    assert queue.deliver([other], "b", leased.until).late == ()
    assert queue.settle("a", [outcome], leased.until).counted == ()
    assert len(queue.attempts()) == 1


def test_a_worker_that_leased_it_again_settles_the_later_lease_alone(queue: Queue, leased: Leased) -> None:
    (again,) = queue.lease("a", leased.until).deliveries
    outcomes = [Outcome(leased, REFUSED, FAILED), Outcome(again, OK, DELIVERED)]
    assert queue.settle("a", outcomes, leased.until) == ((outcomes[1],), (outcomes[0],))
    assert queue.delivery(leased.delivery_id).state == "delivered"


@pytest.mark.parametrize("verdict", [DELIVERED, AGAIN, FAILED])
def test_an_attempt_from_before_somebody_asked_for_another_settles_nothing_of_the_later_one(
    queue: Queue, leased: Leased, verdict: Verdict
) -> None:
    """It was cancelled in flight and sent again from its first try on, by the same worker at the same instant."""
    with queue.database.begin() as connection:
        session = Session(connection, queue.account_id)
        cancel_pending(session, leased.endpoint_id, NOW)
        retry_delivery(session, leased.delivery_id, NOW)
    (again,) = queue.lease().deliveries
    assert (again.tries, again.until) == (leased.tries, leased.until)
    outcomes = [Outcome(leased, OK, verdict), Outcome(again, REFUSED, AGAIN)]
    assert queue.settle("a", outcomes[:1]) == ((), (outcomes[0],))
    assert queue.settle("a", outcomes) == ((outcomes[1],), (outcomes[0],))
    assert [each.status for each in queue.attempts()] == [500]


@pytest.mark.parametrize("verdict", [DELIVERED, AGAIN, FAILED])
def test_what_was_cancelled_meanwhile_stays_so(queue: Queue, leased: Leased, verdict: Verdict) -> None:
    with queue.database.begin() as connection:
        cancel_pending(Session(connection, queue.account_id), leased.endpoint_id, NOW)
    assert queue.settle("a", [Outcome(leased, OK, verdict)]).counted == ()
    assert queue.delivery(leased.delivery_id).state == "cancelled"
    assert queue.attempts() == []


def test_what_nobody_came_back_with_is_logged_as_lost(queue: Queue, leased: Leased) -> None:
    queue.settle("a", [Outcome(leased, None, LOST)], NOW + SECOND)
    (attempt,) = queue.attempts()
    assert (attempt.failure, attempt.milliseconds, attempt.status) == ("lost", 0, None)
    assert attempt.started_at == NOW + SECOND
    assert queue.delivery(leased.delivery_id).state == "failed"
    assert queue.lane(leased.endpoint_id).failing_since is None


def test_a_payload_of_ours_is_no_fault_of_the_receiver(queue: Queue, leased: Leased) -> None:
    answer = OK._replace(status=None, failure="payload", body=None)
    queue.settle("a", [Outcome(leased, answer, AGAIN, URL)])
    assert queue.lane(leased.endpoint_id).failing_since is None


def test_any_text_that_was_answered_is_kept(queue: Queue, leased: Leased) -> None:
    body = "\x01\u2028 \U0001f600 é \"' \\u0000 %s :now {given} " + "x" * 16_000
    queue.settle("a", [Outcome(leased, OK._replace(body=body), DELIVERED)])
    assert queue.attempts()[0].body == body


def test_a_lane_remembers_since_when_it_fails(queue: Queue) -> None:
    endpoint = queue.add_endpoint()
    queue.add(endpoint, 5)
    taken = queue.lease().deliveries
    slow = REFUSED._replace(status=None, failure="timeout")
    queue.settle("a", [Outcome(taken[0], slow, AGAIN._replace(throttles=True), URL)], NOW)
    lane = queue.lane(endpoint)
    assert (lane.throttled, lane.failing_since, lane.failed_at) == (True, NOW, NOW)
    queue.settle("a", [Outcome(taken[1], REFUSED, AGAIN, URL)], NOW + SECOND)
    lane = queue.lane(endpoint)
    assert (lane.throttled, lane.failing_since, lane.failed_at) == (True, NOW, NOW + SECOND)
    queue.settle("a", [Outcome(taken[2], OK, DELIVERED, URL)], NOW + 2 * SECOND)
    lane = queue.lane(endpoint)
    assert (lane.throttled, lane.failing_since) == (False, None)
    outcomes = [Outcome(taken[3], OK, DELIVERED, URL), Outcome(taken[4], REFUSED, AGAIN, URL)]
    queue.settle("a", outcomes, NOW + 3 * SECOND)
    assert queue.lane(endpoint).failing_since == NOW + 3 * SECOND


def test_what_an_old_address_says_is_no_word_of_the_new_one(queue: Queue) -> None:
    """The owner moved the endpoint while requests were under way."""
    endpoint = queue.add_endpoint()
    queue.add(endpoint, 2)
    timed_out, received = queue.lease().deliveries
    queue.change(WebhookEndpoint.__table__, endpoint, url="https://example.org/moved")
    slow = REFUSED._replace(status=None, failure="timeout")
    settled = queue.settle("a", [Outcome(timed_out, slow, AGAIN._replace(throttles=True), URL)])
    assert len(settled.counted) == 1
    assert queue.lane(endpoint)[3:] == (False, None, None)
    queue.change(Lane.__table__, endpoint, throttled=True, failing_since=NOW, failed_at=NOW)
    queue.settle("a", [Outcome(received, OK, DELIVERED, URL)])
    assert queue.lane(endpoint)[3:] == (True, NOW, NOW)


def test_a_late_failure_says_nothing_about_the_receiver(queue: Queue, leased: Leased) -> None:
    queue.lease("b", leased.until)
    queue.settle("a", [Outcome(leased, REFUSED, AGAIN._replace(throttles=True), URL)], leased.until)
    lane = queue.lane(leased.endpoint_id)
    assert (lane.throttled, lane.failing_since) == (False, None)


def test_a_lane_with_more_that_is_due_wakes_at_once(queue: Queue) -> None:
    endpoint = queue.add_endpoint()
    queue.add(endpoint, 30)
    taken = queue.lease().deliveries
    assert queue.lane(endpoint).next_at == NOW + LIMITS.lease
    queue.deliver(taken[:1], now=NOW + SECOND)
    assert queue.lane(endpoint).next_at == NOW + SECOND


def test_the_lane_of_a_disabled_endpoint_sleeps_on(queue: Queue) -> None:
    endpoint = queue.add_endpoint()
    queue.add(endpoint, 30)
    taken = queue.lease().deliveries
    queue.change(WebhookEndpoint.__table__, endpoint, enabled=False)
    queue.change(Lane.__table__, endpoint, next_at=None)
    assert len(queue.deliver(taken).counted) == 20
    assert queue.lane(endpoint).next_at is None
    assert queue.lease(now=NOW + HOUR).deliveries == ()
    assert len(queue.pending()) == 10


def test_what_is_released_was_never_taken(queue: Queue) -> None:
    queue.add(queue.add_endpoint(), 3)
    before = queue.pending()
    taken = queue.lease().deliveries
    with queue.database.begin() as connection:
        settle(connection, "a", (), NOW + SECOND, taken)
    assert queue.pending() == before
    again = queue.lease("b", NOW + SECOND).deliveries
    assert [(each.delivery_id, each.tries) for each in again] == [(each.delivery_id, 1) for each in taken]


def test_only_a_lease_of_ones_own_is_released(queue: Queue, leased: Leased) -> None:
    (other,) = queue.lease("b", leased.until).deliveries
    before = queue.pending()
    with queue.database.begin() as connection:
        settle(connection, "a", (), leased.until, [leased])
    assert queue.pending() == before
    assert queue.deliver([other], "b", leased.until).late == ()


def test_settling_and_releasing_go_together(queue: Queue) -> None:
    endpoint = queue.add_endpoint()
    queue.add(endpoint, 2)
    first, second = queue.lease().deliveries
    with queue.database.begin() as connection:
        settle(connection, "a", [Outcome(first, OK, DELIVERED)], NOW + SECOND, [second])
    (row,) = queue.pending()
    assert (row.delivery_id, row.claim, row.tries) == (second.delivery_id, None, 0)
    assert queue.lane(endpoint).next_at == NOW + SECOND


@pytest.mark.parametrize(
    ("since", "latest", "count"),
    [
        (FIVE_DAYS, timedelta(0), 1),
        (FIVE_DAYS, FIVE_DAYS - APART, 1),
        (FIVE_DAYS, FIVE_DAYS - APART + SECOND, 0),  # twice in a row, and nothing since
        (FIVE_DAYS, FIVE_DAYS, 0),  # once
        (FIVE_DAYS - SECOND, timedelta(0), 0),
        (None, timedelta(0), 0),
    ],
)
def test_an_endpoint_is_failing_after_five_days_without_success(
    queue: Queue, since: timedelta | None, latest: timedelta, count: int
) -> None:
    endpoint = queue.add_endpoint()
    queue.add_endpoint()
    queue.change(Lane.__table__, endpoint, failing_since=since and NOW - since, failed_at=NOW - latest)
    with queue.database.read() as connection:
        assert [row.endpoint_id for row in failing(connection, NOW, FIVE_DAYS)] == [endpoint] * count


def test_an_endpoint_that_is_disabled_fails_no_more(queue: Queue) -> None:
    endpoint = queue.add_endpoint(enabled=False)
    queue.change(Lane.__table__, endpoint, failing_since=NOW - FIVE_DAYS, failed_at=NOW)
    with queue.database.read() as connection:
        assert failing(connection, NOW, FIVE_DAYS) == ()
