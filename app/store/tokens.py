"""The statements on client tokens: what a page in a browser calls with, for an hour at most."""

from datetime import UTC, datetime
from typing import NamedTuple

from sqlalchemy import Connection, and_, bindparam, delete, insert, select

from app.store.db import Session
from app.store.rows import KeyRow, TokenRow
from app.store.tables import ApiKey, ClientToken

_TABLE = ClientToken.__table__
_KEY = ApiKey.__table__
_WIDTH = len(TokenRow._fields)
_FIND = (
    select(*_TABLE.c, *_KEY.c)
    .join(_KEY, and_(_KEY.c.account_id == _TABLE.c.account_id, _KEY.c.id == _TABLE.c.key_id))
    .where(_TABLE.c.digest == bindparam("digest"))
)


class Issued(NamedTuple):
    """A token, and the key that made it: it lets nobody in once the key does not."""

    token: TokenRow
    key: KeyRow


def insert_token(session: Session, token: TokenRow) -> None:
    """Keep a token, by its digest."""
    session.connection.execute(insert(_TABLE), token._asdict())


def find_token(connection: Connection, digest: str) -> Issued | None:
    """The token with this digest, whichever account's: a look-up that cannot know the account yet."""
    row = connection.execute(_FIND, {"digest": digest}).one_or_none()
    return None if row is None else Issued(TokenRow._make(row[:_WIDTH]), KeyRow._make(row[_WIDTH:]))


def remove_expired(connection: Connection, now: datetime, most: int = 1000) -> int:
    """Forget tokens whose time is over, at most so many; says how many there were."""
    over = select(_TABLE.c.digest).where(_TABLE.c.expires_at <= now.astimezone(UTC)).limit(most)
    return connection.execute(delete(_TABLE).where(_TABLE.c.digest.in_(over))).rowcount
