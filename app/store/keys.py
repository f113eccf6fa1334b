"""Accounts and their keys."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, and_, bindparam, func, insert, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from app.store.db import Session
from app.store.find import NotFound
from app.store.ids import is_id, new_id
from app.store.paging import Listing, Page, read_page
from app.store.rows import AccountRow, KeyRow, Mode
from app.store.tables import Account, ApiKey

_ACCOUNT = Account.__table__
_KEY = ApiKey.__table__
_FIND_KEY = select(_KEY).where(_KEY.c.digest == bindparam("digest"))
_FIND_ACCOUNT = select(_ACCOUNT).where(_ACCOUNT.c.id == bindparam("account_id"))
_LISTED_ORIGINS = select(_ACCOUNT.c.allowed_origins).where(_ACCOUNT.c.allowed_origins != "[]").distinct()
_OWN = and_(_KEY.c.account_id == bindparam("own_account"), _KEY.c.id == bindparam("own_id"))
_AT = bindparam("at", type_=_KEY.c.created_at.type)
_LAST = bindparam("last", type_=_KEY.c.created_at.type)
_TOUCH = (
    update(_KEY).where(_OWN, or_(_KEY.c.last_used_at.is_(None), _KEY.c.last_used_at <= _LAST)).values(last_used_at=_AT)
)
_REVOKE = update(_KEY).where(_OWN).values(revoked_at=func.coalesce(_KEY.c.revoked_at, _AT))
_INSERT_ACCOUNT = {
    "sqlite": sqlite.insert(_ACCOUNT).on_conflict_do_nothing(index_elements=["name"]),
    "postgresql": postgresql.insert(_ACCOUNT).on_conflict_do_nothing(index_elements=["name"]),
}


TEST_SUFFIX = " (test)"
"""What is for trying out is an account apart, with this behind its name."""

TOUCHED_EVERY = timedelta(minutes=1)
"""How often it is written down at most that a key was used."""


def find_or_insert_account(connection: Connection, name: str, now: datetime, mode: Mode = "live") -> str:
    """The id of the account of that name, which exists from now on; that for trying out is another."""
    name = name if mode == "live" else name + TEST_SUFFIX
    find = select(_ACCOUNT.c.id).where(_ACCOUNT.c.name == name)
    found = connection.execute(find).scalar_one_or_none()
    if found is None:
        account = AccountRow(new_id("acc", now), name, mode, "[]", None, now.astimezone(UTC))
        connection.execute(_INSERT_ACCOUNT[connection.dialect.name], account._asdict())
        found = connection.execute(find).scalar_one()
    return str(found)


def list_accounts(connection: Connection) -> Sequence[str]:
    """The ids of all accounts."""
    return connection.execute(select(_ACCOUNT.c.id).order_by(_ACCOUNT.c.id)).scalars().all()


def find_account(session: Session) -> AccountRow:
    """The session's account."""
    return AccountRow._make(session.connection.execute(_FIND_ACCOUNT, {"account_id": session.account_id}).one())


def change_account(session: Session, changes: Mapping[str, Any]) -> AccountRow:
    """Let these columns of the session's account be so; what the account is then."""
    if changes:
        session.connection.execute(update(_ACCOUNT).where(_ACCOUNT.c.id == session.account_id).values(changes))
    return find_account(session)


def list_origins(connection: Connection) -> frozenset[str]:
    """Every origin that some account has listed: a browser that asks has no credential to know an account by."""
    texts = connection.execute(_LISTED_ORIGINS).scalars()
    return frozenset(origin for text in texts for origin in json.loads(text))


def insert_key(connection: Connection, key: KeyRow) -> None:
    """Keep a key, by its digest."""
    connection.execute(insert(_KEY), key._asdict())


def find_key(connection: Connection, digest: str) -> KeyRow | None:
    """The key with this digest, whichever account's: a look-up that cannot know the account yet."""
    row = connection.execute(_FIND_KEY, {"digest": digest}).one_or_none()
    return None if row is None else KeyRow._make(row)


def touch_key(connection: Connection, key: KeyRow, now: datetime) -> bool:
    """Note that a key was used just now, once a minute at most, whoever notes it; says whether that was written."""
    at = now.astimezone(UTC)
    given = {"own_account": key.account_id, "own_id": key.id, "at": at, "last": at - TOUCHED_EVERY}
    return connection.execute(_TOUCH, given).rowcount > 0


def list_keys(session: Session, *, limit: int, cursor: str | None = None) -> Page[KeyRow]:
    """One page of the account's keys, the newest first, those that are revoked, too. Raises BadCursor."""
    listing = Listing(_KEY, session.account_id, "-created_at", {}, (), by_id=True)
    return read_page(session, listing, KeyRow._make, limit=limit, cursor=cursor)


def list_all_keys(connection: Connection) -> tuple[tuple[str, KeyRow], ...]:
    """Every key of every account, the oldest first, each with the name of its account: for whoever runs the service."""
    every = select(_ACCOUNT.c.name, *_KEY.c).join(_KEY, _KEY.c.account_id == _ACCOUNT.c.id).order_by(_KEY.c.id)
    return tuple((name, KeyRow._make(key)) for name, *key in connection.execute(every))


def revoke_key(session: Session, key_id: str, now: datetime) -> None:
    """Let nobody in with this key from now on; one that was revoked before stays so. Raises NotFound."""
    if not is_id("key", key_id):
        raise NotFound("key", key_id)
    own = {"own_account": session.account_id, "own_id": key_id, "at": now.astimezone(UTC)}
    if session.connection.execute(_REVOKE, own).rowcount == 0:
        raise NotFound("key", key_id)


def has_keys(connection: Connection) -> bool:
    """Whether anybody has ever been given a key."""
    return connection.execute(select(_KEY.c.id).limit(1)).first() is not None
