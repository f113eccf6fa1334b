import asyncio
import gzip
from typing import Any

import pytest

from app.webhooks.attempts import Answer
from app.webhooks.guard import Guard
from app.webhooks.sender import KEPT, Sender
from tests.webhooks.receivers import (
    FOREVER,
    LOOP_NAMES,
    LOOPS,
    OK,
    Peer,
    attempt_elsewhere,
    keep_silent,
    receiving,
    say_ok,
    saying,
)

LOOPBACK = Guard("127.0.0.0/8")
SECONDS = 1.0
MEMORY = 8_000_000
"""Bytes that an attempt may hold at most, whatever comes."""
HEAD = b"HTTP/1.1 200 OK\r\n"
LAST = HEAD + b"connection: close\r\ncontent-length: 0\r\n\r\n"


@pytest.fixture(params=LOOPS, ids=LOOP_NAMES, scope="module")
def anyio_backend(request: pytest.FixtureRequest) -> Any:
    return request.param


@pytest.fixture
def loop_name(anyio_backend: Any) -> str:
    return LOOP_NAMES[LOOPS.index(anyio_backend)]


async def send_to(answer: Any, seconds: float = 30) -> Answer:
    async with receiving(answer) as receiver, Sender(LOOPBACK, seconds) as sender:
        return await sender.send(receiver.url(), b"{}", {})


def hearing(*parts: bytes, then: bytes = b"") -> Any:
    """Hear a request, say the parts, flood with the rest, and never hang up."""

    async def answer(peer: Peer) -> None:
        await peer.hear()
        await peer.say(*parts)
        if then:
            await peer.flood(then)
        await asyncio.sleep(FOREVER)

    return answer


# Row 13: never answers, drips, floods


async def drip_head(peer: Peer) -> None:
    await peer.hear()
    await peer.drip(HEAD + b"x-slow: " + b"x" * 4000)


async def never_accept(_: Peer) -> None:
    await asyncio.sleep(FOREVER)


@pytest.mark.parametrize("answer", [keep_silent, drip_head, never_accept, hearing(HEAD)])
async def test_a_receiver_without_an_answer_is_given_up_at_the_total_deadline(answer: Any) -> None:
    """Row 13 of the faults: never answers, or drips its head."""
    sent = await send_to(answer, SECONDS)
    assert (sent.failure, sent.status, sent.body) == ("timeout", None, None)
    assert 900 <= sent.milliseconds < 10_000


@pytest.mark.filterwarnings("ignore:Sending a large body:ResourceWarning")  # more than the system takes off our hands
async def test_a_receiver_that_takes_no_bytes_is_given_up_at_the_total_deadline() -> None:
    """Row 13 of the faults: our own body cannot be written, and nobody waits until it can."""
    arrived: asyncio.Queue[int] = asyncio.Queue()

    async def read_late(peer: Peer) -> None:
        arrived.put_nowait(len(await peer.read_late()))

    body = b"x" * 20_000_000
    async with receiving(read_late) as receiver, Sender(LOOPBACK, SECONDS) as sender:
        answer = await sender.send(receiver.url(), body, {})
        assert answer.failure == "timeout"
        assert await asyncio.wait_for(arrived.get(), 30) < len(body)


async def test_a_body_that_drips_is_cut_at_the_total_deadline_and_its_status_counts() -> None:
    """Row 13 of the faults: drips its body."""

    async def drip(peer: Peer) -> None:
        await peer.hear()
        await peer.say(HEAD + b"content-length: 100000\r\n\r\n")
        await peer.drip(b"x" * 100_000)

    answer = await send_to(drip, SECONDS)
    assert (answer.failure, answer.status, answer.truncated) == (None, 200, True)
    assert set(answer.body or "") == {"x"}
    assert 900 <= answer.milliseconds < 10_000


INTERIM = b"HTTP/1.1 102 Processing\r\n\r\n"


@pytest.mark.parametrize("count", [1, 20])
async def test_twenty_interim_answers_may_come_before_the_final_one(count: int) -> None:
    """Row 13 of the faults."""
    assert (await send_to(saying(INTERIM * count + OK))).failure is None
    assert (await send_to(saying(*[INTERIM] * count, OK))).failure is None


