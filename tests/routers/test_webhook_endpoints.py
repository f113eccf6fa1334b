import asyncio
import base64
import json
import socket
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from fastapi import FastAPI
from httpx import AsyncClient
from sqlalchemy import update

from app.store.db import Database
from app.store.endpoints import MOST_ENDPOINTS
from app.store.tables import Lane
from app.webhooks.guard import Guard
from app.webhooks.keyring import MOST_SECRETS, read_secrets
from app.webhooks.outbox import News
from app.webhooks.signing import read_secret
from tests.callers import caller, give_key
from tests.hooks import ENDPOINTS, URL, announce, change, deliveries_to, log, session_of, settle, subscribe
from tests.northwind import faults, problem, read, soon, walk

OWN_SECRET = "whsec_" + base64.b64encode(bytes(range(24))).decode()


def _at(moment: str) -> datetime:
    return datetime.fromisoformat(moment)


# Creating and reading


async def test_an_endpoint_is_created_with_an_id_an_address_and_a_secret(authorized: AsyncClient) -> None:
    response = await authorized.post(ENDPOINTS, json={"url": URL})
    assert response.status_code == 201
    created = response.json()
    assert response.headers["Location"] == f"{ENDPOINTS}/{created['id']}"
    assert created["id"].startswith("ep_")
    assert len(read_secret(created["secret"])) == 32
    assert created["created_at"] == created["updated_at"]
    expected = {
        "url": URL,
        "events": None,
        "description": None,
        "include_email": False,
        "enabled": True,
        "disabled_because": None,
        "failing_since": None,
    }
    assert {name: created[name] for name in expected} == expected


async def test_an_endpoint_is_read_and_listed_without_its_secret(authorized: AsyncClient) -> None:
    said = {"events": ["follow_up.due", "ping"], "description": "ours", "include_email": True, "enabled": False}
    created = [await subscribe(authorized), await subscribe(authorized, **said)]
    shown = [{name: value for name, value in each.items() if name != "secret"} for each in created]
    assert shown[1] == shown[1] | said | {"disabled_because": "owner"}
    assert (await read(authorized, ENDPOINTS)) == {"data": shown, "next_cursor": None}
    for each in shown:
        assert await read(authorized, f"{ENDPOINTS}/{each['id']}") == each


async def test_a_secret_is_kept_sealed_whoever_made_it(app: FastAPI, authorized: AsyncClient) -> None:
    made = (await subscribe(authorized))["secret"]
    assert (await subscribe(authorized, secret=OWN_SECRET))["secret"] == OWN_SECRET
    kept = log(app.state.database)["webhook_endpoint"]
    opened = [read_secrets(app.state.vault, row.secrets, datetime.now(UTC)) for row in kept]
    assert sorted(opened) == sorted([(read_secret(made),), (read_secret(OWN_SECRET),)])
    assert not any(secret.removeprefix("whsec_") in str(kept) for secret in (made, OWN_SECRET))


@pytest.mark.parametrize(
    "secret",
    [
        "a secret of mine",
        OWN_SECRET.removeprefix("whsec_"),
        *("whsec_" + text for text in ("-" * 32, "A" * 28, "A" * 88)),
    ],
)
async def test_a_secret_is_of_24_to_64_bytes_in_base64(
    authorized: AsyncClient, database: Database, secret: str
) -> None:
    endpoint = await subscribe(authorized)
    before = log(database)
    for path in (ENDPOINTS, f"{ENDPOINTS}/{endpoint['id']}/rotate-secret"):
        body = {"secret": secret} | ({"url": URL} if path == ENDPOINTS else {})
        response = await authorized.post(path, json=body)
        assert faults(response, "pointer") == ["/secret"]
        assert secret not in response.text
    assert log(database) == before


