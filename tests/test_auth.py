from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Literal, get_args

import pytest
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from httpx import ASGITransport, AsyncClient, Response
from sqlalchemy import delete, insert, select, update

from app.auth import Forbidden, Gate, SignedIn, require_scopes
from app.bell import Bell
from app.callers import KNOWN_FOR, Refusal, Register, Unauthorized
from app.credentials import Prefix, digest, make_credential
from app.exchange import Exchange
from app.issuing import SCOPES, create_key
from app.limits import Limiter
from app.samples import IDS
from app.settings import Settings
from app.store.db import Database
from app.store.migrate import upgrade
from app.store.rows import Action, Scope
from app.store.tables import Account, ApiKey
from tests.callers import ME, ORIGIN, TOKENS, allow, caller, give_key, give_token
from tests.conftest import SECRET_KEY
from tests.northwind import create, follow_ups_of, northwind, problem
from tests.test_tenants import Operation, call, operations

NOW = datetime(2026, 11, 20, 21, 30, tzinfo=UTC)
KEY = ApiKey.__table__
INSTANT = timedelta(microseconds=1)

Way = Literal["begin", "read", "peek"]
WAYS: tuple[Way, ...] = get_args(Way)


def _create(database: Database, name: str = "tests", account: str = "default") -> str:
    with database.begin() as connection:
        return create_key(connection, name=name, account=account, now=NOW)


def _gate(database: Database, key_text: str, committed: Callable[[], None] = lambda: None) -> Gate:
    return Gate(Register(database), "aw_live_", digest(key_text), committed, admit=lambda _: None)


def _account(gate: Gate, way: Way = "begin", now: datetime = NOW) -> str:
    """Whose rows somebody sees who comes in this way."""
    with getattr(gate, way)(now) as session:
        account_id: str = session.account_id
        return account_id


def _change(database: Database, **values: datetime) -> None:
    with database.begin() as connection:
        connection.execute(update(KEY).values(values))


def _refusal(ask: Callable[[], object]) -> Refusal:
    with pytest.raises(Unauthorized) as caught:
        ask()
    assert str(caught.value)
    return caught.value.reason


@pytest.mark.parametrize("way", WAYS)
def test_a_key_leads_to_its_account_whichever_way_one_takes(database: Database, way: Way) -> None:
    gate = _gate(database, _create(database))
    with database.read() as connection:
        account_id = connection.execute(select(KEY.c.account_id)).scalar_one()
    assert _account(gate, way) == account_id


def test_keys_of_one_account_share_it_and_another_account_is_another(database: Database) -> None:
    keys = [_create(database, account=account) for account in ("one", "one", "two")]
    first, second, third = (_account(_gate(database, key_text)) for key_text in keys)
    assert first == second != third
    with database.read() as connection:
        names = connection.execute(select(Account.__table__.c.name).order_by("name")).scalars().all()
    assert names == ["one", "two"]


def test_a_key_is_kept_as_a_digest_only(database: Database) -> None:
    key_text = _create(database)
    with database.read() as connection:
        row = connection.execute(select(KEY)).one()
    assert not any(key_text.removeprefix("aw_live_")[:8] in str(value) for value in row)
    assert len(row.digest) == 64


def test_no_two_keys_are_the_same(database: Database) -> None:
    assert len({_create(database) for _ in range(20)}) == 20


@pytest.mark.parametrize("way", WAYS)
def test_a_key_that_nobody_was_given_is_unknown(database: Database, way: Way) -> None:
    gate = _gate(database, make_credential("aw_live_"))
    assert _refusal(partial(_account, gate, way)) == "unknown"


@pytest.mark.parametrize("way", WAYS)
def test_a_key_that_ends_is_refused_from_that_instant_on(database: Database, way: Way) -> None:
    gate = _gate(database, _create(database))
    _change(database, expires_at=NOW)
    _account(gate, way, NOW - INSTANT)
    assert _refusal(partial(_account, gate, way, NOW)) == "expired"
    assert _refusal(partial(_account, gate, way, NOW + timedelta(days=1))) == "expired"


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("later", [-timedelta(minutes=1), timedelta(), timedelta(days=1)])
def test_a_key_that_is_revoked_is_refused_whatever_the_clock_says(
    database: Database, way: Way, later: timedelta
) -> None:
    gate = _gate(database, _create(database))
    _change(database, revoked_at=NOW)
    assert _refusal(partial(_account, gate, way, NOW + later)) == "revoked"


