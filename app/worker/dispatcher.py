"""Deliveries: settle what came back, lease what is next, and let the courier carry it."""

import logging
from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.exc import DBAPIError

from app.metrics import LEASE_EXPIRIES
from app.store.db import Database, wait_briefly
from app.webhooks.fairness import Limits
from app.webhooks.leasing import Leased, Taken, lease, next_moment
from app.webhooks.settling import Outcome
from app.worker.alarms import is_away, seconds_until
from app.worker.courier import Courier
from app.worker.lines import FRESH_SECONDS
from app.worker.settler import Settler
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
        self._settler = Settler(worker_id, database)
        self._stopped = False

    async def step(self) -> float:
        """Settle and lease in one transaction; the seconds to sleep until there is more to do."""
        self._courier.turn_back_stale()
        room = 0 if self._stopped else MOST_HELD - self._courier.load
        taken, next_at = await self._turn(room)
        LEASE_EXPIRIES.inc(sum(leased.expired for leased in taken.deliveries))
        self._courier.take(taken)
        if self._stopped:  # it may have been told so meanwhile
            self._courier.turn_back()
        if taken.deliveries or self._courier.has_news:
            return 0
        return max(seconds_until(next_at, self._database.clock.now()), LOCKED_PAUSE) if room else FRESH_SECONDS

    def stop(self) -> None:
        """Lease nothing more, and give back what waits; what is in flight is settled as it lands."""
        self._stopped = True
        self._courier.turn_back()

    def abandon(self) -> None:
        """Do not wait for what is in flight: its leases end by themselves."""
        self._courier.abandon()

    def is_over(self) -> bool:
        """Whether it was told to stop, and holds nothing any more."""
        is_idle = not self._courier.load and not self._courier.has_news and not self._settler.has_aside
        return self._stopped and is_idle

    async def _turn(self, room: int) -> tuple[Taken, datetime | None]:
        if self._settler.has_aside:
            await self._threads.run(self._settler.settle_apart)
        outcomes, unsent = self._settler.admit(*self._courier.collect())
        try:
            return await self._threads.run(self._settle_and_lease, outcomes, unsent, room)
        except BaseException as error:
            if not isinstance(error, DBAPIError) or is_away(error):
                self._courier.keep(outcomes, unsent)
                raise
            logger.warning("What came back is settled account by account: %s", type(error.orig).__name__)
        self._settler.set_aside(outcomes, unsent)
        await self._threads.run(self._settler.settle_apart)
        return await self._threads.run(self._settle_and_lease, (), (), room)

    def _settle_and_lease(
        self, outcomes: Sequence[Outcome], unsent: Sequence[Leased], room: int
    ) -> tuple[Taken, datetime | None]:
        now = self._database.clock.now()
        if not outcomes and not unsent:
            with self._database.peek() as connection:
                next_at = next_moment(connection)
            if not room or next_at is None or next_at > now:
                return Taken(), next_at
        with self._database.begin() as connection:
            wait_briefly(connection)
            self._settler.settle(connection, outcomes, unsent, now)
            taken = lease(connection, self._id, now, self._limits, room, _pace(outcomes)) if room else Taken()
            return taken, None if taken.deliveries else next_moment(connection)


def _pace(outcomes: Sequence[Outcome]) -> Counter[str]:
    """How many were delivered, by account and by endpoint."""
    delivered = (each.leased for each in outcomes if each.verdict.state == "delivered")
    return Counter(id for leased in delivered for id in (leased.account_id, leased.endpoint_id))
