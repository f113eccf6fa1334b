import asyncio
import socket
import sys
import threading
from typing import Any

import pytest

from app.webhooks.guard import Guard
from app.webhooks.sender import Sender
from tests.webhooks.receivers import LOOP_NAMES, LOOPS, Receiver, Zone, receiving, say_ok

ENCODED = ["127.1", "2130706433", "0x7f000001", "017700000001", "127.0.0.1.", "0"]
LITERALS = ["127.0.0.1", "169.254.169.254", "[::]", "[::1]", "[::ffff:127.0.0.1]", "[::127.0.0.1]", "[64:ff9b::7f00:1]"]
ELSEWHERE = "192.0.2.0/24"
"""A network that the operator named, so that http and any port get as far as the guard of addresses."""

_dialled: list[Any] = []
sys.addaudithook(lambda event, arguments: _dialled.append(arguments[1]) if event == "socket.connect" else None)


@pytest.fixture(params=LOOPS, ids=LOOP_NAMES, scope="module")
def anyio_backend(request: pytest.FixtureRequest) -> Any:
    return request.param


@pytest.fixture
def dialled() -> list[Any]:
    """Every address that this process tries to connect to from here on."""
    _dialled.clear()
    return _dialled


def at(receiver: Receiver, host: str) -> tuple[str, str]:
    return receiver.url(host), f"https://{host}/"


@pytest.mark.parametrize("host", [*ENCODED, *LITERALS, "localhost"])
async def test_a_literal_that_is_private_or_encoded_is_never_dialled(host: str, dialled: list[Any]) -> None:
    """Row 23 of the faults: with a receiver that listens right there."""
    async with receiving(say_ok) as receiver, Sender(Guard(ELSEWHERE), 30) as sender:
        for url in at(receiver, host):
            answer = await sender.send(url, b"{}", {})
            assert answer[2:] == (None, "blocked_address", None, False, None)
    async with Sender(Guard(), 30) as sender:
        assert (await sender.send(f"https://{host}/", b"{}", {})).failure == "blocked_address"
        assert (await sender.send(f"http://{host}/", b"{}", {})).failure == "blocked_address"
    assert receiver.connections == 0
    assert dialled == []


@pytest.mark.parametrize(
    "answers",
    [
        ["127.0.0.1"],
        ["10.0.0.1"],
        ["93.184.216.34", "127.0.0.1"],
        ["127.0.0.1", "93.184.216.34"],
        ["2606:4700::1111", "::1"],
        ["::ffff:93.184.216.34"],
        ["64:ff9b::5db8:d822"],
    ],
)
async def test_a_name_with_any_private_answer_is_never_dialled(answers: list[str], dialled: list[Any]) -> None:
    """Row 23 of the faults: private and mixed answers."""
    async with receiving(say_ok) as receiver, Sender(Guard(ELSEWHERE, Zone(answers)), 30) as sender:
        for url in at(receiver, "example.com"):
            assert (await sender.send(url, b"{}", {})).failure == "blocked_address"
    assert dialled == []


async def test_a_name_that_turns_private_after_it_was_saved_is_never_dialled(dialled: list[Any]) -> None:
    """Row 23 of the faults: rebinding."""
    guard = Guard(resolve=Zone(["93.184.216.34"], ["127.0.0.1"]))
    await asyncio.to_thread(guard.vet, "https://example.com/")
    async with Sender(guard, 30) as sender:
        assert (await sender.send("https://example.com/", b"{}", {})).failure == "blocked_address"
    assert dialled == []


async def test_the_answer_that_was_looked_at_is_the_one_that_is_dialled(dialled: list[Any]) -> None:
    """Row 23 of the faults: rebinding between the look and the call."""
    zone = Zone(["127.0.0.1"], ["127.0.0.2"])
    async with receiving(say_ok) as receiver, Sender(Guard("127.0.0.1/32", zone), 30) as sender:
        answers = await asyncio.gather(*(sender.send(receiver.url("name.example"), b"{}", {}) for _ in range(20)))
    assert {answer.failure for answer in answers} == {None}
    assert zone.asked == 1
    assert {address for address, _ in dialled} == {"127.0.0.1"}


async def test_http_is_not_spoken_to_a_public_address(dialled: list[Any]) -> None:
    async with Sender(Guard("127.0.0.0/8", Zone(["93.184.216.34"])), 30) as sender:
        for url in ("http://example.com/", "https://example.com:22/", "http://example.com:443/"):
            assert (await sender.send(url, b"{}", {})).failure == "blocked_address"
    assert dialled == []


async def test_an_address_that_takes_no_connection_gives_way_to_the_next(dialled: list[Any]) -> None:
    zone = Zone(["127.9.9.9", "127.0.0.1"])
    async with receiving(say_ok) as receiver, Sender(Guard("127.0.0.0/8", zone), 30) as sender:
        assert (await sender.send(receiver.url("name.example"), b"{}", {})).failure is None
    assert [address for address, _ in dialled] == ["127.9.9.9", "127.0.0.1"]


@pytest.mark.parametrize("host", ["no-such-name.invalid", "a..example", "a" * 64 + ".example", "-", "a" * 300])
async def test_a_name_that_does_not_exist_is_a_failure_of_dns(host: str) -> None:
    """Row 22 of the faults."""
    async with Sender(Guard(), 30) as sender:
        assert (await sender.send(f"https://{host}/", b"{}", {}))[2:] == (None, "dns", None, False, None)


async def test_names_that_hang_are_failures_of_dns_and_delay_nobody() -> None:
    """Row 22 of the faults: forty of them, while others are sent to."""
    gate = threading.Event()

    def resolve(host: str, port: int, **settings: Any) -> Any:
        if host.startswith("hang"):
            gate.wait()
        return socket.getaddrinfo("127.0.0.1", port, **settings)

    async with receiving(say_ok) as receiver, Sender(Guard("127.0.0.0/8", resolve), 9) as sender:
        hung = [asyncio.create_task(sender.send(f"http://hang-{n}.example/", b"{}", {})) for n in range(40)]
        await asyncio.sleep(0.1)
        for n in range(20):
            assert (await sender.send(receiver.url(f"quick-{n}.example"), b"{}", {})).failure is None
        assert not any(task.done() for task in hung)
        answers = await asyncio.gather(*hung)
    gate.set()
    assert {answer.failure for answer in answers} == {"dns"}
    assert max(answer.milliseconds for answer in answers) < 9000


async def test_a_name_that_hangs_does_not_keep_the_process_from_ending() -> None:
    """Row 22 of the faults: the interpreter waits for the threads of a pool, and for these it does not."""
    script = """
import asyncio, threading
from app.webhooks.guard import Guard
from app.webhooks.sender import Sender

async def attempt():
    guard = Guard(resolve=lambda *_, **__: threading.Event().wait())
    async with Sender(guard, 1) as sender:
        print((await sender.send("https://example.com/", b"{}", {})).failure)

asyncio.run(attempt())
"""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", script, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    assert await asyncio.wait_for(process.communicate(), 60) == (b"dns\n", b"")
    assert process.returncode == 0
