"""What every test may ask for: a fresh database of either kind, the application over it, and clients of it."""

import shutil
from base64 import urlsafe_b64encode
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest

# The web and the database are imported where they are asked for: the tests of the rules start without them.
if TYPE_CHECKING:
    from fastapi import FastAPI
    from httpx import AsyncClient

    from app.store.db import Database

SECRET_KEY = urlsafe_b64encode(b"thirty-two bytes, for tests only").decode()
"""What a service needs where its database is a server."""

NewDatabase = Callable[[], AbstractContextManager[str]]
CopyDatabase = Callable[[str], AbstractContextManager[str]]


@pytest.fixture(autouse=True, scope="session")
def _no_settings_from_outside() -> Iterator[None]:
    """The machine's own AFTERWORD_ variables are no part of any test."""
    import os

    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.upper().startswith("AFTERWORD_")]:
            patch.delenv(name)
        yield


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def new_sqlite(tmp_path_factory: pytest.TempPathFactory) -> NewDatabase:
    """Migrated once; a test gets a copy of the file."""
    from app.store.migrate import upgrade

    folder = tmp_path_factory.mktemp("sqlite")
    template = folder / "template.db"
    upgrade(f"sqlite:///{template}")

    @contextmanager
    def new() -> Iterator[str]:
        name = uuid4().hex
        yield f"sqlite:///{shutil.copyfile(template, folder / name)}"
        for file in folder.glob(f"{name}*"):
            file.unlink()

    return new


@pytest.fixture(scope="session")
def copy_postgresql() -> Iterator[CopyDatabase]:
    """A server, and what makes a database on it after a template, drops it again and gives its URL meanwhile."""
    import psycopg
    from psycopg import sql
    from sqlalchemy import make_url

    from tests import postgres

    server, stop = postgres.start()

    @contextmanager
    def copy(template: str) -> Iterator[str]:
        name = f"test_{uuid4().hex}"
        made, after = sql.Identifier(name), sql.Identifier(template)
        # Copying files takes a third of the time that copying through the log does.
        admin.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY").format(made, after))
        yield make_url(server).set(database=name).render_as_string(hide_password=False)
        admin.execute(sql.SQL("DROP DATABASE {}").format(made))  # fails for a test that leaks a connection

    with psycopg.connect(server, autocommit=True) as admin:
        yield copy
    stop()


@pytest.fixture(scope="session")
def new_postgresql(copy_postgresql: CopyDatabase) -> Iterator[NewDatabase]:
    """Migrated once; a test gets a copy of the database."""
    from sqlalchemy import make_url

    from app.store.migrate import upgrade

    with copy_postgresql("template1") as url:
        upgrade(url)
        yield lambda: copy_postgresql(make_url(url).database or "")


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """A fresh, migrated database, once of each kind."""
    new: NewDatabase = request.getfixturevalue(f"new_{request.param}")
    with new() as url:
        yield url


@pytest.fixture
def empty_postgresql_url(copy_postgresql: CopyDatabase) -> Iterator[str]:
    """A database of a server as its operator gets it: without a table."""
    with copy_postgresql("template1") as url:
        yield url


@pytest.fixture
def database(database_url: str) -> Iterator["Database"]:
    from app.store.db import Database

    database = Database(database_url)
    yield database
    database.dispose()


@pytest.fixture
async def app(database_url: str) -> AsyncIterator["FastAPI"]:
    """The whole application, started."""
    from app.main import create_app
    from app.settings import Settings

    # No limits: all tests together come from one address.
    app = create_app(
        Settings(
            database_url=database_url, secret_key=SECRET_KEY, rate_limit_key=0, rate_limit_address=0, _env_file=None
        )
    )
    async with app.router.lifespan_context(app):
        yield app


@pytest.fixture
async def client(app: "FastAPI") -> AsyncIterator["AsyncClient"]:
    """Somebody without a key."""
    from httpx import ASGITransport, AsyncClient

    async with AsyncClient(transport=ASGITransport(app), base_url="http://test") as client:
        yield client


@pytest.fixture
def key(database: "Database") -> str:
    """An API key of the account `default`."""
    from app.issuing import create_key

    with database.begin() as connection:
        return create_key(connection, name="tests", account="default", now=datetime.now(UTC))


@pytest.fixture
async def authorized(app: "FastAPI", key: str) -> AsyncIterator["AsyncClient"]:
    """Somebody with a key."""
    from httpx import ASGITransport, AsyncClient

    headers = {"Authorization": f"Bearer {key}"}
    async with AsyncClient(transport=ASGITransport(app), base_url="http://test", headers=headers) as client:
        yield client