def test_every_refusal_has_its_sentence() -> None:
    assert all(str(Unauthorized(reason)) for reason in get_args(Refusal))


@pytest.fixture
def guarded(database: Database) -> FastAPI:
    """An application with one way in for readers and one for writers."""
    app = FastAPI()
    app.add_middleware(Exchange)
    app.state.settings = Settings(_env_file=None)
    app.state.register = Register(database)
    app.state.limiter = Limiter(database, SECRET_KEY)
    app.state.bell = Bell()

    @app.get("/read")
    def read(gate: SignedIn) -> str:
        with gate.read(NOW) as session:
            return session.account_id

    @app.post("/write")
    def write(gate: SignedIn) -> str:
        with gate.begin(NOW) as session:
            return session.account_id

    @app.exception_handler(Unauthorized)
    async def refuse(_: Request, error: Unauthorized) -> JSONResponse:
        return JSONResponse({"reason": error.reason}, 401)

    return app


async def _get(app: FastAPI, *headers: str, method: str = "GET", path: str = "/read") -> Response:
    async with AsyncClient(transport=ASGITransport(app), base_url="http://test") as client:
        return await client.request(
            method, path, headers=[(b"Authorization", header.encode("latin-1")) for header in headers]
        )


@pytest.mark.parametrize(("method", "path"), [("GET", "/read"), ("POST", "/write")])
@pytest.mark.parametrize("header", ["Bearer {}", "bearer {}", "BEARER   {}"])
async def test_who_sends_a_key_is_let_in(
    guarded: FastAPI, database: Database, header: str, method: str, path: str
) -> None:
    key_text = _create(database)
    answer = await _get(guarded, header.format(key_text), method=method, path=path)
    assert (answer.status_code, answer.json()) == (200, _account(_gate(database, key_text)))


@pytest.mark.parametrize(("method", "path"), [("GET", "/read"), ("POST", "/write")])
@pytest.mark.parametrize(
    ("header", "reason"),
    [
        ("", "missing"),
        ("Bearer", "missing"),
        ("Bearer ", "missing"),
        ("Basic YTpi", "missing"),
        ("aw_live_" + "0" * 36, "missing"),
        ("Bearer aw_live_" + "0" * 36, "mistyped"),
        ("Bearer aw_live_" + "\xe9" * 36, "malformed"),
    ],
)
async def test_who_sends_none_or_no_good_one_is_refused_before_the_database_is_asked(
    guarded: FastAPI, header: str, reason: Refusal, method: str, path: str
) -> None:
    guarded.state.register = None
    answer = await _get(guarded, header, method=method, path=path)
    assert (answer.status_code, answer.json()) == (401, {"reason": reason})


async def test_who_sends_no_header_at_all_is_refused(guarded: FastAPI) -> None:
    answer = await _get(guarded)
    assert answer.json() == {"reason": "missing"}


async def test_the_gate_opens_no_transaction_for_a_revoked_key(guarded: FastAPI, database: Database) -> None:
    key_text = _create(database)
    _change(database, revoked_at=NOW)
    for method, path in (("GET", "/read"), ("POST", "/write")):
        answer = await _get(guarded, f"Bearer {key_text}", method=method, path=path)
        assert answer.json() == {"reason": "revoked"}


@pytest.mark.parametrize("way", ["read", "peek"])
def test_a_key_that_is_revoked_meanwhile_lets_readers_in_for_seconds_at_most(database: Database, way: Way) -> None:
    gate = _gate(database, _create(database))
    _account(gate, way)
    _change(database, revoked_at=NOW)
    assert timedelta(seconds=5) >= KNOWN_FOR
    _account(gate, way, NOW + KNOWN_FOR - INSTANT)
    assert _refusal(partial(_account, gate, way, NOW + KNOWN_FOR)) == "revoked"


