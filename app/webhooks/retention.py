"""Forgetting: messages past their retention go, with their deliveries and attempts, a batch at a time."""

from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy import Connection, bindparam, delete, exists, func, select

from app.store.db import Session
from app.store.ids import first_message_id
from app.store.tables import Account, Delivery, Message, Recovery
from app.webhooks.batches import Batch
from app.webhooks.lanes import hold_lanes

_ACCOUNT = Account.__table__
_MESSAGE = Message.__table__
_DELIVERY = Delivery.__table__
_RECOVERY = Recovery.__table__
_OLDEST = select(func.min(_MESSAGE.c.id)).where(_MESSAGE.c.account_id == _ACCOUNT.c.id).scalar_subquery()
_ACCOUNTS = select(_ACCOUNT.c.id).where(bindparam("bound") > _OLDEST).order_by(_ACCOUNT.c.id)
_WAITS = exists().where(
    _DELIVERY.c.account_id == _MESSAGE.c.account_id,
    _DELIVERY.c.message_id == _MESSAGE.c.id,
    _DELIVERY.c.state == "open",
)
# Whether somebody waits is asked message by message: as a condition it would be a join with the whole log.
_PAGE = (
    select(_MESSAGE.c.id, _WAITS)
    .where(_MESSAGE.c.account_id == bindparam("account_id"))
    .where(_MESSAGE.c.id > bindparam("after"), _MESSAGE.c.id < bindparam("bound"))
    .order_by(_MESSAGE.c.id)
    .limit(bindparam("most"))
)
_REMOVE = Batch(
    """
    DELETE FROM message WHERE (account_id, id) IN (SELECT account_id, id FROM {given}) AND NOT EXISTS (
        SELECT 1 FROM delivery AS d
        WHERE d.account_id = message.account_id AND d.message_id = message.id AND d.state = 'open'
    )
    """,
    account_id="text",
    id="text",
)


def remove_old(connection: Connection, before: datetime, most: int = 250) -> int:
    """Remove at most `most` messages from before then that nobody waits for any more; says how many there were.

    Their accounts' lanes are held: commit, let others work, and ask again until there are none.
    """
    bound, removed = first_message_id(before), 0
    for account_id in connection.execute(_ACCOUNTS, {"bound": bound}).scalars().all():
        if removed < most:
            removed += _remove(connection, account_id, _find_done(connection, account_id, bound, most - removed))
    return removed


def remove_recoveries(connection: Connection, before: datetime) -> int:
    """Remove the recoveries that were finished before then; says how many there were."""
    return connection.execute(delete(_RECOVERY).where(_RECOVERY.c.finished_at < before.astimezone(UTC))).rowcount


def _find_done(connection: Connection, account_id: str, bound: str, most: int) -> Sequence[str]:
    """Messages of the account that nobody seems to wait for, from the oldest on."""
    given = {"account_id": account_id, "after": "", "bound": bound, "most": most}
    while page := connection.execute(_PAGE, given).all():
        if done := [id for id, waits in page if not waits]:
            return done
        given["after"] = page[-1].id
    return ()


def _remove(connection: Connection, account_id: str, message_ids: Sequence[str]) -> int:
    if not message_ids:
        return 0
    # Whoever sends one of them again holds the lanes too, and may just have done so.
    hold_lanes(Session(connection, account_id))
    return _REMOVE.execute(connection, [(account_id, id) for id in message_ids]).rowcount
