import asyncio
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
import trustme

from app.webhooks import connecting
from app.webhooks.guard import Guard
from app.webhooks.sender import Sender
from tests.webhooks.receivers import LOOP_NAMES, LOOPS, OK, Peer, Zone, certify, receiving, say_ok, saying, trust

LENGTH = b"content-length: 0\r\n"  # of no meaning here, and said all the same by some
LOOPBACK = Guard("127.0.0.0/8")
NAMES = ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"]


@pytest.fixture(params=LOOPS, ids=LOOP_NAMES, scope="module")
def anyio_backend(request: pytest.FixtureRequest) -> Any:
    return request.param


@pytest.fixture
def environment() -> Iterator[pytest.MonkeyPatch]:
    with pytest.MonkeyPatch.context() as patch:
        yield patch


async def pass_on(peer: Peer) -> None:
    """A proxy that opens the tunnel it is asked for."""
    target = (await peer.hear()).split(b" ")[1].decode()
    reader, writer = await asyncio.open_connection("127.0.0.1", int(target.rpartition(":")[2]))
    await peer.say(b"HTTP/1.1 200 Connected\r\n" + LENGTH + b"\r\n")

    async def pump() -> None:
        with suppress(OSError):
            while chunk := await reader.read(65536):
                await peer.say(chunk)

    back = asyncio.create_task(pump())
    try:
        while chunk := await peer.hear_bytes():
            writer.write(chunk)
    finally:
        writer.close()
        back.cancel()


async def test_proxies_that_the_environment_names_are_ignored(environment: pytest.MonkeyPatch) -> None:
    """Row 24 of the faults."""
    authority = trustme.CA()
    async with (
        receiving(say_ok) as proxy,
        receiving(say_ok) as plain,
        receiving(say_ok, certify(authority, "localhost")) as secure,
    ):
        for name in NAMES:
            environment.setenv(name, f"http://127.0.0.1:{proxy.port}")
        environment.delenv("no_proxy", raising=False)
        async with Sender(LOOPBACK, 30, ssl_context=trust(authority)) as sender:
            assert (await sender.send(plain.url(), b"{}", {})).failure is None
            assert (await sender.send(secure.url("localhost"), b"{}", {})).failure is None
    assert proxy.connections == 0


async def test_http_goes_to_our_proxy_with_the_whole_url() -> None:
    async with receiving(say_ok) as proxy:
        guard = Guard("192.0.2.0/24", Zone(["192.0.2.7"]))  # where the proxy itself is not
        async with Sender(guard, 30, proxy=f"http://127.0.0.1:{proxy.port}") as sender:
            for _ in range(3):
                assert (await sender.send("http://inside.example:9000/hook?a=1", b"{}", {})).failure is None
    assert proxy.requests[0].startswith(b"POST http://inside.example:9000/hook?a=1 HTTP/1.1\r\n")
    assert proxy.connections == 1


async def test_https_goes_through_a_tunnel_of_our_proxy_and_is_checked_all_the_same() -> None:
    authority = trustme.CA()
    async with (
        receiving(say_ok, certify(authority, "localhost")) as good,
        receiving(say_ok, certify(trustme.CA(), "localhost")) as bad,
        receiving(pass_on) as proxy,
        Sender(LOOPBACK, 30, f"http://127.0.0.1:{proxy.port}", trust(authority)) as sender,
    ):
        for _ in range(3):
            assert (await sender.send(good.url("localhost"), b"{}", {})).failure is None
        assert (await sender.send(bad.url("localhost"), b"{}", {})).failure == "tls"
    assert [len(good.requests), len(bad.requests)] == [3, 0]
    assert proxy.requests[0].startswith(f"CONNECT localhost:{good.port} HTTP/1.1\r\n".encode())
    assert b"webhook" not in proxy.requests[0].lower()


async def test_a_tunnel_in_use_is_not_taken_for_a_connection_at_rest(environment: pytest.MonkeyPatch) -> None:
    environment.setattr(connecting, "IDLE", 2)
    authority, go_on = trustme.CA(), asyncio.Event()

    async def wait(peer: Peer) -> None:
        await peer.hear()
        await go_on.wait()
        await peer.say(OK)

    async with (
        receiving(wait, certify(authority, "localhost")) as slow,
        receiving(pass_on) as proxy,
        Sender(LOOPBACK, 30, f"http://127.0.0.1:{proxy.port}", trust(authority)) as sender,
    ):
        first = asyncio.create_task(sender.send(slow.url("localhost"), b"{}", {}))
        for _ in range(4):
            async with receiving(say_ok, certify(authority, "localhost")) as quick:
                assert (await sender.send(quick.url("localhost"), b"{}", {})).failure is None
        go_on.set()
        assert (await first).failure is None


async def test_what_comes_out_of_the_tunnel_is_not_trusted_more_than_what_comes_straight() -> None:
    authority = trustme.CA()
    interim = b"HTTP/1.1 102 Processing\r\n\r\n"
    async with (
        receiving(saying(interim * 21 + OK), certify(authority, "localhost")) as receiver,
        receiving(pass_on) as proxy,
        Sender(LOOPBACK, 30, f"http://127.0.0.1:{proxy.port}", trust(authority)) as sender,
    ):
        assert (await sender.send(receiver.url("localhost"), b"{}", {})).failure == "protocol"


@pytest.mark.parametrize("answer", [["127.0.0.1"], ["93.184.216.34", "10.0.0.1"]])
async def test_our_proxy_is_never_asked_for_a_target_that_is_refused(answer: list[str]) -> None:
    """Row 23 of the faults, with a proxy between."""
    guard = Guard("", Zone(answer))
    async with receiving(say_ok) as proxy, Sender(guard, 30, proxy=f"http://127.0.0.1:{proxy.port}") as sender:
        for host in ("example.com", "127.0.0.1", "127.1", "[::ffff:127.0.0.1]"):
            assert (await sender.send(f"https://{host}/", b"{}", {})).failure == "blocked_address"
    assert proxy.connections == 0


async def test_a_target_without_an_address_is_a_failure_of_dns_with_a_proxy_too() -> None:
    async with Sender(Guard(), 30, proxy="http://127.0.0.1:9") as sender:
        assert (await sender.send("https://no-such-name.invalid/", b"{}", {})).failure == "dns"


@pytest.mark.parametrize("said", [b"HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n", b"HTTP/1.1 502 Bad\r\n\r\n"])
async def test_a_proxy_that_refuses_is_a_failed_connection(said: bytes) -> None:
    async with receiving(saying(said)) as proxy:
        guard = Guard("", Zone(["93.184.216.34"]))
        async with Sender(guard, 30, proxy=f"http://127.0.0.1:{proxy.port}") as sender:
            assert (await sender.send("https://example.com/", b"{}", {})).failure == "connection"


async def test_a_proxy_that_is_not_there_is_a_failed_connection() -> None:
    async with receiving(say_ok) as proxy:
        port = proxy.port
    async with Sender(Guard("", Zone(["93.184.216.34"])), 30, proxy=f"http://127.0.0.1:{port}") as sender:
        assert (await sender.send("https://example.com/", b"{}", {})).failure == "connection"
