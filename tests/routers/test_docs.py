import re

import pytest
from httpx import AsyncClient


async def test_the_page_asks_nobody_else_for_anything(client: AsyncClient) -> None:
    page = await client.get("/docs")
    assert page.headers["content-type"].startswith("text/html")
    assert "//" not in re.sub(r"<!--.*?-->", "", page.text)
    assert "default-src 'self'" in page.headers["content-security-policy"]
    for address in re.findall(r'(?:src|href)="(.*?)"', page.text):
        assert (await client.get(f"/{address}")).status_code == 200


async def test_the_page_reads_the_document_next_to_it(client: AsyncClient) -> None:
    assert "url: 'openapi.json'" in (await client.get("/docs")).text
    assert (await client.get("/openapi.json")).json()["openapi"].startswith("3.1")


@pytest.mark.parametrize("address", ["/redoc", "/docs/redoc.standalone.js", "/docs/..%2Fcore.py", "/docs/x"])
async def test_nothing_else_is_served_beside_it(client: AsyncClient, address: str) -> None:
    assert (await client.get(address)).status_code == 404
