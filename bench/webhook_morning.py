"""Nine o'clock: 100,000 follow-ups due at once, and somebody who reads through the API meanwhile."""

import http.client
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import cycle
from pathlib import Path

from app.issuing import create_key
from bench.servers import serve
from bench.webhook_arrivals import Sink, percentile
from bench.webhook_ours import connect, drain, environment, open_database, run_worker, store
from bench.webhook_shapes import Shape, settle_down

ENDPOINTS, EACH = 100, 1000
READS_A_SECOND = 50
AT_REST_AFTER = 2.0
"""Seconds until processes that have just started are quiet."""
MOST_TIMES_SLOWER = 3.0
MOST_MEGABYTES = 300


class Reader(threading.Thread):
    """Reads one interview after the other through the API, at a steady pace, until stopped."""

    def __init__(self, port: int, key: str) -> None:
        super().__init__()
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self._headers = {"Authorization": f"Bearer {key}"}
        listed = json.loads(self._read("/v1/interviews?limit=100"))
        self._paths = cycle(f"/v1/interviews/{interview['id']}" for interview in listed["data"])
        self._reads: list[tuple[float, float]] = []  # when each began, and the seconds that it took
        self._stopped = threading.Event()

    def run(self) -> None:
        """What the thread does."""
        begun = time.time()
        while not self._stopped.wait(max(0, begun + 1 / READS_A_SECOND - time.time())):
            begun = time.time()
            self._read(next(self._paths))
            self._reads.append((begun, time.time() - begun))

    def stop(self) -> None:
        """Read no more."""
        self._stopped.set()
        self.join()
        self._connection.close()

    def p99(self, since: float, until: float) -> float:
        """Milliseconds, of the reads that began between two moments (Unix seconds)."""
        return 1000 * percentile([took for begun, took in self._reads if since <= begun < until], 99)

    def _read(self, path: str) -> bytes:
        self._connection.request("GET", path, headers=self._headers)
        answer = self._connection.getresponse()
        if answer.status != 200:
            raise RuntimeError(f"GET {path} was answered with {answer.status}")
        return answer.read()


def run(server: str, sink: Sink, scale: float) -> list[str]:
    """The rows of the table: what the morning took, and what a reader noticed."""
    shape = Shape(ENDPOINTS, round(EACH * scale))
    with open_database(server) as url, connect(url) as database:
        instant = store(database, sink, shape)
        with database.begin() as connection:
            key = create_key(connection, name="reader", account=sink.url(0), now=datetime.now(UTC))
        settle_down()
        with serve(["app", "serve", "--no-worker"], environment(url)) as port, run_worker(url) as worker:
            with _reading(port, key) as reader:
                since = time.time() + AT_REST_AFTER
                burst = drain(database, sink, shape, instant)
            megabytes = _peak_memory(worker)
    due_at = instant.timestamp()
    idle, busy = reader.p99(since, due_at), reader.p99(due_at, due_at + burst.seconds)
    return [
        f"| {shape.total:,} due at once, {shape.endpoints} endpoints, PostgreSQL | | aim |",
        "|---|---|---|",
        f"| rate | {burst.rate:,.0f}/s | |",
        f"| lateness of the last | {burst.last:.1f} s | |",
        f"| lost, doubled | {burst.lost}, {burst.doubled} | 0, 0 |",
        f"| p99 of `GET /v1/interviews/{{id}}`, idle | {idle:.1f} ms | |",
        f"| the same meanwhile | {busy:.1f} ms, **{busy / idle:.1f}** times | <= {MOST_TIMES_SLOWER:g} times |",
        f"| the worker's memory at its peak | {megabytes:.0f} MB | <= {MOST_MEGABYTES} MB |",
    ]


@contextmanager
def _reading(port: int, key: str) -> Iterator[Reader]:
    reader = Reader(port, key)
    reader.start()
    try:
        yield reader
    finally:
        reader.stop()


def _peak_memory(process_id: int) -> float:
    """Megabytes that a process has had resident at once."""
    status = Path(f"/proc/{process_id}/status").read_text()
    kilobytes = next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM:"))
    return int(kilobytes) / 1024