@pytest.mark.parametrize("chunk", [INTERIM, INTERIM * 2500, b"HTTP/1.1 100\r\n\r\n" * 4096])
async def test_a_flood_of_interim_answers_ends_early_and_costs_no_memory(chunk: bytes, loop_name: str) -> None:
    """Row 13 of the faults: at most 20 interim answers are accepted."""
    assert (await send_to(saying(INTERIM * 21 + OK))).failure == "protocol"
    async with receiving(warm(hearing(then=chunk))) as receiver:
        answer = await attempt_elsewhere(receiver.url(), loop_name)
    assert answer["failure"] == "protocol"
    assert answer["peak"] < MEMORY


def warm(answer: Any) -> Any:
    """The first connection is met kindly: what the sender loads late is no part of the measurement."""
    met: list[Peer] = []

    async def take(peer: Peer) -> None:
        met.append(peer)
        await (saying(LAST)(peer) if len(met) == 1 else answer(peer))

    return take


# Rows 14 and 15: bodies without end, bombs


@pytest.mark.parametrize(
    "answer",
    [
        hearing(HEAD + b"\r\n", then=b"x" * 65536),
        hearing(HEAD + b"content-length: 1000000000\r\n\r\n", then=b"x" * 65536),
        hearing(HEAD + b"transfer-encoding: chunked\r\n\r\n", then=b"10000\r\n" + b"x" * 65536 + b"\r\n"),
        hearing(HEAD + b"transfer-encoding: chunked\r\n\r\n", then=b"1\r\nx\r\n" * 10_000),
    ],
    ids=["until it closes", "1 GB", "chunks", "tiny chunks"],
)
async def test_a_success_with_an_endless_body_is_cut_and_hung_up_on(answer: Any, loop_name: str) -> None:
    """Rows 14 and 15 of the faults: 200, then an endless body or 1 GB."""
    async with receiving(warm(answer)) as receiver:
        said = await attempt_elsewhere(receiver.url(), loop_name)
        while receiver.open:  # noqa: ASYNC110 - the receiver finds out by itself
            await asyncio.sleep(0.01)
    peak = said.pop("peak")
    assert said == {"failure": None, "status": 200, "truncated": True, "body": KEPT}
    assert peak < MEMORY


async def test_a_gzip_bomb_is_not_unpacked(loop_name: str) -> None:
    """Row 15 of the faults."""
    bomb = gzip.compress(bytes(400_000_000), 1)
    head = HEAD + f"content-encoding: gzip\r\ncontent-length: {len(bomb)}\r\n\r\n".encode()
    async with receiving(warm(saying(head, bomb))) as receiver:
        said = await attempt_elsewhere(receiver.url(), loop_name)
    assert (said["failure"], said["truncated"]) == (None, True)
    assert 0 < said["body"] <= KEPT
    assert said["peak"] < MEMORY


@pytest.mark.parametrize(
    "answer",
    [
        saying(HEAD + b"x-big: " + b"x" * 400_000 + b"\r\n\r\n"),
        saying(HEAD + b"".join(b"x-%d: y\r\n" % number for number in range(20_000)) + b"\r\n"),
        hearing(HEAD + b"x-big: ", then=b"x" * 65536),
        hearing(HEAD, then=b"x: y\r\n" * 10_000),
        hearing(b"HTTP/1.1 200 ", then=b"O" * 65536),
        hearing(then=b"\r\n" * 32768),
    ],
    ids=["400 kB header", "20,000 headers", "endless header", "endless headers", "endless reason", "endless lines"],
)
async def test_a_head_without_measure_is_a_broken_protocol_and_costs_no_memory(answer: Any, loop_name: str) -> None:
    """Row 15 of the faults."""
    async with receiving(warm(answer)) as receiver:
        said = await attempt_elsewhere(receiver.url(), loop_name)
    peak = said.pop("peak")
    assert said == {"failure": "protocol", "status": None, "truncated": False, "body": 0}
    assert peak < MEMORY


