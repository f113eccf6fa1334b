import asyncio
from datetime import datetime, timedelta
from typing import Any

from httpx import AsyncClient
from sqlalchemy import update

from app.store.db import Database
from app.store.tables import Event
from tests.northwind import (
    create,
    ended,
    faults,
    follow_ups_of,
    happen,
    patch,
    plan_of,
    problem,
    read,
    rows,
    snapshot,
    soon,
)

AT = "2026-01-05T10:00:00-05:00"

EVERY: list[dict[str, Any]] = [
    {"type": "reply_received", "occurred_at": AT, "acknowledgement": True},
    {"type": "decision_date_stated", "occurred_at": AT, "decision_by": "2065-12-03"},
    {
        "type": "instruction_given",
        "occurred_at": AT,
        "not_before": "2065-12-07T10:00:00-05:00",
        "no_contact": False,
        "channel": "phone",
    },
    {
        "type": "situation_changed",
        "occurred_at": AT,
        "change": "patent",
        "detail": "It was granted.",
        "respond_by": None,
    },
    {"type": "follow_up_snoozed", "occurred_at": AT, "key": "thank_you/tom-berg", "until": "2065-12-07T12:00:00-05:00"},
    {"type": "follow_up_sent", "occurred_at": AT, "key": "thank_you/priya-shah"},
    {"type": "follow_up_skipped", "occurred_at": AT, "key": "thank_you/tom-berg"},
    {"type": "next_round_scheduled", "occurred_at": AT},
    {"type": "offer_received", "occurred_at": AT, "respond_by": "2026-01-09"},
    {"type": "rejected", "occurred_at": AT, "went_well": True},
    {"type": "interview_cancelled", "occurred_at": AT},
    {"type": "withdrawn", "occurred_at": AT},
]
"""One event of every type, each of them possible after those before it."""


def events_of(stored: dict[str, Any]) -> str:
    """Where its events are."""
    return f"/v1/interviews/{stored['id']}/events"


async def test_every_event_is_kept_as_it_was_given_and_the_plan_follows_each_at_once(authorized: AsyncClient) -> None:
    stored = await create(authorized)
    kept = []
    for given in EVERY:
        response = await authorized.post(events_of(stored), json=given)
        assert response.status_code == 201, response.text
        event = response.json()
        assert event == given | {key: event[key] for key in ("id", "interview_id", "created_at")}
        assert event["interview_id"] == stored["id"]
        kept.append(event)
        await follow_ups_of(authorized, stored["id"])
    assert await read(authorized, events_of(stored)) == {"data": kept, "next_cursor": None}


async def test_taking_every_event_back_leads_through_the_same_plans_to_the_first(authorized: AsyncClient) -> None:
    stored = await create(authorized)
    plans, ids = [], []
    for given in EVERY:
        plans.append(await plan_of(authorized, stored["id"], as_of="2026-01-05T12:00:00Z"))
        ids.append((await happen(authorized, stored["id"], given["type"], **given))["id"])
    for before, event_id in zip(reversed(plans), reversed(ids), strict=True):
        response = await authorized.delete(f"{events_of(stored)}/{event_id}")
        assert (response.status_code, response.content) == (204, b"")
        assert await plan_of(authorized, stored["id"], as_of="2026-01-05T12:00:00Z") == before
        await follow_ups_of(authorized, stored["id"])
    assert (await read(authorized, events_of(stored)))["data"] == []


async def test_an_outcome_that_is_taken_back_restores_the_plan_with_its_ids(
    authorized: AsyncClient, database: Database
) -> None:
    stored = await create(authorized)
    before, kept = snapshot(database), await follow_ups_of(authorized, stored["id"])
    rejected = await happen(authorized, stored["id"], "rejected")
    after = await follow_ups_of(authorized, stored["id"])
    assert {key: each["cancelled_because"] for key, each in after.items()} == {
        "thank_you/priya-shah": "rejected",
        "thank_you/tom-berg": "rejected",
        "check_in": "rejected",
        "rejection_reply": None,
    }
    assert all(after[key]["id"] == each["id"] for key, each in kept.items())
    await authorized.delete(f"{events_of(stored)}/{rejected['id']}")
    assert snapshot(database) == before
    problem(await authorized.get(f"/v1/follow-ups/{after['rejection_reply']['id']}"), 404)


async def test_an_outcome_that_an_ats_changes_is_followed_each_time(authorized: AsyncClient) -> None:
    stored = await create(authorized)
    for _ in range(2):
        offer = await happen(authorized, stored["id"], "offer_received")
        assert "offer_reply" in await follow_ups_of(authorized, stored["id"])
        await authorized.delete(f"{events_of(stored)}/{offer['id']}")
        rejected = await happen(authorized, stored["id"], "rejected", went_well=True)
        assert {"feedback_request"} == (await follow_ups_of(authorized, stored["id"])).keys() - {
            "thank_you/priya-shah",
            "thank_you/tom-berg",
            "check_in",
        }
        await authorized.delete(f"{events_of(stored)}/{rejected['id']}")
    assert (await follow_ups_of(authorized, stored["id"]))["check_in"]["state"] == "planned"


