"""The database: one engine, its settings for SQLite and for PostgreSQL, and three ways to it: begin, read, peek."""

import select
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from time import monotonic
from typing import Any, Literal

from sqlalchemy import URL, Connection, Engine, create_engine, event, exc, make_url

from app.store.clock import Clock
from app.store.rows import Subject

Dialect = Literal["sqlite", "postgresql"]

CONNECTIONS = 44
"""How many connections a process may open: one for each of the 40 threads that serve requests, and a few to spare."""

WAIT_SECONDS = 30
"""How long to wait for a connection, and on SQLite for whoever else is writing."""

FOLDING_SECONDS = 0.1
"""How long emptying the log of an SQLite file waits for readers, while whoever wants to write waits for it."""

_LOCK_NOT_AVAILABLE = "55P03"

_SQLITE_ARGUMENTS: dict[str, Any] = {
    "isolation_level": None,  # the driver begins nothing by itself: _begin_explicitly does
    "cached_statements": 256,
}
_POSTGRESQL_OPTIONS = {
    "timezone": "UTC",
    "statement_timeout": "15s",
    "lock_timeout": "10s",
    "idle_in_transaction_session_timeout": "60s",
}
_POSTGRESQL_ARGUMENTS: dict[str, Any] = {
    "autocommit": True,  # as above
    "application_name": "afterword",
    "connect_timeout": 5,
    # A server that vanished without a word is noticed within a minute, waiting or sending.
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
}


@dataclass(frozen=True, slots=True)
class Session:
    """One transaction of one account: what every function that touches an account's rows takes first."""

    connection: Connection
    account_id: str
    subject: Subject | None = None
    """What alone of the account may be seen; None is all of it."""
    traceparent: str | None = None
    """The trace that it is part of, as W3C Trace Context has it."""


class Busy(Exception):
    """Others went on for longer than they were to be waited for."""


class Database:
    """A database at a URL: `sqlite:///path` or `postgresql://...` (`postgres://` too).

    Makes the folder of an SQLite file, and connects when it is first used. Raises ValueError for any other URL.
    """

    def __init__(self, url: str, *, connections: int = CONNECTIONS, wait_seconds: float = WAIT_SECONDS) -> None:
        parsed = _parse(url)
        self.dialect: Dialect = "sqlite" if parsed.get_backend_name() == "sqlite" else "postgresql"
        self._engine = create_engine(
            parsed,
            connect_args=_arguments(parsed, wait_seconds),
            pool_size=connections,
            max_overflow=0,
            pool_timeout=wait_seconds,
            pool_use_lifo=True,  # few connections do most of the work, and their statements stay prepared
            hide_parameters=True,  # they are people's data, and have no place in an exception's text
        )
        self._take_turn: Callable[[float | None], AbstractContextManager[float | None]] = lambda _: nullcontext()
        if self.dialect == "sqlite":
            _prepare_sqlite(self._engine)
            self._take_turn = _Turn(wait_seconds).take
        else:
            _prepare_postgresql(self._engine)
        self.clock = Clock(self._tell_time if self.dialect == "postgresql" else None)
        self._writing, self._reading = _BEGIN[self.dialect]

    @contextmanager
    def begin(self, wait_seconds: float | None = None) -> Iterator[Connection]:
        """A transaction that may write: committed at the end of the block, rolled back when the block raises.

        With `wait_seconds`, raises Busy when so many have passed before its turn: on SQLite, where writers take turns.
        """
        with self._take_turn(wait_seconds) as seconds_left, self._engine.begin() as connection:
            if seconds_left is None:
                connection.exec_driver_sql(self._writing)
            else:
                _begin_within(connection, self._writing, seconds_left)
            yield connection

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A transaction that reads one snapshot and never waits for writers."""
        with self._engine.begin() as connection:
            connection.exec_driver_sql(self._reading)
            yield connection

    @contextmanager
    def peek(self) -> Iterator[Connection]:
        """No transaction at all: for what one statement reads, at a third of the round trips. Writes nothing."""
        with self._engine.connect() as connection:
            yield connection

    def fold_in(self) -> None:
        """After an erasure: what was overwritten in the log of an SQLite file is in the file itself, and the log empty.

        Where somebody reads or writes it waits for a moment, and then leaves it to the next time: nothing was lost.
        """
        if self.dialect == "sqlite":
            with (
                suppress(Busy, exc.OperationalError, exc.TimeoutError),
                self._take_turn(FOLDING_SECONDS),
                self._engine.connect() as connection,
                _waiting(connection, FOLDING_SECONDS),
            ):
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").all()

    def _tell_time(self) -> datetime:
        with self.peek() as connection:
            told: datetime = connection.exec_driver_sql("SELECT clock_timestamp()").scalar_one()
            return told

    def dispose(self) -> None:
        """Close every connection that is not in use."""
        self._engine.dispose()


def wait_briefly(connection: Connection) -> None:
    """Let this transaction wait for a lock for a second at most: it works for all accounts, and one may be held."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SET LOCAL lock_timeout = '1s'")


