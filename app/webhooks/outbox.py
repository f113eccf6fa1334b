"""The outbox: what subscribers are to be told is written down in the transaction that made it true.

Whoever calls holds no delivery yet, and locks no interview afterwards: lanes come between the two.
"""

import json
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from sqlalchemy import Column, ColumnElement, Table, and_, delete, select, text, update
from sqlalchemy.dialects import sqlite

from app.schemas.webhook_events import EventType
from app.store.db import Session
from app.store.find import NotFound
from app.store.ids import new_id
from app.store.many import as_json, in_parts, insert_json, insert_many
from app.store.rows import DeliveryRow, DisabledBecause, MessageRow, PendingRow
from app.store.tables import Attempt, Delivery, Lane, Message, Pending, WebhookEndpoint
from app.webhooks.lanes import Subscriber, hold_lanes, wake

_MESSAGE = Message.__table__
_DELIVERY = Delivery.__table__
_PENDING = Pending.__table__
_ATTEMPT = Attempt.__table__
_ENDPOINT = WebhookEndpoint.__table__
_LANE = Lane.__table__
_ONCE = "ON CONFLICT (account_id, follow_up_id, type, moment) WHERE moment IS NOT NULL DO NOTHING RETURNING id"
_INSERT_ON_POSTGRESQL = insert_json(_MESSAGE, _ONCE)
_INSERT_ON_SQLITE = (
    sqlite.insert(_MESSAGE)
    .on_conflict_do_nothing(["account_id", "follow_up_id", "type", "moment"], text("moment IS NOT NULL"))
    .returning(_MESSAGE.c.id)
)


class News(NamedTuple):
    """Something to tell subscribers. What has a `moment` is told once for that moment of its follow-up."""

    type: EventType
    data: dict[str, Any]
    interview_id: str | None = None
    follow_up_id: str | None = None
    moment: datetime | None = None


class Forgotten(NamedTuple):
    """How many messages and answers of receivers were blotted out, and how many deliveries cancelled."""

    messages: int
    deliveries: int
    attempts: int


def payload(news: News, now: datetime) -> str:
    """The text that every subscriber gets, to the byte."""
    told = {"type": news.type, "timestamp": show_utc(now), "data": news.data}
    return json.dumps(told, ensure_ascii=False, separators=(",", ":"))


def show_utc(instant: datetime) -> str:
    """An instant in UTC, RFC 3339."""
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")


def publish(session: Session, news: Sequence[News], now: datetime) -> int:
    """Write a message for whatever an endpoint of the account asks for, and a delivery to each that is enabled.

    Says how many messages were written; what was told of the same moment before is not told again.
    """
    if not news:
        return 0
    subscribers = hold_lanes(session)
    takers: dict[str, list[Subscriber]] = {
        name: [each for each in subscribers if each.wants(name)] for name in {item.type for item in news}
    }
    messages = _insert_messages(session, [item for item in news if takers[item.type]], now)
    sent = ((row, each) for row in messages for each in takers[row.type] if each.endpoint.enabled)
    _insert_deliveries(session, sent, now)
    return len(messages)


def publish_to(session: Session, endpoint_id: str, news: News, now: datetime) -> MessageRow:
    """Tell one endpoint, whatever it asks for. A disabled one gets it once it is enabled. Raises NotFound."""
    receiver = _find(session, endpoint_id)
    if receiver is None:
        raise NotFound("webhook endpoint", endpoint_id)
    (message,) = _insert_messages(session, [news], now)
    _insert_deliveries(session, [(message, receiver)], now)
    return message


def cancel(session: Session, follow_up_ids: Collection[str], now: datetime) -> int:
    """Take back that these follow-ups are due: what still waits to say so is cancelled; says how many deliveries.

    Should one of them come back, its moment is free to be told again.
    """
    if not follow_up_ids:
        return 0
    hold_lanes(session)
    due = (_MESSAGE.c.type == "follow_up.due", _MESSAGE.c.moment.is_not(None))
    cancelled = 0
    for message_ids in in_parts(_find_messages(session, _MESSAGE.c.follow_up_id, follow_up_ids, *due)):
        _update_messages(session, message_ids, {"moment": None})
        cancelled += _cancel(session, message_ids, now)
    return cancelled


def forget(session: Session, interview_ids: Collection[str], now: datetime) -> Forgotten:
    """Cancel what still waits to be said of these interviews, and blot out what was; the ids alone stay."""
    messages = deliveries = attempts = 0
    if interview_ids:
        hold_lanes(session)
        for message_ids in in_parts(_find_messages(session, _MESSAGE.c.interview_id, interview_ids)):
            deliveries += _cancel(session, message_ids, now)
            messages += _update_messages(session, message_ids, {"payload": None}, _MESSAGE.c.payload.is_not(None))
            attempts += _blot_answers(session, message_ids)
    return Forgotten(messages, deliveries, attempts)


def cancel_pending(session: Session, endpoint_id: str, now: datetime) -> int:
    """Cancel whatever waits for one endpoint; says how many deliveries."""
    hold_lanes(session)
    waiting = and_(_own(_PENDING, session), _PENDING.c.endpoint_id == endpoint_id)
    deliveries = and_(_own(_DELIVERY, session), _DELIVERY.c.id.in_(select(_PENDING.c.delivery_id).where(waiting)))
    values = {"state": "cancelled", "settled_at": now.astimezone(UTC)}
    session.connection.execute(update(_DELIVERY).where(deliveries).values(values))
    return session.connection.execute(delete(_PENDING).where(waiting)).rowcount


