"""Accounts and their keys."""

from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy import Connection, and_, bindparam, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from app.store.db import Session
from app.store.find import NotFound
from app.store.ids import is_id, new_id
from app.store.rows import AccountRow, KeyRow, Mode
from app.store.tables import Account, ApiKey

_ACCOUNT = Account.__table__
_KEY = ApiKey.__table__
_FIND_KEY = select(_KEY).where(_KEY.c.digest == bindparam("digest"))
_LIST = select(_KEY).where(_KEY.c.account_id == bindparam("account_id")).order_by(_KEY.c.id)
_OWN = and_(_KEY.c.account_id == bindparam("own_account"), _KEY.c.id == bindparam("own_id"))
_AT = bindparam("at", type_=_KEY.c.created_at.type)
_TOUCH = update(_KEY).where(_OWN).values(last_used_at=_AT)
_REVOKE = update(_KEY).where(_OWN).values(revoked_at=func.coalesce(_KEY.c.revoked_at, _AT))
_INSERT_ACCOUNT = {
    "sqlite": sqlite.insert(_ACCOUNT).on_conflict_do_nothing(index_elements=["name"]),
    "postgresql": postgresql.insert(_ACCOUNT).on_conflict_do_nothing(index_elements=["name"]),
}


def find_or_insert_account(connection: Connection, name: str, now: datetime, mode: Mode = "live") -> str:
    """The id of the account of that name, which exists from now on. What is for trying out is an account apart."""
    name = name if mode == "live" else f"{name} (test)"
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


def insert_key(connection: Connection, key: KeyRow) -> None:
    """Keep a key, by its digest."""
    connection.execute(insert(_KEY), key._asdict())


def find_key(connection: Connection, digest: str) -> KeyRow | None:
    """The key with this digest, whichever account's: a look-up that cannot know the account yet."""
    row = connection.execute(_FIND_KEY, {"digest": digest}).one_or_none()
    return None if row is None else KeyRow._make(row)


def touch_key(connection: Connection, key: KeyRow, now: datetime) -> None:
    """Note that a key was used just now."""
    connection.execute(_TOUCH, {"own_account": key.account_id, "own_id": key.id, "at": now.astimezone(UTC)})


def list_keys(session: Session) -> tuple[KeyRow, ...]:
    """Every key of the account, the oldest first, those that are revoked, too."""
    return tuple(KeyRow._make(row) for row in session.connection.execute(_LIST, {"account_id": session.account_id}))


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
