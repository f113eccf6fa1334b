"""Pages that call from other origins (CORS, as the Fetch standard has it), and `OPTIONS`.

Nobody is known by a cookie, and so none is ever let through: whoever has no key and no client token is nobody, from
whichever page. What needs neither may be read by every page; the rest by the pages that some account has listed. That
a token is used from its own pages alone, and a secret key from none, is for `app.auth` to see to.
"""

import logging
import time
from asyncio import Lock
from collections.abc import Iterable, Sequence
from math import inf

from anyio import to_thread
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.errors import methods_of, routes_at
from app.exchange import carry, header
from app.store.db import Database
from app.store.keys import list_origins

KNOWN_FOR = 5.0
"""Seconds for which what was read of the accounts counts, and for which a database that is away is not asked again."""

REMEMBERED_FOR = "600"
"""Seconds for which a browser need not ask again whether it may call."""

PLACES = ("/v1/", "/openapi.json")
"""Where other origins have any business. What an operator reads, `/metrics` first of all, is not for pages."""

TAKEN = (
    "Authorization",
    "Content-Type",
    "Accept",
    "Idempotency-Key",
    "If-Match",
    "If-None-Match",
    "X-Request-ID",
    "traceparent",
)
"""The headers that a page may send."""

EXPOSED = (
    "ETag, Link, Location, RateLimit, RateLimit-Policy, Retry-After, X-Request-ID, Idempotency-Replayed, Deprecation, "
    "Sunset, Content-Disposition"
)
"""The headers of an answer that a page may read."""

logger = logging.getLogger(__name__)


class Origins:
    """The pages that any account of a database has listed, read again when somebody asks and they have grown old."""

    def __init__(self, database: Database, known_for: float = KNOWN_FOR) -> None:
        self._database = database
        self._known_for = known_for
        self._known: frozenset[str] = frozenset()
        self._read_at = -inf
        self._changes = 0
        self._reading = Lock()

    async def include(self, origin: str) -> bool:
        """Whether some account lists this origin. While the database is away, those that were known last count."""
        if self._are_old():
            async with self._reading:
                if self._are_old():  # and nobody else has just read them
                    await self._read()
        return origin in self._known

    def renew(self) -> None:
        """Have them read again by whoever asks next: an account has just changed its own."""
        self._read_at = -inf
        self._changes += 1

    def _are_old(self) -> bool:
        return time.monotonic() >= self._read_at + self._known_for

    async def _read(self) -> None:
        changes = self._changes
        try:
            self._known = await to_thread.run_sync(self._look_up)
        except (DBAPIError, PoolTimeoutError) as error:
            logger.warning("The origins of accounts stay as they were known last: %s", type(error).__name__)
        if changes == self._changes:  # else they may have been read as they were before
            self._read_at = time.monotonic()

    def _look_up(self) -> frozenset[str]:
        with self._database.peek() as connection:
            return list_origins(connection)


class Shared:
    """An application that pages of other origins may call, and that answers `OPTIONS` wherever something is.

    `OPTIONS` is not counted by the limits: it carries no credential to count by, reads no row of anybody's, and a page
    that was refused it could not read why.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        origin = ""
        if scope["path"].startswith(PLACES):
            carry(scope, "Vary", "Origin")
            origin = header(scope, b"origin").decode("latin-1")
        if scope["method"] == "OPTIONS" and (routes := routes_at(scope)):
            scope["route"] = routes[0]  # what it is counted under
            answer = await _answer_options(scope, origin, routes)
            await answer(scope, receive, send)
        else:
            await self._app(scope, receive, _share(scope, origin, send) if origin else send)


def _share(scope: Scope, origin: str, send: Send) -> Send:
    """Send what a page of this origin asked for so that it can read it, if it may."""

    async def share(message: Message) -> None:
        if message["type"] == "http.response.start":
            found = [scope["route"]] if "route" in scope else []
            if reader := await _find_reader(scope, origin, found):
                carry(scope, "Access-Control-Allow-Origin", reader)
                carry(scope, "Access-Control-Expose-Headers", EXPOSED)
        await send(message)

    return share


async def _answer_options(scope: Scope, origin: str, routes: Sequence[Route]) -> Response:
    """What can be done there; to a page besides whether its browser should let it (a preflight)."""
    methods = ", ".join(methods_of(routes))
    headers = {"Allow": methods}
    if origin:
        headers["Vary"] = "Access-Control-Request-Method, Access-Control-Request-Headers"
        if reader := await _find_reader(scope, origin, routes):
            headers["Access-Control-Allow-Origin"] = reader
            headers["Access-Control-Allow-Methods"] = methods
            headers["Access-Control-Allow-Headers"] = ", ".join(_known_headers(scope))
            headers["Access-Control-Max-Age"] = REMEMBERED_FOR
    return Response(status_code=204, headers=headers)


async def _find_reader(scope: Scope, origin: str, routes: Iterable[Route]) -> str | None:
    """Who may read what these routes answer: every page (`*`), those of this origin, or, with None, not even they."""
    state = scope["app"].state
    if all(_is_public(route, stateless=state.settings.public_stateless) for route in routes):
        return "*"
    return origin if await state.origins.include(origin) else None


def _is_public(route: Route, *, stateless: bool) -> bool:
    """Whether nothing of anybody's can stand there, as it takes no credential; `stateless` says if those are open."""
    return not getattr(route, "is_keyed", True) and (stateless or getattr(route, "body_field", None) is None)


def _known_headers(scope: Scope) -> list[str]:
    """Those of the headers that a page wants to send that mean anything to us."""
    asked = header(scope, b"access-control-request-headers").decode("latin-1").lower()
    wanted = {name.strip() for name in asked.split(",")}
    return [name for name in TAKEN if name.lower() in wanted]
