"""Brings a database to the schema of this version. Alembic is loaded only when there is something to do."""

from pathlib import Path

from sqlalchemy import Connection, inspect, text

from app.store.db import Database

HEAD = "0003"
"""The revision that this version of the code needs: the latest of `migrations/versions`."""

MIGRATIONS = Path(__file__).with_name("migrations")

_LOCK = int.from_bytes(b"aftrword", "big")  # any number, as long as it is the same for everybody
_TAKE_TURNS = {
    # A long migration may take its time, and so may whoever waits for it.
    "postgresql": (
        "SET LOCAL statement_timeout = 0",
        "SET LOCAL lock_timeout = 0",
        f"SELECT pg_advisory_xact_lock({_LOCK})",
    ),
    "sqlite": (),  # BEGIN IMMEDIATE did it
}


def upgrade(url: str) -> None:
    """Make the database at `url` current. Any number of processes may do so at the same time; one does the work.

    Everything happens in one transaction: after an error the database is as it was.
    """
    database = Database(url, connections=1)
    try:
        with database.read() as connection:
            if is_current(connection):
                return
        with database.begin() as connection:
            for statement in _TAKE_TURNS[database.dialect]:
                connection.execute(text(statement))
            if not is_current(connection):
                _run_migrations(connection)
    finally:
        database.dispose()


def is_current(connection: Connection) -> bool:
    """Whether the database has exactly the schema that this version of the code needs."""
    if not inspect(connection).has_table("alembic_version"):
        return False
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalars().all() == [HEAD]


def _run_migrations(connection: Connection) -> None:
    from alembic import command  # noqa: PLC0415 - half a second that a start with nothing to do does not spend
    from alembic.config import Config  # noqa: PLC0415 - the same half second

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, HEAD)
