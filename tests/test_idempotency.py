"""What is sent twice with one Idempotency-Key happens once, and is answered twice."""

import json
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from time import monotonic
from typing import Any
from uuid import uuid4

import pytest
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient, Response
from sqlalchemy import Row, select, update

from app.credentials import digest
from app.idempotency import WAIT_SECONDS
from app.issuing import create_key, issue_token
from app.main import create_app
from app.settings import Settings
from app.store import tables
from app.store.db import Database, Session
from app.store.kept_answers import KEPT_FOR, claim
from app.store.keys import find_key
from app.store.rows import Scope, Subject
from app.vault import Vault
from tests.callers import let_in
from tests.faults.processes import api, connect
from tests.hooks import URL, announce, deliveries_to, log, session_of, settle, subscribe
from tests.northwind import Json, create, faults, follow_ups_of, northwind, patch, problem, read, rows, soon

DOCUMENT: Json = create_app(Settings(_env_file=None)).openapi()
POSTS = {
    item["post"]["operationId"]: (path, item["post"]) for path, item in DOCUMENT["paths"].items() if "post" in item
}
ONCE = {
    name: path
    for name, (path, operation) in POSTS.items()
    if any(parameter["name"] == "Idempotency-Key" for parameter in operation.get("parameters", ()))
}
"""The path of every operation that takes a key."""

PAGE = "https://jobs.example.com"
BODIES: Json = {
    "create_interview": northwind(application_ref="app-1"),
    "create_event": {"type": "withdrawn", "occurred_at": "2026-01-05T10:00:00Z"},
    "mark_sent": {},
    "mark_skipped": {},
    "snooze": {"until": "2065-12-03T09:00:00-05:00"},
    "create_endpoint": {"url": URL},
    "rotate_secret": {},
    "ping_endpoint": None,
    "recover_endpoint": {"since": "2026-01-05T10:00:00Z"},
    "retry_delivery": None,
    "create_key": {"name": "another"},
    "create_client_token": {"candidate_email": "ana.lopez@example.com", "actions": ["read"], "origins": [PAGE]},
}
REPLAYED = "idempotency-replayed"
USED = "last_used_at"
SECRETS = {"create_endpoint": "secret", "rotate_secret": "secret", "create_key": "key", "create_client_token": "token"}
"""The member of an answer that is told this once."""


@pytest.fixture
async def ids(authorized: AsyncClient, database: Database) -> dict[str, str]:
    """Something of every kind that these operations are about."""
    allowed = await authorized.patch("/v1/account", json={"allowed_origins": [PAGE]})
    assert allowed.status_code == 200, allowed.text
    stored, endpoint = await create(authorized), await subscribe(authorized)
    follow_up = (await follow_ups_of(authorized, stored["id"]))["check_in"]
    announce(database)
    (delivery,) = await deliveries_to(authorized, endpoint["id"])
    settle(database, delivery["id"], "failed", {"status": 500, "failure": "status", "body": "no"})
    return {
        "interview_id": stored["id"],
        "follow_up_id": follow_up["id"],
        "endpoint_id": endpoint["id"],
        "delivery_id": delivery["id"],
    }


def post(client: AsyncClient, path: str, body: Any, key: str, **headers: str) -> Any:
    return client.post(path, json=body, headers={"Idempotency-Key": key} | headers)


async def store(client: AsyncClient, key: str = "k", **changes: Any) -> Response:
    """An interview that is posted with a key."""
    response: Response = await post(client, "/v1/interviews", northwind(**changes), key)
    return response


def everything(database: Database) -> dict[str, list[Any]]:
    """Every row of every table; of keys not when they were used last."""
    with database.read() as connection:
        return {
            table.name: sorted(connection.execute(select(*(each for each in table.c if each.name != USED))), key=repr)
            for table in tables.metadata.sorted_tables
        }


def kept_answers(database: Database) -> list[Any]:
    return everything(database)["kept_answer"]


