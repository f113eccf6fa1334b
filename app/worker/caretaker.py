"""What else a worker does, now and then: recoveries, figures of the queue, endpoints that only fail, what is old."""

import time
from datetime import UTC, datetime, timedelta
from functools import partial

from app.metrics import QUEUE_AGE, QUEUE_DEPTH
from app.store.db import Database, Session
from app.store.rows import LaneRow
from app.webhooks.depth import measure_depth
from app.webhooks.lanes import Subscriber
from app.webhooks.outbox import disable
from app.webhooks.recovery import is_recovering, recover_some
from app.webhooks.settling import failing
from app.worker.alarms import LONGEST_SLEEP, Alarm
from app.worker.forgetting import Forgetter
from app.worker.threads import Threads

MEASURE_EVERY, DISABLE_EVERY, REST = 5.0, 60.0, 10.0
"""In seconds."""


class Caretaker:
    """One step after the other, whatever is due of these."""

    def __init__(
        self, database: Database, forgetter: Forgetter, disable_after: timedelta, threads: Threads, deliveries: Alarm
    ) -> None:
        self._database, self._threads, self._deliveries = database, threads, deliveries
        self._disable_after = disable_after
        # The first whose time has come goes first: what may take long stands last.
        chores = (self._measure, self._disable, forgetter.remove_leftovers, forgetter.remove_messages)
        self._next = dict.fromkeys((*chores, forgetter.remove_interviews), 0.0)

    async def recover(self) -> float:
        """Carry on with a recovery, if there is one."""
        if not await self._threads.run(self._recover):
            return LONGEST_SLEEP
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

    def _recover(self) -> bool:
        with self._database.peek() as connection:
            if not is_recovering(connection):
                return False
        with self._database.begin() as connection:
            return recover_some(connection, datetime.now(UTC)) is not None

    def _measure(self) -> float:
        started, now = time.monotonic(), datetime.now(UTC)
        with self._database.peek() as connection:
            depth = measure_depth(connection)
        QUEUE_DEPTH.set(depth.open)
        QUEUE_AGE.set(0 if depth.oldest is None else max((now - depth.oldest).total_seconds(), 0))
        return max(MEASURE_EVERY, 100 * (time.monotonic() - started))

    def _disable(self) -> float:
        now = datetime.now(UTC)
        with self._database.peek() as connection:
            found = failing(connection, now, self._disable_after)
        for lane in found:
            with self._database.begin() as connection:
                session = Session(connection, lane.account_id)
                # It may have succeeded, or been mended, since we looked.
                disable(session, lane.endpoint_id, "failing", now, still=partial(_fails_still, lane))
        return DISABLE_EVERY


def _fails_still(lane: LaneRow, found: Subscriber) -> bool:
    return found.lane.failing_since == lane.failing_since
