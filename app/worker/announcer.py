"""What falls due is announced: account by account in turn, so that a large one does not keep the others waiting."""

import logging
import time
from datetime import UTC, datetime

from app.announcing import Announced, accounts_due, announce_due, next_ring, put_off_first
from app.metrics import ANNOUNCED, DUE_LAG
from app.scheduling import Policies
from app.store.db import Database, Session, wait_briefly
from app.worker.alarms import Alarm, is_away, is_contended, seconds_until
from app.worker.threads import Threads

AT_ONCE = 100
"""So many interviews of an account are announced in one transaction; then it is another account's turn."""

LOOK_EVERY = 1.0
"""Seconds between two looks at which accounts have something due, while there is something."""

OVERHEAD = 0.1
"""Looking may take this share of the time, where so much is due that looking takes long."""

REST = 10.0
"""Seconds for which an account rests whose lanes somebody holds on to."""

LOCKED_PAUSE = 0.02
"""Seconds to wait where others hold what is due."""

logger = logging.getLogger(__name__)


class Announcer:
    """One step after the other, it turns follow-ups that are due into messages."""

    def __init__(
        self, database: Database, policies: Policies, public_url: str, threads: Threads, deliveries: Alarm
    ) -> None:
        """`deliveries` is rung whenever there is something to deliver."""
        self._database, self._policies, self._public_url = database, policies, public_url
        self._threads, self._deliveries = threads, deliveries
        self._due: list[str] = []
        self._look_again = self._rest = 0.0
        self._resting: dict[str, float] = {}  # until when, by account

    async def step(self) -> float:
        """Announce something of every account that has something due; the seconds to sleep until more is."""
        if not self._due or time.monotonic() > self._look_again:
            next_at = await self._threads.run(self._look)
            if not self._due:
                return max(
                    seconds_until(next_at, datetime.now(UTC)), self._rest, 10 * LOCKED_PAUSE if self._resting else 0
                )
        announced = 0
        for account_id in self._due.copy():
            announced += await self._announce(account_id)
        return 0 if announced else max(LOCKED_PAUSE, self._rest)

    async def _announce(self, account_id: str) -> int:
        """How much of an account was announced."""
        try:
            result = await self._threads.run(self._announce_due, account_id, AT_ONCE)
        except Exception as error:
            if is_away(error):
                raise
            if is_contended(error):
                logger.warning("What is due of account %s is held by somebody, and rests", account_id)
                self._resting[account_id] = time.monotonic() + REST
                result = Announced((), 0, more=False)
            else:
                logger.exception("What is due of account %s cannot be announced at once", account_id)
                result = await self._threads.run(self._announce_each, account_id)
        if not result.more:
            self._due.remove(account_id)
        if result.count:
            _measure(result)
            self._deliveries.ring()
        return result.count

    def _look(self) -> datetime | None:
        """Which accounts have something due; if none has, when one will."""
        now, started = datetime.now(UTC), time.monotonic()
        with self._database.read() as connection:
            next_at = next_ring(connection)
            due = accounts_due(connection, now) if next_at is not None and next_at <= now else []
        self._resting = {account_id: until for account_id, until in self._resting.items() if until > started}
        self._due = [account_id for account_id in due if account_id not in self._resting]
        self._rest = (time.monotonic() - started) / OVERHEAD
        self._look_again = time.monotonic() + max(LOOK_EVERY, self._rest)
        return next_at

    def _announce_due(self, account_id: str, most: int) -> Announced:
        now = datetime.now(UTC)
        with self._database.begin() as connection:
            wait_briefly(connection)
            return announce_due(Session(connection, account_id), self._policies, now, most, self._public_url)

    def _announce_each(self, account_id: str) -> Announced:
        """One interview after the other; the first that cannot be announced rests, and keeps no other one waiting."""
        lags, missed = list[float](), 0
        for _ in range(AT_ONCE):
            try:
                result = self._announce_due(account_id, 1)
            except Exception:  # noqa: BLE001 - the reason was logged, and the others ring all the same
                with self._database.begin() as connection:
                    put_off_first(Session(connection, account_id), datetime.now(UTC))
                break
            lags += result.lags
            missed += result.missed
        return Announced(tuple(lags), missed, more=False)


def _measure(announced: Announced) -> None:
    for lag in announced.lags:
        DUE_LAG.observe(max(lag, 0))
    ANNOUNCED.labels("follow_up.due").inc(len(announced.lags))
    ANNOUNCED.labels("follow_up.missed").inc(announced.missed)