def spelled(kept: Any) -> str:
    """All of it as one text: of rows, `repr` leaves out what is long."""
    return json.dumps(kept, default=lambda each: list(each) if isinstance(each, Row) else str(each), ensure_ascii=False)


def told(response: Response) -> tuple[int, bytes, dict[str, str]]:
    """All of an answer but what belongs to one exchange."""
    headers = {name: value for name, value in response.headers.items() if name not in {"x-request-id", REPLAYED}}
    return response.status_code, response.content, headers


def is_replayed(response: Response) -> bool:
    assert response.is_success, response.text
    return REPLAYED in response.headers


# What takes a key


def test_every_post_takes_a_key_but_those_that_keep_nothing() -> None:
    assert POSTS.keys() - ONCE.keys() == {
        "plan_schedule",
        "render_email",
        "check_draft",
        "render_stored_email",
        "check_stored_draft",
    }
    assert BODIES.keys() == ONCE.keys()


@pytest.mark.parametrize("name", ONCE)
def test_the_document_says_what_a_key_is_and_how_it_may_be_refused(name: str) -> None:
    operation = POSTS[name][1]
    (header,) = [each for each in operation["parameters"] if each["name"] == "Idempotency-Key"]
    assert (header["in"], header["required"]) == ("header", False)
    assert "Idempotency-Replayed" in header["description"]
    assert {"409", "422"} <= operation["responses"].keys()


# Once


@pytest.mark.parametrize("name", ONCE)
async def test_the_same_request_is_answered_again_to_the_byte_and_has_no_second_effect(
    authorized: AsyncClient, database: Database, ids: dict[str, str], name: str
) -> None:
    path = ONCE[name].format_map(ids)
    before = everything(database)
    first = await post(authorized, path, BODIES[name], "k")
    assert not is_replayed(first)
    after = everything(database)
    assert after != before
    for _ in range(2):
        again = await post(authorized, path, BODIES[name], "k")
        assert again.headers[REPLAYED] == "true"
        assert told(again) == told(first)
    assert everything(database) == after


@pytest.mark.parametrize("name", ONCE)
async def test_the_same_key_with_another_request_is_refused(
    authorized: AsyncClient, database: Database, ids: dict[str, str], name: str
) -> None:
    await store(authorized)
    before = everything(database)
    for _ in range(2):
        refused = await post(authorized, ONCE[name].format_map(ids), BODIES[name], "k")
        assert faults(refused, "header") == ["Idempotency-Key"]
    assert everything(database) == before


async def test_another_body_or_another_address_is_another_request(
    authorized: AsyncClient, database: Database, ids: dict[str, str]
) -> None:
    first = await store(authorized)
    assert first.status_code == 201
    counted = rows(database)
    assert faults(await store(authorized, company="Contoso"), "header") == ["Idempotency-Key"]
    respaced = first.request.content.replace(b",", b" ,", 1)
    headers = {"Idempotency-Key": "k", "Content-Type": "application/json"}
    answered = await authorized.post("/v1/interviews", content=respaced, headers=headers)
    assert faults(answered, "header") == ["Idempotency-Key"]
    event = {"type": "withdrawn", "occurred_at": soon()}
    for number, interview_id in enumerate((ids["interview_id"], first.json()["id"])):
        there = await post(authorized, f"/v1/interviews/{interview_id}/events", event, "another")
        assert there.status_code == (422 if number else 201)
    assert rows(database)[0] == counted[0]


async def test_another_key_is_another_effect_and_without_one_nothing_is_kept(
    authorized: AsyncClient, database: Database
) -> None:
    answered = [await store(authorized, "one"), await store(authorized, "another")]
    assert answered[0].json()["id"] != answered[1].json()["id"]
    await create(authorized)
    assert rows(database)[0] == 3
    assert len(kept_answers(database)) == 2


