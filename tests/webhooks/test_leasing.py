"""What a worker takes out of the lanes, in which order, and when the lanes are looked into again."""

from datetime import timedelta

import pytest

from app.store.db import Database, Session
from app.store.tables import Lane
from app.webhooks.lanes import hold_lanes
from app.webhooks.leasing import LANES, claim_of, lease, next_moment
from app.webhooks.settling import Outcome, settle
from tests.store.examples import NOW
from tests.webhooks.queues import DELIVERED, HOUR, LIMITS, OK, SECOND, Queue


@pytest.fixture
def queue(database: Database) -> Queue:
    return Queue(database)


def test_a_leased_delivery_has_its_message_and_its_endpoint(queue: Queue) -> None:
    endpoint = queue.add_endpoint(url="https://example.org/hook", include_email=True)
    (id,) = queue.add(endpoint)
    taken = queue.lease(now=NOW + SECOND)
    (leased,) = taken.deliveries
    assert (leased.delivery_id, leased.endpoint_id, leased.account_id) == (id, endpoint, queue.account_id)
    assert (leased.type, leased.payload, leased.follow_up_id) == ("plan.changed", '{"a":1}', None)
    assert (leased.tries, leased.expired) == (1, False)
    assert (leased.available_at, leased.until) == (NOW, NOW + SECOND + LIMITS.lease)
    assert taken.endpoints[endpoint].url == "https://example.org/hook"
    assert taken.endpoints[endpoint].include_email is True
    assert taken.throttled == frozenset()
    (row,) = queue.pending()
    assert (row.claim, row.tries, row.available_at) == (claim_of("a", leased.token), 1, leased.until)


def test_what_is_leased_is_not_taken_again_before_its_lease_ends(queue: Queue) -> None:
    queue.add(queue.add_endpoint())
    (first,) = queue.lease().deliveries
    assert queue.lease("b", first.until - SECOND).deliveries == ()
    (again,) = queue.lease("b", first.until).deliveries
    assert (again.delivery_id, again.tries, again.expired) == (first.delivery_id, 2, True)


def test_nothing_is_taken_before_its_turn(queue: Queue) -> None:
    endpoint = queue.add_endpoint()
    queue.add(endpoint, at=NOW + HOUR)
    assert queue.lease().deliveries == ()
    assert queue.lane(endpoint).next_at == NOW + HOUR
    with queue.database.peek() as connection:
        assert next_moment(connection) == NOW + HOUR


def test_nothing_comes_next_where_nothing_waits(queue: Queue) -> None:
    queue.add_endpoint()
    with queue.database.peek() as connection:
        assert next_moment(connection) is None


def test_a_lane_that_was_woken_in_vain_sleeps_again(queue: Queue) -> None:
    endpoint = queue.add_endpoint()
    queue.add(endpoint, 0)
    assert queue.lane(endpoint).next_at == NOW
    assert queue.lease().deliveries == ()
    assert queue.lane(endpoint).next_at is None


def test_first_attempts_go_before_retries_and_the_oldest_first(queue: Queue) -> None:
    endpoint = queue.add_endpoint()
    retries = queue.add(endpoint, 10, at=NOW - HOUR, retry=True)
    firsts = queue.add(endpoint, 15)
    assert [each.delivery_id for each in queue.lease(now=NOW + SECOND).deliveries] == firsts + retries[:5]


def test_a_lane_with_room_to_spare_is_due_when_its_next_is(queue: Queue) -> None:
    endpoint = queue.add_endpoint()
    queue.add(endpoint)
    queue.add(endpoint, at=NOW + SECOND, retry=True)
    queue.lease()
    assert queue.lane(endpoint).next_at == NOW + SECOND


def test_a_full_lane_sleeps_until_its_first_lease_ends(queue: Queue) -> None:
    endpoint = queue.add_endpoint()
    queue.add(endpoint, 30)
    assert len(queue.lease(most=7).deliveries) == 7
    assert queue.lane(endpoint).next_at == NOW
    assert len(queue.lease(now=NOW + SECOND, pace={endpoint: 1}).deliveries) == 13
    assert queue.lane(endpoint).next_at == NOW + LIMITS.lease


def test_a_worker_alone_has_twice_what_may_be_under_way_and_a_second_one_waits(queue: Queue) -> None:
    queue.add(queue.add_endpoint(), 100)
    mine = queue.lease("a", NOW + SECOND).deliveries
    assert len(mine) == 20
    assert queue.lease("b", NOW + SECOND).deliveries == ()
    queue.deliver(mine[:15], "a")
    assert len(queue.lease("b", NOW + SECOND).deliveries) == 5
    assert queue.lease("a", NOW + SECOND).deliveries == ()


