"""Pages of other origins: what a browser lets them read, and what they are told that they may send."""

# The one test that asks a real browser, the last, is there only where Chromium is installed: nothing is skipped. What
# that browser asks and reads is tested above it, everywhere.

import asyncio
import json
import re
import shutil
import subprocess
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import product
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient, Response
from sqlalchemy import text, update

from app.credentials import make_credential
from app.examples import EMAIL_REQUEST, INTERVIEW
from app.issuing import create_key, issue_token
from app.main import create_app
from app.metrics import show_metrics
from app.origins import EXPOSED, KNOWN_FOR, TAKEN, Origins
from app.routing import Route
from app.settings import Settings
from app.store.db import Database, Session
from app.store.keys import find_or_insert_account
from app.store.rows import Subject
from app.store.tables import Account
from tests.callers import let_in
from tests.conftest import SECRET_KEY, NewDatabase

PAGE = "https://jobs.example.com"
STRANGER = "https://elsewhere.example"
OURS = [route for route in create_app(Settings(_env_file=None)).routes if isinstance(route, Route)]
ADDRESSES = [(re.sub(r"{.*?}", "ana@example.com", route.path), route.is_keyed) for route in OURS]
"""Where each route is found, also one that is found by an email address alone, and whether it needs a key."""
PATHS = sorted({path for path, _ in ADDRESSES})
KEYED = sorted({path for path, is_keyed in ADDRESSES if is_keyed})
OPEN = sorted({path for path, is_keyed in ADDRESSES if not is_keyed and path.startswith("/v1/")})
PRIVATE = ["/metrics", "/livez", "/readyz", "/docs", "/docs/swagger-ui.css"]


def _list(database: Database, *origins: str, account: str = "default") -> None:
    """Let the account have these origins, and no others."""
    with database.begin() as connection:
        account_id = find_or_insert_account(connection, account, datetime.now(UTC))
        listed = {"allowed_origins": json.dumps(origins)}
        connection.execute(update(Account).where(Account.id == account_id).values(listed))  # type: ignore[arg-type]  # SQLModel's columns are typed as their values


def _token(database: Database, interview_id: str, origin: str) -> str:
    """A client token for one interview, of the account's first key."""
    now = datetime.now(UTC)
    with database.begin() as connection:
        account_id, key_id = connection.execute(text("SELECT account_id, id FROM api_key")).one()
        session = Session(connection, account_id)
        let_in(session, origin)
        return issue_token(
            session,
            key_id,
            Subject(interview_id, None),
            actions=["read"],
            origins=[origin],
            now=now,
            expires_at=now + timedelta(hours=1),
        )[1]


async def _preflight(client: AsyncClient, path: str, origin: str = PAGE, method: str = "GET", **more: str) -> Response:
    """What a browser asks before it lets a page call."""
    headers = {"Origin": origin, "Access-Control-Request-Method": method, **more}
    return await client.options(path, headers=headers)


def _shared_with(response: Response) -> str | None:
    """Whose pages may read the answer."""
    assert "access-control-allow-credentials" not in response.headers
    reader: str | None = response.headers.get("access-control-allow-origin")
    return reader


def _varies(response: Response) -> list[str]:
    return [name.strip() for name in response.headers.get("vary", "").split(",")]


@pytest.fixture(autouse=True)
def _fresh(request: pytest.FixtureRequest) -> None:
    """Each test sees at once what it has listed."""
    if "app" in request.fixturenames:
        app = request.getfixturevalue("app")
        app.state.origins = Origins(app.state.database, known_for=0)


# What may be read


async def test_a_page_reads_what_its_token_shows(authorized: AsyncClient, database: Database) -> None:
    _list(database, PAGE)
    stored = (await authorized.post("/v1/interviews", json=INTERVIEW)).json()
    headers = {"Origin": PAGE, "Authorization": f"Bearer {_token(database, stored['id'], PAGE)}"}
    response = await authorized.get(f"/v1/interviews/{stored['id']}", headers=headers)
    assert (response.status_code, response.json()) == (200, stored)
    assert _shared_with(response) == PAGE
    exposed = response.headers["access-control-expose-headers"]
    assert exposed == EXPOSED
    assert {"ETag", "X-Request-ID", "RateLimit"} <= set(exposed.split(", "))


