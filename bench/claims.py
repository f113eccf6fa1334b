"""How long taking deliveries takes, however long the log has grown, and how much more several workers take.

`python -m bench claims [--scale 0.1]`: the log holds 10 thousand, 1 and 10 million settled deliveries on PostgreSQL (5
million at most on SQLite), and 100,000 are open on one endpoint beside those of fifty others.
"""

import multiprocessing
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, make_url, text

from app.store.db import Database
from app.store.migrate import upgrade
from app.webhooks.attempts import Answer
from app.webhooks.fairness import Limits
from app.webhooks.leasing import Leased, lease
from app.webhooks.retry import Verdict
from app.webhooks.settling import Outcome, settle
from tests import postgres

SIZES = {"PostgreSQL": (10_000, 1_000_000, 10_000_000), "SQLite": (10_000, 5_000_000)}
ENDPOINTS, MANY_ENDPOINTS = 51, 1001
BACKLOG, PER_MESSAGE = 100_000, 10
ROUNDS, AT_ONCE = 150, 100
FOR_WORKERS = 30_000
NOW = datetime(2026, 11, 20, 14, 0, tzinfo=UTC)
LIMITS = Limits(in_flight=10, per_account=50, lease=timedelta(seconds=60))
ANSWER = Answer(NOW, 5, 204, None, "", truncated=False, retry_after=None)

MESSAGE = "message (account_id, id, type, interview_id, follow_up_id, moment, payload, created_at)"


def run(scale: float = 1) -> list[str]:
    """The tables' rows."""
    return [
        "| database | settled deliveries in the log | taking 100 of 51 lanes | of the smallest |",
        "|---|---|---|---|",
        *(row for kind in SIZES for row in _measure_growth(kind, scale)),
        "",
        "| workers | deliveries taken and settled | of one | taken twice |",
        "|---|---|---|---|",
        *_measure_workers(scale),
    ]


def _measure_growth(kind: str, scale: float) -> Iterator[str]:
    sizes = [SIZES[kind][0], *(int(size * scale) for size in SIZES[kind][1:])]
    with ExitStack() as stack:
        databases = [stack.enter_context(_filled(url, size)) for url, size in _urls(stack, kind, sizes)]
        times: list[list[float]] = [[] for _ in sizes]
        for _ in range(ROUNDS):
            for database, taken in zip(databases, times, strict=True):
                taken.append(_take(database))
    medians = [statistics.median(taken[10:]) for taken in times]
    for size, median in zip(sizes, medians, strict=True):
        yield f"| {kind} | {size:,} | {median * 1e3:.1f} ms | **{median / medians[0]:.2f}** |"


def _urls(stack: ExitStack, kind: str, sizes: Sequence[int]) -> Iterator[tuple[str, int]]:
    """A new database for each size."""
    if kind == "SQLite":
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        yield from ((f"sqlite:///{folder}/{size}.db", size) for size in sizes)
        return
    server, stop = postgres.start()
    stack.callback(stop)
    for size in sizes:
        yield _create(server, f"log_{size}"), size


def _create(server: str, name: str) -> str:
    database = Database(server, connections=1)
    with database.peek() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    database.dispose()
    return make_url(server).set(database=name).render_as_string(hide_password=False)


@contextmanager
def _filled(
    url: str, settled: int, endpoints: int = ENDPOINTS, backlog: int = BACKLOG, of_others: int = 20
) -> Iterator[Database]:
    """A database with such a log, a backlog on the first endpoint, and some open deliveries on each of the others."""
    upgrade(url)
    database = Database(url)
    with database.begin() as connection:
        _fill(connection, settled, endpoints, backlog, of_others)
    if database.dialect == "postgresql":
        with database.peek() as connection:
            connection.execute(text("VACUUM ANALYZE"))
    yield database
    database.dispose()