@pytest.mark.parametrize("way", WAYS)
def test_a_key_that_is_revoked_meanwhile_lets_nobody_write_from_that_instant_on(database: Database, way: Way) -> None:
    gate = _gate(database, _create(database))
    _account(gate, way)
    _change(database, revoked_at=NOW)
    assert _refusal(partial(_account, gate, "begin")) == "revoked"


def test_a_key_that_is_gone_lets_nobody_write_from_that_instant_on(database: Database) -> None:
    gate = _gate(database, _create(database))
    _account(gate, "read")
    with database.begin() as connection:
        connection.execute(delete(KEY))
    assert _refusal(partial(_account, gate, "begin")) == "unknown"


@pytest.mark.parametrize("way", WAYS)
def test_a_key_that_expires_meanwhile_opens_the_gate_no_longer(database: Database, way: Way) -> None:
    gate = _gate(database, _create(database))
    _change(database, expires_at=NOW + timedelta(seconds=1))
    _account(gate, way)
    assert _refusal(partial(_account, gate, way, NOW + timedelta(seconds=1))) == "expired"


@pytest.mark.parametrize("way", WAYS)
def test_a_key_that_was_unknown_is_looked_up_again(database: Database, way: Way) -> None:
    key_text = _create(database)
    with database.begin() as connection:
        row = connection.execute(select(KEY)).one()
        connection.execute(delete(KEY))
    gate = _gate(database, key_text)
    assert _refusal(partial(_account, gate, way)) == "unknown"
    with database.begin() as connection:
        connection.execute(insert(KEY), row._asdict())
    _account(gate, way)


def test_a_key_of_one_database_is_none_of_another(database: Database, tmp_path: Path) -> None:
    key_text = _create(database)
    _account(_gate(database, key_text), "read")
    upgrade(f"sqlite:///{tmp_path}/other.db")
    other = Database(f"sqlite:///{tmp_path}/other.db")
    assert _refusal(partial(_account, _gate(other, key_text), "read")) == "unknown"
    other.dispose()


def test_the_bell_rings_once_what_was_written_can_be_read_and_for_nothing_else(database: Database) -> None:
    seen: list[str] = []

    def look() -> None:
        with database.peek() as connection:
            seen.extend(connection.execute(select(KEY.c.name)).scalars())

    gate = _gate(database, _create(database), look)
    with gate.begin(NOW) as session:
        session.connection.execute(update(KEY).values(name="written"))
    assert seen == ["written"]
    with suppress(ZeroDivisionError), gate.begin(NOW):
        raise ZeroDivisionError
    _account(gate, "read")
    _account(gate, "peek")
    assert seen == ["written"]


async def test_a_write_rings_the_bell_of_the_application(guarded: FastAPI, database: Database) -> None:
    rung: list[None] = []
    guarded.state.bell.listen(lambda: rung.append(None))
    header = f"Bearer {_create(database)}"
    await _get(guarded, header)
    assert rung == []
    await _get(guarded, header, method="POST", path="/write")
    assert rung == [None]


def test_the_document_says_that_a_key_is_needed(guarded: FastAPI) -> None:
    document = guarded.openapi()
    ((name, scheme),) = document["components"]["securitySchemes"].items()
    assert (scheme["type"], scheme["scheme"]) == ("http", "bearer")
    assert document["paths"]["/read"]["get"]["security"] == [{name: []}]


# Scopes and actions


def _expected_scope(operation: Operation) -> Scope | None:
    if operation.name in {"get_me", "create_client_token"}:
        return None  # of the second the body decides
    if "email" in operation.name or operation.name == "check_stored_draft":
        return "emails"
    first = operation.path.removeprefix("/v1/").partition("/")[0]
    of_noun: dict[str, Scope] = {"keys": "keys", "account": "keys", "candidates": "erase"}
    if first in {"interviews", "follow-ups"}:
        return "interviews:read" if operation.method == "GET" else "interviews:write"
    return of_noun.get(first, "webhooks")


