"""Accounts and their keys."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, bindparam, insert, select
from sqlalchemy.dialects import postgresql, sqlite

from app.store.ids import new_id
from app.store.rows import KeyRow
from app.store.tables import Account, ApiKey

_ACCOUNT = Account.__table__
_KEY = ApiKey.__table__
_FIND_KEY = select(_KEY).where(_KEY.c.digest == bindparam("digest"))
_INSERT_ACCOUNT = {
    "sqlite": sqlite.insert(_ACCOUNT).on_conflict_do_nothing(index_elements=["name"]),
    "postgresql": postgresql.insert(_ACCOUNT).on_conflict_do_nothing(index_elements=["name"]),
}


def find_or_insert_account(connection: Connection, name: str, now: datetime) -> str:
    """The id of the account of that name, which exists from now on."""
    find = select(_ACCOUNT.c.id).where(_ACCOUNT.c.name == name)
    found = connection.execute(find).scalar_one_or_none()
    if found is None:
        account = {"id": new_id("acc", now), "name": name, "created_at": now}
        connection.execute(_INSERT_ACCOUNT[connection.dialect.name], account)
        found = connection.execute(find).scalar_one()
    return str(found)


def list_accounts(connection: Connection) -> Sequence[str]:
    """The ids of all accounts."""
    return connection.execute(select(_ACCOUNT.c.id).order_by(_ACCOUNT.c.id)).scalars().all()


def insert_key(connection: Connection, key: KeyRow) -> None:
    """Keep a key, by its digest."""
    connection.execute(insert(_KEY), key._asdict())


def find_key(connection: Connection, digest: str) -> KeyRow | None:
    """The key with this digest, whichever account's: the one look-up that cannot know the account yet."""
    row = connection.execute(_FIND_KEY, {"digest": digest}).one_or_none()
    return None if row is None else KeyRow._make(row)


def has_keys(connection: Connection) -> bool:
    """Whether anybody has ever been given a key."""
    return connection.execute(select(_KEY.c.id).limit(1)).first() is not None
