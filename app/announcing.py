"""What falls due is announced: the plan is computed again, and what it still asks for becomes a message.

Row, message and deliveries are written in one transaction, and a row that was announced says so: each follow-up is
told of once for each `due_at`, whoever announces, however late.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.scheduling import Policies, plan_steps, read_facts
from app.store.db import Session
from app.store.events import list_events_of_many
from app.store.follow_ups import (
    Replacement,
    follow_ups_of_many,
    let_ring,
    match_steps,
    write_replacements,
)
from app.store.interviews import rounds_of_many
from app.store.rings import accounts_due, hold_free, hold_ringing, list_ringing, next_ring, put_off
from app.store.rows import FollowUpRow, InterviewRow
from app.webhooks.changes import Change, publish_changes
from app.webhooks.news import tell_due, tell_missed

__all__ = ["Announced", "accounts_due", "announce_due", "announce_one", "let_rest", "list_ringing", "next_ring"]

MOST = 100
"""How many interviews of an account are taken up in one transaction; then it is another account's turn."""

PAUSE = timedelta(minutes=10)
"""How long an interview rests that cannot be planned."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Announced:
    """What was announced: for each follow-up that is due, the seconds since then; how many were missed.

    `more` says whether more may ring.
    """

    lags: tuple[float, ...]
    missed: int
    more: bool

    @property
    def count(self) -> int:
        """How many follow-ups it was."""
        return len(self.lags) + self.missed


def announce_due(
    session: Session, policies: Policies, now: datetime, most: int = MOST, public_url: str = ""
) -> Announced:
    """Announce what rings of an account by `now`, but for what others hold. Links begin with `public_url`."""
    ringing = hold_ringing(session, now, most)
    lags, missed = _announce(session, ringing, policies, now, public_url)
    return Announced(lags, missed, more=len(ringing) == most)


def announce_one(
    session: Session, interview_id: str, policies: Policies, now: datetime, public_url: str = ""
) -> Announced:
    """The same for one interview of the account alone."""
    lags, missed = _announce(session, hold_free(session, [interview_id], 1), policies, now, public_url)
    return Announced(lags, missed, more=False)


def let_rest(session: Session, interview_id: str, now: datetime) -> None:
    """Put an interview off that cannot be announced; one that somebody is changing just now keeps its turn."""
    if hold_free(session, [interview_id], 1):
        logger.warning("The follow-ups of %s rest for %s", interview_id, PAUSE)
        put_off(session, [interview_id], now, now + PAUSE)


def _announce(
    session: Session, ringing: Sequence[InterviewRow], policies: Policies, now: datetime, public_url: str
) -> tuple[tuple[float, ...], int]:
    """Of these interviews, which are held: the lags of what was due, and how many were missed."""
    changes = _plan_anew(session, ringing, policies, now)
    rings = [(change.interview, row) for change in changes for row in change.replacement.after if _rings(row, now)]
    missed = [(interview, row) for interview, row in rings if row.closes_at <= now]
    due = [(interview, row) for interview, row in rings if row.closes_at > now]
    write_replacements(session, [_mark(change.replacement, now) for change in changes])
    news = [tell_due(interview, row, now, public_url) for interview, row in due]
    news += [tell_missed(interview, row) for interview, row in missed]
    publish_changes(session, changes, now, news)
    return tuple((now - row.due_at).total_seconds() for _, row in due), len(missed)


def _plan_anew(session: Session, interviews: Sequence[InterviewRow], policies: Policies, now: datetime) -> list[Change]:
    """What these interviews' rows become by the facts of this moment; those that cannot be planned rest."""
    if not interviews:
        return []
    ids = [row.id for row in interviews]
    events = list_events_of_many(session, ids)
    rounds = rounds_of_many(session, {row.application_ref for row in interviews if row.application_ref})
    follow_ups = follow_ups_of_many(session, ids)
    changes = []
    for row in interviews:
        try:
            facts = read_facts(row, events[row.id], rounds.get(row.application_ref or "", ()))
            steps = plan_steps(*facts, policies, now)
        except Exception as error:  # noqa: BLE001 - whatever is wrong with one interview, the others ring all the same
            logger.warning("The plan of %s cannot be computed, and rests: %s", row.id, type(error).__name__)
            continue
        changes.append(Change(row, match_steps(session, row.id, follow_ups[row.id], steps, now)))
    put_off(session, set(ids) - {change.interview.id for change in changes}, now, now + PAUSE)
    return changes


def _rings(row: FollowUpRow, now: datetime) -> bool:
    return row.next_ring_at is not None and row.next_ring_at <= now


def _mark(replacement: Replacement, now: datetime) -> Replacement:
    """The same rows, those that ring marked as announced."""
    return replacement._replace(after=tuple(_mark_one(row, now) for row in replacement.after))


def _mark_one(row: FollowUpRow, now: datetime) -> FollowUpRow:
    if not _rings(row, now):
        return row
    if row.closes_at <= now:
        return let_ring(row._replace(announced_closes_at=row.closes_at))
    return let_ring(row._replace(announced_due_at=row.due_at))
