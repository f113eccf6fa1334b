"""The statements on client tokens: what a page in a browser calls with, for an hour at most."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, and_, bindparam, delete, insert, or_, select

from app.store.db import Session
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
    statement = select(_TABLE).where(_is_about(session, interview_ids, candidate_email)).order_by(_TABLE.c.id)
    return tuple(map(TokenRow._make, session.connection.execute(statement)))


def remove_tokens(session: Session, interview_ids: Sequence[str], candidate_email: str | None = None) -> int:
    """Forget the tokens that are bound to one of these interviews or to this candidate; says how many there were."""
    return session.connection.execute(delete(_TABLE).where(_is_about(session, interview_ids, candidate_email))).rowcount


def remove_expired(connection: Connection, now: datetime, most: int = 1000) -> int:
    """Forget tokens whose time is over, at most so many; says how many there were."""
    over = select(_TABLE.c.digest).where(_TABLE.c.expires_at <= now.astimezone(UTC)).limit(most)
    return connection.execute(delete(_TABLE).where(_TABLE.c.digest.in_(over))).rowcount


def _is_about(session: Session, interview_ids: Sequence[str], candidate_email: str | None) -> ColumnElement[bool]:
    bound: list[ColumnElement[bool]] = [_TABLE.c.interview_id.in_(interview_ids)]
    if candidate_email is not None:
        bound.append(_TABLE.c.candidate_email == candidate_email)
    return and_(_TABLE.c.account_id == session.account_id, or_(*bound))
