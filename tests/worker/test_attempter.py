"""One attempt: the headers that it is made with, and the trace that it is part of."""

import json
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from standardwebhooks import Webhook

from app.store.rows import EndpointRow
from app.vault import Vault
from app.webhooks.guard import Guard
from app.webhooks.leasing import Leased
from app.webhooks.sender import Sender
from app.webhooks.signing import make_secret
from app.worker.attempter import Attempter
from tests.conftest import SECRET_KEY
from tests.faults.processes import api, connect, wait_until
from tests.faults.receivers import Received, Receiver, receiver

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
        yield Attempter(sender, Vault([SECRET_KEY]), _no_email, TIMEOUT, [60])


async def _no_email(_: Leased) -> bytes:
    raise NotImplementedError


def _leased(traceparent: str | None = None, tries: int = 1) -> Leased:
    now = datetime.now(UTC)
    message = ("plan.changed", None, None, '{"a":1}', traceparent, now)
    return Leased("acc", "dlv_1", "ep_1", "msg_1", tries, tries > 1, now, *message, False, now + 3 * TIMEOUT)  # noqa: FBT003 - columns


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
