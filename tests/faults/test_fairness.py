"""Whoever hangs or has very much keeps nobody else waiting."""

import math
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.webhooks.fairness import AHEAD
from app.worker.dispatcher import MOST_HELD
from tests.faults.processes import wait_until, worker
from tests.faults.receivers import Receiver, receiver
from tests.faults.scenes import Scene

BOUND = 5.0
"""Seconds within which 99 in a hundred of the others are served."""

ORDINARY = {"webhook_timeout_seconds": "15", "webhook_lease_seconds": "60"}
"""What hangs does so for as long as it may."""

IN_FLIGHT = 10
"""Requests to one endpoint at once, as it is unless it is set."""

ENDPOINTS, HANGING, EACH = 50, 5, 20


def lateness(hook: Receiver, due_at: datetime) -> float:
    """Seconds, of the 99th in a hundred that came."""
    late = sorted(request.at - due_at.timestamp() for request in hook.received)
    return late[math.ceil(len(late) * 0.99) - 1]


def test_an_endpoint_that_hangs_with_a_thousand_older_deliveries_keeps_nobody_waiting(
    scene: Scene, database_url: str, tmp_path: Path
) -> None:
    with receiver() as hook, receiver() as hanging:
        hanging.behave = hanging.hang
        scene.add_endpoint(hanging.url)
        scene.add_many_interviews(1000, datetime.now(UTC))
        assert scene.announce() == 1000
        other = Scene.of(scene.database, "another")
        other.add_endpoint(hook.url)
        with worker(database_url, tmp_path, **ORDINARY) as process:
            wait_until(lambda: len(hanging.received) == 10)
            due_at = datetime.now(UTC)
            other.add_interviews(100, due_at)
            wait_until(lambda: len(hook.ids()) == 100)
            process.kill()
    assert lateness(hook, due_at) < BOUND


def test_more_endpoints_that_hang_than_a_worker_could_lease_ahead_for_keep_nobody_waiting(
    scene: Scene, database_url: str, tmp_path: Path
) -> None:
    hung = MOST_HELD // (AHEAD * IN_FLIGHT) + 5
    with receiver() as hook, receiver() as hanging:
        hanging.behave = hanging.hang
        for number in range(hung):
            each = Scene.of(scene.database, f"account-{number}")
            each.add_endpoint(hanging.url)
            each.add_many_interviews(AHEAD * IN_FLIGHT, datetime.now(UTC))
        scene.add_endpoint(hook.url)
        with worker(database_url, tmp_path, **ORDINARY) as process:
            wait_until(lambda: len(hanging.received) == hung * IN_FLIGHT)
            due_at = datetime.now(UTC)
            scene.add_interviews(5, due_at)
            wait_until(lambda: len(hook.ids()) == 5)
            process.kill()
    assert lateness(hook, due_at) < BOUND


@pytest.mark.long
@pytest.mark.parametrize("accounts", [ENDPOINTS, 1], ids=["fifty accounts", "one account"])
def test_five_of_fifty_endpoints_that_hang_keep_nobody_waiting(
    scene: Scene, database_url: str, tmp_path: Path, accounts: int
) -> None:
    with receiver() as hook, receiver() as hanging:
        hanging.behave = hanging.hang
        scenes = [Scene.of(scene.database, f"account-{number % accounts}") for number in range(ENDPOINTS)]
        for number, each in enumerate(scenes):
            each.add_endpoint(hanging.url if number < HANGING else f"{hook.url}/{number}")
        due_at = datetime.now(UTC) + timedelta(seconds=2)
        for each in {each.account_id: each for each in scenes}.values():
            each.add_many_interviews(EACH, due_at)
        expected = (ENDPOINTS - HANGING) * EACH
        with worker(database_url, tmp_path, **ORDINARY) as process:
            wait_until(lambda: len(hook.received) == expected)
            process.kill()
    assert len(hook.ids()) == (expected if accounts > 1 else EACH)
    assert len(hanging.received) >= HANGING
    assert lateness(hook, due_at) < BOUND


@pytest.mark.long
def test_an_account_with_a_hundred_thousand_due_keeps_nobody_waiting(
    scene: Scene, database_url: str, tmp_path: Path
) -> None:
    with receiver() as hook, receiver() as busy:
        scene.add_endpoint(busy.url)
        scene.add_many_interviews(100_000, datetime.now(UTC))
        other = Scene.of(scene.database, "another")
        other.add_endpoint(hook.url)
        with worker(database_url, tmp_path) as process:
            wait_until(lambda: len(busy.received) > 100)
            due_at = datetime.now(UTC)
            other.add_interviews(100, due_at)
            wait_until(lambda: len(hook.ids()) == 100)
            process.kill()
    assert lateness(hook, due_at) < BOUND
