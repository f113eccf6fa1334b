"""Sending again: one delivery, or all that an endpoint missed since some instant, in steps that survive a crash."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from sqlalchemy import Connection, and_, bindparam, func, insert, select, update

from app.store.db import Session
from app.store.find import NotFound
from app.store.ids import first_message_id, is_id, new_id
from app.store.many import insert_many
from app.store.rows import DeliveryRow, DeliveryState, PendingRow, RecoveryRow
from app.store.tables import Delivery, Message, Pending, Recovery
from app.webhooks.batches import Batch
from app.webhooks.lanes import Subscriber, hold_lanes, wake

_MESSAGE = Message.__table__
_DELIVERY = Delivery.__table__
_PENDING = Pending.__table__
_RECOVERY = Recovery.__table__
_ADDRESSED = {"ping", "endpoint.disabled"}
"""What is written to some endpoints only: whoever has no delivery of it was not meant."""

_IS_UNFINISHED = _RECOVERY.c.finished_at.is_(None)
_UNFINISHED = select(_RECOVERY.c.account_id, _RECOVERY.c.id).where(_IS_UNFINISHED).order_by(_RECOVERY.c.created_at)
_OWN_RECOVERY = and_(_RECOVERY.c.account_id == bindparam("own_account"), _RECOVERY.c.id == bindparam("own_id"))
_READ = select(_RECOVERY).where(_OWN_RECOVERY, _IS_UNFINISHED)
_READ_OF_ENDPOINT = (
    select(_RECOVERY)
    .where(_RECOVERY.c.account_id == bindparam("account_id"), _RECOVERY.c.endpoint_id == bindparam("endpoint_id"))
    .where(_IS_UNFINISHED)
    .order_by(_RECOVERY.c.created_at)
)
_ADVANCE = update(_RECOVERY).where(_OWN_RECOVERY)
_NEWEST = select(func.max(_MESSAGE.c.id)).where(_MESSAGE.c.account_id == bindparam("account_id"))
_SENT = and_(
    _DELIVERY.c.account_id == _MESSAGE.c.account_id,
    _DELIVERY.c.message_id == _MESSAGE.c.id,
    _DELIVERY.c.endpoint_id == bindparam("endpoint_id"),
)
_STRETCH = (
    select(
        _MESSAGE.c.id,
        _MESSAGE.c.type,
        _MESSAGE.c.moment,
        _MESSAGE.c.payload.is_not(None),
        _DELIVERY.c.id,
        _DELIVERY.c.state,
    )
    .join_from(_MESSAGE, _DELIVERY, _SENT, isouter=True)
    .where(_MESSAGE.c.account_id == bindparam("account_id"))
    .where(_MESSAGE.c.id > bindparam("after"), _MESSAGE.c.id <= bindparam("until"))
    .order_by(_MESSAGE.c.id)
    .limit(bindparam("most"))
)
_TAKEN_BACK = and_(_MESSAGE.c.type == "follow_up.due", _MESSAGE.c.moment.is_(None))
_FIND = (
    select(*_DELIVERY.c, _MESSAGE.c.payload.is_not(None), _TAKEN_BACK)
    .join(_MESSAGE, and_(_MESSAGE.c.account_id == _DELIVERY.c.account_id, _MESSAGE.c.id == _DELIVERY.c.message_id))
    .where(_DELIVERY.c.account_id == bindparam("account_id"), _DELIVERY.c.id == bindparam("id"))
)
_HASTEN = (
    update(_PENDING)
    .where(_PENDING.c.account_id == bindparam("own_account"), _PENDING.c.delivery_id == bindparam("own_id"))
    .where(_PENDING.c.claim.is_(None), _PENDING.c.available_at > bindparam("now"))
    .values(available_at=bindparam("now"))
)
_REOPEN = Batch(
    """
    UPDATE delivery SET state = 'open', settled_at = NULL FROM {given}
    WHERE delivery.account_id = given.account_id AND delivery.id = given.id
    """,
    account_id="text",
    id="text",
)


class Unsendable(Exception):
    """A delivery that cannot be sent again: what it said is forgotten or taken back, or its endpoint is deleted."""


class _Found(NamedTuple):
    """A message, and its delivery to the endpoint that is recovering, if there is one."""

    id: str
    type: str
    moment: datetime | None
    is_kept: bool
    delivery_id: str | None
    state: DeliveryState | None


def start_recovery(session: Session, endpoint_id: str, since: datetime, now: datetime) -> RecoveryRow:
    """Have everything sent again that the endpoint missed from `since` until now. Raises NotFound.

    An endpoint has one recovery at a time: one that is under way goes back to `since`, if it was further on.
    """
    _hold(session, endpoint_id)
    given = {"account_id": session.account_id, "endpoint_id": endpoint_id}
    found = session.connection.execute(_READ_OF_ENDPOINT, given).first()
    after = first_message_id(since)
    until = session.connection.execute(_NEWEST, {"account_id": session.account_id}).scalar_one() or after
    if found is not None:
        return _widen(session, RecoveryRow._make(found), since.astimezone(UTC), after, until)
    row = RecoveryRow(
        account_id=session.account_id,
        id=new_id("rec", now),
        endpoint_id=endpoint_id,
        since=since.astimezone(UTC),
        after=after,
        until=until,
        recovered=0,
        created_at=now.astimezone(UTC),
        finished_at=None,
    )
    session.connection.execute(insert(_RECOVERY), row._asdict())
    return row


def list_unfinished(connection: Connection) -> dict[str, list[str]]:
    """The ids of the recoveries that are under way, the oldest first, by account."""
    found = dict[str, list[str]]()
    for account_id, id in connection.execute(_UNFINISHED):
        found.setdefault(account_id, []).append(id)
    return found


def recover_some(session: Session, recovery_id: str, now: datetime, most: int = 500) -> int:
    """One step of a recovery: how many deliveries were put in line; 0 of one that is over, too.

    A step looks at `most` messages, and remembers in the same transaction how far it came.
    """
    subscribers = {subscriber.endpoint.id: subscriber for subscriber in hold_lanes(session)}
    # Read after: whoever held the lanes before may have carried it on, or deleted its endpoint.
    own = {"own_account": session.account_id, "own_id": recovery_id}
    found = session.connection.execute(_READ, own).first()
    if found is None:
        return 0
    row = RecoveryRow._make(found)
    return _carry_on(session, row, subscribers[row.endpoint_id], now, most)


def retry_delivery(session: Session, delivery_id: str, now: datetime) -> DeliveryRow:
    """Send a delivery once more, on the schedule from its beginning; one that waits for its turn has it now.

    One that is under way stays as it is. Raises NotFound, Unsendable.
    """
    if not is_id("dlv", delivery_id):
        raise NotFound("delivery", delivery_id)
    endpoint_ids = {subscriber.endpoint.id for subscriber in hold_lanes(session)}
    found = session.connection.execute(_FIND, {"account_id": session.account_id, "id": delivery_id}).one_or_none()
    if found is None:
        raise NotFound("delivery", delivery_id)
    row, is_kept, is_taken_back = DeliveryRow._make(found[:-2]), found[-2], found[-1]
    if not is_kept:
        raise Unsendable("the interview that the message was about is forgotten")
    if is_taken_back:
        raise Unsendable("what it says was taken back: the follow-up is not due any more")
    if row.endpoint_id not in endpoint_ids:
        raise Unsendable("the endpoint is deleted")
    if row.state == "open":
        own = {"own_account": row.account_id, "own_id": row.id, "now": now}
        session.connection.execute(_HASTEN, own)
    else:
        _line_up(session, row.endpoint_id, [(row.id, row.message_id)], now)
    wake(session, [row.endpoint_id], now)
    return row._replace(state="open", settled_at=None)


def _hold(session: Session, endpoint_id: str) -> None:
    if all(subscriber.endpoint.id != endpoint_id for subscriber in hold_lanes(session)):
        raise NotFound("webhook endpoint", endpoint_id)


def _widen(session: Session, row: RecoveryRow, since: datetime, after: str, until: str) -> RecoveryRow:
    """Also what failed since it was looked at, and what was announced since the recovery began."""
    wider = row._replace(since=min(row.since, since), after=min(row.after, after), until=max(row.until, until))
    own = {"own_account": row.account_id, "own_id": row.id}
    values = {"since": wider.since, "after": wider.after, "until": wider.until}
    session.connection.execute(_ADVANCE.values(values), own)
    return wider


def _carry_on(session: Session, row: RecoveryRow, subscriber: Subscriber, now: datetime, most: int) -> int:
    given = {"account_id": row.account_id, "endpoint_id": row.endpoint_id}
    stretch = given | {"after": row.after, "until": row.until, "most": most}
    found = [_Found._make(each) for each in session.connection.execute(_STRETCH, stretch)]
    missed = [each for each in found if _is_missed(each, subscriber)]
    known = [(each.delivery_id, each.id) for each in missed if each.delivery_id is not None]
    _line_up(session, row.endpoint_id, known, now)
    _send_first(session, row.endpoint_id, [each.id for each in missed if each.delivery_id is None], now)
    wake(session, [row.endpoint_id], now)
    values = {
        "after": found[-1].id if found else row.after,
        "recovered": row.recovered + len(missed),
        "finished_at": None if len(found) == most else now.astimezone(UTC),
    }
    own = {"own_account": row.account_id, "own_id": row.id}
    session.connection.execute(_ADVANCE.values(values), own)
    return len(missed)


def _is_missed(found: _Found, subscriber: Subscriber) -> bool:
    """Whether the endpoint asked for the message, it still stands, and it neither arrived nor is on its way."""
    if not found.is_kept or not subscriber.wants(found.type):
        return False
    if found.type == "follow_up.due" and found.moment is None:
        return False  # taken back
    return found.type not in _ADDRESSED if found.state is None else found.state in {"failed", "cancelled"}


def _send_first(session: Session, endpoint_id: str, message_ids: Sequence[str], now: datetime) -> None:
    """Deliveries of messages that the endpoint had none of."""
    ids = sorted(new_id("dlv", now) for _ in message_ids)
    rows = [
        DeliveryRow(session.account_id, id, endpoint_id, message_id, "open", 0, now.astimezone(UTC), None)
        for id, message_id in zip(ids, message_ids, strict=True)
    ]
    insert_many(session.connection, _DELIVERY, [row._asdict() for row in rows])
    _wait(session, endpoint_id, [(row.id, row.message_id) for row in rows], now)


def _line_up(session: Session, endpoint_id: str, deliveries: Sequence[tuple[str, str]], now: datetime) -> None:
    """Open deliveries again, each with its message."""
    if deliveries:
        _REOPEN.execute(session.connection, [(session.account_id, id) for id, _ in deliveries])
    _wait(session, endpoint_id, deliveries, now)


def _wait(session: Session, endpoint_id: str, deliveries: Sequence[tuple[str, str]], now: datetime) -> None:
    rows = [
        PendingRow(session.account_id, id, endpoint_id, message_id, retry=True, available_at=now, tries=0, claim=None)
        for id, message_id in deliveries
    ]
    insert_many(session.connection, _PENDING, [row._asdict() for row in rows])
