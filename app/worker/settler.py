"""What came back is written down; what belongs to an account that somebody holds on to keeps no other one waiting."""

import logging
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from app.metrics import LATE_OUTCOMES
from app.store.db import Busy, Database, Session, wait_at_most
from app.webhooks.lanes import Subscriber
from app.webhooks.leasing import Leased
from app.webhooks.outbox import disable
from app.webhooks.settling import Outcome, settle
from app.worker.alarms import is_away, is_contended

REST = 3.0
"""Seconds for which an account rests whose lanes somebody holds on to."""

PATIENCE = 0.05
"""Seconds to wait for the lanes of one account by itself: there may be many that are held."""

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class _Aside:
    """What is to be settled of one account, and not before a moment."""

    outcomes: list[Outcome] = field(default_factory=list)
    unsent: list[Leased] = field(default_factory=list)
    due_at: float = 0


class Settler:
    """Settles for a worker, and remembers what has to wait."""

    def __init__(self, worker_id: str, database: Database) -> None:
        self._id, self._database = worker_id, database
        self._aside: dict[str, _Aside] = {}  # by account

    @property
    def has_aside(self) -> bool:
        """Whether something has to wait."""
        return bool(self._aside)

    def settle(
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

    def set_aside(self, outcomes: Iterable[Outcome], unsent: Iterable[Leased]) -> None:
        """For `settle_apart`."""
        for outcome in outcomes:
            self._aside.setdefault(outcome.leased.account_id, _Aside()).outcomes.append(outcome)
        for leased in unsent:
            self._aside.setdefault(leased.account_id, _Aside()).unsent.append(leased)

    def admit(
        self, outcomes: Sequence[Outcome], unsent: Sequence[Leased]
    ) -> tuple[Sequence[Outcome], Sequence[Leased]]:
        """All that belongs to accounts of which nothing has to wait; the rest is set aside, too."""
        if not self._aside:
            return outcomes, unsent
        resting = self._aside.keys()
        self.set_aside(
            [each for each in outcomes if each.leased.account_id in resting],
            [each for each in unsent if each.account_id in resting],
        )
        return (
            [each for each in outcomes if each.leased.account_id not in resting],
            [each for each in unsent if each.account_id not in resting],
        )

    def settle_apart(self) -> None:
        """Settle what was set aside, each account by itself; one that is held rests. Raises when the database is away.

        What is not settled before its lease ends is delivered again.
        """
        for account_id, aside in list(self._aside.items()):
            if aside.due_at > time.monotonic():
                continue
            try:
                self._settle_account(aside)
                del self._aside[account_id]
            except (Busy, DBAPIError) as error:
                if is_away(error):
                    raise
                reason = type(getattr(error, "orig", error)).__name__
                logger.warning("What came back of account %s cannot be settled now, and rests: %s", account_id, reason)
                aside.due_at = time.monotonic() + REST

    def _settle_account(self, aside: _Aside) -> None:
        try:
            self._settle_now(aside.outcomes, aside.unsent)
        except DBAPIError as error:
            if is_contended(error) or is_away(error):
                raise
            self._settle_each(aside)

    def _settle_each(self, aside: _Aside) -> None:
        """One by one, so that what cannot be written down keeps nothing else from it; its lease ends by itself."""
        while aside.outcomes:
            try:
                self._settle_now(aside.outcomes[:1], ())
            except DBAPIError as error:
                if is_contended(error) or is_away(error):
                    raise
                logger.exception("What came of delivery %s could not be settled", aside.outcomes[0].leased.delivery_id)
            del aside.outcomes[0]
        self._settle_now((), aside.unsent)

    def _settle_now(self, outcomes: Sequence[Outcome], unsent: Sequence[Leased]) -> None:
        with self._database.begin() as connection, wait_at_most(connection, PATIENCE):
            self.settle(connection, outcomes, unsent, self._database.clock.now())


def _has_address(url: str, found: Subscriber) -> bool:
    return found.endpoint.url == url
