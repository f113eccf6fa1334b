"""Every kind of input that breaks typical services, on what is stored: a problem that names it, and nothing changes."""

import json
import re
import time
from collections.abc import AsyncIterator, Iterator
from copy import deepcopy
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, unquote

import pytest
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient, Response

from app.issuing import create_key
from app.main import create_app
from app.settings import Settings
from app.wording import point
from tests.conftest import SECRET_KEY, NewDatabase
from tests.hooks import URL, log, subscribe
from tests.northwind import (
    NORTHWIND,
    create,
    create_given,
    faults,
    follow_ups_of,
    happen,
    northwind,
    plan_of,
    problem,
    read,
    snapshot,
    walk,
)

JSON = {"Content-Type": "application/json"}
AT = "2026-01-05T10:00:00-05:00"


@dataclass(frozen=True)
class Stored:
    """An interview that is there, and somebody who may change it."""

    client: AsyncClient
    app: FastAPI
    ids: dict[str, str]

    def snapshot(self) -> dict[str, list[Any]]:
        return snapshot(self.app.state.database) | log(self.app.state.database)

    def address(self, path: str) -> str:
        return path.format_map({name: quote(id, safe="") for name, id in self.ids.items()})


@dataclass(frozen=True)
class Write:
    """An operation that takes a body, and a body that is right for it."""

    method: str
    path: str
    body: dict[str, Any]
    optional: bool = False


PAGE = "https://careers.example.com"
WRITES = {
    "post": Write("POST", "/v1/interviews", northwind(external_id="ats-2")),
    "put new": Write("PUT", "/v1/interviews/by-external-id/ats-3", northwind()),
    "put again": Write("PUT", "/v1/interviews/by-external-id/{external_id}", northwind()),
    "patch": Write("PATCH", "/v1/interviews/{interview_id}", {"company": "Contoso"}),
    "event": Write("POST", "/v1/interviews/{interview_id}/events", {"type": "withdrawn", "occurred_at": AT}),
    "sent": Write("POST", "/v1/follow-ups/{follow_up_id}/sent", {"occurred_at": AT}, optional=True),
    "skipped": Write("POST", "/v1/follow-ups/{follow_up_id}/skipped", {"occurred_at": AT}, optional=True),
    "snoozed": Write("POST", "/v1/follow-ups/{follow_up_id}/snoozed", {"until": "2065-12-03T09:00:00-05:00"}),
    "email": Write("POST", "/v1/interviews/{interview_id}/emails/{kind}", {"recipient": "Lee Wong"}, optional=True),
    "draft": Write("POST", "/v1/interviews/{interview_id}/drafts/check", {"kind": "check_in", "text": "Hi Lee,\n"}),
    "endpoint": Write("POST", "/v1/webhook-endpoints", {"url": URL}),
    "endpoint patch": Write("PATCH", "/v1/webhook-endpoints/{endpoint_id}", {"description": "ours"}),
    "rotate": Write("POST", "/v1/webhook-endpoints/{endpoint_id}/rotate-secret", {}, optional=True),
    "recover": Write("POST", "/v1/webhook-endpoints/{endpoint_id}/recover", {"since": AT}),
    "key": Write("POST", "/v1/keys", {"name": "career site", "scopes": ["emails"]}),
    "account": Write("PATCH", "/v1/account", {"retention_days": 30}),
    "token": Write(
        "POST",
        "/v1/client-tokens",
        {"candidate_email": "ana.lopez@example.com", "actions": ["read"], "origins": [PAGE]},
    ),
}
"""Every operation that does what a body says."""

INTERVIEWS = ("post", "put new", "put again", "patch")
"""Those among them whose body is an interview, or a part of one."""


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def shared_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """One database for all that is refused; what is accepted gets one of its own."""
    new: NewDatabase = request.getfixturevalue(f"new_{request.param}")
    with new() as url:
        yield url


@pytest.fixture(scope="module")
async def shared(shared_url: str) -> AsyncIterator[Stored]:
    """An interview that nobody may change here."""
    app = create_app(
        Settings(database_url=shared_url, secret_key=SECRET_KEY, rate_limit_key=0, rate_limit_address=0, _env_file=None)
    )
    async with app.router.lifespan_context(app):
        with app.state.database.begin() as connection:
            key = create_key(connection, name="tests", account="default", now=datetime.now(UTC))
        headers = {"Authorization": f"Bearer {key}"}
        async with AsyncClient(transport=ASGITransport(app), base_url="http://test", headers=headers) as client:
            interview = await create(client, external_id="ats-1")
            event = await happen(client, interview["id"], "reply_received", acknowledgement=True)
            check_in = (await follow_ups_of(client, interview["id"]))["check_in"]
            endpoint = await subscribe(client)
            await client.patch("/v1/account", json={"allowed_origins": [PAGE]})
            delivery = (await client.post(f"/v1/webhook-endpoints/{endpoint['id']}/test")).json()
            ids = {
                "interview_id": interview["id"],
                "event_id": event["id"],
                "follow_up_id": check_in["id"],
                "external_id": "ats-1",
                "kind": "check_in",
                "endpoint_id": endpoint["id"],
                "message_id": delivery["message_id"],
                "delivery_id": delivery["id"],
                "event_type": "ping",
                "email": "ana.lopez@example.com",
            }
            yield Stored(client, app, ids)


