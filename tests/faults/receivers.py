"""A receiver of webhooks that notes what it gets, verifies it, and answers as it is told."""

import json
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Received:
    """One request, as it came."""

    path: str
    headers: dict[str, str]
    body: bytes
    at: float

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    @property
    def payload(self) -> Any:
        return json.loads(self.body)


SAID = b"What Ana got was noted."
"""The body of an answer that has one."""

Behaviour = Callable[[Received], int]
"""The status to answer with; it may take its time, or raise ConnectionError to hang up."""


@dataclass
class Receiver:
    """Where it listens, what it got, and how it behaves."""

    url: str = ""
    behave: Behaviour = lambda _: 204
    received: list[Received] = field(default_factory=list)
    answered: int = 0
    gone: threading.Event = field(default_factory=threading.Event)

    def hang(self, _: Received) -> int:
        """Behave like one that never answers."""
        self.gone.wait()
        raise ConnectionError

    def ids(self) -> Counter[str]:
        """How often each message came."""
        return Counter(request.id for request in self.received.copy())

    def payloads(self) -> list[Any]:
        return [request.payload for request in self.received.copy()]


@contextmanager
def receiver(port: int = 0, behave: Behaviour = lambda _: 204) -> Iterator[Receiver]:
    """A receiver on loopback, gone with the block."""
    state = Receiver(behave=behave)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            request = Received(self.path, headers, body, time.time())
            state.received.append(request)
            try:
                status = state.behave(request)
            except ConnectionError:
                self.close_connection = True
                return
            self.send_response(status)
            said = b"" if status == HTTPStatus.NO_CONTENT else SAID
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)
            state.answered += 1

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        request_queue_size = 512

        def handle_error(self, request: object, client_address: object) -> None:
            """A worker that was killed hangs up in the middle; that is what is tested."""

    server = Server(("127.0.0.1", port), Handler)
    state.url = f"http://127.0.0.1:{server.server_port}/hook"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield state
    finally:
        state.gone.set()
        server.shutdown()
        thread.join()
        server.server_close()
