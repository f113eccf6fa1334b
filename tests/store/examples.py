"""Facts to keep, for the tests of the store."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from app.rules import facts
from app.store.db import Database, Session
from app.store.follow_ups import Step
from app.store.interviews import insert_interview
from app.store.keys import find_or_insert_account
from app.store.rows import InterviewRow

NOW = datetime(2026, 11, 20, 21, 30, 0, 123456, tzinfo=UTC)
NEW_YORK = ZoneInfo("America/New_York")


def new_account(database: Database, name: str = "default") -> str:
    with database.begin() as connection:
        return find_or_insert_account(connection, name, NOW)


def interview(**members: Any) -> facts.Interview:
    given: dict[str, Any] = {
        "candidate": {"name": "Ada", "email": "Ada@Example.org"},
        "company": "Northwind",
        "job_title": "Data Engineer",
        "stage": "panel",
        "starts_at": datetime(2026, 11, 20, 15, tzinfo=NEW_YORK),
        "timezone": "America/New_York",
        "interviewers": [{"name": "Grace"}],
    }
    return facts.Interview.model_validate(given | members)


def keep(session: Session, now: datetime = NOW, **members: Any) -> InterviewRow:
    given = interview(**members)
    return insert_interview(session, given, given.model_dump_json(), now)


def step(key: str, due_in: timedelta = timedelta(hours=1), **members: Any) -> Step:
    due_at = (NOW + due_in).astimezone(NEW_YORK)
    step = Step(
        key=key,
        kind=key.partition("/")[0],
        status="open",
        opens_at=due_at - timedelta(hours=1),
        due_at=due_at,
        closes_at=due_at + timedelta(hours=2),
        body=f'{{"why":"{key}"}}',
    )
    return step._replace(**members)
