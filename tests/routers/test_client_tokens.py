from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from fastapi import FastAPI
from httpx import AsyncClient
from sqlalchemy import select

from app.issuing import SCOPES, SCOPES_BEHIND
from app.store.db import Database
from app.store.rows import Action, Scope, TokenRow
from app.store.tables import ClientToken
from tests.callers import KEYS, ME, ORIGIN, TOKENS, allow, caller, give_key, make_token
from tests.northwind import Json, create, faults, follow_ups_of, northwind, problem, read, snapshot

OTHER = "https://talent.example.com"
DRAFT = {"kind": "check_in", "text": "Hi Lee,\n\nIs there any news?\n\nBest,\nAna"}
ALL: tuple[Action, ...] = ("read", "render", "check", "record")


@pytest.fixture
async def mine(authorized: AsyncClient) -> Json:
    """An interview of Ana's, in an account that lets two pages in."""
    await allow(authorized, ORIGIN, OTHER)
    return await create(authorized, external_id="mine", application_ref="app-1")


@pytest.fixture
async def others(authorized: AsyncClient, mine: Json) -> Json:
    """One of somebody else's, made after it."""
    assert mine
    bob = {"name": "Bob Ray", "email": "bob@example.com"}
    return await create(authorized, candidate=bob, external_id="others", application_ref="app-2")


@pytest.fixture
async def page(app: FastAPI, authorized: AsyncClient, mine: Json, others: Json) -> AsyncIterator[AsyncClient]:
    """A page that may do all that pages may, with the first of the two."""
    assert others
    token = await make_token(authorized, interview_id=mine["id"], actions=ALL)
    async with caller(app, token["token"], ORIGIN) as client:
        yield client


def _rows(database: Database) -> list[TokenRow]:
    with database.read() as connection:
        return [TokenRow._make(row) for row in connection.execute(select(ClientToken.__table__))]


# Making one


async def test_a_token_is_made_for_an_interview(authorized: AsyncClient, database: Database, mine: Json) -> None:
    asked = {"interview_id": mine["id"], "actions": ["render", "read", "read"], "origins": [OTHER, ORIGIN]}
    response = await authorized.post(TOKENS, json=asked)
    assert response.status_code == 201
    made = response.json()
    assert made.keys() == {"id", "token", "actions", "origins", "created_at", "expires_at"}
    assert made["token"].startswith("aw_client_")
    assert made["id"].startswith("tok_")
    assert (made["actions"], made["origins"]) == (["read", "render"], [ORIGIN, OTHER])
    assert made["created_at"].endswith("Z")
    assert _lasts(made) == timedelta(minutes=15)
    (row,) = _rows(database)
    assert (row.interview_id, row.candidate_email) == (mine["id"], None)
    assert made["token"][10:20] not in str(row)


def _lasts(made: Json) -> timedelta:
    return datetime.fromisoformat(made["expires_at"]) - datetime.fromisoformat(made["created_at"])


async def test_a_token_is_made_for_a_candidate_in_upper_or_lower_case(
    authorized: AsyncClient, database: Database, mine: Json
) -> None:
    assert mine
    await make_token(authorized, candidate_email=" Ana.LOPEZ@Example.com ")
    (row,) = _rows(database)
    assert (row.interview_id, row.candidate_email) == (None, "ana.lopez@example.com")


@pytest.mark.parametrize("seconds", [60, 3600, 61.0])
async def test_a_token_is_good_for_a_minute_to_an_hour(authorized: AsyncClient, mine: Json, seconds: float) -> None:
    made = await make_token(authorized, interview_id=mine["id"], expires_in_seconds=seconds)
    assert _lasts(made) == timedelta(seconds=seconds)


