from datetime import UTC, datetime, timedelta

import pytest
from httpx import AsyncClient
from sqlalchemy import update

from app.store.db import Database
from app.store.tables import Pending
from app.webhooks.outbox import News, forget
from tests.hooks import ENDPOINTS, announce, change, deliveries_to, log, session_of, settle, subscribe
from tests.northwind import Json, problem


async def _deliver(client: AsyncClient, database: Database) -> Json:
    endpoint = await subscribe(client)
    announce(database, News("plan.changed", {}, "int_1"))
    (delivery,) = await deliveries_to(client, endpoint["id"])
    return delivery


@pytest.mark.parametrize("state", ["delivered", "failed", "cancelled"])
async def test_a_delivery_that_is_settled_is_tried_again(
    authorized: AsyncClient, database: Database, state: str
) -> None:
    delivery = await _deliver(authorized, database)
    settle(database, delivery["id"], state, {"status": 500, "failure": "status"})  # type: ignore[arg-type] # one of them
    response = await authorized.post(f"/v1/deliveries/{delivery['id']}/retry")
    assert response.status_code == 202
    again = response.json()
    assert (again["state"], again["attempts"], again["settled_at"]) == ("open", 1, None)
    assert again["next_attempt_at"]
    assert [again[name] for name in ("id", "message_id")] == [delivery[name] for name in ("id", "message_id")]
    assert response.headers["Location"] == f"/v1/messages/{delivery['message_id']}"
    (pending,) = log(database)["pending"]
    assert (pending.delivery_id, pending.retry, pending.tries, pending.claim) == (delivery["id"], True, 0, None)
    (lane,) = log(database)["lane"]
    assert lane.next_at is not None
    assert await deliveries_to(authorized, delivery["endpoint_id"]) == [again]


async def test_a_delivery_to_a_disabled_endpoint_is_held_when_it_is_tried_again(
    authorized: AsyncClient, database: Database
) -> None:
    delivery = await _deliver(authorized, database)
    settle(database, delivery["id"], "failed")
    await change(authorized, delivery["endpoint_id"], enabled=False)
    again = (await authorized.post(f"/v1/deliveries/{delivery['id']}/retry")).json()
    assert (again["state"], again["held"], again["next_attempt_at"]) == ("open", True, None)


async def test_a_delivery_whose_endpoint_is_gone_is_not_tried_again(
    authorized: AsyncClient, database: Database
) -> None:
    delivery = await _deliver(authorized, database)
    await authorized.delete(f"{ENDPOINTS}/{delivery['endpoint_id']}")
    before = log(database)
    problem(await authorized.post(f"/v1/deliveries/{delivery['id']}/retry"), 409)
    assert log(database) == before


async def test_a_delivery_that_nobody_has_is_not_found(authorized: AsyncClient) -> None:
    for id in ("dlv_" + "0" * 32, "dlv_1", "msg_" + "0" * 32, "%00"):
        problem(await authorized.post(f"/v1/deliveries/{id}/retry"), 404)


async def test_a_delivery_whose_words_are_forgotten_is_not_tried_again(
    authorized: AsyncClient, database: Database
) -> None:
    delivery = await _deliver(authorized, database)
    with session_of(database) as session:
        forget(session, ["int_1"], datetime.now(UTC))
    before = log(database)
    problem(await authorized.post(f"/v1/deliveries/{delivery['id']}/retry"), 409)
    assert log(database) == before


async def test_a_delivery_that_waits_has_its_turn_now(authorized: AsyncClient, database: Database) -> None:
    delivery = await _deliver(authorized, database)
    later = datetime.now(UTC) + timedelta(hours=1)
    with session_of(database) as session:
        session.connection.execute(update(Pending.__table__).values(available_at=later, retry=True, tries=3))
    (waiting,) = await deliveries_to(authorized, delivery["endpoint_id"])
    assert datetime.fromisoformat(waiting["next_attempt_at"]) == later
    again = (await authorized.post(f"/v1/deliveries/{delivery['id']}/retry")).json()
    assert datetime.fromisoformat(again["next_attempt_at"]) <= datetime.now(UTC)
    assert again["state"] == "open"
