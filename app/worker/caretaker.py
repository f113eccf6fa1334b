"""What else a worker does, now and then: recoveries, figures of the queue, endpoints that only fail, what is old."""

import logging
import time
from collections import deque
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy.exc import DBAPIError

from app.metrics import QUEUE_AGE, QUEUE_DEPTH
from app.store.db import Database, Session, wait_briefly
from app.store.rows import LaneRow
from app.webhooks.depth import measure_depth
from app.webhooks.lanes import Subscriber
from app.webhooks.outbox import disable
from app.webhooks.recovery import list_unfinished, recover_some
from app.webhooks.settling import failing
from app.worker.alarms import LONGEST_SLEEP, Alarm, is_contended
from app.worker.forgetting import Forgetter
from app.worker.threads import Threads

MEASURE_EVERY, DISABLE_EVERY, SET_EVERY, REST = 5.0, 60.0, 60.0, 10.0
"""In seconds."""

logger = logging.getLogger(__name__)


class Caretaker:
    """One step after the other, whatever is due of these."""

    def __init__(
        self, database: Database, forgetter: Forgetter, disable_after: timedelta, threads: Threads, deliveries: Alarm
    ) -> None:
        self._database, self._threads, self._deliveries = database, threads, deliveries
        self._disable_after = disable_after
        self._recoveries, self._rounds = deque[tuple[str, str]](), 0
        # The first whose time has come goes first: what may take long stands last.
        chores = (self._set_clock, self._measure, self._disable, forgetter.remove_leftovers, forgetter.remove_messages)
        self._next = dict.fromkeys((*chores, forgetter.remove_interviews), 0.0)

    async def recover(self) -> float:
        """Take the next step of a recovery, account by account in turn; the seconds to sleep where there is none."""
        if not self._recoveries:
            await self._threads.run(self._line_up_recoveries)
        if not self._recoveries:
            return LONGEST_SLEEP
        if await self._threads.run(self._recover, *self._recoveries.popleft()):
            self._deliveries.ring()
        return 0

    async def step(self) -> float:
        """The chore whose time has come, if there is one."""
        for chore, at in self._next.items():
            if time.monotonic() >= at:
                self._next[chore] = time.monotonic() + REST  # should it fail, the others have their turn first
                self._next[chore] = time.monotonic() + await self._threads.run(chore)
                return 0
        return LONGEST_SLEEP

    def _line_up_recoveries(self) -> None:
        """One of each account; of several, another one each time, so that none waits behind one that fails."""
        with self._database.peek() as connection:
            found = list_unfinished(connection)
        self._rounds += 1
        self._recoveries.extend((account_id, ids[self._rounds % len(ids)]) for account_id, ids in found.items())

    def _recover(self, account_id: str, recovery_id: str) -> int:
        """How much was put in line."""
        try:
            with self._database.begin() as connection:
                wait_briefly(connection)
                return recover_some(Session(connection, account_id), recovery_id, self._database.clock.now())
        except DBAPIError as error:
            if not is_contended(error):
                raise
            logger.warning("The lanes of account %s are held by somebody: its recovery waits", account_id)
            return 0

    def _set_clock(self) -> float:
        self._database.clock.set()
        return SET_EVERY

    def _measure(self) -> float:
        started, now = time.monotonic(), self._database.clock.now()
        with self._database.peek() as connection:
            depth = measure_depth(connection)
        QUEUE_DEPTH.set(depth.open)
        QUEUE_AGE.set(0 if depth.oldest is None else max((now - depth.oldest).total_seconds(), 0))
        return max(MEASURE_EVERY, 100 * (time.monotonic() - started))

    def _disable(self) -> float:
        now = self._database.clock.now()
        with self._database.peek() as connection:
            found = failing(connection, now, self._disable_after)
        for lane in found:
            self._disable_one(lane, now)
        return DISABLE_EVERY

    def _disable_one(self, lane: LaneRow, now: datetime) -> None:
        try:
            with self._database.begin() as connection:
                wait_briefly(connection)
                session = Session(connection, lane.account_id)
                # It may have succeeded, or been mended, since we looked.
                disable(session, lane.endpoint_id, "failing", now, still=partial(_fails_still, lane))
        except DBAPIError as error:
            if not is_contended(error):
                raise
            logger.warning("Endpoint %s only fails, and is disabled later: somebody holds it", lane.endpoint_id)


def _fails_still(lane: LaneRow, found: Subscriber) -> bool:
    return found.lane.failing_since == lane.failing_since
