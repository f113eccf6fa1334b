import asyncio

from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient
from sqlalchemy import text

from app.main import create_app
from app.settings import Settings
from app.store.db import Database
from tests.conftest import SECRET_KEY


async def test_a_service_with_a_database_lives_and_is_ready(client: AsyncClient) -> None:
    for address in ("/livez", "/readyz"):
        response = await client.get(address)
        assert (response.status_code, response.json()) == (200, {"status": "ok"})


async def test_a_database_at_another_migration_is_not_ready(client: AsyncClient, database: Database) -> None:
    with database.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0000'"))
    response = await client.get("/readyz")
    assert response.status_code == 503
    assert "python -m app migrate" in response.json()["detail"]
    assert (await client.get("/livez")).status_code == 200


async def _ask(url: str) -> int:
    app: FastAPI = create_app(Settings(database_url=url, secret_key=SECRET_KEY, _env_file=None))
    async with (
        app.router.lifespan_context(app),
        AsyncClient(transport=ASGITransport(app), base_url="http://test") as client,
    ):
        response = await asyncio.wait_for(client.get("/readyz"), 20)
        assert int(response.headers["retry-after"]) > 0
        return response.status_code


async def test_a_database_that_is_away_is_not_ready() -> None:
    assert await _ask("postgresql://nobody@127.0.0.1:1/nothing") == 503


async def test_a_database_without_tables_is_not_ready(empty_postgresql_url: str) -> None:
    assert await _ask(empty_postgresql_url) == 503
