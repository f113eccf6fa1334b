import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient
from sqlalchemy import Engine, event

from app.main import create_app
from app.settings import Settings
from app.store.db import Database
from tests.northwind import (
    NORTHWIND,
    create,
    create_given,
    faults,
    follow_ups_of,
    happen,
    northwind,
    patch,
    plan_of,
    problem,
    read,
    rows,
    snapshot,
    walk,
)

INTERVIEWS = "/v1/interviews"
OURS = ("id", "created_at", "updated_at")

REQUIRED: dict[str, Any] = {
    "candidate": {"name": "Ana López"},
    "company": "Northwind",
    "job_title": "Data Engineer",
    "stage": "panel",
    "starts_at": "2065-11-20T15:00:00-05:00",
    "timezone": "America/New_York",
    "interviewers": [{"name": "Priya Shah"}],
}


def facts_in(stored: dict[str, Any]) -> dict[str, Any]:
    """An interview without what we add to it."""
    return {name: value for name, value in stored.items() if name not in OURS}


def by_external_id(external_id: str) -> str:
    return f"{INTERVIEWS}/by-external-id/{quote(external_id, safe='')}"


# Storing and reading


async def test_what_is_stored_is_answered_whole_and_can_be_read_again(authorized: AsyncClient) -> None:
    response = await authorized.post(INTERVIEWS, json=NORTHWIND)
    assert response.status_code == 201
    stored = response.json()
    assert facts_in(stored) == NORTHWIND
    assert response.headers["Location"] == f"{INTERVIEWS}/{stored['id']}"
    again = await authorized.get(response.headers["Location"])
    assert (again.status_code, again.json()) == (200, stored)
    assert again.headers["ETag"] == response.headers["ETag"]
    assert (await read(authorized, INTERVIEWS))["data"] == [stored]


async def test_an_interview_is_planned_as_it_is_stored(authorized: AsyncClient) -> None:
    stored = await create(authorized)
    kept = await follow_ups_of(authorized, stored["id"])
    assert {key: (each["state"], each["due_at"]) for key, each in kept.items()} == {
        "thank_you/priya-shah": ("planned", "2065-11-20T17:00:00-05:00"),
        "thank_you/tom-berg": ("planned", "2065-11-20T17:00:00-05:00"),
        "check_in": ("planned", "2065-12-02T09:00:00-05:00"),
    }


async def test_what_is_left_out_is_answered_as_what_it_counts_as(authorized: AsyncClient) -> None:
    stored = await create_given(authorized, REQUIRED)
    assert stored.keys() == NORTHWIND.keys() | OURS
    assert {name: stored[name] for name in ("external_id", "medium", "ends_at", "contact", "policy")} == {
        "external_id": None,
        "medium": None,
        "ends_at": None,
        "contact": None,
        "policy": "balanced",
    }
    assert stored["interviewers"][0]["role"] == "other"
    assert stored["notes"]["topics"] == []


async def test_an_answer_can_be_put_back_as_it_came(authorized: AsyncClient) -> None:
    stored = await create_given(authorized, REQUIRED)
    other = await create_given(authorized, facts_in(stored))
    assert facts_in(other) == facts_in(stored)


async def test_texts_are_trimmed_composed_and_otherwise_left_alone(authorized: AsyncClient) -> None:
    notes = {"fit": "  ", "topics": ["a\u200db \u05d0\u200c"]}
    stored = await create(authorized, company="  Cafe\u0301 ", notes=notes)
    assert stored["company"] == "Caf\u00e9"
    assert (stored["notes"]["fit"], stored["notes"]["topics"]) == (None, ["a\u200db \u05d0\u200c"])


async def test_every_instant_is_answered_at_the_offset_of_the_interviews_own_zone(authorized: AsyncClient) -> None:
    times = {"starts_at": "2065-11-20T20:00:00Z", "ends_at": "2065-11-20T22:30:00+01:30"}
    stored = await create(authorized, **times, timezone="Asia/Kathmandu", country=None, subdivision=None)
    assert stored["starts_at"] == "2065-11-21T01:45:00+05:45"
    assert stored["ends_at"] == "2065-11-21T02:45:00+05:45"
    assert stored["created_at"].endswith("+05:45")
    moved = await patch(authorized, stored["id"], timezone="Asia/Tokyo")
    assert moved["starts_at"] == "2065-11-21T05:00:00+09:00"
    assert moved["ends_at"] == "2065-11-21T06:00:00+09:00"
    assert moved["updated_at"].endswith("+09:00")
    assert moved["created_at"].endswith("+09:00")
    assert datetime.fromisoformat(moved["created_at"]) == datetime.fromisoformat(stored["created_at"])
    kept = await follow_ups_of(authorized, stored["id"])
    assert all(each["due_at"].endswith("+09:00") for each in kept.values())


@pytest.mark.parametrize(
    ("starts_at", "timezone"),
    [("2100-12-31T23:30:00-05:00", "Pacific/Kiritimati"), ("1990-01-01T00:30:00+14:00", "America/New_York")],
)
async def test_an_interview_at_the_edge_of_the_years_can_be_read_and_changed_or_is_refused(
    authorized: AsyncClient, database: Database, starts_at: str, timezone: str
) -> None:
    given = REQUIRED | {"starts_at": starts_at, "timezone": timezone}
    response = await authorized.post(INTERVIEWS, json=given)
    if response.status_code == 422:
        assert faults(response, "pointer") in (["/starts_at"], ["/timezone"])
        assert rows(database) == (0, 0, 0)
        return
    stored = response.json()
    await follow_ups_of(authorized, stored["id"])
    await happen(authorized, stored["id"], "withdrawn")
    await patch(authorized, stored["id"], company="Contoso")


async def test_a_taken_external_id_is_a_conflict_and_changes_nothing(
    authorized: AsyncClient, database: Database
) -> None:
    await create(authorized, external_id="ats-1")
    before = snapshot(database)
    response = await authorized.post(INTERVIEWS, json=northwind(external_id="ats-1", company="Contoso"))
    assert faults(response, "pointer", 409) == ["/external_id"]
    assert snapshot(database) == before


