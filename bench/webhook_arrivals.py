"""What arrived at the sink, and what a burst comes to."""

import http.client
import json
import math
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple

from bench.servers import serve

PATIENCE_SECONDS = 60
"""How long nothing may happen before a burst counts as stuck."""


class Burst(NamedTuple):
    """What came of webhooks that were all due at one instant."""

    expected: int
    seconds: float
    """From that instant until the last one was received and settled."""
    p99: float
    """Seconds late, of the 99th in a hundred to arrive."""
    last: float
    """Seconds late."""
    lost: int
    doubled: int

    @property
    def rate(self) -> float:
        """Webhooks a second."""
        return self.expected / self.seconds


class Sink:
    """The receiver, asked from outside."""

    def __init__(self, port: int) -> None:
        self.port = port

    def url(self, number: int) -> str:
        """The address of one of its endpoints."""
        return f"http://127.0.0.1:{self.port}/endpoints/{number}"

    def forget(self) -> None:
        """Begin a new log."""
        self._ask("DELETE", "/log")

    def count(self) -> int:
        """How many came."""
        return int(self._ask("GET", "/count"))

    def read(self, instant: float, expected: int, settled_at: float) -> Burst:
        """What came of a burst that was due at `instant`, and settled at `settled_at` (both in Unix seconds)."""
        log = [json.loads(line) for line in self._ask("GET", "/log").splitlines()]
        times = Counter(message_id for _, message_id, _ in log)
        late = [at / 1e9 - instant for _, _, at in log]
        if min(late) < 0:
            raise RuntimeError(f"a webhook arrived {-min(late):.3f} seconds before it was due")
        return Burst(
            expected=expected,
            seconds=max(settled_at - instant, *late),
            p99=percentile(late, 99),
            last=max(late),
            lost=expected - len(times),
            doubled=len(log) - len(times),
        )

    def _ask(self, method: str, path: str) -> str:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        connection.request(method, path)
        answer = connection.getresponse().read().decode()
        connection.close()
        return answer


@contextmanager
def open_sink() -> Iterator[Sink]:
    """The receiver, in a process of its own."""
    with serve(["bench.sink"], {}) as port:
        yield Sink(port)


def wait_for(count: Callable[[], int], expected: int) -> None:
    """Until as many are counted. Raises TimeoutError when nothing moves for long."""
    seen, moved_at = -1, time.monotonic()
    while (now_seen := count()) < expected:
        if now_seen != seen:
            seen, moved_at = now_seen, time.monotonic()
        elif time.monotonic() - moved_at > PATIENCE_SECONDS:
            raise TimeoutError(f"{seen} of {expected}, and no more for {PATIENCE_SECONDS} seconds")
        time.sleep(0.02)


def percentile(values: Sequence[float], percent: int) -> float:
    """The least value that so many in a hundred do not exceed."""
    return sorted(values)[math.ceil(len(values) * percent / 100) - 1]
