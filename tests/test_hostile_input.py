"""Every kind of input that breaks typical services: a problem document that names the field, and nothing is stored."""

import json
import time
from collections.abc import AsyncIterator, Iterator
from copy import deepcopy
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from httpx import ASGITransport, AsyncClient, Response

from app.errors import MEDIA_TYPE
from app.examples import INTERVIEW
from app.issuing import create_key
from app.main import create_app
from app.settings import Settings
from app.wording import point
from tests.conftest import SECRET_KEY

JSON = {"Content-Type": "application/json"}
UNKNOWN_ID = "int_" + "0" * 32


@dataclass(frozen=True)
class Target:
    """An address that takes an interview, and where in its body the interview stands."""

    address: str
    prefix: str
    rest: str = ""

    def wrap(self, interview: str) -> bytes:
        body = f'{{{self.rest}"interview": {interview}}}' if self.prefix else interview
        return body.encode("utf-8", "surrogatepass")


TARGETS = [Target("/v1/schedule", "/interview"), Target("/v1/interviews", "")]
WRITERS = [
    Target("/v1/emails/check_in", "/interview"),
    Target("/v1/drafts/check", "/interview", '"kind": "check_in", "text": "Hi Lee,\\n\\nany news?", '),
]
targets = pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.address)
all_targets = pytest.mark.parametrize("target", [*TARGETS, *WRITERS], ids=lambda target: target.address)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def shared_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """One database for all that is refused; what is accepted gets one of its own."""
    with request.getfixturevalue(f"new_{request.param}")() as url:
        yield url


@pytest.fixture(scope="module")
async def caller(shared_url: str) -> AsyncIterator[AsyncClient]:
    """Somebody with a key, of whom nothing is accepted."""
    app = create_app(
        Settings(database_url=shared_url, secret_key=SECRET_KEY, rate_limit_key=0, rate_limit_address=0, _env_file=None)
    )
    async with app.router.lifespan_context(app):
        with app.state.database.begin() as connection:
            key = create_key(connection, name="tests", account="default", now=datetime.now(UTC))
        headers = {"Authorization": f"Bearer {key}"}
        async with AsyncClient(transport=ASGITransport(app), base_url="http://test", headers=headers) as client:
            yield client


def _short(value: Any) -> str:
    text = ascii(value)
    return text if len(text) < 40 else f"{text[:20]}...{text[-20:]}"


def _with(**members: Any) -> str:
    return json.dumps({**deepcopy(INTERVIEW), **members})


async def _post(client: AsyncClient, target: Target, interview: str) -> Response:
    return await client.post(target.address, content=target.wrap(interview), headers=JSON)


def _problem(response: Response, status: int) -> dict[str, Any]:
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == MEDIA_TYPE
    document: dict[str, Any] = response.json()
    assert document["status"] == status
    return document


async def _is_refused(client: AsyncClient, target: Target, interview: str, pointer: str) -> None:
    document = _problem(await _post(client, target, interview), 422)
    assert target.prefix + pointer in [error.get("pointer") for error in document["errors"]], document


async def _nothing_is_stored(client: AsyncClient) -> None:
    assert (await client.get("/v1/interviews")).json() == {"data": [], "next_cursor": None}
    assert (await client.get("/v1/follow-ups")).json() == {"data": [], "next_cursor": None}


