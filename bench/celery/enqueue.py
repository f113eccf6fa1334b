"""Puts webhooks into the peer's queue, all for one instant, which it chooses so that all are there before.

Standard input is JSON: `urls`, `each` (how many webhooks a URL gets) and their `body`. Ends once the worker has taken
all of them into its memory, and prints the instant in Unix seconds.
"""

import json
import math
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from uuid import uuid4

from bench.celery.tasks import app, send_later

PATIENCE_SECONDS = 60
TRIED = 200
"""Webhooks by which it is found out how long one takes; they lie where nobody fetches them."""
SPARE = 3
"""How many times as long one may take, with the worker fetching meanwhile."""
SECONDS_BEFORE = 4
"""What is left, then, for the worker to come to rest."""


def enqueue(urls: list[str], each: int, body: str) -> float:
    """Wait for the worker, tell it everything, wait until it has heard; the instant."""
    _wait_until(lambda: bool(app.control.ping(timeout=0.5)))
    instant = _choose_instant(len(urls) * each, body)
    for _ in range(each):
        for url in urls:
            send_later.apply_async((url, f"msg_{uuid4().hex}", body), eta=instant)
    with app.connection_for_read() as connection:
        queue = connection.default_channel.client
        _wait_until(lambda: queue.llen(app.conf.task_default_queue) == 0)
    if time.time() > instant.timestamp():
        raise RuntimeError("it was due before it was in the queue: this machine is too busy")
    return instant.timestamp()


def _choose_instant(total: int, body: str) -> datetime:
    started_at = time.perf_counter()
    for _ in range(TRIED):
        send_later.apply_async(("", "", body), eta=datetime.now(UTC), queue="nobody")
    each = (time.perf_counter() - started_at) / TRIED
    return datetime.fromtimestamp(math.ceil(time.time() + total * each * SPARE + SECONDS_BEFORE), UTC)


def _wait_until(done: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not done():
        if time.monotonic() > deadline:
            raise TimeoutError(f"the worker is not there after {PATIENCE_SECONDS} seconds")
        time.sleep(0.02)


if __name__ == "__main__":
    print(enqueue(**json.load(sys.stdin)))
