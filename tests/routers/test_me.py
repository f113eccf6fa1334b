from datetime import UTC, datetime, timedelta

from fastapi import FastAPI
from httpx import AsyncClient

from app.issuing import SCOPES
from app.store.db import Database
from app.store.rows import Scope
from tests.callers import ME, ORIGIN, allow, caller, give_key, make_key, make_token
from tests.northwind import create, problem, read


async def test_a_key_learns_who_it_is(authorized: AsyncClient, key: str) -> None:
    told = await read(authorized, ME)
    assert told.pop("id").startswith("key_")
    assert set(told.pop("scopes")) == set(SCOPES)
    assert told == {
        "type": "key",
        "name": "tests",
        "hint": key[-4:],
        "account": "default",
        "mode": "live",
        "actions": [],
        "interview_id": None,
        "candidate_email": None,
        "expires_at": None,
    }


async def test_every_key_may_ask_whatever_its_scopes(app: FastAPI, database: Database) -> None:
    one: list[Scope] = ["webhooks"]
    ends = datetime(2065, 1, 1, tzinfo=UTC)
    async with caller(app, give_key(database, scopes=one, mode="test", expires_at=ends)) as client:
        told = await read(client, ME)
    assert (told["scopes"], told["account"], told["mode"]) == (one, "default (test)", "test")
    assert told["expires_at"] == "2065-01-01T00:00:00Z"


async def test_a_client_token_learns_what_it_is_bound_to_and_nothing_of_its_key(
    app: FastAPI, authorized: AsyncClient
) -> None:
    await allow(authorized, ORIGIN)
    stored = await create(authorized)
    for bound in ({"interview_id": stored["id"]}, {"candidate_email": "Ana.Lopez@Example.com"}):
        token = await make_token(authorized, **bound, actions=["record", "check"])
        async with caller(app, token["token"], ORIGIN) as page:
            told = await read(page, ME)
        assert told == {
            "type": "client_token",
            "id": token["id"],
            "name": None,
            "hint": None,
            "account": "default",
            "mode": "live",
            "scopes": [],
            "actions": ["check", "record"],
            "interview_id": bound.get("interview_id"),
            "candidate_email": bound.get("candidate_email", "").lower() or None,
            "expires_at": token["expires_at"],
        }


async def test_nobody_is_told_nothing(client: AsyncClient) -> None:
    problem(await client.get(ME), 401)


async def test_a_new_key_is_told_at_once(app: FastAPI, authorized: AsyncClient) -> None:
    ends = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    made = await make_key(authorized, name="short", scopes=["emails"], expires_at=ends)
    async with caller(app, made["key"]) as client:
        told = await read(client, ME)
    assert {name: told[name] for name in ("id", "name", "hint", "scopes", "expires_at")} == {
        name: made[name] for name in ("id", "name", "hint", "scopes", "expires_at")
    }
