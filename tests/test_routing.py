import json
from collections.abc import AsyncIterator, Mapping
from typing import Annotated, Any, ClassVar

import pytest
from fastapi import APIRouter, Body, Depends, FastAPI, Header, Query, Request
from httpx import ASGITransport, AsyncClient, Response
from pydantic import BaseModel, ConfigDict
from starlette.responses import Response as Answer
from starlette.types import Message

from app.errors import HANDLERS, MEDIA_TYPE
from app.examples import INTERVIEW
from app.exchange import Exchange
from app.incoming import BODY_LIMIT
from app.negotiation import ChosenForm
from app.routing import Router, mount
from app.settings import Settings

JSON = {"Content-Type": "application/json"}

router = Router(prefix="/v1", tags=["things"])


class Thing(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: str


class Note(BaseModel):
    model_config = ConfigDict(extra="forbid")

    VERBATIM: ClassVar[frozenset[str]] = frozenset({"text"})

    text: str
    name: str = ""


class ThingQuery(BaseModel):
    model_config = ConfigDict(extra="forbid")

    color: str | None = None


def _tell(**members: Any) -> Answer:
    return Answer(json.dumps(members), media_type="application/json")


@router.post("/straight")
async def make_straight(thing: Thing, request: Request) -> Answer:
    return _tell(name=thing.name, path=request.url.path)


@router.post("/straighter")
async def make_straighter(thing: Thing) -> Answer:
    return _tell(name=thing.name)


@router.post("/straight-note")
async def make_straight_note(note: Note) -> Answer:
    return _tell(**note.model_dump())


@router.post("/usual-note")
def make_usual_note(note: Note) -> Note:
    return note


@router.get("/negotiated")
async def show_negotiated(form: ChosenForm) -> Answer:
    return _tell(form=form)


@router.post("/usual")
def make_usual(thing: Thing) -> Thing:
    return thing


@router.patch("/usual")
def change_usual(thing: Thing) -> Thing:
    return thing


@router.post("/optional")
def make_optional(thing: Annotated[Thing | None, Body()] = None) -> Thing | None:
    return thing


@router.post("/raw")
async def read_raw(request: Request, thing: Thing, size: Annotated[int, Query()] = 0) -> dict[str, Any]:
    return {"bytes": len(await request.body()), "json": await request.json(), "name": thing.name, "size": size}


def _color(color: str = "red") -> str:
    return color


@router.get("/things/{name:path}")
def show_thing(
    name: str, color: Annotated[str, Depends(_color)], limit: int = 20, x_trace: Annotated[str, Header()] = ""
) -> dict[str, Any]:
    return {"name": name, "color": color, "limit": limit, "trace": x_trace}


@router.get("/colored")
def list_colored(query: Annotated[ThingQuery, Query()]) -> str | None:
    return query.color


def make_app() -> FastAPI:
    """An application of these routes, that counts nobody."""
    app = FastAPI(exception_handlers=dict(HANDLERS), redirect_slashes=False)
    app.state.settings = Settings(rate_limit_address=0, _env_file=None)
    mount(app, [router])
    app.add_middleware(Exchange)
    return app


@pytest.fixture
async def client() -> AsyncIterator[AsyncClient]:
    app = make_app()
    async with AsyncClient(transport=ASGITransport(app), base_url="http://test/v1") as client:
        yield client


def _fault(response: Response, status: int) -> dict[str, Any]:
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == MEDIA_TYPE
    errors: list[dict[str, Any]] = response.json()["errors"]
    assert len(errors) == 1
    return errors[0]


@pytest.mark.parametrize("path", ["/straight", "/straighter", "/usual", "/raw", "/optional"])
@pytest.mark.parametrize(
    "media_type",
    [
        "application/json",
        "Application/JSON; charset=utf-8",
        'application/json;charset="UTF-8"',
        "application/json ; Charset=utf8",
        "application/json; profile=x",
        "application/json;",
    ],
)
async def test_a_body_of_json_is_read(client: AsyncClient, path: str, media_type: str) -> None:
    response = await client.post(path, content=b'{"name": "e\\u0301"}', headers={"Content-Type": media_type})
    assert (response.status_code, response.json()["name"]) == (200, "\u00e9")


@pytest.mark.parametrize("path", ["/straight", "/straighter", "/usual", "/raw", "/optional"])
async def test_every_body_is_read_strictly(client: AsyncClient, path: str) -> None:
    async def post(content: bytes) -> Response:
        return await client.post(path, content=content, headers=JSON)

    assert _fault(await post(b'{"name": "a", "name": "b"}'), 422)["pointer"] == "/name"
    assert _fault(await post(b'{"name": "\\u0000"}'), 422)["pointer"] == "/name"
    assert _fault(await post(b'{"name": "a", "nick": "b"}'), 422)["pointer"] == "/nick"
    assert _fault(await post(b'{"name": 7}'), 422) == {"pointer": "/name", "detail": "must be a string"}
    assert _fault(await post(b"[]"), 422)["pointer"] == ""
    assert (await post(b"{")).status_code == 400


@pytest.mark.parametrize("path", ["/straight-note", "/usual-note"])
async def test_a_member_that_its_shape_calls_verbatim_is_read_as_it_was_sent(client: AsyncClient, path: str) -> None:
    response = await client.post(path, json={"text": "e\u0301\n", "name": "e\u0301"})
    assert response.json() == {"text": "e\u0301\n", "name": "\u00e9"}
    assert _fault(await client.post(path, json={"text": "a\n", "name": "a\n"}), 422)["pointer"] == "/name"
    assert _fault(await client.post(path, json={"text": "a\0"}), 422)["pointer"] == "/text"


async def test_only_what_comes_in_several_forms_depends_on_accept(client: AsyncClient) -> None:
    assert (await client.get("/negotiated", headers={"Accept": "text/html"})).json() == {"form": "html"}
    for path in ("/negotiated?format=pdf", "/negotiated?color=red"):
        assert (await client.get(path)).headers["vary"] == "Accept"
    refused = await client.get("/negotiated", headers={"Accept": "image/png"})
    assert (refused.status_code, refused.headers["vary"]) == (406, "Accept")
    assert "vary" not in (await client.get("/colored?hue=1")).headers


@pytest.mark.parametrize("path", ["/straight", "/usual", "/raw"])
async def test_a_body_that_is_required_is_not_empty(client: AsyncClient, path: str) -> None:
    response = await client.post(path)
    assert (response.status_code, response.json()["detail"]) == (400, "The body must be JSON; it is empty.")


async def test_a_body_that_is_optional_may_be_left_out(client: AsyncClient) -> None:
    response = await client.post("/optional")
    assert (response.status_code, response.json()) == (200, None)


async def test_a_handler_can_read_the_same_bytes_and_tree_again(client: AsyncClient) -> None:
    response = await client.post("/raw?size=7", json={"name": "Ana"})
    assert response.json() == {"bytes": 14, "json": {"name": "Ana"}, "name": "Ana", "size": 7}


@pytest.mark.parametrize("path", ["/straight", "/straighter", "/usual", "/raw", "/optional"])
@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Content-Type": "text/plain"},
        {"Content-Type": "application/x-www-form-urlencoded"},
        {"Content-Type": "multipart/form-data; boundary=x"},
        {"Content-Type": "application/merge-patch+json"},
        {"Content-Type": "text/json"},
        {"Content-Type": "\u00e9".encode("latin-1")},
    ],
    ids=lambda headers: str(headers.get("Content-Type", "none")),
)
async def test_another_media_type_is_told_the_right_one(
    client: AsyncClient, path: str, headers: Mapping[str, Any]
) -> None:
    response = await client.post(path, content=b'{"name": "a"}', headers=headers)
    fault = _fault(response, 415)
    assert fault["header"] == "Content-Type"
    assert "-H 'Content-Type: application/json'" in fault["detail"]
    assert response.headers["accept"] == "application/json"


