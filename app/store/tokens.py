"""The statements on client tokens: what a page in a browser calls with, for an hour at most."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, and_, bindparam, delete, insert, select

from app.store.db import Session
from app.store.many import in_parts
from app.store.rows import KeyRow, TokenRow
from app.store.tables import Account, ApiKey, ClientToken

_TABLE = ClientToken.__table__
_KEY = ApiKey.__table__
_ACCOUNT = Account.__table__
_WIDTH = len(TokenRow._fields)
_FIND = (
    select(*_TABLE.c, *_KEY.c, _ACCOUNT.c.allowed_origins)
    .join(_ACCOUNT, _ACCOUNT.c.id == _TABLE.c.account_id)
    .join(_KEY, and_(_KEY.c.account_id == _TABLE.c.account_id, _KEY.c.id == _TABLE.c.key_id))
    .where(_TABLE.c.digest == bindparam("digest"))
)


class Issued(NamedTuple):
    """A token, and the key that made it: it lets nobody in once the key does not."""

    token: TokenRow
    key: KeyRow
    allowed_origins: str
    """Of the account, as it is now: JSON, a list."""


def insert_token(session: Session, token: TokenRow) -> None:
    """Keep a token, by its digest."""
    session.connection.execute(insert(_TABLE), token._asdict())


def find_token(connection: Connection, digest: str) -> Issued | None:
    """The token with this digest, whichever account's: a look-up that cannot know the account yet."""
    row = connection.execute(_FIND, {"digest": digest}).one_or_none()
    return None if row is None else Issued(TokenRow._make(row[:_WIDTH]), KeyRow._make(row[_WIDTH:-1]), row[-1])


def tokens_about(session: Session, interview_ids: Sequence[str], candidate_email: str) -> tuple[TokenRow, ...]:
    """The tokens that are bound to one of these interviews or to this candidate, the oldest first."""
    bound = _bound(session, interview_ids, candidate_email)
    found = (row for each in bound for row in session.connection.execute(select(_TABLE).where(each)))
    return tuple(sorted(map(TokenRow._make, found), key=lambda row: row.id))


def remove_tokens(session: Session, interview_ids: Sequence[str], candidate_email: str | None = None) -> int:
    """Forget the tokens that are bound to one of these interviews or to this candidate; says how many there were."""
    bound = _bound(session, interview_ids, candidate_email)
    return sum(session.connection.execute(delete(_TABLE).where(each)).rowcount for each in bound)


def remove_expired(connection: Connection, now: datetime, most: int) -> int:
    """Forget tokens whose time is over, at most so many; says how many there were."""
    over = select(_TABLE.c.digest).where(_TABLE.c.expires_at <= now.astimezone(UTC)).limit(most)
    over = over.with_for_update(skip_locked=True)
    return connection.execute(delete(_TABLE).where(_TABLE.c.digest.in_(over))).rowcount


def _bound(
    session: Session, interview_ids: Sequence[str], candidate_email: str | None
) -> Iterator[ColumnElement[bool]]:
    """Conditions of which each token that is meant fulfils one."""
    own = _TABLE.c.account_id == session.account_id
    for ids in in_parts(interview_ids):
        yield and_(own, _TABLE.c.interview_id.in_(ids))
    if candidate_email is not None:
        yield and_(own, _TABLE.c.candidate_email == candidate_email)
