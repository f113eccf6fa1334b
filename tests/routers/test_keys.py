from datetime import UTC, datetime, timedelta

import pytest
from fastapi import FastAPI
from httpx import AsyncClient
from sqlalchemy import select

from app.issuing import SCOPES
from app.store.db import Database
from app.store.rows import KeyRow
from app.store.tables import ApiKey
from tests.callers import KEYS, ME, caller, give_key, make_key
from tests.northwind import faults, problem, read, soon, walk


def _rows(database: Database) -> list[KeyRow]:
    with database.read() as connection:
        return [KeyRow._make(row) for row in connection.execute(select(ApiKey.__table__).order_by("id"))]


# Creating


async def test_a_key_is_made_with_a_name_and_all_that_the_calling_one_may(authorized: AsyncClient) -> None:
    response = await authorized.post(KEYS, json={"name": "  career site "})
    assert response.status_code == 201
    made = response.json()
    assert made["id"].startswith("key_")
    assert made["key"].startswith("aw_live_")
    assert made["created_at"].endswith("Z")
    expected = {
        "name": "career site",
        "hint": made["key"][-4:],
        "mode": "live",
        "scopes": list(SCOPES),
        "last_used_at": None,
        "revoked_at": None,
        "expires_at": None,
    }
    assert {name: made[name] for name in expected} == expected
    assert made.keys() == expected.keys() | {"id", "key", "created_at"}


async def test_a_new_key_opens_the_door_and_its_text_is_nowhere_kept_or_shown_again(
    app: FastAPI, authorized: AsyncClient, database: Database
) -> None:
    made = await make_key(authorized)
    async with caller(app, made["key"]) as client:
        assert (await read(client, ME))["id"] == made["id"]
    secret = made["key"].removeprefix("aw_live_")[:12]
    assert secret not in str(_rows(database))
    assert secret not in str(await read(authorized, KEYS))


async def test_a_key_may_be_given_less_and_an_end(authorized: AsyncClient) -> None:
    made = await make_key(
        authorized, scopes=["emails", "interviews:read", "emails"], expires_at="2066-01-01T00:00:00+02:00"
    )
    assert made["scopes"] == ["interviews:read", "emails"]
    assert made["expires_at"] == "2065-12-31T22:00:00Z"


async def test_a_key_gives_nothing_that_it_may_not_do_itself(app: FastAPI, database: Database) -> None:
    async with caller(app, give_key(database, scopes=["keys", "emails"])) as client:
        refused = await client.post(KEYS, json={"name": "more", "scopes": ["emails", "webhooks", "erase"]})
        assert "erase, webhooks" in problem(refused, 403)["detail"]
        assert len(_rows(database)) == 1
        assert (await make_key(client))["scopes"] == ["emails", "keys"]


async def test_a_key_for_trying_out_makes_others_like_it(app: FastAPI, database: Database) -> None:
    give_key(database)
    async with caller(app, give_key(database, mode="test")) as client:
        made = await make_key(client)
        assert (made["mode"], made["key"][:8]) == ("test", "aw_test_")
        assert len((await read(client, KEYS))["data"]) == 2


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("name", ""),
        ("name", "   "),
        ("name", "x" * 201),
        ("name", None),
        ("name", 7),
        ("scopes", []),
        ("scopes", ["everything"]),
        ("scopes", "emails"),
        ("expires_at", "tomorrow"),
        ("expires_at", "2026-01-05T10:00:00Z"),
        ("expires_at", "2101-01-05T10:00:00Z"),
        ("mode", "live"),
        ("key", "aw_live_mine"),
    ],
)
async def test_what_a_key_cannot_be_is_named_and_nothing_is_made(
    authorized: AsyncClient, database: Database, member: str, value: object
) -> None:
    response = await authorized.post(KEYS, json={"name": "mine"} | {member: value})
    assert faults(response, "pointer")[0].startswith(f"/{member}")
    assert len(_rows(database)) == 1


async def test_an_end_has_to_lie_ahead(authorized: AsyncClient) -> None:
    late = await authorized.post(KEYS, json={"name": "mine", "expires_at": soon(timedelta(seconds=-1))})
    assert problem(late, 422)["detail"] == "/expires_at must lie ahead of now."
    await make_key(authorized, expires_at=soon(timedelta(minutes=1)))