@pytest.mark.parametrize("path", ["/straight", "/usual", "/raw"])
@pytest.mark.parametrize(
    "parameters",
    [
        "charset=utf-16",
        "Charset=UTF-16",
        'charset="latin-1"',
        "profile=x; charset=us-ascii",
        "charset=utf-8; charset=utf-16",
        "charset=",
        "charset = utf-32",
        "charset=utf-8-sig",
    ],
)
async def test_a_body_that_says_it_is_not_in_utf_8_is_refused_even_where_it_is(
    client: AsyncClient, path: str, parameters: str
) -> None:
    headers = {"Content-Type": f"application/json; {parameters}"}
    response = await client.post(path, content=b'{"name": "a"}', headers=headers)
    fault = _fault(response, 415)
    assert fault["header"] == "Content-Type"
    assert fault["detail"].startswith("must name no charset but utf-8")
    assert response.headers["accept"] == "application/json"


async def test_a_patch_may_say_that_it_is_one(client: AsyncClient) -> None:
    headers = {"Content-Type": "application/merge-patch+json"}
    assert (await client.patch("/usual", content=b'{"name": "a"}', headers=headers)).status_code == 200
    assert (await client.patch("/usual", json={"name": "a"})).status_code == 200
    headers["Content-Type"] += "; charset=utf-16"
    assert _fault(await client.patch("/usual", content=b"{}", headers=headers), 415)["header"] == "Content-Type"
    response = await client.patch("/usual", data={"name": "a"})
    assert _fault(response, 415)["detail"].startswith("must be application/json or application/merge-patch+json;")


