"""What falls due is announced: account by account in turn, so that a large one does not keep the others waiting."""

import time
from datetime import UTC, datetime

from app.announcing import Announced, accounts_due, announce_due, next_ring
from app.metrics import ANNOUNCED, DUE_LAG
from app.scheduling import Policies
from app.store.db import Database, Session
from app.worker.alarms import Alarm, seconds_until
from app.worker.threads import Threads

AT_ONCE = 100
"""So many interviews of an account are announced in one transaction; then it is another account's turn."""

LOOK_EVERY = 1.0
"""Seconds between two looks at which accounts have something due, while there is something."""

OVERHEAD = 0.1
"""Looking may take this share of the time, where so much is due that looking takes long."""

LOCKED_PAUSE = 0.02
"""Seconds to wait where others hold what is due."""


class Announcer:
    """One step after the other, it turns follow-ups that are due into messages."""

    def __init__(
        self, database: Database, policies: Policies, public_url: str, threads: Threads, deliveries: Alarm
    ) -> None:
        """`deliveries` is rung whenever there is something to deliver."""
        self._database, self._policies, self._public_url = database, policies, public_url
        self._threads, self._deliveries = threads, deliveries
        self._due: list[str] = []
        self._look_again = 0.0

    async def step(self) -> float:
        """Announce something of every account that has something due; the seconds to sleep until more is."""
        if not self._due or time.monotonic() > self._look_again:
            next_at = await self._threads.run(self._look)
            if not self._due:
                return seconds_until(next_at, datetime.now(UTC))
        announced = 0
        for account_id in self._due.copy():
            result = await self._threads.run(self._announce, account_id)
            announced += result.count
            _measure(result)
            if not result.more:
                self._due.remove(account_id)
            if result.count:
                self._deliveries.ring()
        return 0 if announced else LOCKED_PAUSE

    def _look(self) -> datetime | None:
        """Which accounts have something due; if none has, when one will."""
        now, started = datetime.now(UTC), time.monotonic()
        with self._database.read() as connection:
            next_at = next_ring(connection)
            self._due = accounts_due(connection, now) if next_at is not None and next_at <= now else []
        took = time.monotonic() - started
        self._look_again = time.monotonic() + max(LOOK_EVERY, took / OVERHEAD)
        return next_at

    def _announce(self, account_id: str) -> Announced:
        now = datetime.now(UTC)
        with self._database.begin() as connection:
            return announce_due(Session(connection, account_id), self._policies, now, AT_ONCE, self._public_url)


def _measure(announced: Announced) -> None:
    for lag in announced.lags:
        DUE_LAG.observe(max(lag, 0))
    ANNOUNCED.labels("follow_up.due").inc(len(announced.lags))
    ANNOUNCED.labels("follow_up.missed").inc(announced.missed)
