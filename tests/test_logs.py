"""How lines look, and what never stands in one."""

import asyncio
import json
import logging
import logging.config
import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Literal
from urllib.parse import quote, urlsplit

import pytest
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient, Client, Limits
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from app.exchange import Exchange
from app.issuing import SCOPES, issue_key, issue_token
from app.logs import FORMATS, REQUEST_ID, configuration
from app.store.db import Database
from app.store.migrate import upgrade
from app.store.rows import Subject
from tests.callers import let_in
from tests.conftest import SECRET_KEY
from tests.faults.processes import PATIENCE, api, wait_until, worker
from tests.faults.receivers import SAID, receiver
from tests.faults.scenes import Scene, interview_due
from tests.faults.servers import Server, own_server

RECORD = logging.LogRecord("app.worker", logging.INFO, __file__, 1, "Delivery %s could not be made", ("dlv_1",), None)
MARK = "Márquez"
"""What somebody sends, and nobody logs."""
WEBHOOK_SECRET = "whsec_" + "TWFycXVlegTWFycXVlegTWFycXVlegTWFycXVleg"
REQUEST = "the-request"
BROKEN = (
    "CREATE UNIQUE INDEX broken_interviews ON interview (job_title)",
    "CREATE UNIQUE INDEX broken_attempts ON attempt (body)",
)
"""From here on the database refuses what is personal, and quotes it as it does."""

NO_REUSE = Limits(max_keepalive_connections=0)

Form = Literal["text", "json"]


def test_a_line_for_people_names_when_how_bad_and_what() -> None:
    assert FORMATS["text"]().format(RECORD).endswith("Z INFO app.worker Delivery dlv_1 could not be made")


def test_a_line_for_machines_is_one_object() -> None:
    line = json.loads(FORMATS["json"]().format(RECORD))
    assert datetime.fromisoformat(line.pop("time")).tzinfo is not None
    assert line == {"level": "info", "logger": "app.worker", "message": "Delivery dlv_1 could not be made"}


def _fail() -> None:
    raise RuntimeError(MARK) from ExceptionGroup(MARK, [ValueError(MARK), KeyError(MARK)])


def _failing() -> logging.LogRecord:
    """What asyncio makes of a task that failed, because of other failures."""
    with pytest.raises(RuntimeError) as caught:
        _fail()
    message = f"Task exception was never retrieved\nfuture: {caught.value!r}"
    info = (RuntimeError, caught.value, None)
    return logging.LogRecord("asyncio", logging.ERROR, __file__, 1, message, (), info)


@pytest.mark.parametrize("form", FORMATS)
def test_of_an_exception_it_is_told_what_it_is_and_where_it_came_from_and_not_what_it_says(form: Form) -> None:
    said = FORMATS[form]().format(_failing())
    assert MARK not in said
    for part in ("never retrieved", "ExceptionGroup", "ValueError", "KeyError", "RuntimeError", "in _fail"):
        assert part in said
    assert said.index("KeyError") < said.index("which led to") < said.index("RuntimeError")


def test_a_line_for_machines_stays_one_line() -> None:
    line = FORMATS["json"]().format(_failing())
    assert "\n" not in line
    assert json.loads(line)["exception"].endswith("RuntimeError")


def test_of_a_refusal_of_the_database_its_code_is_told_and_what_it_was_about(database: Database) -> None:
    with database.begin() as connection:
        connection.execute(text("CREATE TABLE people (name text CONSTRAINT one_name UNIQUE)"))
    with pytest.raises(IntegrityError) as caught, database.begin() as connection:
        connection.execute(text("INSERT INTO people VALUES (:name), (:name)"), {"name": MARK})
    said = FORMATS["text"]().formatException((IntegrityError, caught.value, None))
    assert MARK not in said
    code = "SQLITE_CONSTRAINT_UNIQUE" if database.dialect == "sqlite" else "23505, people, one_name"
    assert f"({code})" in said
    assert "sqlalchemy.exc.IntegrityError" in said


