"""What the tests of the store ask for: an account, and a transaction of its own."""

from collections.abc import Iterator

import pytest

from app.store.db import Database, Session
from tests.store.examples import new_account


@pytest.fixture
def account_id(database: Database) -> str:
    return new_account(database)


@pytest.fixture
def session(database: Database, account_id: str) -> Iterator[Session]:
    with database.begin() as connection:
        yield Session(connection, account_id)
