"""`/v1/keys`: the secret keys of an account."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import Query, Request, Response

from app import issuing
from app.answers import answer, link_next, show_key, show_page
from app.auth import MayAdminister, require_scopes
from app.callers import Caller
from app.errors import Problem, answers
from app.idempotency import Answered, Once
from app.routing import Router
from app.schemas import KeyCreatedOut, KeyIn, KeyList, KeyQuery
from app.store import keys
from app.store.db import Session
from app.store.keys import find_account
from app.wording import Fault

router = Router(prefix="/v1/keys", tags=["keys"])


@router.post("", status_code=201, response_model=KeyCreatedOut, responses=answers("conflict"))
def create_key(gate: MayAdminister, once: Once, asked: KeyIn) -> Response:
    """Make a key that may do no more than the one you call with. Its text is answered here and never again."""
    now = datetime.now(UTC)

    def make(session: Session) -> Answered:
        caller = gate.recall(session.connection, now)
        expires_at = asked.expires_at or caller.key.expires_at
        _require_end(expires_at, caller, now)
        scopes = asked.scopes or caller.scopes
        require_scopes(caller, scopes)
        mode = find_account(session).mode
        row, text = issuing.issue_key(session, asked.name, mode, scopes, now, expires_at)
        return Answered(answer(show_key(row, mode, text), 201), row.id)

    return once.run(gate, now, make, personal=True)  # it ends with that key


@router.get("", response_model=KeyList)
def list_keys(request: Request, gate: MayAdminister, query: Annotated[KeyQuery, Query()]) -> Response:
    """List the keys of the account, the newest first, those that are revoked, too."""
    with gate.read(datetime.now(UTC)) as session:
        mode = find_account(session).mode
        page = keys.list_keys(session, limit=query.limit, cursor=query.cursor)
    shown = show_page((show_key(row, mode) for row in page.rows), page.next_cursor)
    return answer(shown, headers=link_next(request, page.next_cursor))


@router.delete("/{key_id}", status_code=204)
def revoke_key(gate: MayAdminister, key_id: str) -> Response:
    """Revoke a key, and with it the client tokens that it made. Asked again, it changes nothing."""
    now = datetime.now(UTC)
    with gate.begin(now) as session:
        issuing.revoke_key(session, key_id, now)
    return Response(status_code=204)


def _require_end(expires_at: datetime | None, caller: Caller, now: datetime) -> None:
    """A key ends ahead of now, and no later than the one that made it. Raises Problem."""
    if expires_at is None:
        return
    if expires_at <= now:
        raise Problem.invalid(Fault("must lie ahead of now", pointer="/expires_at"))
    if caller.key.expires_at is not None and expires_at > caller.key.expires_at:
        raise Problem.invalid(Fault("must not lie behind the end of the key you call with", pointer="/expires_at"))
