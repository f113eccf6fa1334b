import asyncio
import ssl
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import trustme

from app.webhooks.attempts import Answer
from app.webhooks.guard import Guard
from app.webhooks.sender import Sender
from tests.webhooks.receivers import LOOP_NAMES, LOOPS, OK, Peer, certify, keep_silent, receiving, say_ok, trust

LOOPBACK = Guard("127.0.0.0/8")
AUTHORITY, STRANGER = trustme.CA(), trustme.CA()
EXPIRED = datetime.now(UTC) - timedelta(hours=1)


@pytest.fixture(params=LOOPS, ids=LOOP_NAMES, scope="module")
def anyio_backend(request: pytest.FixtureRequest) -> Any:
    return request.param


async def send_to(tls: ssl.SSLContext | None, answer: Any = say_ok, seconds: float = 30) -> tuple[Answer, list[bytes]]:
    async with (
        receiving(answer, tls) as receiver,
        Sender(LOOPBACK, seconds, ssl_context=trust(AUTHORITY)) as sender,
    ):
        url = receiver.url("localhost").replace("http://", "https://")
        return await sender.send(url, b"{}", {}), receiver.requests


async def test_a_receiver_with_a_good_certificate_is_sent_to_on_a_connection_that_is_kept() -> None:
    async with (
        receiving(say_ok, certify(AUTHORITY, "localhost")) as receiver,
        Sender(LOOPBACK, 30, ssl_context=trust(AUTHORITY)) as sender,
    ):
        for _ in range(10):
            assert (await sender.send(receiver.url("localhost"), b"{}", {})).failure is None
            await asyncio.sleep(0.01)
    assert receiver.connections <= 2  # a session ticket that comes late costs one


@pytest.mark.parametrize(
    "tls",
    [
        pytest.param(certify(AUTHORITY, "localhost", not_after=EXPIRED), id="expired"),
        pytest.param(certify(STRANGER, "localhost"), id="self-signed"),
        pytest.param(certify(AUTHORITY, "other.example"), id="wrong name"),
        pytest.param(certify(AUTHORITY, "127.0.0.1"), id="address instead of name"),
        pytest.param(None, id="plain HTTP"),
    ],
)
async def test_a_receiver_that_cannot_prove_who_it_is_hears_nothing(tls: ssl.SSLContext | None) -> None:
    """Row 21 of the faults: never downgraded, nothing of the message is sent."""

    async def talk_plainly(peer: Peer) -> None:
        await peer.say(OK)
        await peer.end_of_file()

    answer, requests = await send_to(tls, say_ok if tls else talk_plainly)
    assert answer[2:] == (None, "tls", None, False, None)
    assert requests == []


async def test_an_authority_that_the_system_does_not_know_is_not_trusted() -> None:
    """Row 21 of the faults: the sender's own choice of authorities is the system's."""
    async with receiving(say_ok, certify(AUTHORITY, "localhost")) as receiver, Sender(LOOPBACK, 30) as sender:
        assert (await sender.send(receiver.url("localhost"), b"{}", {})).failure == "tls"
    assert receiver.requests == []


@pytest.mark.parametrize("abrupt", [True, False])
async def test_hanging_up_in_the_handshake_is_a_failure_of_tls(abrupt: bool) -> None:  # noqa: FBT001 - a case
    async def hang_up(peer: Peer) -> None:
        await peer.hear_bytes()
        if abrupt:
            peer.reset()

    answer, _ = await send_to(None, hang_up)
    assert answer.failure == "tls"


async def test_a_handshake_that_never_ends_is_given_up_in_time() -> None:
    """Row 13 of the faults, before a byte of HTTP."""
    answer, _ = await send_to(None, keep_silent, 1)
    assert answer.failure == "timeout"
    assert answer.milliseconds < 10_000


async def test_an_old_protocol_is_a_failure_of_tls() -> None:
    tls = certify(AUTHORITY, "localhost")
    with pytest.warns(DeprecationWarning, match="TLSv1_1"):
        tls.minimum_version = tls.maximum_version = ssl.TLSVersion.TLSv1_1
    assert (await send_to(tls))[0].failure == "tls"
