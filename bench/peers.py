"""The peers: bare FastAPI endpoints with the same bodies, a raw driver, and nothing of ours around them.

`uvicorn bench.peers:app`, with BENCH_DATABASE_URL for the ones that store.
"""

import os
import sqlite3
import threading
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
from fastapi import FastAPI, Response

from app.schemas import InterviewIn, ScheduleRequest

CANNED = Path(os.environ["BENCH_CANNED"]).read_bytes()
URL = os.environ["BENCH_DATABASE_URL"]
TABLES = (
    "CREATE TABLE IF NOT EXISTS interview (id text PRIMARY KEY, facts text NOT NULL)",
    """CREATE TABLE IF NOT EXISTS follow_up (id text PRIMARY KEY, interview_id text NOT NULL REFERENCES interview,
    key text NOT NULL, due_at text NOT NULL, body text NOT NULL)""",
)
FOLLOW_UPS = 4
STEP = CANNED[: len(CANNED) // FOLLOW_UPS].decode(errors="ignore")

app = FastAPI()
_local = threading.local()


def _connect() -> Any:
    """One connection a thread, as bare as it gets."""
    if not hasattr(_local, "connection"):
        if URL.startswith("sqlite:///"):
            connection: Any = sqlite3.connect(URL.removeprefix("sqlite:///"), isolation_level=None, timeout=30)
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = NORMAL")
        else:
            connection = psycopg.connect(URL, autocommit=True)
        _local.connection = connection
    return _local.connection


def _in_transaction(work: Callable[[Any, str], None]) -> None:
    connection = _connect()
    mark = "?" if isinstance(connection, sqlite3.Connection) else "%s"
    connection.execute("BEGIN IMMEDIATE" if mark == "?" else "BEGIN")
    try:
        work(connection.cursor(), mark)
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


def create_tables() -> None:
    """Make the peer's own tables."""
    for statement in TABLES:
        _connect().execute(statement)


create_tables()


@app.post("/canned")
async def answer_canned(_asked: ScheduleRequest) -> Response:
    """The same body, read by the framework, and an answer of the same size that is not computed."""
    return Response(CANNED, media_type="application/json")


@app.post("/interviews", status_code=201)
def create_interview(interview: InterviewIn) -> Response:
    """One interview and four follow-ups in one transaction, through the driver itself."""
    interview_id, text = uuid.uuid4().hex, interview.model_dump_json()

    def store(cursor: Any, mark: str) -> None:
        cursor.execute(f"INSERT INTO interview VALUES ({mark}, {mark})", (interview_id, text))
        rows = [(uuid.uuid4().hex, interview_id, str(n), "2026-12-02T14:00:00Z", STEP) for n in range(FOLLOW_UPS)]
        cursor.executemany(f"INSERT INTO follow_up VALUES ({', '.join([mark] * 5)})", rows)

    _in_transaction(store)
    return Response(f'{{"id":"{interview_id}",{text[1:]}', 201, media_type="application/json")


@app.get("/interviews/{interview_id}")
def get_interview(interview_id: str) -> Response:
    """One row by its primary key, through the driver itself."""
    connection = _connect()
    mark = "?" if isinstance(connection, sqlite3.Connection) else "%s"
    row = connection.execute(f"SELECT id, facts FROM interview WHERE id = {mark}", (interview_id,)).fetchone()
    return Response(f'{{"id":"{row[0]}",{row[1][1:]}', media_type="application/json")