@pytest.mark.parametrize("form", FORMATS)
def test_both_can_be_configured(form: Form) -> None:
    assert configuration("info", form)["formatters"]["line"]["()"] is FORMATS[form]


async def test_every_line_of_a_request_has_its_id_those_of_its_threads_too_and_no_other_line_has() -> None:
    app, said, logger = FastAPI(), StringIO(), logging.getLogger("app.tests")
    app.add_middleware(Exchange)
    handler = logging.StreamHandler(said)
    handler.setFormatter(FORMATS["text"]())
    logger.addHandler(handler)

    @app.get("/async")
    async def wait() -> None:
        await asyncio.sleep(0)
        logger.warning("a task")

    @app.get("/sync")
    def work() -> None:
        logger.warning("a thread")

    async with AsyncClient(transport=ASGITransport(app), base_url="http://test") as client:
        asked = ((path, id) for id in ("one", "two") for path in ("/async", "/sync"))
        await asyncio.gather(*(client.get(path, headers={"X-Request-ID": id}) for path, id in asked))
    logger.warning("nobody")
    logger.removeHandler(handler)
    lines = sorted(re.sub("^.*app.tests ", "", line) for line in said.getvalue().splitlines())
    assert lines == ["a task [one]", "a task [two]", "a thread [one]", "a thread [two]", "nobody"]
    assert REQUEST_ID.get() == ""


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_nothing_that_anybody_sent_is_ever_logged(kind: str, form: Form, tmp_path: Path) -> None:
    settings = {"log_format": form, "log_level": "debug", "access_log": "true"}
    with served(kind, tmp_path) as (url, server), receiver(behave=lambda _: 500) as hook:
        database = Database(url)
        scene = Scene.of(database)
        key, token = issue(scene)
        scene.add_endpoint(f"{hook.url}/{quote(MARK)}", secret=WEBHOOK_SECRET)
        scene.add_endpoint(f"http://127.0.0.1:9/{quote(MARK)}", include_email=True)
        with database.begin() as connection:
            for statement in BROKEN:
                connection.execute(text(statement))
        with (
            api(url, tmp_path, **settings) as (process, address),
            worker(url, tmp_path, **settings) as other,
            # A connection of its own for each: the server hangs up after a fault of ours.
            Client(base_url=address, timeout=PATIENCE, headers=personal(key), limits=NO_REUSE) as client,
        ):
            ask_all(client, token)
            wait_until(lambda: process.says("could not be settled") or other.says("could not be settled"))
            database.dispose()
            if server is not None:
                server.go_away()
                ask_all(client, token)
        said = process.log.read_text() + other.log.read_text()
    assert "Exception in ASGI application" in said
    assert "GET /v1/interviews/{interview_id} 404" in said
    for secret in (MARK, quote(MARK), json.dumps(MARK)[1:-1], "arquez", key, token, SECRET_KEY, WEBHOOK_SECRET):
        assert secret not in said, next(line for line in said.splitlines() if secret in line)
    assert SAID.decode() not in said
    assert_well_formed(said.splitlines(), form)


@contextmanager
def served(kind: str, folder: Path) -> Iterator[tuple[str, Server | None]]:
    """A migrated database, and its server if it has one."""
    if kind == "sqlite":
        upgrade(url := f"sqlite:///{folder}/x.db")
        yield url, None
    else:
        with own_server() as server:
            upgrade(server.url)
            yield server.url, server


def issue(scene: Scene) -> tuple[str, str]:
    """A key and a client token."""
    now = datetime.now(UTC)
    with scene.begin() as session:
        key = issue_key(session, "tests", "live", SCOPES, now, None)
        subject = Subject(None, f"{MARK}@example.com".lower())
        let_in(session, "https://marquez.example")
        _, token = issue_token(
            session,
            key.row.id,
            subject,
            actions=["read"],
            origins=["https://marquez.example"],
            now=now,
            expires_at=now + timedelta(hours=1),
        )
    return key.text, token


