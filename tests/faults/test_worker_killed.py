"""A worker dies without a word: what it had leased is sent by another, and nothing is lost."""

import random
import socket
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest

from app.store import tables
from app.webhooks.lanes import hold_lanes
from tests.faults.processes import PATIENCE, PATIENT, SHORT, wait_until, worker
from tests.faults.receivers import Received, Receiver, receiver
from tests.faults.scenes import Scene

KILLS, MESSAGES = 30, 600


@contextmanager
def deaf_port() -> Iterator[int]:
    """A port at which somebody listens and never has room: who connects waits, and can say nothing."""
    with socket.socket() as listener, socket.socket() as first, socket.socket() as second:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for filler in (first, second):
            filler.settimeout(0)
            filler.connect_ex(listener.getsockname())
        port: int = listener.getsockname()[1]
        yield port


def test_a_worker_killed_before_its_request_leaves_it_to_another(
    scene: Scene, database_url: str, tmp_path: Path
) -> None:
    with deaf_port() as port:
        scene.add_endpoint(f"http://127.0.0.1:{port}/hook")
        scene.add_interviews(1, datetime.now(UTC))
        with worker(database_url, tmp_path, **SHORT) as first:
            (lease,) = wait_until(scene.leases)
            first.kill()
    assert scene.leases() == {lease}
    with receiver(port) as hook, worker(database_url, tmp_path, **SHORT):
        wait_until(lambda: scene.states() == ["delivered"])
    assert list(hook.ids().values()) == [1]
    assert len(scene.rows(tables.Attempt)) == 1


def test_a_worker_killed_after_the_answer_and_before_settling_sends_it_again_by_another(
    scene: Scene, database_url: str, tmp_path: Path
) -> None:
    asked, locked = threading.Event(), threading.Event()

    def answer_once_nothing_can_be_settled(_: Received) -> int:
        asked.set()
        assert locked.wait(PATIENCE)
        return 200

    with receiver(behave=answer_once_nothing_can_be_settled) as hook:
        scene.add_endpoint(hook.url)
        scene.add_interviews(1, datetime.now(UTC))
        with worker(database_url, tmp_path) as first:
            assert asked.wait(PATIENCE)
            with scene.begin() as session:
                hold_lanes(session)
                locked.set()
                wait_until(lambda: hook.answered)
                time.sleep(0.2)  # time enough to read the answer
                first.kill()
        assert scene.states() == ["open"]
        with worker(database_url, tmp_path):
            wait_until(lambda: scene.states() == ["delivered"])
        assert list(hook.ids().values()) == [2]
        assert len(scene.rows(tables.Attempt)) == 1


def has_more_than(hook: Receiver, enough: int) -> bool:
    return len(hook.ids()) > enough


def cut_off(hook: Receiver, lives: Sequence[tuple[float, set[str]]]) -> Counter[str]:
    """How often each message had been received, and was leased still, when its worker was killed.

    A life: when it began, and what was leased at its end.
    """
    ends = [began for began, _ in lives[1:]] + [time.time()]
    return Counter(
        id
        for (began, leased), end in zip(lives, ends, strict=True)
        for id in {request.id for request in hook.received if began <= request.at < end} & leased
    )


def failed(scene: Scene) -> Counter[str]:
    """How often each message was sent in vain, as far as that was written down: a busy machine answers late."""
    messages = {row.id: row.message_id for row in scene.rows(tables.Delivery)}
    return Counter(messages[row.delivery_id] for row in scene.rows(tables.Attempt) if row.failure is not None)


@pytest.mark.long
def test_killed_at_random_again_and_again_workers_lose_nothing(scene: Scene, database_url: str, tmp_path: Path) -> None:
    dice = random.Random(0)  # noqa: S311 - chance is all that is asked of it

    def answer_slowly(_: Received) -> int:
        time.sleep(dice.uniform(0.02, 0.1))
        return 204

    settings = PATIENT | {"webhook_timeout_seconds": "0.45", "webhook_lease_seconds": "1"}
    leases: set[tuple[str, str, int]] = set()
    lives: list[tuple[float, set[str]]] = []
    with receiver(behave=answer_slowly) as hook:
        scene.add_endpoint(hook.url)
        scene.add_interviews(MESSAGES, datetime.now(UTC))
        for enough in range(0, MESSAGES, MESSAGES // KILLS):
            began = time.time()
            with worker(database_url, tmp_path, **settings) as victim:
                wait_until(partial(has_more_than, hook, enough))
                time.sleep(dice.uniform(0, 0.2))
                victim.kill()
            own = {delivery_id for _, delivery_id, _ in scene.leases() - leases}
            leases |= scene.leases()
            lives.append((began, {row.message_id for row in scene.rows(tables.Delivery) if row.id in own}))
        lives.append((time.time(), set()))
        with worker(database_url, tmp_path, **settings):
            wait_until(lambda: scene.states() == ["delivered"] * MESSAGES)
        received = hook.ids()
    messages = {row.id for row in scene.rows(tables.Message)}
    assert received.keys() == messages
    assert len(messages) == len({row.follow_up_id for row in scene.rows(tables.Message)}) == MESSAGES
    assert not received - Counter(messages) - cut_off(hook, lives) - failed(scene)