async def test_an_endpoint_names_each_type_once(authorized: AsyncClient) -> None:
    types = ["ping", "follow_up.due", "ping", "follow_up.missed", "follow_up.due"]
    assert (await subscribe(authorized, events=types))["events"] == ["ping", "follow_up.due", "follow_up.missed"]
    for events, pointer in (
        ([], "/events"),
        (["ping", "pong"], "/events/1"),
        ("ping", "/events"),
        ([None], "/events/0"),
    ):
        assert faults(await authorized.post(ENDPOINTS, json={"url": URL, "events": events}), "pointer") == [pointer]


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1/hook",
        "https://127.1/hook",
        "https://2130706433/",
        "https://0x7f000001/",
        "https://[::1]/",
        "https://[::ffff:127.0.0.1]/",
        "https://[64:ff9b::7f00:1]/",
        "https://169.254.169.254/latest/meta-data",
        "https://10.0.0.7:8443/",
        "https://192.168.1.1/",
        "https://localhost/",
    ],
)
async def test_an_address_that_is_private_or_reserved_is_refused_without_another_word(
    authorized: AsyncClient, database: Database, url: str
) -> None:
    endpoint = await subscribe(authorized)
    before = log(database)
    for refused in (
        await authorized.post(ENDPOINTS, json={"url": url}),
        await authorized.patch(f"{ENDPOINTS}/{endpoint['id']}", json={"url": url}),
    ):
        document = problem(refused, 422)
        assert document["errors"] == [{"detail": "must not lead to a private or reserved address", "pointer": "/url"}]
    assert log(database) == before


@pytest.mark.parametrize(
    "url",
    [
        "http://93.184.215.14/hook",
        "https://93.184.215.14:22/hook",
        "https://user:password@93.184.215.14/",
        "https://93.184.215.14/#part",
        "ftp://93.184.215.14/",
        "93.184.215.14",
        "https://",
        "https://a b/",
        "https://93.184.215.14\\@10.0.0.1/",
        "https://m\u00fcller.example/",
        "javascript:alert(1)",
    ],
)
async def test_a_url_that_cannot_be_is_refused(authorized: AsyncClient, database: Database, url: str) -> None:
    response = await authorized.post(ENDPOINTS, json={"url": url})
    assert faults(response, "pointer") == ["/url"]
    assert response.json()["errors"][0]["detail"].startswith("must be a URL that webhooks can go to: ")
    assert log(database)["webhook_endpoint"] == []


def _addresses(*addresses: str) -> Any:
    """Answers to whoever looks up a name."""

    def resolve(*_: object, **__: object) -> Iterator[tuple[Any, ...]]:
        if not addresses:
            raise socket.gaierror(socket.EAI_NONAME, "no such name")
        return iter([(None, None, None, "", (address, 443)) for address in addresses])

    return resolve


async def test_a_name_is_looked_up_and_saved_if_it_leads_nowhere_yet(app: FastAPI, authorized: AsyncClient) -> None:
    for addresses, status in (
        ([], 201),
        (["93.184.215.14"], 201),
        (["93.184.215.14", "10.0.0.1"], 422),
        (["169.254.169.254"], 422),
    ):
        app.state.guard = Guard(resolve=_addresses(*addresses))
        response = await authorized.post(ENDPOINTS, json={"url": "https://hooks.example.com/afterword"})
        assert response.status_code == status


async def test_a_name_is_looked_up_while_no_transaction_waits_for_it(app: FastAPI, authorized: AsyncClient) -> None:
    endpoint = await subscribe(authorized)
    written: list[str] = []

    def resolve(host: str, *_: object, **__: object) -> Iterator[tuple[Any, ...]]:
        announce(app.state.database)  # would wait for whoever writes, or holds the lanes
        written.append(host)
        return iter([(None, None, None, "", ("93.184.215.14", 443))])

    app.state.guard = Guard(resolve=resolve)
    await subscribe(authorized, url="https://one.example.com/")
    await change(authorized, endpoint["id"], url="https://two.example.com/")
    assert written == ["one.example.com", "two.example.com"]
    assert len(await deliveries_to(authorized, endpoint["id"])) == 2


