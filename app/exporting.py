"""Everything that is kept about a candidate, in one document."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from app.answers import show_event, show_follow_up, show_full_message, show_interview
from app.schemas.candidates import AnswerOut, BoundTokenOut
from app.sealed_answers import open_answer
from app.store.db import Session
from app.store.events import list_events_of_many
from app.store.follow_ups import follow_ups_of_many
from app.store.interviews import interviews_of
from app.store.kept_answers import answers_about
from app.store.messages import Progress, attempts_of_many, deliveries_of_many, messages_of_many
from app.store.rows import AttemptRow, EventRow, FollowUpRow, InterviewRow, KeptAnswerRow, MessageRow, TokenRow
from app.store.tokens import tokens_about
from app.vault import Sealed, Vault


class Kept(NamedTuple):
    """An interview with all that is kept because of it; attempts are of all its deliveries, by delivery."""

    interview: InterviewRow
    events: Sequence[EventRow]
    follow_ups: Sequence[FollowUpRow]
    messages: Sequence[tuple[MessageRow, Sequence[Progress]]]
    attempts: Mapping[str, Sequence[AttemptRow]]


def export_candidate(session: Session, vault: Vault, email: str, now: datetime) -> str:
    """What is kept about whoever has this address, in lower case, as JSON; of somebody unknown that is nothing."""
    rows = interviews_of(session, email)
    ids = [row.id for row in rows]
    answers = [_open(vault, kept) for kept in answers_about(session, [email, *ids])]
    return show_candidate(email, _read(session, rows, ids), tokens_about(session, ids, email), answers, now)


def show_candidate(
    email: str, interviews: Iterable[Kept], tokens: Iterable[TokenRow], answers: Iterable[AnswerOut], now: datetime
) -> str:
    """A candidate as JSON."""
    lists = {
        "interviews": (_show(kept, now) for kept in interviews),
        "client_tokens": map(_show_token, tokens),
        "kept_answers": (kept.model_dump_json() for kept in answers),
    }
    shown = "".join(f',"{name}":[{",".join(items)}]' for name, items in lists.items())
    return f'{{"email":{json.dumps(email, ensure_ascii=False)}{shown}}}'


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


def _open(vault: Vault, kept: KeptAnswerRow) -> AnswerOut:
    """An answer without the secret that it may hold: the text of a client token."""
    try:
        opened = open_answer(vault, kept.answer or "")
    except Sealed:
        return AnswerOut(answered_at=kept.created_at, status=None, body=None)
    body = json.loads(opened.body)
    body.pop("token", None)
    return AnswerOut(answered_at=kept.created_at, status=opened.status, body=body)


def _show_token(row: TokenRow) -> str:
    members = row._asdict() | {"actions": row.actions.split(), "origins": json.loads(row.origins)}
    return BoundTokenOut.model_validate(members).model_dump_json()
