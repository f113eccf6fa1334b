"""Everything that is kept about a candidate, in one document."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from app.answers import show_event, show_follow_up, show_full_message, show_interview
from app.schemas.candidates import BoundTokenOut
from app.store.db import Session
from app.store.events import list_events_of_many
from app.store.follow_ups import follow_ups_of_many
from app.store.interviews import interviews_of
from app.store.messages import Progress, attempts_of_many, deliveries_of_many, messages_of_many
from app.store.rows import AttemptRow, EventRow, FollowUpRow, InterviewRow, MessageRow, TokenRow
from app.store.tokens import tokens_about


class Kept(NamedTuple):
    """An interview with all that is kept because of it; attempts are of all its deliveries, by delivery."""

    interview: InterviewRow
    events: Sequence[EventRow]
    follow_ups: Sequence[FollowUpRow]
    messages: Sequence[tuple[MessageRow, Sequence[Progress]]]
    attempts: Mapping[str, Sequence[AttemptRow]]


def export_candidate(session: Session, email: str, now: datetime) -> str:
    """What is kept about whoever has this address, in lower case, as JSON; of somebody unknown that is nothing."""
    rows = interviews_of(session, email)
    ids = [row.id for row in rows]
    return show_candidate(email, _read(session, rows, ids), tokens_about(session, ids, email), now)


def show_candidate(email: str, interviews: Iterable[Kept], tokens: Iterable[TokenRow], now: datetime) -> str:
    """A candidate as JSON."""
    shown = ",".join(_show(kept, now) for kept in interviews)
    bound = ",".join(map(_show_token, tokens))
    return f'{{"email":{json.dumps(email, ensure_ascii=False)},"interviews":[{shown}],"client_tokens":[{bound}]}}'


def _read(session: Session, rows: Sequence[InterviewRow], ids: Sequence[str]) -> list[Kept]:
    events, follow_ups = list_events_of_many(session, ids), follow_ups_of_many(session, ids)
    messages = messages_of_many(session, ids)
    message_ids = [message.id for told in messages.values() for message in told]
    deliveries, attempts = deliveries_of_many(session, message_ids), attempts_of_many(session, message_ids)
    return [
        Kept(
            row,
            events[row.id],
            sorted(follow_ups[row.id], key=lambda step: (step.due_at, step.id)),
            [(message, deliveries[message.id]) for message in messages[row.id]],
            attempts,
        )
        for row in rows
    ]


def _show(kept: Kept, now: datetime) -> str:
    events = ",".join(show_event(event, kept.interview.timezone) for event in kept.events)
    steps = ",".join(show_follow_up(step, now) for step in kept.follow_ups)
    told = ",".join(show_full_message(message, sent, kept.attempts) for message, sent in kept.messages)
    lists = f'"events":[{events}],"follow_ups":[{steps}],"messages":[{told}]'
    return f'{{"interview":{show_interview(kept.interview)},{lists}}}'


def _show_token(row: TokenRow) -> str:
    members = row._asdict() | {"actions": row.actions.split(), "origins": json.loads(row.origins)}
    return BoundTokenOut.model_validate(members).model_dump_json()
