import json
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import pytest
from httpx import AsyncClient
from sqlalchemy import select

from app.erasing import Erased
from app.store import tables
from app.store.db import Database
from app.store.tables import metadata
from app.webhooks.outbox import News
from tests.hooks import announce, deliveries_to, log, session_of, settle, subscribe
from tests.northwind import Json, create, northwind, problem, read, rows, snapshot, soon

ANA = "Ana.Lopez@example.com"
NOTHING: Json = dict.fromkeys(Erased._fields, 0)


def path(email: str, ending: str = "") -> str:
    return f"/v1/candidates/{quote(email, safe='')}{ending}"


async def export(client: AsyncClient, email: str = ANA) -> Json:
    return await read(client, path(email, "/export"))


async def erase(client: AsyncClient, email: str = ANA) -> Json:
    response = await client.delete(path(email))
    assert response.status_code == 200, response.text
    counts: Json = response.json()
    return counts


async def make_token(client: AsyncClient, **bound: Any) -> str:
    """The id of a client token; the account lets the page in."""
    origins = ["https://jobs.example.com"]
    assert (await client.patch("/v1/account", json={"allowed_origins": origins})).is_success
    given = {"actions": ["read"], "origins": origins} | bound
    response = await client.post("/v1/client-tokens", json=given, headers={"Idempotency-Key": str(uuid4())})
    assert response.status_code == 201, response.text
    id: str = response.json()["id"]
    return id


@pytest.fixture
async def interview(authorized: AsyncClient, database: Database) -> Json:
    """An interview of Ana's, and something of everything that can be kept because of it."""
    endpoint = await subscribe(authorized)
    given = northwind(external_id="ats-8123", application_ref="app-77")
    response = await authorized.post("/v1/interviews", json=given, headers={"Idempotency-Key": "once"})
    stored: Json = response.json()
    event = {"type": "situation_changed", "occurred_at": soon(), "change": "other", "detail": "moves to Lisbon"}
    assert (await authorized.post(f"/v1/interviews/{stored['id']}/events", json=event)).status_code == 201
    told = {"interview_id": stored["id"], "key": "thank_you/priya-shah", "external_id": "ats-8123"}
    announce(database, News("follow_up.due", told, stored["id"]), News("plan.changed", told, stored["id"]))
    answered, *_ = await deliveries_to(authorized, endpoint["id"])
    echo = json.dumps(told | {"for": "Ana López"}, ensure_ascii=False)
    settle(database, answered["id"], "delivered", {"status": 500, "failure": "status"}, {"status": 200, "body": echo})
    await make_token(authorized, interview_id=stored["id"])
    await make_token(authorized, candidate_email=ANA)
    return stored


def everything(database: Database) -> str:
    """Every row of every table, as one text."""
    with database.read() as connection:
        return "\n".join(
            repr(tuple(row)) for table in metadata.tables.values() for row in connection.execute(select(table))
        ).lower()


PERSONAL = (
    "ana.lopez",
    "lópez",
    "l\\u00f3pez",
    "priya",
    "lee wong",
    "nightly batch",
    "data contracts",
    "idempotent",
    "ported our parser",
    "dana fox",
    "pier road",
    "lisbon",
    "ats-8123",
    "app-77",
)
"""What only this interview says, in lower case."""


@pytest.mark.usefixtures("interview")
async def test_of_an_erased_candidate_nothing_is_left_in_any_table(authorized: AsyncClient, database: Database) -> None:
    before = everything(database)
    assert [word for word in PERSONAL if word not in before] == ["l\\u00f3pez"]
    await erase(authorized)
    after = everything(database)
    assert [word for word in PERSONAL if word in after] == []


async def test_it_says_how_much_was_erased(authorized: AsyncClient, interview: Json, database: Database) -> None:
    kept = await export(authorized)
    (only,) = kept["interviews"]
    deliveries = [each for message in only["messages"] for each in message["deliveries"]]
    assert await erase(authorized) == {
        "interviews": 1,
        "events": 1,
        "follow_ups": len(only["follow_ups"]),
        "messages": len(only["messages"]),
        "deliveries_cancelled": sum(each["state"] == "open" for each in deliveries),
        "attempts": 1,  # the other one brought no body
        "kept_answers": 3,  # that of the token bound to the address included
        "client_tokens": 2,
    }
    assert only["interview"]["id"] == interview["id"]
    assert rows(database) == (0, 0, 0)
    left = log(database)
    assert {row.state for row in left["delivery"]} == {"delivered", "cancelled"}
    assert left["pending"] == []
    assert {row.payload for row in left["message"]} == {None}
    assert {row.body for row in left["attempt"]} == {None}


async def test_everything_is_exported_as_it_is_shown_elsewhere(authorized: AsyncClient, interview: Json) -> None:
    kept = await export(authorized)
    at = f"/v1/interviews/{interview['id']}"
    (only,) = kept["interviews"]
    assert kept["email"] == ANA.lower()
    assert only["interview"] == await read(authorized, at)
    assert only["events"] == (await read(authorized, f"{at}/events"))["data"]
    steps = await read(authorized, "/v1/follow-ups", interview_id=interview["id"], limit=100)
    assert only["follow_ups"] == steps["data"]
    told = (await read(authorized, "/v1/messages", interview_id=interview["id"], limit=100))["data"]
    assert only["messages"] == [await read(authorized, f"/v1/messages/{each['id']}") for each in reversed(told)]
    assert {(each["interview_id"], each["candidate_email"]) for each in kept["client_tokens"]} == {
        (interview["id"], None),
        (None, ANA.lower()),
    }
    assert all("digest" not in each and "token" not in each for each in kept["client_tokens"])
    first, *tokens = kept["kept_answers"]
    assert (first["status"], first["body"]) == (201, interview)
    assert [each["body"] | {"token": ""} for each in tokens] != [each["body"] for each in tokens]
    assert [each["body"]["id"] for each in tokens] == [each["id"] for each in kept["client_tokens"]]