async def test_an_unknown_policy_is_refused_wherever_it_is_named(authorized: AsyncClient, database: Database) -> None:
    stored = await create(authorized, external_id="ats-1")
    before = snapshot(database)
    for name in ("nobody", "Balanced", "balanced ", "../balanced", ""):
        given = northwind(policy=name)
        for response in (
            await authorized.post(INTERVIEWS, json=given),
            await authorized.put(by_external_id("ats-1"), json=given),
            await authorized.put(by_external_id("ats-2"), json=given),
            await authorized.patch(f"{INTERVIEWS}/{stored['id']}", json={"policy": name}),
        ):
            assert faults(response, "pointer") == ["/policy"]
    assert snapshot(database) == before


# Versions


async def test_who_has_the_version_is_told_so_without_a_body(authorized: AsyncClient) -> None:
    stored = await create(authorized)
    path = f"{INTERVIEWS}/{stored['id']}"
    etag = (await authorized.get(path)).headers["ETag"]
    for condition in (etag, f"W/{etag}", f'"0", {etag}', "*"):
        response = await authorized.get(path, headers={"If-None-Match": condition})
        assert (response.status_code, response.content, response.headers["ETag"]) == (304, b"", etag)


async def test_who_has_an_older_version_gets_the_new_one(authorized: AsyncClient) -> None:
    stored = await create(authorized)
    path = f"{INTERVIEWS}/{stored['id']}"
    etag = (await authorized.get(path)).headers["ETag"]
    changed = await authorized.patch(path, json={"company": "Contoso"})
    assert changed.headers["ETag"] != etag
    response = await authorized.get(path, headers={"If-None-Match": etag})
    assert (response.status_code, response.json()) == (200, changed.json())
    assert response.headers["ETag"] == changed.headers["ETag"]


async def test_another_version_than_the_one_that_was_seen_is_not_changed(
    authorized: AsyncClient, database: Database
) -> None:
    created = await authorized.post(INTERVIEWS, json=northwind(external_id="ats-1"))
    path = created.headers["Location"]
    before = snapshot(database)
    for condition in ('"0"', f"W/{created.headers['ETag']}", '"', "nonsense"):
        headers = {"If-Match": condition}
        for response in (
            await authorized.patch(path, json={"company": "Contoso"}, headers=headers),
            await authorized.put(by_external_id("ats-1"), json=northwind(company="Contoso"), headers=headers),
            await authorized.put(by_external_id("ats-2"), json=northwind(company="Contoso"), headers=headers),
            await authorized.delete(path, headers=headers),
        ):
            assert faults(response, "header", 412) == ["If-Match"]
    assert snapshot(database) == before


async def test_the_version_that_was_seen_is_changed(authorized: AsyncClient, database: Database) -> None:
    response = await authorized.post(INTERVIEWS, json=northwind(external_id="ats-1"))
    path = response.headers["Location"]
    for ask in ("PATCH", "PUT", "DELETE"):
        target = by_external_id("ats-1") if ask == "PUT" else path
        content = {"PATCH": {"company": "Contoso"}, "PUT": northwind(company="Fabrikam")}.get(ask)
        response = await authorized.request(ask, target, json=content, headers={"If-Match": response.headers["ETag"]})
        assert response.is_success
    assert rows(database) == (0, 0, 0)


async def test_of_those_who_change_one_version_at_once_one_succeeds(authorized: AsyncClient) -> None:
    created = await authorized.post(INTERVIEWS, json=northwind())
    path, headers = created.headers["Location"], {"If-Match": created.headers["ETag"]}
    answers = await asyncio.gather(
        *(authorized.patch(path, json={"company": f"Company {n}"}, headers=headers) for n in range(12))
    )
    assert sorted(each.status_code for each in answers) == [200, *[412] * 11]
    winner = next(each for each in answers if each.status_code == 200)
    assert (await read(authorized, path)) == winner.json()


async def test_changes_of_different_members_at_once_are_all_kept(authorized: AsyncClient) -> None:
    stored = await create(authorized)
    changes: dict[str, Any] = {"company": "Contoso", "job_title": "Writer", "medium": "phone", "decision_by": None}
    await asyncio.gather(*(patch(authorized, stored["id"], **{name: new}) for name, new in changes.items()))
    now = await read(authorized, f"{INTERVIEWS}/{stored['id']}")
    assert {name: now[name] for name in changes} == changes
    await follow_ups_of(authorized, stored["id"])


async def test_the_version_of_an_interview_that_is_gone_is_none_of_the_one_that_was_put_anew(
    authorized: AsyncClient, database: Database
) -> None:
    first = await authorized.put(by_external_id("ats-1"), json=northwind())
    await authorized.delete(first.headers["Location"])
    second = await authorized.put(by_external_id("ats-1"), json=northwind())
    assert second.headers["ETag"] != first.headers["ETag"]
    before = snapshot(database)
    headers = {"If-Match": first.headers["ETag"]}
    path = second.headers["Location"]
    for response in (
        await authorized.put(by_external_id("ats-1"), json=northwind(company="Contoso"), headers=headers),
        await authorized.patch(path, json={"company": "Contoso"}, headers=headers),
        await authorized.delete(path, headers=headers),
    ):
        assert faults(response, "header", 412) == ["If-Match"]
    assert snapshot(database) == before
    known = await authorized.get(path, headers={"If-None-Match": first.headers["ETag"]})
    assert (known.status_code, known.json()) == (200, second.json())


async def test_who_puts_only_where_nothing_is_creates_and_replaces_nothing(
    authorized: AsyncClient, database: Database
) -> None:
    headers = {"If-None-Match": "*"}
    created = await authorized.put(by_external_id("ats-1"), json=northwind(), headers=headers)
    assert created.status_code == 201
    before = snapshot(database)
    for given in (northwind(), northwind(company="Contoso")):
        again = await authorized.put(by_external_id("ats-1"), json=given, headers=headers)
        assert faults(again, "header", 412) == ["If-None-Match"]
    assert snapshot(database) == before