@pytest.mark.parametrize("path", ["/straight", "/usual"])
async def test_an_encoded_body_is_refused(client: AsyncClient, path: str) -> None:
    response = await client.post(path, content=b"\x1f\x8b", headers={**JSON, "Content-Encoding": "gzip"})
    assert _fault(response, 415)["header"] == "Content-Encoding"
    assert response.headers["accept-encoding"] == "identity"


@pytest.mark.parametrize("path", ["/straight", "/usual"])
async def test_a_body_may_be_as_long_as_the_limit_and_no_longer(client: AsyncClient, path: str) -> None:
    longest = b'{"name": "' + b"a" * (BODY_LIMIT - 12) + b'"}'
    assert len(longest) == BODY_LIMIT
    assert (await client.post(path, content=longest, headers=JSON)).status_code == 200
    response = await client.post(path, content=longest + b" ", headers=JSON)
    assert (response.status_code, response.headers["content-type"]) == (413, MEDIA_TYPE)
    assert str(BODY_LIMIT) in response.json()["detail"]


async def _send_in_pieces(path: str, headers: list[tuple[bytes, bytes]], pieces: list[Message]) -> tuple[int, int]:
    """The status of the answer, and how many pieces were asked for."""
    app = make_app()
    waiting = iter(pieces)
    statuses: list[int] = []

    async def receive() -> Message:
        return next(waiting)

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            statuses.append(message["status"])

    scope = {"type": "http", "method": "POST", "path": path, "query_string": b"", "root_path": ""}
    await app({**scope, "headers": [(b"content-type", b"application/json"), *headers]}, receive, send)
    return statuses[0], len(pieces) - len(list(waiting))


async def test_a_body_in_pieces_is_counted_as_it_arrives() -> None:
    pieces: list[Message] = [{"type": "http.request", "body": b" " * 65536, "more_body": True} for _ in range(100)]
    assert await _send_in_pieces("/v1/straight", [], pieces) == (413, 5)
    assert await _send_in_pieces("/v1/usual", [], pieces) == (413, 5)


@pytest.mark.parametrize("length", [b"262145", b"10000000", b"9" * 100])
async def test_a_body_that_says_it_is_too_long_is_not_waited_for(length: bytes) -> None:
    assert await _send_in_pieces("/v1/straight", [(b"content-length", length)], []) == (413, 0)


async def test_a_body_that_breaks_off_is_malformed() -> None:
    pieces: list[Message] = [{"type": "http.request", "body": b"{", "more_body": True}, {"type": "http.disconnect"}]
    assert await _send_in_pieces("/v1/usual", [], pieces) == (400, 2)


async def test_a_body_in_pieces_is_put_together() -> None:
    pieces: list[Message] = [
        {"type": "http.request", "body": b'{"name":', "more_body": True},
        {"type": "http.request", "body": b'"a"}', "more_body": True},
        {"type": "http.request"},
    ]
    assert await _send_in_pieces("/v1/usual", [(b"content-length", b"a few")], pieces) == (200, 3)


async def test_known_parameters_are_read_those_of_dependencies_too(client: AsyncClient) -> None:
    response = await client.get("/things/a?color=e%CC%81&limit=7", headers={"X-Trace": "t"})
    assert response.json() == {"name": "a", "color": "\u00e9", "limit": 7, "trace": "t"}
    assert (await client.get("/colored?color=a%20b+c%26")).json() == "a b c&"


