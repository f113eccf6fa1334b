"""How a worker waits: until a moment, until it is woken, or after an error a little longer each time."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from datetime import datetime

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from app.errors import is_unavailable

LONGEST_SLEEP = 1.0
"""Seconds after which to look again in any case: another process may have written."""

SHORTEST_BACKOFF, LONGEST_BACKOFF = 0.25, 5.0
"""Seconds to wait after a first error, and after many."""

CONTENDED = frozenset({"55P03", "57014", "40P01", "40001"})
"""PostgreSQL's codes for a lock or a statement that took too long, a deadlock, and a conflict."""

logger = logging.getLogger(__name__)


class Alarm:
    """Something to sleep by."""

    def __init__(self) -> None:
        self._rung = asyncio.Event()

    def ring(self) -> None:
        """Wake whoever sleeps, or whoever comes to sleep next."""
        self._rung.set()

    async def sleep(self, seconds: float) -> None:
        """Sleep for so long, or until it rings."""
        try:
            async with asyncio.timeout(max(seconds, 0)):
                await self._rung.wait()
        except TimeoutError:
            pass
        self._rung.clear()


def seconds_until(moment: datetime | None, now: datetime) -> float:
    """How long to sleep for what is next."""
    return LONGEST_SLEEP if moment is None else min((moment - now).total_seconds(), LONGEST_SLEEP)


async def keep_going(step: Callable[[], Awaitable[float]], alarm: Alarm, is_over: Callable[[], bool]) -> None:
    """Take one step after the other until it is over. A step says for how many seconds to sleep after it."""
    backoff = 0.0
    while not is_over():
        try:
            pause = await step()
            backoff = 0.0
        except Exception as error:  # noqa: BLE001 - whatever went wrong, the next follow-up has to ring all the same
            backoff = min(max(2 * backoff, SHORTEST_BACKOFF), LONGEST_BACKOFF)
            report(error, backoff)
            await rest(backoff, is_over)
            continue
        await alarm.sleep(pause)


def is_contended(error: Exception) -> bool:
    """Whether somebody held what the statement wanted for too long: a fault of one account, not of the database."""
    return isinstance(error, DBAPIError) and getattr(error.orig, "sqlstate", None) in CONTENDED


def is_away(error: Exception) -> bool:
    """Whether nothing can be asked of the database just now, or nothing can be written to it."""
    if isinstance(error, PoolTimeoutError):
        return True
    return isinstance(error, DBAPIError) and is_unavailable(error) and not is_contended(error)


async def rest(seconds: float, is_over: Callable[[], bool]) -> None:
    """Wait for so long, whatever rings, or until it is over."""
    until = time.monotonic() + seconds
    while not is_over() and (left := until - time.monotonic()) > 0:  # noqa: ASYNC110 - to be told to stop is no event
        await asyncio.sleep(min(left, SHORTEST_BACKOFF))


def report(error: Exception, again_in: float) -> None:
    """Log what went wrong: a database that is away in one line, anything else with its traceback."""
    if is_away(error):
        reason = getattr(error, "orig", error)
        logger.warning("The database cannot be used: %s; trying again in %.2f s", str(reason).strip(), again_in)
    else:
        logger.error("A step of the worker failed; trying again in %.2f s", again_in, exc_info=error)
