"""Who may call, and what: a secret key from a server, a client token from a page.

A handler gets at the store only through its `Gate`, and says by its annotation what it lets in: `gate: MayRead`. Those
that an operation is not for are refused before it begins; whoever writes is looked up once more as they do.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Annotated, Literal

from fastapi import Request, Security
from fastapi.openapi.models import HTTPBearer
from fastapi.security.base import SecurityBase
from sqlalchemy import Connection

from app.callers import Caller, Register, Unauthorized
from app.credentials import Malformed, Mistyped, Prefix, digest, read_prefix
from app.exchange import charge_address, charge_key, trace_of
from app.schemas.callers import as_browsers_write_it
from app.store.db import Session
from app.store.rows import Action, Scope

Cause = Literal["scope", "action", "browser", "origin"]


class Forbidden(Exception):
    """We know who asks, and they may not; `cause` says in one stable word why, `str()` in a sentence."""

    def __init__(self, cause: Cause, sentence: str) -> None:
        super().__init__(sentence)
        self.cause: Cause = cause


@dataclass(frozen=True, slots=True)
class Gate:
    """The way from a request into the store. Every way through it signs the caller in."""

    register: Register
    prefix: Prefix
    digest: str
    committed: Callable[[], None]
    """Called after each write."""
    admit: Callable[[Caller], None]
    """Raises Forbidden for whoever may not do what the gate is for."""
    traceparent: str | None = None

    @contextmanager
    def begin(self, now: datetime, wait_seconds: float | None = None) -> Iterator[Session]:
        """A transaction that may write, of the caller's account. Raises Unauthorized, Busy as the database does."""
        with self.register.database.begin(wait_seconds) as connection:
            caller = self.register.ask(connection, self.prefix, self.digest, now)
            self.admit(caller)  # once more, by what is so at this moment
            yield self._open(connection, caller)
        self.committed()

    @contextmanager
    def read(self, now: datetime) -> Iterator[Session]:
        """A transaction that reads one snapshot, of the caller's account. Raises Unauthorized."""
        with self.register.database.read() as connection:
            yield self._open(connection, self.recall(connection, now))

    @contextmanager
    def peek(self, now: datetime) -> Iterator[Session]:
        """For what one statement reads: the caller's account without a transaction. Raises Unauthorized."""
        with self.register.database.peek() as connection:
            yield self._open(connection, self.recall(connection, now))

    def recall(self, connection: Connection, now: datetime) -> Caller:
        """Who calls. Raises Unauthorized."""
        return self.register.recall(connection, self.prefix, self.digest, now)

    def _open(self, connection: Connection, caller: Caller) -> Session:
        return Session(connection, caller.account_id, caller.subject, self.traceparent)


def require_scopes(caller: Caller, scopes: Iterable[Scope]) -> None:
    """Nobody brings about what they may not do themselves. Raises Forbidden."""
    if lacking := sorted(set(scopes) - caller.scopes):
        raise Forbidden("scope", f"This needs a key that may do so itself: {', '.join(lacking)}.")


class Doorkeeper(SecurityBase):
    """The security scheme: lets in who may do what an operation does, and refuses everybody else in a sentence."""

    def __init__(self, scope: Scope | None = None, action: Action | Literal["any"] | None = None) -> None:
        """The scope that a key needs; the action that a client token needs, without which none may."""
        self.scheme_name = "key"
        self.model = HTTPBearer(
            description="A secret key, as `python -m app keys create` prints it or `POST /v1/keys` answers it. It "
            "belongs on a server."
        )
        self.scope, self.action = scope, action

    async def __call__(self, request: Request) -> Gate:
        """The gate, still closed; asked again of the same request, the same one.

        What it leads to is the application's: that of `app.state`.
        """
        gates: dict[Doorkeeper, Gate] = request.scope.setdefault("gates", {})
        if self not in gates:
            gates[self] = await self._open(request)
        return gates[self]

    async def _open(self, request: Request) -> Gate:
        state, now = request.app.state, datetime.now(UTC)
        try:
            prefix, text = _read_credential(request)
            kept = digest(text)
            caller = await state.register.find(prefix, kept, now)
        except Unauthorized:
            await charge_address(request, now)
            raise
        # Pages are counted by who looks at them: neither do many tokens make more of a key's limit, nor use it up.
        await (charge_key(request, caller.id, now) if caller.token is None else charge_address(request, now))
        admit = partial(self._admit, request)
        admit(caller)
        return Gate(state.register, prefix, kept, state.bell.ring, admit, trace_of(request.scope))

    def _admit(self, request: Request, caller: Caller) -> None:
        _check_origin(request, caller)
        if caller.token is None:
            if self.scope is not None and self.scope not in caller.scopes:
                raise Forbidden("scope", f"This needs a key with the scope {self.scope}.")
        elif self.action is None:
            raise Forbidden("action", "No client token may do this: it needs a key, from your server.")
        elif self.action != "any" and self.action not in caller.actions:
            raise Forbidden("action", f"This needs a client token with the action {self.action}.")