async def test_what_was_refused_may_be_tried_anew_with_the_same_key(
    authorized: AsyncClient, database: Database
) -> None:
    there = await create(authorized, external_id="ats-1")
    problem(await store(authorized, external_id="ats-1"), 409)
    problem(await store(authorized, policy="unheard-of"), 422)
    assert kept_answers(database) == []
    assert (await authorized.delete(f"/v1/interviews/{there['id']}")).status_code == 204
    assert not is_replayed(await store(authorized, external_id="ats-1"))
    assert is_replayed(await store(authorized, external_id="ats-1"))


async def test_the_first_answer_stays_what_it_was_whatever_happens_to_the_interview(authorized: AsyncClient) -> None:
    first = await store(authorized)
    await patch(authorized, first.json()["id"], company="Contoso")
    assert told(await store(authorized)) == told(first)
    assert (await read(authorized, first.headers["Location"]))["company"] == "Contoso"


async def test_a_long_answer_in_any_script_is_the_same_again(authorized: AsyncClient) -> None:
    notes = {"topics": [f"{number} العربية 日本語 🙂" * 5 for number in range(20)]}
    first = await store(authorized, notes=notes)
    assert len(first.content) > 3000
    assert told(await store(authorized, notes=notes)) == told(first)


async def test_no_name_is_looked_up_again_for_what_is_answered_already(app: FastAPI, authorized: AsyncClient) -> None:
    first = await post(authorized, "/v1/webhook-endpoints", {"url": URL}, "k")
    app.state.guard = None  # whoever asks it now, fails
    assert told(await post(authorized, "/v1/webhook-endpoints", {"url": URL}, "k")) == told(first)


# For how long, and for whom


async def test_after_a_day_a_key_is_free_again(authorized: AsyncClient, database: Database) -> None:
    def age(by: timedelta) -> None:
        with database.begin() as connection:
            connection.execute(update(tables.KeptAnswer.__table__).values(created_at=datetime.now(UTC) - by))

    first = await store(authorized)
    age(KEPT_FOR - timedelta(minutes=5))
    assert told(await store(authorized)) == told(first)
    age(KEPT_FOR)
    second = await store(authorized, company="Contoso")
    assert not is_replayed(second)
    assert is_replayed(await store(authorized, company="Contoso"))
    assert len(kept_answers(database)) == 1
    assert rows(database)[0] == 2


async def test_what_it_told_of_was_deleted(authorized: AsyncClient, database: Database) -> None:
    stored = (await store(authorized)).json()
    event = {"type": "withdrawn", "occurred_at": soon()}
    events = f"/v1/interviews/{stored['id']}/events"
    assert (await post(authorized, events, event, "e")).status_code == 201
    assert (await authorized.delete(f"/v1/interviews/{stored['id']}")).status_code == 204
    assert [row.answer for row in kept_answers(database)] == [None, None]
    for again in (await store(authorized), await post(authorized, events, event, "e")):
        assert "deleted" in problem(again, 409)["detail"]
    assert faults(await store(authorized, company="Contoso"), "header") == ["Idempotency-Key"]
    assert rows(database) == (0, 0, 0)


async def test_what_our_keys_do_not_open_any_more_is_not_done_again(
    app: FastAPI, authorized: AsyncClient, database: Database
) -> None:
    await store(authorized)
    app.state.vault = Vault(["0" * 43 + "="])
    problem(await store(authorized), 409)
    assert rows(database)[0] == 1


@asynccontextmanager
async def holding(app: FastAPI, credential: str) -> AsyncIterator[AsyncClient]:
    """Somebody with another key or a token."""
    headers = {"Authorization": f"Bearer {credential}", "Origin": PAGE}
    if not credential.startswith("aw_client_"):
        del headers["Origin"]
    async with AsyncClient(transport=ASGITransport(app), base_url="http://test", headers=headers) as client:
        yield client


def new_key(database: Database, account: str = "default", *scopes: Scope) -> str:
    with database.begin() as connection:
        given: Any = {"scopes": scopes} if scopes else {}
        return create_key(connection, name=uuid4().hex, account=account, now=datetime.now(UTC), **given)