async def test_a_token_is_good_no_longer_than_its_key(app: FastAPI, database: Database, mine: Json) -> None:
    ends = datetime.now(UTC) + timedelta(minutes=5)
    async with caller(app, give_key(database, expires_at=ends)) as client:
        made = await make_token(client, interview_id=mine["id"], expires_in_seconds=3600)
    assert datetime.fromisoformat(made["expires_at"]) == ends


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"interview_id": None}, ""),
        ({"candidate_email": "ana@example.com"}, ""),
        ({"interview_id": None, "candidate_email": "  "}, ""),
        ({"interview_id": None, "candidate_email": "ana"}, "/candidate_email"),
        ({"interview_id": 7}, "/interview_id"),
        ({"actions": []}, "/actions"),
        ({"actions": None}, "/actions"),
        ({"actions": ["read", "write"]}, "/actions/1"),
        ({"origins": []}, "/origins"),
        ({"origins": None}, "/origins"),
        ({"origins": [ORIGIN, "*"]}, "/origins/1"),
        ({"origins": [ORIGIN, "null"]}, "/origins/1"),
        ({"origins": [ORIGIN, "https://evil.example"]}, "/origins/1"),
        ({"origins": ["http://localhost:3000", ORIGIN]}, "/origins/0"),
        ({"expires_in_seconds": 59}, "/expires_in_seconds"),
        ({"expires_in_seconds": 3601}, "/expires_in_seconds"),
        ({"expires_in_seconds": True}, "/expires_in_seconds"),
        ({"expires_in_seconds": "900"}, "/expires_in_seconds"),
        ({"scopes": ["keys"]}, "/scopes"),
    ],
)
async def test_what_a_token_cannot_be_is_named_and_none_is_made(
    authorized: AsyncClient, database: Database, mine: Json, changes: Json, pointer: str
) -> None:
    asked = {"interview_id": mine["id"], "actions": ["read"], "origins": [ORIGIN]} | changes
    response = await authorized.post(TOKENS, json=asked)
    if pointer:
        assert faults(response, "pointer") == [pointer]
    else:
        assert "either interview_id or candidate_email" in problem(response, 422)["detail"]
    assert _rows(database) == []


@pytest.mark.parametrize("id", ["int_" + "0" * 32, "int_1", "", "tok_" + "0" * 32])
async def test_an_interview_that_is_not_there_gets_no_token(
    authorized: AsyncClient, database: Database, mine: Json, id: str
) -> None:
    assert mine
    problem(await authorized.post(TOKENS, json={"interview_id": id, "actions": ["read"], "origins": [ORIGIN]}), 404)
    assert _rows(database) == []


async def test_another_accounts_interview_gets_no_token(app: FastAPI, database: Database, mine: Json) -> None:
    async with caller(app, give_key(database, account="another")) as stranger:
        await allow(stranger, ORIGIN)
        asked = {"interview_id": mine["id"], "actions": ["read"], "origins": [ORIGIN]}
        problem(await stranger.post(TOKENS, json=asked), 404)
    assert _rows(database) == []


@pytest.mark.parametrize("action", ALL)
async def test_a_key_gives_no_action_whose_scope_it_lacks(
    app: FastAPI, database: Database, mine: Json, action: Action
) -> None:
    behind = SCOPES_BEHIND[action]
    rest: list[Scope] = [scope for scope in SCOPES if scope != behind]
    asked = {"interview_id": mine["id"], "actions": [action], "origins": [ORIGIN]}
    async with caller(app, give_key(database, scopes=rest)) as client:
        assert behind in problem(await client.post(TOKENS, json=asked), 403)["detail"]
    assert _rows(database) == []
    async with caller(app, give_key(database, scopes=[behind])) as client:
        await make_token(client, **asked)


async def test_a_page_makes_no_tokens_with_a_key_or_with_a_token(
    app: FastAPI, key: str, page: AsyncClient, mine: Json, database: Database
) -> None:
    asked = {"interview_id": mine["id"], "actions": ["read"], "origins": [ORIGIN]}
    before = _rows(database)
    async with caller(app, key, ORIGIN) as careless:
        assert "client token" in problem(await careless.post(TOKENS, json=asked), 403)["detail"]
    problem(await page.post(TOKENS, json=asked), 403)
    assert _rows(database) == before


async def test_a_token_is_made_once_however_often_it_is_asked_for(
    authorized: AsyncClient, database: Database, mine: Json
) -> None:
    asked = {"interview_id": mine["id"], "actions": ["read"], "origins": [ORIGIN]}
    answers = [await authorized.post(TOKENS, json=asked, headers={"Idempotency-Key": "one"}) for _ in range(2)]
    assert answers[0].json() == answers[1].json()
    assert len(_rows(database)) == 1