CLIENT_TOKEN = HTTPBearer(
    description="A token for a page in a browser, as `POST /v1/client-tokens` answers it: for an hour at most, for "
    "what it is bound to, and from its origins alone."
)
"""The other security scheme of the document."""


async def admit_anybody(request: Request, *, stateless: bool) -> None:
    """Let in whoever asks where no key is needed, so many times a minute from one address.

    What is `stateless` an operator may have closed: then a key or a client token is needed, whatever it may do.
    """
    if stateless and not request.app.state.settings.public_stateless:
        await Doorkeeper(action="any")(request)
        return
    await charge_address(request, datetime.now(UTC))
    if "Authorization" in request.headers and "Origin" in request.headers:
        _warn_page(request)


def _warn_page(request: Request) -> None:
    """A page that shows everybody a secret key is told, even where none is needed. Raises Forbidden."""
    with suppress(Unauthorized):
        prefix, _ = _read_credential(request)
        if prefix != "aw_client_":
            _refuse_page(request)


def _may(scope: Scope | None = None, action: Action | Literal["any"] | None = None) -> object:
    return Security(Doorkeeper(scope, action))


SignedIn = Annotated[Gate, _may()]
"""Whoever has a key."""
Known = Annotated[Gate, _may(action="any")]
"""Whoever has a key or a client token."""
MayRead = Annotated[Gate, _may("interviews:read", "read")]
MayWrite = Annotated[Gate, _may("interviews:write")]
MayRecord = Annotated[Gate, _may("interviews:write", "record")]
MayRender = Annotated[Gate, _may("emails", "render")]
MayCheck = Annotated[Gate, _may("emails", "check")]
MaySubscribe = Annotated[Gate, _may("webhooks")]
MayAdminister = Annotated[Gate, _may("keys")]
MayErase = Annotated[Gate, _may("erase")]


def _read_credential(request: Request) -> tuple[Prefix, str]:
    scheme, _, text = request.headers.get("Authorization", "").partition(" ")
    text = text.strip()
    if scheme.lower() != "bearer" or not text:
        raise Unauthorized("missing")
    try:
        return read_prefix(text), text
    except Malformed:
        raise Unauthorized("malformed") from None
    except Mistyped:
        raise Unauthorized("mistyped") from None


def _check_origin(request: Request, caller: Caller) -> None:
    """A key is a secret that no page can keep; a token is for the pages that it was made for."""
    origin = request.headers.get("Origin")
    if caller.token is not None:
        if origin not in caller.origins:
            raise Forbidden("origin", "This client token is for pages of another origin.")
    else:
        _refuse_page(request)


def _refuse_page(request: Request) -> None:
    origin = request.headers.get("Origin")
    if origin is not None and origin not in _own_origins(request):
        raise Forbidden(
            "browser",
            "A secret key must not be used in a browser, where everybody can read it: have your server make a client "
            "token (POST /v1/client-tokens), and revoke this key if a page holds it.",
        )


def _own_origins(request: Request) -> set[str]:
    """Those of the pages that we serve: there people type their key themselves."""
    if public_url := request.app.state.settings.public_url:
        return {as_browsers_write_it("/".join(public_url.lower().split("/")[:3]))}
    return {f"{request.scope['scheme']}://{request.headers.get('Host', '')}"}