ACTIONS: dict[str, Action] = {
    "list_interviews": "read",
    "get_interview": "read",
    "get_schedule": "read",
    "list_events": "read",
    "list_follow_ups": "read",
    "get_follow_up": "read",
    "render_stored_email": "render",
    "get_follow_up_email": "render",
    "check_stored_draft": "check",
    "mark_sent": "record",
}
"""What a client token may call, with which action; and who it is, whatever its actions."""


def _keyed(app: FastAPI) -> list[Operation]:
    return [each for each in operations(app) if each.needs_key]


async def test_the_document_says_of_every_operation_what_a_key_and_what_a_token_needs(app: FastAPI) -> None:
    document = app.openapi()
    schemes = document["components"]["securitySchemes"]
    assert schemes.keys() == {"key", "client_token"}
    assert all((each["type"], each["scheme"]) == ("http", "bearer") for each in schemes.values())
    assert all(each["description"] for each in schemes.values())
    for operation in _keyed(app):
        told = document["paths"][operation.path][operation.method.lower()]
        scope, action = _expected_scope(operation), ACTIONS.get(operation.name)
        assert (told.get("x-scope"), told.get("x-action")) == (scope, action), operation
        by_token = action is not None or operation.name == "get_me"
        assert told["security"] == ([{"key": []}, {"client_token": []}] if by_token else [{"key": []}]), operation
        assert ("a client token" in told["description"].splitlines()[-1]) == by_token
        assert scope is None or f"`{scope}`" in told["description"].splitlines()[-1]


async def test_the_document_of_a_service_that_is_closed_asks_for_a_key_everywhere_but_where_nothing_is_sent(
    app: FastAPI,
) -> None:
    app.state.settings = app.state.settings.model_copy(update={"public_stateless": False})
    paths = app.openapi()["paths"]
    assert paths["/v1/schedule"]["post"]["security"] == [{"key": []}, {"client_token": []}]
    assert "security" not in paths["/v1/rules"]["get"]


@pytest.mark.parametrize("scope", SCOPES)
async def test_an_operation_needs_its_scope_and_no_other(app: FastAPI, database: Database, scope: Scope) -> None:
    only, rest = (give_key(database, scopes=scopes) for scopes in ({scope}, set(SCOPES) - {scope}))
    tried = 0
    async with caller(app, only) as with_it, caller(app, rest) as without:
        for operation in _keyed(app):
            if _expected_scope(operation) == scope:
                refused = problem(await call(without, operation, dict(IDS)), 403)
                assert refused["detail"] == f"This needs a key with the scope {scope}."
                assert (await call(with_it, operation, dict(IDS))).status_code not in {401, 403}, operation
                tried += 1
    assert tried


@pytest.mark.parametrize("action", get_args(Action))
async def test_a_token_may_do_what_its_action_is_for_and_nothing_else(
    app: FastAPI, authorized: AsyncClient, database: Database, action: Action
) -> None:
    stored = await create(authorized)
    step = (await follow_ups_of(authorized, stored["id"]))["check_in"]
    ids = dict(IDS) | {"interview_id": stored["id"], "follow_up_id": step["id"], "kind": "check_in"}
    token = give_token(database, actions=[action], interview_id=stored["id"])
    done = set()
    async with caller(app, token, ORIGIN) as page:
        for operation in _keyed(app):
            response = await call(page, operation, ids)
            if response.status_code != 403:
                assert response.is_success, operation
                done.add(operation.name)
    assert done == {name for name, needed in ACTIONS.items() if needed == action} | {"get_me"}


def test_nobody_hands_out_what_they_may_not_do_themselves(database: Database) -> None:
    text = give_key(database, scopes=["keys", "emails"])
    with database.read() as connection:
        found = Register(database).ask(connection, "aw_live_", digest(text), datetime.now(UTC))
    require_scopes(found, ["emails"])
    require_scopes(found, [])
    with pytest.raises(Forbidden) as caught:
        require_scopes(found, ["emails", "webhooks", "erase", "webhooks"])
    assert (caught.value.cause, str(caught.value)) == (
        "scope",
        "This needs a key that may do so itself: erase, webhooks.",
    )