def _texts(tree: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """The places of all texts in a tree."""
    if isinstance(tree, str):
        yield path
    steps = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    for step, inner in steps:
        yield from _texts(inner, (*path, step))


def _replaced(path: tuple[str | int, ...], value: Any) -> str:
    tree: Any = deepcopy(INTERVIEW)
    node = tree
    for step in path[:-1]:
        node = node[step]
    node[path[-1]] = value
    return json.dumps(tree)


@all_targets
@pytest.mark.parametrize("character", ["\x00", "\x1b", "\n", "\x7f", "\x85", "\u202e", "\u2066", "\ud800"])
async def test_no_text_holds_what_is_no_text(caller: AsyncClient, target: Target, character: str) -> None:
    places = list(_texts(INTERVIEW))
    assert len(places) > 40
    for place in places:
        await _is_refused(caller, target, _replaced(place, f"a{character}b"), point(*place))
    await _nothing_is_stored(caller)


@pytest.mark.parametrize("name", ["company", "job_title", "stage", "external_id", "application_ref", "cursor", "sort"])
@pytest.mark.parametrize("value", ["%00", "a%00b", "%ED%A0%80", "%E2%80%AE", "%0D%0A"])
async def test_no_query_holds_what_is_no_text(caller: AsyncClient, name: str, value: str) -> None:
    document = _problem(await caller.get(f"/v1/interviews?{name}={value}"), 422)
    assert document["errors"][0]["parameter"] == name


@targets
@pytest.mark.parametrize(
    "text", ["\u0646\u0627\u0645\u0647\u200c\u0627\u06cc", "\u05e9\u05dc\u05d5\u05dd", "\U0001f469\u200d\U0001f4bb"]
)
async def test_joiners_and_right_to_left_letters_stay(authorized: AsyncClient, target: Target, text: str) -> None:
    response = await _post(authorized, target, _with(interviewers=[{"name": text}]))
    assert response.is_success
    assert text in response.text


async def test_texts_are_kept_in_normal_form(authorized: AsyncClient) -> None:
    assert (await _post(authorized, TARGETS[1], _with(company="Cafe\u0301"))).json()["company"] == "Caf\u00e9"
    assert len((await authorized.get("/v1/interviews?company=Cafe%CC%81")).json()["data"]) == 1


@all_targets
@pytest.mark.parametrize(
    ("member", "pointer"),
    [
        ('"company": "a", "company": "b"', "/company"),
        ('"company": NaN', "/company"),
        ('"company": -Infinity', "/company"),
        ('"company": 1e999', "/company"),
        (f'"company": {"9" * 5000}', "/company"),
        ('"company": 2147483648', "/company"),
        ('"company": 9223372036854775808', "/company"),
        ('"company": "\\ud800"', "/company"),
        ('"company": "\x00"', "/company"),
        ('"candidate": {"name": "a", "name": "b"}', "/candidate/name"),
        ('"salary": 7', "/salary"),
        ('"candidate": {"name": "a", "phone": "7"}', "/candidate/phone"),
        ('"notes": ' + '{"a":' * 40 + "1" + "}" * 40, "/notes" + "/a" * 31),
    ],
    ids=_short,
)
async def test_json_that_parsers_disagree_on_is_refused(
    caller: AsyncClient, target: Target, member: str, pointer: str
) -> None:
    if pointer.startswith("/notes/a"):
        pointer = "/notes" + "/a" * (31 - target.prefix.count("/"))  # the first level that is too deep
    rest = {name: value for name, value in INTERVIEW.items() if name not in {"company", "candidate", "notes"}}
    await _is_refused(caller, target, f"{json.dumps(rest)[:-1]}, {member}}}", pointer)
    await _nothing_is_stored(caller)


@all_targets
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xef\xbb\xbf{}",
        _with().encode("utf-16"),
        _with().encode("utf-32-le"),
        _with().encode() + b"}",
        b'{"company": "\xed\xa0\x80"}',
        b"{",
        b"\x00\x01\x02",
    ],
    ids=_short,
)
async def test_what_is_no_json_is_malformed(caller: AsyncClient, target: Target, body: bytes) -> None:
    response = await caller.post(target.address, content=body, headers=JSON)
    assert _problem(response, 400)["detail"].startswith("The body ")
    await _nothing_is_stored(caller)


@all_targets
@pytest.mark.parametrize("body", [b"[" * 10_000, b'{"a":' * 10_000, b"[" * 10_000 + b"]" * 10_000], ids=_short)
async def test_depth_without_end_is_refused(caller: AsyncClient, target: Target, body: bytes) -> None:
    document = _problem(await caller.post(target.address, content=body, headers=JSON), 422)
    assert "nested too deeply" in document["detail"]


@all_targets
@pytest.mark.parametrize("body", [b"null", b"7", b"true", b'"text"', b"[]", b'[{"interview": {}}]'], ids=_short)
async def test_json_that_is_no_object_is_refused(caller: AsyncClient, target: Target, body: bytes) -> None:
    document = _problem(await caller.post(target.address, content=body, headers=JSON), 422)
    assert document["errors"] == [{"detail": "must be an object", "pointer": ""}]