async def test_of_those_who_put_at_once_only_where_nothing_is_one_succeeds(
    authorized: AsyncClient, database: Database
) -> None:
    headers = {"If-None-Match": "*"}
    answers = await asyncio.gather(
        *(authorized.put(by_external_id("ats-1"), json=northwind(company=f"{n}"), headers=headers) for n in range(12))
    )
    assert sorted(each.status_code for each in answers) == [201, *[412] * 11]
    assert rows(database) == (1, 0, 3)


async def test_a_change_that_is_meant_for_any_version_but_this_one_is_refused(
    authorized: AsyncClient, database: Database
) -> None:
    created = await authorized.put(by_external_id("ats-1"), json=northwind())
    path, etag = created.headers["Location"], created.headers["ETag"]
    before = snapshot(database)
    for condition in (etag, f"W/{etag}", f'"0", {etag}', "*"):
        headers = {"If-None-Match": condition}
        for response in (
            await authorized.patch(path, json={"company": "Contoso"}, headers=headers),
            await authorized.put(by_external_id("ats-1"), json=northwind(company="Contoso"), headers=headers),
        ):
            assert faults(response, "header", 412) == ["If-None-Match"]
    assert snapshot(database) == before
    headers = {"If-None-Match": '"0"'}
    changed = await authorized.patch(path, json={"company": "Contoso"}, headers=headers)
    assert (changed.status_code, changed.json()["company"]) == (200, "Contoso")
    put = await authorized.put(by_external_id("ats-1"), json=northwind(company="Fabrikam"), headers=headers)
    assert (put.status_code, put.json()["company"]) == (200, "Fabrikam")


# PATCH


CHANGES: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"company": "Contoso"}, {"company": "Contoso"}),
    ({"external_id": None}, {"external_id": None}),
    ({"application_ref": None}, {"application_ref": None}),
    ({"medium": None}, {"medium": None}),
    ({"ends_at": None}, {"ends_at": None}),
    ({"subdivision": None}, {"subdivision": None}),
    ({"country": None, "subdivision": None}, {"country": None, "subdivision": None}),
    ({"country": "DE", "subdivision": "BE"}, {"country": "DE", "subdivision": "BE"}),
    ({"decision_by": None}, {"decision_by": None}),
    ({"policy": "classic"}, {"policy": "classic"}),
    ({"contact": None}, {"contact": None}),
    ({"contact": {"email": None}}, {"contact": {"name": "Lee Wong", "email": None}}),
    ({"contact": {"name": "Kim"}}, {"contact": {"name": "Kim", "email": "lee@northwind.example"}}),
    ({"candidate": {"email": None}}, {"candidate": {"name": "Ana López", "email": None}}),
    ({"candidate": {"name": "Ana"}}, {"candidate": {"name": "Ana", "email": "Ana.Lopez@example.com"}}),
    ({"notes": {"fit": None}}, {"notes": NORTHWIND["notes"] | {"fit": None}}),
    ({"notes": {"fit": "more"}}, {"notes": NORTHWIND["notes"] | {"fit": "more"}}),
    ({"notes": {"topics": ["one", "two"]}}, {"notes": NORTHWIND["notes"] | {"topics": ["one", "two"]}}),
    ({"notes": {"topics": None, "questions": []}}, {"notes": NORTHWIND["notes"] | {"topics": [], "questions": []}}),
    ({"notes": {"revisit": None, "concerns": []}}, {"notes": NORTHWIND["notes"] | {"revisit": [], "concerns": []}}),
    ({"interviewers": NORTHWIND["interviewers"][1:]}, {"interviewers": NORTHWIND["interviewers"][1:]}),
    ({"starts_at": "2065-11-20T20:15:00Z"}, {"starts_at": "2065-11-20T15:15:00-05:00"}),
]
"""What is sent to the full interview, and what is different then."""


async def test_a_patch_changes_what_it_names_and_nothing_else(authorized: AsyncClient) -> None:
    for changes, expected in CHANGES:
        stored = await create_given(authorized, NORTHWIND)
        changed = await patch(authorized, stored["id"], **changes)
        assert facts_in(changed) == NORTHWIND | expected
        assert changed["created_at"] == stored["created_at"]
        assert changed["updated_at"] > stored["updated_at"]
        assert await read(authorized, f"{INTERVIEWS}/{stored['id']}") == changed
        await follow_ups_of(authorized, stored["id"])
        await authorized.delete(f"{INTERVIEWS}/{stored['id']}")


async def test_null_makes_an_optional_member_what_it_is_when_left_out(authorized: AsyncClient) -> None:
    stored = await create(authorized, policy="classic")
    changed = await patch(authorized, stored["id"], policy=None, notes=None)
    assert changed["policy"] == "balanced"
    assert changed["notes"] == (await create_given(authorized, REQUIRED))["notes"]


async def test_a_patch_that_says_nothing_new_changes_neither_the_version_nor_the_time(
    authorized: AsyncClient, database: Database
) -> None:
    created = await authorized.post(INTERVIEWS, json=northwind())
    before = snapshot(database)
    said: list[dict[str, Any]] = [{}, {"company": "Northwind"}, {"starts_at": "2065-11-20T20:00:00Z"}, {"notes": {}}]
    for changes in said:
        response = await authorized.patch(created.headers["Location"], json=changes)
        assert (response.status_code, response.json()) == (200, created.json())
        assert response.headers["ETag"] == created.headers["ETag"]
    assert snapshot(database) == before