@pytest.mark.usefixtures("interview")
async def test_who_is_erased_is_exported_as_nobody_and_can_be_erased_again(authorized: AsyncClient) -> None:
    await erase(authorized)
    nobody = {"email": ANA.lower(), "interviews": [], "client_tokens": [], "kept_answers": []}
    assert await export(authorized) == nobody
    assert await erase(authorized) == NOTHING
    assert await export(authorized, "never@example.com") == nobody | {"email": "never@example.com"}
    assert await erase(authorized, "never@example.com") == NOTHING


@pytest.mark.parametrize("email", ["ANA.LOPEZ@EXAMPLE.COM", "ana.lopez@example.com", " ana.lopez@example.com "])
async def test_upper_and_lower_case_are_the_same(authorized: AsyncClient, email: str) -> None:
    await create(authorized)
    assert len((await export(authorized, email))["interviews"]) == 1
    assert (await erase(authorized, email))["interviews"] == 1


@pytest.mark.parametrize("email", ["a/b+c@example.com", "ána@exämple.com", "a%2fb@example.com", "export@example.com"])
async def test_any_address_that_can_be_stored_can_be_erased(authorized: AsyncClient, email: str) -> None:
    stored = await create(authorized, candidate={"name": "Ana", "email": email})
    assert [each["interview"]["id"] for each in (await export(authorized, email))["interviews"]] == [stored["id"]]
    assert (await erase(authorized, email))["interviews"] == 1


@pytest.mark.parametrize("email", ["ana", "@", "ana@", "a b@example.com", " ", "a" * 400])
async def test_what_is_no_address_is_not_there(authorized: AsyncClient, database: Database, email: str) -> None:
    await create(authorized)
    problem(await authorized.get(path(email, "/export")), 404)
    problem(await authorized.delete(path(email)), 404)
    assert rows(database)[0] == 1


async def test_others_are_not_touched(authorized: AsyncClient, interview: Json, database: Database) -> None:
    bob = {"name": "Bob Ray", "email": "bob@example.com"}
    notes = {"understanding": "Ana López would report to this post"}
    stored = await create(authorized, candidate=bob, notes=notes)
    await make_token(authorized, candidate_email=bob["email"])
    announce(database, News("plan.changed", {"about": "Bob"}, stored["id"]))
    before = await export(authorized, bob["email"])
    assert (await erase(authorized))["interviews"] == 1
    assert await export(authorized, bob["email"]) == before
    assert before["interviews"][0]["interview"]["notes"]["understanding"] == notes["understanding"]
    assert before["interviews"][0]["messages"]
    assert interview["id"] not in json.dumps(before)


async def test_what_was_answered_about_one_person_is_not_in_the_export_of_another(
    authorized: AsyncClient, interview: Json, database: Database
) -> None:
    zed = {"name": "Zed", "email": "zed@example.com"}
    changed = await authorized.patch(f"/v1/interviews/{interview['id']}", json={"candidate": zed})
    assert changed.status_code == 200
    assert (await export(authorized, zed["email"]))["kept_answers"] == []
    assert "ana.lopez" not in json.dumps(await export(authorized, zed["email"]))
    again = await authorized.post("/v1/interviews", json=northwind(), headers={"Idempotency-Key": "once"})
    assert again.status_code in {409, 422}
    await erase(authorized)
    assert "ana.lopez" not in everything(database)


async def test_an_interview_that_is_deleted_takes_kept_answers_and_tokens_along(
    authorized: AsyncClient, interview: Json, database: Database
) -> None:
    assert (await authorized.delete(f"/v1/interviews/{interview['id']}")).status_code == 204
    with session_of(database) as session:
        kept = session.connection.execute(select(tables.KeptAnswer.__table__)).all()
        bound = session.connection.execute(select(tables.ClientToken.__table__)).all()
    assert [row.answer for row in kept if row.key == sha256(b"\0once").hexdigest()] == [None]
    assert [row.interview_id for row in bound] == [None]


async def test_only_a_key_with_the_scope_may(authorized: AsyncClient, client: AsyncClient, database: Database) -> None:
    await create(authorized)
    scopes = ["interviews:read", "interviews:write", "emails", "webhooks", "keys"]
    made = (await authorized.post("/v1/keys", json={"name": "all but erase", "scopes": scopes})).json()
    headers = {"Authorization": f"Bearer {made['key']}"}
    before = snapshot(database)
    problem(await client.get(path(ANA, "/export"), headers=headers), 403)
    problem(await client.delete(path(ANA), headers=headers), 403)
    assert snapshot(database) == before


@pytest.mark.parametrize("module_url", ["sqlite"], indirect=True, scope="module")
async def test_in_the_files_of_sqlite_nothing_is_left_of_a_person(
    authorized: AsyncClient, interview: Json, database: Database, database_url: str
) -> None:
    file = Path(database_url.removeprefix("sqlite:///"))
    with database.peek() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").all()  # as after a restart
    assert ANA.lower().encode() in file.read_bytes()  # noqa: ASYNC240 - nothing else runs meanwhile
    await erase(authorized)
    left = b"".join(each.read_bytes() for each in (file, file.with_name(f"{file.name}-wal")))
    assert ANA.lower().encode() not in left.lower()
    assert interview["candidate"]["name"].encode() not in left
