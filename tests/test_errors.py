import json
import sqlite3
from collections.abc import AsyncIterator
from typing import Annotated, Any

import psycopg
import pytest
from fastapi import FastAPI, Header, Path, Query
from httpx import ASGITransport, AsyncClient, Response
from pydantic import BaseModel, Field
from sqlalchemy import exc
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from app.errors import HANDLERS, MEDIA_TYPE, STATUSES, Name, Problem, answers
from app.exchange import Exchange
from app.routing import Router, mount
from app.wording import Fault, explain, point

ERRORS: dict[str, Exception] = {}
"""What the test's own route raises, by the path that asks for it."""

router = Router()


@router.get("/raise/{name}")
async def fail(name: str) -> None:
    raise ERRORS[name]


@router.get("/things/{number}")
@router.delete("/things/{number}")
async def show(number: Annotated[int, Path(ge=1)], limit: Annotated[int, Query(ge=1, le=100)] = 20) -> int:
    return number + limit


@router.put("/things/{number}")
async def replace(number: int) -> int:
    return number


@router.get("/headers")
async def read_header(x_count: Annotated[int, Header()]) -> int:
    return x_count


class Thing(BaseModel):
    name: Annotated[str, Field(max_length=3)]


@router.post("/things")
async def make(thing: Thing) -> Thing:
    return thing


@pytest.fixture
async def client() -> AsyncIterator[AsyncClient]:
    app = FastAPI(exception_handlers=dict(HANDLERS), redirect_slashes=False)
    app.add_middleware(Exchange)
    mount(app, [router])
    transport = ASGITransport(app, raise_app_exceptions=False)
    async with AsyncClient(transport=transport, base_url="http://test") as client:
        yield client


async def _answer_to(client: AsyncClient, error: Exception) -> Response:
    ERRORS["this"] = error
    return await client.get("/raise/this")


def _is_problem(response: Response, name: Name) -> dict[str, Any]:
    status, title = STATUSES[name]
    assert response.status_code == status
    assert response.headers["content-type"] == MEDIA_TYPE
    document: dict[str, Any] = response.json()
    assert (document["type"], document["title"], document["status"]) == ("about:blank", title, status)
    assert document["detail"].endswith(".")
    return document