IMPOSSIBLE: list[tuple[dict[str, Any], str]] = [
    *(({name: None}, f"/{name}") for name in REQUIRED),
    ({"candidate": {"name": None}}, "/candidate/name"),
    ({"candidate": {"name": " "}}, "/candidate/name"),
    ({"candidate": "Ana"}, "/candidate"),
    ({"contact": {"name": None}}, "/contact/name"),
    ({"interviewers": []}, "/interviewers"),
    ({"interviewers": [{"name": "A"}] * 21}, "/interviewers"),
    ({"interviewers": [{"name": "A", "email": "x"}]}, "/interviewers/0/email"),
    ({"interviewers": {"0": {"name": "A"}}}, "/interviewers"),
    ({"id": "int_1"}, "/id"),
    ({"created_at": "2065-11-20T15:00:00-05:00"}, "/created_at"),
    ({"notes": {"feelings": "good"}}, "/notes/feelings"),
    ({"notes": {"topics": ["a"] * 21}}, "/notes/topics"),
    ({"notes": {"revisit": [{"topic": "a", "answer": "b"}] * 21}}, "/notes/revisit"),
    ({"notes": {"concerns": [{"raised": "a", "answer": "b"}] * 21}}, "/notes/concerns"),
    ({"notes": {"questions": ["a"] * 21}}, "/notes/questions"),
    ({"notes": {"references": ["a"] * 21}}, "/notes/references"),
    ({"notes": {"revisit": [{"topic": "a"}]}}, "/notes/revisit/0/answer"),
    ({"notes": []}, "/notes"),
    ({"stage": "lunch"}, "/stage"),
    ({"medium": "letter"}, "/medium"),
    ({"policy": 7}, "/policy"),
    ({"ends_at": "2065-11-20T15:00:00-05:00"}, "/ends_at"),
    ({"starts_at": "2065-11-20T16:00:00-05:00"}, "/ends_at"),
    ({"starts_at": "2065-11-19T15:59:59-05:00"}, "/ends_at"),
    ({"starts_at": "2065-11-20T15:00:00"}, "/starts_at"),
    ({"country": None}, "/subdivision"),
    ({"country": "DE"}, "/subdivision"),
    ({"subdivision": "BE"}, "/subdivision"),
    ({"timezone": "Europe"}, "/timezone"),
    ({"decision_by": "2065-02-30"}, "/decision_by"),
]
"""What is sent to the full interview, and what is named then."""


async def test_a_patch_that_cannot_be_names_the_member_and_changes_nothing(
    authorized: AsyncClient, database: Database
) -> None:
    stored = await create(authorized)
    before = snapshot(database)
    for changes, pointer in IMPOSSIBLE:
        response = await authorized.patch(f"{INTERVIEWS}/{stored['id']}", json=changes)
        assert (changes, faults(response, "pointer")) == (changes, [pointer])
    assert snapshot(database) == before


async def test_a_contact_that_is_not_there_cannot_be_given_an_address_alone(authorized: AsyncClient) -> None:
    stored = await create(authorized, contact=None)
    response = await authorized.patch(f"{INTERVIEWS}/{stored['id']}", json={"contact": {"email": "kim@example.com"}})
    assert faults(response, "pointer") == ["/contact/name"]
    changed = await patch(authorized, stored["id"], contact={"name": "Kim"})
    assert changed["contact"] == {"name": "Kim", "email": None}


async def test_a_patch_may_call_itself_a_merge_patch_and_nothing_else_may(authorized: AsyncClient) -> None:
    path = f"{INTERVIEWS}/{(await create(authorized))['id']}"
    for media_type in ("application/merge-patch+json", "Application/Merge-Patch+JSON; charset=utf-8"):
        headers = {"Content-Type": media_type}
        response = await authorized.patch(path, content=b'{"company":"Contoso"}', headers=headers)
        assert (response.status_code, response.json()["company"]) == (200, "Contoso")
        response = await authorized.post(INTERVIEWS, content=b"{}", headers=headers)
        assert faults(response, "header", 415) == ["Content-Type"]


async def test_a_patch_cannot_take_the_external_id_of_another(authorized: AsyncClient, database: Database) -> None:
    await create(authorized, external_id="ats-1")
    stored = await create(authorized, external_id="ats-2")
    before = snapshot(database)
    response = await authorized.patch(
        f"{INTERVIEWS}/{stored['id']}", json={"external_id": "ats-1", "starts_at": "2065-11-20T15:30:00-05:00"}
    )
    assert faults(response, "pointer", 409) == ["/external_id"]
    assert snapshot(database) == before


async def test_patching_the_times_plans_anew_and_what_was_sent_stays_sent(authorized: AsyncClient) -> None:
    stored = await create(authorized)
    before = await follow_ups_of(authorized, stored["id"])
    sent = before["thank_you/tom-berg"]
    assert (await authorized.post(f"/v1/follow-ups/{sent['id']}/sent")).status_code == 200
    moved = {"starts_at": "2065-11-24T15:00:00-05:00", "ends_at": "2065-11-24T16:00:00-05:00"}
    await patch(authorized, stored["id"], **moved, decision_by="2065-12-03")
    after = await follow_ups_of(authorized, stored["id"])
    assert {key: each["id"] for key, each in after.items()} == {key: each["id"] for key, each in before.items()}
    assert after["thank_you/priya-shah"]["due_at"] == "2065-11-24T17:00:00-05:00"
    assert after["check_in"]["due_at"] == "2065-12-04T09:00:00-05:00"
    assert after["thank_you/tom-berg"]["state"] == "sent"


async def test_patching_the_people_plans_anew(authorized: AsyncClient) -> None:
    stored = await create(authorized)
    before = await follow_ups_of(authorized, stored["id"])
    await patch(authorized, stored["id"], contact=None, interviewers=[{"name": "Tom Berg"}, {"name": "Kim Roe"}])
    after = await follow_ups_of(authorized, stored["id"])
    assert after.keys() == {"thank_you/tom-berg", "thank_you/kim-roe", "check_in"}
    assert after["check_in"]["recipient"] == {"name": "Tom Berg", "email": None}
    assert all(after[key]["id"] == before[key]["id"] for key in ("thank_you/tom-berg", "check_in"))
    gone = await authorized.get(f"/v1/follow-ups/{before['thank_you/priya-shah']['id']}")
    problem(gone, 404)