async def test_a_listed_page_reads_why_it_was_refused(authorized: AsyncClient, database: Database) -> None:
    _list(database, PAGE)
    with_key = await authorized.get("/v1/interviews", headers={"Origin": PAGE})
    assert (with_key.status_code, _shared_with(with_key)) == (403, PAGE)
    assert "browser" in with_key.json()["detail"]
    nobody = await authorized.get("/v1/interviews", headers={"Origin": PAGE, "Authorization": ""})
    assert (nobody.status_code, _shared_with(nobody)) == (401, PAGE)


async def test_the_pages_of_another_account_read_no_more_than_a_refusal(
    authorized: AsyncClient, database: Database
) -> None:
    _list(database, PAGE)
    _list(database, STRANGER, account="other")
    stored = (await authorized.post("/v1/interviews", json=INTERVIEW)).json()
    headers = {"Origin": STRANGER, "Authorization": f"Bearer {_token(database, stored['id'], PAGE)}"}
    response = await authorized.get(f"/v1/interviews/{stored['id']}", headers=headers)
    assert (response.status_code, _shared_with(response)) == (403, STRANGER)
    assert "Northwind" not in response.text


@pytest.mark.parametrize(
    "origin",
    [
        STRANGER,
        "http://jobs.example.com",
        "https://jobs.example.com:8443",
        "https://jobs.example.com.",
        "https://jobs.example.com/",
        "https://jobs.example.com.elsewhere.example",
        "https://elsewhere-jobs.example.com",
        "https://JOBS.example.com",
        "https://example.com",
        f"{PAGE}, {STRANGER}",
        f"{PAGE} {STRANGER}",
        "null",
        "*",
        "[]",
        "https://jobs.example.com\xe9",
    ],
)
async def test_no_other_origin_is_answered_however_like_it_is(
    client: AsyncClient, database: Database, origin: str
) -> None:
    _list(database, PAGE)
    raw = {b"Origin": origin.encode("latin-1")}
    response = await client.get("/v1/interviews", headers=raw)
    assert (response.status_code, _shared_with(response)) == (401, None)
    assert "access-control-expose-headers" not in response.headers
    preflight = await client.options("/v1/interviews", headers={**raw, b"Access-Control-Request-Method": b"GET"})
    assert (preflight.status_code, _shared_with(preflight)) == (204, None)
    assert not [name for name in preflight.headers if name.startswith("access-control-")]


async def test_every_page_reads_what_needs_no_key(client: AsyncClient) -> None:
    headers = {"Origin": STRANGER}
    for path in ("/v1/rules", "/v1/rules/none", "/v1/policies", "/v1/rules?debug=1", "/v1/nothing/here"):
        assert _shared_with(await client.get(path, headers=headers)) == "*", path
    for body in ({"interview": INTERVIEW}, {}, None):
        response = await client.post("/v1/schedule", json=body, headers=headers)
        assert _shared_with(response) == "*", response.text
        assert response.headers["access-control-expose-headers"] == EXPOSED
    assert _shared_with(await client.get("/v1/schedule", headers=headers)) == "*"  # 405


@pytest.mark.parametrize("path", PRIVATE)
async def test_what_is_for_operators_and_people_is_for_no_page_of_others(
    client: AsyncClient, database: Database, path: str
) -> None:
    _list(database, PAGE)
    for response in (await client.get(path, headers={"Origin": PAGE}), await _preflight(client, path)):
        assert response.is_success
        assert _shared_with(response) is None
        assert "Origin" not in _varies(response)


async def test_what_is_stateless_follows_the_exact_rule_where_an_operator_closed_it(
    app: FastAPI, client: AsyncClient, database: Database
) -> None:
    _list(database, PAGE)
    app.state.settings = app.state.settings.model_copy(update={"public_stateless": False})
    for origin, reader in ((PAGE, PAGE), (STRANGER, None)):
        response = await client.post("/v1/schedule", json={"interview": INTERVIEW}, headers={"Origin": origin})
        assert (response.status_code, _shared_with(response)) == (401, reader)
        assert _shared_with(await _preflight(client, "/v1/schedule", origin, "POST")) == reader
        assert _shared_with(await client.get("/v1/rules", headers={"Origin": origin})) == "*"


