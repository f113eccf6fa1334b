"""Forgetting: interviews go with all that is kept because of them, whether somebody asks for it or their time is over.

In one transaction go their events, follow-ups and client tokens; payloads of messages, answers of receivers and answers
kept for an Idempotency-Key are blotted out; what still waits to be delivered is cancelled. Emails were never stored:
each is drawn up for whoever reads it. What the interviews of others say about somebody is theirs, and stays.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from app.scheduling import Policies, replan_earlier
from app.store.db import Session
from app.store.events import delete_events_of_many
from app.store.follow_ups import Replacement, follow_ups_of_many
from app.store.interviews import Stale, delete_interviews, hold, interviews_of, lock_interviews, rounds_of_many
from app.store.kept_answers import forget_answers
from app.store.retention import find_old, still_old
from app.store.rows import InterviewRow
from app.store.tokens import remove_tokens
from app.webhooks.changes import Change, publish_changes
from app.webhooks.outbox import forget

AT_ONCE = 50
"""How many interviews are forgotten in one transaction because their time is over."""


class Erased(NamedTuple):
    """How much went: rows that are gone, texts that are blotted out, deliveries that will not be made."""

    interviews: int
    events: int
    follow_ups: int
    messages: int
    deliveries_cancelled: int
    attempts: int
    kept_answers: int
    client_tokens: int


def erase_candidate(session: Session, email: str, policies: Policies, now: datetime) -> Erased:
    """Forget whoever has this address, in lower case, with all that is kept about them. Raises Stale."""
    rows = hold_interviews(session, interviews_of(session, email))
    erased = remove_interviews(session, [row for row in rows if row.candidate_email == email], policies, now)
    tokens = erased.client_tokens + remove_tokens(session, [], email)
    return erased._replace(client_tokens=tokens, kept_answers=erased.kept_answers + forget_answers(session, [email]))


def forget_old(session: Session, before: datetime, policies: Policies, now: datetime) -> int:
    """Forget interviews of which nothing was heard since then, at most `AT_ONCE`; says how many it looked at.

    Raises Stale.
    """
    held = hold_interviews(session, find_old(session, before, AT_ONCE))
    rows = still_old(session, [row.id for row in held], before)  # something may have happened before we held them
    remove_interviews(session, rows, policies, now)
    return len(held)


def hold_interviews(session: Session, rows: Sequence[InterviewRow]) -> tuple[InterviewRow, ...]:
    """Lock interviews and their applications until the transaction ends; the latest versions of those still there.

    In the same order as whoever changes one: first applications, then rows, each sorted. Raises Stale when one has
    moved to another application meanwhile.
    """
    held = {row.application_ref for row in rows}
    for application_ref in sorted(ref for ref in held if ref is not None):
        hold(session, "application", application_ref)
    locked = lock_interviews(session, [row.id for row in rows])
    for row in locked:
        if row.application_ref not in held | {None}:
            raise Stale(f"{row.id} has moved to another application")
    return locked


def remove_interviews(session: Session, rows: Sequence[InterviewRow], policies: Policies, now: datetime) -> Erased:
    """Forget locked interviews with all that belongs to them; earlier rounds lose their next one."""
    ids = [row.id for row in rows]
    follow_ups = follow_ups_of_many(session, ids)
    events = delete_events_of_many(session, ids)
    tokens = remove_tokens(session, ids)
    delete_interviews(session, ids)
    changes = [Change(row, Replacement(tuple(follow_ups[row.id]), ()), removed=True) for row in rows]
    changes += _replan_others(session, rows, policies, now)
    answers = forget_answers(session, ids)
    messages, deliveries, attempts = forget(session, ids, now)
    publish_changes(session, changes, now)
    steps = sum(map(len, follow_ups.values()))
    return Erased(len(ids), events, steps, messages, deliveries, attempts, answers, tokens)


def _replan_others(session: Session, rows: Sequence[InterviewRow], policies: Policies, now: datetime) -> list[Change]:
    """Plan what is left of the applications anew. What came before one of these came before the latest of them."""
    latest = {row.application_ref: row for row in sorted(rows, key=lambda row: (row.starts_at, row.id))}
    left = rounds_of_many(session, {ref for ref in latest if ref is not None})
    return [
        change for ref in sorted(left) if left[ref] for change in replan_earlier(session, latest[ref], policies, now)
    ]
