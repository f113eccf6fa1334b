import json
from datetime import UTC, datetime
from itertools import pairwise

from httpx import AsyncClient

from app.store.db import Database
from app.webhooks.outbox import News, forget
from tests.hooks import announce, log, session_of, settle, subscribe
from tests.northwind import problem, read, walk

MESSAGES = "/v1/messages"
INT, FU = (f"{prefix}_{'0' * 31}1" for prefix in ("int", "fu"))


async def test_messages_are_listed_from_the_newest_on(authorized: AsyncClient, database: Database) -> None:
    await subscribe(authorized)
    for _ in range(5):
        announce(database, News("plan.changed", {}, INT))
    listed = (await read(authorized, MESSAGES))["data"]
    assert len(listed) == 5
    assert all(first["created_at"] > second["created_at"] for first, second in pairwise(listed))
    assert await walk(authorized, MESSAGES, limit=2) == listed
    assert {name: value for name, value in listed[0].items() if name not in {"id", "created_at"}} == {
        "type": "plan.changed",
        "interview_id": INT,
        "follow_up_id": None,
    }


async def test_messages_of_one_instant_are_listed_once_each(authorized: AsyncClient, database: Database) -> None:
    await subscribe(authorized)
    announce(database, *[News("plan.changed", {}, INT)] * 7)
    found = await walk(authorized, MESSAGES, limit=2)
    assert len({each["id"] for each in found}) == len(found) == 7
    assert len({each["created_at"] for each in found}) == 1


async def test_messages_are_found_by_what_they_are_about(authorized: AsyncClient, database: Database) -> None:
    await subscribe(authorized)
    other = INT.replace("1", "2")
    announce(database, News("plan.changed", {}, INT))
    announce(database, News("follow_up.cancelled", {}, INT, FU))
    announce(database, News("follow_up.cancelled", {}, other))
    announce(database, News("plan.changed", {}, other))
    everything = (await read(authorized, MESSAGES))["data"]
    for query in (
        {"type": "plan.changed"},
        {"interview_id": INT},
        {"follow_up_id": FU},
        {"type": "follow_up.cancelled", "interview_id": INT},
        {"type": "ping"},
        {"interview_id": "int_1"},
    ):
        found = [each for each in everything if each | query == each]
        assert await walk(authorized, MESSAGES, **query, limit=1) == found
    assert problem(await authorized.get(MESSAGES, params={"type": "pong"}), 422)["errors"][0]["parameter"] == "type"


async def test_a_message_is_read_with_its_words_its_deliveries_and_every_attempt(
    authorized: AsyncClient, database: Database
) -> None:
    first, second = await subscribe(authorized), await subscribe(authorized)
    announce(database, News("plan.changed", {"emoji": "\U0001f469\u200d\U0001f4bb", "none": None}, INT))
    (listed,) = (await read(authorized, MESSAGES))["data"]
    message = await read(authorized, f"{MESSAGES}/{listed['id']}")
    assert message["payload"]["data"] == {"emoji": "\U0001f469\u200d\U0001f4bb", "none": None}
    assert {each["endpoint_id"] for each in message["deliveries"]} == {first["id"], second["id"]}
    newest, other = message["deliveries"]
    attempts = [
        {"milliseconds": 15_000, "failure": "timeout"},
        {"status": 503, "failure": "status", "body": 'down "today"\n\u05e9\u05dc\u05d5\u05dd', "truncated": True},
        {"status": 200, "body": ""},
    ]
    settle(database, newest["id"], "delivered", *attempts)
    message = await read(authorized, f"{MESSAGES}/{listed['id']}")
    assert message == message | listed
    assert message["deliveries"][1] == other
    settled = message["deliveries"][0]
    assert (settled["state"], settled["attempts"], settled["next_attempt_at"]) == ("delivered", 3, None)
    assert settled["settled_at"]
    blank = {"milliseconds": 7, "status": None, "failure": None, "body": None, "truncated": False}
    assert [{name: each[name] for name in blank} for each in settled["log"]] == [blank | each for each in attempts]
    assert [each["number"] for each in settled["log"]] == [1, 2, 3]


async def test_a_message_whose_interview_is_forgotten_has_no_words_left(
    authorized: AsyncClient, database: Database
) -> None:
    await subscribe(authorized)
    announce(database, News("plan.changed", {"secret": "Ana"}, INT))
    (listed,) = (await read(authorized, MESSAGES))["data"]
    with session_of(database) as session:
        forget(session, [INT], datetime.now(UTC))
    message = await read(authorized, f"{MESSAGES}/{listed['id']}")
    assert message["payload"] is None
    assert [each["state"] for each in message["deliveries"]] == ["cancelled"]
    assert "Ana" not in json.dumps(log(database), default=str)


async def test_there_is_no_message_without_an_endpoint(authorized: AsyncClient, database: Database) -> None:
    announce(database)
    assert await read(authorized, MESSAGES) == {"data": [], "next_cursor": None}