async def test_for_nobody_unknown_a_name_is_looked_up(app: FastAPI, client: AsyncClient, key: str) -> None:
    looked_up: list[str] = []

    def resolve(host: str, *_: object, **__: object) -> Iterator[tuple[Any, ...]]:
        looked_up.append(host)
        return iter([])

    app.state.guard = Guard(resolve=resolve)
    with app.state.database.begin() as connection:
        connection.exec_driver_sql("UPDATE api_key SET revoked_at = created_at")
    headers = {"Authorization": f"Bearer {key}"}
    url = {"url": "https://hooks.example.com/"}
    problem(await client.post(ENDPOINTS, json=url, headers=headers), 401)
    problem(await client.patch(f"{ENDPOINTS}/ep_{'0' * 32}", json=url, headers=headers), 401)
    assert looked_up == []


async def test_an_account_has_only_so_many_endpoints(authorized: AsyncClient) -> None:
    created = [await subscribe(authorized) for _ in range(MOST_ENDPOINTS - 3)]
    tried = [authorized.post(ENDPOINTS, json={"url": URL}) for _ in range(12)]
    responses = await asyncio.gather(*tried)
    assert sorted(response.status_code for response in responses) == [201] * 3 + [409] * 9
    assert len((await read(authorized, ENDPOINTS))["data"]) == MOST_ENDPOINTS
    assert (await authorized.delete(f"{ENDPOINTS}/{created[0]['id']}")).status_code == 204
    await subscribe(authorized)


# Changing


@pytest.mark.parametrize(
    ("given", "changes"),
    [
        ({}, {"url": "https://93.184.215.14:8443/other"}),
        ({}, {"events": ["ping"]}),
        ({"events": ["ping"]}, {"events": None}),
        ({"events": ["ping"]}, {"events": ["follow_up.due", "ping"]}),
        ({}, {"description": "ours"}),
        ({"description": "ours"}, {"description": None}),
        ({}, {"include_email": True}),
    ],
)
async def test_a_change_changes_what_it_names_and_nothing_else(
    authorized: AsyncClient, given: dict[str, Any], changes: dict[str, Any]
) -> None:
    before = await subscribe(authorized, **given)
    after = await change(authorized, before["id"], **changes)
    del before["secret"]
    assert _at(after["updated_at"]) > _at(before["updated_at"])
    assert after == before | changes | {"updated_at": after["updated_at"]}
    assert await read(authorized, f"{ENDPOINTS}/{before['id']}") == after


async def test_a_change_that_changes_nothing_writes_nothing(authorized: AsyncClient, database: Database) -> None:
    endpoint = await subscribe(authorized, events=["ping"], description="ours")
    before = log(database)
    for changes in ({}, {"url": URL, "events": ["ping", "ping"], "description": " ours ", "enabled": True}):
        shown = await change(authorized, endpoint["id"], **changes)
        assert shown | {"secret": endpoint["secret"]} == endpoint
    assert log(database) == before


@pytest.mark.parametrize("member", ["url", "include_email", "enabled"])
async def test_no_change_takes_away_what_an_endpoint_needs(authorized: AsyncClient, member: str) -> None:
    endpoint = await subscribe(authorized)
    path = f"{ENDPOINTS}/{endpoint['id']}"
    assert faults(await authorized.patch(path, json={member: None}), "pointer") == [f"/{member}"]


async def test_a_disabled_endpoint_holds_what_waits_until_it_is_enabled(
    authorized: AsyncClient, database: Database
) -> None:
    endpoint = await subscribe(authorized)
    announce(database)
    (waiting,) = await deliveries_to(authorized, endpoint["id"])
    assert (waiting["state"], waiting["held"], waiting["next_attempt_at"]) == ("open", False, waiting["created_at"])

    disabled = await change(authorized, endpoint["id"], enabled=False)
    assert (disabled["enabled"], disabled["disabled_because"]) == (False, "owner")
    announce(database)
    (held,) = await deliveries_to(authorized, endpoint["id"])
    assert held == waiting | {"held": True, "next_attempt_at": None}
    (lane,) = log(database)["lane"]
    assert lane.next_at is None

    enabled = await change(authorized, endpoint["id"], enabled=True)
    assert (enabled["enabled"], enabled["disabled_because"]) == (True, None)
    assert await deliveries_to(authorized, endpoint["id"]) == [waiting]
    (lane,) = log(database)["lane"]
    assert lane.next_at == _at(enabled["updated_at"])


