"""The API dies without a word: what it had not committed never was, and what it had is there once."""

import json
import random
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from httpx import Response, TransportError
from sqlalchemy import func, select, text

from app.scheduling import facts_of, plan_steps
from app.store import tables
from app.store.db import Database
from app.store.rows import InterviewRow
from tests.faults.processes import api, connect, wait_until
from tests.faults.scenes import POLICIES, Scene, interview_due
from tests.hooks import log

UNHEARD = "https://93.184.215.14/hook"
"""A public address at which nobody listens to us; no worker runs here."""

ONCE = {"Idempotency-Key": "8e03978e-40d5-43dd-bc93-6894a57f9324"}
JSON = {"Content-Type": "application/json"}


def interview(**changes: Any) -> dict[str, Any]:
    """As a caller posts it."""
    body: dict[str, Any] = interview_due(datetime.now(UTC), **changes).model_dump(mode="json", exclude_unset=True)
    return body


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_killed_after_the_write_and_before_the_commit_it_leaves_nothing(
    scene: Scene, database_url: str, key: str, tmp_path: Path
) -> None:
    scene.add_endpoint(UNHEARD)
    with api(database_url, tmp_path, "--no-worker") as (process, address):
        with connect(address, key) as client:
            assert client.post("/v1/interviews", json=interview(application_ref="app-1")).status_code == 201
        before = everything(scene)
        with scene.begin() as session:  # the next round plans the earlier one anew, once it has written its own rows
            session.connection.execute(select(tables.Interview.__table__).with_for_update())
            body = interview(application_ref="app-1")
            sender = threading.Thread(target=post_unheard, args=(address, key, body))
            sender.start()
            wait_until(lambda: waits_for_a_lock(scene.database))
            process.kill()
            sender.join()
        wait_until(lambda: not others_are_connected(scene.database))
    assert everything(scene) == before
    with api(database_url, tmp_path, "--no-worker") as (_, address), connect(address, key) as client:
        answered = [client.post("/v1/interviews", json=body, headers=ONCE) for _ in range(2)]
    assert [is_replayed(response) for response in answered] == [False, True]
    assert answered[0].content == answered[1].content
    assert len(scene.rows(tables.Interview)) == 2


@pytest.mark.long
def test_killed_at_random_it_leaves_no_half_of_a_plan(
    scene: Scene, database_url: str, key: str, tmp_path: Path
) -> None:
    dice = random.Random(0)  # noqa: S311 - chance is all that is asked of it
    scene.add_endpoint(UNHEARD)
    for name in "abcdef":
        with api(database_url, tmp_path, "--no-worker") as (process, address):
            stream = threading.Thread(target=post_without_end, args=(address, key, name))
            stream.start()
            wait_until(partial(has_application_of, scene, name))
            time.sleep(dice.uniform(0, 0.3))
            process.kill()
            stream.join()
    assert_whole(scene)


def test_killed_after_the_commit_and_before_the_answer_the_same_put_finds_what_it_made(
    scene: Scene, database_url: str, key: str, tmp_path: Path
) -> None:
    """The client never reads an answer."""
    path, body = "/v1/interviews/by-external-id/ats-1", interview(external_id="ats-1")
    with (
        api(database_url, tmp_path, "--no-worker") as (process, address),
        send_only(address, key, "PUT", path, body),
    ):
        wait_until(lambda: scene.rows(tables.Interview))
        process.kill()
    before = everything(scene)
    with api(database_url, tmp_path, "--no-worker") as (_, address), connect(address, key) as client:
        response = client.put(path, json=body)
        assert response.status_code == 200
    assert [row.id for row in scene.rows(tables.Interview)] == [response.json()["id"]]
    assert everything(scene) == before
    assert_whole(scene)


def test_killed_after_the_commit_and_before_the_answer_the_same_post_gets_that_answer(
    scene: Scene, database_url: str, key: str, tmp_path: Path
) -> None:
    """The client never reads the first answer."""
    body = interview()
    with (
        api(database_url, tmp_path, "--no-worker") as (process, address),
        send_only(address, key, "POST", "/v1/interviews", body),
    ):
        wait_until(lambda: scene.rows(tables.Interview))
        process.kill()
    before = everything(scene)
    with api(database_url, tmp_path, "--no-worker") as (_, address), connect(address, key) as client:
        again = [client.post("/v1/interviews", content=json.dumps(body), headers=ONCE | JSON) for _ in range(2)]
    (row,) = scene.rows(tables.Interview)
    for response in again:
        assert is_replayed(response)
        assert (response.status_code, response.headers["Location"]) == (201, f"/v1/interviews/{row.id}")
        assert response.json()["id"] == row.id
    assert everything(scene) == before
    assert_whole(scene)