@pytest.mark.parametrize("address", ["/v1/interviews", "/v1/follow-ups"])
@pytest.mark.parametrize(
    "limit", ["-1", "0", "101", "2147483648", "9223372036854775808", "9" * 5000, "true", "", "1.5"]
)
async def test_a_limit_has_bounds(caller: AsyncClient, address: str, limit: str) -> None:
    document = _problem(await caller.get(address, params={"limit": limit}), 422)
    assert document["errors"][0]["parameter"] == "limit"


@all_targets
@pytest.mark.parametrize(
    "instant",
    [
        "2026-11-20T15:00:00",
        "2026-11-20",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-12:00",
        "1989-06-01T00:00:00Z",
        "2101-06-01T00:00:00Z",
        "2026-02-30T00:00:00Z",
        "2026-11-20T15:00:00+99:99",
        1795000000,
        1e18,
        True,
        "",
    ],
    ids=str,
)
async def test_an_instant_is_aware_and_of_our_time(caller: AsyncClient, target: Target, instant: Any) -> None:
    await _is_refused(caller, target, _with(starts_at=instant), "/starts_at")
    await _is_refused(caller, target, _with(ends_at=instant), "/ends_at")
    await _nothing_is_stored(caller)


@all_targets
@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31", "2026-12-01T00:00:00Z", "2026-13-01", 20261201], ids=str)
async def test_a_day_is_a_date_of_our_time(caller: AsyncClient, target: Target, day: Any) -> None:
    await _is_refused(caller, target, _with(decision_by=day), "/decision_by")


