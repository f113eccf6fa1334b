"""Receivers that misbehave for real: servers on 127.0.0.1 that say exactly what a test tells them to."""

import asyncio
import json
import os
import ssl
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from socket import AF_INET, AF_INET6, SO_LINGER, SOCK_STREAM, SOL_SOCKET
from typing import Any

import trustme

OK = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"
FOREVER = 3600.0

LOOPS = [("asyncio", {"use_uvloop": False}), ("asyncio", {"use_uvloop": True})]
"""The sender runs on both, and what a connection sees and when differs between them."""
LOOP_NAMES = ["asyncio", "uvloop"]


class Peer:
    """One connection, seen from the receiver."""

    def __init__(self, receiver: "Receiver", reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.receiver, self._reader, self._writer = receiver, reader, writer

    async def hear(self) -> bytes:
        """One request, which ends with as much body as it says; kept among the receiver's requests."""
        head = await self._reader.readuntil(b"\r\n\r\n")
        length = next(
            (int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")),
            0,
        )
        request = head + await self._reader.readexactly(length)
        self.receiver.requests.append(request)
        return request

    async def hear_bytes(self) -> bytes:
        """Whatever comes next, if anything does."""
        return await self._reader.read(65536)

    async def say(self, *parts: bytes) -> None:
        for part in parts:
            self._writer.write(part)
            await self._writer.drain()

    async def drip(self, text: bytes) -> None:
        """A byte every now and then, so that no timeout between two reads ever passes."""
        for byte in text:
            await self.say(bytes([byte]))
            await asyncio.sleep(0.05)

    async def flood(self, chunk: bytes) -> None:
        """Say the same for as long as somebody listens."""
        while True:
            await self.say(chunk)
            await asyncio.sleep(0)

    def say_at_once(self, text: bytes) -> None:
        """Bytes that lie on the other side's socket before anybody's loop turns."""
        os.write(self._writer.get_extra_info("socket").fileno(), text)

    async def read_late(self) -> bytes:
        """Read nothing for two seconds, and then what was already on its way."""
        self._writer.transport.pause_reading()  # type: ignore[attr-defined]  # every socket's transport can
        await asyncio.sleep(2)
        self._writer.transport.resume_reading()  # type: ignore[attr-defined]
        return await self.end_of_file()

    async def end_of_file(self) -> bytes:
        """What else comes until the other side hangs up."""
        return await self._reader.read()

    def reset(self) -> None:
        self._writer.get_extra_info("socket").setsockopt(SOL_SOCKET, SO_LINGER, b"\1\0\0\0\0\0\0\0")
        self._writer.transport.abort()


class Zone:
    """A resolver whose answers a test decides on, one after the other; the last one stays."""

    def __init__(self, *answers: list[str]) -> None:
        self._answers = list(answers)
        self.asked = 0

    def __call__(self, _host: str, port: int, **_: Any) -> list[tuple[Any, ...]]:
        self.asked += 1
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        families = [AF_INET6 if ":" in address else AF_INET for address in answer]
        return [(family, SOCK_STREAM, 6, "", (address, port)) for family, address in zip(families, answer, strict=True)]


Answer = Callable[[Peer], Awaitable[None]]


class Receiver:
    """What happened at a receiver so far."""

    def __init__(self, answer: Answer, scheme: str) -> None:
        self._answer, self._scheme = answer, scheme
        self.port = 0
        self.requests: list[bytes] = []
        self.connections = 0
        self.open: set[asyncio.Task[None]] = set()

    def url(self, host: str = "127.0.0.1") -> str:
        return f"{self._scheme}://{host}:{self.port}/hook"

    def answer_with(self, answer: Answer) -> None:
        """From the next connection on."""
        self._answer = answer

    async def take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        task = asyncio.current_task()
        assert task
        self.open.add(task)
        try:
            # asyncio.CancelledError ends a handler that still talks when its test is over
            with suppress(OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, asyncio.CancelledError):
                await self._answer(Peer(self, reader, writer))
        finally:
            self.open.discard(task)
            writer.close()


@asynccontextmanager
async def receiving(
    answer: Answer, tls: ssl.SSLContext | None = None, host: str = "127.0.0.1"
) -> AsyncIterator[Receiver]:
    """A receiver that gives every connection the same answer, on a port of its own."""
    receiver = Receiver(answer, "https" if tls else "http")
    server = await asyncio.start_server(receiver.take, host, 0, ssl=tls)
    receiver.port = server.sockets[0].getsockname()[1]
    try:
        yield receiver
    finally:
        server.close()
        tasks = list(receiver.open)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.sleep(0)  # what was closed gets to know


def saying(*parts: bytes) -> Answer:
    """Hear one request, say this, hang up."""

    async def answer(peer: Peer) -> None:
        await peer.hear()
        await peer.say(*parts)

    return answer


async def say_ok(peer: Peer) -> None:
    """A receiver as it should be: an answer for every request, on one connection."""
    while True:
        await peer.hear()
        await peer.say(OK)


async def keep_silent(peer: Peer) -> None:
    await peer.hear()
    await asyncio.sleep(FOREVER)


def certify(authority: trustme.CA, *names: str, **settings: object) -> ssl.SSLContext:
    """A receiver's side of TLS, with a certificate for these names."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert(*names, **settings).configure_cert(context)  # type: ignore[arg-type]  # passed through
    return context


def trust(authority: trustme.CA) -> ssl.SSLContext:
    """A sender's side of TLS, which knows this authority besides the usual ones."""
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context


async def attempt_elsewhere(url: str, loop: str) -> dict[str, Any]:
    """Send once from a process of its own, with its memory watched; what it said."""
    command = [sys.executable, "-m", "tests.webhooks.one_attempt", url, loop]
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    said, _ = await asyncio.wait_for(process.communicate(), 60)
    assert process.returncode == 0
    answer: dict[str, Any] = json.loads(said)
    return answer
