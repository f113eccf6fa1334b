"""`/v1/keys`: the secret keys of an account."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import Query, Request, Response

from app.answers import answer, link_next, show_key, show_page
from app.auth import MayAdminister, require_scopes
from app.errors import Problem, answers
from app.idempotency import Answered, Once
from app.issuing import issue_key
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
        if asked.expires_at is not None and asked.expires_at <= now:
            raise Problem.invalid(Fault("must lie ahead of now", pointer="/expires_at"))
        caller = gate.recall(session.connection, now)
        scopes = asked.scopes or caller.scopes
        require_scopes(caller, scopes)
        mode = find_account(session).mode
        row, text = issue_key(session, asked.name, mode, scopes, now, asked.expires_at)
        return Answered(answer(show_key(row, mode, text), 201))

    return once.run(gate, now, make)


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
        keys.revoke_key(session, key_id, now)
    return Response(status_code=204)