# Using one


async def test_a_page_sees_its_interview_and_no_other(page: AsyncClient, mine: Json, others: Json) -> None:
    assert (await read(page, f"/v1/interviews/{mine['id']}")) == mine
    for path in ("", "/events", "/schedule"):
        assert await read(page, f"/v1/interviews/{mine['id']}{path}")
        problem(await page.get(f"/v1/interviews/{others['id']}{path}"), 404)


async def test_a_pages_lists_hold_what_it_is_bound_to_alone(page: AsyncClient, mine: Json, others: Json) -> None:
    for query in ({}, {"company": "Northwind"}, {"external_id": "mine"}, {"sort": "-starts_at"}):
        assert [each["id"] for each in (await read(page, "/v1/interviews", **query))["data"]] == [mine["id"]]
    steps = (await read(page, "/v1/follow-ups", limit=100))["data"]
    assert len(steps) == 3
    assert {each["interview_id"] for each in steps} == {mine["id"]}
    for path, query in (
        ("/v1/interviews", {"external_id": "others"}),
        ("/v1/interviews", {"candidate_email": "bob@example.com"}),
        ("/v1/follow-ups", {"interview_id": others["id"]}),
    ):
        assert (await read(page, path, **query))["data"] == []


async def test_a_page_renders_checks_and_records_what_is_its_own(page: AsyncClient, mine: Json) -> None:
    step = (await follow_ups_of(page, mine["id"]))["thank_you/priya-shah"]
    rendered = await page.post(f"/v1/interviews/{mine['id']}/emails/check_in", json={"recipient": "Lee Wong"})
    assert rendered.status_code == 200
    assert (await page.get(f"/v1/follow-ups/{step['id']}/email")).status_code == 200
    assert (await page.post(f"/v1/interviews/{mine['id']}/drafts/check", json=DRAFT)).status_code == 200
    sent = await page.post(f"/v1/follow-ups/{step['id']}/sent")
    assert (sent.status_code, sent.json()["state"]) == (200, "sent")
    assert (await read(page, f"/v1/follow-ups/{step['id']}"))["state"] == "sent"


async def test_a_page_does_nothing_with_what_is_not_its_own(
    page: AsyncClient, authorized: AsyncClient, others: Json, database: Database
) -> None:
    step = (await follow_ups_of(authorized, others["id"]))["thank_you/priya-shah"]
    before = snapshot(database)
    for method, path, body in (
        ("POST", f"/v1/interviews/{others['id']}/emails/check_in", {"recipient": "Lee Wong"}),
        ("POST", f"/v1/interviews/{others['id']}/drafts/check", DRAFT),
        ("GET", f"/v1/follow-ups/{step['id']}", None),
        ("GET", f"/v1/follow-ups/{step['id']}/email", None),
        ("POST", f"/v1/follow-ups/{step['id']}/sent", {}),
    ):
        problem(await page.request(method, path, json=body), 404)
    assert snapshot(database) == before


async def test_a_page_of_a_candidate_sees_all_of_theirs_as_long_as_they_are(
    app: FastAPI, authorized: AsyncClient, mine: Json, others: Json
) -> None:
    second = await create(authorized, application_ref="app-1", starts_at="2065-11-27T15:00:00-05:00", ends_at=None)
    token = await make_token(authorized, candidate_email="ana.lopez@example.com", actions=ALL)
    async with caller(app, token["token"], ORIGIN) as page:
        assert await _seen(page) == {mine["id"], second["id"]}
        problem(await page.get(f"/v1/interviews/{others['id']}"), 404)
        moved = {"candidate": {"email": "someone.else@example.com"}}
        assert (await authorized.patch(f"/v1/interviews/{mine['id']}", json=moved)).status_code == 200
        assert await _seen(page) == {second["id"]}
        problem(await page.get(f"/v1/interviews/{mine['id']}"), 404)


async def _seen(page: AsyncClient) -> set[str]:
    interviews = {each["id"] for each in (await read(page, "/v1/interviews"))["data"]}
    steps = {each["interview_id"] for each in (await read(page, "/v1/follow-ups", limit=100))["data"]}
    assert steps == interviews
    return interviews


