"""The headers of real answers, beside what the OpenAPI document says of them."""

from typing import Any

from fastapi import FastAPI
from httpx import AsyncClient

from app.headers import HEADERS
from tests.northwind import NORTHWIND

ONCE = {"Idempotency-Key": "once"}
ONE, EXTERNAL = "/v1/interviews/{interview_id}", "/v1/interviews/by-external-id/{external_id}"
PUT = NORTHWIND | {"external_id": "other", "application_ref": None}

WALK: list[tuple[str, str, str, dict[str, Any], int, set[str]]] = [
    ("post", "/v1/interviews", "/v1/interviews", {"json": NORTHWIND, "headers": ONCE}, 201, {"ETag", "Location"}),
    ("post", "/v1/interviews", "/v1/interviews", {"json": NORTHWIND, "headers": ONCE}, 201, {"Idempotency-Replayed"}),
    ("put", EXTERNAL, "/v1/interviews/by-external-id/other", {"json": PUT}, 201, {"ETag", "Location"}),
    ("put", EXTERNAL, "/v1/interviews/by-external-id/other", {"json": PUT}, 200, {"ETag"}),
    ("get", "/v1/interviews", "/v1/interviews?limit=1", {}, 200, {"Link"}),
    ("get", "/v1/interviews", "/v1/interviews", {"headers": {"Authorization": ""}}, 401, {"WWW-Authenticate"}),
    ("get", ONE, "/v1/interviews/int_none", {}, 404, {"RateLimit", "RateLimit-Policy"}),
    ("get", "/v1/rules", "/v1/rules", {}, 200, {"RateLimit", "X-Request-ID"}),
    ("get", "/livez", "/livez", {}, 200, {"X-Request-ID"}),
]


async def test_every_header_of_an_answer_is_described_where_it_stands(app: FastAPI, authorized: AsyncClient) -> None:
    app.state.settings = app.state.settings.model_copy(update={"rate_limit_key": 100, "rate_limit_address": 100})
    paths = app.openapi()["paths"]
    for method, path, target, options, status, expected in WALK:
        response = await authorized.request(method, target, **options)
        assert response.status_code == status, response.text
        carried = {name for name in HEADERS if name in response.headers}
        assert expected <= carried, (method, target)
        assert carried <= paths[path][method]["responses"][str(status)]["headers"].keys(), (method, target)


async def test_a_version_is_named_where_nothing_has_changed(app: FastAPI, authorized: AsyncClient) -> None:
    made = await authorized.post("/v1/interviews", json=NORTHWIND)
    condition = {"If-None-Match": made.headers["ETag"]}
    unchanged = await authorized.get(made.headers["Location"], headers=condition)
    assert unchanged.status_code == 304
    assert "ETag" in unchanged.headers
    assert "ETag" in app.openapi()["paths"][ONE]["get"]["responses"]["304"]["headers"]


async def test_every_header_that_is_described_stands_somewhere(app: FastAPI) -> None:
    answers = [
        response
        for path in app.openapi()["paths"].values()
        for operation in path.values()
        for response in operation["responses"].values()
    ]
    assert {name for answer in answers for name in answer["headers"]} == set(HEADERS)
