import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest

from app import __version__
from app.webhooks.connecting import IDLE
from app.webhooks.guard import Guard
from app.webhooks.sender import KEPT, Sender
from tests.webhooks.receivers import LOOP_NAMES, LOOPS, Peer, keep_silent, receiving, say_ok, saying

HEADERS = {"webhook-id": "msg_1", "webhook-timestamp": "1", "webhook-signature": "v1,c2ln"}
BODY = '{"type":"ping","data":"é"}'.encode()
LOOPBACK = Guard("127.0.0.0/8")


@pytest.fixture(params=LOOPS, ids=LOOP_NAMES, scope="module")
def anyio_backend(request: pytest.FixtureRequest) -> Any:
    return request.param


async def test_a_delivery_says_what_it_is_and_nothing_else() -> None:
    async with receiving(say_ok) as receiver, Sender(LOOPBACK, 30) as sender:
        answer = await sender.send(receiver.url() + "?a=%2F|b", BODY, HEADERS)
    head, _, body = receiver.requests[0].partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    assert first == "POST /hook?a=%2F|b HTTP/1.1"
    assert body == BODY
    assert {line.split(": ")[0].lower(): line.split(": ")[1] for line in lines} == {
        "host": f"127.0.0.1:{receiver.port}",
        "user-agent": f"Afterword/{__version__}",
        "content-type": "application/json",
        "accept-encoding": "identity",
        "content-length": str(len(BODY)),
        **HEADERS,
    }
    assert answer.started_at <= datetime.now(UTC)
    assert answer._replace(started_at=datetime.now(UTC), milliseconds=0)[2:] == (200, None, "ok", False, None)


async def test_deliveries_share_a_connection_one_after_the_other() -> None:
    async with receiving(say_ok) as receiver, Sender(LOOPBACK, 30) as sender:
        for _ in range(20):
            assert (await sender.send(receiver.url(), BODY, HEADERS)).failure is None
        assert receiver.connections == 1
        await asyncio.gather(*(sender.send(receiver.url(), BODY, HEADERS) for _ in range(20)))
        assert receiver.connections <= 20
    assert len(receiver.requests) == 40


async def test_a_large_body_goes_out_whole() -> None:
    body = b'"' + b"x" * 1_000_000 + b'"'
    async with receiving(say_ok) as receiver, Sender(LOOPBACK, 30) as sender:
        assert (await sender.send(receiver.url(), body, HEADERS)).failure is None
    assert receiver.requests[0].endswith(body)


@pytest.mark.parametrize("status", [200, 201, 202, 204, 206, 299])
async def test_a_2xx_is_a_success(status: int) -> None:
    said = f"HTTP/1.1 {status} Fine\r\ncontent-length: 0\r\n\r\n".encode()
    async with receiving(saying(said)) as receiver, Sender(LOOPBACK, 30) as sender:
        answer = await sender.send(receiver.url(), BODY, HEADERS)
    assert (answer.status, answer.failure, answer.body) == (status, None, "")


@pytest.mark.parametrize("status", [300, 400, 401, 404, 410, 429, 500, 502, 503, 504, 599, 799, 999])
async def test_any_other_answer_is_a_failure_with_its_status(status: int) -> None:
    """Rows 16 and 18 of the faults, as far as the sender sees them."""
    said = f"HTTP/1.1 {status} Odd\r\ncontent-length: 4\r\nretry-after: 120\r\n\r\ngone".encode()
    async with receiving(saying(said)) as receiver, Sender(LOOPBACK, 30) as sender:
        answer = await sender.send(receiver.url(), BODY, HEADERS)
    assert (answer.status, answer.failure, answer.body, answer.retry_after) == (status, "status", "gone", "120")


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_is_a_failure_and_is_not_followed(status: int) -> None:
    """Row 17 of the faults."""
    async with receiving(say_ok) as other:
        said = f"HTTP/1.1 {status} Elsewhere\r\nlocation: {other.url()}\r\ncontent-length: 0\r\n\r\n".encode()
        async with receiving(saying(said)) as receiver, Sender(LOOPBACK, 30) as sender:
            answer = await sender.send(receiver.url(), BODY, HEADERS)
    assert (answer.status, answer.failure) == (status, "status")
    assert other.connections == 0


