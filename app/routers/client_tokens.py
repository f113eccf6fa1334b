"""`/v1/client-tokens`: credentials for pages in browsers, asked for by the server behind them."""

import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from fastapi import Response

from app.answers import answer, show_client_token
from app.auth import SignedIn, require_scopes
from app.errors import Problem, answers
from app.idempotency import Answered, Once
from app.issuing import SCOPES_BEHIND, issue_token
from app.routing import Router
from app.schemas import ClientTokenIn, ClientTokenOut
from app.store.db import Session
from app.store.find import find_interview
from app.store.keys import find_account
from app.store.rows import Subject
from app.wording import Fault, point

router = Router(prefix="/v1/client-tokens", tags=["keys"])


@router.post("", status_code=201, response_model=ClientTokenOut, responses=answers("not_found", "conflict"))
def create_client_token(gate: SignedIn, once: Once, asked: ClientTokenIn) -> Response:
    """Make a token for a page, bound to one interview or one candidate. It is answered here and never again."""
    now = datetime.now(UTC)

    def make(session: Session) -> Answered:
        caller = gate.recall(session.connection, now)
        require_scopes(caller, (SCOPES_BEHIND[action] for action in asked.actions))
        if asked.interview_id is not None:
            find_interview(session, asked.interview_id, lock=True)  # it is there until the token is
        _require_allowed(session, asked.origins)
        ends = now + timedelta(seconds=asked.expires_in_seconds)
        row, text = issue_token(
            session,
            caller.id,
            Subject(asked.interview_id, asked.candidate_email and asked.candidate_email.lower()),
            actions=asked.actions,
            origins=asked.origins,
            now=now,
            expires_at=min(ends, caller.key.expires_at or ends),
        )
        return Answered(answer(show_client_token(row, text), 201), row.interview_id or row.candidate_email)

    return once.run(gate, now, make, personal=True)  # it ends with that key


def _require_allowed(session: Session, origins: Iterable[str]) -> None:
    allowed = json.loads(find_account(session).allowed_origins)
    foreign = [number for number, origin in enumerate(origins) if origin not in allowed]
    if foreign:
        expected = "must be among the account's allowed_origins (PATCH /v1/account)"
        raise Problem.invalid(*(Fault(expected, pointer=point("origins", number)) for number in foreign))
