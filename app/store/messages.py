"""The statements that read the log: messages, their deliveries and the attempts. Whoever sends writes it."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, bindparam, select

from app.store.db import Session
from app.store.many import in_parts
from app.store.paging import Listing, Page, read_page
from app.store.rows import AttemptRow, DeliveryRow, DeliveryState, MessageRow
from app.store.tables import Attempt, Delivery, Message, Pending, WebhookEndpoint

_MESSAGE = Message.__table__
_DELIVERY = Delivery.__table__
_PENDING = Pending.__table__
_ATTEMPT = Attempt.__table__
_ENDPOINT = WebhookEndpoint.__table__


def _same(table: Any, column: str, other: Any, id: str) -> ColumnElement[bool]:
    return and_(table.c.account_id == other.c.account_id, table.c[column] == other.c[id])


_PROGRESS = (
    select(_DELIVERY, _MESSAGE.c.type, _PENDING.c.available_at, _PENDING.c.claim, _ENDPOINT.c.enabled)
    .join_from(_DELIVERY, _MESSAGE, _same(_DELIVERY, "message_id", _MESSAGE, "id"))
    .outerjoin(_PENDING, _same(_DELIVERY, "id", _PENDING, "delivery_id"))
    .outerjoin(_ENDPOINT, _same(_DELIVERY, "endpoint_id", _ENDPOINT, "id"))
    .where(_DELIVERY.c.account_id == bindparam("account_id"))
)
_ATTEMPTS = (
    select(_ATTEMPT)
    .join(_DELIVERY, _same(_ATTEMPT, "delivery_id", _DELIVERY, "id"))
    .where(_DELIVERY.c.account_id == bindparam("account_id"))
    .where(_DELIVERY.c.message_id.in_(bindparam("message_ids", expanding=True)))
    .order_by(_ATTEMPT.c.delivery_id, _ATTEMPT.c.number)
)


class Progress(NamedTuple):
    """A delivery and how it stands: when it is tried next, if nobody has it in hand; held while nobody may."""

    delivery: DeliveryRow
    type: str
    next_attempt_at: datetime | None
    held: bool


@dataclass(frozen=True, slots=True)
class MessageFilter:
    """What listed messages have in common."""

    type: str | None = None
    interview_id: str | None = None
    follow_up_id: str | None = None


def list_messages(
    session: Session, filters: MessageFilter, *, limit: int, cursor: str | None = None
) -> Page[MessageRow]:
    """One page of the account's messages, the newest first. Raises BadCursor."""
    wanted = asdict(filters)
    conditions = [_MESSAGE.c[name] == value for name, value in wanted.items() if value is not None]
    narrow = filters.interview_id is not None
    listing = Listing(_MESSAGE, session.account_id, "-created_at", wanted, conditions, narrow, by_id=True)
    return read_page(session, listing, MessageRow._make, limit=limit, cursor=cursor)


def list_deliveries(
    session: Session, endpoint_id: str, state: DeliveryState | None, *, limit: int, cursor: str | None = None
) -> Page[Progress]:
    """One page of what goes or went to an endpoint, the newest first. Raises BadCursor."""
    conditions = [_DELIVERY.c.endpoint_id == endpoint_id]
    if state is not None:
        conditions.append(_DELIVERY.c.state == state)
    wanted = {"endpoint_id": endpoint_id, "state": state}
    listing = Listing(_DELIVERY, session.account_id, "-created_at", wanted, conditions, by_id=True)
    page = read_page(session, listing, DeliveryRow._make, limit=limit, cursor=cursor)
    return Page(follow(session, [row.id for row in page.rows]), page.next_cursor)


def follow(session: Session, delivery_ids: Collection[str]) -> tuple[Progress, ...]:
    """How these deliveries stand, the newest first. One that is not there is left out."""
    return _read_progress(session, _DELIVERY.c.id.in_(delivery_ids)) if delivery_ids else ()


def deliveries_of(session: Session, message_id: str) -> tuple[Progress, ...]:
    """How a message fares on its way to each endpoint."""
    return _read_progress(session, _DELIVERY.c.message_id == message_id)


def attempts_of(session: Session, message_id: str) -> Mapping[str, Sequence[AttemptRow]]:
    """Every attempt at a message by its delivery, in order; of a delivery without one, none."""
    return attempts_of_many(session, [message_id])


def messages_of_many(session: Session, interview_ids: Sequence[str]) -> dict[str, list[MessageRow]]:
    """What was told of several interviews, by interview, the oldest first."""
    rows: dict[str, list[MessageRow]] = {id: [] for id in interview_ids}
    for ids in in_parts(interview_ids):
        statement = select(_MESSAGE).where(
            _MESSAGE.c.account_id == session.account_id, _MESSAGE.c.interview_id.in_(ids)
        )
        for row in sorted(map(MessageRow._make, session.connection.execute(statement)), key=lambda row: row.id):
            rows[row.interview_id or ""].append(row)
    return rows


def deliveries_of_many(session: Session, message_ids: Sequence[str]) -> dict[str, list[Progress]]:
    """How several messages fare, by message, the newest delivery first."""
    found: dict[str, list[Progress]] = {id: [] for id in message_ids}
    for ids in in_parts(message_ids):
        for progress in _read_progress(session, _DELIVERY.c.message_id.in_(ids)):
            found[progress.delivery.message_id].append(progress)
    return found


def attempts_of_many(session: Session, message_ids: Sequence[str]) -> Mapping[str, Sequence[AttemptRow]]:
    """Every attempt at several messages by its delivery, in order; of a delivery without one, none."""
    attempts: dict[str, list[AttemptRow]] = defaultdict(list)
    for ids in in_parts(message_ids):
        given = {"account_id": session.account_id, "message_ids": ids}
        for row in session.connection.execute(_ATTEMPTS, given):
            attempts[row.delivery_id].append(AttemptRow._make(row))
    return attempts


def _read_progress(session: Session, condition: ColumnElement[bool]) -> tuple[Progress, ...]:
    statement = _PROGRESS.where(condition).order_by(_DELIVERY.c.id.desc())
    found = session.connection.execute(statement, {"account_id": session.account_id})
    return tuple(_as_progress(row) for row in found)


def _as_progress(row: Any) -> Progress:
    delivery = DeliveryRow._make(row[: len(DeliveryRow._fields)])
    is_open = delivery.state == "open"
    next_attempt_at = row.available_at if is_open and row.enabled and row.claim is None else None
    return Progress(delivery, row.type, next_attempt_at, held=is_open and row.enabled is False)
