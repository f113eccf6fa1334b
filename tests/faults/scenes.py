"""What a fault finds: an account, its endpoints, and interviews whose thank-you falls due when the test says."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Table, TextClause, insert, select, text

from app.announcing import announce_due
from app.rules.policy import load_policies
from app.scheduling import store_interview
from app.schemas import InterviewIn
from app.store import tables
from app.store.db import Database, Session
from app.store.ids import new_id
from app.store.keys import find_or_insert_account
from app.vault import Vault
from app.webhooks.signing import make_secret
from tests.conftest import SECRET_KEY

POLICIES = load_policies()
PLACES = ("UTC", "America/New_York", "America/Los_Angeles", "Asia/Tokyo", "Asia/Kolkata", "Pacific/Auckland")
MORNING, EVENING = 9, 19


def _copy(table: type[Any], identity: str, **changed: str) -> TextClause:
    """Copies of what belongs to one interview, numbered from 1."""
    columns = [column.name for column in table.__table__.c]
    values = ", ".join(changed.get(name, name) for name in columns)
    name = table.__table__.name
    return text(
        f"""
        WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < :more)
        INSERT INTO {name} ({", ".join(columns)}) SELECT {values} FROM {name}, numbers WHERE {identity} = :first
        """  # noqa: S608 - names of ours
    )


_COPY_INTERVIEW = _copy(tables.Interview, "id", id="id || '_' || n")
_COPY_FOLLOW_UPS = _copy(tables.FollowUp, "interview_id", id="id || '_' || n", interview_id="interview_id || '_' || n")


def daytime(moment: datetime) -> str:
    """A zone in which this moment lies well within the hours of a thank-you."""
    return next(place for place in PLACES if MORNING <= moment.astimezone(ZoneInfo(place)).hour < EVENING)


def interview_due(due_at: datetime, **changes: Any) -> InterviewIn:
    """An interview with one interviewer whose thank-you is due at this very moment."""
    end = due_at - timedelta(hours=1)
    facts = {
        "candidate": {"name": "Ana López", "email": "ana@example.com"},
        "company": "Northwind",
        "job_title": "Data Engineer",
        "stage": "first_round",
        "starts_at": (end - timedelta(hours=1)).isoformat(),
        "ends_at": end.isoformat(),
        "timezone": daytime(due_at),
        "interviewers": [{"name": "Priya Shah", "topics": ["moving the nightly batch to streaming"]}],
    }
    return InterviewIn.model_validate(facts | changes)


@dataclass
class Scene:
    """One account on a database."""

    database: Database
    account_id: str

    @classmethod
    def of(cls, database: Database, account: str = "default") -> "Scene":
        with database.begin() as connection:
            return cls(database, find_or_insert_account(connection, account, datetime.now(UTC)))

    def add_endpoint(self, url: str, *, secret: str | None = None, **changes: Any) -> str:
        """The id of a new endpoint that wants everything."""
        now = datetime.now(UTC)
        sealed = Vault([SECRET_KEY]).seal(secret or make_secret())
        row = {
            "account_id": self.account_id,
            "id": new_id("ep", now),
            "url": url,
            "events": None,
            "include_email": False,
            "enabled": True,
            "secrets": json.dumps([{"sealed": sealed, "until": None}]),
            "created_at": now,
            "updated_at": now,
        } | changes
        lane = {"account_id": self.account_id, "endpoint_id": row["id"], "throttled": False}
        with self.database.begin() as connection:
            connection.execute(insert(tables.WebhookEndpoint.__table__), row)
            connection.execute(insert(tables.Lane.__table__), lane)
        return str(row["id"])

    def add_interviews(self, count: int, due_at: datetime, now: datetime | None = None, **changes: Any) -> list[str]:
        """The ids of so many interviews whose thank-you is due then, stored in one transaction, at another time."""
        interview = interview_due(due_at, **changes)
        with self.begin() as session:
            stored_at = now or datetime.now(UTC)
            return [store_interview(session, interview, POLICIES, stored_at).id for _ in range(count)]

    def add_many_interviews(self, count: int, due_at: datetime) -> None:
        """The same as one interview, so many times: copied by the database, where storing each would take minutes."""
        (first,) = self.add_interviews(1, due_at)
        with self.begin() as session:
            for statement in (_COPY_INTERVIEW, _COPY_FOLLOW_UPS):
                session.connection.execute(statement, {"first": first, "more": count - 1})

    def announce(self) -> int:
        """Announce all that is due, as a worker would; how much it was."""
        announced = 0
        with self.begin() as session:
            while count := announce_due(session, POLICIES, datetime.now(UTC)).count:
                announced += count
        return announced

    @contextmanager
    def begin(self) -> Iterator[Session]:
        """A transaction of the account."""
        with self.database.begin() as connection:
            yield Session(connection, self.account_id)

    def rows(self, table: type[Any]) -> Sequence[Any]:
        """Every row of the account in a table."""
        found: Table = table.__table__
        with self.database.read() as connection:
            return connection.execute(select(found).where(found.c.account_id == self.account_id)).all()

    def leases(self) -> set[tuple[str, str, int]]:
        """The tokens of all leases, whether over or not: the worker, the delivery, which try."""
        return {(row.claim, row.delivery_id, row.tries) for row in self.rows(tables.Pending) if row.claim}

    def states(self) -> list[str]:
        """The states of all deliveries, in the order of their ids."""
        return [row.state for row in sorted(self.rows(tables.Delivery), key=lambda row: row.id)]