@pytest.mark.parametrize(
    ("problem", "name"),
    [
        (Problem.malformed("No JSON."), "malformed"),
        (Problem.unauthorized("Send a key."), "unauthorized"),
        (Problem.not_found(), "not_found"),
        (Problem.method_not_allowed("PUT", ["GET"]), "method_not_allowed"),
        (Problem.not_acceptable(["application/json"]), "not_acceptable"),
        (Problem.conflict("Taken.", Fault("is taken", pointer="/external_id")), "conflict"),
        (Problem.precondition_failed(), "precondition_failed"),
        (Problem.too_large("Too long."), "too_large"),
        (Problem.unsupported_media_type(Fault("must be JSON", header="Content-Type"), {}), "unsupported_media_type"),
        (Problem.invalid(Fault("must be 7", pointer="/a")), "invalid"),
        (Problem.internal(), "internal"),
        (Problem.unavailable(), "unavailable"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_a_problem_is_its_own_answer(client: AsyncClient, problem: Problem, name: Name) -> None:
    document = _is_problem(await _answer_to(client, problem), name)
    assert document["instance"] == "/raise/this"


def test_every_status_has_a_constructor() -> None:
    assert all(callable(getattr(Problem, name)) for name in STATUSES)


async def test_the_faults_of_a_problem_are_its_errors(client: AsyncClient) -> None:
    faults = [Fault("is odd", pointer="/a/0"), Fault("is even", parameter="b"), Fault("is prime", header="C")]
    document = _is_problem(await _answer_to(client, Problem.invalid(*faults)), "invalid")
    assert document["detail"] == "3 things are not as expected; see errors."
    assert document["errors"] == [
        {"detail": "is odd", "pointer": "/a/0"},
        {"detail": "is even", "parameter": "b"},
        {"detail": "is prime", "header": "C"},
    ]


async def test_a_key_is_asked_for_in_the_way_that_http_has(client: AsyncClient) -> None:
    response = await _answer_to(client, Problem.unauthorized("Send a key."))
    assert response.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize(
    "error",
    [
        ValueError("hunter2"),
        RecursionError("hunter2"),
        UnicodeEncodeError("utf-8", "hunter2", 0, 1, "hunter2"),
        ExceptionGroup("hunter2", [ValueError("hunter2")]),
        exc.ProgrammingError("SELECT hunter2", {}, sqlite3.ProgrammingError("hunter2")),
        exc.OperationalError("SELECT hunter2", {}, sqlite3.OperationalError("no such table: hunter2")),
        exc.DataError("SELECT hunter2", {}, psycopg.DataError("hunter2")),
    ],
    ids=lambda error: type(error).__name__,
)
async def test_any_other_exception_is_a_problem_that_tells_nothing(client: AsyncClient, error: Exception) -> None:
    if isinstance(error, exc.OperationalError):
        error.orig.sqlite_errorname = "SQLITE_ERROR"  # type: ignore[union-attr]
    response = await _answer_to(client, error)
    _is_problem(response, "internal")
    assert "hunter2" not in response.text


async def test_any_other_exception_reaches_the_server_which_logs_it() -> None:
    app = FastAPI(exception_handlers=dict(HANDLERS))
    mount(app, [router])
    ERRORS["this"] = ValueError("seven")
    async with AsyncClient(transport=ASGITransport(app), base_url="http://test") as client:
        with pytest.raises(ValueError, match="seven"):
            await client.get("/raise/this")


def _sqlite_error(name: str) -> exc.OperationalError:
    original = sqlite3.OperationalError(f"{name}: database or disk is full")
    original.sqlite_errorname = name
    return exc.OperationalError("INSERT", {}, original)


@pytest.mark.parametrize(
    "error",
    [
        _sqlite_error("SQLITE_FULL"),
        _sqlite_error("SQLITE_READONLY"),
        _sqlite_error("SQLITE_BUSY"),
        _sqlite_error("SQLITE_CANTOPEN"),
        _sqlite_error("SQLITE_IOERR"),
        exc.OperationalError("INSERT", {}, psycopg.OperationalError("connection refused")),
        exc.OperationalError("INSERT", {}, psycopg.errors.DiskFull("could not extend file")),
        exc.InternalError("INSERT", {}, psycopg.errors.ReadOnlySqlTransaction("cannot execute INSERT")),
        exc.InterfaceError("INSERT", {}, psycopg.InterfaceError("the connection is closed")),
        exc.ProgrammingError("INSERT", {}, psycopg.ProgrammingError("gone"), connection_invalidated=True),
        exc.TimeoutError("QueuePool limit of size 44 overflow 0 reached"),
    ],
    ids=lambda error: f"{type(error).__name__}: {error}".splitlines()[0],
)
async def test_a_database_that_is_away_full_or_read_only_is_unavailable_for_now(
    client: AsyncClient, error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    response = await _answer_to(client, error)
    _is_problem(response, "unavailable")
    assert int(response.headers["retry-after"]) > 0
    assert caplog.records[0].name == "app.errors"


async def test_a_caller_who_leaves_early_is_no_fault_of_ours(client: AsyncClient) -> None:
    _is_problem(await _answer_to(client, ClientDisconnect()), "malformed")


async def test_what_the_frameworks_raise_is_a_problem_too(client: AsyncClient) -> None:
    document = _is_problem(await _answer_to(client, HTTPException(409, "It is taken", {"X-A": "b"})), "conflict")
    assert document["detail"] == "It is taken."
    _is_problem(await _answer_to(client, HTTPException(406)), "not_acceptable")
    _is_problem(await _answer_to(client, HTTPException(418)), "internal")


async def test_an_address_where_nothing_is_gets_a_problem(client: AsyncClient) -> None:
    _is_problem(await client.get("/nowhere"), "not_found")
    _is_problem(await client.get("/things/1/"), "not_found")
    assert (await client.get("/things/1")).json() == 21


async def test_a_wrong_method_learns_all_the_right_ones(client: AsyncClient) -> None:
    response = await client.post("/things/1", json={})
    document = _is_problem(response, "method_not_allowed")
    assert response.headers["allow"] == "DELETE, GET, HEAD, OPTIONS, PUT"
    assert document["detail"] == "POST is not possible here; DELETE, GET, HEAD, OPTIONS, PUT is."


@pytest.mark.parametrize("number", ["x", "0", "9" * 5000, "1.5"])
async def test_an_address_that_cannot_be_is_not_found(client: AsyncClient, number: str) -> None:
    _is_problem(await client.get(f"/things/{number}?limit=0"), "not_found")


@pytest.mark.parametrize(
    ("limit", "detail"),
    [
        ("0", "must be at least 1"),
        ("-1", "must be at least 1"),
        ("101", "must be at most 100"),
        ("2147483648", "must be at most 100"),
        ("9" * 5000, "must be a whole number with fewer digits"),
        ("many", "must be a whole number"),
        ("", "must be a whole number"),
        ("1.5", "must be a whole number"),
        ("true", "must be a whole number"),
    ],
)
async def test_a_parameter_is_named(client: AsyncClient, limit: str, detail: str) -> None:
    document = _is_problem(await client.get("/things/1", params={"limit": limit}), "invalid")
    assert document["errors"] == [{"detail": detail, "parameter": "limit"}]
    assert document["detail"] == f"limit {detail}."


async def test_a_header_is_named(client: AsyncClient) -> None:
    document = _is_problem(await client.get("/headers", headers={"X-Count": "many"}), "invalid")
    assert document["errors"] == [{"detail": "must be a whole number", "header": "x-count"}]
    assert _is_problem(await client.get("/headers"), "invalid")["errors"][0]["detail"] == "is required"


async def test_what_was_sent_is_never_repeated(client: AsyncClient) -> None:
    response = await client.post("/things", json={"name": "hunter2"})
    document = _is_problem(response, "invalid")
    assert document["errors"] == [{"detail": "must have at most 3 characters", "pointer": "/name"}]
    assert "hunter2" not in response.text


async def test_a_body_that_is_no_object_is_named_as_a_whole(client: AsyncClient) -> None:
    document = _is_problem(await client.post("/things", json=[1]), "invalid")
    assert document["errors"] == [{"detail": "must be an object", "pointer": ""}]
    assert document["detail"] == "The body must be an object."


def test_a_pointer_escapes_what_would_divide_it_and_ends_somewhere() -> None:
    assert point("a/b", 0, "c~d") == "/a~1b/0/c~0d"
    assert len(point("a" * 10_000)) == 200


def test_the_tag_of_a_union_is_no_part_of_a_pointer() -> None:
    body = {"events": [{"type": "sent", "key": 7}]}
    error = {"loc": ("body", "events", 0, "sent", "key"), "type": "string_type"}
    assert explain([error], body)[0].pointer == "/events/0/key"
    assert explain([{"loc": ("body", "a", 3, "b"), "type": "unheard_of"}], {"a": []}) == [
        Fault("is not valid", pointer="/a/3/b")
    ]


def test_a_document_can_be_sent_whatever_stands_in_it() -> None:
    response = Problem.invalid(Fault("is odd", pointer="/\ud800\u202e\x00")).response("/\udc80")
    assert json.loads(bytes(response.body))["status"] == 422


def test_the_answers_of_an_operation_refer_to_one_schema() -> None:
    documented = answers("not_found", "invalid")
    assert [documented[status]["description"] for status in (404, 422)] == ["Not Found", "Unprocessable Content"]
    assert documented[404]["content"] == {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
