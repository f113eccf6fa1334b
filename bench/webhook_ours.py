"""Our side of the burst: a fresh database full of rows, and one worker process."""

import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from typing import Any
from uuid import uuid4

import psycopg
from cryptography.fernet import Fernet
from sqlalchemy import Select, func, select

from app.store.db import Database
from app.store.migrate import upgrade
from app.store.tables import Attempt, Delivery, Pending
from app.vault import Vault
from bench.servers import COUNTED
from bench.webhook_arrivals import Burst, Sink, wait_for
from bench.webhook_rows import fill
from bench.webhook_shapes import Shape, run_process, settle_down

SECRET_KEY = Fernet.generate_key().decode()
DELIVERED = select(func.count()).where(Delivery.__table__.c.state == "delivered")
PENDING = select(func.count()).select_from(Pending.__table__)
ATTEMPTS = select(func.count()).select_from(Attempt.__table__)


def burst(server: str | None, sink: Sink, shape: Shape) -> Burst:
    """One worker sends what is due at one instant: on that PostgreSQL server, or on SQLite."""
    with open_database(server) as url, connect(url) as database:
        instant = store(database, sink, shape)
        settle_down()
        with run_worker(url):
            return drain(database, sink, shape, instant)


def store(database: Database, sink: Sink, shape: Shape) -> datetime:
    """Fill a database, and begin the sink's log anew; the instant at which everything is due."""
    sink.forget()
    urls = [sink.url(number) for number in range(shape.endpoints)]
    return fill(database, urls, shape, Vault([SECRET_KEY]))


def drain(database: Database, sink: Sink, shape: Shape, instant: datetime) -> Burst:
    """Wait until everything was received and settled, and see what came."""
    wait_for(sink.count, shape.total)
    wait_for(lambda: _count(database, DELIVERED), shape.total)
    settled_at = time.time()
    time.sleep(0.2)  # for doubles
    left, attempts = _count(database, PENDING), _count(database, ATTEMPTS)
    if (left, attempts) != (0, shape.total):
        raise RuntimeError(f"{left} deliveries are pending and {attempts} attempts logged")
    return sink.read(instant.timestamp(), shape.total, settled_at)


def environment(url: str) -> dict[str, str]:
    """The settings of our processes; everything else is as it comes."""
    return {
        "AFTERWORD_DATABASE_URL": url,
        "AFTERWORD_SECRET_KEY": SECRET_KEY,
        "AFTERWORD_WEBHOOK_ALLOW_NETS": "127.0.0.0/8",
        "AFTERWORD_LOG_LEVEL": "warning",
        **COUNTED,
    }


def run_worker(url: str) -> AbstractContextManager[int]:
    """One worker; its process id."""
    return run_process([sys.executable, "-m", "app", "worker"], environment(url))


@contextmanager
def open_database(server: str | None) -> Iterator[str]:
    """The URL of a fresh, migrated database on that PostgreSQL server, or else of an SQLite file."""
    with _postgresql(server) if server else _sqlite() as url:
        upgrade(url)
        yield url


@contextmanager
def connect(url: str) -> Iterator[Database]:
    """A way into a database that is closed in the end."""
    database = Database(url, connections=4)
    try:
        yield database
    finally:
        database.dispose()


@contextmanager
def _postgresql(server: str) -> Iterator[str]:
    name = f"burst_{uuid4().hex}"
    with psycopg.connect(server, autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name}")
        yield server.replace("@/postgres", f"@/{name}")
        admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def _sqlite() -> Iterator[str]:
    with tempfile.TemporaryDirectory() as folder:
        yield f"sqlite:///{folder}/burst.db"


def _count(database: Database, statement: Select[Any]) -> int:
    with database.peek() as connection:
        return int(connection.execute(statement).scalar_one())
