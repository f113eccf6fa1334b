"""One database of each kind for a module: making one takes longer than most of these tests."""

from collections.abc import Iterator

import pytest
from sqlalchemy import delete

from app.store.db import Database
from app.store.tables import Account
from tests.conftest import NewDatabase


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def module_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """A migrated database."""
    new: NewDatabase = request.getfixturevalue(f"new_{request.param}")
    with new() as url:
        yield url


@pytest.fixture(scope="module")
def module_database(module_url: str) -> Iterator[Database]:
    """A way into it that stays open."""
    database = Database(module_url)
    yield database
    database.dispose()


@pytest.fixture
def database_url(module_url: str, module_database: Database) -> str:
    """The same database, without a row."""
    with module_database.begin() as connection:
        connection.execute(delete(Account.__table__))  # and all that belongs to an account
    return module_url