async def test_a_fault_of_ours_can_be_read_by_whom_it_concerns(app: FastAPI, database: Database) -> None:
    _list(database, PAGE)
    app.state.register = None  # whoever asks it, fails
    transport = ASGITransport(app, raise_app_exceptions=False)
    async with AsyncClient(transport=transport, base_url="http://test") as client:
        for origin, reader in ((PAGE, PAGE), (STRANGER, None)):
            headers = {"Origin": origin, "Authorization": f"Bearer {make_credential('aw_live_')}"}
            response = await client.get("/v1/interviews", headers=headers)
            assert (response.status_code, _shared_with(response)) == (500, reader)
            assert "Origin" in _varies(response)


async def test_every_answer_of_the_api_varies_by_origin_whoever_asks(client: AsyncClient) -> None:
    methods = ("GET", "HEAD", "POST", "DELETE", "OPTIONS", "BREW")
    for path, method in product(KEYED + OPEN, methods):
        for headers in ({}, {"Origin": PAGE}):
            response = await client.request(method, path, headers=headers)
            assert len(response.headers.get_list("vary")) == 1, (method, path)
            assert _varies(response).count("Origin") == 1, (method, path)


async def test_an_answer_varies_by_all_that_it_varies_by(client: AsyncClient) -> None:
    email = await client.post("/v1/emails/thank_you", json=EMAIL_REQUEST)
    assert set(_varies(email)) >= {"Accept", "Origin"}
    refused = await client.post("/v1/emails/thank_you", json={})
    assert _varies(refused) == ["Accept", "Origin"]
    rules = await client.get("/v1/rules", headers={"Accept-Encoding": "gzip"})
    assert _varies(rules) == ["Accept-Encoding", "Origin"]


# What may be sent


async def test_a_page_is_told_what_it_may_send(client: AsyncClient, database: Database) -> None:
    _list(database, PAGE)
    asked = {"Access-Control-Request-Headers": "authorization,if-none-match, X-Other,traceparent,cookie"}
    response = await _preflight(client, "/v1/interviews/int_1", **asked)
    assert (response.status_code, response.content) == (204, b"")
    assert _shared_with(response) == PAGE
    told = {name: value for name, value in response.headers.items() if name.startswith("access-control-")}
    assert told == {
        "access-control-allow-origin": PAGE,
        "access-control-allow-methods": "DELETE, GET, HEAD, OPTIONS, PATCH",
        "access-control-allow-headers": "Authorization, If-None-Match, traceparent",
        "access-control-max-age": "600",
    }
    assert _varies(response) == ["Access-Control-Request-Method", "Access-Control-Request-Headers", "Origin"]
    assert response.headers["x-request-id"]


async def test_every_header_that_means_something_to_us_may_be_sent(client: AsyncClient) -> None:
    asked = {"Access-Control-Request-Headers": ",".join(sorted(name.lower() for name in TAKEN))}
    response = await _preflight(client, "/v1/schedule", STRANGER, "POST", **asked)
    assert response.headers["access-control-allow-headers"] == ", ".join(TAKEN)
    parameters = {
        parameter.alias.lower()
        for route in OURS
        for parameter in (
            *route.dependant.header_params,
            *(p for d in route.dependant.dependencies for p in d.header_params),
        )
    }
    assert parameters <= {name.lower() for name in TAKEN}


async def test_a_preflight_of_what_needs_a_key_is_for_listed_pages_alone(
    client: AsyncClient, database: Database
) -> None:
    _list(database, PAGE)
    for path in KEYED:
        assert _shared_with(await _preflight(client, path)) == PAGE, path
        assert _shared_with(await _preflight(client, path, STRANGER)) is None, path


async def test_a_preflight_of_what_needs_none_is_for_every_page(client: AsyncClient) -> None:
    for path, origin in product([*OPEN, "/openapi.json"], (PAGE, STRANGER, "null")):
        assert _shared_with(await _preflight(client, path, origin)) == "*", path


def test_an_address_is_for_every_page_or_for_listed_ones_whatever_the_method() -> None:
    assert set(OPEN).isdisjoint(KEYED)


async def test_where_nothing_is_nothing_is_told(client: AsyncClient, database: Database) -> None:
    _list(database, PAGE)
    for path in ("/v1", "/v1/", "/v1/nothing", "/nothing", "/v1/interviews/", "/v1//interviews", "*"):
        for response in (await _preflight(client, path), await client.options(path)):
            assert (response.status_code, response.json()["title"]) == (404, "Not Found"), path
            assert "allow" not in response.headers, path


