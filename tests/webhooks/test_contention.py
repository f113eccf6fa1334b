"""Everybody at once: claims race settles, publications, cancellations and recoveries, and nothing is lost or stuck."""

import itertools
import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from app.store.db import Database, Session
from app.store.tables import Attempt, Delivery, Pending
from app.webhooks.lanes import hold_lanes
from app.webhooks.leasing import Leased, lease, next_moment
from app.webhooks.outbox import News, cancel, publish
from app.webhooks.recovery import list_unfinished, recover_some, retry_delivery, start_recovery
from app.webhooks.retention import remove_old
from app.webhooks.retry import Verdict
from app.webhooks.settling import Outcome, settle
from tests.webhooks.queues import DELIVERED, LIMITS, OK, REFUSED, Queue

LONG = LIMITS._replace(in_flight=3, per_account=2, lease=timedelta(hours=1))
"""With leases that never end here: a lane that sleeps with something due in it sleeps for good, and shows."""


def _now() -> datetime:
    return datetime.now(UTC)


class Worker:
    """Settles and leases until it is told that everything was published, and nothing is left."""

    def __init__(self, database: Database, name: str, published: threading.Event) -> None:
        self.database, self.name, self.published = database, name, published
        self.delivered = Counter[str]()
        self._random = random.Random(name)  # noqa: S311 - no secret

    def run(self) -> None:
        outcomes: list[Outcome] = []
        deadline = time.monotonic() + 60
        while not (self.published.is_set() and self._is_over()):
            assert time.monotonic() < deadline, "something sleeps"
            now = _now()
            with self.database.begin() as connection:
                settled = settle(connection, self.name, outcomes, now)
                taken = lease(connection, self.name, now, LONG, 6)
            assert settled.late == ()
            self.delivered.update(each.leased.delivery_id for each in settled.counted if each.verdict == DELIVERED)
            outcomes = [self._send(each) for each in taken.deliveries]

    def _send(self, leased: Leased) -> Outcome:
        if self._random.random() < 0.8:
            return Outcome(leased, OK, DELIVERED)
        return Outcome(leased, REFUSED, Verdict("open", _now()))

    def _is_over(self) -> bool:
        with self.database.peek() as connection:
            return not connection.execute(select(func.count()).select_from(Pending.__table__)).scalar_one()


def test_no_lane_with_something_due_and_room_sleeps(database: Database) -> None:
    """Were one to, its deliveries would wait for the end of a lease, an hour from now."""
    queues = [Queue(database, name) for name in ("one", "two")]
    lanes = [(queue, queue.add_endpoint()) for queue in queues for _ in range(4)]
    published = threading.Event()
    workers = [Worker(database, name, published) for name in ("a", "b", "c")]

    def publish_all() -> set[str]:
        ids = {id for _ in range(15) for queue, endpoint in lanes for id in queue.add(endpoint, 2, at=_now())}
        published.set()
        return ids

    with ThreadPoolExecutor() as pool:
        running = [pool.submit(worker.run) for worker in workers]
        ids = pool.submit(publish_all).result(timeout=60)
        for each in running:
            each.result(timeout=90)
    delivered = sum((worker.delivered for worker in workers), Counter[str]())
    assert set(delivered) == ids
    assert set(delivered.values()) == {1}
    assert _falls_asleep(database)
    with database.peek() as connection:
        counted = select(func.sum(Delivery.__table__.c.attempts))
        logged = select(func.count()).select_from(Attempt.__table__)
        assert connection.execute(counted).scalar_one() == connection.execute(logged).scalar_one()


def _falls_asleep(database: Database) -> bool:
    """Whether lanes in which nothing waits sleep, at the latest once somebody looked."""
    with database.begin() as connection:
        assert lease(connection, "z", _now(), LONG, 100).deliveries == ()
        return next_moment(connection) is None


def _tell(session: Session, turn: int) -> None:
    due = News("follow_up.due", {}, "int", f"fu_{turn % 7}", _now())
    publish(session, [due, News("plan.changed", {})], _now())


def _take_back(session: Session, turn: int) -> None:
    cancel(session, [f"fu_{turn % 7}"], _now())


def _recover(session: Session, turn: int) -> None:
    if turn % 2:
        for id in list_unfinished(session.connection).get(session.account_id, []):
            recover_some(session, id, _now(), 50)
    else:
        start_recovery(session, hold_lanes(session)[0].endpoint.id, _now() - timedelta(seconds=1), _now())


def _retry(session: Session, _turn: int) -> None:
    own = Delivery.__table__.c.account_id == session.account_id
    hold_lanes(session)
    for id in session.connection.execute(select(Delivery.__table__.c.id).where(own).limit(3)).scalars().all():
        retry_delivery(session, id, _now())


def _forget(session: Session, _turn: int) -> None:
    remove_old(session.connection, _now() - timedelta(seconds=1), 50)


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)  # SQLite has one writer anyway
def test_whoever_works_on_the_queue_at_once_waits_in_no_circle(database: Database) -> None:
    queues = [Queue(database, name) for name in ("one", "two", "three")]
    for queue in queues:
        for _ in range(3):
            queue.add_endpoint()
    limits = LIMITS._replace(lease=timedelta(milliseconds=50))
    until = time.monotonic() + 4

    def work(name: str) -> None:
        outcomes: list[Outcome] = []
        while time.monotonic() < until:
            with database.begin() as connection:
                settle(connection, name, outcomes[::2], _now(), [each.leased for each in outcomes[1::2]])
                taken = lease(connection, name, _now(), limits, 20)
            outcomes = [Outcome(each, OK, DELIVERED) for each in taken.deliveries]

    def repeat(do: Callable[[Session, int], None]) -> None:
        for turn in itertools.takewhile(lambda _: time.monotonic() < until, itertools.count()):
            with database.begin() as connection:
                do(Session(connection, queues[turn % 3].account_id), turn)

    with ThreadPoolExecutor() as pool:
        running = [pool.submit(work, name) for name in "abc"]
        running += [pool.submit(repeat, do) for do in (_tell, _tell, _take_back, _recover, _retry, _forget)]
        for each in running:
            each.result(timeout=60)
