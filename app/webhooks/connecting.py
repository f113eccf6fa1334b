"""Connections to receivers that may be hostile: what aiohttp dials, what it reuses, and what it listens to."""

import asyncio
import select
import socket
from functools import partial
from ssl import SSLContext
from typing import Any

from aiohttp import ClientPayloadError, ClientRequest, TCPConnector
from aiohttp.abc import AbstractResolver, AbstractStreamWriter, ResolveResult
from aiohttp.client_proto import ResponseHandler
from aiohttp.connector import AddrInfoType, Connection
from aiohttp.http import RawResponseMessage
from aiohttp.streams import StreamReader

from app.webhooks.guard import Guard, Refused

INTERIM = 20
"""1xx answers that one request may bring."""
HEADS = 256 * 1024
"""Bytes after which the final answer has to have begun."""
IDLE = 500
"""Connections kept for the next delivery; the one that has rested longest goes first. Files are not endless."""
CACHED_SECONDS = 10
"""How long a name's vetted addresses are used again."""


class Resolver(AbstractResolver):
    """Looks names up for aiohttp and raises Refused for any that the guard does not permit."""

    def __init__(self, guard: Guard, seconds: float, *, secure: bool) -> None:
        self._guard = guard
        self._seconds = seconds
        self._secure = secure

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """Every address of the name, or Refused, or OSError when it has none or takes too long."""
        try:
            async with asyncio.timeout(self._seconds):
                addresses = await asyncio.wrap_future(self._guard.names.start(host, port))
        except TimeoutError:  # aiohttp would take it for its own
            raise socket.gaierror(socket.EAI_AGAIN, "the name takes too long") from None
        self._guard.check_addresses(addresses, port, secure=self._secure)
        return [
            ResolveResult(hostname=host, host=found, port=port, family=family, proto=0, flags=0) for found in addresses
        ]

    async def close(self) -> None:
        """Nothing to close: the threads end with their names."""


class Line(ResponseHandler):
    """One connection: a receiver speaks when it was asked, and not more than it was asked."""

    def __init__(self, loop: asyncio.AbstractEventLoop, idle: dict["Line", None]) -> None:
        super().__init__(loop)
        self._idle = idle
        self._asked = False  # from the moment our request is written until its answer is complete
        self._answered = False  # the head of the final answer is here
        self._interim = 0
        self._unanswered = 0  # bytes; of interest until then
        self._body: StreamReader | None = None
        self._tunnels = False  # carries another line from now on

    def set_response_params(self, *, timer: Any = None, **params: Any) -> None:
        self._idle.pop(self, None)
        self._answered, self._interim, self._unanswered, self._body = False, 0, 0, None
        # aiohttp's CONNECT to a proxy comes here after it was written, and alone without a timer.
        self._asked = self._tunnels = timer is None
        super().set_response_params(timer=timer, **params)

    async def ask(self) -> None:
        """Listen once more before our request is written: what was said before it is no answer to it."""
        if self._hears():
            await asyncio.sleep(0)  # the loop reads what is there (it may be no more than TLS talking to itself),
            await asyncio.sleep(0)  # and has called data_received by the second time
        self._asked = True

    def data_received(self, data: bytes) -> None:
        if data and not self._asked:
            self.close()
        elif self._unanswered > HEADS and not self._answered:
            self._fail("no end of the head")
        elif self.transport is not None:
            self._unanswered += len(data)
            super().data_received(data)

    def feed_data(self, data: tuple[RawResponseMessage, StreamReader], size: int = 0) -> None:
        message, payload = data
        if not self._asked:
            self.force_close()  # a second answer on the heels of the first
        elif message.code // 100 == 1 and message.code != 101:  # noqa: PLR2004 - 101 is final
            self._interim += 1
            if self._interim > INTERIM:
                self._fail("too many interim answers")
        elif self.exception() is None:
            self._answered, self._body = True, payload
            if not self._tunnels:
                payload.on_eof(self._rest)
            super().feed_data(data, size)

    def _fail(self, why: str) -> None:
        self.set_exception(ClientPayloadError(why))
        if self.transport is not None:
            self.transport.abort()

    def set_exception(self, exc: BaseException, *cause: BaseException) -> None:
        super().set_exception(exc, *cause)
        if self._body is not None and not self._body.is_eof():
            self._body.set_exception(exc)  # aiohttp lets whoever reads wait when the framing breaks

    def _rest(self) -> None:
        self._asked = False
        self._idle[self] = None
        if len(self._idle) > IDLE:
            next(iter(self._idle)).close()

    def _hears(self) -> bool:
        """Whether something lies unread on the socket: bytes, or that the other side hung up."""
        if self.transport is None or self.transport.is_closing():
            return True
        poll = select.poll()
        poll.register(self.transport.get_extra_info("socket").fileno(), select.POLLIN)
        return bool(poll.poll(0))

    def is_connected(self) -> bool:
        """Whether the connection can be used, or used again: while it rests, it has to be silent."""
        return super().is_connected() and (self._asked or not self._hears())

    def close(self) -> None:
        self._idle.pop(self, None)
        self.abort()  # closing politely waits for a peer that may never read or answer

    def connection_lost(self, exc: BaseException | None) -> None:
        self._idle.pop(self, None)
        super().connection_lost(exc)


class Request(ClientRequest):
    """A request that says on its line when it is written."""

    async def write_bytes(
        self, writer: AbstractStreamWriter, conn: Connection, content_length: int | None = None
    ) -> None:
        if isinstance(conn.protocol, Line):
            await conn.protocol.ask()
        await super().write_bytes(writer, conn, content_length)


class Connector(TCPConnector):
    """Dials without limits of its own (the queue has them) and one address after the other."""

    def __init__(self, tls: SSLContext, **settings: Any) -> None:
        # Racing several addresses, aiohttp swallows a refusal and dials the next one.
        super().__init__(ssl=tls, limit=0, happy_eyeballs_delay=None, ttl_dns_cache=CACHED_SECONDS, **settings)
        self._idle: dict[Line, None] = {}
        self._factory = partial(self._make_line)

    def _make_line(self) -> ResponseHandler:
        return Line(self._loop, self._idle)


def guard_connector(guard: Guard, tls: SSLContext, resolver: Resolver, *, secure: bool) -> Connector:
    """A connector that dials what the guard permits: every answer for a name, and again the very address dialled."""
    return Connector(tls, resolver=resolver, socket_factory=partial(_open_socket, guard, secure))


def _open_socket(guard: Guard, secure: bool, info: AddrInfoType) -> socket.socket:  # noqa: FBT001 - aiohttp calls it
    family, kind, protocol, _, (address, port, *_) = info
    if not guard.permits(address, port, secure=secure):
        raise Refused
    return socket.socket(family, kind, protocol)
