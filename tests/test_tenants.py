"""Nobody sees or changes another account's rows: tried on every operation that the OpenAPI document knows."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any, NamedTuple
from urllib.parse import quote

import pytest
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient, Response
from sqlalchemy import Column, Table, select

from app.issuing import create_key
from app.store.db import Database
from app.store.tables import metadata
from app.webhooks.outbox import News
from tests.callers import ORIGIN, allow, make_key
from tests.hooks import URL, announce, deliveries_to, settle, subscribe
from tests.northwind import create, follow_ups_of, happen, northwind, problem, read, rows, snapshot

KEYLESS = {
    "plan_schedule",
    "render_email",
    "check_draft",
    "list_policies",
    "get_policy",
    "list_rules",
    "get_rule",
    "list_event_types",
    "get_event_example",
    "show_liveness",
    "show_readiness",
}
"""The operations that anybody may call."""

BODIES: dict[str, Any] = {
    "create_interview": northwind(external_id="ats-1", application_ref="app-1", company="Contoso"),
    "put_interview": northwind(application_ref="app-1", company="Contoso"),
    "patch_interview": {"company": "Contoso"},
    "create_event": {"type": "withdrawn", "occurred_at": "2026-01-05T10:00:00Z"},
    "mark_sent": {},
    "mark_skipped": {},
    "snooze": {"until": "2065-12-03T09:00:00-05:00"},
    "render_stored_email": {"recipient": "Lee Wong"},
    "check_stored_draft": {"kind": "check_in", "text": "Hi Lee,\n\nIs there any news?\n\nBest,\nAna"},
    "create_key": {"name": "mine"},
    "create_client_token": {"interview_id": "{interview_id}", "actions": ["read"], "origins": [ORIGIN]},
    "patch_account": {"allowed_origins": [ORIGIN]},
    "create_endpoint": {"url": URL},
    "patch_endpoint": {"url": URL, "description": "mine", "enabled": True},
    "rotate_secret": {},
    "recover_endpoint": {"since": "2026-01-05T10:00:00Z"},
}
"""A body that would be right for every operation that takes one; a name in braces is that of an id."""

OWN = {
    "create_interview",
    "put_interview",
    "list_interviews",
    "list_follow_ups",
    "create_key",
    "list_keys",
    "get_account",
    "patch_account",
    "get_me",
    "export_candidate",
    "erase_candidate",
    "create_endpoint",
    "list_endpoints",
    "list_messages",
}
"""The operations that name nothing of another account's: there everybody is among their own."""


class Operation(NamedTuple):
    """One operation of the document."""

    name: str
    method: str
    path: str
    needs_key: bool
    takes_body: bool
    parameters: tuple[str, ...]


def operations(app: FastAPI) -> list[Operation]:
    """Every operation that there is."""
    return [
        Operation(
            name=operation["operationId"],
            method=method.upper(),
            path=path,
            needs_key=bool(operation.get("security")),
            takes_body="requestBody" in operation,
            parameters=tuple(each["name"] for each in operation.get("parameters", ()) if each["in"] == "path"),
        )
        for path, methods in app.openapi()["paths"].items()
        for method, operation in methods.items()
    ]


async def call(client: AsyncClient, operation: Operation, ids: dict[str, str], header: str | None = None) -> Response:
    """An operation on what these ids name, with a body that would be right."""
    names = {"kind": "check_in", "event_type": "ping"} | ids
    path = operation.path.format_map({name: quote(names[name], safe="") for name in operation.parameters})
    body = _name(BODIES[operation.name], ids) if operation.takes_body else None
    headers = {} if header is None else {b"Authorization": header.encode("latin-1")}
    return await client.request(operation.method, path, json=body, headers=headers)


def _name(body: Any, ids: dict[str, str]) -> Any:
    text = json.dumps(body)
    for name, id in ids.items():
        text = text.replace(f"{{{name}}}", id)
    return json.loads(text)


@pytest.fixture
async def stranger(app: FastAPI, database: Database) -> AsyncIterator[AsyncClient]:
    """Somebody with a key of another account."""
    with database.begin() as connection:
        key = create_key(connection, name="tests", account="another", now=datetime.now(UTC))
    headers = {"Authorization": f"Bearer {key}"}
    async with AsyncClient(transport=ASGITransport(app), base_url="http://test", headers=headers) as client:
        yield client


