"""The email of a follow-up inside the message that says it is due, for endpoints that ask for it."""

import json
from datetime import datetime
from typing import Any, cast

from app.answers import show_email
from app.drafting import Undraftable, draft_email
from app.rules.addressing import find_thanked
from app.rules.dossier import Dossier
from app.rules.drafts import Options
from app.rules.plans import Kind
from app.scheduling import Policies, choose_policy, facts_of
from app.store.db import Database, Session
from app.store.find import find_follow_up, find_interview
from app.store.rows import FollowUpRow
from app.webhooks.leasing import Leased
from app.wording import point


def enclose(database: Database, policies: Policies, leased: Leased) -> bytes:
    """The payload with `email`, or with null there and what it lacks. Other payloads stay as they are.

    Raises NotFound when the follow-up is gone, UnknownPolicy.
    """
    if leased.payload is None:
        raise ValueError("the message was forgotten")
    payload = leased.payload
    if leased.type != "follow_up.due" or leased.follow_up_id is None:
        return payload.encode()
    with database.read() as connection:
        session = Session(connection, leased.account_id)
        step = find_follow_up(session, leased.follow_up_id)
        interview, events = facts_of(session, find_interview(session, step.interview_id))
    known = Dossier(interview, events, choose_policy(policies, interview.policy))
    tree = json.loads(payload)
    tree["data"] |= _draft(known, step, database.clock.now())
    return json.dumps(tree, ensure_ascii=False, separators=(",", ":")).encode()


def _draft(known: Dossier, step: FollowUpRow, now: datetime) -> dict[str, Any]:
    kind = cast(Kind, step.kind)
    if kind == "thank_you" and find_thanked(known.interview, step.key) is None:
        return _lacking(point("interviewers"), "the one whom this thanks is no longer among them")
    try:
        email = draft_email(known, kind, None, Options(), now, step.key)
    except Undraftable as error:
        return _lacking(point(*error.path[error.path[0] == "interview" :]), str(error))
    return {"email": json.loads(show_email(email)), "lacks": []}


def _lacking(pointer: str, detail: str) -> dict[str, Any]:
    return {"email": None, "lacks": [{"pointer": pointer, "detail": detail}]}
