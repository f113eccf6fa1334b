"""The database goes away, is locked, is full: whoever asks is told so, and all goes on where it was."""

import resource
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from httpx import Client
from sqlalchemy import make_url, text

from app.issuing import create_key
from app.store import tables
from app.store.db import Database
from app.store.migrate import upgrade
from app.webhooks.fairness import AHEAD
from tests.faults.processes import PATIENT, api, connect, wait_until, worker
from tests.faults.receivers import Received, receiver
from tests.faults.scenes import Scene, interview_due
from tests.faults.servers import Server, own_server
from tests.hooks import log

MESSAGES, IN_FLIGHT = 300, 10
LOCKED_SECONDS = 3
FULL_AT = 16_384
"""Bytes beyond which nothing can be written to any file: enough for a part of a transaction, and not for all of it."""


@pytest.mark.long
def test_postgresql_goes_away_and_comes_back_and_nothing_is_lost(tmp_path: Path) -> None:
    with own_server() as server, receiver(behave=answer_slowly) as hook:
        upgrade(server.url)
        scene, key = furnish(server)
        scene.add_endpoint(hook.url)
        scene.add_interviews(MESSAGES, datetime.now(UTC))
        with (
            api(server.url, tmp_path, "--no-worker") as (_, address),
            connect(address, key) as client,
            worker(server.url, tmp_path, **PATIENT),
        ):
            wait_until(lambda: len(hook.received) > MESSAGES // 10)
            scene.database.dispose()
            server.go_away()
            assert_unavailable(client)
            server.come_back()
            assert client.get("/readyz").status_code == 200
            post(client)
            wait_until(lambda: scene.states() == ["delivered"] * (MESSAGES + 1))
        scene.database.dispose()
    messages = hook.ids()
    assert len({payload["data"]["follow_up_id"] for payload in hook.payloads()}) == len(messages) == MESSAGES + 1
    assert messages.total() <= len(messages) + AHEAD * IN_FLIGHT


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_while_another_writer_locks_sqlite_a_request_waits_and_succeeds(
    scene: Scene, database_url: str, key: str, tmp_path: Path
) -> None:
    with receiver() as hook:
        scene.add_endpoint(hook.url)
        scene.add_interviews(1, datetime.now(UTC) + timedelta(seconds=4))
        with api(database_url, tmp_path) as (_, address), connect(address, key) as client:
            with locked(database_url):
                began = time.monotonic()
                waiting = threading.Thread(target=post, args=(client,))
                waiting.start()
                assert client.get("/readyz").status_code == 200
                time.sleep(began + LOCKED_SECONDS - time.monotonic())
                assert waiting.is_alive()
            waiting.join()
            wait_until(lambda: scene.states() == ["delivered"] * 2)


def test_with_a_database_that_cannot_be_written_it_says_so_and_works_again_afterwards(
    scene: Scene, database_url: str, key: str, tmp_path: Path
) -> None:
    with receiver() as hook:
        scene.add_endpoint(hook.url)
        with api(database_url, tmp_path) as (process, address), connect(address, key) as client:
            post(client)
            wait_until(lambda: scene.states() == ["delivered"])
            before = log(scene.database), scene.rows(tables.Interview), scene.rows(tables.FollowUp)
            with unwritable(database_url, process.pid):
                for _ in range(3):
                    refused = client.post("/v1/interviews", json=interview())
                    assert (refused.status_code, refused.headers["content-type"]) == (503, "application/problem+json")
                path = f"/v1/interviews/{before[1][0].id}"
                assert client.get(path).status_code == 200
            assert (log(scene.database), scene.rows(tables.Interview), scene.rows(tables.FollowUp)) == before
            post(client)
            wait_until(lambda: scene.states() == ["delivered"] * 2)
    assert set(hook.ids().values()) == {1}


def answer_slowly(_: Received) -> int:
    time.sleep(0.05)
    return 204


def furnish(server: Server) -> tuple[Scene, str]:
    database = Database(server.url)
    with database.begin() as connection:
        key = create_key(connection, name="tests", account="default", now=datetime.now(UTC))
    return Scene.of(database), key


def interview() -> dict[str, Any]:
    """One whose thank-you is due."""
    body: dict[str, Any] = interview_due(datetime.now(UTC)).model_dump(mode="json", exclude_unset=True)
    return body


def post(client: Client) -> None:
    response = client.post("/v1/interviews", json=interview())
    assert response.status_code == 201, response.text


def assert_unavailable(client: Client) -> None:
    for response in (client.get("/readyz"), client.post("/v1/interviews", json=interview())):
        assert (response.status_code, response.headers["content-type"]) == (503, "application/problem+json")
    assert client.get("/livez").status_code == 200


@contextmanager
def locked(database_url: str) -> Iterator[None]:
    """Somebody else writes, meanwhile."""
    connection = sqlite3.connect(make_url(database_url).database or "", isolation_level=None)
    try:
        connection.execute("BEGIN IMMEDIATE")
        yield
        connection.execute("ROLLBACK")
    finally:
        connection.close()


@contextmanager
def unwritable(database_url: str, pid: int) -> Iterator[None]:
    """The process finds no room on its disk any more; a server that finds none would end up reading only."""
    with read_only(database_url) if database_url.startswith("postgresql") else full(pid):
        yield


@contextmanager
def full(pid: int) -> Iterator[None]:
    before = resource.prlimit(pid, resource.RLIMIT_FSIZE)
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (FULL_AT, before[1]))
    yield
    resource.prlimit(pid, resource.RLIMIT_FSIZE, before)


@contextmanager
def read_only(database_url: str) -> Iterator[None]:
    database = Database(database_url)
    name = make_url(database_url).database
    others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() "
    try:
        for setting in ("SET default_transaction_read_only = on", "RESET default_transaction_read_only"):
            with database.peek() as connection:
                connection.execute(text("SET default_transaction_read_only = off"))
                connection.execute(text(f'ALTER DATABASE "{name}" {setting}'))
                connection.execute(text(f"{others} AND pid <> pg_backend_pid()"))
            if setting.startswith("SET"):
                yield
    finally:
        database.dispose()