async def test_an_endpoint_that_is_enabled_again_begins_anew(authorized: AsyncClient, database: Database) -> None:
    endpoint = await subscribe(authorized)
    failed_at = datetime.now(UTC) - timedelta(days=1)
    with session_of(database) as session:
        failed = {"failing_since": failed_at, "failed_at": failed_at, "throttled": True}
        session.connection.execute(update(Lane.__table__).values(failed))
    shown = await read(authorized, f"{ENDPOINTS}/{endpoint['id']}")
    assert _at(shown["failing_since"]) == failed_at
    assert (await read(authorized, ENDPOINTS))["data"] == [shown]
    assert (await change(authorized, endpoint["id"], enabled=False))["failing_since"] == shown["failing_since"]
    assert (await change(authorized, endpoint["id"], enabled=True))["failing_since"] is None
    (lane,) = log(database)["lane"]
    assert (lane.throttled, lane.failing_since, lane.failed_at) == (False, None, None)


async def test_disabling_and_changing_go_together(authorized: AsyncClient) -> None:
    endpoint = await subscribe(authorized)
    disabled = await change(authorized, endpoint["id"], enabled=False, description="asleep")
    assert (disabled["enabled"], disabled["disabled_because"], disabled["description"]) == (False, "owner", "asleep")
    enabled = await change(authorized, endpoint["id"], enabled=True, description=None)
    assert (enabled["enabled"], enabled["disabled_because"], enabled["description"]) == (True, None, None)
    assert await read(authorized, f"{ENDPOINTS}/{endpoint['id']}") == enabled


async def test_a_deleted_endpoint_gets_nothing_more_and_leaves_its_log(
    authorized: AsyncClient, database: Database
) -> None:
    endpoint, other = await subscribe(authorized), await subscribe(authorized)
    announce(database)
    announce(database)
    done, waiting = await deliveries_to(authorized, endpoint["id"])
    settle(database, done["id"], "delivered", {"status": 200})
    path = f"{ENDPOINTS}/{endpoint['id']}"
    assert (await authorized.delete(path)).status_code == 204
    for gone in (await authorized.get(path), await authorized.delete(path), await authorized.get(f"{path}/deliveries")):
        problem(gone, 404)
    for delivery, state in ((done, "delivered"), (waiting, "cancelled")):
        message = await read(authorized, f"/v1/messages/{delivery['message_id']}")
        states = {each["endpoint_id"]: each["state"] for each in message["deliveries"]}
        assert states == {endpoint["id"]: state, other["id"]: "open"}
        assert not any(each["held"] for each in message["deliveries"])
    assert [row.endpoint_id for row in log(database)["lane"]] == [other["id"]]


# Secrets


def _valid(app: FastAPI, now: datetime) -> tuple[bytes, ...]:
    (endpoint,) = log(app.state.database)["webhook_endpoint"]
    return read_secrets(app.state.vault, endpoint.secrets, now)


@pytest.mark.parametrize(
    ("body", "overlap"), [(None, 86_400), ({}, 86_400), ({"overlap_seconds": 60}, 60), ({"overlap_seconds": 7.0}, 7)]
)
async def test_a_rotated_secret_signs_beside_the_one_before_for_a_while(
    app: FastAPI, authorized: AsyncClient, body: dict[str, Any] | None, overlap: int
) -> None:
    endpoint = await subscribe(authorized)
    response = await authorized.post(f"{ENDPOINTS}/{endpoint['id']}/rotate-secret", json=body)
    rotated = response.json()
    assert response.status_code == 200, response.text
    until = _at(rotated["previous_valid_until"])
    assert timedelta(0) <= datetime.now(UTC) + timedelta(seconds=overlap) - until < timedelta(seconds=30)
    old, new = read_secret(endpoint["secret"]), read_secret(rotated["secret"])
    assert old != new
    assert _valid(app, until - timedelta(microseconds=1)) == (new, old)
    assert _valid(app, until) == (new,)
    assert "secret" not in await read(authorized, f"{ENDPOINTS}/{endpoint['id']}")