def _fill(connection: Connection, settled: int, endpoints: int, backlog: int, of_others: int) -> None:
    on_server = connection.dialect.name == "postgresql"
    if on_server:  # the rows fit by construction, and checking ten million would take minutes
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        connection.execute(text("SET LOCAL statement_timeout = 0"))
    else:
        connection.execute(text("PRAGMA defer_foreign_keys = ON"))
    numbers = (
        "SELECT n FROM generate_series(0, :most - 1) AS n"
        if on_server
        else "WITH RECURSIVE s(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM s WHERE n < :most - 1) SELECT n FROM s"
    )

    def insert(table: str, values: str, most: int) -> None:
        sql = f"INSERT INTO {table} SELECT {values} FROM ({numbers}) AS numbers"
        connection.execute(text(sql), {"most": most, "now": NOW.isoformat(" ").replace("+00:00", "")})

    account = f"'acc_' || (n % {endpoints})"
    now = "CAST(:now AS timestamptz)" if on_server else ":now || '.000000'"
    yes, no = ("true", "false") if on_server else ("1", "0")
    insert("account (id, name, created_at)", f"'acc_' || n, 'a' || n, {now}", endpoints)
    insert(
        "webhook_endpoint",
        f"{account}, 'ep_' || n, 'https://example.org/', NULL, NULL, {no}, {yes}, NULL, '[]', {now}, {now}",
        endpoints,
    )
    insert("lane", f"{account}, 'ep_' || n, {now}, {no}, NULL, NULL", endpoints)
    insert(MESSAGE, f"{account}, 'msg_' || n, 'ping', NULL, NULL, NULL, '{{}}', {now}", settled // PER_MESSAGE)
    insert(
        "delivery",
        f"'acc_' || (n / {PER_MESSAGE} % {endpoints}), 'dlv_' || n, "
        f"'old_' || (n % {PER_MESSAGE}), 'msg_' || (n / {PER_MESSAGE}), "
        f"'delivered', 1, {now}, {now}",
        settled,
    )
    waiting = backlog + of_others * (endpoints - 1)
    lane = f"CASE WHEN n < {backlog} THEN 0 ELSE 1 + n % {endpoints - 1} END"
    insert(MESSAGE, f"'acc_' || {lane}, 'new_' || n, 'ping', NULL, NULL, NULL, '{{}}', {now}", waiting)
    own = f"'acc_' || {lane}, 'open_' || n, 'ep_' || {lane}, 'new_' || n"
    insert("delivery", f"{own}, 'open', 0, {now}, NULL", waiting)
    insert("pending", f"{own}, {no}, {now}, 0, NULL", waiting)


def _take(database: Database) -> float:
    """The seconds that one claim takes; what was taken is put back."""
    start = time.perf_counter()
    with database.begin() as connection:
        taken = lease(connection, "bench", NOW, LIMITS, AT_ONCE)
    took = time.perf_counter() - start
    if len(taken.deliveries) != AT_ONCE:
        raise RuntimeError(f"{len(taken.deliveries)} were taken")
    with database.begin() as connection:
        settle(connection, "bench", (), NOW, taken.deliveries)
    return took


def _measure_workers(scale: float) -> Iterator[str]:
    """One, two and four processes, each taking and settling until nothing is left."""
    count = int(FOR_WORKERS * scale) // (MANY_ENDPOINTS - 1)
    rates: dict[int, float] = {}
    for workers in (1, 2, 4):
        with ExitStack() as stack:
            server, stop = postgres.start()
            stack.callback(stop)
            stack.enter_context(_filled(server, 10_000, MANY_ENDPOINTS, 0, count))
            context = multiprocessing.get_context("spawn")
            pool = stack.enter_context(context.Pool(workers))
            barrier = stack.enter_context(context.Manager()).Barrier(workers)
            results = pool.starmap(_work, [(server, f"w{number}", barrier) for number in range(workers)])
        taken = Counter(id for ids, _, _ in results for id in ids)
        took = max(end for _, _, end in results) - min(start for _, start, _ in results)
        rates[workers] = taken.total() / took
        doubled = taken.total() - len(taken)
        yield f"| {workers} | {rates[workers]:,.0f}/s | **{rates[workers] / rates[1]:.2f}** | {doubled} |"


def _work(url: str, name: str, barrier: Any) -> tuple[list[str], float, float]:
    """The ids that this worker took, and when it began and ended."""
    database, ids, leased = Database(url, connections=1), list[str](), tuple[Leased, ...]()
    with database.begin() as connection:  # what is compiled once, and the connection, are there before it counts
        settle(connection, name, (), NOW, lease(connection, name, NOW, LIMITS, 1).deliveries)
    barrier.wait()
    start = time.time()
    while leased or _is_anything_open(database):
        outcomes = [Outcome(each, ANSWER, Verdict("delivered")) for each in leased]
        with database.begin() as connection:
            settle(connection, name, outcomes, NOW)
            leased = lease(connection, name, NOW, LIMITS, AT_ONCE).deliveries
        ids += [each.delivery_id for each in leased]
    end = time.time()
    database.dispose()
    return ids, start, end


def _is_anything_open(database: Database) -> bool:
    with database.peek() as connection:
        return connection.execute(text("SELECT 1 FROM pending LIMIT 1")).first() is not None