def personal(key: str) -> dict[str, str]:
    """Headers full of what should not be logged."""
    mark = quote(MARK)
    sent = {
        "User-Agent": mark,
        "Referer": f"https://x.example/{mark}",
        "Cookie": f"name={mark}",
        "X-Forwarded-For": mark,
    }
    return sent | {"Authorization": f"Bearer {key}", "X-Request-ID": REQUEST}


def ask_all(client: Client, token: str) -> None:
    """Requests of every kind, good and bad."""
    body = interview_due(datetime.now(UTC)).model_dump(mode="json", exclude_unset=True)
    body |= {"company": MARK, "job_title": MARK, "candidate": {"name": MARK, "email": "marquez@example.com"}}
    for _ in range(2):  # the second one is refused by the database
        client.post("/v1/interviews", json=body)
    for sent in (body | {MARK: MARK}, body | {"timezone": MARK}, body | {"starts_at": MARK}, MARK, [MARK]):
        client.post("/v1/interviews", json=sent)
        client.post("/v1/schedule", json={"interview": sent})
        client.post("/v1/drafts/check", json={"kind": "thank_you", "body": MARK, "interview": sent})
    for sent in (f'{{"{MARK}', f'{{"a":"{MARK}"}}', "\ud800" + MARK):
        headers = {"Content-Type": "application/json", "Idempotency-Key": "Marquez"}
        client.post("/v1/interviews", content=sent.encode(errors="surrogatepass"), headers=headers)
    for path in (f"/v1/interviews/{MARK}", f"/{MARK}", f"/v1/candidates/{MARK}@example.com/export", f"/docs/{MARK}"):
        for method in ("GET", "PUT", "DELETE", "OPTIONS"):
            client.request(method, f"{path}?name={MARK}", params={"company": MARK})
            client.request(method, path)
    client.post("/v1/webhook-endpoints", json={"url": f"https://localhost/{MARK}", "secret": WEBHOOK_SECRET})
    client.get("/v1/interviews", params={"cursor": MARK})
    client.get("/v1/interviews", params={"company": MARK})
    for credential in (token, f"aw_live_{MARK}", f"{token[:-1]}a"):
        client.get("/v1/interviews", headers={b"Authorization": f"Bearer {credential}".encode()})
    speak(
        client,
        f"GET /{quote(MARK)} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
    )
    speak(client, f"MARQUEZ /{quote(MARK)} HTTP/1.1\r\nHost: x\r\n\r\n")
    speak(client, f"{quote(MARK)} \0 {quote(MARK)}\r\n\r\n")
    speak(client, f"POST /v1/interviews?{quote(MARK)} HTTP/1.1\r\nHost: x\r\nContent-Length: 99\r\n\r\n{quote(MARK)}")


def speak(client: Client, raw: str) -> None:
    """Send bytes that no client would, and hang up."""
    with socket.create_connection(("127.0.0.1", urlsplit(str(client.base_url)).port or 0), PATIENCE) as connection:
        connection.sendall(raw.encode())
        with suppress(ConnectionError):
            connection.shutdown(socket.SHUT_WR)
            while connection.recv(65536):
                pass


def assert_well_formed(lines: list[str], form: Form) -> None:
    """Every line is one of ours, and has the id of the request that it belongs to; those of workers have none."""
    if form == "text":
        event = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ [A-Z]+ (\S+) .*?( \[\S+\])?")
        found = [match for line in lines if (match := event.fullmatch(line))]
        assert all(REQUEST in line for line in lines if "Exception in ASGI application" in line)
        assert not [match for match in found if match[1].startswith("app.worker") and match[2]]
        return
    events = [json.loads(line) for line in lines]
    assert {each["request_id"] for each in events if "ASGI application" in each["message"]} == {REQUEST}
    assert not [each for each in events if each["logger"].startswith("app.worker") and "request_id" in each]