# PUT


async def test_putting_creates_and_then_replaces_as_often_as_one_likes(
    authorized: AsyncClient, database: Database
) -> None:
    created = await authorized.put(by_external_id("ats-1"), json=northwind(external_id="ats-1"))
    assert created.status_code == 201
    stored = created.json()
    assert created.headers["Location"] == f"{INTERVIEWS}/{stored['id']}"
    assert facts_in(stored) == northwind(external_id="ats-1")
    kept = await follow_ups_of(authorized, stored["id"])
    for number in range(3):
        given = northwind(company=f"Company {number}", starts_at=f"2065-11-20T15:0{number}:00-05:00")
        replaced = await authorized.put(by_external_id("ats-1"), json=given)
        assert replaced.status_code == 200
        assert replaced.json()["id"] == stored["id"]
        assert facts_in(replaced.json()) == given | {"external_id": "ats-1"}
        assert replaced.json()["created_at"] == stored["created_at"]
        now = await follow_ups_of(authorized, stored["id"])
        assert {key: each["id"] for key, each in now.items()} == {key: each["id"] for key, each in kept.items()}
    assert rows(database) == (1, 0, 3)


async def test_putting_the_same_again_changes_nothing_at_all(authorized: AsyncClient, database: Database) -> None:
    created = await authorized.put(by_external_id("ats-1"), json=northwind())
    before = snapshot(database)
    same = northwind(external_id="ats-1", starts_at="2065-11-20T20:00:00.000Z", company=" Northwind ")
    for given in (northwind(), northwind(external_id="ats-1"), same):
        again = await authorized.put(by_external_id("ats-1"), json=given)
        assert (again.status_code, again.json()) == (200, created.json())
        assert again.headers["ETag"] == created.headers["ETag"]
    assert snapshot(database) == before


async def test_putting_replaces_all_the_facts_and_keeps_what_happened(authorized: AsyncClient) -> None:
    created = await authorized.put(by_external_id("ats-1"), json=northwind())
    interview_id = created.json()["id"]
    event = await happen(authorized, interview_id, "reply_received")
    replaced = await authorized.put(by_external_id("ats-1"), json=REQUIRED)
    assert replaced.json()["notes"]["fit"] is None
    assert replaced.json()["decision_by"] is None
    assert (await read(authorized, f"{INTERVIEWS}/{interview_id}/events"))["data"] == [event]
    assert (await follow_ups_of(authorized, interview_id))["check_in"]["cancelled_because"] == "replied"


ODD_IDS = [
    "a/b",
    "/a//b/",
    "../../etc/passwd",
    "100%",
    "%2F",
    "a b",
    "a+b",
    "?limit=1",
    "#1",
    "café-日本-\u05d0",
    "\U0001f600\u200d",
    ";,@&=+$",
    "int_" + "0" * 32,
    "events",
    "x/schedule",
    "'; DROP TABLE interview; --",
    "{{7*7}}",
    "a" * 200,
]


async def test_an_external_id_may_be_anything_that_can_be_written(authorized: AsyncClient, database: Database) -> None:
    for external_id in ODD_IDS:
        created = await authorized.put(by_external_id(external_id), json=northwind())
        assert created.status_code == 201, external_id
        assert created.json()["external_id"] == external_id
        again = await authorized.put(by_external_id(external_id), json=northwind(external_id=external_id))
        assert (again.status_code, again.json()) == (200, created.json())
        found = await read(authorized, INTERVIEWS, external_id=external_id)
        assert found["data"] == [created.json()]
    assert rows(database)[0] == len(ODD_IDS)


async def test_an_external_id_is_the_same_however_its_letters_are_composed(
    authorized: AsyncClient, database: Database
) -> None:
    for spelled in ("cafe\u0301", "caf\u00e9"):
        await authorized.put(by_external_id(spelled), json=northwind(external_id=spelled))
    assert rows(database)[0] == 1


async def test_blanks_around_an_external_id_make_no_other_one(authorized: AsyncClient, database: Database) -> None:
    # A body's are trimmed: one that kept them would be another interview, until a PATCH of anything renamed it.
    created = await authorized.put(by_external_id("ats-1"), json=northwind())
    blank = await authorized.put(by_external_id(" ats-1\u2003"), json=northwind())
    assert (blank.status_code, blank.text) == (200, created.text)
    same = await authorized.put(by_external_id(" ats-1 "), json=northwind(external_id=" ats-1 "))
    assert (same.status_code, same.text) == (200, created.text)
    assert rows(database)[0] == 1


async def test_what_cannot_be_an_external_id_is_not_found(authorized: AsyncClient, database: Database) -> None:
    for external_id in ("", " ", "\u2003 ", "a" * 201, "a\x00", "a\n", "\u202e"):
        problem(await authorized.put(by_external_id(external_id), json=northwind()), 404)
    assert rows(database) == (0, 0, 0)


async def test_the_external_id_in_the_body_is_the_one_in_the_address(
    authorized: AsyncClient, database: Database
) -> None:
    response = await authorized.put(by_external_id("ats-1"), json=northwind(external_id="ats-2"))
    assert faults(response, "pointer") == ["/external_id"]
    assert rows(database) == (0, 0, 0)


async def test_those_who_put_one_external_id_at_once_make_one_interview(
    authorized: AsyncClient, database: Database
) -> None:
    answers = await asyncio.gather(
        *(authorized.put(by_external_id("ats-1"), json=northwind(company=f"Company {n}")) for n in range(24))
    )
    assert sorted(each.status_code for each in answers) == [*[200] * 23, 201]
    assert len({each.json()["id"] for each in answers}) == 1
    assert len({each.headers["ETag"] for each in answers}) == 24
    assert rows(database) == (1, 0, 3)
    await follow_ups_of(authorized, answers[0].json()["id"])


