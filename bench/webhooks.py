"""From due row to signed POST, received and settled: thousands at one instant, against Celery doing the same."""

import statistics
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from bench import webhook_morning, webhook_ours, webhook_peer
from bench.webhook_arrivals import Burst, Sink, open_sink
from bench.webhook_shapes import Shape
from tests import postgres

ROUNDS = 3
NOTES = [
    "Nobody waits for the disk: PostgreSQL has `fsync` off, SQLite `synchronous = NORMAL`, and Redis keeps nothing.",
    "Celery keeps no results, and takes a task for done before it begins: nothing would be sent again after a crash.",
]
MOST_LATENESS = 0.25  # of the peer's, with 50 endpoints


class Comparison(NamedTuple):
    """A burst that both sides send; the aims are in times the peer's rate."""

    name: str
    shape: Shape
    aims: dict[str, float]


COMPARISONS = (
    Comparison("50 endpoints", Shape(50, 100), {"PostgreSQL": 3.5, "SQLite": 5.0}),
    Comparison("one endpoint, 10 in flight", Shape(1, 5000), {"PostgreSQL": 1.7, "SQLite": 1.7}),
)


class Round(NamedTuple):
    """One burst of each side; the peer's comes between ours."""

    ours: dict[str, Burst]
    peer: Burst


def run(scale: float = 1.0) -> list[str]:
    """The bursts beside the peer's, then a morning of 100,000; `scale` makes both smaller."""
    with _open_postgresql() as server, open_sink() as sink:
        return [*_compare_all(server, sink, scale), "", *webhook_morning.run(server, sink, scale)]


def _compare_all(server: str, sink: Sink, scale: float) -> list[str]:
    if fault := webhook_peer.find_fault():
        return [f"Not measured beside Celery. {fault}"]
    rows = [
        "| burst | database | ours | Celery | ratio | aim | p99 late, ours | Celery | ratio | aim | lost, doubled |",
        "|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    with webhook_peer.open_redis() as broker:
        for comparison in COMPARISONS:
            shape = comparison.shape._replace(each=round(comparison.shape.each * scale))
            rounds = [_measure(server, broker, sink, shape) for _ in range(ROUNDS)]
            rows += [_row(comparison, database, rounds) for database in comparison.aims]
    return [*rows, "", *NOTES]


def _measure(server: str, broker: str, sink: Sink, shape: Shape) -> Round:
    postgresql = webhook_ours.burst(server, sink, shape)
    celery = webhook_peer.burst(broker, sink, shape)
    sqlite = webhook_ours.burst(None, sink, shape)
    for name, burst in (("PostgreSQL", postgresql), ("Celery", celery), ("SQLite", sqlite)):
        print(f"{shape.endpoints} x {shape.each}, {name}: {burst.rate:,.0f}/s", file=sys.stderr, flush=True)
    return Round({"PostgreSQL": postgresql, "SQLite": sqlite}, celery)


def _row(comparison: Comparison, database: str, rounds: list[Round]) -> str:
    pairs = [(one.ours[database], one.peer) for one in rounds]
    mine, theirs = (statistics.median(burst.rate for burst in side) for side in zip(*pairs, strict=True))
    faster = statistics.median(ours.rate / peer.rate for ours, peer in pairs)
    ours_late, peer_late = (statistics.median(burst.p99 for burst in side) for side in zip(*pairs, strict=True))
    later = statistics.median(ours.p99 / peer.p99 for ours, peer in pairs)
    lost, doubled = sum(ours.lost for ours, _ in pairs), sum(ours.doubled for ours, _ in pairs)
    aim_late = f"<= {MOST_LATENESS}" if comparison.shape.endpoints > 1 else ""
    return (
        f"| {comparison.name} | {database} | {mine:,.0f}/s | {theirs:,.0f}/s | **{faster:.2f}** "
        f"| >= {comparison.aims[database]} | {ours_late:.2f} s | {peer_late:.2f} s | **{later:.2f}** | {aim_late} "
        f"| {lost}, {doubled} |"
    )


@contextmanager
def _open_postgresql() -> Iterator[str]:
    server, stop = postgres.start()
    try:
        yield server
    finally:
        stop()