async def test_what_was_sent_is_open_again_once_that_is_taken_back(authorized: AsyncClient) -> None:
    stored = await create(authorized)
    before = await follow_ups_of(authorized, stored["id"])
    sent = await happen(authorized, stored["id"], "follow_up_sent", key="check_in")
    assert (await follow_ups_of(authorized, stored["id"]))["check_in"]["state"] == "sent"
    await authorized.delete(f"{events_of(stored)}/{sent['id']}")
    assert await follow_ups_of(authorized, stored["id"]) == before


async def test_events_are_answered_at_the_offset_of_the_interviews_zone_even_after_it_changed(
    authorized: AsyncClient,
) -> None:
    stored = await create(authorized)
    response = await authorized.post(
        events_of(stored),
        json={"type": "instruction_given", "occurred_at": "2026-07-01T12:00:00Z", "not_before": "2026-01-01T12:00:00Z"},
    )
    event = response.json()
    assert (event["occurred_at"], event["not_before"]) == ("2026-07-01T08:00:00-04:00", "2026-01-01T07:00:00-05:00")
    await patch(authorized, stored["id"], timezone="Asia/Kathmandu", country=None, subdivision=None)
    (moved,) = (await read(authorized, events_of(stored)))["data"]
    assert (moved["occurred_at"], moved["not_before"]) == ("2026-07-01T17:45:00+05:45", "2026-01-01T17:45:00+05:45")
    assert moved["created_at"].endswith("+05:45")
    assert datetime.fromisoformat(moved["created_at"]) == datetime.fromisoformat(event["created_at"])


async def test_events_stand_in_the_order_in_which_they_happened_and_those_of_one_instant_as_they_came(
    authorized: AsyncClient,
) -> None:
    stored = await create(authorized)
    told = ["2026-01-03T00:00:00Z", "2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z", "2026-01-02T01:00:00+01:00"]
    ids = [
        (await happen(authorized, stored["id"], "reply_received", occurred_at=at, acknowledgement=True))["id"]
        for at in told
    ]
    listed = [event["id"] for event in (await read(authorized, events_of(stored)))["data"]]
    assert listed == [ids[number] for number in (1, 2, 3, 0)]


async def test_what_is_told_late_counts_from_when_it_happened(authorized: AsyncClient) -> None:
    stored = await create(authorized)
    await happen(authorized, stored["id"], "decision_date_stated", decision_by="2065-12-10")
    earlier = "2026-01-05T10:00:00Z"
    await happen(authorized, stored["id"], "decision_date_stated", decision_by="2065-12-03", occurred_at=earlier)
    check_in = (await follow_ups_of(authorized, stored["id"]))["check_in"]
    assert check_in["due_at"] == "2065-12-11T09:00:00-05:00"


async def test_an_event_may_lie_minutes_ahead_and_no_more(authorized: AsyncClient, database: Database) -> None:
    stored = await create(authorized)
    await happen(authorized, stored["id"], "reply_received", occurred_at=soon(timedelta(minutes=4, seconds=50)))
    before = snapshot(database)
    for ahead in (timedelta(minutes=5, seconds=10), timedelta(days=1), timedelta(days=10_000)):
        given = {"type": "reply_received", "occurred_at": soon(ahead)}
        assert faults(await authorized.post(events_of(stored), json=given), "pointer") == ["/occurred_at"]
    assert snapshot(database) == before


async def test_an_event_may_lie_before_the_interview(authorized: AsyncClient) -> None:
    stored = await create(authorized)
    await happen(authorized, stored["id"], "withdrawn", occurred_at="1990-01-02T00:00:00Z")
    kept = await follow_ups_of(authorized, stored["id"])
    assert {each["cancelled_because"] for each in kept.values()} == {"withdrawn"}


async def test_a_key_that_the_plan_does_not_have_is_refused(authorized: AsyncClient, database: Database) -> None:
    stored = await create(authorized)
    before = snapshot(database)
    for key in ("thank_you/nobody", "check_in/2", "final_check_in", "offer_reply", "Check_in", "check_in ", "", "x", 7):
        for what in ("follow_up_sent", "follow_up_skipped", "follow_up_snoozed"):
            given = {"type": what, "occurred_at": AT, "key": key, "until": "2065-12-02T12:00:00-05:00"}
            if what != "follow_up_snoozed":
                del given["until"]
            assert faults(await authorized.post(events_of(stored), json=given), "pointer") == ["/key"]
    assert snapshot(database) == before