async def test_the_moment_that_counts_as_now_is_one_of_our_time(caller: AsyncClient) -> None:
    for as_of in ("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "now", 7):
        body = {"interview": INTERVIEW, "as_of": as_of}
        document = _problem(await caller.post("/v1/schedule", json=body), 422)
        assert document["errors"][0]["pointer"] == "/as_of"


@targets
@pytest.mark.parametrize("as_of", ["1990-01-01T00:00:00+14:00", "2100-12-31T23:59:59-12:00"])
async def test_the_ends_of_our_time_can_be_planned_for(authorized: AsyncClient, target: Target, as_of: str) -> None:
    times: dict[str, Any] = {"starts_at": as_of, "ends_at": None, "decision_by": None}
    assert (await _post(authorized, target, _with(**times))).is_success


@all_targets
@pytest.mark.parametrize(
    "zone",
    ["../../etc/passwd", "", "Europe", "localtime", "Factory", "posix/Europe/Paris", "Etc/UTC", "EST", "a" * 999],
)
async def test_a_zone_is_the_name_of_a_place(caller: AsyncClient, target: Target, zone: str) -> None:
    await _is_refused(caller, target, _with(timezone=zone), "/timezone")
    await _nothing_is_stored(caller)


@all_targets
async def test_countries_subdivisions_and_policies_are_known_ones(caller: AsyncClient, target: Target) -> None:
    await _is_refused(caller, target, _with(country="XX"), "/country")
    await _is_refused(caller, target, _with(subdivision="XX"), "/subdivision")
    await _is_refused(caller, target, _with(policy="bold"), "/policy")
    await _nothing_is_stored(caller)


@pytest.mark.parametrize("value", [1, 0, "true", 7.0, "7", None], ids=_short)
async def test_a_boolean_is_no_number_and_no_text(caller: AsyncClient, value: Any) -> None:
    event = {"type": "rejected", "occurred_at": "2026-11-24T09:00:00Z", "went_well": value}
    document = _problem(await caller.post("/v1/schedule", json={"interview": INTERVIEW, "events": [event]}), 422)
    assert document["errors"] == [{"detail": "must be true or false", "pointer": "/events/0/went_well"}]


@pytest.mark.parametrize(
    "name", ["candidate", "company", "job_title", "stage", "starts_at", "timezone", "interviewers"]
)
async def test_a_patch_takes_no_required_member_away(authorized: AsyncClient, name: str) -> None:
    stored = (await authorized.post("/v1/interviews", json=INTERVIEW)).json()
    address = f"/v1/interviews/{stored['id']}"
    document = _problem(await authorized.patch(address, json={name: None}), 422)
    assert document["errors"][0]["pointer"] == f"/{name}"
    assert (await authorized.get(address)).json() == stored


async def test_unknown_parameters_are_named(caller: AsyncClient) -> None:
    for request in (
        caller.post("/v1/schedule?debug=1", json={"interview": INTERVIEW}),
        caller.post("/v1/interviews?debug=1", json=INTERVIEW),
        caller.get("/v1/interviews?debug=1"),
        caller.get("/v1/follow-ups?debug=1"),
        caller.post("/v1/emails/check_in?debug=1", json={"interview": INTERVIEW}),
        caller.post("/v1/drafts/check?debug=1", json={"kind": "check_in", "text": "Hi"}),
        caller.get("/v1/follow-ups/fu_1/email?debug=1"),
        caller.get("/livez?debug=1"),
    ):
        assert _problem(await request, 422)["errors"][0]["parameter"] == "debug"
    await _nothing_is_stored(caller)


@all_targets
async def test_a_form_is_told_to_be_json(caller: AsyncClient, target: Target) -> None:
    document = _problem(await caller.post(target.address, data={"company": "Northwind"}), 415)
    assert "Content-Type: application/json" in document["detail"]
    await _nothing_is_stored(caller)


@pytest.mark.parametrize("id", [UNKNOWN_ID, "int_1", "1", "%00", "int_%00", "a" * 5000, "..%2f..", "evt_" + "0" * 32])
async def test_an_id_that_is_nobodys_is_not_found(caller: AsyncClient, id: str) -> None:
    _problem(await caller.get(f"/v1/interviews/{id}"), 404)
    _problem(await caller.delete(f"/v1/interviews/{id}"), 404)
    _problem(await caller.get(f"/v1/interviews/{id}/schedule"), 404)
    _problem(await caller.get(f"/v1/follow-ups/{id}"), 404)
    _problem(await caller.get(f"/v1/follow-ups/{id}/email"), 404)
    _problem(await caller.post(f"/v1/interviews/{id}/emails/check_in"), 404)
    _problem(await caller.post(f"/v1/interviews/{id}/drafts/check", json={"kind": "check_in", "text": "Hi"}), 404)


@pytest.mark.parametrize(
    ("method", "address", "allowed"),
    [
        ("PUT", "/v1/schedule", "OPTIONS, POST"),
        ("DELETE", "/v1/interviews", "GET, HEAD, OPTIONS, POST"),
        ("POST", f"/v1/interviews/{UNKNOWN_ID}", "DELETE, GET, HEAD, OPTIONS, PATCH"),
        ("GET", "/v1/emails/check_in", "OPTIONS, POST"),
        ("GET", "/v1/drafts/check", "OPTIONS, POST"),
        ("PUT", f"/v1/interviews/{UNKNOWN_ID}/emails/check_in", "OPTIONS, POST"),
        ("POST", "/v1/follow-ups/fu_1/email", "GET, HEAD, OPTIONS"),
        ("BREW", "/livez", "GET, HEAD, OPTIONS"),
    ],
)
async def test_a_wrong_method_learns_all_the_right_ones(
    caller: AsyncClient, method: str, address: str, allowed: str
) -> None:
    response = await caller.request(method, address)
    _problem(response, 405)
    assert response.headers["allow"] == allowed


@pytest.mark.parametrize(
    "address",
    ["/", "/v1", "/v1/schedule/", "/v1/interviews/", "//v1/schedule", "/redoc", "/docs/", "/docs/%00", "/%FF"],
)
async def test_nothing_is_redirected(caller: AsyncClient, address: str) -> None:
    _problem(await caller.get(address), 404)


TEMPLATE = "{{7*7}} ${7*7} {0} %s %(x)s <script>alert(1)</script> <img src=x onerror=alert(1)> '; DROP TABLE x;-- \\"


@targets
async def test_a_text_is_never_more_than_a_text(authorized: AsyncClient, target: Target) -> None:
    for member in ("company", "job_title", "external_id", "application_ref"):
        assert (await _post(authorized, target, _with(**{member: TEMPLATE, "external_id": None}))).is_success
    people = [{"name": TEMPLATE, "title": TEMPLATE, "topics": [TEMPLATE, "=cmd|'/c calc'!A1"]}] * 3
    response = await _post(authorized, target, _with(company=TEMPLATE, interviewers=people, external_id=None))
    assert response.is_success
    shown = json.dumps(TEMPLATE)[1:-1]
    assert shown in response.text


@all_targets
@pytest.mark.parametrize("text", ["a" * 20_000, " " * 20_000, "[" * 20_000, "\\" * 20_000, '"' * 20_000], ids=_short)
async def test_a_long_text_is_refused_at_once(caller: AsyncClient, target: Target, text: str) -> None:
    interview = _with(company=text)
    start = time.perf_counter()
    await _is_refused(caller, target, interview, "/company")
    assert time.perf_counter() - start < 1
    await _nothing_is_stored(caller)


@all_targets
@pytest.mark.parametrize(
    "body",
    [
        b"[" + b"1," * 130_000 + b"1]",
        b"[" + b"[]," * 87_000 + b"[]]",
        b"{" + b",".join(b'"%d":1' % number for number in range(25_000)) + b"}",
        b'"' + b'\\"' * 130_000,
        b"[" + b'"\\n",' * 50_000 + b"1]",
        b"9" * 262_000,
    ],
    ids=_short,
)
async def test_a_body_as_long_as_may_be_is_refused_at_once(caller: AsyncClient, target: Target, body: bytes) -> None:
    start = time.perf_counter()
    response = await caller.post(target.address, content=body, headers=JSON)
    assert time.perf_counter() - start < 3
    assert response.status_code in {400, 422}
    assert len(response.content) < 10_000


async def test_a_stored_name_that_is_a_template_is_refused_in_an_email(authorized: AsyncClient) -> None:
    stored = (await _post(authorized, TARGETS[1], _with(company=TEMPLATE))).json()
    steps = (await authorized.get("/v1/follow-ups", params={"interview_id": stored["id"]})).json()["data"]
    for step in steps:
        response = await authorized.get(f"/v1/follow-ups/{step['id']}/email")
        assert response.status_code == 422
        assert [fault["pointer"] for fault in response.json()["errors"]] == ["/company"]


@pytest.mark.parametrize(
    "evil",
    [
        "'; DROP TABLE x;-- <script>alert(1)</script> <img src=x onerror=alert(1)> %s \\",
        "=?utf-8?q?a=0D=0ABcc:_evil@example.com?=",
        '" onload="alert(1)',
        "\\r\\nBcc: x@y.z",
    ],
)
async def test_a_stored_text_is_never_more_than_a_text_in_an_email(authorized: AsyncClient, evil: str) -> None:
    people = [{"name": f"{evil} {number}", "email": "a@b.example", "topics": [evil, "Kafka"]} for number in (1, 2)]
    interview = _with(company=evil, job_title=evil, interviewers=people, candidate={"name": evil}, policy="steady")
    stored = (await _post(authorized, TARGETS[1], interview)).json()
    steps = (await authorized.get("/v1/follow-ups", params={"interview_id": stored["id"]})).json()["data"]
    assert len(steps) == 3
    for step in steps:
        for form in ("json", "text", "html", "eml"):
            response = await authorized.get(f"/v1/follow-ups/{step['id']}/email", params={"format": form})
            assert response.status_code == 200, response.text
            if form == "html":
                assert not any(tag in response.text for tag in ("<script", "<img", ' onload="'))
            if form == "eml":
                head = response.text.partition("\r\n\r\n")[0]
                assert not any(line.lower().startswith("bcc") for line in head.split("\r\n"))
        text = (await authorized.get(f"/v1/follow-ups/{step['id']}/email?format=text")).text
        body = {"kind": step["kind"], "text": text, "recipient": step["recipient"]["name"]}
        checked = await authorized.post(f"/v1/interviews/{stored['id']}/drafts/check", json=body)
        assert checked.status_code == 200, checked.text


@pytest.mark.parametrize(
    "text", ["a" * 20_000, " " * 20_000, "\n" * 20_000, "[" * 20_000, "\u0301" * 20_000], ids=_short
)
async def test_a_draft_as_long_as_may_be_is_answered(authorized: AsyncClient, text: str) -> None:
    stored = (await authorized.post("/v1/interviews", json=INTERVIEW)).json()
    body = {"kind": "check_in", "text": text, "other_drafts": [text[:8000]] * 5}
    for address in ("/v1/drafts/check", f"/v1/interviews/{stored['id']}/drafts/check"):
        assert (await authorized.post(address, json=body)).status_code == 200
        _problem(await authorized.post(address, json=body | {"text": text + text[:1]}), 422)
        _problem(await authorized.post(address, json=body | {"other_drafts": ["a"] * 21}), 422)
