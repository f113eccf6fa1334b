"""What every exchange has: an id, `HEAD` where `GET` is, compression that leaves tags true. Some of it on a wire."""

import gzip
import re
import socket
import threading
import time
from collections.abc import AsyncIterator, Iterator

import pytest
import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from httpx import ASGITransport, AsyncClient, Client, Response
from starlette.types import Message, Receive, Scope, Send

from app.examples import INTERVIEW
from app.exchange import GZIPPED_FROM, Exchange, carry, trace_of
from app.logs import REQUEST_ID
from app.main import create_app
from app.settings import Settings
from tests.conftest import SECRET_KEY, NewDatabase

LONG = {
    **INTERVIEW,
    "interviewers": [{"name": name, "title": "Engineer " * 20} for name in ("Priya", "Sam", "Kim", "Lou")],
}
PATHS = ["/livez", "/readyz", "/metrics", "/openapi.json", "/docs", "/docs/swagger-ui.css", "/docs/favicon.png"]
PATHS += ["/v1/rules", "/v1/policies", "/v1/interviews", "/v1/schedule", "/v1/nothing", "/nothing"]


def _without_own(response: Response) -> dict[str, str]:
    """The headers that two answers to the same request have in common."""
    own = {"x-request-id", "ratelimit", "date", "content-length" if response.url.path == "/metrics" else "x-request-id"}
    return {name: value for name, value in response.headers.items() if name not in own}


@pytest.fixture
async def careless(app: FastAPI) -> AsyncIterator[AsyncClient]:
    """Somebody who reads the answer to a fault of ours, as over a wire."""
    transport = ASGITransport(app, raise_app_exceptions=False)
    async with AsyncClient(transport=transport, base_url="http://test") as client:
        yield client


# The id


@pytest.mark.parametrize("sent", ["a", "0" * 128, "7f3c-11_A.b:c/d+e=="])
async def test_an_id_that_was_sent_is_answered(client: AsyncClient, sent: str) -> None:
    assert (await client.get("/livez", headers={"X-Request-ID": sent})).headers["x-request-id"] == sent


@pytest.mark.parametrize(
    "sent",
    [b"", b"0" * 129, b"a b", b"a\tb", b"\xe9", b"\x7f", "ä".encode(), b"!", b"a,b", b'"<&>"', b"ana@example.com"],
)
async def test_an_id_that_is_none_is_answered_by_one_of_ours(client: AsyncClient, sent: bytes) -> None:
    response = await client.get("/livez", headers={b"X-Request-ID": sent})
    assert re.fullmatch("[0-9a-f]{32}", response.headers["x-request-id"])


async def test_no_two_exchanges_get_the_same_id(client: AsyncClient) -> None:
    assert len({(await client.get("/livez")).headers["x-request-id"] for _ in range(20)}) == 20


async def test_every_answer_has_the_id(app: FastAPI, authorized: AsyncClient, careless: AsyncClient) -> None:
    sent = {"X-Request-ID": "mine"}
    stored = (await authorized.post("/v1/interviews", json=INTERVIEW)).json()["id"]
    answers = [
        await authorized.get("/livez", headers=sent),
        await authorized.get(f"/v1/interviews/{stored}", headers={**sent, "If-None-Match": "*"}),
        await authorized.get("/nothing", headers=sent),
        await authorized.put("/v1/schedule", headers=sent),
        await authorized.post("/v1/schedule", content=b" " * 300_000, headers=sent),
        await authorized.post("/v1/schedule", json={}, headers=sent),
        await authorized.options("/v1/schedule", headers=sent),
        await authorized.head("/livez", headers=sent),
        await authorized.delete(f"/v1/interviews/{stored}", headers=sent),
        await careless.get("/v1/interviews", headers=sent),
    ]
    app.state.register = app.state.policies = None  # whoever asks them, fails
    answers.append(await careless.post("/v1/schedule", json={"interview": INTERVIEW}, headers=sent))
    statuses = [answer.status_code for answer in answers]
    assert statuses == [200, 304, 404, 405, 413, 422, 204, 200, 204, 401, 500]
    assert {answer.headers["x-request-id"] for answer in answers} == {"mine"}


async def test_lines_that_are_logged_meanwhile_have_the_id() -> None:
    seen: list[str] = []

    async def note(_scope: Scope, _receive: Receive, send: Send) -> None:
        seen.append(REQUEST_ID.get())
        await send({"type": "http.response.start", "status": 204})

    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        return {"type": "http.request"}

    await Exchange(note)({"type": "http", "method": "GET", "headers": [(b"x-request-id", b"mine")]}, receive, send)
    assert seen == ["mine"]
    assert sent[0]["headers"] == [(b"x-request-id", b"mine")]


