"""Deliveries: settle what came back, lease what is next, and let the courier carry it."""

from collections.abc import Sequence
from datetime import UTC, datetime

from app.metrics import LEASE_EXPIRIES
from app.store.db import Database, Session
from app.webhooks.fairness import Limits
from app.webhooks.leasing import Leased, Taken, lease, next_moment
from app.webhooks.outbox import disable
from app.webhooks.settling import Outcome, release, settle
from app.worker.alarms import LONGEST_SLEEP, seconds_until
from app.worker.courier import Courier
from app.worker.threads import Threads

MOST_HELD = 500
"""How many deliveries a worker holds at once: enough for fifty endpoints at full speed."""

LOCKED_PAUSE = 0.01
"""Seconds to wait where others hold what is due."""


class Dispatcher:
    """One step after the other, it keeps the courier busy."""

    def __init__(self, worker_id: str, database: Database, courier: Courier, limits: Limits, threads: Threads) -> None:
        self._id, self._database, self._limits = worker_id, database, limits
        self._courier, self._threads = courier, threads
        self._stopped = False

    async def step(self) -> float:
        """Settle and lease in one transaction; the seconds to sleep until there is more to do."""
        taken, next_at = await self._turn(0 if self._stopped else MOST_HELD - self._courier.load)
        self._courier.take(taken)
        if taken.deliveries or self._courier.has_news:
            return 0
        return LONGEST_SLEEP if self._stopped else max(seconds_until(next_at, datetime.now(UTC)), LOCKED_PAUSE)

    def stop(self) -> None:
        """Lease nothing more, and give back what waits; what is in flight is settled as it lands."""
        self._stopped = True
        self._courier.turn_back()

    def is_over(self) -> bool:
        """Whether it was told to stop, and holds nothing any more."""
        return self._stopped and not self._courier.load and not self._courier.has_news

    async def _turn(self, room: int) -> tuple[Taken, datetime | None]:
        outcomes, unsent = self._courier.collect()
        try:
            taken, next_at = await self._threads.run(self._settle_and_lease, outcomes, unsent, room)
        except BaseException:
            self._courier.keep(outcomes, unsent)
            raise
        gone = {outcome.leased for outcome in outcomes if outcome.verdict.gone}
        for leased in gone:
            await self._threads.run(self._disable, leased)
        LEASE_EXPIRIES.inc(sum(leased.expired for leased in taken.deliveries))
        return taken, next_at

    def _settle_and_lease(
        self, outcomes: Sequence[Outcome], unsent: Sequence[Leased], room: int
    ) -> tuple[Taken, datetime | None]:
        now = datetime.now(UTC)
        with self._database.begin() as connection:
            settle(connection, self._id, outcomes, now)
            release(connection, self._id, unsent, now)
            taken = lease(connection, self._id, now, self._limits, room) if room else Taken()
            return taken, None if taken.deliveries else next_moment(connection)

    def _disable(self, leased: Leased) -> None:
        with self._database.begin() as connection:
            disable(Session(connection, leased.account_id), leased.endpoint_id, "gone", datetime.now(UTC))
