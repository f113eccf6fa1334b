"""A worker is stopped, for a while or for good: it gives back what it has not begun, and settles nothing too late."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from app.store import tables
from app.webhooks.fairness import AHEAD
from tests.faults.processes import PATIENCE, SHORT, Process, api, wait_until, worker
from tests.faults.receivers import Received, receiver
from tests.faults.scenes import Scene

IN_FLIGHT, AT_HAND, LEFT = 10, 10 * AHEAD, 10
"""What a worker sends to one endpoint at once, what it leases of it meanwhile, and what stays for others."""

LONG = {"webhook_timeout_seconds": "20", "webhook_lease_seconds": "60"}

Start = Callable[..., AbstractContextManager[Process]]


@contextmanager
def server(database_url: str, folder: Path, **settings: str) -> Iterator[Process]:
    """`serve`, with the worker that it has inside."""
    with api(database_url, folder, **settings) as (process, _):
        yield process


def test_what_a_frozen_worker_settles_after_its_lease_changes_no_row(
    scene: Scene, database_url: str, tmp_path: Path
) -> None:
    let_go = [threading.Event(), threading.Event()]

    def answer_when_let_go(_: Received) -> int:
        assert let_go[len(hook.received) - 1].wait(PATIENCE)
        return 204

    with receiver(behave=answer_when_let_go) as hook:
        scene.add_endpoint(hook.url)
        scene.add_interviews(1, datetime.now(UTC))
        with worker(database_url, tmp_path, **SHORT) as frozen:
            wait_until(lambda: hook.received)
            frozen.freeze()
            with worker(database_url, tmp_path, **LONG):
                wait_until(lambda: len(hook.received) == len(let_go))
                before = everything(scene)
                let_go[0].set()
                assert frozen.stop() == 0
                assert everything(scene) == before
                let_go[1].set()
                wait_until(lambda: scene.states() == ["delivered"])
    assert list(hook.ids().values()) == [2]
    assert len(scene.rows(tables.Attempt)) == 1


def everything(scene: Scene) -> list[Any]:
    """All rows that settling may change."""
    return [scene.rows(table) for table in (tables.Pending, tables.Delivery, tables.Attempt, tables.Lane)]


@pytest.mark.parametrize("start", [worker, server])
def test_told_to_stop_it_takes_nothing_more_and_finishes_what_is_in_flight(
    scene: Scene, database_url: str, tmp_path: Path, start: Start
) -> None:
    finish = threading.Event()

    def take_long(_: Received) -> int:
        assert finish.wait(PATIENCE)
        return 204

    with receiver(behave=take_long) as hook:
        scene.add_endpoint(hook.url)
        scene.add_interviews(AT_HAND + LEFT, datetime.now(UTC))
        with start(database_url, tmp_path, **LONG) as process:
            wait_until(lambda: len(hook.received) == IN_FLIGHT and len(scene.leases()) == AT_HAND)
            process.tell_to_stop()
            wait_until(lambda: len(scene.leases()) == IN_FLIGHT)
            scene.add_interviews(1, datetime.now(UTC) - timedelta(seconds=1))
            finish.set()
            assert process.wait() == 0
    assert len(hook.received) == IN_FLIGHT
    assert sorted(scene.states()) == ["delivered"] * IN_FLIGHT + ["open"] * (AT_HAND + LEFT - IN_FLIGHT)
    assert {(row.claim, row.tries) for row in scene.rows(tables.Pending)} == {(None, 0)}


def begin_request(address: str, key: str) -> socket.socket:
    """A connection on which a request was begun that does not end."""
    place = urlsplit(address)
    connection = socket.create_connection((place.hostname, place.port))
    head = f"Host: x\r\nAuthorization: Bearer {key}\r\nContent-Type: application/json\r\nContent-Length: 1000"
    connection.sendall(f"POST /v1/interviews HTTP/1.1\r\n{head}\r\n\r\n{{".encode())
    return connection


def test_told_to_stop_it_takes_nothing_more_though_a_request_is_under_way(
    scene: Scene, database_url: str, key: str, tmp_path: Path
) -> None:
    with receiver() as hook:
        scene.add_endpoint(hook.url)
        with api(database_url, tmp_path) as (process, address), begin_request(address, key) as connection:
            wait_until(lambda: process.says("begins"))
            time.sleep(0.2)  # time enough to begin with the request
            process.tell_to_stop()
            wait_until(lambda: process.says("Waiting for connections to close"))
            scene.add_interviews(1, datetime.now(UTC) - timedelta(seconds=1))
            time.sleep(2)
            assert not process.says("Waiting for application shutdown")
            assert (hook.received, scene.states()) == ([], [])
            connection.close()
            assert process.wait() == 0
