"""Receivers that refuse, come back, are gone for good, or cannot keep up."""

import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

from httpx import Client

from app.store import tables
from tests.faults.processes import api, connect, wait_until, worker
from tests.faults.receivers import Received, receiver
from tests.faults.scenes import Scene

SCHEDULE = (0.2, 0.4, 0.6)
SLACK = 0.05
"""Seconds by which two clocks, the worker's and the receiver's, may seem to disagree."""


def test_refused_for_the_whole_schedule_a_delivery_has_failed_until_it_is_recovered(
    scene: Scene, database_url: str, key: str, tmp_path: Path
) -> None:
    began = datetime.now(UTC)
    with receiver(behave=lambda _: 503) as hook:
        endpoint_id = scene.add_endpoint(hook.url)
        scene.add_interviews(1, began)
        schedule = ",".join(map(str, SCHEDULE))
        with api(database_url, tmp_path, webhook_retry_schedule=schedule) as (_, address):
            wait_until(lambda: scene.states() == ["failed"])
            waits = [after.at - before.at for before, after in pairwise(hook.received)]
            assert len(waits) == len(SCHEDULE)
            assert all(wait > least - SLACK for wait, least in zip(waits, SCHEDULE, strict=True))
            with connect(address, key) as client:
                (message,) = hook.ids()
                assert_failed(client, message)
                hook.behave = lambda _: 204
                asked = {"since": (began - timedelta(seconds=1)).isoformat()}
                assert client.post(f"/v1/webhook-endpoints/{endpoint_id}/recover", json=asked).status_code == 202
                wait_until(lambda: scene.states() == ["delivered"])
                assert len(read_delivery(client, message)["log"]) == len(SCHEDULE) + 2
    assert hook.ids() == {message: len(SCHEDULE) + 2}


def test_a_receiver_that_comes_back_gets_what_is_new_before_what_failed_and_the_oldest_first(
    scene: Scene, database_url: str, tmp_path: Path
) -> None:
    def refuse(_: Received) -> int:
        return 500

    with receiver(behave=refuse) as hook:
        scene.add_endpoint(hook.url)
        scene.add_interviews(10, datetime.now(UTC))
        with worker(database_url, tmp_path, webhook_retry_schedule="0.5,0.5"):
            wait_until(lambda: len(hook.ids()) == 10 and not scene.leases())
        for _ in range(2):
            scene.add_interviews(5, datetime.now(UTC))
            assert scene.announce() == 5
        expected = {row.message_id: (row.retry, row.available_at) for row in scene.rows(tables.Pending)}
        assert Counter(retry for retry, _ in expected.values()) == {True: 10, False: 10}
        wait_until(lambda: datetime.now(UTC) > max(at for _, at in expected.values()))
        hook.received.clear()
        hook.behave = lambda _: 204
        with worker(database_url, tmp_path, webhook_in_flight="1"):
            wait_until(lambda: set(scene.states()) == {"delivered"})
        order = [expected[request.id] for request in hook.received]
    assert order == sorted(order)
    assert len(order) == 20


def test_an_endpoint_that_is_gone_is_disabled_at_once_and_its_owner_told_at_another(
    scene: Scene, database_url: str, tmp_path: Path
) -> None:
    with receiver(behave=lambda _: 410) as gone, receiver() as other:
        gone_id = scene.add_endpoint(gone.url)
        scene.add_endpoint(other.url, events='["endpoint.disabled"]')
        scene.add_interviews(100, datetime.now(UTC))
        with worker(database_url, tmp_path):
            wait_until(lambda: other.received)
            scene.add_interviews(1, datetime.now(UTC))
            wait_until(lambda: len(scene.rows(tables.Message)) == 100 + 1 and not scene.rows(tables.Pending))
    (told,) = other.payloads()
    assert told["type"] == "endpoint.disabled"
    assert (told["data"]["endpoint_id"], told["data"]["disabled_because"]) == (gone_id, "gone")
    (row,) = (row for row in scene.rows(tables.WebhookEndpoint) if row.id == gone_id)
    assert (row.enabled, row.disabled_because) == (False, "gone")
    states = Counter(row.state for row in scene.rows(tables.Delivery) if row.endpoint_id == gone_id)
    assert set(states) <= {"failed", "cancelled"}
    assert states["cancelled"] > len(gone.received)
    assert set(gone.ids().values()) == {1}


def test_after_a_timeout_a_receiver_gets_one_at_a_time(scene: Scene, database_url: str, tmp_path: Path) -> None:
    at_once = 10
    open_now = Counter[str]()
    most = Counter[str]()

    def hang_then_refuse(request: Received) -> int:
        if len(hook.received) <= at_once:
            return hook.hang(request)
        open_now["later"] += 1
        most["later"] = max(most["later"], open_now["later"])
        time.sleep(0.05)
        open_now["later"] -= 1
        return 500

    with receiver(behave=hang_then_refuse) as hook:
        scene.add_endpoint(hook.url)
        scene.add_interviews(3 * at_once, datetime.now(UTC))
        with worker(database_url, tmp_path, webhook_timeout_seconds="1", webhook_lease_seconds="3") as process:
            wait_until(lambda: len(hook.received) >= 4 * at_once)
            process.kill()
        (lane,) = scene.rows(tables.Lane)
    assert lane.throttled
    assert most["later"] == 1


def assert_failed(client: Client, message_id: str) -> None:
    delivery = read_delivery(client, message_id)
    assert delivery["state"] == "failed"
    assert [(each["number"], each["status"], each["failure"]) for each in delivery["log"]] == [
        (number, 503, "status") for number in range(1, len(SCHEDULE) + 2)
    ]


def read_delivery(client: Client, message_id: str) -> dict[str, Any]:
    """The one delivery of a message, with its log."""
    response = client.get(f"/v1/messages/{message_id}")
    assert response.status_code == 200, response.text
    delivery: dict[str, Any]
    (delivery,) = response.json()["deliveries"]
    return delivery
