"""Keys and client tokens are made here: what is answered holds the text, what is kept its digest."""

import json
from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from typing import NamedTuple, get_args

from sqlalchemy import Connection

from app.credentials import Prefix, digest, make_credential
from app.store import keys
from app.store.db import Session
from app.store.ids import new_id
from app.store.kept_answers import forget_answers
from app.store.rows import Action, KeyRow, Mode, Scope, Subject, TokenRow
from app.store.tokens import insert_token

SCOPES: tuple[Scope, ...] = get_args(Scope)
"""Everything that a key may do."""

SCOPES_BEHIND: Mapping[Action, Scope] = {
    "read": "interviews:read",
    "render": "emails",
    "check": "emails",
    "record": "interviews:write",
}
"""What a key has to be allowed itself to make a client token with an action."""

_PREFIXES: dict[Mode, Prefix] = {"live": "aw_live_", "test": "aw_test_"}


class IssuedKey(NamedTuple):
    """A key as it is kept, and its text, which is shown this once."""

    row: KeyRow
    text: str


def create_key(  # noqa: PLR0913 - all that a key is
    connection: Connection,
    *,
    name: str,
    account: str,
    now: datetime,
    mode: Mode = "live",
    scopes: Collection[Scope] = SCOPES,
    expires_at: datetime | None = None,
) -> str:
    """A new key of the account of that name, which is made if it is new. Returned here and never again."""
    account_id = keys.find_or_insert_account(connection, account, now, mode)
    return issue_key(Session(connection, account_id), name, mode, scopes, now, expires_at).text


def issue_key(
    session: Session, name: str, mode: Mode, scopes: Collection[Scope], now: datetime, expires_at: datetime | None
) -> IssuedKey:
    """A new key of the session's account."""
    text = make_credential(_PREFIXES[mode])
    row = KeyRow(
        account_id=session.account_id,
        id=new_id("key", now),
        name=name,
        hint=text[-4:],
        digest=digest(text),
        scopes=" ".join(scope for scope in SCOPES if scope in scopes),
        created_at=now,
        last_used_at=None,
        revoked_at=None,
        expires_at=expires_at and expires_at.astimezone(UTC),
    )
    keys.insert_key(session.connection, row)
    return IssuedKey(row, text)


def revoke_key(session: Session, key_id: str, now: datetime) -> None:
    """Let nobody in with this key from now on, and answer its text to nobody again. Raises NotFound."""
    keys.revoke_key(session, key_id, now)
    forget_answers(session, [key_id])


def issue_token(  # noqa: PLR0913 - all that a token is
    session: Session,
    key_id: str,
    subject: Subject,
    *,
    actions: Collection[Action],
    origins: Collection[str],
    now: datetime,
    expires_at: datetime,
) -> tuple[TokenRow, str]:
    """A new client token that a key asks for, and its text, which is shown this once."""
    text = make_credential("aw_client_")
    row = TokenRow(
        account_id=session.account_id,
        id=new_id("tok", now),
        key_id=key_id,
        digest=digest(text),
        interview_id=subject.interview_id,
        candidate_email=subject.candidate_email,
        actions=" ".join(sorted(actions)),
        origins=json.dumps(sorted(origins)),
        created_at=now,
        expires_at=expires_at,
    )
    insert_token(session, row)
    return row, text