async def test_a_candidate_without_interviews_is_shown_none(
    app: FastAPI, authorized: AsyncClient, mine: Json, others: Json
) -> None:
    assert {mine["id"], others["id"]}
    token = await make_token(authorized, candidate_email="nobody@example.com")
    async with caller(app, token["token"], ORIGIN) as page:
        assert await _seen(page) == set()


async def test_a_cursor_of_the_whole_account_leads_a_page_no_further(
    page: AsyncClient, authorized: AsyncClient, mine: Json
) -> None:
    cursor = (await read(authorized, "/v1/interviews", limit=1))["next_cursor"]
    assert cursor
    following = (await read(page, "/v1/interviews", cursor=cursor, limit=100))["data"]
    assert {each["id"] for each in following} <= {mine["id"]}


async def test_a_token_ends_with_the_interview_that_it_is_bound_to(
    page: AsyncClient, authorized: AsyncClient, mine: Json, database: Database
) -> None:
    assert (await authorized.delete(f"/v1/interviews/{mine['id']}")).status_code == 204
    assert _rows(database) == []
    problem(await page.get(f"/v1/interviews/{mine['id']}"), 401)


async def test_a_token_ends_with_the_key_that_made_it(
    app: FastAPI, authorized: AsyncClient, database: Database, mine: Json
) -> None:
    text = give_key(database)
    async with caller(app, text) as server:
        made = await make_token(server, interview_id=mine["id"], actions=["record", "read"])
        key_id = (await read(server, ME))["id"]
    step = (await follow_ups_of(authorized, mine["id"]))["check_in"]
    async with caller(app, made["token"], ORIGIN) as page:
        assert (await authorized.delete(f"{KEYS}/{key_id}")).status_code == 204
        app.state.register = type(app.state.register)(database)  # a process that remembers nothing
        refused = await page.post(f"/v1/follow-ups/{step['id']}/sent")
        assert problem(refused, 401)["detail"] == "The key was revoked."


async def test_origins_that_are_taken_from_the_account_are_taken_from_its_tokens(
    app: FastAPI, page: AsyncClient, authorized: AsyncClient, database: Database, mine: Json
) -> None:
    assert await read(page, f"/v1/interviews/{mine['id']}")
    await allow(authorized)
    app.state.register = type(app.state.register)(database)  # a process that remembers nothing
    problem(await page.get(f"/v1/interviews/{mine['id']}"), 403)
    refused = await authorized.post(TOKENS, json={"interview_id": mine["id"], "actions": ["read"], "origins": [ORIGIN]})
    assert faults(refused, "pointer") == ["/origins/0"]


async def test_a_page_whose_origin_is_taken_away_records_nothing_from_then_on(
    page: AsyncClient, authorized: AsyncClient, mine: Json
) -> None:
    step = (await follow_ups_of(authorized, mine["id"]))["check_in"]
    assert await read(page, f"/v1/interviews/{mine['id']}")  # it is remembered, and may read for seconds still
    await allow(authorized)
    problem(await page.post(f"/v1/follow-ups/{step['id']}/sent"), 403)
    assert (await follow_ups_of(authorized, mine["id"]))["check_in"] == step


@pytest.mark.parametrize("way", ["put", "patch"])
async def test_a_token_ends_when_the_interview_becomes_somebody_elses(
    page: AsyncClient, authorized: AsyncClient, mine: Json, database: Database, way: str
) -> None:
    bob = {"name": "Bob Ray", "email": "bob@example.com"}
    renamed = {"candidate": {"name": "Ana L.", "email": mine["candidate"]["email"].upper()}}
    assert (await authorized.patch(f"/v1/interviews/{mine['id']}", json=renamed)).status_code == 200
    assert len(_rows(database)) == 1
    if way == "put":
        given = northwind(external_id="mine", candidate=bob)
        assert (await authorized.put("/v1/interviews/by-external-id/mine", json=given)).status_code == 200
    else:
        assert (await authorized.patch(f"/v1/interviews/{mine['id']}", json={"candidate": bob})).status_code == 200
    assert _rows(database) == []
    problem(await page.post(f"/v1/interviews/{mine['id']}/emails/check_in", json={}), 401)