# Origins


@pytest.mark.parametrize("origin", ["https://evil.example", ORIGIN, "null", "http://test:8080", "https://test", ""])
async def test_a_key_in_a_page_is_refused_and_told_what_to_do(
    app: FastAPI, authorized: AsyncClient, key: str, origin: str
) -> None:
    await allow(authorized, ORIGIN)  # for tokens alone
    async with caller(app, key, origin) as careless:
        for operation in _keyed(app):
            detail = problem(await call(careless, operation, dict(IDS)), 403)["detail"]
            assert "POST /v1/client-tokens" in detail, operation
            assert key not in detail


@pytest.mark.parametrize(
    ("public_url", "own", "foreign"),
    [
        ("", "http://test", "https://afterword.example"),
        ("https://afterword.example/behind", "https://afterword.example", "http://test"),
        ("https://Afterword.example:443", "https://afterword.example", "https://afterword.example:8443"),
    ],
)
async def test_on_our_own_pages_people_type_their_key_themselves(
    app: FastAPI, key: str, public_url: str, own: str, foreign: str
) -> None:
    app.state.settings = app.state.settings.model_copy(update={"public_url": public_url})
    async with caller(app, key, own) as reader, caller(app, key, foreign) as stranger:
        assert (await reader.get(ME)).status_code == 200
        problem(await stranger.get(ME), 403)


@pytest.mark.parametrize(
    "origin", [None, "", "null", "https://evil.example", "http://test", ORIGIN + ":8443", ORIGIN.upper(), ORIGIN + "/"]
)
async def test_a_token_is_for_the_pages_that_it_was_made_for(
    app: FastAPI, authorized: AsyncClient, database: Database, origin: str | None
) -> None:
    stored = await create(authorized)
    token = give_token(database, interview_id=stored["id"], origins=[ORIGIN, "https://talent.example.com"])
    async with caller(app, token, origin) as elsewhere:
        for path in (ME, f"/v1/interviews/{stored['id']}", "/v1/interviews"):
            detail = problem(await elsewhere.get(path), 403)["detail"]
            assert detail == "This client token is for pages of another origin."
    for right in (ORIGIN, "https://talent.example.com"):
        async with caller(app, token, right) as page:
            assert (await page.get(f"/v1/interviews/{stored['id']}")).status_code == 200


async def test_a_token_that_is_over_lets_nobody_in(app: FastAPI, key: str, database: Database) -> None:
    assert key
    token = give_token(database, candidate_email="ana@example.com", now=datetime.now(UTC) - timedelta(hours=1))
    async with caller(app, token, ORIGIN) as page:
        assert problem(await page.get(ME), 401)["detail"] == "The key or client token has expired."


async def test_a_stateless_endpoint_that_is_closed_opens_for_keys_and_tokens(
    app: FastAPI, key: str, database: Database
) -> None:
    app.state.settings = app.state.settings.model_copy(update={"public_stateless": False})
    token = give_token(database, actions=["check"], candidate_email="ana@example.com")
    draft = {"kind": "check_in", "text": "Hi,\n\nThank you.\n\nAna"}
    async with caller(app, token, ORIGIN) as page, caller(app, key) as server, caller(app, token) as thief:
        for who in (page, server):
            assert (await who.post("/v1/drafts/check", json=draft)).status_code == 200
        problem(await thief.post("/v1/drafts/check", json=draft), 403)
        problem(await page.post(TOKENS, json={}), 403)


@pytest.mark.parametrize("prefix", ["aw_live_", "aw_test_"])
async def test_a_page_with_a_secret_key_is_told_even_where_none_is_needed(client: AsyncClient, prefix: Prefix) -> None:
    key = {"Authorization": f"Bearer {make_credential(prefix)}"}
    asked = {"interview": northwind()}
    assert (await client.post("/v1/schedule", json=asked, headers=key)).is_success
    for origin, status in (("https://a.example", 403), ("null", 403), ("http://test", 200)):
        response = await client.post("/v1/schedule", json=asked, headers=key | {"Origin": origin})
        assert response.status_code == status, origin