@pytest.mark.long
def test_killed_at_random_and_asked_again_with_the_same_key_it_has_done_everything_once(
    scene: Scene, database_url: str, key: str, tmp_path: Path
) -> None:
    dice = random.Random(0)  # noqa: S311 - chance is all that is asked of it
    bodies = [interview(application_ref=f"app-{number}") for number in range(2000)]
    answered: list[Response] = []
    for _ in range(6):
        with api(database_url, tmp_path, "--no-worker") as (process, address):
            before = len(answered)
            stream = threading.Thread(target=post_each_once, args=(address, key, bodies, answered))
            stream.start()
            wait_until(partial(has_more, answered, before))
            time.sleep(dice.uniform(0, 0.3))
            process.kill()
            stream.join()
    with api(database_url, tmp_path, "--no-worker") as (_, address):
        post_each_once(address, key, bodies[: len(answered) + 1], answered)
    made = [response.json()["id"] for response in answered]
    assert sorted(made) == sorted(row.id for row in scene.rows(tables.Interview))
    assert len(set(made)) == len(made)
    assert_whole(scene)


def everything(scene: Scene) -> tuple[Any, ...]:
    """All that can be known of interviews and messages, and what was answered."""
    kept = (tables.Interview, tables.Event, tables.FollowUp, tables.KeptAnswer)
    rows = [scene.rows(table) for table in kept]
    return (*rows, log(scene.database))


def assert_whole(scene: Scene) -> None:
    """Whatever interview exists, it has its plan; whatever has a next round, its subscribers were told."""
    rows = [InterviewRow._make(row) for row in scene.rows(tables.Interview)]
    kept: dict[str, set[tuple[str, str]]] = {row.id: set() for row in rows}
    for step in scene.rows(tables.FollowUp):
        kept[step.interview_id].add((step.key, step.status))
    with scene.begin() as session:
        for row in rows:
            steps = plan_steps(*facts_of(session, row), POLICIES, datetime.now(UTC))
            assert kept[row.id] == {(step.key, step.status) for step in steps}
    told = {row.interview_id for row in scene.rows(tables.Message)}
    newest = {row.application_ref: row.id for row in sorted(rows, key=lambda row: row.id)}
    assert told == {row.id for row in rows} - set(newest.values())
    assert len(scene.rows(tables.Pending)) == len(scene.rows(tables.Message))


def has_application_of(scene: Scene, name: str) -> bool:
    return any(row.application_ref.startswith(name) for row in scene.rows(tables.Interview))


def post_without_end(address: str, key: str, application: str) -> None:
    """One interview after the other, in rounds of two, until nobody answers."""
    with connect(address, key) as client:
        for number in range(10_000):
            body = interview(application_ref=f"{application}-{number // 2}")
            try:
                assert client.post("/v1/interviews", json=body).status_code == 201
            except TransportError:
                return


def post_each_once(address: str, key: str, bodies: list[dict[str, Any]], answered: list[Response]) -> None:
    """Each interview with a key of its own, from the first that was not answered on, until nobody answers."""
    with connect(address, key) as client:
        for number in range(len(answered), len(bodies)):
            headers = {"Idempotency-Key": f"app-{number}"}
            try:
                response = client.post("/v1/interviews", json=bodies[number], headers=headers)
            except TransportError:
                return
            assert response.status_code == 201
            answered.append(response)


def has_more(answered: list[Response], than: int) -> bool:
    return len(answered) > than


def is_replayed(response: Response) -> bool:
    assert response.status_code == 201, response.text
    return "Idempotency-Replayed" in response.headers


def post_unheard(address: str, key: str, body: dict[str, Any]) -> None:
    with connect(address, key) as client, pytest.raises(TransportError):
        client.post("/v1/interviews", json=body, headers=ONCE)


@contextmanager
def send_only(address: str, key: str, method: str, path: str, body: dict[str, Any]) -> Iterator[None]:
    """A request whose answer is never read."""
    where = urlsplit(address)
    content = json.dumps(body).encode()
    head = f"{method} {path} HTTP/1.1\r\nHost: {where.netloc}\r\nAuthorization: Bearer {key}\r\n"
    head += "".join(f"{name}: {value}\r\n" for name, value in (ONCE | JSON).items())
    head += f"Content-Length: {len(content)}\r\n\r\n"
    with socket.create_connection((where.hostname or "", where.port or 0)) as connection:
        connection.sendall(head.encode() + content)
        yield


def waits_for_a_lock(database: Database) -> bool:
    return _sees(database, "wait_event_type = 'Lock'")


def others_are_connected(database: Database) -> bool:
    return _sees(database, "pid <> pg_backend_pid() AND state <> 'idle'")


def _sees(database: Database, condition: str) -> bool:
    own = select(func.count()).select_from(text("pg_stat_activity")).where(text("datname = current_database()"))
    with database.peek() as connection:
        return bool(connection.execute(own.where(text(condition))).scalar_one())
