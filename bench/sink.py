"""The receiver of the benchmarks, as cheap as one can be: answers at once, and remembers who came when.

`python -m bench.sink --port 9000`. `GET /count` says how many came, `GET /log` gives them as lines of JSON
(`[path, webhook-id, nanoseconds since 1970]`), `DELETE /log` forgets them. A POST without a signature is refused.
"""

import asyncio
import json
import re
import sys
import time
from typing import Any

import uvloop

LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
MESSAGE_ID = re.compile(rb"\r\nwebhook-id: *([^\r]+)", re.IGNORECASE)
SIGNATURE = re.compile(rb"\r\nwebhook-signature: *v1,", re.IGNORECASE)
TAKEN = b"HTTP/1.1 204 No Content\r\n\r\n"
REFUSED = b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"


class Receiver(asyncio.Protocol):
    """One kept-alive connection; all of them share one log of (path, webhook-id, time of arrival)."""

    log: list[tuple[bytes, bytes, int]] = []  # noqa: RUF012 - shared, as it says

    def __init__(self) -> None:
        self._received = b""
        self._transport: Any = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._received += data
        while (end := self._received.find(b"\r\n\r\n")) >= 0:
            head = self._received[: end + 2]
            length = LENGTH.search(head)
            whole = end + 4 + int(length[1] if length else 0)
            if len(self._received) < whole:
                return
            self._received = self._received[whole:]
            self._transport.write(self._answer(head))

    def _answer(self, head: bytes) -> bytes:
        now = time.time_ns()
        method, path, _ = head.split(b" ", 2)
        match method, path:
            case b"POST", _:
                return self._take(path, head, now)
            case b"GET", b"/count":
                return _ok(str(len(self.log)))
            case b"GET", b"/log":
                return _ok("".join(json.dumps([path.decode(), id.decode(), at]) + "\n" for path, id, at in self.log))
            case b"DELETE", b"/log":
                self.log.clear()
                return TAKEN
        return REFUSED

    def _take(self, path: bytes, head: bytes, now: int) -> bytes:
        message_id = MESSAGE_ID.search(head)
        if message_id is None or SIGNATURE.search(head) is None:
            return REFUSED
        self.log.append((path, message_id[1], now))
        return TAKEN


def _ok(text: str) -> bytes:
    return f"HTTP/1.1 200 OK\r\nContent-Length: {len(text)}\r\n\r\n{text}".encode()


async def _serve(port: int) -> None:
    server = await asyncio.get_running_loop().create_server(Receiver, "127.0.0.1", port, backlog=1024)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(_serve(int(sys.argv[sys.argv.index("--port") + 1])))