def test_a_receiver_that_has_answered_nothing_gets_no_more_than_may_be_under_way(queue: Queue) -> None:
    endpoint = queue.add_endpoint()
    queue.add(endpoint, 30)
    taken = queue.lease(now=NOW + SECOND).deliveries
    with queue.database.begin() as connection:
        settle(connection, "a", (), NOW + SECOND, taken[8:])
    assert len(queue.lease(now=NOW + SECOND).deliveries) == 2
    assert queue.lane(endpoint).next_at == taken[0].until  # and so it is not looked into again and again
    queue.deliver(taken[:1], now=NOW + SECOND)
    assert len(queue.lease(now=NOW + SECOND, pace={endpoint: 1}).deliveries) == 11


def test_an_account_whose_receivers_are_all_silent_gets_no_more_than_may_be_under_way(queue: Queue) -> None:
    for endpoint in [queue.add_endpoint() for _ in range(5)]:
        queue.add(endpoint, 10)
    taken = queue.lease(now=NOW + SECOND).deliveries
    assert len(taken) == LIMITS.per_account
    endpoint = queue.add_endpoint()
    queue.add(endpoint, 10, at=NOW + SECOND)
    assert queue.lease(now=NOW + SECOND).deliveries == ()
    assert queue.lane(endpoint).next_at == taken[0].until
    queue.deliver(taken[:1], now=NOW + SECOND)
    assert len(queue.lease(now=NOW + SECOND, pace={queue.account_id: 1}).deliveries) == 10


def test_who_is_quick_has_more_at_hand_but_not_once_others_send_too(queue: Queue) -> None:
    endpoint = queue.add_endpoint()
    queue.add(endpoint, 100)
    pace = {endpoint: 10, queue.account_id: 10}
    assert len(queue.lease("a", NOW + SECOND, pace=pace).deliveries) == 40
    assert queue.lease("b", NOW + SECOND, pace=pace).deliveries == ()


def test_who_is_quick_leaves_as_much_of_the_account_as_it_takes(queue: Queue) -> None:
    endpoint = queue.add_endpoint()
    queue.add(endpoint, 500)
    pace = {endpoint: 100, queue.account_id: 100}
    assert len(queue.lease("a", NOW + SECOND, most=1000, pace=pace).deliveries) == 200


def test_a_throttled_endpoint_gets_one_at_a_time_over_all_workers(queue: Queue) -> None:
    endpoint = queue.add_endpoint()
    queue.add(endpoint, 5)
    queue.change(Lane.__table__, endpoint, throttled=True)
    taken = queue.lease("a", NOW + SECOND)
    assert len(taken.deliveries) == 1
    assert taken.throttled == {endpoint}
    assert queue.lease("b", NOW + SECOND).deliveries == ()
    url = taken.endpoints[endpoint].url
    queue.settle("a", [Outcome(each, OK, DELIVERED, url) for each in taken.deliveries], NOW + SECOND)
    assert len(queue.lease("b", NOW + SECOND).deliveries) == 4


def test_an_endpoint_with_a_thousand_older_deliveries_delays_no_other(queue: Queue) -> None:
    busy, quiet = queue.add_endpoint(), queue.add_endpoint()
    queue.add(busy, 1000, at=NOW - HOUR)
    (own,) = queue.add(quiet)
    assert own in [each.delivery_id for each in queue.lease(most=2).deliveries]


def test_lanes_take_turns(queue: Queue) -> None:
    endpoints = [queue.add_endpoint() for _ in range(3)]
    for endpoint in endpoints:
        queue.add(endpoint, 5)
    order = [each.endpoint_id for each in queue.lease(now=NOW + SECOND, most=9).deliveries]
    assert all(set(order[start : start + 3]) == set(endpoints) for start in (0, 3, 6))


def test_whoever_had_nothing_is_first_next_time(queue: Queue) -> None:
    endpoints = [queue.add_endpoint() for _ in range(LANES + 10)]
    for endpoint in endpoints:
        queue.add(endpoint, 2)
    queue.limits = LIMITS._replace(per_account=1000)
    seen = [
        each.endpoint_id
        for second in range(6)
        for each in queue.lease(now=NOW + (second + 1) * SECOND, most=10).deliveries
    ]
    assert sorted(seen) == sorted(endpoints)


def test_an_account_with_a_lot_to_send_leaves_room_for_others(queue: Queue) -> None:
    for _ in range(LANES - 1):
        queue.add(queue.add_endpoint(), 20, at=NOW - HOUR)
    other = Queue(queue.database, "other")
    (own,) = other.add(other.add_endpoint())
    taken = [each.delivery_id for each in queue.lease(most=1000).deliveries]
    assert own in taken
    # An endpoint never has more than is left for the others of its account, so the last places stay free.
    assert 2 * LIMITS.per_account - 2 <= len(taken) - 1 <= 2 * LIMITS.per_account
    assert queue.lease("b", most=1000).deliveries == ()


