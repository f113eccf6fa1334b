"""Our endpoints against bare ones: the same bodies, on both databases, a second of each in turn, as ratios."""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

from bench.examples import INTERVIEW
from bench.load import measure, request
from bench.servers import COUNTED, serve
from tests import postgres

ROUNDS = 7
SECONDS = 1.5
CONNECTIONS = 16
AIMS = {"POST /v1/schedule": 0.7, "POST /v1/interviews": 0.5, "GET /v1/interviews/{interview_id}": 0.6}


@dataclass(frozen=True)
class Target:
    """Where requests go, which ones, and the status line that is right."""

    port: int
    requests: list[bytes]
    expected: bytes

    def rate(self) -> float:
        """Answers a second, in one stretch."""
        return measure(self.port, self.requests, expected=self.expected, seconds=SECONDS, connections=CONNECTIONS)


def run() -> list[str]:
    """One row a comparison: answers a second of ours and of the peer, and the ratio."""
    rows = ["| operation | database | ours | bare | ratio | aim |", "|---|---|---|---|---|---|"]
    server, stop = postgres.start()
    try:
        for kind, url in (("SQLite", None), ("PostgreSQL", server)):
            with tempfile.TemporaryDirectory() as folder:
                rows += _compare_all(kind, Path(folder), url)
    finally:
        stop()
    return rows


def _compare_all(kind: str, folder: Path, server: str | None) -> list[str]:
    with ExitStack() as stack:
        ours_url, peer_url = (stack.enter_context(_database(folder, server, name)) for name in ("ours", "peer"))
        ours, key = _start_ours(stack, ours_url)
        canned = folder / "canned.json"
        canned.write_bytes(post(ours, "/v1/schedule", _body({"interview": INTERVIEW})))
        peer = stack.enter_context(
            serve(
                ["uvicorn", "bench.peers:app", "--no-access-log", "--log-level", "warning"],
                {"BENCH_CANNED": str(canned), "BENCH_DATABASE_URL": peer_url},
            )
        )
        return [
            _row(kind, name, *pair)
            for name, pair in _pairs(ours, key, peer)
            if kind == "SQLite" or "schedule" not in name
        ]


def _pairs(ours: int, key: str, peer: int) -> Iterator[tuple[str, tuple[Target, Target]]]:
    signed = {"Authorization": f"Bearer {key}"}
    body = _body({"interview": INTERVIEW})
    yield (
        "POST /v1/schedule",
        (
            Target(ours, [request("POST", "/v1/schedule", body)], b"200"),
            Target(peer, [request("POST", "/canned", body)], b"200"),
        ),
    )
    body = _body(INTERVIEW)
    yield (
        "POST /v1/interviews",
        (
            Target(ours, [request("POST", "/v1/interviews", body, signed)], b"201"),
            Target(peer, [request("POST", "/interviews", body)], b"201"),
        ),
    )
    mine = [json.loads(post(ours, "/v1/interviews", body, signed))["id"] for _ in range(100)]
    theirs = [json.loads(post(peer, "/interviews", body))["id"] for _ in range(100)]
    yield (
        "GET /v1/interviews/{interview_id}",
        (
            Target(ours, [request("GET", f"/v1/interviews/{id}", headers=signed) for id in mine], b"200"),
            Target(peer, [request("GET", f"/interviews/{id}") for id in theirs], b"200"),
        ),
    )


def _row(kind: str, name: str, ours: Target, peer: Target) -> str:
    ours.rate(), peer.rate()  # both warm
    pairs = [(ours.rate(), peer.rate()) for _ in range(ROUNDS)]
    ratio = statistics.median(mine / theirs for mine, theirs in pairs)
    mine, theirs = (statistics.median(rates) for rates in zip(*pairs, strict=True))
    database = "none" if "schedule" in name else kind
    return f"| `{name}` | {database} | {mine:,.0f}/s | {theirs:,.0f}/s | **{ratio:.2f}** | >= {AIMS[name]} |"


def _start_ours(stack: ExitStack, url: str) -> tuple[int, str]:
    environment = {"AFTERWORD_DATABASE_URL": url, "AFTERWORD_LOG_LEVEL": "warning"} | COUNTED
    _run(["migrate"], environment)
    key = _run(["keys", "create", "--name", "bench"], environment)
    return stack.enter_context(serve(["app", "serve"], environment)), key


def _run(command: list[str], environment: dict[str, str]) -> str:
    whole = {**os.environ, **environment}
    done = subprocess.run(
        [sys.executable, "-m", "app", *command], env=whole, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


@contextmanager
def _database(folder: Path, server: str | None, name: str) -> Iterator[str]:
    if server is None:
        yield f"sqlite:///{folder}/{name}.db"
        return
    with psycopg.connect(server, autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name}")
        yield server.replace("@/postgres", f"@/{name}")


def _body(value: object) -> bytes:
    return json.dumps(value).encode()


def post(port: int, path: str, body: bytes, headers: dict[str, str] | None = None) -> bytes:
    """The body of the answer to JSON."""
    asked = urllib.request.Request(
        f"http://127.0.0.1:{port}{path}", body, {"Content-Type": "application/json", **(headers or {})}
    )
    with urllib.request.urlopen(asked, timeout=20) as answered:
        content: bytes = answered.read()
    return content
