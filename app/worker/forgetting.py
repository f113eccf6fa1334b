"""What a worker removes because its time is over: a batch at a time, so that everybody else can go on writing."""

import logging
import time
from collections import deque
from datetime import timedelta

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from app.erasing import AT_ONCE, forget_old
from app.scheduling import Policies
from app.store import allowances, kept_answers, tokens
from app.store.db import Database, Session, wait_briefly
from app.store.interviews import Stale
from app.store.retention import Term, terms
from app.webhooks.retention import remove_old, remove_recoveries
from app.worker.alarms import is_contended

MINUTE, HOUR = 60.0, 3600.0
"""Seconds between two looks at what is of no use any more, and at what is old."""

MOST = 1000
"""So many tokens or kept answers are removed in one transaction."""

logger = logging.getLogger(__name__)


class Forgetter:
    """Its methods are chores: each removes something, and says after how many seconds to call it again."""

    def __init__(self, database: Database, policies: Policies, log_for: timedelta, retention_days: int) -> None:
        """`log_for` is how long the log of webhooks is kept, `retention_days` how long interviews are, 0 for ever."""
        self._database, self._policies = database, policies
        self._log_for, self._retention_days = log_for, retention_days
        self._due = deque[Term]()

    def remove_messages(self) -> float:
        """Messages, deliveries and attempts, once the log has been kept for long enough."""
        with self._database.begin() as connection:
            removed = remove_old(connection, self._database.clock.now() - self._log_for)
        return 1.0 if removed else HOUR

    def remove_leftovers(self) -> float:
        """What is of no use any more: tokens that expired, kept answers, allowances, recoveries that are finished."""
        now = self._database.clock.now()
        with self._database.begin() as connection:
            removed = (
                tokens.remove_expired(connection, now, MOST),
                kept_answers.remove_old(connection, now - kept_answers.KEPT_FOR, MOST),
            )
            allowances.remove_past(connection, int(now.timestamp() // 60) - allowances.APART)
            remove_recoveries(connection, now - self._log_for)
        self._database.fold_in()  # whatever was erased since the last time, and by whom
        return 1.0 if MOST in removed else MINUTE

    def remove_interviews(self) -> float:
        """Interviews past their retention, of one account; then others have as long as it took."""
        started = time.monotonic()
        if not self._due:
            self._look()
        if self._due:
            term = self._due.popleft()
            if self._forget(term) == AT_ONCE:
                self._due.append(term)
        return time.monotonic() - started if self._due else HOUR

    def _look(self) -> None:
        with self._database.peek() as connection:
            self._due.extend(terms(connection, self._database.clock.now(), self._retention_days))

    def _forget(self, term: Term) -> int:
        try:
            with self._database.begin() as connection:
                wait_briefly(connection)
                session = Session(connection, term.account_id)
                count = forget_old(session, term.before, self._policies, self._database.clock.now())
        except (Stale, DBAPIError, PoolTimeoutError) as error:
            if isinstance(error, DBAPIError) and not is_contended(error):
                raise
            logger.warning("What is old of account %s is held by somebody, and waits for an hour", term.account_id)
            return 0
        return count
