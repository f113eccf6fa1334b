"""`/v1/me`: who calls, and what they may do."""

from datetime import UTC, datetime

from fastapi import Response

from app.answers import answer
from app.auth import Known
from app.callers import Caller
from app.routing import Router
from app.schemas import MeOut
from app.store.keys import find_account
from app.store.rows import AccountRow

router = Router(prefix="/v1/me", tags=["keys"])


@router.get("", response_model=MeOut)
def get_me(gate: Known) -> Response:
    """Who the key or the client token is that you call with, and what it may do."""
    now = datetime.now(UTC)
    with gate.peek(now) as session:
        caller = gate.recall(session.connection, now)
        account = find_account(session)
    return answer(show_caller(caller, account))


def show_caller(caller: Caller, account: AccountRow) -> str:
    """Who calls as JSON."""
    key, token = caller.key, caller.token
    shown = MeOut(
        type="client_token" if token else "key",
        id=caller.id,
        name=None if token else key.name,
        hint=None if token else key.hint,
        account=account.name,
        mode=account.mode,
        scopes=sorted(caller.scopes),
        actions=sorted(caller.actions),
        interview_id=token and token.interview_id,
        candidate_email=token and token.candidate_email,
        expires_at=token.expires_at if token else key.expires_at,
    )
    return shown.model_dump_json()
