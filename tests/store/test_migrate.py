import multiprocessing
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Connection, inspect, make_url, text

from app.issuing import SCOPES
from app.store import migrate
from app.store.db import Database
from app.store.migrate import is_current, upgrade
from app.store.tables import metadata

TABLES = {"alembic_version", *metadata.tables}


@contextmanager
def _opened(url: str) -> Iterator[Connection]:
    database = Database(url)
    with database.begin() as connection:
        yield connection
    database.dispose()


@pytest.fixture
def empty_url(database_url: str, tmp_path: Path) -> str:
    """A database without any table."""
    if database_url.startswith("sqlite"):
        return f"sqlite:///{tmp_path}/a folder/that is % new/x.db"
    with _opened(database_url) as connection:
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))
    return database_url


def test_a_new_database_is_migrated_and_current(empty_url: str) -> None:
    with _opened(empty_url) as connection:
        assert not is_current(connection)
    upgrade(empty_url)
    with _opened(empty_url) as connection:
        assert is_current(connection)
        assert set(inspect(connection).get_table_names()) == TABLES


def test_the_migrations_lead_to_the_tables(database_url: str) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.runtime.migration import MigrationContext

    with _opened(database_url) as connection:
        options = {"compare_type": True, "compare_server_default": True}
        assert compare_metadata(MigrationContext.configure(connection, opts=options), metadata) == []


def test_the_migrations_lead_to_the_conditions_of_the_tables_indexes(database_url: str, tmp_path: Path) -> None:
    """What the comparison above overlooks."""
    url = make_url(database_url)
    with _opened(database_url) as connection:
        migrated = _index_conditions(connection)
    if url.get_backend_name() == "sqlite":
        database_url = f"sqlite:///{tmp_path}/made.db"
    with _opened(database_url) as connection:
        metadata.drop_all(connection)
        metadata.create_all(connection)
        assert _index_conditions(connection) == migrated
    assert len(migrated) == 12


def _index_conditions(connection: Connection) -> dict[str | None, str]:
    found = {}
    for table in metadata.tables:
        for index in inspect(connection).get_indexes(table):
            options = index.get("dialect_options", {})
            where = options.get("sqlite_where", options.get("postgresql_where"))
            if where is not None:
                found[index["name"]] = str(where)
    return found


def test_the_migrations_lead_back(database_url: str) -> None:
    from alembic import command
    from alembic.config import Config

    with _opened(database_url) as connection:
        config = Config()
        config.set_main_option("script_location", str(migrate.MIGRATIONS))
        config.attributes["connection"] = connection
        command.downgrade(config, "base")
        assert inspect(connection).get_table_names() == ["alembic_version"]


def test_keys_from_before_there_were_scopes_may_do_everything(database_url: str) -> None:
    from alembic import command
    from alembic.config import Config

    with _opened(database_url) as connection:
        config = Config()
        config.set_main_option("script_location", str(migrate.MIGRATIONS))
        config.attributes["connection"] = connection
        command.downgrade(config, "0002")
        at = "'2026-11-20 12:00:00'"
        connection.execute(text(f"INSERT INTO account (id, name, created_at) VALUES ('a', 'a', {at})"))  # noqa: S608 - ours
        columns = "account_id, id, name, digest, created_at"
        connection.execute(text(f"INSERT INTO api_key ({columns}) VALUES ('a', 'k', 'k', 'd', {at})"))  # noqa: S608 - ours
        command.upgrade(config, "head")
        scopes = connection.execute(text("SELECT scopes FROM api_key")).scalar_one()
    assert tuple(scopes.split()) == SCOPES


def test_the_head_is_the_latest_revision() -> None:
    from alembic.script import ScriptDirectory

    assert ScriptDirectory(str(migrate.MIGRATIONS)).get_heads() == [migrate.HEAD]


def test_a_second_upgrade_does_not_load_alembic(database_url: str) -> None:
    program = (
        "import sys; from app.store.migrate import upgrade; upgrade(sys.argv[1]); sys.exit('alembic' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", program, database_url], check=True)


def test_a_failed_upgrade_leaves_nothing_behind(empty_url: str) -> None:
    with _opened(empty_url) as connection:
        connection.execute(text("CREATE TABLE follow_up (id integer)"))  # in the way of the last step
    with pytest.raises(Exception, match="already exists"):
        upgrade(empty_url)
    with _opened(empty_url) as connection:
        assert inspect(connection).get_table_names() == ["follow_up"]


def test_processes_that_upgrade_at_the_same_time_do_not_disturb_each_other(empty_url: str) -> None:
    spawn = multiprocessing.get_context("spawn")
    processes = [spawn.Process(target=upgrade, args=(empty_url,)) for _ in range(6)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0] * 6
    with _opened(empty_url) as connection:
        assert is_current(connection)
