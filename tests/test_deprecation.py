from collections.abc import AsyncIterator
from datetime import datetime, timedelta, timezone
from typing import Annotated, Any

import pytest
from fastapi import FastAPI, Query
from httpx import ASGITransport, AsyncClient, Response
from starlette.responses import JSONResponse

from app.auth import SignedIn
from app.deprecation import deprecated
from app.routing import Router, mount

SINCE = datetime(2026, 11, 20, 16, tzinfo=timezone(timedelta(hours=-5)))
SUNSET = datetime(2027, 5, 1, 2, tzinfo=timezone(timedelta(hours=2)))
LINK = "https://afterword.example/moving"
OLD = deprecated(since=SINCE, sunset=SUNSET, link=LINK)

router = Router(prefix="/v1/old")


@router.get("", **OLD)
async def read_old(limit: Annotated[int, Query(ge=1)] = 1) -> JSONResponse:
    return JSONResponse(limit, headers={"Link": '</v1/old?cursor=x>; rel="next"'})


@router.put("", **OLD)
def write_old(gate: SignedIn) -> bool:
    return gate.prefix == "aw_live_"


@router.post("")
async def make_new() -> int:
    return 7


@pytest.fixture
async def client(app: FastAPI) -> AsyncIterator[AsyncClient]:
    mount(app, [router])
    async with AsyncClient(transport=ASGITransport(app), base_url="http://test") as client:
        yield client


def _warns(response: Response) -> bool:
    """Whether the answer says that the operation is on its way out, in full or not at all."""
    told = (response.headers.get("deprecation"), response.headers.get("sunset"))
    warns = told == ("@1795208400", "Sat, 01 May 2027 00:00:00 GMT")
    assert warns or told == (None, None)
    assert (f'<{LINK}>; rel="deprecation"' in response.headers.get("link", "")) is warns
    return warns


async def test_an_operation_on_its_way_out_says_so_with_each_answer(client: AsyncClient, key: str) -> None:
    assert _warns(await client.get("/v1/old"))
    assert _warns(await client.head("/v1/old"))
    invalid = await client.get("/v1/old?limit=0")
    assert (invalid.status_code, _warns(invalid)) == (422, True)
    unknown = await client.get("/v1/old?size=1")
    assert (unknown.status_code, _warns(unknown)) == (422, True)
    nobody = await client.put("/v1/old")
    assert (nobody.status_code, _warns(nobody)) == (401, True)
    page = await client.put("/v1/old", headers={"Authorization": f"Bearer {key}", "Origin": "https://jobs.example.com"})
    assert (page.status_code, _warns(page)) == (403, True)
    written = await client.put("/v1/old", headers={"Authorization": f"Bearer {key}"})
    assert (written.status_code, _warns(written)) == (200, True)


async def test_who_calls_too_often_hears_of_it_too(app: FastAPI, client: AsyncClient) -> None:
    app.state.settings = app.state.settings.model_copy(update={"rate_limit_address": 1})
    assert [(await client.get("/v1/old")).status_code for _ in range(2)][-1:] == [429]
    assert _warns(await client.get("/v1/old"))


async def test_what_stays_says_nothing(client: AsyncClient) -> None:
    assert not _warns(await client.post("/v1/old"))
    assert not _warns(await client.get("/v1/rules"))


async def test_the_link_stands_beside_those_of_the_answer(client: AsyncClient) -> None:
    response = await client.get("/v1/old")
    assert response.headers.get_list("link") == [f'</v1/old?cursor=x>; rel="next", <{LINK}>; rel="deprecation"']


async def test_the_document_says_so_too() -> None:
    app = FastAPI()
    mount(app, [router])
    operations: dict[str, Any] = app.openapi()["paths"]["/v1/old"]
    assert [name for name, operation in operations.items() if operation.get("deprecated")] == ["get", "put"]


def test_nothing_ends_before_it_is_deprecated() -> None:
    with pytest.raises(ValueError, match="warns nobody"):
        deprecated(since=SUNSET, sunset=SUNSET - timedelta(seconds=1), link=LINK)
    deprecated(since=SUNSET, sunset=SUNSET, link=LINK)
