"""A service to be judged: a process of its own, on a fresh database, with a key of each of two accounts."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from app.issuing import create_key
from app.store.db import Database
from app.store.migrate import upgrade
from tests import postgres
from tests.faults.processes import api

ACCOUNTS = ("ours", "theirs")
LIMIT = "1000000"
"""Of requests a minute: the headers that tell of it are judged, too."""


class Judged(NamedTuple):
    """Where it answers, and the key of each account."""

    address: str
    keys: Mapping[str, str]


@contextmanager
def serve(kind: str, folder: Path) -> Iterator[Judged]:
    """Run it on `sqlite` or `postgresql`, with limits that nobody reaches; webhooks may go to this machine."""
    with _database(kind, folder) as url:
        keys = _make_keys(url)
        with api(url, folder, rate_limit_key=LIMIT, rate_limit_address=LIMIT) as (_, address):
            yield Judged(address, keys)


@contextmanager
def _database(kind: str, folder: Path) -> Iterator[str]:
    url, stop = {"sqlite": lambda: (f"sqlite:///{folder / 'judged.db'}", lambda: None), "postgresql": postgres.start}[
        kind
    ]()
    try:
        upgrade(url)
        yield url
    finally:
        stop()


def _make_keys(url: str) -> Mapping[str, str]:
    database, now = Database(url), datetime.now(UTC)
    with database.begin() as connection:
        keys = {name: create_key(connection, name="judge", account=name, now=now) for name in ACCOUNTS}
    database.dispose()
    return keys