async def test_a_follow_up_that_is_settled_is_not_settled_again(authorized: AsyncClient, database: Database) -> None:
    stored = await create(authorized)
    await happen(authorized, stored["id"], "follow_up_sent", key="check_in")
    before = snapshot(database)
    for what in ("follow_up_sent", "follow_up_skipped"):
        given = {"type": what, "occurred_at": AT, "key": "check_in"}
        problem(await authorized.post(events_of(stored), json=given), 409)
    snoozed = {"type": "follow_up_snoozed", "occurred_at": AT, "key": "check_in", "until": "2065-12-02T12:00:00-05:00"}
    problem(await authorized.post(events_of(stored), json=snoozed), 409)
    assert snapshot(database) == before


async def test_a_snooze_outside_the_window_is_refused(authorized: AsyncClient, database: Database) -> None:
    stored = await create(authorized)
    before = snapshot(database)
    for until in ("2065-12-02T08:59:59-05:00", "2065-12-09T09:00:01-05:00"):
        given = {"type": "follow_up_snoozed", "occurred_at": AT, "key": "check_in", "until": until}
        response = await authorized.post(events_of(stored), json=given)
        assert faults(response, "pointer") == ["/until"]
        assert "2065-12-09T09:00:00-05:00" in response.json()["detail"]
    assert snapshot(database) == before


async def test_events_of_an_interview_that_was_over_long_ago_count_too(authorized: AsyncClient) -> None:
    response = await authorized.post("/v1/interviews", json=ended(timedelta(days=60)))
    stored = response.json()
    kept = await follow_ups_of(authorized, stored["id"])
    assert {each["state"] for each in kept.values()} == {"missed"}
    await happen(authorized, stored["id"], "follow_up_sent", key="check_in", occurred_at=soon(timedelta(days=-50)))
    await happen(authorized, stored["id"], "offer_received")
    kept = await follow_ups_of(authorized, stored["id"])
    assert kept["check_in"]["state"] == "sent"
    assert kept["offer_reply"]["state"] in {"planned", "due"}


async def test_an_event_of_another_interview_is_not_found(authorized: AsyncClient, database: Database) -> None:
    stored, other = await create(authorized), await create(authorized)
    event = await happen(authorized, other["id"], "withdrawn")
    before = snapshot(database)
    problem(await authorized.delete(f"{events_of(stored)}/{event['id']}"), 404)
    assert snapshot(database) == before
    path = f"{events_of(other)}/{event['id']}"
    assert (await authorized.delete(path)).status_code == 204
    problem(await authorized.delete(path), 404)


async def test_there_is_an_end_to_what_happens_after_one_interview(authorized: AsyncClient, database: Database) -> None:
    stored = await create(authorized)
    for _ in range(200):
        await happen(authorized, stored["id"], "reply_received", acknowledgement=True)
    before = snapshot(database)
    problem(await authorized.post(events_of(stored), json={"type": "withdrawn", "occurred_at": AT}), 409)
    assert snapshot(database) == before
    assert rows(database) == (1, 200, 3)


async def test_what_was_taken_back_makes_room(authorized: AsyncClient, database: Database) -> None:
    # As after many an outcome that an ATS set and took back again, when something else had come in between.
    stored = await create(authorized)
    event = await happen(authorized, stored["id"], "reply_received", acknowledgement=True)
    with database.begin() as connection:
        connection.execute(update(Event.__table__).where(Event.__table__.c.id == event["id"]).values(position=199))
    await happen(authorized, stored["id"], "withdrawn")
    listed = (await read(authorized, events_of(stored)))["data"]
    assert [each["type"] for each in listed] == ["reply_received", "withdrawn"]


async def test_what_happens_at_the_same_moment_is_all_kept_and_planned_for(authorized: AsyncClient) -> None:
    stored = await create(authorized)
    days = [f"2065-12-{day:02}" for day in range(2, 22)]
    told = await asyncio.gather(
        *(
            happen(
                authorized,
                stored["id"],
                "decision_date_stated",
                decision_by=day,
                occurred_at=f"2026-01-{day[-2:]}T00:00:00Z",
            )
            for day in days
        )
    )
    listed = (await read(authorized, events_of(stored)))["data"]
    assert [each["decision_by"] for each in listed] == days
    assert {each["id"] for each in listed} == {each["id"] for each in told}
    kept = await follow_ups_of(authorized, stored["id"])
    assert kept["check_in"]["due_at"] == "2065-12-22T09:00:00-05:00"


async def test_a_follow_up_that_many_send_at_once_is_sent_once(authorized: AsyncClient, database: Database) -> None:
    stored = await create(authorized)
    given = {"type": "follow_up_sent", "occurred_at": AT, "key": "check_in"}
    answers = await asyncio.gather(*(authorized.post(events_of(stored), json=given) for _ in range(12)))
    assert sorted(each.status_code for each in answers) == [201, *[409] * 11]
    assert rows(database) == (1, 1, 3)