async def test_putting_succeeds_while_others_delete(authorized: AsyncClient) -> None:
    async def put() -> set[int]:
        seen = set()
        for number in range(30):
            given = northwind(company=f"Company {number}", application_ref="app-1")
            seen.add((await authorized.put(by_external_id("ats-1"), json=given)).status_code)
        return seen

    async def delete() -> set[int]:
        seen = set()
        for _ in range(60):
            for each in (await read(authorized, INTERVIEWS))["data"]:
                seen.add((await authorized.delete(f"{INTERVIEWS}/{each['id']}")).status_code)
        return seen

    puts, *_, deletes = await asyncio.gather(put(), put(), put(), delete())
    assert puts <= {200, 201}
    assert deletes <= {204, 404}


async def test_interviews_that_swap_their_applications_at_once_do_not_wait_for_each_other(
    authorized: AsyncClient,
) -> None:
    async def swap(external_id: str, *refs: str) -> set[int]:
        seen = set()
        for _ in range(15):
            for ref in refs:
                given = northwind(application_ref=ref)
                seen.add((await authorized.put(by_external_id(external_id), json=given)).status_code)
        return seen

    one, other = await asyncio.gather(swap("ats-1", "app-1", "app-2"), swap("ats-2", "app-2", "app-1"))
    assert one | other == {200, 201}


# DELETE


async def test_deleting_forgets_all_that_belongs_to_it(authorized: AsyncClient, database: Database) -> None:
    stored, other = await create(authorized), await create(authorized)
    event = await happen(authorized, stored["id"], "reply_received")
    follow_up = (await follow_ups_of(authorized, stored["id"]))["check_in"]
    path = f"{INTERVIEWS}/{stored['id']}"
    response = await authorized.delete(path)
    assert (response.status_code, response.content) == (204, b"")
    for gone in (path, f"{path}/events", f"{path}/schedule", f"/v1/follow-ups/{follow_up['id']}"):
        problem(await authorized.get(gone), 404)
    for gone in (path, f"{path}/events/{event['id']}"):
        problem(await authorized.delete(gone), 404)
    assert rows(database) == (1, 0, 3)
    assert (await read(authorized, f"{INTERVIEWS}/{other['id']}")) == other


async def test_an_external_id_is_free_again_once_its_interview_is_gone(authorized: AsyncClient) -> None:
    first = await create(authorized, external_id="ats-1")
    await authorized.delete(f"{INTERVIEWS}/{first['id']}")
    assert (await create(authorized, external_id="ats-1"))["id"] != first["id"]


# Several rounds of one application

FIRST = {"application_ref": "app-1"}
SECOND = {"application_ref": "app-1", "starts_at": "2065-11-27T15:00:00-05:00", "ends_at": "2065-11-27T16:00:00-05:00"}


async def _superseded(client: AsyncClient, *interviews: dict[str, Any]) -> list[bool]:
    found = [(await follow_ups_of(client, each["id"]))["check_in"] for each in interviews]
    return [each["cancelled_because"] == "superseded" for each in found]


@pytest.mark.parametrize("order", [1, -1])
async def test_a_later_interview_of_the_application_supersedes_the_earlier_one_in_whichever_order_they_come(
    authorized: AsyncClient, order: int
) -> None:
    stored = [await create(authorized, **given) for given in (FIRST, SECOND)[::order]]
    assert await _superseded(authorized, *stored[::order]) == [True, False]


async def test_an_interview_of_another_application_or_of_none_supersedes_nothing(authorized: AsyncClient) -> None:
    first = await create(authorized, **FIRST)
    await create(authorized, **SECOND | {"application_ref": "app-2"})
    await create(authorized, **SECOND | {"application_ref": None})
    assert await _superseded(authorized, first) == [False]


async def test_joining_and_leaving_an_application_changes_the_other_rounds_at_once(authorized: AsyncClient) -> None:
    first = await create(authorized, **FIRST)
    other = await create(authorized, application_ref="app-2")
    second = await create(authorized, **SECOND | {"application_ref": None})
    expected = {"app-1": [True, False], "app-2": [False, True], None: [False, False], "app-3": [False, False]}
    for application_ref, superseded in expected.items():
        await patch(authorized, second["id"], application_ref=application_ref)
        assert await _superseded(authorized, first, other) == superseded
        assert await _superseded(authorized, second) == [False]


async def test_moving_a_round_before_or_after_another_changes_both_at_once(authorized: AsyncClient) -> None:
    first, second = await create(authorized, **FIRST), await create(authorized, **SECOND)
    earlier = {"starts_at": "2065-11-13T15:00:00-05:00", "ends_at": "2065-11-13T16:00:00-05:00"}
    await patch(authorized, second["id"], **earlier)
    assert await _superseded(authorized, first, second) == [False, True]
    await patch(authorized, second["id"], starts_at=SECOND["starts_at"], ends_at=SECOND["ends_at"])
    assert await _superseded(authorized, first, second) == [True, False]
    await patch(authorized, first["id"], starts_at="2065-12-04T15:00:00-05:00", ends_at="2065-12-04T16:00:00-05:00")
    assert await _superseded(authorized, first, second) == [False, True]


async def test_deleting_the_next_round_brings_the_check_in_back_as_it_was(authorized: AsyncClient) -> None:
    first = await create(authorized, **FIRST)
    before = await follow_ups_of(authorized, first["id"])
    second = await create(authorized, **SECOND)
    assert await _superseded(authorized, first) == [True]
    await authorized.delete(f"{INTERVIEWS}/{second['id']}")
    assert await follow_ups_of(authorized, first["id"]) == before


async def test_putting_a_round_again_and_again_keeps_the_others_in_step(authorized: AsyncClient) -> None:
    first = await create(authorized, **FIRST)
    for given, superseded in ((SECOND, True), (SECOND | {"application_ref": "app-2"}, False), (SECOND, True)):
        await authorized.put(by_external_id("ats-2"), json=northwind(**given))
        assert await _superseded(authorized, first) == [superseded]