@pytest.fixture
def stored(shared: Stored) -> Iterator[Stored]:
    """Whatever a test sends, all rows are afterwards as they were before."""
    before = shared.snapshot()
    yield shared
    assert shared.snapshot() == before


async def send(stored: Stored, write: Write, body: bytes, headers: dict[str, str] = JSON) -> Response:
    """A body as it is."""
    return await stored.client.request(write.method, stored.address(write.path), content=body, headers=headers)


async def tell(stored: Stored, write: Write, **changes: Any) -> Response:
    """The right body, but for some members of it."""
    body = json.dumps(({} if write.method == "PATCH" else write.body) | changes)
    return await send(stored, write, body.encode())


# Bodies that are no strict JSON


MALFORMED = [
    b" ",
    b"{",
    b"{]",
    b"nul",
    b"{'a': 1}",
    b'{"a": 1,}',
    b'{"a": 1} {}',
    b"\xff",
    b'{"a": "\xff"}',
    b'{"a": "\xed\xa0\x80"}',
    b"\xef\xbb\xbf{}",
    '{"a": 1}'.encode("utf-16"),
    '{"a": 1}'.encode("utf-32"),
    b"[" * 10,
]

STRICT: list[tuple[bytes, list[str]]] = [
    (b'{"a": NaN}', ["/a"]),
    (b'{"a": -Infinity}', ["/a"]),
    (b'{"a": 1e999}', ["/a"]),
    (b'{"a": ' + b"9" * 5000 + b"}", ["/a"]),
    (b'{"a": -' + b"9" * 19 + b"}", ["/a"]),
    (b'{"a": 1, "a": 1}', ["/a"]),
    (b'{"b": {"c": 1, "\\u0063": 2}}', ["/b/c"]),
    (b'{"a": "\\ud800"}', ["/a"]),
    (b'{"a": "\\udc00\\ud800"}', ["/a"]),
    (b'{"a": "\\u0000"}', ["/a"]),
    (b'{"a": "x\x00"}', ["/a"]),
    (b'{"a": "\\u202e"}', ["/a"]),
    (b'{"\\u0000": 1}', ["/\ufffd"]),
    (b'{"\\ud800": 1}', ["/\ufffd"]),
    (b"[" * 10_000 + b"]" * 10_000, [""]),
    (b'{"a":' * 10_000 + b"1" + b"}" * 10_000, [""]),
    (b"7", [""]),
    (b"[]", [""]),
    (b'"x"', [""]),
    (b"true", [""]),
]


@pytest.mark.parametrize("name", WRITES)
async def test_a_body_that_is_no_json_is_malformed(stored: Stored, name: str) -> None:
    for body in (*MALFORMED, *([] if WRITES[name].optional else [b""])):
        assert "JSON" in problem(await send(stored, WRITES[name], body), 400)["detail"], body


@pytest.mark.parametrize("name", WRITES)
async def test_a_body_that_readers_disagree_on_is_refused_where_it_is_odd(stored: Stored, name: str) -> None:
    for body, pointers in STRICT:
        found = faults(await send(stored, WRITES[name], body), "pointer")
        if len(body) < 10_000:
            assert (body, found) == (body, pointers)
        else:
            assert len(found) == 1


@pytest.mark.parametrize("name", WRITES)
async def test_a_body_that_is_null_is_none(stored: Stored, name: str) -> None:
    if WRITES[name].optional:
        response = await send(stored, WRITES[name], b'{"occurred_at": 1}')
        assert faults(response, "pointer") == ["/occurred_at"]
    else:
        assert faults(await send(stored, WRITES[name], b"null"), "pointer") == [""]


@pytest.mark.parametrize("name", WRITES)
async def test_a_member_that_is_not_known_is_named(stored: Stored, name: str) -> None:
    for member in ("x", "Company", "__proto__", "id", "account_id", "", "a/b~c", "é", "x" * 10_000):
        found = faults(await tell(stored, WRITES[name], **{member: 1}), "pointer")
        assert found == [point(member)]


@pytest.mark.parametrize("name", WRITES)
async def test_only_json_is_read(stored: Stored, name: str) -> None:
    write = WRITES[name]
    body = json.dumps(write.body).encode()
    for media_type in ("application/x-www-form-urlencoded", "text/plain", "multipart/form-data; boundary=x", "", "*/*"):
        response = await send(stored, write, body, {"Content-Type": media_type})
        assert faults(response, "header", 415) == ["Content-Type"]
        assert "Content-Type: application/json" in response.json()["detail"]
    for encoding in ("gzip", "br", "identity", ""):
        response = await send(stored, write, body, JSON | {"Content-Encoding": encoding})
        assert faults(response, "header", 415) == ["Content-Encoding"]


