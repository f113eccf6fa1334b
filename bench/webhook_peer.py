"""The peer of the burst: Celery on a Redis of its own, started for the benchmark and ended with it."""

import json
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from app.schemas.webhook_events import EXAMPLES
from bench.webhook_arrivals import Burst, Sink, wait_for
from bench.webhook_shapes import Shape, run_process, settle_down

PYTHON = Path(__file__).parent / "celery" / ".venv" / "bin" / "python"
WORKER = ["-m", "celery", "-A", "bench.celery.tasks", "worker", "--pool", "prefork", "--concurrency", "2"]
QUIET = ["--loglevel", "ERROR"]

BODY = json.dumps(EXAMPLES["follow_up.due"])
"""As long as ours."""


def find_fault() -> str | None:
    """Why the peer cannot be run here, if it cannot."""
    if shutil.which("redis-server") is None:
        return "redis-server is not on the path: install Redis to measure against Celery."
    if not PYTHON.exists():
        return "The peer is not installed: run `make bench-webhooks`."
    return None


@contextmanager
def open_redis() -> Iterator[str]:
    """The broker's URL: a Redis that keeps nothing, behind a socket in a folder of its own."""
    with tempfile.TemporaryDirectory(prefix="redis-", dir="/tmp") as folder:
        path = Path(folder) / "redis.sock"
        options = ["--port", "0", "--unixsocket", str(path), "--save", "", "--appendonly", "no", "--dir", folder]
        with run_process(["redis-server", *options]):
            while not path.exists():
                time.sleep(0.02)
            yield f"redis+socket://{path}"


def burst(broker: str, sink: Sink, shape: Shape) -> Burst:
    """Celery sends as many webhooks, due at one instant, to as many endpoints."""
    sink.forget()
    settle_down()
    with run_process([str(PYTHON), "-W", "ignore", *WORKER, *QUIET], {"BENCH_BROKER_URL": broker}):
        instant = _enqueue(broker, sink, shape)
        wait_for(sink.count, shape.total)
        time.sleep(0.2)  # for doubles
        return sink.read(instant, shape.total, settled_at=0)  # it notes nothing afterwards


def _enqueue(broker: str, sink: Sink, shape: Shape) -> float:
    asked = {"urls": [sink.url(number) for number in range(shape.endpoints)], "each": shape.each, "body": BODY}
    done = subprocess.run(
        [str(PYTHON), "-m", "bench.celery.enqueue"],
        input=json.dumps(asked),
        env={**os.environ, "BENCH_BROKER_URL": broker},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return float(done.stdout)
