"""What it costs to ask who calls and how often: our own application, with its gate as it is and with its gate open.

Both are served alike, over the same rows, and get the same requests: `guarded` and `unguarded` below make them.
"""

import json
import statistics
import time
from asyncio import Runner
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime

import uvloop
from fastapi import FastAPI, Request
from starlette.types import Message, Receive, Scope, Send

from app.auth import Doorkeeper
from app.callers import Register
from app.credentials import digest
from app.exchange import Exchange
from app.issuing import create_key
from app.limits import Limiter
from app.main import create_app
from app.settings import MOST_REQUESTS, Settings
from app.store.db import Database, Session
from app.store.keys import list_accounts
from bench.api import ROUNDS, Target, post
from bench.examples import INTERVIEW
from bench.load import request
from bench.servers import serve
from bench.webhook_ours import SECRET_KEY, connect, environment, open_database
from tests import postgres

AIM = 0.8
INTERVIEWS = 100
CALLS = 20_000

Call = Callable[[], Awaitable[object]]


def guarded() -> FastAPI:
    """The application as it is."""
    return create_app(Settings.load())


def unguarded() -> FastAPI:
    """The same, letting in whoever asks into the one account that there is, and counting nobody."""
    account: list[str] = []

    async def let_in(_: Doorkeeper, request: Request) -> OpenGate:
        database = request.app.state.database
        if not account:
            with database.peek() as connection:
                account.extend(list_accounts(connection))
        return OpenGate(database, *account)

    Doorkeeper.__call__ = let_in  # type: ignore[assignment,method-assign]
    return create_app(Settings.load())


class OpenGate:
    """As much of a gate as reading one interview needs."""

    def __init__(self, database: Database, account_id: str) -> None:
        self._database, self._account_id = database, account_id

    @contextmanager
    def peek(self, _: datetime) -> Iterator[Session]:
        """The account, whoever asks."""
        with self._database.peek() as connection:
            yield Session(connection, self._account_id)


def run() -> list[str]:
    """One row a database: answers a second with and without, and the ratio; then microseconds of each part."""
    rows = ["| operation | database | as it is | with an open gate | ratio | aim |", "|---|---|---|---|---|---|"]
    parts = ["| part | database | median |", "|---|---|---|"]
    server, stop = postgres.start()
    try:
        for kind, url in (("SQLite", None), ("PostgreSQL", server)):
            rows.append(_compare(kind, url))
            parts += _take_apart(kind, url)
    finally:
        stop()
    return [*rows, "", *parts]


def _compare(kind: str, server: str | None) -> str:
    with ExitStack() as stack:
        url = stack.enter_context(open_database(server))
        with connect(url) as database, database.begin() as connection:
            key = create_key(connection, name="bench", account="default", now=datetime.now(UTC))
        ports = [stack.enter_context(_serve(name, url)) for name in ("guarded", "unguarded")]
        signed, body = {"Authorization": f"Bearer {key}"}, json.dumps(INTERVIEW).encode()
        ids = [json.loads(post(ports[0], "/v1/interviews", body, signed))["id"] for _ in range(INTERVIEWS)]
        requests = [request("GET", f"/v1/interviews/{id}", headers=signed) for id in ids]
        ours, bare = (Target(port, requests, b"200") for port in ports)
        ours.rate(), bare.rate()  # both warm
        pairs = [(ours.rate(), bare.rate()) for _ in range(ROUNDS)]
    ratio = statistics.median(mine / theirs for mine, theirs in pairs)
    mine, theirs = (statistics.median(rates) for rates in zip(*pairs, strict=True))
    operation = "`GET /v1/interviews/{interview_id}`"
    return f"| {operation} | {kind} | {mine:,.0f}/s | {theirs:,.0f}/s | **{ratio:.2f}** | >= {AIM} |"


@contextmanager
def _serve(name: str, url: str) -> Iterator[int]:
    command = ["uvicorn", f"bench.auth:{name}", "--factory", "--no-access-log", "--log-level", "warning"]
    with serve(command, environment(url)) as port:
        yield port


def _take_apart(kind: str, server: str | None) -> list[str]:
    """The parts alone, in one process: no request, no thread, no lock that anybody else wants."""
    with open_database(server) as url, connect(url) as database, Runner(loop_factory=uvloop.new_event_loop) as runner:
        with database.begin() as connection:
            text = create_key(connection, name="bench", account="default", now=datetime.now(UTC))
        parts = _parts(database, digest(text))
        return [f"| {name} | {kind} | {runner.run(_time(call)):.1f} us |" for name, call in parts.items()]


def _parts(database: Database, kept: str) -> dict[str, Call]:
    register, limiter, exchange = Register(database), Limiter(database, SECRET_KEY), Exchange(_answer)
    return {
        "`Register.find`": lambda: register.find("aw_live_", kept, datetime.now(UTC)),
        "`Limiter.take`": lambda: limiter.take("key_1", MOST_REQUESTS, datetime.now(UTC)),
        "`Exchange`, around an application that takes nothing": lambda: exchange(_scope(), _receive, _send),
        "that application alone": lambda: _answer(_scope(), _receive, _send),
    }


async def _time(call: Call) -> float:
    """Microseconds of one call: the median of many hundreds, so what is done once a second does not show."""
    spent = []
    for _ in range(CALLS // 100):
        start = time.perf_counter()
        for _ in range(100):
            await call()
        spent.append((time.perf_counter() - start) * 1e4)
    return statistics.median(spent)


def _scope() -> Scope:
    return {"type": "http", "method": "GET", "path": "/", "headers": [(b"host", b"x"), (b"accept", b"*/*")]}


async def _answer(_scope: Scope, _receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"application/json")]})
    await send({"type": "http.response.body", "body": b"{}"})


async def _receive() -> Message:
    return {"type": "http.request"}


async def _send(_: Message) -> None: ...