def test_the_cap_of_an_account_holds_over_workers_once_there_are_two(queue: Queue) -> None:
    queue.limits = LIMITS._replace(per_account=4, in_flight=2)
    first, second, third = (queue.add_endpoint() for _ in range(3))
    queue.add(first, 2)
    assert len(queue.lease("a", NOW + SECOND).deliveries) == 2
    queue.add(second, 5)
    assert len(queue.lease("b", NOW + SECOND).deliveries) == 1  # as much as is left for the third
    queue.add(third, 5)
    assert len(queue.lease("c", NOW + SECOND).deliveries) == 1
    assert queue.lease("d", NOW + SECOND).deliveries == ()


def test_a_lane_of_a_full_account_wakes_when_another_one_settles(queue: Queue) -> None:
    queue.limits = LIMITS._replace(per_account=1, in_flight=5)
    *busy, waiting = (queue.add_endpoint() for _ in range(3))
    for endpoint in busy:
        queue.add(endpoint, 10, at=NOW - SECOND)
    first = queue.lease(now=NOW - SECOND).deliveries
    assert len(first) == 2
    (own,) = queue.add(waiting)
    assert queue.lease().deliveries == ()
    assert queue.lane(waiting).next_at == first[0].until
    queue.deliver(first[:1], now=NOW + SECOND)
    assert queue.lane(waiting).next_at == NOW  # its own time: it has waited longest
    pace = {queue.account_id: 1}
    assert own in [each.delivery_id for each in queue.lease(now=NOW + SECOND, pace=pace).deliveries]


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)  # SQLite has one writer anyway
def test_a_lane_that_somebody_holds_is_passed_over(queue: Queue) -> None:
    queue.add(queue.add_endpoint())
    other = Queue(queue.database, "other")
    (own,) = other.add(other.add_endpoint())
    with queue.database.begin() as connection:
        hold_lanes(Session(connection, queue.account_id))
        assert [each.delivery_id for each in queue.lease().deliveries] == [own]
    assert len(queue.lease().deliveries) == 1


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)  # SQLite has one writer anyway
def test_an_account_that_somebody_holds_is_passed_over_and_its_lanes_stay_awake(queue: Queue) -> None:
    """Somebody stopped in the middle of a lease, and as many of its lanes fall due as are looked into at once."""
    queue.add(queue.add_endpoint())
    lanes = [queue.add_endpoint() for _ in range(LANES)]
    for endpoint in lanes:
        queue.add(endpoint, at=NOW + SECOND)
    other = Queue(queue.database, "other")
    (own,) = other.add(other.add_endpoint(), at=NOW + 2 * SECOND)
    with queue.database.begin() as connection:
        assert len(lease(connection, "b", NOW, LIMITS, 1).deliveries) == 1
        assert [each.delivery_id for each in queue.lease(now=NOW + 2 * SECOND).deliveries] == [own]
        assert {queue.lane(endpoint).next_at for endpoint in lanes} == {NOW + SECOND}
    assert {each.endpoint_id for each in queue.lease(now=NOW + 2 * SECOND).deliveries} <= set(lanes)


def test_more_tries_than_there_are_attempts_are_counted_on(queue: Queue) -> None:
    """A payload that kills its worker comes back a last time, to be given up."""
    queue.add(queue.add_endpoint())
    taken = [queue.lease(now=NOW + place * LIMITS.lease).deliveries[0] for place in range(4)]
    assert [each.tries for each in taken] == [1, 2, 3, 4]
    assert [each.expired for each in taken] == [False, True, True, True]


@pytest.mark.parametrize("skew", [HOUR, -HOUR])
def test_nothing_is_lost_or_stuck_when_a_clock_is_an_hour_off(queue: Queue, skew: timedelta) -> None:
    endpoint = queue.add_endpoint()
    ids = set(queue.add(endpoint, 5))
    seen = {each.delivery_id for each in queue.lease("a", NOW + skew, most=2).deliveries}
    queue.add(endpoint, at=NOW)
    now = NOW
    while queue.pending():
        taken = queue.lease("b", now).deliveries
        assert len(queue.deliver(taken, "b", now).counted) == len(taken)
        seen |= {each.delivery_id for each in taken}
        now += LIMITS.lease
        assert now <= NOW + HOUR + 2 * LIMITS.lease
    assert ids <= seen
    assert len(queue.attempts()) == 6
