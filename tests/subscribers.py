"""Those who want to be told, and what they are told, for the tests of whatever is announced."""

import json
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Table, select

from app.schemas.webhook_events import EVENTS
from app.store.db import Session
from app.store.endpoints import insert_endpoint
from app.store.ids import new_id
from app.store.rows import AttemptRow, DeliveryRow, EndpointRow, LaneRow, MessageRow, PendingRow
from app.store.tables import Attempt, Delivery, Lane, Message, Pending, WebhookEndpoint

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def subscribe(session: Session, *events: str, **columns: Any) -> str:
    """The id of a new endpoint that wants to be told of these types of events, else of all."""
    row = EndpointRow(
        account_id=session.account_id,
        id=new_id("ep", LONG_AGO),
        url="https://hooks.example.com/",
        events=json.dumps(events) if events else None,
        description=None,
        include_email=False,
        enabled=True,
        disabled_because=None,
        secrets="[]",
        created_at=LONG_AGO,
        updated_at=LONG_AGO,
    )
    insert_endpoint(session, row._replace(**columns))
    return row.id


def told(session: Session, *types: str) -> list[dict[str, Any]]:
    """The data of each message of these types, else of all, in the order in which they were written."""
    return [_read(row) for row in messages(session) if not types or row.type in types]


def types_told(session: Session) -> list[str]:
    """The type of each message, in that order."""
    return [row.type for row in messages(session)]


def _read(message: MessageRow) -> dict[str, Any]:
    """What a message holds, which has to be what its type promises, no more and no less."""
    assert message.payload is not None
    tree = json.loads(message.payload)
    model = EVENTS[tree["type"]].model_validate(tree)
    members = model.model_dump(mode="json", exclude_unset=True)
    assert members["data"].keys() == tree["data"].keys()
    assert datetime.fromisoformat(tree["timestamp"]) == message.created_at
    assert message.interview_id == tree["data"].get("interview_id")
    assert message.follow_up_id == tree["data"].get("follow_up_id")
    data: dict[str, Any] = tree["data"]
    return data


def messages(session: Session) -> list[MessageRow]:
    return [MessageRow._make(row) for row in _rows(session, Message.__table__, "id")]


def deliveries(session: Session) -> list[DeliveryRow]:
    return [DeliveryRow._make(row) for row in _rows(session, Delivery.__table__, "id")]


def pending(session: Session) -> list[PendingRow]:
    return [PendingRow._make(row) for row in _rows(session, Pending.__table__, "delivery_id")]


def attempts(session: Session) -> list[AttemptRow]:
    return [AttemptRow._make(row) for row in _rows(session, Attempt.__table__, "delivery_id")]


def endpoint(session: Session, id: str) -> EndpointRow:
    found = _rows(session, WebhookEndpoint.__table__, "id")
    return next(EndpointRow._make(row) for row in found if row.id == id)


def lane(session: Session, endpoint_id: str) -> LaneRow:
    found = _rows(session, Lane.__table__, "endpoint_id")
    return next(LaneRow._make(row) for row in found if row.endpoint_id == endpoint_id)


def _rows(session: Session, table: Table, order: str) -> list[Any]:
    statement = select(table).where(table.c.account_id == session.account_id).order_by(table.c[order])
    return list(session.connection.execute(statement))