def disable(
    session: Session,
    endpoint_id: str,
    because: DisabledBecause,
    now: datetime,
    still: Callable[[Subscriber], bool] = lambda _: True,
) -> None:
    """Send an endpoint nothing more, if it is `still` so; one that is disabled already, or deleted, stays so.

    What waits for it is held for its owner, who may enable it again. Where it is gone or failing, that is cancelled,
    and the account's other endpoints are told.
    """
    found = _find(session, endpoint_id)
    if found is None or not found.endpoint.enabled or not still(found):
        return
    values = {"enabled": False, "disabled_because": because, "updated_at": now.astimezone(UTC)}
    own = and_(_own(_ENDPOINT, session), _ENDPOINT.c.id == endpoint_id)
    session.connection.execute(update(_ENDPOINT).where(own).values(values))
    lane = and_(_own(_LANE, session), _LANE.c.endpoint_id == endpoint_id)
    session.connection.execute(update(_LANE).where(lane).values(next_at=None))
    if because != "owner":
        cancel_pending(session, endpoint_id, now)
        publish(session, [_tell_disabled(found, because)], now)


def _tell_disabled(found: Subscriber, because: DisabledBecause) -> News:
    since = found.lane.failing_since
    data = {
        "endpoint_id": found.endpoint.id,
        "url": found.endpoint.url,
        "disabled_because": because,
        "failing_since": since and show_utc(since),
    }
    return News("endpoint.disabled", data)


def _find(session: Session, endpoint_id: str) -> Subscriber | None:
    return next((each for each in hold_lanes(session) if each.endpoint.id == endpoint_id), None)


def _insert_messages(session: Session, news: Sequence[News], now: datetime) -> list[MessageRow]:
    """The messages that were written, in the order of the news."""
    ids = sorted(new_id("msg", now) for _ in news)
    rows = [_as_message(session, id, item, now) for id, item in zip(ids, news, strict=True)]
    if not rows:
        return []
    values = [row._asdict() for row in rows]
    if session.connection.dialect.name == "postgresql":
        inserted = session.connection.execute(_INSERT_ON_POSTGRESQL, as_json(values))
    else:
        inserted = session.connection.execute(_INSERT_ON_SQLITE, values)
    written = set(inserted.scalars())
    return [row for row in rows if row.id in written]


def _as_message(session: Session, id: str, news: News, now: datetime) -> MessageRow:
    moment = news.moment and news.moment.astimezone(UTC)
    about = (news.interview_id, news.follow_up_id, moment)
    told = (payload(news, now), session.traceparent, now.astimezone(UTC))
    return MessageRow(session.account_id, id, news.type, *about, *told)


def _insert_deliveries(session: Session, sent: Iterable[tuple[MessageRow, Subscriber]], now: datetime) -> None:
    pairs, at = list(sent), now.astimezone(UTC)
    if not pairs:
        return
    ids = sorted(new_id("dlv", now) for _ in pairs)
    numbered = [(id, to.endpoint.id, message.id) for id, (message, to) in zip(ids, pairs, strict=True)]
    own = session.account_id
    deliveries = [DeliveryRow(own, *each, "open", 0, at, None) for each in numbered]
    pending = [PendingRow(own, *each, retry=False, available_at=at, tries=0, claim=None) for each in numbered]
    insert_many(session.connection, _DELIVERY, [row._asdict() for row in deliveries])
    insert_many(session.connection, _PENDING, [row._asdict() for row in pending])
    wake(session, (to for _, to, _ in numbered), now)


def _own(table: Table, session: Session) -> ColumnElement[bool]:
    own: ColumnElement[bool] = table.c.account_id == session.account_id
    return own


def _find_messages(
    session: Session, about: Column[str], ids: Collection[str], *conditions: ColumnElement[bool]
) -> Sequence[str]:
    # Read first: joined into what follows, they might be found by walking through the whole log.
    own = select(_MESSAGE.c.id).where(_own(_MESSAGE, session), *conditions)
    parts = (session.connection.execute(own.where(about.in_(each))).scalars() for each in in_parts(list(ids)))
    return [id for part in parts for id in part]


def _update_messages(
    session: Session, message_ids: Sequence[str], values: dict[str, Any], *conditions: ColumnElement[bool]
) -> int:
    own = and_(_own(_MESSAGE, session), _MESSAGE.c.id.in_(message_ids), *conditions)
    return session.connection.execute(update(_MESSAGE).where(own).values(values)).rowcount


def _blot_answers(session: Session, message_ids: Sequence[str]) -> int:
    deliveries = select(_DELIVERY.c.id).where(_own(_DELIVERY, session), _DELIVERY.c.message_id.in_(message_ids))
    told = and_(_own(_ATTEMPT, session), _ATTEMPT.c.delivery_id.in_(deliveries), _ATTEMPT.c.body.is_not(None))
    return session.connection.execute(update(_ATTEMPT).where(told).values(body=None)).rowcount


def _cancel(session: Session, message_ids: Sequence[str], now: datetime) -> int:
    """Cancel the open deliveries of messages, the leased ones too: whoever has one settles it in vain."""
    waiting = and_(_own(_DELIVERY, session), _DELIVERY.c.message_id.in_(message_ids), _DELIVERY.c.state == "open")
    values = {"state": "cancelled", "settled_at": now.astimezone(UTC)}
    cancelling = update(_DELIVERY).where(waiting).values(values).returning(_DELIVERY.c.id, _DELIVERY.c.endpoint_id)
    cancelled = session.connection.execute(cancelling).all()
    gone = and_(_own(_PENDING, session), _PENDING.c.delivery_id.in_([row.id for row in cancelled]))
    session.connection.execute(delete(_PENDING).where(gone))
    wake(session, (row.endpoint_id for row in cancelled), now)  # there may be room again
    return len(cancelled)