async def test_options_and_a_wrong_method_tell_the_same_methods(client: AsyncClient) -> None:
    for path in PATHS:
        methods = {"OPTIONS"}.union(*(route.methods or () for route in OURS if route.path_regex.match(path)))
        allowed = ", ".join(sorted(methods | {"HEAD"} if "GET" in methods else methods))
        options = await client.options(path)
        assert (options.status_code, options.content, options.headers["allow"]) == (204, b"", allowed)
        wrong = await client.request("BREW", path)
        assert (wrong.status_code, wrong.headers["allow"]) == (405, allowed)


async def test_preflights_are_measured_by_the_template_of_their_address(client: AsyncClient) -> None:
    assert (await _preflight(client, "/v1/interviews/int_seen_in_metrics")).status_code == 204
    assert b'{method="OPTIONS",route="/v1/interviews/{interview_id}",status="204"}' in show_metrics()
    assert b"int_seen_in_metrics" not in show_metrics()


async def test_preflights_are_not_limited(app: FastAPI, client: AsyncClient) -> None:
    app.state.settings = app.state.settings.model_copy(update={"rate_limit_address": 1})
    assert (await client.get("/v1/rules")).status_code == 200
    assert (await client.get("/v1/rules")).status_code == 429
    for _ in range(3):
        assert (await _preflight(client, "/v1/rules")).status_code == 204
    refused = await client.get("/v1/rules", headers={"Origin": STRANGER})
    assert (refused.status_code, _shared_with(refused)) == (429, "*")


# What is known of the pages


async def test_the_pages_of_every_account_count(database: Database) -> None:
    origins = Origins(database)
    _list(database, PAGE, "http://localhost:3000")
    _list(database, STRANGER, account="other")
    _list(database, account="a third")
    for origin in (PAGE, STRANGER, "http://localhost:3000"):
        assert await origins.include(origin)
    for origin in ("", "[", "[]", '"', "https://example.com"):
        assert not await origins.include(origin)


async def test_what_is_listed_counts_within_seconds_and_what_is_no_more_does_not(database: Database) -> None:
    assert KNOWN_FOR <= 5
    patient, prompt = Origins(database, known_for=3600), Origins(database, known_for=0)
    assert [await patient.include(PAGE), await prompt.include(PAGE)] == [False, False]
    _list(database, PAGE)
    assert [await patient.include(PAGE), await prompt.include(PAGE)] == [False, True]
    _list(database)
    assert [await patient.include(PAGE), await prompt.include(PAGE)] == [False, False]


async def test_what_an_account_changes_while_the_pages_are_read_is_read_again(database: Database) -> None:
    origins = Origins(database, known_for=3600)
    reading = asyncio.create_task(origins.include(PAGE))
    await asyncio.sleep(0)  # a thread is at it
    origins.renew()
    assert not await reading
    _list(database, PAGE)
    assert await origins.include(PAGE)


