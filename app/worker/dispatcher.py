"""Deliveries: settle what came back, lease what is next, and let the courier carry it."""

import logging
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from app.metrics import LATE_OUTCOMES, LEASE_EXPIRIES
from app.store.db import Database, Session, wait_briefly
from app.webhooks.fairness import Limits
from app.webhooks.lanes import Subscriber
from app.webhooks.leasing import Leased, Taken, lease, next_moment
from app.webhooks.outbox import disable
from app.webhooks.settling import Outcome, settle
from app.worker.alarms import LONGEST_SLEEP, is_away, is_contended, seconds_until
from app.worker.courier import Courier
from app.worker.threads import Threads

MOST_HELD = 500
"""How many deliveries a worker holds at once: enough for fifty endpoints at full speed."""

LOCKED_PAUSE = 0.01
"""Seconds to wait where others hold what is due."""

logger = logging.getLogger(__name__)


class Dispatcher:
    """One step after the other, it keeps the courier busy."""

    def __init__(self, worker_id: str, database: Database, courier: Courier, limits: Limits, threads: Threads) -> None:
        self._id, self._database, self._limits = worker_id, database, limits
        self._courier, self._threads = courier, threads
        self._stopped = False

    async def step(self) -> float:
        """Settle and lease in one transaction; the seconds to sleep until there is more to do."""
        room = 0 if self._stopped else MOST_HELD - self._courier.load
        taken, next_at = await self._turn(room)
        self._courier.take(taken)
        if self._stopped:  # it may have been told so meanwhile
            self._courier.turn_back()
        if taken.deliveries or self._courier.has_news:
            return 0
        return max(seconds_until(next_at, datetime.now(UTC)), LOCKED_PAUSE) if room else LONGEST_SLEEP

    def stop(self) -> None:
        """Lease nothing more, and give back what waits; what is in flight is settled as it lands."""
        self._stopped = True
        self._courier.turn_back()

    def abandon(self) -> None:
        """Do not wait for what is in flight: its leases end by themselves."""
        self._courier.abandon()

    def is_over(self) -> bool:
        """Whether it was told to stop, and holds nothing any more."""
        return self._stopped and not self._courier.load and not self._courier.has_news

    async def _turn(self, room: int) -> tuple[Taken, datetime | None]:
        outcomes, unsent = self._courier.collect()
        try:
            taken, next_at = await self._threads.run(self._settle_and_lease, outcomes, unsent, room)
        except BaseException as error:
            if isinstance(error, DBAPIError) and not is_away(error):
                outcomes = await self._threads.run(self._settle_each, outcomes)
            self._courier.keep(outcomes, unsent)
            raise
        LEASE_EXPIRIES.inc(sum(leased.expired for leased in taken.deliveries))
        return taken, next_at

    def _settle_and_lease(
        self, outcomes: Sequence[Outcome], unsent: Sequence[Leased], room: int
    ) -> tuple[Taken, datetime | None]:
        now = datetime.now(UTC)
        if not outcomes and not unsent:
            with self._database.peek() as connection:
                next_at = next_moment(connection)
            if not room or next_at is None or next_at > now:
                return Taken(), next_at
        with self._database.begin() as connection:
            wait_briefly(connection)
            self._settle(connection, outcomes, unsent, now)
            taken = lease(connection, self._id, now, self._limits, room, _pace(outcomes)) if room else Taken()
            return taken, None if taken.deliveries else next_moment(connection)

    def _settle(
        self, connection: Connection, outcomes: Sequence[Outcome], unsent: Sequence[Leased], now: datetime
    ) -> None:
        """Write down what came back; an endpoint that is gone is disabled, unless it has another address by now."""
        settled = settle(connection, self._id, outcomes, now, unsent)
        LATE_OUTCOMES.inc(len(settled.late))
        gone = {
            (each.leased.account_id, each.leased.endpoint_id, each.url) for each in settled.counted if each.verdict.gone
        }
        for account_id, endpoint_id, url in sorted(gone):
            session = Session(connection, account_id)
            disable(session, endpoint_id, "gone", now, still=partial(_has_address, url))

    def _settle_each(self, outcomes: Sequence[Outcome]) -> list[Outcome]:
        """One by one, so that what cannot be written down keeps nothing else from it; those to try again are left.

        Of what is not tried again the lease ends by itself.
        """
        left = []
        for outcome in outcomes:
            try:
                with self._database.begin() as connection:
                    wait_briefly(connection)
                    self._settle(connection, [outcome], (), datetime.now(UTC))
            except DBAPIError as error:
                if is_contended(error) or is_away(error):
                    left.append(outcome)
                else:
                    logger.exception("What came of delivery %s could not be settled", outcome.leased.delivery_id)
        return left


def _pace(outcomes: Sequence[Outcome]) -> Counter[str]:
    """How many were delivered, by account and by endpoint."""
    delivered = (each.leased for each in outcomes if each.verdict.state == "delivered")
    return Counter(id for leased in delivered for id in (leased.account_id, leased.endpoint_id))


def _has_address(url: str, found: Subscriber) -> bool:
    return found.endpoint.url == url
