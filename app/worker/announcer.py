"""What falls due is announced: account by account in turn, so that a large one does not keep the others waiting."""

import logging
import time
from collections import deque
from datetime import datetime

from app.announcing import (
    MOST,
    Announced,
    accounts_due,
    announce_due,
    announce_one,
    let_rest,
    list_ringing,
    next_ring,
)
from app.metrics import ANNOUNCED, DUE_LAG
from app.scheduling import Policies
from app.store.db import Database, Session, wait_briefly
from app.worker.alarms import Alarm, is_away, is_contended, seconds_until
from app.worker.threads import Threads

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
        self._due = deque[str]()  # accounts, whose turn it is first
        self._look_again = self._rest = 0.0
        self._resting: dict[str, float] = {}  # until when, by account

    async def step(self) -> float:
        """Announce something of the account whose turn it is; the seconds to sleep until there is more."""
        if not self._due or time.monotonic() > self._look_again:
            next_at = await self._threads.run(self._look)
            if not self._due:
                pause = seconds_until(next_at, self._database.clock.now())
                return max(pause, self._rest, 10 * LOCKED_PAUSE if self._resting else 0)
        announced = await self._announce(self._due.popleft())
        return 0 if announced or self._due else max(LOCKED_PAUSE, self._rest)

    async def _announce(self, account_id: str) -> int:
        """How much of an account was announced; it rests where somebody holds on to what it needs."""
        try:
            return await self._announce_some(account_id)
        except Exception as error:
            if not is_contended(error):
                raise
            logger.warning("What is due of account %s is held by somebody, and rests", account_id)
            self._resting[account_id] = time.monotonic() + REST
            return 0

    async def _announce_some(self, account_id: str) -> int:
        try:
            result = await self._threads.run(self._announce_due, account_id)
        except Exception as error:
            if is_away(error) or is_contended(error):
                raise
            logger.exception("What is due of account %s cannot be announced at once", account_id)
            return await self._announce_each(account_id)
        if result.more:
            self._due.append(account_id)
        return self._tell(result)

    async def _announce_each(self, account_id: str) -> int:
        """One interview after the other: those that cannot be announced rest, and keep no other one waiting."""
        count = 0
        for interview_id in await self._threads.run(self._list_ringing, account_id):
            count += self._tell(await self._threads.run(self._announce_one, account_id, interview_id))
        return count

    def _tell(self, announced: Announced) -> int:
        """Measure it and have it delivered; how much it was."""
        if announced.count:
            _measure(announced)
            self._deliveries.ring()
        return announced.count

    def _look(self) -> datetime | None:
        """Which accounts have something due; if none has, when one will."""
        now, started = self._database.clock.now(), time.monotonic()
        with self._database.read() as connection:
            next_at = next_ring(connection)
            found = accounts_due(connection, now) if next_at is not None and next_at <= now else []
        self._resting = {account_id: until for account_id, until in self._resting.items() if until > started}
        self._line_up([account_id for account_id in found if account_id not in self._resting])
        self._rest = (time.monotonic() - started) / OVERHEAD
        self._look_again = time.monotonic() + max(LOOK_EVERY, self._rest)
        return next_at

    def _line_up(self, account_ids: list[str]) -> None:
        """These alone, those first that were waiting for their turn already: nobody is passed over by a look."""
        due = set(account_ids)
        waiting = [account_id for account_id in self._due if account_id in due]
        self._due = deque(dict.fromkeys([*waiting, *account_ids]))

    def _announce_due(self, account_id: str) -> Announced:
        now = self._database.clock.now()
        with self._database.begin() as connection:
            wait_briefly(connection)
            session = Session(connection, account_id)
            return announce_due(session, self._policies, now, public_url=self._public_url)

    def _list_ringing(self, account_id: str) -> list[str]:
        with self._database.peek() as connection:
            return list_ringing(Session(connection, account_id), self._database.clock.now(), MOST)

    def _announce_one(self, account_id: str, interview_id: str) -> Announced:
        now = self._database.clock.now()
        try:
            with self._database.begin() as connection:
                wait_briefly(connection)
                session = Session(connection, account_id)
                return announce_one(session, interview_id, self._policies, now, self._public_url)
        except Exception as error:
            if is_away(error) or is_contended(error):
                raise
            logger.exception("What is due of interview %s cannot be announced", interview_id)
            with self._database.begin() as connection:
                wait_briefly(connection)
                let_rest(Session(connection, account_id), interview_id, now)
        return Announced((), 0, more=False)


def _measure(announced: Announced) -> None:
    for lag in announced.lags:
        DUE_LAG.observe(max(lag, 0))
    ANNOUNCED.labels("follow_up.due").inc(len(announced.lags))
    ANNOUNCED.labels("follow_up.missed").inc(announced.missed)
