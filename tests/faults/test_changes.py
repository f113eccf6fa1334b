"""What changes while deliveries are under way: facts, secrets, endpoints, and what is to be forgotten."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from httpx import Client
from standardwebhooks import Webhook, WebhookVerificationError

from app.store import tables
from app.webhooks.signing import make_secret
from tests.faults.processes import PATIENCE, PATIENT, api, connect, wait_until
from tests.faults.receivers import SAID, Received, Receiver, receiver
from tests.faults.scenes import Scene

Change = Callable[[Client, str], None]

OVERLAP_SECONDS = 2


@pytest.fixture
def client(database_url: str, key: str, tmp_path: Path) -> Iterator[Client]:
    """A client of the service, which has a worker inside and tries again every 0.2 seconds."""
    with api(database_url, tmp_path, **PATIENT) as (_, address), connect(address, key) as client:
        yield client


def reject(client: Client, interview_id: str) -> None:
    event = {"type": "rejected", "occurred_at": datetime.now(UTC).isoformat()}
    assert client.post(f"/v1/interviews/{interview_id}/events", json=event).status_code == 201


def delete(client: Client, interview_id: str) -> None:
    assert client.delete(f"/v1/interviews/{interview_id}").status_code == 204


@pytest.mark.parametrize("cancel", [reject, delete])
def test_cancelled_while_it_is_leased_a_follow_up_is_not_sent_again(
    scene: Scene, client: Client, cancel: Change
) -> None:
    go_on = threading.Event()

    def refuse_late(_: Received) -> int:
        assert go_on.wait(PATIENCE)
        return 500

    with receiver(behave=refuse_late) as hook:
        scene.add_endpoint(hook.url, events='["follow_up.due"]')
        cancelled, other = scene.add_interviews(2, datetime.now(UTC))
        wait_until(lambda: len(hook.received) == 2)
        cancel(client, cancelled)
        go_on.set()
        wait_until(lambda: came(hook.received, other) > 3)
        hook.behave = lambda _: 204
        wait_until(lambda: sorted(scene.states()) == ["cancelled", "delivered"])
        assert came(hook.received, cancelled) == 1
    (settled,) = (row for row in scene.rows(tables.Delivery) if row.state == "cancelled")
    assert {row.delivery_id for row in scene.rows(tables.Attempt)} == {
        row.id for row in scene.rows(tables.Delivery) if row.id != settled.id
    }


def test_a_secret_that_is_rotated_signs_retries_until_the_overlap_ends(scene: Scene, client: Client) -> None:
    old = make_secret()
    with receiver(behave=lambda _: 500) as hook:
        endpoint_id = scene.add_endpoint(hook.url, secret=old)
        scene.add_interviews(1, datetime.now(UTC))
        wait_until(lambda: hook.received)
        asked = {"overlap_seconds": OVERLAP_SECONDS}
        rotated = client.post(f"/v1/webhook-endpoints/{endpoint_id}/rotate-secret", json=asked)
        assert rotated.status_code == 200
        new = rotated.json()["secret"]
        wait_until(lambda: verifies(hook.received[-1], new) and not verifies(hook.received[-1], old))
        hook.behave = lambda _: 204
        wait_until(lambda: scene.states() == ["delivered"])
    signed = [(verifies(request, old), verifies(request, new)) for request in hook.received]
    assert [pair for pair, following in zip(signed, [*signed[1:], None], strict=True) if pair != following] == [
        (True, False),
        (True, True),
        (False, True),
    ]
    assert len(hook.ids()) == 1


@contextmanager
def waiting_to_be_sent(scene: Scene, count: int = 3) -> Iterator[tuple[Receiver, str]]:
    """A receiver that refuses, and its endpoint, to which some have been tried and are to be tried again."""
    with receiver(behave=lambda _: 500) as hook:
        endpoint_id = scene.add_endpoint(hook.url)
        scene.add_interviews(count, datetime.now(UTC))
        wait_until(lambda: len(hook.ids()) == count)
        yield hook, endpoint_id


def test_deliveries_to_an_endpoint_that_is_deleted_are_cancelled(scene: Scene, client: Client) -> None:
    with waiting_to_be_sent(scene) as (hook, endpoint_id):
        assert client.delete(f"/v1/webhook-endpoints/{endpoint_id}").status_code == 204
        assert scene.states() == ["cancelled"] * 3
        assert scene.rows(tables.Pending) == []
        assert_nothing_comes(scene, hook)


def test_deliveries_to_an_endpoint_that_is_disabled_are_held_until_it_is_enabled(scene: Scene, client: Client) -> None:
    with waiting_to_be_sent(scene) as (hook, endpoint_id):
        address = f"/v1/webhook-endpoints/{endpoint_id}"
        assert client.patch(address, json={"enabled": False}).status_code == 200
        assert_nothing_comes(scene, hook)
        held = client.get(f"{address}/deliveries", params={"state": "open"}).json()["data"]
        assert {each["message_id"] for each in held} == set(hook.ids())
        hook.behave = lambda _: 204
        assert client.patch(address, json={"enabled": True}).status_code == 200
        wait_until(lambda: scene.states() == ["delivered"] * 3)


def test_the_next_attempt_goes_to_the_new_address_of_an_endpoint(scene: Scene, client: Client) -> None:
    with receiver() as moved, waiting_to_be_sent(scene) as (hook, endpoint_id):
        assert client.patch(f"/v1/webhook-endpoints/{endpoint_id}", json={"url": moved.url}).status_code == 200
        wait_until(lambda: scene.states() == ["delivered"] * 3)
        assert set(moved.ids()) == set(hook.ids())


def test_of_an_interview_that_is_forgotten_nothing_is_sent_and_only_ids_stay(scene: Scene, client: Client) -> None:
    with waiting_to_be_sent(scene, 1) as (hook, _):
        (message,) = scene.rows(tables.Message)
        assert message.payload is not None
        wait_until(lambda: any(SAID.decode() == row.body for row in scene.rows(tables.Attempt)))
        delete(client, message.interview_id)
        (hidden, *later) = sorted(scene.rows(tables.Message), key=lambda row: row.id)
        assert (hidden.id, hidden.payload) == (message.id, None)
        (told,) = client.get(f"/v1/messages/{message.id}").json()["deliveries"]
        assert (told["state"], {attempt["body"] for attempt in told["log"]}) == ("cancelled", {None})
        assert {row.type for row in later} == {"follow_up.cancelled"}
        hook.behave = lambda _: 204
        wait_until(lambda: not scene.rows(tables.Pending))


def came(received: list[Received], interview_id: str) -> int:
    return sum(request.payload["data"]["interview_id"] == interview_id for request in received.copy())


def verifies(request: Received, secret: str) -> bool:
    try:
        Webhook(secret).verify(request.body, request.headers)
    except WebhookVerificationError:
        return False
    return True


def assert_nothing_comes(scene: Scene, hook: Receiver) -> None:
    """Whatever is in flight lands; then, as long as somebody else is tried again and again, nothing comes here."""
    another = Scene.of(scene.database, "another")
    with receiver(behave=lambda _: 204 if len(other.received) > 5 else 500) as other:
        another.add_endpoint(other.url)
        another.add_interviews(1, datetime.now(UTC))
        wait_until(lambda: len(other.received) == 2)
        landed = len(hook.received)
        wait_until(lambda: another.states() == ["delivered"])
        assert len(hook.received) == landed
