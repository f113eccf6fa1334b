"""A line by itself: what arrives in the moments before a request is written cannot be timed through the sender."""

import asyncio
import ssl
from typing import Any

import pytest
import trustme

from app.webhooks.connecting import Line
from tests.webhooks.receivers import LOOP_NAMES, LOOPS, OK, Peer, Receiver, certify, receiving, trust

AUTHORITY = trustme.CA()


@pytest.fixture(params=LOOPS, ids=LOOP_NAMES, scope="module")
def anyio_backend(request: pytest.FixtureRequest) -> Any:
    return request.param


async def blurt(peer: Peer) -> None:
    await peer.say(OK)
    await peer.end_of_file()


async def dial(receiver: Receiver, tls: ssl.SSLContext | None = None) -> Line:
    loop = asyncio.get_running_loop()
    name = "localhost" if tls else None
    _, line = await loop.create_connection(
        lambda: Line(loop, {}), "127.0.0.1", receiver.port, ssl=tls, server_hostname=name
    )
    line.set_response_params(timer=object(), read_until_eof=True)
    return line


@pytest.mark.parametrize("secure", [False, True])
async def test_what_is_said_before_we_ask_ends_the_connection_and_is_no_answer(secure: bool) -> None:  # noqa: FBT001 - a case
    """Row 39 of the faults."""
    async with receiving(blurt, certify(AUTHORITY, "localhost") if secure else None) as receiver:
        line = await dial(receiver, trust(AUTHORITY) if secure else None)
        async with asyncio.timeout(30):
            while line.is_connected():  # noqa: ASYNC110 - it hears for itself
                await asyncio.sleep(0)
        await line.ask()
        assert len(line) == 0
        assert not line.is_connected()


async def test_what_lies_unread_when_we_ask_ends_the_connection_and_is_no_answer() -> None:
    """Row 39 of the faults: it came in the very turn of the loop in which the request is written."""
    peers: asyncio.Queue[Peer] = asyncio.Queue()

    async def meet(peer: Peer) -> None:
        peers.put_nowait(peer)
        await peer.end_of_file()

    async with receiving(meet) as receiver:
        line = await dial(receiver)
        peer = await peers.get()
        assert line.is_connected()
        peer.say_at_once(OK)
        await line.ask()
        assert len(line) == 0
        assert not line.is_connected()


async def test_a_silent_line_is_asked_and_its_answer_counts() -> None:
    peers: asyncio.Queue[Peer] = asyncio.Queue()

    async def meet(peer: Peer) -> None:
        peers.put_nowait(peer)
        await peer.end_of_file()

    async with receiving(meet) as receiver:
        line = await dial(receiver)
        peer = await peers.get()
        await line.ask()
        peer.say_at_once(OK)
        message, _ = await asyncio.wait_for(line.read(), 30)
        assert message.code == 200
        assert line.is_connected()
        line.close()
