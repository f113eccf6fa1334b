"""Lanes with something in them, for the tests of the queue."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Table, insert, select, update

from app.store.db import Database, Session
from app.store.ids import new_id
from app.store.rows import AttemptRow, DeliveryRow, EndpointRow, LaneRow, MessageRow, PendingRow
from app.store.tables import Attempt, Delivery, Lane, Message, Pending, WebhookEndpoint
from app.webhooks.attempts import Answer
from app.webhooks.fairness import Limits
from app.webhooks.lanes import hold_lanes, wake
from app.webhooks.leasing import NO_PACE, Leased, Taken, lease
from app.webhooks.retry import Verdict
from app.webhooks.settling import Outcome, Settled, settle
from tests.store.examples import NOW, new_account

SECOND = timedelta(seconds=1)
HOUR = timedelta(hours=1)
LIMITS = Limits(in_flight=10, per_account=50, lease=timedelta(minutes=1))
OK = Answer(NOW, 12, 200, None, "fine", truncated=False, retry_after=None)
REFUSED = OK._replace(status=500, failure="status", body="no")
DELIVERED = Verdict("delivered")
FAILED = Verdict("failed")


class Queue:
    """The queue of a database, and an account whose endpoints wait in it; each call is a transaction of its own."""

    def __init__(self, database: Database, name: str = "default", limits: Limits = LIMITS) -> None:
        self.database = database
        self.limits = limits
        self.account_id = new_account(database, name)

    def add_endpoint(self, **columns: Any) -> str:
        """The id of a new endpoint, with its lane."""
        id = new_id("ep", NOW)
        row = EndpointRow(self.account_id, id, "https://example.org/", None, None, False, True, None, "[]", NOW, NOW)  # noqa: FBT003 - columns
        with self.database.begin() as connection:
            _insert(connection, WebhookEndpoint.__table__, [row._replace(**columns)])
            _insert(connection, Lane.__table__, [LaneRow(self.account_id, id, None, False, None, None)])  # noqa: FBT003 - columns
        return id

    def add(self, endpoint_id: str, count: int = 1, *, at: datetime = NOW, retry: bool = False) -> list[str]:
        """The ids of so many new deliveries, a microsecond apart up to `at`, each with a message of its own."""
        times = [at - place * timedelta.resolution for place in reversed(range(count))]
        messages = [self.message(time) for time in times]
        deliveries = [
            DeliveryRow(self.account_id, new_id("dlv", row.created_at), endpoint_id, row.id, "open", 0, NOW, None)
            for row in messages
        ]
        pending = [
            PendingRow(self.account_id, row.id, endpoint_id, row.message_id, retry, time, 0, None)
            for row, time in zip(deliveries, times, strict=True)
        ]
        with self.database.begin() as connection:
            session = Session(connection, self.account_id)
            hold_lanes(session)
            _insert(connection, Message.__table__, messages)
            _insert(connection, Delivery.__table__, deliveries)
            _insert(connection, Pending.__table__, pending)
            wake(session, [endpoint_id], at)
        return [row.id for row in deliveries]

    def message(self, at: datetime, **columns: Any) -> MessageRow:
        """A message that is not kept yet."""
        id = new_id("msg", at)
        return MessageRow(self.account_id, id, "plan.changed", None, None, None, '{"a":1}', None, at)._replace(
            **columns
        )

    def keep(self, messages: Iterable[MessageRow]) -> None:
        with self.database.begin() as connection:
            _insert(connection, Message.__table__, list(messages))

    def lease(
        self, worker: str = "a", now: datetime = NOW, most: int = 100, pace: Mapping[str, int] = NO_PACE
    ) -> Taken:
        with self.database.begin() as connection:
            return lease(connection, worker, now, self.limits, most, pace)

    def settle(self, worker: str, outcomes: Sequence[Outcome], now: datetime = NOW) -> Settled:
        with self.database.begin() as connection:
            return settle(connection, worker, outcomes, now)

    def deliver(self, leased: Iterable[Leased], worker: str = "a", now: datetime = NOW) -> Settled:
        """All of them are received."""
        return self.settle(worker, [Outcome(each, OK, DELIVERED) for each in leased], now)

    def lane(self, endpoint_id: str) -> LaneRow:
        rows: list[LaneRow] = self.rows(Lane.__table__, LaneRow)
        return next(row for row in rows if row.endpoint_id == endpoint_id)

    def change(self, table: Table, id: str, **values: Any) -> None:
        """Give a row of the table, of which this is the id, these values."""
        own = table.c.endpoint_id if table is Lane.__table__ else table.c.id
        with self.database.begin() as connection:
            connection.execute(update(table).where(own == id).values(values))

    def pending(self) -> list[PendingRow]:
        return self.rows(Pending.__table__, PendingRow)

    def deliveries(self) -> list[DeliveryRow]:
        return self.rows(Delivery.__table__, DeliveryRow)

    def delivery(self, id: str) -> DeliveryRow:
        return next(row for row in self.deliveries() if row.id == id)

    def attempts(self) -> list[AttemptRow]:
        return self.rows(Attempt.__table__, AttemptRow)

    def rows(self, table: Table, row: Any) -> list[Any]:
        """All that the table has, in the order of its keys."""
        with self.database.read() as connection:
            return [row._make(each) for each in connection.execute(select(table).order_by(*table.primary_key))]


def _insert(connection: Connection, table: Table, rows: Sequence[Any]) -> None:
    if rows:
        connection.execute(insert(table), [row._asdict() for row in rows])