@pytest.mark.parametrize("name", WRITES)
async def test_a_body_that_is_too_long_is_not_read(stored: Stored, name: str) -> None:
    write = WRITES[name]
    padded = json.dumps(write.body).encode().ljust(256 * 1024 + 1)

    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(100):
            yield b" " * 10_000

    path = stored.address(write.path)
    problem(await stored.client.request(write.method, path, content=padded, headers=JSON), 413)
    problem(await stored.client.request(write.method, path, content=pieces(), headers=JSON), 413)


# Members that cannot be


INSTANTS: list[Any] = [
    "2065-11-20T15:00:00",
    "2065-11-20",
    "2065-11-20 15:00",
    "2065-11-31T15:00:00Z",
    "2065-11-20T24:00:01Z",
    "2065-11-20T15:00:60Z",
    "2065-11-20T15:00:00+24:00",
    "2065-11-20T15:00:00 America/New_York",
    "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59-12:00",
    "1989-12-31T23:59:59Z",
    "2101-01-01T00:00:00Z",
    "99999-01-01T00:00:00Z",
    "\u0662\u0660\u0662\u0666-11-20T15:00:00Z",
    "now",
    "",
    0,
    1764331200,
    1e300,
    True,
    [],
    {},
]

BAD_MEMBERS: dict[str, list[Any]] = {
    "starts_at": INSTANTS,
    "ends_at": INSTANTS,
    "decision_by": ["2065-12-01T00:00:00Z", "2065-02-29", "1989-12-31", "2101-01-01", "1 December", "", 20651201, True],
    "timezone": [
        "../../etc/passwd",
        "/etc/localtime",
        "",
        "Europe",
        "Europe/",
        "america/new_york",
        "America/New_York ",
        "localtime",
        "Factory",
        "posix/UTC",
        "right/UTC",
        "Etc/GMT+5",
        "GMT0",
        "EST5EDT",
        "+05:00",
        "UTC\n",
        "a" * 10_000,
        7,
    ],
    "country": ["XX", "us", "USA", "U", "", "\uff35\uff33", "__", "US\u200d", 1, True],
    "subdivision": ["BE", "ny", "", "NY ", "N" * 41, 7, []],
    "stage": ["Panel", "", "panel ", "lunch", 1, True, ["panel"]],
    "medium": ["Video", "", "letter", 0, False],
    "policy": ["nobody", "", "a" * 101, "../balanced", "__class__", 7, True, {}],
    "company": ["", " ", "\u3000", "a" * 201, "a" * 20_000, " " * 20_000, 7, 2**63, True, [], {}],
    "job_title": ["", "a" * 201, 1.5, False],
    "external_id": ["", " ", "a" * 201, 8123, 2**31, True, []],
    "application_ref": ["", " ", "a" * 201, 77, True, {}],
    "candidate": ["Ana", [], 7],
    "interviewers": [[], {}, "Priya", [{"name": "A"}] * 21],
    "contact": ["Lee", [], 1],
    "notes": ["good", [], 0],
}


@pytest.mark.parametrize("name", INTERVIEWS)
async def test_a_member_of_an_interview_that_cannot_be_is_named(stored: Stored, name: str) -> None:
    for member, values in BAD_MEMBERS.items():
        for value in values:
            found = faults(await tell(stored, WRITES[name], **{member: value}), "pointer")
            assert (value, found) == (value, [f"/{member}"])


NESTED: list[tuple[str, Any, str]] = [
    ("candidate", {"name": ""}, "/candidate/name"),
    ("candidate", {"name": "Ana", "email": "ana@"}, "/candidate/email"),
    ("candidate", {"name": "Ana", "email": "a" * 400 + "@example.com"}, "/candidate/email"),
    ("candidate", {"name": "Ana", "email": "=?utf-8?q?a=0D=0ABcc:_x?=@example.com"}, "/candidate/email"),
    ("candidate", {"name": "Ana", "email": "ana@example.com, bob@example.com"}, "/candidate/email"),
    ("candidate", {"name": "Ana", "age": 1}, "/candidate/age"),
    ("contact", {"name": 7}, "/contact/name"),
    ("interviewers", ["Priya"], "/interviewers/0"),
    ("interviewers", [{}], "/interviewers/0/name"),
    ("interviewers", [{"name": "A"}, {"name": "B", "role": "boss"}], "/interviewers/1/role"),
    ("interviewers", [{"name": "A", "topics": ["a"] * 21}], "/interviewers/0/topics"),
    ("interviewers", [{"name": "A", "topics": "a"}], "/interviewers/0/topics"),
    ("interviewers", [{"name": "A", "topics": [None]}], "/interviewers/0/topics/0"),
    ("interviewers", [{"name": "A", "topics": ["a" * 501]}], "/interviewers/0/topics/0"),
    ("interviewers", [{"name": "A", "insight": "a" * 2001}], "/interviewers/0/insight"),
    ("interviewers", [{"name": "A", "postal_address": "a" * 501}], "/interviewers/0/postal_address"),
    ("notes", {"fit": "a" * 20_000}, "/notes/fit"),
    ("notes", {"questions": [""]}, "/notes/questions/0"),
    ("notes", {"concerns": [{"raised": "a"}]}, "/notes/concerns/0/answer"),
    ("notes", {"revisit": [{"topic": "a", "answer": "b", "x": 1}]}, "/notes/revisit/0/x"),
    ("notes", {"references": {"0": "a"}}, "/notes/references"),
]