async def test_what_is_carried_stands_in_one_line_with_what_is_answered() -> None:
    app = FastAPI()
    app.add_middleware(Exchange)

    @app.get("/carrying")
    async def answer(request: Request) -> JSONResponse:
        carry(request.scope, "Vary", "Origin")
        carry(request.scope, "X-Own", "one")
        return JSONResponse({}, headers={"Vary": "Accept"})

    async with AsyncClient(transport=ASGITransport(app), base_url="http://test") as client:
        headers = (await client.get("/carrying")).headers
    assert (headers.get_list("vary"), headers["x-own"]) == (["Accept, Origin"], "one")


@pytest.mark.parametrize(
    ("sent", "taken"),
    [
        ("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", True),
        ("00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01", False),
        ("00-00000000000000000000000000000000-00f067aa0ba902b7-01", False),
        ("00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01", False),
        ("ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", False),
        ("01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01x", False),
        ("01-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01-x", False),
        ("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-x", False),
        ("", False),
        ("\xe9", False),
    ],
)
def test_a_trace_is_taken_as_the_standard_has_it(sent: str, *, taken: bool) -> None:
    scope = {"headers": [(b"traceparent", sent.encode("latin-1"))]}
    assert trace_of(scope) == (sent if taken else None)


@pytest.mark.parametrize(("sent", "taken"), [("01", "01"), ("00", "00"), ("ff-what-may-come", "01"), ("02-", "00")])
def test_a_trace_of_a_later_version_is_read_by_the_fields_of_this_one(sent: str, taken: str) -> None:
    ids = "4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7"
    scope = {"headers": [(b"traceparent", f"cc-{ids}-{sent}".encode())]}
    assert trace_of(scope) == f"00-{ids}-{taken}"


# HEAD


@pytest.mark.parametrize("encoding", ["identity", "gzip"])
async def test_head_is_get_without_a_body(authorized: AsyncClient, encoding: str) -> None:
    assert (await authorized.post("/v1/interviews", json=LONG)).status_code == 201
    for path in PATHS:
        get = await authorized.get(path, headers={"Accept-Encoding": encoding})
        head = await authorized.head(path, headers={"Accept-Encoding": encoding})
        assert (head.status_code, head.content) == (get.status_code, b""), path
        assert _without_own(head) == _without_own(get), path
        assert int(head.headers["content-length"]) > 0, path


async def test_head_reads_and_never_writes(authorized: AsyncClient) -> None:
    stored = (await authorized.post("/v1/interviews", json=INTERVIEW)).json()
    address = f"/v1/interviews/{stored['id']}"
    shown = await authorized.get(address)
    head = await authorized.head(address)
    assert (head.headers["etag"], head.headers["content-length"]) == (shown.headers["etag"], str(len(shown.content)))
    known = await authorized.head(address, headers={"If-None-Match": shown.headers["etag"]})
    assert (known.status_code, known.content) == (304, b"")


# Compression


@pytest.mark.parametrize("path", ["/v1/rules", "/openapi.json", "/metrics", "/docs/swagger-ui.css", "/docs"])
async def test_a_larger_answer_is_the_same_compressed(client: AsyncClient, path: str) -> None:
    plain = await client.get(path, headers={"Accept-Encoding": "identity"})
    small = await client.get(path, headers={"Accept-Encoding": "gzip"})
    assert (plain.status_code, small.status_code) == (200, 200)
    assert "content-encoding" not in plain.headers
    if path != "/metrics":
        assert small.content == plain.content
    compressed = len(plain.content) >= GZIPPED_FROM and "etag" not in plain.headers
    assert ("content-encoding" in small.headers) is compressed
    for response in (plain, small):
        assert ("Accept-Encoding" in response.headers.get("vary", "")) is compressed


@pytest.mark.parametrize(
    ("sent", "compressed"),
    [
        (["gzip"], True),
        (["br", "gzip"], True),
        (["identity, gzip"], True),
        (["gzip;q=0"], False),
        (["gzip;q=0", "*"], False),
        (["notgzip"], False),
    ],
)
async def test_compressed_is_what_every_line_of_the_header_together_asks_for(
    client: AsyncClient, sent: list[str], *, compressed: bool
) -> None:
    del client.headers["accept-encoding"]
    response = await client.get("/v1/rules", headers=[("Accept-Encoding", each) for each in sent])
    assert ("content-encoding" in response.headers) is compressed
    assert response.headers["vary"].startswith("Accept-Encoding")


