"""One attempt: the headers that it is made with, and the trace that it is part of."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from prometheus_client import REGISTRY
from standardwebhooks import Webhook

from app.store.clock import Clock
from app.store.db import Database
from app.store.rows import EndpointRow
from app.vault import Vault
from app.webhooks.guard import Guard
from app.webhooks.leasing import Leased
from app.webhooks.retry import LOST
from app.webhooks.sender import Sender
from app.webhooks.signing import make_secret
from app.worker import attempter as attempting
from app.worker import enclosing
from app.worker.attempter import Attempter
from tests.conftest import SECRET_KEY
from tests.faults.processes import api, connect, free_port, wait_until
from tests.faults.receivers import Received, Receiver, receiver
from tests.faults.scenes import POLICIES

TIMEOUT = timedelta(seconds=20)
TRACE, PARENT = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
SECRET = make_secret()


@pytest.fixture
def hook() -> Iterator[Receiver]:
    with receiver() as hook:
        yield hook


@pytest.fixture
async def attempter() -> AsyncIterator[Attempter]:
    async with Sender(Guard("127.0.0.0/8"), TIMEOUT.total_seconds()) as sender:
        yield Attempter(sender, Vault([SECRET_KEY]), _no_email, TIMEOUT, [60], Clock().now)


async def _no_email(_: Leased) -> bytes:
    raise NotImplementedError


def _leased(traceparent: str | None = None, tries: int = 1) -> Leased:
    now = datetime.now(UTC)
    message = ("plan.changed", None, '{"a":1}', traceparent)
    return Leased("acc", "dlv_1", "ep_1", "msg_1", tries, now, *message, False, now + 3 * TIMEOUT, "token")  # noqa: FBT003 - columns


def _endpoint(url: str) -> EndpointRow:
    secrets = json.dumps([{"sealed": Vault([SECRET_KEY]).seal(SECRET), "until": None}])
    now = datetime.now(UTC)
    return EndpointRow("acc", "ep_1", url, None, None, False, True, None, secrets, now, now)  # noqa: FBT003 - columns


async def test_an_attempt_is_signed_and_what_came_of_it_is_told(attempter: Attempter, hook: Receiver) -> None:
    outcome = await attempter.attempt(_leased(), _endpoint(hook.url))
    (request,) = hook.received
    assert Webhook(SECRET).verify(request.body, request.headers) == {"a": 1}
    assert request.id == "msg_1"
    assert outcome is not None
    assert (outcome.verdict.state, outcome.url) == ("delivered", hook.url)


async def test_an_attempt_continues_the_trace_of_its_message_each_with_an_id_of_its_own(
    attempter: Attempter, hook: Receiver
) -> None:
    for tries, flags in ((1, "01"), (2, "01"), (1, "00")):
        await attempter.attempt(_leased(f"00-{TRACE}-{PARENT}-{flags}", tries), _endpoint(hook.url))
    traces = [request.headers["traceparent"].split("-") for request in hook.received]
    assert [(version, trace, flags) for version, trace, _, flags in traces] == [
        ("00", TRACE, "01"),
        ("00", TRACE, "01"),
        ("00", TRACE, "00"),
    ]
    parents = {parent for _, _, parent, _ in traces}
    assert len(parents | {PARENT}) == 4
    assert all(len(parent) == 16 and int(parent, 16) for parent in parents)


async def test_an_attempt_at_a_message_without_a_trace_is_part_of_none(attempter: Attempter, hook: Receiver) -> None:
    await attempter.attempt(_leased(), _endpoint(hook.url))
    assert "traceparent" not in hook.received[0].headers


def _counted(outcome: str) -> float:
    """How many attempts came to this."""
    return REGISTRY.get_sample_value("afterword_deliveries_total", {"outcome": outcome}) or 0


async def test_an_attempt_that_could_outlive_its_lease_is_not_made(attempter: Attempter, hook: Receiver) -> None:
    leased = _leased()._replace(until=datetime.now(UTC) + TIMEOUT)
    assert await attempter.attempt(leased, _endpoint(hook.url)) is None
    assert hook.received == []


@pytest.fixture(params=["it is away", "it has no connection to spare"])
def no_database(request: pytest.FixtureRequest, database_url: str) -> Iterator[Database]:
    """A database that cannot be asked."""
    if request.param == "it is away":
        yield Database(f"postgresql://127.0.0.1:{free_port()}/none")
        return
    database = Database(database_url, connections=1, wait_seconds=0.05)
    with database.peek():
        yield database
    database.dispose()


async def test_a_database_that_cannot_be_asked_spends_no_try(
    no_database: Database, hook: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is wrong with the message, so it must not fail for good where this was its last try."""
    monkeypatch.setattr(attempting, "REST", 0.01)

    async def enclose(leased: Leased) -> bytes:
        return await asyncio.to_thread(enclosing.enclose, no_database, POLICIES, leased)

    leased = _leased(tries=2)._replace(type="follow_up.due", follow_up_id="fu_1")
    endpoint = _endpoint(hook.url)._replace(include_email=True)
    before = _counted("payload")
    async with Sender(Guard("127.0.0.0/8"), TIMEOUT.total_seconds()) as sender:
        attempter = Attempter(sender, Vault([SECRET_KEY]), enclose, TIMEOUT, [60], Clock().now)
        assert await attempter.attempt(leased, endpoint) is None
    assert hook.received == []
    assert _counted("payload") == before


async def test_what_every_worker_was_lost_with_is_given_up_and_counted(attempter: Attempter, hook: Receiver) -> None:
    before = _counted("lost")
    outcome = await attempter.attempt(_leased(tries=3), _endpoint(hook.url))
    assert outcome is not None
    assert (outcome.answer, outcome.verdict) == (None, LOST)
    assert hook.received == []
    assert _counted("lost") == before + 1


def test_the_trace_of_a_request_reaches_the_receivers_of_what_it_caused(
    database_url: str, key: str, tmp_path: Path, hook: Receiver
) -> None:
    sent = [f"00-{TRACE}-{PARENT}-01", None, "00-nonsense", f"00-{'0' * 32}-{PARENT}-01"]
    with api(database_url, tmp_path) as (_, address), connect(address, key) as client:
        endpoint = client.post("/v1/webhook-endpoints", json={"url": hook.url}).json()
        ids = []
        for traceparent in sent:
            headers = {} if traceparent is None else {"traceparent": traceparent}
            pinged = client.post(f"/v1/webhook-endpoints/{endpoint['id']}/test", headers=headers)
            assert pinged.status_code == 202, pinged.text
            ids.append(pinged.json()["message_id"])
        wait_until(lambda: len(hook.received) == len(sent))
    received: dict[str, Received] = {request.id: request for request in hook.received}
    traces = [received[id].headers.get("traceparent") for id in ids]
    assert traces[0] is not None
    assert traces[0].startswith(f"00-{TRACE}-")
    assert PARENT not in traces[0]
    assert traces[1:] == [None] * 3