@pytest.mark.parametrize(
    "body",
    [
        b"content-length: 100\r\n\r\nshort",
        b"transfer-encoding: chunked\r\n\r\n5\r\nshort\r\n",
        b"transfer-encoding: chunked\r\n\r\n5\r\nshort\r\n50\r\ncut",
    ],
    ids=["length", "no last chunk", "inside a chunk"],
)
async def test_a_success_whose_body_breaks_off_is_a_success(body: bytes) -> None:
    """Row 14 of the faults: 200, then a broken body."""
    answer = await send_to(saying(HEAD + body))
    assert (answer.failure, answer.status, answer.truncated) == (None, 200, True)
    assert (answer.body or "").startswith("short")


async def test_a_success_whose_framing_breaks_later_is_a_success() -> None:
    """Row 14 of the faults; in one segment with the head it may count as a broken protocol."""

    async def answer(peer: Peer) -> None:
        await peer.hear()
        await peer.say(HEAD + b"transfer-encoding: chunked\r\n\r\n5\r\nshort\r\n")
        await asyncio.sleep(0.2)
        await peer.say(b"zzz\r\n")
        await asyncio.sleep(FOREVER)

    sent = await send_to(answer)
    assert (sent.failure, sent.status, sent.body, sent.truncated) == (None, 200, "short", True)
    assert sent.milliseconds < 20_000  # nobody waits for what cannot come any more
    at_once = await send_to(saying(HEAD + b"transfer-encoding: chunked\r\n\r\nzzz\r\n"))
    assert at_once.failure in {None, "protocol"}


async def test_a_success_that_is_reset_in_its_body_is_a_success() -> None:
    """Row 14 of the faults."""

    async def answer(peer: Peer) -> None:
        await peer.hear()
        await peer.say(HEAD + b"content-length: 100\r\n\r\nshort")
        await asyncio.sleep(0.2)
        peer.reset()

    sent = await send_to(answer)
    assert (sent.failure, sent.status, sent.body, sent.truncated) == (None, 200, "short", True)


# Row 16: what is no HTTP


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"\0\1\2\3garbage\r\n\r\n",
        b"220 smtp.example ESMTP\r\n",
        b"SSH-2.0-OpenSSH_9.6\r\n",
        b"HTTP/1.1\r\n\r\n",
        b"HTTP/1.1 twohundred OK\r\n\r\n",
        b"HTTP/1.1 20 OK\r\n\r\n",
        b"HTTP/1.1 2000 OK\r\n\r\n",
        b"HTTP/9.9 200 OK\r\n\r\n",
        b"HTTP/1.1 200 OK",
        HEAD + b"content-length: 0",
        HEAD + b"x-nul: a\0b\r\ncontent-length: 0\r\n\r\n",
        HEAD + b"no colon\r\ncontent-length: 0\r\n\r\n",
        HEAD + b"sp ace: x\r\ncontent-length: 0\r\n\r\n",
        HEAD + b"content-length: -1\r\n\r\n",
        HEAD + b"content-length: 1\r\ncontent-length: 2\r\n\r\nxx",
        HEAD + b"content-length: 2\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\n\r\n",
    ],
)
async def test_what_is_no_http_is_a_broken_protocol(said: bytes) -> None:
    """Row 16 of the faults: garbage, early close, 101, a NUL in a header."""
    answer = await send_to(saying(said))
    assert answer.failure == "protocol"
    assert "\0" not in (answer.body or "")


async def test_a_reset_is_a_broken_protocol() -> None:
    """Row 16 of the faults."""

    async def reset(peer: Peer) -> None:
        await peer.hear()
        peer.reset()

    assert (await send_to(reset)).failure == "protocol"


async def test_hanging_up_unheard_is_a_broken_protocol() -> None:
    """Row 16 of the faults: an early close."""

    async def hang_up(_: Peer) -> None:
        pass

    assert (await send_to(hang_up)).failure == "protocol"


async def test_a_header_of_strange_bytes_is_kept_as_text_that_every_database_stores() -> None:
    said = b"HTTP/1.1 503 \xff\xfe\r\nretry-after: \xff\xed\xa0\x80\r\ncontent-length: 0\r\n\r\n"
    answer = await send_to(saying(said))
    assert answer.failure in {"status", "protocol"}
    assert (answer.retry_after or "").encode() is not None  # a lone surrogate cannot be encoded


async def test_a_flood_of_cookies_costs_no_time() -> None:
    cookies = (b"set-cookie: " + b"a=b;" * 1900 + b"\r\n") * 30
    answer = await send_to(saying(HEAD + cookies + b"content-length: 0\r\n\r\n"))
    assert answer.failure is None
    assert answer.milliseconds < 5000


