"""Endpoints and what is sent to them, in the words of the tests of the API."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from httpx import AsyncClient
from sqlalchemy import insert, select, update

from app.store import tables
from app.store.db import Database, Session
from app.store.rows import AttemptRow, DeliveryState
from app.webhooks.outbox import News, publish
from tests.northwind import Json, read

ENDPOINTS = "/v1/webhook-endpoints"
URL = "https://93.184.215.14/hooks/afterword"
"""A public address, so that no name has to be looked up; nothing is ever sent there."""

LOG = (
    tables.WebhookEndpoint.__table__,
    tables.Lane.__table__,
    tables.Message.__table__,
    tables.Delivery.__table__,
    tables.Pending.__table__,
    tables.Attempt.__table__,
    tables.Recovery.__table__,
)


async def subscribe(client: AsyncClient, **changes: Any) -> Json:
    """An endpoint as it was created, with its secret."""
    response = await client.post(ENDPOINTS, json={"url": URL} | changes)
    assert response.status_code == 201, response.text
    created: Json = response.json()
    return created


async def change(client: AsyncClient, endpoint_id: str, **changes: Any) -> Json:
    """An endpoint as it is after a change."""
    response = await client.patch(f"{ENDPOINTS}/{endpoint_id}", json=changes)
    assert response.status_code == 200, response.text
    changed: Json = response.json()
    return changed


async def deliveries_to(client: AsyncClient, endpoint_id: str, **query: Any) -> list[Json]:
    """What goes or went to an endpoint, the newest first."""
    found: list[Json] = (await read(client, f"{ENDPOINTS}/{endpoint_id}/deliveries", **query))["data"]
    return found


@contextmanager
def session_of(database: Database, account: str = "default") -> Iterator[Session]:
    """A transaction of an account."""
    with database.begin() as connection:
        found = select(tables.Account.__table__.c.id).where(tables.Account.__table__.c.name == account)
        yield Session(connection, connection.execute(found).scalar_one())


def announce(database: Database, *news: News) -> None:
    """Tell the account's endpoints; of a plan that changed, if nothing else is said."""
    with session_of(database) as session:
        publish(session, news or [News("plan.changed", {"interview_id": "int_1"})], datetime.now(UTC))


def settle(database: Database, delivery_id: str, state: DeliveryState, *attempts: Json) -> None:
    """Let a delivery have come to this, after these attempts."""
    now = datetime.now(UTC)
    blank: Json = {"milliseconds": 7, "status": None, "failure": None, "body": None, "truncated": False}
    with session_of(database) as session:
        table, pending = tables.Delivery.__table__, tables.Pending.__table__
        values = {"state": state, "attempts": len(attempts), "settled_at": None if state == "open" else now}
        session.connection.execute(update(table).where(table.c.id == delivery_id).values(values))
        if state != "open":
            session.connection.execute(pending.delete().where(pending.c.delivery_id == delivery_id))
        for number, attempt in enumerate(attempts, 1):
            row = AttemptRow(session.account_id, delivery_id, number, now, **blank | attempt)
            session.connection.execute(insert(tables.Attempt.__table__), row._asdict())


def log(database: Database) -> dict[str, list[Any]]:
    """Every row on the side of the webhooks, table by table."""
    with database.read() as connection:
        return {table.name: sorted(connection.execute(select(table)).all(), key=repr) for table in LOG}
