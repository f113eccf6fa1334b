"""How late a follow-up is received on an idle service: in one process, and across two."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import NamedTuple

import httpx

from app.issuing import create_key
from bench.servers import serve
from bench.webhook_arrivals import Sink, open_sink, percentile, wait_for
from bench.webhook_ours import connect, environment, open_database, run_worker
from tests import postgres
from tests.faults.scenes import interview_due

COUNT = 100
APART = timedelta(milliseconds=50)
AHEAD = timedelta(seconds=2)
"""Between the last of them stored and the first of them due."""
STORING = timedelta(seconds=4)
"""For storing all of them."""
MARGIN = timedelta(milliseconds=1)
"""By which an arrival may seem to be too early: the log of the database counts microseconds, the network does not."""


class Case(NamedTuple):
    """Processes that share the work, and whether a follow-up is due when it is stored; the aim is in seconds, p99."""

    apart: bool
    stored_due: bool
    aim: float

    def __str__(self) -> str:
        processes = "`serve --no-worker` and `worker`" if self.apart else "`serve`"
        return f"{'stored already due' if self.stored_due else 'planned ahead'} | {processes}"


CASES = (
    Case(apart=False, stored_due=False, aim=0.05),
    Case(apart=True, stored_due=False, aim=0.05),
    Case(apart=False, stored_due=True, aim=0.05),
    Case(apart=True, stored_due=True, aim=1.5),
)


def run() -> list[str]:
    """A hundred of each, on SQLite and on PostgreSQL, one after the other."""
    rows = ["| follow-ups | processes | database | median | p99 | last | aim, p99 |", "|---|---|---|---|---|---|---|"]
    server, stop = postgres.start()
    try:
        with open_sink() as sink:
            for case, (name, url) in product(CASES, (("SQLite", None), ("PostgreSQL", server))):
                rows.append(_row(case, name, _measure(case, url, sink)))
    finally:
        stop()
    return rows


def _row(case: Case, database: str, late: list[float]) -> str:
    median, p99, last = (percentile(late, percent) * 1000 for percent in (50, 99, 100))
    aim = f"<= {case.aim * 1000:,.0f} ms"
    return f"| {case} | {database} | {median:,.1f} ms | **{p99:,.1f} ms** | {last:,.1f} ms | {aim} |"


def _measure(case: Case, server: str | None, sink: Sink) -> list[float]:
    """Seconds late, each."""
    sink.forget()
    with open_database(server) as url, _open_service(case, url) as client:
        client.post("/v1/webhook-endpoints", json={"url": sink.url(0)}).raise_for_status()
        time.sleep(AHEAD.total_seconds())  # for the service to come to rest
        due = _store_due(client) if case.stored_due else _plan_ahead(client)
        time.sleep(max(due[-1] - time.time(), 0))  # asking would disturb
        wait_for(sink.count, COUNT)
        late = [came - at for came, at in zip(_arrivals(sink), due, strict=True)]
    if min(late) < -MARGIN.total_seconds():
        raise RuntimeError(f"a webhook arrived {-min(late):.4f} seconds before it was due")
    return late


@contextmanager
def _open_service(case: Case, url: str) -> Iterator[httpx.Client]:
    with connect(url) as database, database.begin() as connection:
        key = create_key(connection, name="bench", account="default", now=datetime.now(UTC))
    alone = ["--no-worker"] if case.apart else []
    with (
        serve(["app", "serve", *alone], environment(url)) as port,
        run_worker(url) if case.apart else nullcontext(),
        httpx.Client(base_url=f"http://127.0.0.1:{port}", headers={"Authorization": f"Bearer {key}"}) as client,
    ):
        yield client


def _plan_ahead(client: httpx.Client) -> list[float]:
    """When each is due, in Unix seconds, at even distances."""
    first = datetime.now(UTC) + STORING + AHEAD
    due = [first + number * APART for number in range(COUNT)]
    for due_at in due:
        _post(client, due_at)
    if datetime.now(UTC) > first - AHEAD:
        raise RuntimeError("storing took too long: this machine is too busy")
    return [due_at.timestamp() for due_at in due]


def _store_due(client: httpx.Client) -> list[float]:
    """When each was asked to be stored, in Unix seconds."""
    due = []
    for _ in range(COUNT):
        now = datetime.now(UTC)
        due.append(now.timestamp())
        _post(client, now)
        time.sleep(APART.total_seconds())
    return due


def _arrivals(sink: Sink) -> list[float]:
    """When each came, in Unix seconds; they come in the order in which they are due."""
    log = httpx.get(f"http://127.0.0.1:{sink.port}/log").text.splitlines()
    return sorted(json.loads(line)[2] / 1e9 for line in log)


def _post(client: httpx.Client, due_at: datetime) -> None:
    body = interview_due(due_at).model_dump(mode="json", exclude_unset=True)
    client.post("/v1/interviews", json=body).raise_for_status()
