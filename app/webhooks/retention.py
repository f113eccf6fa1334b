"""Forgetting: messages past their retention go, with their deliveries and attempts, a batch at a time."""

from datetime import datetime

from sqlalchemy import Connection, and_, bindparam, delete, exists, select

from app.store.db import Session
from app.store.tables import Account, Delivery, Message
from app.webhooks.lanes import hold_lanes
from app.webhooks.message_ids import first_id

ACCOUNTS = 20
"""How many accounts are held at once."""

_ACCOUNT = Account.__table__
_MESSAGE = Message.__table__
_DELIVERY = Delivery.__table__
_OLD = and_(
    _MESSAGE.c.id < bindparam("bound"),
    ~exists().where(
        _DELIVERY.c.account_id == _MESSAGE.c.account_id,
        _DELIVERY.c.message_id == _MESSAGE.c.id,
        _DELIVERY.c.state == "open",
    ),
)
_ACCOUNTS = (
    select(_ACCOUNT.c.id)
    .where(exists().where(_MESSAGE.c.account_id == _ACCOUNT.c.id, _OLD))
    .order_by(_ACCOUNT.c.id)
    .limit(ACCOUNTS)
)
_BATCH = (
    select(_MESSAGE.c.id)
    .where(_MESSAGE.c.account_id == bindparam("own_account"), _OLD)
    .order_by(_MESSAGE.c.id)
    .limit(bindparam("most"))
)
_REMOVE = delete(_MESSAGE).where(_MESSAGE.c.account_id == bindparam("own_account"), _MESSAGE.c.id.in_(_BATCH))


def remove_old(connection: Connection, before: datetime, most: int = 1000) -> int:
    """Remove at most `most` messages from before then that nobody waits for any more; says how many there were.

    Commit, and ask again until there are none.
    """
    bound, removed = first_id(before), 0
    for account_id in connection.execute(_ACCOUNTS, {"bound": bound}).scalars().all():
        # Whoever sends one of them again, or settles it, holds the lanes too.
        hold_lanes(Session(connection, account_id))
        given = {"own_account": account_id, "bound": bound, "most": most - removed}
        removed += connection.execute(_REMOVE, given).rowcount
    return removed