@pytest.mark.parametrize(
    ("query", "parameter", "detail"),
    [
        ("colour=red", "colour", "is not known here; there are color, limit"),
        ("limit=1&limit=2", "limit", "must be given once"),
        ("color=%00", "color", "must hold UTF-8 without control characters or bidirectional overrides"),
        ("color=%ED%A0%80", "color", "must hold UTF-8 without control characters or bidirectional overrides"),
        ("color=%FF", "color", "must hold UTF-8 without control characters or bidirectional overrides"),
        ("color=%E2%80%AE", "color", "must hold UTF-8 without control characters or bidirectional overrides"),
        ("color=%0D%0AX:%201", "color", "must hold UTF-8 without control characters or bidirectional overrides"),
        ("x%00=1", "x\ufffd", "is not known here; there are color, limit"),
        ("limit", "limit", "must be a whole number"),
        ("=1", "", "is not known here; there are color, limit"),
        ("x-trace=1", "x-trace", "is not known here; there are color, limit"),
    ],
)
async def test_a_parameter_that_is_not_right_is_named(
    client: AsyncClient, query: str, parameter: str, detail: str
) -> None:
    assert _fault(await client.get(f"/things/a?{query}"), 422) == {"parameter": parameter, "detail": detail}


async def test_an_unknown_parameter_of_a_route_without_any_is_named(client: AsyncClient) -> None:
    fault = _fault(await client.post("/straight?debug=1", json={"name": "a"}), 422)
    assert fault == {"parameter": "debug", "detail": "is not known here; there are no parameters"}
    assert _fault(await client.get("/colored?hue=1"), 422)["parameter"] == "hue"


async def test_thousands_of_unknown_parameters_get_a_short_answer(client: AsyncClient) -> None:
    response = await client.get("/things/a?" + "&".join(f"p{number}=" for number in range(7000)))
    assert response.status_code == 422
    assert len(response.content) < 4000


@pytest.mark.parametrize("name", ["%00", "a%0Ab", "%7F", "%C2%85", "%E2%80%AE", "%ED%A0%80", "%FF", "a%0A"])
async def test_nothing_stands_at_an_address_that_cannot_be_written(client: AsyncClient, name: str) -> None:
    response = await client.get(f"/things/{name}")
    assert (response.status_code, response.headers["content-type"]) == (404, MEDIA_TYPE)


async def test_an_address_is_read_in_normal_form(client: AsyncClient) -> None:
    assert (await client.get("/things/e%CC%81/b")).json()["name"] == "\u00e9/b"


def test_a_router_of_another_kind_is_not_served() -> None:
    other = APIRouter()
    other.add_api_route("/other", lambda: None)
    with pytest.raises(TypeError, match="must be a Router"):
        mount(FastAPI(), [other])


def test_an_operation_is_named_as_its_function_and_says_what_it_may_refuse() -> None:
    app = FastAPI()
    mount(app, [router])
    paths = app.openapi()["paths"]
    operations = {operation["operationId"]: operation for path in paths.values() for operation in path.values()}
    assert operations.keys() >= {"make_straight", "make_usual", "change_usual", "show_thing"}
    assert operations["make_straight"]["responses"].keys() == {
        *("200", "400", "401", "403", "413", "415", "422", "429", "500")
    }
    assert operations["show_thing"]["responses"].keys() == {"200", "403", "404", "422", "429", "500"}
    assert "HTTPValidationError" not in json.dumps(paths)


async def test_what_may_tell_of_people_or_hold_a_secret_no_cache_keeps(app: FastAPI, authorized: AsyncClient) -> None:
    once = {"Idempotency-Key": "once"}
    created = [await authorized.post("/v1/interviews", json=INTERVIEW, headers=once) for _ in range(2)]
    address, tag = created[0].headers["location"], created[0].headers["etag"]
    async with AsyncClient(transport=ASGITransport(app), base_url="http://test") as nobody:
        answers = [
            *created,
            await authorized.get(address),
            await authorized.get(address, headers={"If-None-Match": tag}),
            await authorized.head(address),
            await authorized.get(address, headers={"Origin": "https://jobs.example.com"}),
            await authorized.get("/v1/interviews/nobody"),
            await authorized.get("/v1/interviews?size=1"),
            await authorized.get("/v1/me"),
            await nobody.get(address),
            await nobody.post("/v1/schedule", json={"interview": INTERVIEW}),
        ]
        kept = await nobody.get("/v1/rules")
    assert [each.status_code for each in answers] == [201, 201, 200, 304, 200, 403, 404, 422, 200, 401, 200]
    assert created[1].headers["idempotency-replayed"] == "true"
    assert {each.headers.get("cache-control") for each in answers} == {"no-store"}
    assert (kept.status_code, "cache-control" in kept.headers) == (200, False)
