"""A small load generator: some connections to one address of this machine, each with one request at a time."""

import asyncio
import time
from functools import partial
from typing import Any

import uvloop


class Connection(asyncio.Protocol):
    """Sends the next request as soon as the answer to the last one is whole; counts answers until told to stop."""

    def __init__(self, requests: list[bytes], expected: bytes) -> None:
        self.requests, self.expected = requests, expected
        self.answered = 0
        self.failed: bytes | None = None
        self._received = b""
        self._stopping = False
        self._transport: Any = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        self._send()

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, found, body = self._received.partition(b"\r\n\r\n")
        if not found or len(body) < _content_length(head):
            return
        if self.expected not in head.partition(b"\r\n")[0]:
            self.failed = self._received
            self._stopping = True
        self._received = b""
        self.answered += 1
        if not self._stopping:
            self._send()

    def stop(self) -> None:
        """Send nothing more."""
        self._stopping = True

    def close(self) -> None:
        """Hang up."""
        self._transport.close()

    def _send(self) -> None:
        self._transport.write(self.requests[self.answered % len(self.requests)])


def _content_length(head: bytes) -> int:
    for line in head.split(b"\r\n"):
        if line.lower().startswith(b"content-length:"):
            return int(line.partition(b":")[2])
    raise ValueError(f"no Content-Length in {head!r}")


def measure(port: int, requests: list[bytes], *, expected: bytes, seconds: float, connections: int) -> float:
    """Answers a second; raises on the first answer whose status is not `expected`."""
    return uvloop.run(_measure(port, requests, expected, seconds, connections))


async def _measure(port: int, requests: list[bytes], expected: bytes, seconds: float, connections: int) -> float:
    loop = asyncio.get_running_loop()
    clients: list[Connection] = []
    for number in range(connections):
        first = number % len(requests)
        connect = partial(Connection, requests[first:] + requests[:first], expected)
        clients.append((await loop.create_connection(connect, "127.0.0.1", port))[1])
    start = time.perf_counter()
    await asyncio.sleep(seconds)
    answered, elapsed = sum(client.answered for client in clients), time.perf_counter() - start
    for client in clients:
        client.stop()
    await asyncio.sleep(0.2)
    for client in clients:
        client.close()
    if failed := next((client.failed for client in clients if client.failed), None):
        raise RuntimeError(f"unexpected answer: {failed[:600]!r}")
    return answered / elapsed


def request(method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None) -> bytes:
    """A whole HTTP/1.1 request as bytes."""
    lines = [
        f"{method} {path} HTTP/1.1",
        "Host: 127.0.0.1",
        *(f"{name}: {value}" for name, value in (headers or {}).items()),
    ]
    if body:
        lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    return "\r\n".join([*lines, "", ""]).encode() + body
