"""What belongs to every exchange: its id, the trace that it is part of, and the headers that any answer carries."""

import re
from collections.abc import Iterable
from datetime import datetime
from secrets import token_hex

from starlette.middleware.gzip import GZipResponder, IdentityResponder
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.errors import Problem
from app.limits import WINDOW, Limiter
from app.logs import REQUEST_ID
from app.negotiation import prefers_gzip

GZIPPED_FROM = 2048
"""Bytes of an answer from which on it is compressed for those who ask for it."""

_ID = re.compile(rb"[A-Za-z0-9._:/+=-]{1,128}")  # it is logged, and an address of somebody's must not be
_TRACE = re.compile(r"(?!ff)([0-9a-f]{2})(-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-)([0-9a-f]{2})(-.*)?")


class Exchange:
    """An application whose every answer carries what its parts have asked for, and that answers `HEAD` like `GET`."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        sent = header(scope, b"x-request-id")
        request_id = sent if _ID.fullmatch(sent) else token_hex(16).encode()
        REQUEST_ID.set(request_id.decode())
        carried = scope["carried"] = [(b"x-request-id", request_id)]
        bodiless = scope["method"] == "HEAD"
        if bodiless:
            scope = {**scope, "method": "GET"}  # another one: the server has to know that it was HEAD

        async def add(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = _join([*message.get("headers", ()), *carried])
            elif bodiless:
                message = {"type": "http.response.body", "more_body": message.get("more_body", False)}
            await send(message)

        await self._app(scope, receive, add)


class Compressed:
    """An application whose larger answers are compressed for those who ask for it, save what has an `ETag`.

    A strong one names these very bytes, and a weak one would never do for `If-Match` (RFC 9110, section 8.8).
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        say = send

        async def choose(message: Message) -> None:
            nonlocal say
            if message["type"] == "http.response.start" and _is_large(message):
                say = self._compressor(scope, send)
            await say(message)

        await self._app(scope, receive, choose)

    def _compressor(self, scope: Scope, send: Send) -> Send:
        # Made for what needs it alone: around every answer, as the library has it, it would cost five microseconds.
        asked = b", ".join(value for name, value in scope["headers"] if name == b"accept-encoding")
        wanted = prefers_gzip(asked.decode("latin-1"))
        responder = (GZipResponder if wanted else IdentityResponder)(self._app, GZIPPED_FROM)
        responder.send = send
        return responder.send_with_compression


def carry(scope: Scope, name: str, value: str) -> None:
    """Have whatever is answered carry this header."""
    scope["carried"].append((name.lower().encode(), value.encode()))


def header(scope: Scope, name: bytes) -> bytes:
    """The first value of a header of the request, by its name in lower case; empty where there is none."""
    return next((value for key, value in scope["headers"] if key == name), b"")


def trace_of(scope: Scope) -> str | None:
    """The `traceparent` of a request, if it is one (W3C Trace Context), as version 00 writes it.

    Of a later version, the fields of this one count, and of its flags the one that says if the trace is sampled.
    """
    found = _TRACE.fullmatch(header(scope, b"traceparent").decode("latin-1"))
    if found is None:
        return None
    version, ids, flags, more = found.groups()
    if version != "00":
        return f"00{ids}{int(flags, 16) & 1:02x}"
    return None if more else found[0]


async def charge_key(request: Request, key_id: str, now: datetime) -> None:
    """Count a request of this key. Raises Problem when there were too many this minute."""
    if limit := request.app.state.settings.rate_limit_key:
        await _charge(request, "key", key_id, limit, now)


async def charge_address(request: Request, now: datetime) -> None:
    """Count a request of a page, or of whoever has no good key, by where it comes from. Raises Problem."""
    if limit := request.app.state.settings.rate_limit_address:
        limiter: Limiter = request.app.state.limiter
        address = limiter.name_address(request.client.host if request.client else "")
        await _charge(request, "address", address, limit, now)


async def _charge(request: Request, policy: str, subject: str, limit: int, now: datetime) -> None:
    limiter: Limiter = request.app.state.limiter
    left = await limiter.take(subject, limit, now)
    carry(request.scope, "RateLimit-Policy", f'"{policy}";q={limit};w={WINDOW}')
    carry(request.scope, "RateLimit", f'"{policy}";r={left.remaining};t={left.resets_in}')
    if not left.granted:
        raise Problem.too_many_requests(f"More than {limit} requests a minute of this {policy}.", left.resets_in)


def _is_large(start: Message) -> bool:
    headers = dict(start.get("headers", ()))
    return b"etag" not in headers and int(headers.get(b"content-length", 0)) >= GZIPPED_FROM


def _join(headers: Iterable[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """What has one name in one line (RFC 9110, section 5.3): `Vary`, `Link`. We set no cookies, which must not be."""
    joined: dict[bytes, bytes] = {}
    for name, value in headers:
        joined[name] = joined[name] + b", " + value if name in joined else value
    return list(joined.items())