async def test_a_key_is_the_accounts_whichever_of_its_secret_keys_is_used(
    app: FastAPI, authorized: AsyncClient, database: Database
) -> None:
    first = await store(authorized)
    async with holding(app, new_key(database)) as colleague:
        assert told(await store(colleague)) == told(first)
    async with holding(app, new_key(database, "another")) as stranger:
        assert not is_replayed(await store(stranger))
    assert rows(database)[0] == 2


async def test_whoever_may_do_less_does_not_get_the_answer_to_somebody_who_may_do_more(
    app: FastAPI, authorized: AsyncClient, database: Database
) -> None:
    """Else a key could come by the text of one that may do more than itself."""
    made = await post(authorized, "/v1/keys", {"name": "mighty"}, "k")
    assert made.status_code == 201
    async with holding(app, new_key(database, "default", "keys")) as weak:
        assert faults(await post(weak, "/v1/keys", {"name": "mighty"}, "k"), "header") == ["Idempotency-Key"]


@pytest.mark.parametrize("name", ["create_key", "create_client_token"])
async def test_what_ends_with_the_key_that_asked_is_answered_again_to_no_other(
    app: FastAPI, authorized: AsyncClient, database: Database, ids: dict[str, str], name: str
) -> None:
    """Else a key that ends could come by one that does not, and a key by a token of another that was revoked."""
    assert ids
    made = await post(authorized, ONCE[name], BODIES[name], "k")
    assert told(await post(authorized, ONCE[name], BODIES[name], "k")) == told(made)
    async with holding(app, new_key(database)) as colleague:
        assert faults(await post(colleague, ONCE[name], BODIES[name], "k"), "header") == ["Idempotency-Key"]


async def test_a_page_replays_what_its_candidate_did_and_nothing_of_anybody_else(
    app: FastAPI, authorized: AsyncClient, database: Database, key: str
) -> None:
    stored = await create(authorized)
    path = f"/v1/follow-ups/{(await follow_ups_of(authorized, stored['id']))['check_in']['id']}/sent"
    own, again, foreign = [
        new_token(database, key, Subject(None, email))
        for email in ("ana.lopez@example.com", "ana.lopez@example.com", "eve@example.com")
    ]
    async with holding(app, own) as page, holding(app, again) as reloaded, holding(app, foreign) as stranger:
        first = await post(page, path, {}, "k")
        assert not is_replayed(first)
        assert told(await post(reloaded, path, {}, "k")) == told(first)
        problem(await post(stranger, path, {}, "k"), 404)
        assert not is_replayed(await post(authorized, path, {}, "k"))


def new_token(database: Database, key: str, subject: Subject) -> str:
    now = datetime.now(UTC)
    with session_of(database) as session:
        made_by = find_key(session.connection, digest(key))
        assert made_by
        let_in(session, PAGE)
        ends = now + timedelta(hours=1)
        given: Any = {"actions": ["record"], "origins": [PAGE], "now": now, "expires_at": ends}
        return issue_token(session, made_by.id, subject, **given)[1]


# What is kept


@pytest.mark.parametrize(("name", "member"), SECRETS.items())
async def test_a_secret_that_is_told_once_is_told_again_and_cannot_be_read_in_the_database(
    authorized: AsyncClient, database: Database, ids: dict[str, str], name: str, member: str
) -> None:
    path = ONCE[name].format_map(ids)
    answered = [await post(authorized, path, BODIES[name], "k") for _ in range(2)]
    first, again = [response.json()[member] for response in answered]
    assert first == again
    assert len(first) > 30
    assert first not in spelled(everything(database))
    assert first.partition("_")[2] not in spelled(everything(database))


@pytest.mark.parametrize("name", ONCE)
async def test_nothing_personal_can_be_read_in_what_is_kept(
    authorized: AsyncClient, database: Database, ids: dict[str, str], name: str
) -> None:
    assert (await post(authorized, ONCE[name].format_map(ids), BODIES[name], "k")).is_success
    kept = spelled(kept_answers(database))
    assert not any(said in kept for said in ("López", "lopez", "Northwind", "example", "Priya"))


