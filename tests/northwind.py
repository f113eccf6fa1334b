"""An interview at Northwind in a future that is far enough, and the words in which the tests of the API speak of it."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

from httpx import AsyncClient, Response
from sqlalchemy import select

from app.store import tables
from app.store.db import Database

Json = dict[str, Any]

NORTHWIND: Json = {
    "external_id": "ats-8123",
    "application_ref": "app-77",
    "candidate": {"name": "Ana López", "email": "Ana.Lopez@example.com"},
    "company": "Northwind",
    "job_title": "Data Engineer",
    "stage": "panel",
    "medium": "video",
    "starts_at": "2065-11-20T15:00:00-05:00",
    "ends_at": "2065-11-20T16:00:00-05:00",
    "timezone": "America/New_York",
    "country": "US",
    "subdivision": "NY",
    "decision_by": "2065-12-01",
    "policy": "balanced",
    "interviewers": [
        {
            "name": "Priya Shah",
            "email": "priya@northwind.example",
            "salutation": "Dr Shah",
            "title": "Head of Data",
            "role": "hiring_manager",
            "postal_address": "1 Pier Road, Boston, MA",
            "topics": ["moving the nightly batch to streaming"],
            "insight": "most bugs hide at the seams",
        },
        {
            "name": "Tom Berg",
            "email": None,
            "salutation": None,
            "title": None,
            "role": "peer",
            "postal_address": None,
            "topics": [],
            "insight": None,
        },
    ],
    "contact": {"name": "Lee Wong", "email": "lee@northwind.example"},
    "notes": {
        "topics": ["data contracts between teams"],
        "fit": "eight years of building data pipelines",
        "contribution": "a first stream within a month",
        "understanding": "that every team owns its pager",
        "revisit": [{"topic": "exactly-once delivery", "answer": "I would make the sinks idempotent."}],
        "concerns": [{"raised": "little experience with Rust", "answer": "I ported our parser to it."}],
        "questions": ["How do you measure success?"],
        "references": ["Dana Fox, who led my last team"],
    },
}
"""Friday 20 November 2065, every member said. The check-in is due on Wednesday 2 December at 09:00."""

KEYS = ("thank_you/priya-shah", "thank_you/tom-berg", "check_in")
"""Its follow-ups while nothing has happened."""

TABLES = (tables.Interview.__table__, tables.Event.__table__, tables.FollowUp.__table__)


def northwind(**changes: Any) -> Json:
    """The interview, but for what is said otherwise; two of them have neither `external_id` nor application shared."""
    return NORTHWIND | {"external_id": None, "application_ref": None} | changes


def ended(ago: timedelta, **changes: Any) -> Json:
    """The same one, but it ended so long ago, and nobody named a day."""
    end = datetime.now(UTC) - ago
    start = end - timedelta(hours=1)
    times = {"starts_at": start.isoformat(), "ends_at": end.isoformat(), "timezone": "UTC", "decision_by": None}
    return northwind(**times, country=None, subdivision=None, **changes)


def soon(delta: timedelta = timedelta(0)) -> str:
    """The present instant, or one so much later."""
    return (datetime.now(UTC) + delta).isoformat()


def snapshot(database: Database) -> dict[str, list[Any]]:
    """Every row that an account can own, table by table."""
    with database.read() as connection:
        return {table.name: sorted(connection.execute(select(table)).all(), key=repr) for table in TABLES}


def rows(database: Database) -> tuple[int, ...]:
    """How many interviews, events and follow-ups there are."""
    return tuple(len(found) for found in snapshot(database).values())


def problem(response: Response, status: int) -> Json:
    """The problem document that it is to be."""
    assert response.status_code == status, (response.status_code, response.text)
    assert response.headers["Content-Type"] == "application/problem+json"
    document: Json = response.json()
    assert (document["type"], document["status"]) == ("about:blank", status)
    assert document["title"]
    assert document["detail"]
    if re.fullmatch("[a-z0-9_/-]+", path := response.request.url.path):
        assert document["instance"] == path
    return document


def faults(response: Response, place: str, status: int = 422) -> list[str]:
    """What a problem names: each `pointer`, `parameter` or `header`."""
    found = problem(response, status)["errors"]
    assert all(fault["detail"] for fault in found)
    return [fault[place] for fault in found if place in fault]


async def create(client: AsyncClient, **changes: Any) -> Json:
    """The interview as it was stored."""
    return await create_given(client, northwind(**changes))


async def create_given(client: AsyncClient, given: Json) -> Json:
    """Any interview as it was stored."""
    response = await client.post("/v1/interviews", json=given)
    assert response.status_code == 201, response.text
    stored: Json = response.json()
    return stored


async def patch(client: AsyncClient, interview_id: str, **changes: Any) -> Json:
    """The interview as it is after a change."""
    response = await client.patch(f"/v1/interviews/{interview_id}", json=changes)
    assert response.status_code == 200, response.text
    stored: Json = response.json()
    return stored


async def happen(client: AsyncClient, interview_id: str, what: str, **members: Any) -> Json:
    """The event as it was stored: now, if nothing else is said."""
    given = {"type": what, "occurred_at": soon()} | members
    response = await client.post(f"/v1/interviews/{interview_id}/events", json=given)
    assert response.status_code == 201, response.text
    stored: Json = response.json()
    return stored


async def read(client: AsyncClient, path: str, **query: Any) -> Json:
    """What stands at an address."""
    response = await client.get(path, params=query)
    assert response.status_code == 200, response.text
    found: Json = response.json()
    return found


async def plan_of(client: AsyncClient, interview_id: str, **query: Any) -> Json:
    """The plan of a stored interview."""
    return await read(client, f"/v1/interviews/{interview_id}/schedule", **query)


async def follow_ups_of(client: AsyncClient, interview_id: str) -> dict[str, Json]:
    """Its follow-ups by key, as they are kept, which has to be as they are planned."""
    planned = (await plan_of(client, interview_id))["follow_ups"]
    kept = (await read(client, "/v1/follow-ups", interview_id=interview_id, limit=100))["data"]
    assert [each["due_at"] for each in kept] == [each["due_at"] for each in planned]
    assert all(each["id"] for each in planned)
    assert {each["key"]: each for each in kept} == {
        each["key"]: each | {"interview_id": interview_id} for each in planned
    }
    return {each["key"]: each for each in kept}


async def walk(client: AsyncClient, path: str, **query: Any) -> list[Json]:
    """A whole list, page by page."""
    found: list[Json] = []
    page = await read(client, path, **query)
    while page["data"]:
        found += page["data"]
        if page["next_cursor"] is None:
            break
        page = await read(client, path, **query, cursor=page["next_cursor"])
    return found