@pytest.mark.parametrize("name", INTERVIEWS)
async def test_a_part_of_an_interview_that_cannot_be_is_named_to_the_leaf(stored: Stored, name: str) -> None:
    for member, value, pointer in NESTED:
        found = faults(await tell(stored, WRITES[name], **{member: value}), "pointer")
        assert (value, found) == (value, [pointer])


def _texts(tree: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    if isinstance(tree, str):
        yield path
    elif isinstance(tree, dict | list):
        for key, node in tree.items() if isinstance(tree, dict) else enumerate(tree):
            yield from _texts(node, (*path, key))


@pytest.mark.parametrize("name", ["put again", "patch"])
async def test_no_text_of_an_interview_holds_what_is_no_text(stored: Stored, name: str) -> None:
    places = list(_texts(NORTHWIND))
    assert len(places) > 30
    for character in ("\x00", "\x1b", "\x85", "\u202e", "\u2066", "\ud800"):
        for place in places:
            tree: Any = deepcopy(NORTHWIND)
            node = tree
            for part in place[:-1]:
                node = node[part]
            node[place[-1]] = f"a{character}b"
            response = await send(stored, WRITES[name], json.dumps(tree).encode())
            assert faults(response, "pointer") == [point(*place)]


NO_BOOLEANS: list[Any] = [None, 0, 1, "true", "yes", "", [], 1.0]

EVENTS: list[tuple[dict[str, Any], list[str]]] = [
    ({"type": None}, ["/type"]),
    ({"type": "Withdrawn"}, ["/type"]),
    ({"type": "follow_up_deleted"}, ["/type"]),
    ({"type": 7}, ["/type"]),
    ({"type": ["withdrawn"]}, ["/type"]),
    *(({"occurred_at": value}, ["/occurred_at"]) for value in [*INSTANTS, None]),
    ({"type": "withdrawn", "acknowledgement": True}, ["/acknowledgement"]),
    *(({"type": "reply_received", "acknowledgement": value}, ["/acknowledgement"]) for value in NO_BOOLEANS),
    *(({"type": "rejected", "went_well": value}, ["/went_well"]) for value in NO_BOOLEANS),
    *(({"type": "instruction_given", "no_contact": value}, ["/no_contact"]) for value in NO_BOOLEANS),
    *(({"type": "instruction_given", "not_before": value}, ["/not_before"]) for value in INSTANTS),
    *(({"type": "instruction_given", "channel": value}, ["/channel"]) for value in ("card", "Email", "", 1)),
    ({"type": "decision_date_stated"}, ["/decision_by"]),
    *(
        ({"type": "decision_date_stated", "decision_by": value}, ["/decision_by"])
        for value in (None, "2065-02-30", "2065-12-01T00:00:00Z", "0000-00-00", 20651201, "")
    ),
    *(({"type": "offer_received", "respond_by": value}, ["/respond_by"]) for value in ("soon", "2101-01-01", 1)),
    ({"type": "situation_changed"}, ["/change"]),
    ({"type": "situation_changed", "change": "mood"}, ["/change"]),
    ({"type": "situation_changed", "change": "other", "detail": "a" * 20_000}, ["/detail"]),
    ({"type": "situation_changed", "change": "other", "detail": 7}, ["/detail"]),
    ({"type": "situation_changed", "change": "other", "detail": "a\u202eb"}, ["/detail"]),
    ({"type": "situation_changed", "change": "other", "detail": "a\x00b"}, ["/detail"]),
    ({"type": "follow_up_sent"}, ["/key"]),
    *(
        ({"type": "follow_up_sent", "key": value}, ["/key"])
        for value in (None, "", "check_in\n", "Check_in", "thank_you/", "check_in/0", "thank_you/" + "a" * 20_000, 7)
    ),
    ({"type": "follow_up_snoozed", "key": "check_in"}, ["/until"]),
    *(
        ({"type": "follow_up_snoozed", "key": "check_in", "until": value}, ["/until"])
        for value in [*INSTANTS, None, "2065-12-02T08:59:59-05:00", "2100-12-31T23:59:59-12:00"]
    ),
    ({"interview_id": "int_1"}, ["/interview_id"]),
]


async def test_an_event_that_cannot_be_names_the_member(stored: Stored) -> None:
    for changes, pointers in EVENTS:
        response = await tell(stored, WRITES["event"], **changes)
        assert (changes, faults(response, "pointer")) == (changes, pointers)


async def test_an_event_without_its_type_or_its_moment_says_what_is_missing(stored: Stored) -> None:
    for body, pointer in (
        (b'{"occurred_at": "2026-01-05T10:00:00Z"}', "/type"),
        (b'{"type": "withdrawn"}', "/occurred_at"),
    ):
        assert faults(await send(stored, WRITES["event"], body), "pointer") == [pointer]


@pytest.mark.parametrize(
    ("name", "member"),
    [("sent", "occurred_at"), ("skipped", "occurred_at"), ("snoozed", "until"), ("recover", "since")],
)
async def test_a_moment_that_cannot_be_is_named(stored: Stored, name: str, member: str) -> None:
    for value in INSTANTS:
        found = faults(await tell(stored, WRITES[name], **{member: value}), "pointer")
        assert (value, found) == (value, [f"/{member}"])


BAD_URLS: list[Any] = [
    "",
    " ",
    "https://",
    "https:///x",
    "//93.184.215.14",
    f"{URL}\\",
    URL + "a" * 20_000,
    "h" * 250_000,
    *(f"https://{host}/" for host in ("127.0.0.1.", "0177.0.0.1", "[::]", "[fe80::1%25lo]", "%00")),
    None,
    7,
    True,
    [URL],
    {},
]
NO_TYPES: list[Any] = [None, "", "Ping", "follow_up.*", 7, True, [], {}, "ping\u0000"]

BAD_ENDPOINTS: dict[str, list[tuple[Any, str]]] = {
    "url": [(value, "/url") for value in BAD_URLS],
    "events": [
        *(([value], "/events/0") for value in NO_TYPES),
        ([], "/events"),
        ({}, "/events"),
        ("ping", "/events"),
        (True, "/events"),
        (["ping"] * 101, "/events"),
    ],
    "description": [
        ("a" * 501, "/description"),
        ("a\u202eb", "/description"),
        ("a\nb", "/description"),
        (7, "/description"),
        ({}, "/description"),
    ],
    "include_email": [(value, "/include_email") for value in NO_BOOLEANS],
    "enabled": [(value, "/enabled") for value in NO_BOOLEANS],
}


@pytest.mark.parametrize("name", ["endpoint", "endpoint patch"])
async def test_a_member_of_an_endpoint_that_cannot_be_is_named(stored: Stored, name: str) -> None:
    for member, cases in BAD_ENDPOINTS.items():
        for value, pointer in cases:
            found = faults(await tell(stored, WRITES[name], **{member: value}), "pointer")
            assert (value, found) == (value, [pointer])


async def test_a_secret_or_an_overlap_that_cannot_be_is_named(stored: Stored) -> None:
    texts = ["", "A" * 28, "A" * 20_000, "\u0000", "\u00e9" * 32, "-" * 32]
    secrets = ["", " ", *(f"whsec_{text}" for text in texts), 7, {}]
    overlaps = [-1, 604_801, 2**31, 2**63, 1.5, 1e300, "60", True, False, [], {}]
    for member, values in (("secret", secrets), ("overlap_seconds", overlaps)):
        for value in values:
            found = faults(await tell(stored, WRITES["rotate"], **{member: value}), "pointer")
            assert (value, found) == (value, [f"/{member}"])
    for value in secrets:
        assert faults(await tell(stored, WRITES["endpoint"], secret=value), "pointer") == ["/secret"]


# Addresses


OF_ONE = [
    ("GET", "/v1/interviews/{interview_id}"),
    ("PATCH", "/v1/interviews/{interview_id}"),
    ("DELETE", "/v1/interviews/{interview_id}"),
    ("GET", "/v1/interviews/{interview_id}/schedule"),
    ("GET", "/v1/interviews/{interview_id}/events"),
    ("POST", "/v1/interviews/{interview_id}/events"),
    ("GET", "/v1/follow-ups/{follow_up_id}"),
    ("POST", "/v1/follow-ups/{follow_up_id}/sent"),
    ("POST", "/v1/follow-ups/{follow_up_id}/skipped"),
    ("POST", "/v1/follow-ups/{follow_up_id}/snoozed"),
    ("GET", "/v1/follow-ups/{follow_up_id}/email"),
    ("POST", "/v1/interviews/{interview_id}/emails/check_in"),
    ("POST", "/v1/interviews/{interview_id}/drafts/check"),
    ("GET", "/v1/webhook-endpoints/{endpoint_id}"),
    ("PATCH", "/v1/webhook-endpoints/{endpoint_id}"),
    ("DELETE", "/v1/webhook-endpoints/{endpoint_id}"),
    ("POST", "/v1/webhook-endpoints/{endpoint_id}/rotate-secret"),
    ("POST", "/v1/webhook-endpoints/{endpoint_id}/test"),
    ("POST", "/v1/webhook-endpoints/{endpoint_id}/recover"),
    ("GET", "/v1/webhook-endpoints/{endpoint_id}/deliveries"),
    ("GET", "/v1/messages/{message_id}"),
    ("POST", "/v1/deliveries/{delivery_id}/retry"),
]
"""Every operation on one thing by its id; an event's is tried below."""

NO_IDS = [
    "0",
    "-1",
    "null",
    "undefined",
    str(2**31),
    str(2**63),
    "9" * 5000,
    "{0}\n",
    "{0}\x00",
    "{0} ",
    " {0}",
    "{0}0",
    "{1}",
    "{2}_" + "0" * 31,
    "{2}_" + "G" * 32,
    "{2}_" + "\u0660" * 32,
    "{2}-" + "0" * 32,
    "' OR 1=1 --",
    "../../etc/passwd",
    "%",
    "%00",
    "\u202e",
    "é",
    "e\u0301",
    "\U0001f600",
    "a" * 7000,
    "{{{{7*7}}}}",
    "*",
]
"""{0} stands for the right id, {1} for the right one of another kind, {2} for the right prefix."""


def _bodies(method: str, path: str) -> Any:
    return next((write.body for write in WRITES.values() if (write.method, write.path) == (method, path)), None)


@pytest.mark.parametrize(("method", "path"), OF_ONE)
async def test_an_id_that_is_none_is_not_found(stored: Stored, method: str, path: str) -> None:
    name = path.partition("{")[2].partition("}")[0]
    right, other = stored.ids[name], stored.ids["event_id"]
    values = [each.format(right, other, right.partition("_")[0]) for each in NO_IDS]
    for value in (*map(quote, values), right.upper(), "%ff", "%ed%a0%80", "%c0%80", "%F0%9F", ".%2f" + right):
        address = path.replace(f"{{{name}}}", value.replace("/", "%2F"))
        response = await stored.client.request(method, address, json=_bodies(method, path))
        assert (value, problem(response, 404)["status"]) == (value, 404)


async def test_an_event_is_not_found_by_what_is_no_id_of_one(stored: Stored) -> None:
    events = stored.address("/v1/interviews/{interview_id}/events")
    right = stored.ids["event_id"]
    for value in (each.format(right, stored.ids["follow_up_id"], "evt") for each in NO_IDS):
        problem(await stored.client.delete(f"{events}/{quote(value, safe='')}"), 404)
    unknown = "int_" + "0" * 32
    problem(await stored.client.delete(f"/v1/interviews/{unknown}/events/{right}"), 404)


async def test_nothing_is_stored_under_an_external_id_that_cannot_be_written(stored: Stored) -> None:
    for value in (
        "",
        "%00",
        "a%00b",
        "%0A",
        "%7F",
        "%C2%85",
        "%E2%80%AE",
        "%ED%A0%80",
        "%FF",
        "a" * 201,
        "%C3%A9" * 201,
    ):
        response = await stored.client.put(f"/v1/interviews/by-external-id/{value}", json=northwind())
        assert (value, problem(response, 404)["status"]) == (value, 404)


async def test_a_problem_names_the_address_as_it_has_to_be_written(stored: Stored) -> None:
    # RFC 9457: `instance` is a reference; an address is not one with whatever its escapes stand for.
    for value in ("a?b", "a#b", "a b", "100%", "a\nb", "a\x00b", "\u202e", "é", '"<>\\^`{|}'):
        address = f"/v1/interviews/by-external-id/{quote(value, safe='')}"
        response = await stored.client.put(address, json={})
        instance = response.json()["instance"]
        assert (value, unquote(instance)) == (value, unquote(address))
        assert re.fullmatch(r"[A-Za-z0-9/%._~!$&'()*+,;=:@-]+", instance)


async def test_a_wrong_method_learns_all_the_right_ones(stored: Stored) -> None:
    paths: dict[str, dict[str, Any]] = stored.app.openapi()["paths"]
    for path, methods in paths.items():
        address = re.sub(r"{\w+}", "ana@example.com", path)
        right = {method.upper() for method in methods} | {"OPTIONS"} | ({"HEAD"} if "get" in methods else set())
        for method in {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "TRACE", "BREW"} - right:
            response = await stored.client.request(method, address)
            assert response.status_code == 405, (method, path)
            assert set(response.headers["Allow"].split(", ")) == right, (method, path)
            if method != "HEAD":
                problem(response, 405)


async def test_a_trailing_slash_is_another_address_and_nothing_is_redirected(stored: Stored) -> None:
    for method, path in (
        ("GET", "/v1/interviews/"),
        ("POST", "/v1/interviews/"),
        *((method, path + "/") for method, path in OF_ONE),
        ("DELETE", "/v1/interviews/{interview_id}/events/{event_id}/"),
        ("GET", "/v1/follow-ups/"),
        ("GET", "//v1/interviews"),
        ("GET", "/v1//interviews"),
        ("GET", "/V1/interviews"),
        ("GET", "/v1/Interviews"),
        ("GET", "/v1"),
    ):
        response = await stored.client.request(method, "http://test" + stored.address(path), json=_bodies(method, path))
        assert response.status_code in {404, 405}, path
        problem(response, response.status_code)
        assert "Location" not in response.headers


# Queries


READS = {
    "/v1/interviews": {
        "company",
        "job_title",
        "stage",
        "external_id",
        "application_ref",
        "candidate_email",
        "sort",
        "limit",
        "cursor",
    },
    "/v1/follow-ups": {
        "state",
        "kind",
        "interview_id",
        "due_before",
        "due_after",
        "sort",
        "limit",
        "cursor",
    },
    "/v1/account": set(),
    "/v1/candidates/{email}/export": set(),
    "/v1/keys": {"limit", "cursor"},
    "/v1/me": set(),
    "/v1/interviews/{interview_id}/schedule": {"as_of"},
    "/v1/interviews/{interview_id}": set(),
    "/v1/interviews/{interview_id}/events": set(),
    "/v1/follow-ups/{follow_up_id}": set(),
    "/v1/follow-ups/{follow_up_id}/email": {
        "tone",
        "length",
        "intent",
        "until",
        "with_feedback",
        "as_of",
        "format",
    },
    "/v1/webhook-endpoints": set(),
    "/v1/webhook-endpoints/{endpoint_id}": set(),
    "/v1/webhook-endpoints/{endpoint_id}/deliveries": {"state", "limit", "cursor"},
    "/v1/messages": {"type", "interview_id", "follow_up_id", "limit", "cursor"},
    "/v1/messages/{message_id}": set(),
}
"""What can be read, and the parameters of each."""

NO_TEXT = ["%00", "a%00b", "%0A", "%ED%A0%80", "%FF", "%C0%80", "%E2%80%AE", "%C2%85"]
"""What stands in no text, as it stands in a query."""

BAD_QUERIES: dict[str, list[str]] = {
    "limit": [
        "0",
        "-1",
        "101",
        str(2**31),
        str(2**63),
        "9" * 5000,
        "",
        "x",
        "true",
        "1.5",
        "1e1",
        "0x10",
        "\u0663",
        "NaN",
    ],
    "sort": ["", "id", "starts_at,id", "-due_at", "STARTS_AT", "starts_at desc", "1"],
    "cursor": ["", "x", "A" * 499, "A" * 5000, "e30", "../..", "{}", "é", "MjA2NSBpbnQgMA"],
    "stage": ["", "Panel", "lunch", "panel,first_round"],
    "state": ["", "Planned", "Open", "planned,due", "open,failed"],
    "kind": ["", "thankyou", "check_in/2", "card"],
    "as_of": [str(each) for each in INSTANTS if not isinstance(each, list | dict)],
    "due_after": [str(each) for each in INSTANTS if not isinstance(each, list | dict)],
    "due_before": [str(each) for each in INSTANTS if not isinstance(each, list | dict)],
    "company": ["a" * 20_000],
    "job_title": ["a" * 20_000],
    "external_id": ["a" * 20_000],
    "application_ref": ["a" * 20_000],
    "candidate_email": ["a" * 20_000],
    "interview_id": ["a" * 20_000],
    "follow_up_id": ["a" * 20_000],
    "type": ["", "Ping", "pong", "follow_up", "ping,plan.changed", "*"],
    "tone": ["", "Warm", "icy"],
    "length": ["", "SHORT", "7", "short,full"],
    "intent": ["", "Accept", "ghost"],
    "until": ["", "soon", "0001-01-01", "9999-12-31", "2065-02-30", "2065-12-01T00:00:00Z", "20651201", "1"],
    "with_feedback": ["", "maybe", "2", "null"],
    "format": ["", "pdf", "JSON", "text/*", "text/html; charset=utf-8", "../eml"],
}


@pytest.mark.parametrize("path", READS)
async def test_a_parameter_that_cannot_be_is_named(stored: Stored, path: str) -> None:
    address = stored.address(path)
    for name in READS[path]:
        for value in (*map(quote, BAD_QUERIES[name]), *NO_TEXT):
            response = await stored.client.get(f"{address}?{name}={value}")
            assert (value, faults(response, "parameter")) == (value, [name])
        response = await stored.client.get(f"{address}?{name}=1&{name}=1")
        assert name in faults(response, "parameter")


@pytest.mark.parametrize("path", READS)
async def test_a_parameter_that_is_not_known_is_named(stored: Stored, path: str) -> None:
    address = stored.address(path)
    for name, shown in (
        ("x", "x"),
        ("Limit", "Limit"),
        ("limit[]", "limit[]"),
        ("account_id", "account_id"),
        ("", ""),
        ("%00", "\ufffd"),
        ("%FF", "\ufffd"),
        ("a" * 5000, "a" * 200),
    ):
        response = await stored.client.get(f"{address}?{name}=1")
        assert faults(response, "parameter") == [shown]


async def test_every_parameter_of_the_document_is_tried(stored: Stored) -> None:
    found = {
        path: {each["name"] for each in methods["get"].get("parameters", ()) if each["in"] == "query"}
        for path, methods in stored.app.openapi()["paths"].items()
        if methods.get("get", {}).get("security")
    }
    assert found == READS


async def test_every_body_of_the_document_is_tried(stored: Stored) -> None:
    found = {
        (method.upper(), path)
        for path, methods in stored.app.openapi()["paths"].items()
        for method, operation in methods.items()
        if operation.get("security") and "requestBody" in operation
    }
    tried = {(write.method, write.path) for name, write in WRITES.items() if name != "put new"}
    assert found == tried


async def test_writes_take_no_parameters(stored: Stored) -> None:
    for write in WRITES.values():
        response = await stored.client.request(
            write.method, stored.address(write.path) + "?dry_run=true", json=write.body
        )
        assert faults(response, "parameter") == ["dry_run"]
    for path in ("/v1/interviews/{interview_id}", "/v1/interviews/{interview_id}/events/{event_id}"):
        response = await stored.client.delete(stored.address(path) + "?force=1")
        assert faults(response, "parameter") == ["force"]


async def test_a_long_text_is_refused_at_once(stored: Stored) -> None:
    for text in ("a" * 250_000, " " * 250_000, "\u0301" * 120_000, "a@" * 120_000, "=?" * 120_000):
        for changes in ({"company": text}, {"candidate": {"email": text + "@"}}, {"notes": {"fit": "." + text + "."}}):
            body = json.dumps(changes, ensure_ascii=False).encode()
            started = time.perf_counter()
            assert len(faults(await send(stored, WRITES["patch"], body), "pointer")) == 1
            assert time.perf_counter() - started < 1


# What is let in stays what it is


TEMPTING = [
    "{{7*7}}",
    "${7*7}",
    "{% raw %}#{7*7}",
    "%s %d %(x)s {0} {name}",
    "<script>alert(1)</script>",
    "&lt;b&gt; &amp;",
    '=HYPERLINK("http://x.example","y")',
    "+1+cmd|' /C calc'!A0",
    "'; DROP TABLE interview; --",
    'Robert"); DELETE FROM event; --',
    ":name @x ? %%",
    "=?utf-8?q?a=0D=0ABcc:_x?=",
    "Bcc: x@example.com",
    "BEGIN:VCALENDAR\\nEND:VCALENDAR",
    "\\u0000 \\ud800 \\n",
    "../../etc/passwd",
    "javascript:alert(1)",
    "null",
    "NaN",
    "\u05e9\u05dc\u05d5\u05dd \u0645\u0631\u062d\u0628\u0627",
    "a\u200db\u200cc",
    "\U0001f469\u200d\U0001f4bb",
    "a\u2028b\u2029c",
    "Z\u0363\u036b\u034f\u034a\u0350\u0352",
    "\ufdfa\u2121",
    "a" * 200,
]


async def test_what_looks_like_code_is_stored_and_answered_as_it_is(authorized: AsyncClient) -> None:
    for text in TEMPTING:
        given = northwind(
            external_id=text,
            application_ref=text,
            company=text,
            job_title=text,
            candidate={"name": text, "email": None},
            contact={"name": text, "email": None},
            interviewers=[
                {
                    "name": text,
                    "email": None,
                    "salutation": text,
                    "title": text,
                    "role": "other",
                    "postal_address": text,
                    "topics": [text],
                    "insight": text,
                }
            ],
            notes={
                "topics": [text],
                "fit": text,
                "contribution": text,
                "understanding": text,
                "revisit": [{"topic": text, "answer": text}],
                "concerns": [{"raised": text, "answer": text}],
                "questions": [text],
                "references": [text],
            },
        )
        stored = await create_given(authorized, given)
        assert {name: stored[name] for name in given} == given
        event = await happen(authorized, stored["id"], "situation_changed", change="other", detail=text)
        assert event["detail"] == text
        assert (await read(authorized, f"/v1/interviews/{stored['id']}/events"))["data"] == [event]
        kept = await follow_ups_of(authorized, stored["id"])
        assert all(each["recipient"] == {"name": text, "email": None} for each in kept.values())
        assert text in kept["check_in"]["why"]
        planned = await plan_of(authorized, stored["id"])
        assert len(planned["follow_ups"]) == len(kept)
        for name in ("external_id", "application_ref", "company", "job_title"):
            assert (await read(authorized, "/v1/interviews", **{name: text}))["data"] == [stored]
            assert await walk(authorized, "/v1/interviews", **{name: text}, limit=1) == [stored]
        again = await authorized.put(f"/v1/interviews/by-external-id/{quote(text, safe='')}", json=given)
        assert (again.status_code, again.json()) == (200, stored)
        for follow_up in kept.values():
            sent = await authorized.post(f"/v1/follow-ups/{follow_up['id']}/sent")
            assert (sent.status_code, sent.headers["Content-Type"]) == (200, "application/json")


async def test_a_number_may_be_written_in_any_way_that_means_it(authorized: AsyncClient) -> None:
    for _ in range(2):
        await create(authorized)
    for limit in ("1", "1.0", "001"):
        response = await authorized.get(f"/v1/interviews?limit={limit}")
        assert (response.status_code, len(response.json()["data"])) == (200, 1)