async def test_a_key_is_made_once_however_often_it_is_asked_for(authorized: AsyncClient, database: Database) -> None:
    asked = [await authorized.post(KEYS, json={"name": "a"}, headers={"Idempotency-Key": "one"}) for _ in range(2)]
    assert [each.status_code for each in asked] == [201, 201]
    assert asked[0].json() == asked[1].json()
    assert asked[1].headers["Idempotency-Replayed"] == "true"
    assert len(_rows(database)) == 2


# Listing


async def test_keys_are_listed_the_newest_first_a_page_at_a_time(authorized: AsyncClient, database: Database) -> None:
    made = [await make_key(authorized, name=f"key {number}") for number in range(4)]
    listed = await walk(authorized, KEYS, limit=2)
    assert [each["name"] for each in listed] == ["key 3", "key 2", "key 1", "key 0", "tests"]
    assert listed[0] == {name: value for name, value in made[3].items() if name != "key"}
    page = await authorized.get(KEYS, params={"limit": 2})
    assert 'rel="next"' in page.headers["Link"]
    assert len(_rows(database)) == 5


async def test_a_list_says_when_each_was_used_last(authorized: AsyncClient) -> None:
    unused = await make_key(authorized)
    before = datetime.now(UTC)
    listed = {each["id"]: each["last_used_at"] for each in (await read(authorized, KEYS))["data"]}
    assert listed.pop(unused["id"]) is None
    (used,) = listed.values()
    assert abs(datetime.fromisoformat(used) - before) < timedelta(minutes=1)


@pytest.mark.parametrize("query", [{"limit": "0"}, {"cursor": "made-up"}, {"account": "another"}])
async def test_a_list_that_cannot_be_asked_for_so_is_refused(authorized: AsyncClient, query: dict[str, str]) -> None:
    assert faults(await authorized.get(KEYS, params=query), "parameter") == list(query)


# Revoking


async def test_a_revoked_key_writes_nothing_from_then_on_and_stays_in_the_list(
    app: FastAPI, authorized: AsyncClient
) -> None:
    made = await make_key(authorized)
    async with caller(app, made["key"]) as client:
        await make_key(client)
        revoked = await authorized.delete(f"{KEYS}/{made['id']}")
        assert (revoked.status_code, revoked.content) == (204, b"")
        refused = await client.post(KEYS, json={"name": "late"})
        assert problem(refused, 401)["detail"] == "The key was revoked."
    shown = {each["id"]: each["revoked_at"] for each in (await read(authorized, KEYS))["data"]}
    assert shown.pop(made["id"]).endswith("Z")
    assert set(shown.values()) == {None}


async def test_to_revoke_again_changes_nothing(authorized: AsyncClient, database: Database) -> None:
    made = await make_key(authorized)
    await authorized.delete(f"{KEYS}/{made['id']}")
    before = _rows(database)
    assert (await authorized.delete(f"{KEYS}/{made['id']}")).status_code == 204
    assert _rows(database) == before


@pytest.mark.parametrize("id", ["key_" + "0" * 32, "key_1", "tok_" + "0" * 32, "%00", "a" * 500])
async def test_a_key_that_is_not_there_cannot_be_revoked(authorized: AsyncClient, id: str) -> None:
    problem(await authorized.delete(f"{KEYS}/{id}"), 404)


async def test_a_key_that_ends_makes_none_that_outlives_it(app: FastAPI, database: Database) -> None:
    ends = datetime.now(UTC) + timedelta(hours=1)
    async with caller(app, give_key(database, expires_at=ends)) as client:
        assert datetime.fromisoformat((await make_key(client))["expires_at"]) == ends
        sooner = ends - timedelta(minutes=1)
        assert datetime.fromisoformat((await make_key(client, expires_at=sooner.isoformat()))["expires_at"]) == sooner
        later = (ends + timedelta(seconds=1)).isoformat()
        refused = await client.post(KEYS, json={"name": "for ever", "expires_at": later})
        assert faults(refused, "pointer") == ["/expires_at"]


async def test_what_was_answered_of_a_key_is_not_told_again_once_it_is_revoked(authorized: AsyncClient) -> None:
    asked, again = {"name": "mine"}, {"Idempotency-Key": "k"}
    made = (await authorized.post(KEYS, json=asked, headers=again)).json()
    assert (await authorized.post(KEYS, json=asked, headers=again)).json() == made
    assert (await authorized.delete(f"{KEYS}/{made['id']}")).status_code == 204
    problem(await authorized.post(KEYS, json=asked, headers=again), 409)
