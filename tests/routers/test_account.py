from typing import Any

import pytest
from fastapi import FastAPI
from httpx import AsyncClient

from app.store.db import Database
from tests.callers import ACCOUNT, ME, ORIGIN, caller, give_key
from tests.northwind import Json, faults, problem, read

NEW: Json = {"name": "default", "mode": "live", "allowed_origins": [], "retention_days": None}


async def _patch(client: AsyncClient, **changes: Any) -> Json:
    response = await client.patch(ACCOUNT, json=changes)
    assert response.status_code == 200, response.text
    assert response.json() == await read(client, ACCOUNT)
    shown: Json = response.json()
    return shown


async def test_a_new_account_lets_no_page_in(authorized: AsyncClient) -> None:
    assert await read(authorized, ACCOUNT) == NEW


async def test_an_account_is_changed_member_by_member(authorized: AsyncClient) -> None:
    assert await _patch(authorized) == NEW
    assert await _patch(authorized, allowed_origins=[ORIGIN]) == NEW | {"allowed_origins": [ORIGIN]}
    both = NEW | {"allowed_origins": [ORIGIN], "retention_days": 365}
    assert await _patch(authorized, retention_days=365.0) == both
    other = ["https://a.example", "https://b.example:8443"]
    assert await _patch(authorized, allowed_origins=[*other, other[0]]) == both | {"allowed_origins": other}
    assert await _patch(authorized, allowed_origins=[], retention_days=None) == NEW


async def test_an_account_for_trying_out_is_another(app: FastAPI, database: Database, authorized: AsyncClient) -> None:
    async with caller(app, give_key(database, mode="test")) as client:
        changed = await _patch(client, retention_days=1)
        assert (changed["name"], changed["mode"]) == ("default (test)", "test")
    assert await read(authorized, ACCOUNT) == NEW


@pytest.mark.parametrize(
    "origin",
    [
        "https://jobs.example.com",
        "https://localhost",
        "https://a_b.example-1.com:65535",
        "https://192.0.2.7:8443",
        "https://xn--bcher-kva.example",
        "http://localhost:3000",
        "http://127.0.0.1",
    ],
)
async def test_an_origin_is_what_a_browser_sends(authorized: AsyncClient, origin: str) -> None:
    assert (await _patch(authorized, allowed_origins=[origin]))["allowed_origins"] == [origin]


@pytest.mark.parametrize(
    ("origin", "written"),
    [
        ("https://jobs.example.com:443", "https://jobs.example.com"),
        ("http://localhost:80", "http://localhost"),
        ("https://jobs.example.com:80", "https://jobs.example.com:80"),
        ("https://jobs.example.com:8443", "https://jobs.example.com:8443"),
    ],
)
async def test_the_usual_port_is_left_out_as_browsers_do(authorized: AsyncClient, origin: str, written: str) -> None:
    assert (await _patch(authorized, allowed_origins=[origin, written]))["allowed_origins"] == [written]


@pytest.mark.parametrize(
    "origin",
    [
        "*",
        "null",
        "",
        "https://*.example.com",
        "https://jobs.example.com/",
        "https://jobs.example.com/careers",
        "https://jobs.example.com?x",
        "https://jobs.example.com#x",
        "https://Jobs.example.com",
        "HTTPS://jobs.example.com",
        "https://me@jobs.example.com",
        "https://jobs.example.com:0",
        "https://jobs.example.com:65536",
        "https://jobs.example.com:",
        "https://jobs.example.com.",
        "https://jobs..example.com",
        "https://-jobs.example.com",
        "https://bücher.example",
        "https://[::1]",
        "http://jobs.example.com",
        "http://localhost.example.com",
        "http://127.0.0.2",
        "file://",
        "chrome-extension://abcdefgh",
        " https://jobs.example.com",
        "jobs.example.com",
        7,
        None,
    ],
)
async def test_what_is_no_exact_origin_is_refused(authorized: AsyncClient, origin: object) -> None:
    response = await authorized.patch(ACCOUNT, json={"allowed_origins": [ORIGIN, origin]})
    assert faults(response, "pointer") == ["/allowed_origins/1"]
    assert await read(authorized, ACCOUNT) == NEW


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("allowed_origins", None),
        ("allowed_origins", ORIGIN),
        ("allowed_origins", [f"https://{number}.example" for number in range(51)]),
        ("retention_days", -1),
        ("retention_days", 3651),
        ("retention_days", 1.5),
        ("retention_days", True),
        ("retention_days", "30"),
        ("name", "mine"),
        ("mode", "test"),
    ],
)
async def test_what_an_account_cannot_be_is_named_and_nothing_changes(
    authorized: AsyncClient, member: str, value: object
) -> None:
    response = await authorized.patch(ACCOUNT, json={"retention_days": 3} | {member: value})
    assert faults(response, "pointer") == [f"/{member}"]
    assert await read(authorized, ACCOUNT) == NEW


async def test_fifty_pages_are_not_too_many(authorized: AsyncClient) -> None:
    origins = [f"https://{number}.example" for number in range(50)]
    assert (await _patch(authorized, allowed_origins=origins))["allowed_origins"] == origins


async def test_only_a_key_that_may_administer_sees_or_changes_an_account(app: FastAPI, database: Database) -> None:
    async with caller(app, give_key(database, scopes=["interviews:read", "erase"])) as client:
        problem(await client.get(ACCOUNT), 403)
        problem(await client.patch(ACCOUNT, json={"retention_days": 1}), 403)


async def test_how_long_interviews_are_kept_is_for_whoever_may_erase_them(app: FastAPI, database: Database) -> None:
    async with caller(app, give_key(database, scopes=["keys"])) as client:
        refused = problem(await client.patch(ACCOUNT, json={"retention_days": 1}), 403)
        assert refused["detail"] == "This needs a key that may do so itself: erase."
        assert (await read(client, ACCOUNT))["retention_days"] is None
    async with caller(app, give_key(database, scopes=["keys", "erase"])) as client:
        assert (await _patch(client, retention_days=0))["retention_days"] == 0


async def test_a_page_that_is_let_in_can_read_at_once(app: FastAPI, authorized: AsyncClient) -> None:
    async with caller(app, "nobody", ORIGIN) as page:
        assert "Access-Control-Allow-Origin" not in (await page.get(ME)).headers
        await _patch(authorized, allowed_origins=[ORIGIN])
        assert (await page.get(ME)).headers["Access-Control-Allow-Origin"] == ORIGIN
