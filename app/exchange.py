"""What belongs to every exchange: its id, the trace that it is part of, and the headers that any answer carries."""

import re
from datetime import datetime
from uuid import uuid4

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.errors import Problem
from app.limits import WINDOW, Limiter
from app.logs import REQUEST_ID

_ID = re.compile(rb"[!-~]{1,128}")
_TRACE = re.compile(r"00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")


class Exchange:
    """An application whose every answer carries what its parts have asked for, and that answers `HEAD` like `GET`."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        sent = _header(scope, b"x-request-id")
        request_id = sent if _ID.fullmatch(sent) else uuid4().hex.encode()
        REQUEST_ID.set(request_id.decode())
        carried = scope["carried"] = [(b"x-request-id", request_id)]
        bodiless = scope["method"] == "HEAD"
        if bodiless:
            scope["method"] = "GET"

        async def add(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), *carried]
            elif bodiless:
                message = {**message, "body": b""}
            await send(message)

        await self._app(scope, receive, add)


def carry(scope: Scope, name: str, value: str) -> None:
    """Have whatever is answered carry this header."""
    scope["carried"].append((name.lower().encode(), value.encode()))


def trace_of(scope: Scope) -> str | None:
    """The `traceparent` of a request, if it is one (W3C Trace Context)."""
    sent = _header(scope, b"traceparent").decode("latin-1")
    return sent if _TRACE.fullmatch(sent) else None


async def charge_key(request: Request, key_id: str, now: datetime) -> None:
    """Count a request of this key or token. Raises Problem when there were too many this minute."""
    await _charge(request, "key", key_id, request.app.state.settings.rate_limit_key, now)


async def charge_address(request: Request, now: datetime) -> None:
    """Count a request of nobody we know, by where it comes from. Raises Problem."""
    limiter: Limiter = request.app.state.limiter
    address = limiter.name_address(request.client.host if request.client else "")
    await _charge(request, "address", address, request.app.state.settings.rate_limit_address, now)


async def _charge(request: Request, policy: str, subject: str, limit: int, now: datetime) -> None:
    if not limit:
        return
    limiter: Limiter = request.app.state.limiter
    left = await limiter.take(subject, limit, now)
    carry(request.scope, "RateLimit-Policy", f'"{policy}";q={limit};w={WINDOW}')
    carry(request.scope, "RateLimit", f'"{policy}";r={left.remaining};t={left.resets_in}')
    if not left.granted:
        raise Problem.too_many_requests(f"More than {limit} requests a minute of this {policy}.", left.resets_in)


def _header(scope: Scope, name: bytes) -> bytes:
    return next((value for key, value in scope["headers"] if key == name), b"")