@pytest.fixture
async def ids(authorized: AsyncClient, database: Database) -> dict[str, str]:
    """One thing of every kind that an account can own."""
    stored = await create(authorized, external_id="ats-1", application_ref="app-1")
    event = await happen(authorized, stored["id"], "reply_received", acknowledgement=True)
    follow_up = (await follow_ups_of(authorized, stored["id"]))["check_in"]
    endpoint = await subscribe(authorized)
    about = (stored["id"], follow_up["id"])
    announce(database, News("follow_up.cancelled", {}, *about), News("plan.changed", {}, *about))
    delivery = (await deliveries_to(authorized, endpoint["id"]))[0]
    await allow(authorized, ORIGIN)
    key = await make_key(authorized)
    settle(database, delivery["id"], "failed", {"status": 500, "failure": "status", "body": "no"})
    return {
        "interview_id": stored["id"],
        "event_id": event["id"],
        "follow_up_id": follow_up["id"],
        "external_id": "ats-1",
        "endpoint_id": endpoint["id"],
        "email": stored["candidate"]["email"],
        "key_id": key["id"],
        "message_id": delivery["message_id"],
        "delivery_id": delivery["id"],
    }


def _whole(database: Database) -> dict[str, list[Any]]:
    """Every row of every table, but what each call leaves behind: when a key was used, and how often of late."""
    tables = [table for name, table in metadata.tables.items() if name != "allowance"]
    with database.read() as connection:
        return {
            table.name: sorted(connection.execute(select(*_kept_columns(table))).all(), key=repr) for table in tables
        }


def _kept_columns(table: Table) -> list[Column[Any]]:
    return [column for column in table.c if (table.name, column.name) != ("api_key", "last_used_at")]


def _unknown(ids: dict[str, str]) -> dict[str, str]:
    """Ids as good as these, of nothing that anybody has."""
    return {name: id.partition("_")[0] + "_" + "0" * 32 for name, id in ids.items()}


async def test_every_operation_but_a_few_needs_a_key(app: FastAPI) -> None:
    found = operations(app)
    assert {each.name for each in found if not each.needs_key} == KEYLESS
    assert {each.name for each in found if each.takes_body and each.needs_key} == BODIES.keys()
    assert len(found) > 20


async def test_the_owner_can_call_every_operation(app: FastAPI, authorized: AsyncClient, ids: dict[str, str]) -> None:
    # So that what is refused below is refused for the one reason.
    for operation in operations(app):
        if operation.needs_key and operation.method != "DELETE":
            response = await call(authorized, operation, ids)
            expected = {"create_interview": 409, "mark_skipped": 409, "snooze": 409}.get(operation.name)
            assert response.status_code == expected if expected else response.is_success, operation
    for name in ("delete_event", "delete_interview", "delete_endpoint", "revoke_key"):
        operation = next(each for each in operations(app) if each.name == name)
        assert (await call(authorized, operation, ids)).status_code == 204
    assert (await authorized.delete(f"/v1/candidates/{ids['email']}")).status_code == 200


async def test_without_a_key_nothing_is_answered_and_nothing_changes(
    app: FastAPI, client: AsyncClient, database: Database, ids: dict[str, str]
) -> None:
    before = _whole(database)
    for operation in operations(app):
        if operation.needs_key:
            response = await call(client, operation, ids)
            problem(response, 401)
            assert response.headers["WWW-Authenticate"] == "Bearer", operation
    assert _whole(database) == before


BAD_KEYS = ("", "Bearer", "Basic YTpi", "Bearer x", "Bearer aw_live_" + "0" * 36, "Bearer \xe9", "Bearer " + "a" * 7000)


async def test_without_a_good_key_nothing_is_answered_and_nothing_changes(
    app: FastAPI, client: AsyncClient, database: Database, ids: dict[str, str]
) -> None:
    before = _whole(database)
    for operation in operations(app):
        if operation.needs_key:
            for header in BAD_KEYS:
                problem(await call(client, operation, ids, header), 401)
    assert _whole(database) == before


async def test_whether_something_is_there_is_not_told_without_a_key(
    app: FastAPI, client: AsyncClient, ids: dict[str, str]
) -> None:
    nothing = _unknown(ids)
    for operation in operations(app):
        if operation.needs_key and operation.parameters:
            there, not_there = [await call(client, operation, each) for each in (ids, nothing)]
            documents = [problem(each, 401) | {"instance": None} for each in (there, not_there)]
            assert documents[0] == documents[1]


async def test_another_accounts_rows_are_not_there(
    app: FastAPI, stranger: AsyncClient, database: Database, ids: dict[str, str]
) -> None:
    before = _whole(database)
    nothing = _unknown(ids)
    tried = 0
    for operation in operations(app):
        if operation.needs_key and operation.name not in OWN:
            foreign, unknown = [await call(stranger, operation, each) for each in (ids, nothing)]
            documents = [problem(each, 404) | {"instance": None} for each in (foreign, unknown)]
            assert documents[0] == documents[1], operation
            tried += 1
    assert _whole(database) == before
    assert tried >= 10


