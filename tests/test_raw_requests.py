"""Requests as bytes on a wire, to a real server: lengths, chunks, encodings, callers who leave."""

import json
import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
import uvicorn

from app.errors import MEDIA_TYPE
from app.examples import INTERVIEW
from app.main import create_app
from app.settings import Settings
from tests.conftest import SECRET_KEY, NewDatabase


@pytest.fixture(scope="module")
def port(new_sqlite: NewDatabase) -> Iterator[int]:
    """Where a real server listens."""
    with new_sqlite() as url:
        app = create_app(Settings(database_url=url, secret_key=SECRET_KEY, _env_file=None))
        server = uvicorn.Server(uvicorn.Config(app, port=0, log_config=None, ws="none"))
        thread = threading.Thread(target=server.run)
        thread.start()
        while not server.started:
            time.sleep(0.01)
        yield server.servers[0].sockets[0].getsockname()[1]
        server.should_exit = True
        thread.join()


def _say(port: int, head: str, *pieces: bytes) -> tuple[int, dict[str, Any]]:
    """Send these very bytes; the status and the document that come back."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(f"POST /v1/schedule HTTP/1.1\r\nHost: test\r\nConnection: close\r\n{head}\r\n\r\n".encode())
        try:
            for piece in pieces:
                connection.sendall(piece)
        except (BrokenPipeError, ConnectionResetError):
            pass  # it has heard enough
        answer = b""
        try:
            while received := connection.recv(65536):
                answer += received
        except ConnectionResetError:
            pass  # it has said enough
    headers, _, body = answer.partition(b"\r\n\r\n")
    assert MEDIA_TYPE.encode() in headers or b" 200 " in headers, answer
    return int(answer.split()[1]), json.loads(body)


CONTENT = "Content-Type: application/json"
ASKED = json.dumps({"interview": INTERVIEW}).encode()


def _chunk(data: bytes) -> bytes:
    return f"{len(data):x}\r\n".encode() + data + b"\r\n"


def test_ten_megabytes_are_not_waited_for(port: int) -> None:
    status, document = _say(port, f"{CONTENT}\r\nContent-Length: 10000000", b" " * 100_000)
    assert (status, document["title"]) == (413, "Content Too Large")


def test_ten_megabytes_in_chunks_are_counted_as_they_arrive(port: int) -> None:
    status, document = _say(port, f"{CONTENT}\r\nTransfer-Encoding: chunked", *[_chunk(b" " * 100_000)] * 100)
    assert (status, document["title"]) == (413, "Content Too Large")


def test_a_body_in_chunks_is_read(port: int) -> None:
    pieces = [_chunk(ASKED[start : start + 100]) for start in range(0, len(ASKED), 100)]
    status, document = _say(port, f"{CONTENT}\r\nTransfer-Encoding: chunked", *pieces, b"0\r\n\r\n")
    assert (status, document["policy"]) == (200, "balanced")


@pytest.mark.parametrize("encoding", ["gzip", "br", "identity, gzip", "x"])
def test_an_encoded_body_is_refused(port: int, encoding: str) -> None:
    head = f"{CONTENT}\r\nContent-Encoding: {encoding}\r\nContent-Length: {len(ASKED)}"
    status, document = _say(port, head, ASKED)
    assert (status, document["errors"][0]["header"]) == (415, "Content-Encoding")


def test_a_plain_curl_is_told_what_to_add(port: int) -> None:
    head = f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(ASKED)}"
    status, document = _say(port, head, ASKED)
    assert status == 415
    assert "add -H 'Content-Type: application/json'" in document["detail"]


@pytest.mark.parametrize(
    "body", [b"\x00" * 100, b"\xff\xfe" + ASKED, ASKED.replace(b"Northwind", b"\xc3\x28"), b"{" * 9999]
)
def test_raw_bytes_are_refused(port: int, body: bytes) -> None:
    status, _ = _say(port, f"{CONTENT}\r\nContent-Length: {len(body)}", body)
    assert status in {400, 422}


def test_the_server_lives_on_when_a_caller_leaves_early(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(
            f"POST /v1/schedule HTTP/1.1\r\nHost: x\r\n{CONTENT}\r\nContent-Length: 999\r\n\r\n{{".encode()
        )
    status, _ = _say(port, f"{CONTENT}\r\nContent-Length: {len(ASKED)}", ASKED)
    assert status == 200