async def test_a_secret_without_overlap_is_over_at_once(app: FastAPI, authorized: AsyncClient) -> None:
    endpoint = await subscribe(authorized)
    path = f"{ENDPOINTS}/{endpoint['id']}/rotate-secret"
    body = {"secret": OWN_SECRET, "overlap_seconds": 0}
    assert (await authorized.post(path, json=body)).json()["secret"] == OWN_SECRET
    assert _valid(app, datetime.now(UTC)) == (read_secret(OWN_SECRET),)
    (row,) = log(app.state.database)["webhook_endpoint"]
    assert len(json.loads(row.secrets)) == 1


async def test_a_later_overlap_makes_no_secret_last_longer(app: FastAPI, authorized: AsyncClient) -> None:
    endpoint = await subscribe(authorized)
    path = f"{ENDPOINTS}/{endpoint['id']}/rotate-secret"
    first = (await authorized.post(path, json={"overlap_seconds": 600})).json()
    second = (await authorized.post(path, json={"overlap_seconds": 6000})).json()
    moments = [_at(first["previous_valid_until"]), _at(second["previous_valid_until"])]
    assert [len(_valid(app, at - timedelta(microseconds=1))) for at in moments] == [3, 2]
    assert [len(_valid(app, at)) for at in moments] == [2, 1]


async def test_a_secret_that_signs_already_is_no_new_one(authorized: AsyncClient, database: Database) -> None:
    endpoint = await subscribe(authorized, secret=OWN_SECRET)
    path = f"{ENDPOINTS}/{endpoint['id']}/rotate-secret"
    before = log(database)
    assert faults(await authorized.post(path, json={"secret": OWN_SECRET}), "pointer") == ["/secret"]
    assert log(database) == before
    assert (await authorized.post(path, json={"overlap_seconds": 60})).status_code == 200
    assert faults(await authorized.post(path, json={"secret": OWN_SECRET}), "pointer") == ["/secret"]


async def test_only_so_many_secrets_sign_at_once(app: FastAPI, authorized: AsyncClient) -> None:
    endpoint = await subscribe(authorized)
    path = f"{ENDPOINTS}/{endpoint['id']}/rotate-secret"
    statuses = [(await authorized.post(path)).status_code for _ in range(MOST_SECRETS)]
    assert statuses == [200] * (MOST_SECRETS - 1) + [409]
    assert (await authorized.post(path, json={"overlap_seconds": 0})).status_code == 200
    assert len(_valid(app, datetime.now(UTC))) == 1


# Trying out, and what went there


async def test_a_test_sends_a_ping_to_one_endpoint_whatever_it_subscribed_to(authorized: AsyncClient) -> None:
    endpoint = await subscribe(authorized, events=["follow_up.due"])
    await subscribe(authorized)
    response = await authorized.post(f"{ENDPOINTS}/{endpoint['id']}/test")
    assert response.status_code == 202
    delivery = response.json()
    assert (delivery["type"], delivery["state"], delivery["endpoint_id"]) == ("ping", "open", endpoint["id"])
    assert response.headers["Location"] == f"/v1/messages/{delivery['message_id']}"
    message = await read(authorized, response.headers["Location"])
    assert message["payload"]["data"] == {"endpoint_id": endpoint["id"]}
    assert message["deliveries"] == [delivery | {"log": []}]
    assert await deliveries_to(authorized, endpoint["id"]) == [delivery]


async def test_a_ping_to_a_disabled_endpoint_is_held(authorized: AsyncClient) -> None:
    endpoint = await subscribe(authorized, enabled=False)
    delivery = (await authorized.post(f"{ENDPOINTS}/{endpoint['id']}/test")).json()
    assert (delivery["held"], delivery["next_attempt_at"]) == (True, None)


async def test_a_recovery_is_accepted(authorized: AsyncClient, database: Database) -> None:
    endpoint = await subscribe(authorized)
    since = soon(-timedelta(days=1))
    response = await authorized.post(f"{ENDPOINTS}/{endpoint['id']}/recover", json={"since": since})
    assert response.status_code == 202
    recovery = response.json()
    assert recovery["id"].startswith("rec_")
    assert (_at(recovery["since"]), recovery["recovered"], recovery["finished_at"]) == (_at(since), 0, None)
    (row,) = log(database)["recovery"]
    assert (row.id, row.endpoint_id) == (recovery["id"], endpoint["id"])