# Rows 39 and 41: connections that are used again


async def test_an_answer_that_nobody_asked_for_is_never_the_next_delivery_s_success() -> None:
    """Row 39 of the faults: it comes while the connection rests."""
    fine = asyncio.Event()

    async def whisper(peer: Peer) -> None:
        await peer.hear()
        await peer.say(OK)
        await asyncio.sleep(0.1)
        await peer.say(OK)
        fine.set()
        await peer.end_of_file()

    async with receiving(whisper) as receiver, Sender(LOOPBACK, SECONDS) as sender:
        assert (await sender.send(receiver.url(), b"{}", {})).failure is None
        await fine.wait()
        await asyncio.sleep(0.1)
        assert (await sender.send(receiver.url(), b"{}", {})).failure is None
    assert receiver.connections == 2  # what was heard at rest ended the first
    assert len(receiver.requests) == 2


async def test_an_answer_that_lies_unread_on_the_socket_is_never_the_next_delivery_s_success() -> None:
    """Row 39 of the faults: the loop has had no time to read it."""
    async with receiving(say_ok) as receiver, Sender(LOOPBACK, 30) as sender:
        peers: list[Peer] = []

        async def whisper(peer: Peer) -> None:
            peers.append(peer)
            await say_ok(peer)

        receiver.answer_with(whisper)
        assert (await sender.send(receiver.url(), b"{}", {})).failure is None
        peers[0].say_at_once(OK)  # and no turn of the loop before the next delivery
        assert (await sender.send(receiver.url(), b"{}", {})).failure is None
    assert receiver.connections == 2


async def test_a_second_answer_on_the_heels_of_the_first_is_never_the_next_delivery_s_success() -> None:
    """Row 39 of the faults."""

    async def stammer(peer: Peer) -> None:
        await peer.hear()
        await peer.say(OK + OK)
        await peer.end_of_file()

    async with receiving(stammer) as receiver, Sender(LOOPBACK, 30) as sender:
        for _ in range(3):
            assert (await sender.send(receiver.url(), b"{}", {})).failure is None
    assert (receiver.connections, len(receiver.requests)) == (3, 3)


@pytest.mark.parametrize("cut", [1, 20, len(OK) - 3])
async def test_a_second_answer_in_two_pieces_is_never_the_next_delivery_s_success(cut: int) -> None:
    """Row 39 of the faults."""

    async def stammer(peer: Peer) -> None:
        await peer.hear()
        await peer.say(OK + OK[:cut])
        await peer.hear()
        await peer.say(OK[cut:])

    async with receiving(stammer) as receiver, Sender(LOOPBACK, 30) as sender:
        assert (await sender.send(receiver.url(), b"{}", {})).failure is None
        answer = await sender.send(receiver.url(), b"{}", {})
    assert answer.failure == "protocol" or len(receiver.requests) == receiver.connections


async def test_a_connection_that_was_closed_at_rest_is_not_used_again() -> None:
    """Row 41 of the faults: it was closed before the next delivery, which goes out on a new one."""
    async with receiving(saying(OK)) as receiver, Sender(LOOPBACK, 30) as sender:
        for _ in range(20):
            assert (await sender.send(receiver.url(), b"{}", {})).failure is None
            while receiver.open:  # noqa: ASYNC110 - the receiver hangs up by itself
                await asyncio.sleep(0)
    assert receiver.connections == 20


async def test_a_connection_that_is_closed_as_it_is_used_again_is_a_broken_protocol() -> None:
    """Row 41 of the faults: it is retried on the schedule, as nobody knows whether it was heard; not here."""

    async def close_on_second(peer: Peer) -> None:
        await peer.hear()
        await peer.say(OK)
        await peer.hear()

    async with receiving(close_on_second) as receiver, Sender(LOOPBACK, 30) as sender:
        assert (await sender.send(receiver.url(), b"{}", {})).failure is None
        assert (await sender.send(receiver.url(), b"{}", {})).failure == "protocol"
        assert len(receiver.requests) == 2
        assert (await sender.send(receiver.url(), b"{}", {})).failure is None