async def test_of_three_rounds_the_last_alone_has_a_check_in(authorized: AsyncClient) -> None:
    third = await create(authorized, **SECOND | {"starts_at": "2065-12-04T15:00:00-05:00", "ends_at": None})
    first, second = await create(authorized, **FIRST), await create(authorized, **SECOND)
    assert await _superseded(authorized, first, second, third) == [True, True, False]


async def test_rounds_that_begin_at_one_instant_supersede_one_another_once(authorized: AsyncClient) -> None:
    stored = [await create(authorized, **FIRST) for _ in range(2)]
    assert sorted(await _superseded(authorized, *stored)) == [False, True]


async def test_rounds_that_are_posted_at_the_same_moment_see_each_other(authorized: AsyncClient) -> None:
    for number in range(5):
        ref = {"application_ref": f"app-{number}"}
        stored = await asyncio.gather(
            *(create(authorized, **given | ref) for given in (FIRST, SECOND, SECOND | {"ends_at": None}))
        )
        assert sorted(await _superseded(authorized, *stored)) == [False, True, True]


MOST_ROUNDS = 50


@contextmanager
def _statements() -> Iterator[list[str]]:
    """Every statement that is executed meanwhile."""
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        seen.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(Engine, "before_cursor_execute", note)


def _days_before(number: int) -> dict[str, Any]:
    """A round that many days before the first one."""
    start = datetime.fromisoformat(NORTHWIND["starts_at"]) - timedelta(days=number)
    return FIRST | {"starts_at": start.isoformat(), "ends_at": None}


async def test_a_round_before_all_others_is_stored_changed_and_deleted_without_a_look_at_their_plans(
    authorized: AsyncClient,
) -> None:
    counts, path = [], ""
    for number in range(MOST_ROUNDS):
        with _statements() as seen:
            path = f"{INTERVIEWS}/{(await create(authorized, **_days_before(number)))['id']}"
        counts.append(len(seen))
    # A few more than the first, which had no other at all, and the same few however many there are.
    assert max(counts) <= counts[0] + 5, counts
    for ask in (
        authorized.build_request("PATCH", path, json={"company": "Contoso"}),
        authorized.build_request("DELETE", path),
    ):
        with _statements() as seen:
            assert (await authorized.send(ask)).is_success
        assert len(seen) <= counts[0] + 5, seen


async def test_more_rounds_than_an_application_can_have_are_a_conflict(
    authorized: AsyncClient, database: Database
) -> None:
    stored = [await create(authorized, **_days_before(number)) for number in range(MOST_ROUNDS)]
    other = await create(authorized, external_id="ats-2", application_ref="app-2")
    before = snapshot(database)
    for response in (
        await authorized.post(INTERVIEWS, json=northwind(**FIRST)),
        await authorized.put(by_external_id("ats-1"), json=northwind(**FIRST)),
        await authorized.put(by_external_id("ats-2"), json=northwind(**FIRST)),
        await authorized.patch(f"{INTERVIEWS}/{other['id']}", json=FIRST),
    ):
        assert faults(response, "pointer", 409) == ["/application_ref"]
    assert snapshot(database) == before
    await patch(authorized, stored[-1]["id"], company="Contoso")
    await authorized.delete(f"{INTERVIEWS}/{stored[-1]['id']}")
    await patch(authorized, other["id"], **FIRST)


async def test_a_round_whose_policy_is_not_loaded_any_more_hinders_no_other(
    app: FastAPI, authorized: AsyncClient, database: Database, key: str, tmp_path: Path
) -> None:
    (tmp_path / "my-team.toml").write_text(
        'title = "Patience."\n[check_in.stated]\nrule = "timing.check_in.stated"\ndays_after_date = 3\nopen_days = 5\n'
    )
    settings: Settings = app.state.settings
    own = create_app(settings.model_copy(update={"policies_dir": tmp_path}))
    headers = {"Authorization": f"Bearer {key}"}
    async with (
        own.router.lifespan_context(own),
        AsyncClient(transport=ASGITransport(own), base_url="http://test", headers=headers) as client,
    ):
        orphan = await create(client, **FIRST, policy="my-team")

    def kept() -> list[list[Any]]:
        return [[row for row in found if orphan["id"] in row] for found in snapshot(database).values()]

    before = kept()
    assert [len(found) for found in before] == [1, 0, 3]
    stored = await create(authorized, **SECOND)
    put = await authorized.put(by_external_id("ats-1"), json=northwind(**SECOND))
    assert put.status_code == 201
    for changes in ({"company": "Contoso"}, {"starts_at": "2065-11-13T15:00:00-05:00", "ends_at": None}):
        await patch(authorized, stored["id"], **changes)
    await follow_ups_of(authorized, stored["id"])
    await patch(authorized, stored["id"], application_ref="app-2")
    await patch(authorized, stored["id"], application_ref="app-1")
    for gone in (f"{INTERVIEWS}/{stored['id']}", put.headers["Location"]):
        assert (await authorized.delete(gone)).status_code == 204
    assert kept() == before
    assert await read(authorized, f"{INTERVIEWS}/{orphan['id']}") == orphan
    problem(await authorized.get(f"{INTERVIEWS}/{orphan['id']}/schedule"), 409)


# Lists