async def test_a_cookie_is_not_brought_back() -> None:
    async def bake(peer: Peer) -> None:
        while True:
            await peer.hear()
            await peer.say(b"HTTP/1.1 200 OK\r\nset-cookie: a=b\r\ncontent-length: 0\r\n\r\n")

    async with receiving(bake) as receiver, Sender(LOOPBACK, 30) as sender:
        for _ in range(2):
            await sender.send(receiver.url("localhost"), BODY, HEADERS)
    assert b"cookie" not in receiver.requests[1].lower()


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("né 👩🏽".encode(), "né 👩🏽"),
        (b"a\0b", "a\ufffdb"),
        (b"\xff\xfe", "\ufffd\ufffd"),
        (b"\xed\xa0\x80", "\ufffd\ufffd\ufffd"),
        (b"\x1f\x8b\x08", "\x1f\ufffd\x08"),
    ],
)
async def test_the_answer_is_kept_as_text_that_every_database_stores(said: bytes, kept: str) -> None:
    head = f"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: {len(said)}\r\n\r\n".encode()
    async with receiving(saying(head, said)) as receiver, Sender(LOOPBACK, 30) as sender:
        answer = await sender.send(receiver.url(), BODY, HEADERS)
    assert (answer.failure, answer.body, answer.truncated) == (None, kept, False)


@pytest.mark.parametrize(
    ("length", "unit", "truncated"), [(KEPT, b"x", False), (KEPT + 1, b"x", True), (KEPT, b"\xff", False)]
)
async def test_at_most_16_kb_of_the_answer_are_kept(length: int, unit: bytes, truncated: bool) -> None:  # noqa: FBT001 - a case
    head = f"HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n".encode()
    async with receiving(saying(head, unit * length)) as receiver, Sender(LOOPBACK, 30) as sender:
        answer = await sender.send(receiver.url(), BODY, HEADERS)
    assert (answer.failure, answer.truncated) == (None, truncated)
    assert KEPT - 4 < len((answer.body or "").encode()) <= KEPT


async def test_nobody_listening_is_a_failed_connection() -> None:
    async with receiving(say_ok) as receiver:
        url = receiver.url()
    async with Sender(LOOPBACK, 30) as sender:
        answer = await sender.send(url, BODY, HEADERS)
    assert answer[2:] == (None, "connection", None, False, None)


async def test_the_slot_is_free_again_at_the_total_deadline_and_others_are_not_delayed() -> None:
    """Row 13 of the faults: a receiver that never answers."""
    async with receiving(keep_silent) as silent, receiving(say_ok) as quick, Sender(LOOPBACK, 2) as sender:
        hung = [asyncio.create_task(sender.send(silent.url(), BODY, HEADERS)) for _ in range(50)]
        await asyncio.sleep(0.2)
        assert (await sender.send(quick.url(), BODY, HEADERS)).failure is None
        assert not any(task.done() for task in hung)
        answers = await asyncio.gather(*hung)
    assert {answer.failure for answer in answers} == {"timeout"}
    assert all(1900 <= answer.milliseconds < 10_000 for answer in answers)


async def test_connections_at_rest_do_not_use_up_the_system_s_files() -> None:
    async with receiving(say_ok, host="0.0.0.0") as receiver, Sender(LOOPBACK, 60) as sender:  # noqa: S104 - all of 127/8
        for host in range(1, IDLE + 21):
            url = receiver.url(f"127.0.{host // 250}.{host % 250 + 1}")
            assert (await sender.send(url, BODY, HEADERS)).failure is None
        for _ in range(100):
            await asyncio.sleep(0.01)
            if len(receiver.open) <= IDLE:
                break
        assert len(receiver.open) <= IDLE


async def test_a_delivery_that_is_cancelled_hangs_up() -> None:
    heard, gone = asyncio.Event(), asyncio.Event()

    async def listen(peer: Peer) -> None:
        await peer.hear()
        heard.set()
        await peer.end_of_file()
        gone.set()

    async with receiving(listen) as receiver, Sender(LOOPBACK, 60) as sender:
        task = asyncio.create_task(sender.send(receiver.url(), BODY, HEADERS))
        await asyncio.wait_for(heard.wait(), 30)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await asyncio.wait_for(gone.wait(), 30)
