from app.issuing import create_key
from app.store.db import Database
from app.store.keys import has_keys
from tests.store.examples import NOW


def test_a_database_without_keys_says_so(database: Database) -> None:
    with database.read() as connection:
        assert not has_keys(connection)
    with database.begin() as connection:
        create_key(connection, name="tests", account="default", now=NOW)
    with database.read() as connection:
        assert has_keys(connection)