@contextmanager
def wait_at_most(connection: Connection, seconds: float) -> Iterator[None]:
    """Let what stands in the block wait for a lock for so long. Raises Busy then. On SQLite there are no locks."""
    if connection.dialect.name == "sqlite":
        yield
        return
    connection.exec_driver_sql(f"SET LOCAL lock_timeout = {seconds * 1000:.0f}")
    try:
        yield
    except exc.OperationalError as error:
        if getattr(error.orig, "sqlstate", None) == _LOCK_NOT_AVAILABLE:
            raise Busy from None
        raise
    connection.exec_driver_sql("SET LOCAL lock_timeout TO DEFAULT")


class _Turn:
    """Lets one thread at a time write to SQLite: in a queue here, where its busy handler would poll and sleep."""

    def __init__(self, wait_seconds: float) -> None:
        self._lock = threading.Lock()
        self._wait_seconds = wait_seconds

    @contextmanager
    def take(self, wait_seconds: float | None) -> Iterator[float | None]:
        """What is left of the seconds that were given, for other processes."""
        started = monotonic()
        if not self._lock.acquire(timeout=self._wait_seconds if wait_seconds is None else wait_seconds):
            if wait_seconds is not None:
                raise Busy
            raise exc.TimeoutError(f"another thread has been writing for {self._wait_seconds} seconds")
        try:
            yield None if wait_seconds is None else max(0.0, started + wait_seconds - monotonic())
        finally:
            self._lock.release()


def _begin_within(connection: Connection, writing: str, seconds: float) -> None:
    """Begin on SQLite, where another process may be writing. Raises Busy."""
    try:
        with _waiting(connection, seconds):
            connection.exec_driver_sql(writing)
    except exc.OperationalError as error:
        if getattr(error.orig, "sqlite_errorname", None) == "SQLITE_BUSY":
            raise Busy from None
        raise


@contextmanager
def _waiting(connection: Connection, seconds: float) -> Iterator[None]:
    """Let what stands in the block wait for other processes for so long, on SQLite."""
    usual = connection.exec_driver_sql("PRAGMA busy_timeout").scalar_one()
    connection.exec_driver_sql(f"PRAGMA busy_timeout = {seconds * 1000:.0f}")
    try:
        yield
    finally:
        connection.exec_driver_sql(f"PRAGMA busy_timeout = {usual}")


_BEGIN: dict[Dialect, tuple[str, str]] = {
    # A deferred BEGIN that comes to write later finds "database is locked", and no timeout helps.
    "sqlite": ("BEGIN IMMEDIATE", "BEGIN"),
    "postgresql": ("BEGIN", "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY"),
}
"""How a transaction starts that writes, and one that reads."""


def _parse(url: str) -> URL:
    try:
        parsed = make_url(url)
    except (exc.ArgumentError, ValueError):
        parsed = URL.create("unreadable")
    if parsed.drivername == "sqlite" and parsed.database not in {None, "", ":memory:"}:
        return parsed
    if parsed.drivername in {"postgres", "postgresql", "postgresql+psycopg"}:
        return parsed.set(drivername="postgresql+psycopg")
    # The URL itself may hold a password, so it is not repeated.
    raise ValueError("the database must be given as sqlite:///path/to/file or postgresql://user@host/name")


def _arguments(url: URL, wait_seconds: float) -> dict[str, Any]:
    if url.get_backend_name() == "sqlite":
        return _SQLITE_ARGUMENTS | {"timeout": wait_seconds}
    options = [f"-c {name}={value}" for name, value in _POSTGRESQL_OPTIONS.items()]
    arguments = _POSTGRESQL_ARGUMENTS | {"options": " ".join([*options, str(url.query.get("options", ""))])}
    # What the URL says for itself wins.
    arguments |= {name: value for name, value in url.query.items() if name in _POSTGRESQL_ARGUMENTS}
    return arguments


def _prepare_sqlite(engine: Engine) -> None:
    file = Path(engine.url.database or "")
    file.parent.mkdir(parents=True, exist_ok=True)
    file.touch(mode=0o600)  # people's data: for no other user of the machine

    @event.listens_for(engine, "connect")
    def set_pragmas(connection: Any, _record: Any) -> None:
        for pragma in ("journal_mode = WAL", "synchronous = NORMAL", "foreign_keys = ON", "secure_delete = ON"):
            connection.execute(f"PRAGMA {pragma}")


def _prepare_postgresql(engine: Engine) -> None:
    @event.listens_for(engine, "checkout")
    def refuse_dead(connection: Any, _record: Any, _proxy: Any) -> None:
        # An idle connection has nothing to say: if its socket can be read, the server has most likely hung up.
        # This asks the kernel, not the server, and so costs microseconds where a ping costs a round trip.
        try:
            socket = select.poll()
            socket.register(connection.fileno(), select.POLLIN)
            if socket.poll(0):
                engine.dialect.do_ping(connection)
        except engine.dialect.loaded_dbapi.Error as error:
            raise exc.InvalidatePoolError from error