async def _fill(client: AsyncClient, count: int) -> list[dict[str, Any]]:
    """Interviews of which some begin at the same instant, stored out of their order."""
    start = datetime.fromisoformat("2065-11-20T15:00:00-05:00")
    hours = [(number * 5 % count) // 2 for number in range(count)]
    return [await create(client, starts_at=(start + timedelta(hours=each)).isoformat(), ends_at=None) for each in hours]


async def test_pages_show_every_interview_once_and_in_order(authorized: AsyncClient) -> None:
    stored = await _fill(authorized, 9)
    orders = {
        "starts_at": sorted(stored, key=lambda each: (each["starts_at"], each["id"])),
        "-starts_at": sorted(stored, key=lambda each: (each["starts_at"], each["id"]), reverse=True),
        "created_at": stored,
    }
    for sort, expected in orders.items():
        for limit in (1, 2, 4, 9, 100):
            assert await walk(authorized, INTERVIEWS, sort=sort, limit=limit) == expected


async def test_interviews_are_listed_by_their_beginning_if_nothing_else_is_said(authorized: AsyncClient) -> None:
    await _fill(authorized, 5)
    assert await read(authorized, INTERVIEWS) == await read(authorized, INTERVIEWS, sort="starts_at", limit=20)


async def test_what_is_stored_meanwhile_neither_hides_nor_repeats_what_was_there(authorized: AsyncClient) -> None:
    before = {each["id"] for each in await _fill(authorized, 6)}
    page = await read(authorized, INTERVIEWS, limit=2)
    seen = [each["id"] for each in page["data"]]
    while page["next_cursor"]:
        if len(seen) <= 6:
            await _fill(authorized, 2)
        await authorized.delete(f"{INTERVIEWS}/{seen[-1]}")  # the very one that the cursor stands on
        page = await read(authorized, INTERVIEWS, limit=2, cursor=page["next_cursor"])
        seen += [each["id"] for each in page["data"]]
    assert len(seen) == len(set(seen))
    assert before <= set(seen)


async def test_the_link_leads_to_the_next_page_and_the_last_page_has_none(authorized: AsyncClient) -> None:
    await _fill(authorized, 3)
    first = await authorized.get(INTERVIEWS, params={"limit": 2, "company": "Northwind", "sort": "-starts_at"})
    assert set(first.links) == {"next"}
    second = await authorized.get(first.links["next"]["url"])
    query = {"limit": 2, "company": "Northwind", "sort": "-starts_at", "cursor": first.json()["next_cursor"]}
    assert second.json() == await read(authorized, INTERVIEWS, **query)
    assert (len(second.json()["data"]), second.json()["next_cursor"], second.links) == (1, None, {})


FILTERS = {
    "company": "Contoso & Söhne",
    "job_title": "Writer (m/f)",
    "stage": "final_round",
    "external_id": "ats/2 %",
    "application_ref": "app=2+",
    "candidate_email": "bob+x@example.com",
}


async def test_interviews_are_found_by_each_filter_and_by_all_of_them_together(authorized: AsyncClient) -> None:
    given = {name: value for name, value in FILTERS.items() if name != "candidate_email"}
    wanted = await create(authorized, **given, candidate={"name": "Bob", "email": "Bob+X@example.com"})
    await create(authorized, external_id="ats-3", application_ref="app-3")
    for query in (*({name: value} for name, value in FILTERS.items()), FILTERS):
        assert (await read(authorized, INTERVIEWS, **query))["data"] == [wanted]
        assert (await read(authorized, INTERVIEWS, **query | {"external_id": "nobody's"}))["data"] == []
    assert len((await read(authorized, INTERVIEWS))["data"]) == 2


LONG_ADDRESS = f"{'a' * 60}@{'b' * 61}.{'c' * 61}.{'d' * 61}.eek"


@pytest.mark.parametrize(
    ("sent", "others"),
    [
        ("ANA@EXAMPLE.COM", ["ana@example.com", "Ana@Example.com"]),
        ("ana@xn--mnchen-3ya.example", ["ana@m\u00fcnchen.example", "Ana@XN--MNCHEN-3YA.example"]),
        ("ana@M\u00dcNCHEN.example", ["ana@m\u00fcnchen.example", "ana@xn--mnchen-3ya.example"]),
        (LONG_ADDRESS, [LONG_ADDRESS.upper()]),
    ],
    ids=["another case", "punycode", "letters beyond ASCII", "250 characters"],
)
async def test_a_candidate_is_found_by_the_address_as_it_was_sent(
    authorized: AsyncClient, sent: str, others: list[str]
) -> None:
    assert len(LONG_ADDRESS) == 250
    wanted = await create(authorized, candidate={"name": "Ana", "email": sent})
    await create(authorized)
    for address in (sent, wanted["candidate"]["email"], *others):
        assert (await read(authorized, INTERVIEWS, candidate_email=address))["data"] == [wanted]


async def test_pages_of_a_filtered_list_hold_what_the_filter_lets_through(authorized: AsyncClient) -> None:
    wanted = [await create(authorized, application_ref="app-1", company=f"Company {n}") for n in range(5)]
    for number in range(5):
        await create(authorized, application_ref="app-2", company=f"Company {number}")
    for sort in ("starts_at", "created_at"):
        found = await walk(authorized, INTERVIEWS, application_ref="app-1", sort=sort, limit=2)
        assert [each["id"] for each in found] == [each["id"] for each in wanted]


async def test_a_cursor_of_another_list_is_refused(authorized: AsyncClient) -> None:
    await _fill(authorized, 3)
    cursor = (await read(authorized, INTERVIEWS, limit=1))["next_cursor"]
    other = (await read(authorized, "/v1/follow-ups", limit=1))["next_cursor"]
    for query in (
        {"cursor": cursor, "sort": "-starts_at"},
        {"cursor": cursor, "company": "Northwind"},
        {"cursor": other},
        {"cursor": cursor[:-1]},
        {"cursor": cursor + "A"},
        {"cursor": cursor.swapcase()},
        {"cursor": ""},
        {"cursor": "x"},
        {"cursor": "é"},
        {"cursor": "A" * 500},
        {"cursor": "A" * 501},
    ):
        response = await authorized.get(INTERVIEWS, params=query)
        assert faults(response, "parameter") == ["cursor"]
    assert (await read(authorized, INTERVIEWS, limit=2, cursor=cursor))["data"]


async def test_a_schedule_of_every_stored_policy_is_its_own(authorized: AsyncClient) -> None:
    policies = (await read(authorized, "/v1/policies"))["data"]
    for policy in policies:
        stored = await create(authorized, policy=policy["name"])
        assert (await plan_of(authorized, stored["id"]))["policy"] == policy["name"]
        await follow_ups_of(authorized, stored["id"])