# Keys that are none


@pytest.mark.parametrize("sent", [b"", b" ", b"a b", b"x" * 256, b"\xe9", b"a\tb", b"\x7f", "é".encode()])
async def test_a_bad_key_is_refused_and_nothing_happens(
    authorized: AsyncClient, database: Database, sent: bytes
) -> None:
    refused = await authorized.post("/v1/interviews", json=northwind(), headers={b"Idempotency-Key": sent})
    assert faults(refused, "header") == ["Idempotency-Key"]
    assert rows(database) == (0, 0, 0)
    assert kept_answers(database) == []


async def test_two_keys_are_refused(authorized: AsyncClient, database: Database) -> None:
    twice = [("Idempotency-Key", "k"), ("Idempotency-Key", "k")]
    refused = await authorized.post("/v1/interviews", json=northwind(), headers=twice)
    assert faults(refused, "header") == ["Idempotency-Key"]
    assert rows(database) == (0, 0, 0)


@pytest.mark.parametrize("sent", ["x" * 255, "~!", '"8e03978e-40d5-43dd-bc93-6894a57f9324"', "');--"])
async def test_a_good_key_is_any_visible_ascii(authorized: AsyncClient, sent: str) -> None:
    assert not is_replayed(await store(authorized, sent))
    assert is_replayed(await store(authorized, sent))


async def test_where_nothing_is_kept_a_key_is_not_looked_at(client: AsyncClient, database: Database) -> None:
    for interview in (northwind(), northwind(company="Contoso")):
        response = await post(client, "/v1/schedule", {"interview": interview}, "a b")
        assert response.status_code == 200, response.text
        assert REPLAYED not in response.headers
    assert kept_answers(database) == []


# At the same time


@pytest.fixture
def two_processes(database_url: str, tmp_path: Path) -> Iterator[list[str]]:
    """The addresses of two processes over one database."""
    with ExitStack() as running:
        yield [running.enter_context(api(database_url, tmp_path, "--no-worker"))[1] for _ in range(2)]


def test_twenty_equal_requests_at_once_have_one_effect_and_twenty_equal_answers(
    two_processes: list[str], database: Database, key: str
) -> None:
    with ExitStack() as connected, ThreadPoolExecutor(20) as pool:
        clients = [connected.enter_context(connect(address, key)) for address in two_processes]
        for path, body in (("/v1/interviews", northwind()), ("/v1/webhook-endpoints", {"url": URL})):
            headers = {"Idempotency-Key": path}
            posted = [pool.submit(clients[n % 2].post, path, json=body, headers=headers) for n in range(20)]
            answered = [each.result(60) for each in posted]
            assert {(each.status_code, each.content) for each in answered} == {(201, answered[0].content)}
            assert sum(is_replayed(each) for each in answered) == 19
    assert rows(database)[0] == 1
    assert len(log(database)["webhook_endpoint"]) == 1


@pytest.mark.parametrize("same_process", [True, False])
async def test_whoever_comes_second_is_told_after_five_seconds_that_the_first_still_runs(
    app: FastAPI, authorized: AsyncClient, database: Database, *, same_process: bool
) -> None:
    """The first is a transaction that has claimed the key and goes on; on SQLite it has the turn to write, too."""
    used = (await store(authorized, "used")).json()["id"]
    with (app.state.database if same_process else database).begin() as connection:
        account_id = connection.execute(select(tables.Account.__table__.c.id)).scalar_one()
        claim(
            Session(connection, account_id), sha256(b"\0k").hexdigest(), "fingerprint", datetime.now(UTC), WAIT_SECONDS
        )
        started = monotonic()
        refused = await store(authorized)
        assert monotonic() - started >= 4.9
        connection.rollback()
    assert faults(refused, "header", 409) == ["Idempotency-Key"]
    assert refused.headers["Retry-After"] == "5"
    assert rows(database)[0] == 1
    assert not is_replayed(await store(authorized))
    assert (await store(authorized, "used")).json()["id"] == used
