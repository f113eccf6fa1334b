"""One attempt: a signed body out, and whatever comes back as an answer of bounded size within a bounded time."""

import asyncio
import logging
import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from time import perf_counter
from types import TracebackType
from typing import Self

from aiohttp import (
    ClientConnectorDNSError,
    ClientConnectorError,
    ClientError,
    ClientHttpProxyError,
    ClientResponse,
    ClientSession,
    ClientSSLError,
    ClientTimeout,
    DummyCookieJar,
)
from yarl import URL

from app import __version__
from app.webhooks.attempts import Answer, Failure
from app.webhooks.connecting import Connector, Request, Resolver, guard_connector
from app.webhooks.guard import BadUrl, Guard, Refused, Target

KEPT = 16 * 1024
"""Bytes of an answer's body that are read and kept."""
HEADERS = {
    "user-agent": f"Afterword/{__version__}",
    "content-type": "application/json",
    "accept-encoding": "identity",
}

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class Heard:
    """What an exchange has brought so far; a deadline or a broken connection leaves what was there."""

    status: int | None = None
    retry_after: str | None = None
    body: bytearray = field(default_factory=bytearray)
    whole: bool = False

    async def listen(self, response: ClientResponse) -> None:
        """Take the head, then the body until it ends or there is more of it than we keep."""
        self.status = response.status
        if (retry_after := response.headers.get("retry-after")) is not None:
            self.retry_after = retry_after.encode("ascii", "replace").decode()[:64]
        while len(self.body) <= KEPT and not self.whole:
            chunk = await response.content.read(KEPT + 1 - len(self.body))
            self.body += chunk
            self.whole = not chunk

    def text(self) -> str:
        """The body as text that every database can store, of at most 16 kB in UTF-8."""
        text = self.body[:KEPT].decode(errors="replace").replace("\0", "\ufffd")
        return text.encode()[:KEPT].decode(errors="ignore")


class Sender:
    """Sends to receivers that may be slow, broken or hostile, and only where the guard permits.

    timeout_seconds is the total deadline of an attempt; a proxy gets only what goes to targets that the guard vetted.
    """

    def __init__(
        self, guard: Guard, timeout_seconds: float, proxy: str | None = None, ssl_context: ssl.SSLContext | None = None
    ) -> None:
        self._guard = guard
        self._seconds = timeout_seconds
        self._proxy = proxy
        self._tls = ssl_context or ssl.create_default_context()
        self._resolvers: dict[bool, Resolver] = {}
        self._sessions: dict[bool, ClientSession] = {}

    async def __aenter__(self) -> Self:
        for secure in (True, False):
            self._resolvers[secure] = Resolver(self._guard, self._seconds / 3, secure=secure)
            self._sessions[secure] = self._open_session(secure=secure)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        for session in self._sessions.values():
            await session.close()

    def _open_session(self, *, secure: bool) -> ClientSession:
        if self._proxy:
            connector = Connector(self._tls)  # dials the proxy only, and that is the operator's choice
        else:
            connector = guard_connector(self._guard, self._tls, self._resolvers[secure], secure=secure)
        return ClientSession(
            connector=connector,
            request_class=Request,
            headers=HEADERS,
            skip_auto_headers=["accept"],
            cookie_jar=DummyCookieJar(),
            auto_decompress=False,
            trust_env=False,
            read_bufsize=KEPT,
            # aiohttp's own total overshoots: ours is asyncio's. An address that takes no connection yields to the next.
            timeout=ClientTimeout(total=None, sock_connect=self._seconds / 2),
        )

    async def send(self, url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Post the body (at least one byte); whatever the receiver or the network does ends as an answer, in time."""
        started_at, start, heard = datetime.now(UTC), perf_counter(), Heard()
        try:
            async with asyncio.timeout(self._seconds):
                await self._exchange(url, body, headers, heard)
            failure: Failure | None = None
        except (Refused, BadUrl, ClientError, OSError) as error:
            failure = _classify(error)
        except Exception:
            logger.exception("an exchange with a receiver failed in a way that we do not know")
            failure = "protocol"
        return Answer(
            started_at=started_at,
            milliseconds=round((perf_counter() - start) * 1000),
            status=heard.status,
            failure=failure if heard.status is None else _judge(heard.status),
            body=None if heard.status is None else heard.text(),
            truncated=heard.status is not None and not heard.whole,
            retry_after=heard.retry_after,
        )

    async def _exchange(self, url: str, body: bytes, headers: Mapping[str, str], heard: Heard) -> None:
        target = self._guard.admit(url)
        if self._proxy:
            await self._vet(target)
        async with self._sessions[target.secure].post(
            URL(url, encoded=True), data=body, headers=headers, allow_redirects=False, proxy=self._proxy
        ) as response:
            await heard.listen(response)

    async def _vet(self, target: Target) -> None:
        """Look at what a proxy will be asked to reach: the address that it dials cannot be seen from here."""
        try:
            await self._resolvers[target.secure].resolve(target.host, target.port)
        except OSError as error:
            raise NoSuchName from error


class NoSuchName(OSError):
    """The target has no address, as far as can be seen from here."""


# The first that fits counts; what is not here came from the receiver, and was no HTTP.
_FAILURES: Sequence[tuple[tuple[type[Exception], ...], Failure]] = (
    ((Refused, BadUrl), "blocked_address"),
    ((TimeoutError,), "timeout"),
    ((ClientConnectorDNSError, NoSuchName), "dns"),
    ((ClientSSLError,), "tls"),
    ((ClientConnectorError, ClientHttpProxyError), "connection"),
)


def _classify(error: Exception) -> Failure:
    if isinstance(error, ClientConnectorError) and isinstance(error.os_error, ConnectionResetError):
        return "tls"  # a connection was there already, so it broke in the handshake
    return next((failure for kinds, failure in _FAILURES if isinstance(error, kinds)), "protocol")


def _judge(status: int) -> Failure | None:
    if status == 101:  # noqa: PLR2004 - Switching Protocols, for which nobody asked
        return "protocol"
    return None if status // 100 == 2 else "status"  # noqa: PLR2004 - 2xx