async def test_while_the_accounts_cannot_be_read_the_last_known_pages_count(
    client: AsyncClient, database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    _list(database, PAGE)
    assert _shared_with(await _preflight(client, "/v1/interviews")) == PAGE
    with database.begin() as connection:
        connection.execute(text("ALTER TABLE account RENAME TO gone"))
    for origin, reader in ((PAGE, PAGE), (STRANGER, None)):
        assert _shared_with(await _preflight(client, "/v1/interviews", origin)) == reader
        response = await client.get("/v1/interviews", headers={"Origin": origin})
        assert (response.status_code, _shared_with(response)) == (401, reader)
    assert {record.name for record in caplog.records} == {"app.origins"}
    with database.begin() as connection:
        connection.execute(text("ALTER TABLE gone RENAME TO account"))
    _list(database, STRANGER)
    assert _shared_with(await _preflight(client, "/v1/interviews", STRANGER)) == STRANGER


@asynccontextmanager
async def _served_without_a_database() -> AsyncIterator[AsyncClient]:
    url = "postgresql://nobody@127.0.0.1:1/nothing"
    app = create_app(Settings(database_url=url, secret_key=SECRET_KEY, rate_limit_address=0, _env_file=None))
    async with (
        app.router.lifespan_context(app),
        AsyncClient(transport=ASGITransport(app), base_url="http://test") as client,
    ):
        yield client


async def test_without_a_database_no_page_is_known_and_nothing_fails(caplog: pytest.LogCaptureFixture) -> None:
    async with _served_without_a_database() as client:
        answers = await asyncio.gather(*(_preflight(client, "/v1/interviews") for _ in range(20)))
        assert {(answer.status_code, _shared_with(answer)) for answer in answers} == {(204, None)}
        assert [record.name for record in caplog.records] == ["app.origins"]  # asked once, for all of them
        response = await client.get("/v1/interviews", headers={"Origin": PAGE})
        assert (response.status_code, _shared_with(response)) == (401, None)


async def test_what_needs_no_key_asks_no_database(caplog: pytest.LogCaptureFixture) -> None:
    async with _served_without_a_database() as client:
        for headers in ({}, {"Origin": PAGE}):
            assert (await client.post("/v1/schedule", json={"interview": INTERVIEW}, headers=headers)).is_success
            assert (await client.options("/v1/schedule", headers=headers)).is_success
        assert (await client.options("/v1/interviews")).is_success
    assert caplog.records == []


# A browser's own opinion

CHROMIUM = shutil.which("chromium")

SCRIPT = """<!doctype html><pre id="said"></pre><script>
const ask = async ([address, options]) => {
  try {
    const answer = await fetch(address, options);
    const { status, headers } = answer;
    return [status, (await answer.text()).length > 0, headers.has("ETag"), headers.has("X-Request-ID")];
  } catch (error) { return error.name; }
};
Promise.all(%s.map(ask)).then(all => { document.getElementById("said").textContent = JSON.stringify(all); });
</script>"""


@contextmanager
def _page(asked: list[Any]) -> Iterator[str]:
    """The origin of a page that asks for all this and shows what it could read."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write((SCRIPT % json.dumps(asked)).encode())

        def log_message(self, *_: object) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@contextmanager
def _serving(app: FastAPI) -> Iterator[str]:
    """Where a real server answers for this application."""
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_config=None, ws="none"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join()


def _show(page: str, profile: Path) -> list[Any]:
    """What a browser that opens the page has read in the end."""
    options = ["--headless", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=20000", "--dump-dom"]
    command = [CHROMIUM or "", *options, f"--user-data-dir={profile}", page]
    shown = subprocess.run(command, capture_output=True, check=True, timeout=120, text=True).stdout
    said: list[Any] = json.loads(shown.partition('<pre id="said">')[2].partition("</pre>")[0])
    return said


def _calls(api: str, interview_id: str, token: str) -> list[Any]:
    """What a page tries: a plan without a key, an interview with a token, with a condition, with what is not for it."""
    bearer = {"Authorization": f"Bearer {token}"}
    stored = f"{api}/v1/interviews/{interview_id}"
    body = json.dumps({"interview": INTERVIEW})
    return [
        [f"{api}/v1/schedule", {"method": "POST", "body": body, "headers": {"Content-Type": "application/json"}}],
        [stored, {"headers": bearer}],
        [stored, {"headers": {**bearer, "If-None-Match": "*"}}],
        [stored, {"headers": {**bearer, "If-Match": "*"}, "method": "DELETE"}],
        [stored, {"headers": {**bearer, "X-Unheard-Of": "1"}}],
        [stored, {"headers": bearer, "credentials": "include"}],
        [f"{api}/metrics", {}],
    ]


if CHROMIUM:  # where there is none, what it would ask and read is tested above all the same

    def test_a_browser_lets_a_listed_page_read_and_no_other(new_sqlite: NewDatabase, tmp_path: Path) -> None:
        listed: list[Any] = []
        with new_sqlite() as url, _page(listed) as page, _page(listed) as other:
            database = Database(url)
            with database.begin() as connection:
                key = create_key(connection, name="tests", account="default", now=datetime.now(UTC))
            _list(database, page)
            with _serving(create_app(Settings(database_url=url, secret_key=SECRET_KEY, _env_file=None))) as api:
                bearer = {"Authorization": f"Bearer {key}"}
                stored = httpx.post(f"{api}/v1/interviews", json=INTERVIEW, headers=bearer).json()
                listed += _calls(api, stored["id"], _token(database, stored["id"], page))
                plan, shown, known, forbidden, blocked = (
                    [200, True, False, True],
                    [200, True, True, True],
                    [304, False, True, True],
                    [403, True, False, True],
                    "TypeError",
                )
                assert _show(page, tmp_path / "one") == [plan, shown, known, forbidden, blocked, blocked, blocked]
                assert _show(other, tmp_path / "two") == [plan, *[blocked] * 6]
            database.dispose()