async def test_another_accounts_event_is_not_there_in_an_interview_of_ones_own(
    stranger: AsyncClient, database: Database, ids: dict[str, str]
) -> None:
    own = await create(stranger)
    before = snapshot(database)
    problem(await stranger.delete(f"/v1/interviews/{own['id']}/events/{ids['event_id']}"), 404)
    assert snapshot(database) == before


async def test_another_accounts_key_and_origins_stay_as_they_are(
    authorized: AsyncClient, stranger: AsyncClient, ids: dict[str, str]
) -> None:
    before = await read(authorized, "/v1/keys")
    problem(await stranger.delete(f"/v1/keys/{ids['key_id']}"), 404)
    assert await read(authorized, "/v1/keys") == before
    assert (await stranger.patch("/v1/account", json={"allowed_origins": []})).status_code == 200
    assert (await read(authorized, "/v1/account"))["allowed_origins"] == [ORIGIN]
    assert [each["name"] for each in (await read(stranger, "/v1/keys"))["data"]] == ["tests"]


async def test_another_accounts_candidate_is_nobody(
    authorized: AsyncClient, stranger: AsyncClient, database: Database, ids: dict[str, str]
) -> None:
    candidate, before = f"/v1/candidates/{ids['email']}", _whole(database)
    exported = await read(stranger, f"{candidate}/export")
    assert exported == {"email": ids["email"].lower(), "interviews": [], "client_tokens": [], "kept_answers": []}
    assert set((await stranger.delete(candidate)).json().values()) == {0}
    assert _whole(database) == before
    own = await create(stranger)
    (record,) = (await read(stranger, f"{candidate}/export"))["interviews"]
    assert record["interview"]["id"] == own["id"]
    assert (await stranger.delete(candidate)).json()["interviews"] == 1
    assert _whole(database) == before
    (record,) = (await read(authorized, f"{candidate}/export"))["interviews"]
    assert record["interview"]["id"] == ids["interview_id"]


async def test_lists_hold_ones_own_rows_alone(
    stranger: AsyncClient, authorized: AsyncClient, ids: dict[str, str]
) -> None:
    for path, query in (
        ("/v1/interviews", {}),
        ("/v1/interviews", {"external_id": "ats-1"}),
        ("/v1/interviews", {"application_ref": "app-1"}),
        ("/v1/interviews", {"company": "Northwind", "candidate_email": "ana.lopez@example.com"}),
        ("/v1/follow-ups", {}),
        ("/v1/follow-ups", {"interview_id": ids["interview_id"]}),
        ("/v1/follow-ups", {"kind": "check_in"}),
        ("/v1/webhook-endpoints", {}),
        ("/v1/messages", {}),
        ("/v1/messages", {"type": "plan.changed"}),
        ("/v1/messages", {"interview_id": ids["interview_id"]}),
        ("/v1/messages", {"follow_up_id": ids["follow_up_id"]}),
    ):
        assert await read(stranger, path, **query) == {"data": [], "next_cursor": None}
        assert (await read(authorized, path, **query))["data"]


async def test_another_accounts_cursor_is_none(
    authorized: AsyncClient, stranger: AsyncClient, database: Database
) -> None:
    await subscribe(authorized)
    for _ in range(2):
        await create(authorized)
        await create(stranger)
        announce(database)
    for path in ("/v1/interviews", "/v1/follow-ups", "/v1/messages"):
        cursor = (await read(authorized, path, limit=1))["next_cursor"]
        problem(await stranger.get(path, params={"cursor": cursor}), 422)


async def test_an_external_id_and_an_application_are_ones_own(
    authorized: AsyncClient, stranger: AsyncClient, database: Database, ids: dict[str, str]
) -> None:
    interview = f"/v1/interviews/{ids['interview_id']}"
    before = await read(authorized, interview), await follow_ups_of(authorized, ids["interview_id"])
    later = {"starts_at": "2065-11-27T15:00:00-05:00", "ends_at": None}
    put = await stranger.put("/v1/interviews/by-external-id/ats-1", json=BODIES["put_interview"] | later)
    posted = await stranger.post("/v1/interviews", json=BODIES["create_interview"] | {"external_id": "ats-2"} | later)
    for made in (put, posted):
        assert made.status_code == 201
        assert made.json()["id"] != ids["interview_id"]
    assert rows(database)[0] == 3
    assert before == (await read(authorized, interview), await follow_ups_of(authorized, ids["interview_id"]))
    assert len((await read(stranger, "/v1/interviews"))["data"]) == 2


async def test_what_is_announced_goes_to_ones_own_endpoints_alone(
    authorized: AsyncClient, stranger: AsyncClient, database: Database
) -> None:
    own, foreign = await subscribe(authorized), await subscribe(stranger)
    announce(database)
    assert len(await deliveries_to(authorized, own["id"])) == 1
    assert await deliveries_to(stranger, foreign["id"]) == []
    assert (await read(stranger, "/v1/messages"))["data"] == []