async def test_a_small_answer_is_left_as_it_is(client: AsyncClient) -> None:
    response = await client.get("/livez", headers={"Accept-Encoding": "gzip"})
    assert "content-encoding" not in response.headers
    assert response.headers["content-length"] == str(len(response.content))


async def test_what_has_a_tag_is_the_same_bytes_for_everybody_and_the_tag_works(authorized: AsyncClient) -> None:
    stored = await authorized.post("/v1/interviews", json=LONG, headers={"Accept-Encoding": "gzip"})
    address = stored.headers["location"]
    answers = [stored]
    answers += [await authorized.get(address, headers={"Accept-Encoding": each}) for each in ("gzip", "identity")]
    assert len(stored.content) > GZIPPED_FROM
    assert {answer.content for answer in answers} == {stored.content}
    assert not any("content-encoding" in answer.headers for answer in answers)
    (tag,) = {answer.headers["etag"] for answer in answers}
    assert tag.startswith('"')
    unchanged = await authorized.get(address, headers={"If-None-Match": tag, "Accept-Encoding": "gzip"})
    assert (unchanged.status_code, unchanged.headers["etag"]) == (304, tag)
    changed = await authorized.patch(address, json={"company": "Contoso"}, headers={"If-Match": tag})
    assert (changed.status_code, "content-encoding" in changed.headers) == (200, False)
    again = await authorized.patch(address, json={"company": "Fabrikam"}, headers={"If-Match": tag})
    assert again.status_code == 412


async def test_a_list_of_what_has_tags_is_compressed(authorized: AsyncClient) -> None:
    assert (await authorized.post("/v1/interviews", json=LONG)).status_code == 201
    response = await authorized.get("/v1/interviews", headers={"Accept-Encoding": "gzip"})
    assert (response.headers["content-encoding"], "etag" in response.headers) == ("gzip", False)
    assert int(response.headers["content-length"]) < len(response.content)


# On a wire


@pytest.fixture(scope="module")
def address(new_sqlite: NewDatabase) -> Iterator[tuple[str, int]]:
    """Where a real server listens."""
    with new_sqlite() as url:
        app = create_app(Settings(database_url=url, secret_key=SECRET_KEY, _env_file=None))
        server = uvicorn.Server(uvicorn.Config(app, port=0, log_config=None, ws="none"))
        thread = threading.Thread(target=server.run)
        thread.start()
        while not server.started:
            time.sleep(0.01)
        yield server.servers[0].sockets[0].getsockname()[:2]
        server.should_exit = True
        thread.join()


def _say(address: tuple[str, int], *lines: str) -> bytes:
    """Everything that comes back to a request of these lines, until the server ends the connection."""
    with socket.create_connection(address, timeout=30) as connection:
        connection.sendall("\r\n".join([*lines, "Host: test", "Connection: close", "", ""]).encode())
        return b"".join(iter(lambda: connection.recv(65536), b""))


@pytest.mark.parametrize("path", PATHS)
def test_a_connection_goes_on_after_head_as_after_get(
    address: tuple[str, int], path: str, caplog: pytest.LogCaptureFixture
) -> None:
    with Client(base_url=f"http://{address[0]}:{address[1]}") as client:
        get = client.get(path)
        for method in ("HEAD", "OPTIONS", "HEAD", "GET"):
            response = client.request(method, path)
            if method != "OPTIONS":
                assert (response.status_code, _without_own(response)) == (get.status_code, _without_own(get))
    assert not caplog.records  # the server has not complained about a body that is shorter than its length


def test_no_byte_of_a_body_follows_the_head(address: tuple[str, int]) -> None:
    for path in ("/v1/rules", "/docs/swagger-ui.css", "/nothing"):
        said = _say(address, f"HEAD {path} HTTP/1.1")
        head, _, rest = said.partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 ")
        assert rest == b""


def test_what_is_compressed_is_gzip_on_the_wire(address: tuple[str, int]) -> None:
    said = _say(address, "GET /v1/rules HTTP/1.1", "Accept-Encoding: gzip")
    head, _, body = said.partition(b"\r\n\r\n")
    assert b"content-encoding: gzip" in head
    assert f"content-length: {len(body)}".encode() in head
    assert gzip.decompress(body).startswith(b'{"data":[')
