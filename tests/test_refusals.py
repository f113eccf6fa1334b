import inspect
from pathlib import Path
from types import ModuleType

import pytest
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient

from app import auth, callers, scheduling
from app.callers import Unauthorized
from app.drafting import Undraftable, orders
from app.main import create_app
from app.refusals import PROBLEMS, of_step, of_stored, refuse
from app.rules import addressing
from app.rules.addressing import UnknownRecipient
from app.scheduling import Full, Settled, Unfit, UnknownPolicy
from app.settings import Settings
from app.store import endpoints, events, find, follow_ups, interviews, keys, messages, paging
from app.store.db import Database
from app.store.endpoints import Crowded
from app.store.find import NotFound
from app.store.interviews import Stale, Taken
from app.store.paging import BadCursor
from app.webhooks import guard, keyring, outbox, recovery, signing, subscriptions
from app.webhooks.guard import BadUrl, Refused
from app.webhooks.keyring import SecretInUse, TooManySecrets
from app.webhooks.recovery import Unsendable
from app.webhooks.signing import BadSecret
from tests.conftest import SECRET_KEY
from tests.northwind import faults, northwind, problem, read, snapshot

LAYERS: tuple[ModuleType, ...] = (
    auth,
    callers,
    scheduling,
    addressing,
    orders,
    events,
    find,
    follow_ups,
    interviews,
    keys,
    paging,
    endpoints,
    messages,
    guard,
    keyring,
    outbox,
    recovery,
    signing,
    subscriptions,
)

CASES: list[tuple[Exception, int, list[str]]] = [
    (NotFound("follow-up", "fu_hidden"), 404, []),
    (Unauthorized("revoked"), 401, []),
    (Taken("external_id"), 409, ["/external_id"]),
    (Stale("int_hidden is not at version 1"), 409, []),
    (BadCursor(), 422, ["cursor"]),
    (auth.Forbidden("scope", "This needs a key with the scope erase."), 403, []),
    (Unfit("until", "must lie between"), 422, ["/until"]),
    (Settled("this follow-up was sent already"), 409, []),
    (Full("application_ref", "more than 50 are not kept"), 409, ["/application_ref"]),
    (UnknownRecipient("must be the name of one of Priya Shah"), 422, ["/recipient"]),
    (Undraftable(("interview", "notes", "topics"), "is required"), 422, ["/interview/notes/topics"]),
    (BadUrl("no fragment"), 422, ["/url"]),
    (Refused(), 422, ["/url"]),
    (BadSecret("hidden"), 422, ["/secret"]),
    (SecretInUse(), 422, ["/secret"]),
    (TooManySecrets(), 409, []),
    (Crowded(), 409, []),
    (Unsendable("the endpoint is deleted"), 409, []),
    (UnknownPolicy("mine", ("balanced", "classic")), 409, []),
]


@pytest.mark.parametrize(("error", "status", "named"), CASES)
async def test_what_the_layers_below_refuse_becomes_a_problem_document(
    error: Exception, status: int, named: list[str]
) -> None:
    app = FastAPI(exception_handlers=dict.fromkeys(PROBLEMS, refuse))

    @app.get("/here")
    def fail() -> None:
        raise error

    async with AsyncClient(transport=ASGITransport(app), base_url="http://test") as client:
        document = problem(await client.get("/here"), status)
    found = [fault.get("pointer") or fault.get("parameter") for fault in document.get("errors", ())]
    assert found == named
    assert "hidden" not in str(document)


def test_every_refusal_is_tried_above() -> None:
    assert {type(error) for error, _, _ in CASES} == set(PROBLEMS)


def test_every_exception_of_the_layers_below_has_its_answer() -> None:
    defined = {
        found
        for layer in LAYERS
        for _, found in inspect.getmembers(layer, inspect.isclass)
        if issubclass(found, Exception) and found.__module__ == layer.__name__
    }
    assert defined == set(PROBLEMS)


@pytest.mark.parametrize(
    ("path", "place", "detail"),
    [
        (("interview", "notes", "topics"), {"pointer": "/notes/topics"}, "/notes/topics of the interview is required."),
        (("events",), {"pointer": "/events"}, "/events of the interview is required."),
        (("options", "intent"), {"pointer": "/options/intent"}, "/options/intent is required."),
    ],
)
def test_a_missing_fact_is_named_where_it_stands_in_a_stored_interview(
    path: tuple[str, ...], place: dict[str, str], detail: str
) -> None:
    document = of_stored(Undraftable(path, "is required")).document()
    assert (document["status"], document["detail"]) == (422, detail)
    assert document["errors"] == [{"detail": "is required", **place}]


def test_an_option_at_fault_is_named_as_the_parameter_that_it_is_in_a_query() -> None:
    document = of_step(Undraftable(("options", "intent"), "is required")).document()
    assert document["errors"] == [{"detail": "is required", "parameter": "intent"}]
    fact = Undraftable(("interview", "notes", "topics"), "is required")
    assert of_step(fact).document() == of_stored(fact).document()


async def test_an_interview_whose_policy_is_gone_can_be_read_and_mended(
    database_url: str, database: Database, key: str, tmp_path: Path
) -> None:
    policy = (
        'title = "Patience."\n[check_in.stated]\nrule = "timing.check_in.stated"\ndays_after_date = 3\nopen_days = 5\n'
    )
    (tmp_path / "my-team.toml").write_text(policy)
    headers = {"Authorization": f"Bearer {key}"}
    started = create_app(
        Settings(database_url=database_url, secret_key=SECRET_KEY, policies_dir=tmp_path, _env_file=None)
    )
    async with (
        started.router.lifespan_context(started),
        AsyncClient(transport=ASGITransport(started), base_url="http://test", headers=headers) as client,
    ):
        given = northwind(policy="my-team", external_id="ats-1", application_ref="app-1")
        stored = (await client.post("/v1/interviews", json=given)).json()
    restarted = create_app(Settings(database_url=database_url, secret_key=SECRET_KEY, _env_file=None))
    async with (
        restarted.router.lifespan_context(restarted),
        AsyncClient(transport=ASGITransport(restarted), base_url="http://test", headers=headers) as client,
    ):
        path = f"/v1/interviews/{stored['id']}"
        before = snapshot(database)
        assert await read(client, path) == stored
        listed = (await read(client, "/v1/follow-ups"))["data"]
        assert len(listed) == 3
        event = {"type": "reply_received", "occurred_at": "2026-01-05T10:00:00Z"}
        for refused in (
            await client.get(f"{path}/schedule"),
            await client.post(f"{path}/events", json=event),
            await client.post(f"/v1/follow-ups/{listed[0]['id']}/sent"),
        ):
            assert "my-team" in problem(refused, 409)["detail"]
        assert faults(await client.patch(path, json={"company": "Contoso"}), "pointer") == ["/policy"]
        assert snapshot(database) == before
        assert (await client.patch(path, json={"policy": None})).status_code == 200
        assert (await read(client, f"{path}/schedule"))["policy"] == "balanced"
        assert (await client.delete(path)).status_code == 204