async def test_nothing_is_recovered_that_is_to_come(authorized: AsyncClient, database: Database) -> None:
    endpoint = await subscribe(authorized)
    path = f"{ENDPOINTS}/{endpoint['id']}/recover"
    assert faults(await authorized.post(path, json={"since": soon(timedelta(hours=1))}), "pointer") == ["/since"]
    assert log(database)["recovery"] == []


async def test_deliveries_are_listed_from_the_newest_on_and_found_by_their_state(
    authorized: AsyncClient, database: Database
) -> None:
    endpoint, other = await subscribe(authorized), await subscribe(authorized)
    path = f"{ENDPOINTS}/{endpoint['id']}/deliveries"
    for _ in range(5):
        announce(database)
    listed = await deliveries_to(authorized, endpoint["id"])
    assert len(listed) == 5
    assert all(first["created_at"] > second["created_at"] for first, second in pairwise(listed))
    for delivery, state in zip(listed, ("open", "delivered", "failed", "cancelled", "failed"), strict=True):
        settle(database, delivery["id"], state)  # type: ignore[arg-type] # one of them
    listed = await deliveries_to(authorized, endpoint["id"])
    assert await walk(authorized, path, limit=2) == listed
    for state in ("open", "delivered", "failed", "cancelled"):
        found = [each for each in listed if each["state"] == state]
        assert await walk(authorized, path, state=state, limit=1) == found != []
    cursor = (await read(authorized, path, limit=1))["next_cursor"]
    for query in ({"cursor": cursor, "state": "open"}, {"state": "lost"}, {"limit": 101}):
        problem(await authorized.get(path, params=query), 422)
    problem(await authorized.get(f"{ENDPOINTS}/{other['id']}/deliveries", params={"cursor": cursor}), 422)


async def test_a_delivery_that_is_being_tried_has_no_next_attempt(authorized: AsyncClient, database: Database) -> None:
    endpoint = await subscribe(authorized)
    announce(database, News("endpoint.disabled", {}))
    with session_of(database) as session:
        session.connection.exec_driver_sql("UPDATE pending SET claim = 'a worker', tries = 1")
    (delivery,) = await deliveries_to(authorized, endpoint["id"])
    assert (delivery["state"], delivery["next_attempt_at"], delivery["held"]) == ("open", None, False)


async def test_emails_are_enclosed_for_those_alone_who_may_read_them(app: FastAPI, database: Database) -> None:
    async with caller(app, give_key(database, scopes=["webhooks"])) as client:
        endpoint = await subscribe(client)
        for refused in (
            await client.post("/v1/webhook-endpoints", json={"url": URL, "include_email": True}),
            await client.patch(f"/v1/webhook-endpoints/{endpoint['id']}", json={"include_email": True}),
        ):
            assert problem(refused, 403)["detail"] == "This needs a key that may do so itself: emails."
        assert (await read(client, f"/v1/webhook-endpoints/{endpoint['id']}"))["include_email"] is False
    async with caller(app, give_key(database, scopes=["webhooks", "emails"])) as client:
        assert (await subscribe(client, include_email=True))["include_email"] is True


@pytest.mark.parametrize("changes", [{"url": f"{URL}/elsewhere"}, {"include_email": True, "url": URL}])
async def test_who_may_not_read_emails_does_not_say_where_they_are_sent(
    app: FastAPI, authorized: AsyncClient, database: Database, changes: dict[str, Any]
) -> None:
    endpoint = await subscribe(authorized, include_email=True)
    path = f"{ENDPOINTS}/{endpoint['id']}"
    before = await read(authorized, path)
    async with caller(app, give_key(database, scopes=["webhooks"])) as client:
        problem(await client.patch(path, json=changes), 403)
        assert await read(authorized, path) == before
        assert (await change(client, endpoint["id"], description="ours"))["description"] == "ours"
        assert (await change(client, endpoint["id"], include_email=False, url=URL))["include_email"] is False
