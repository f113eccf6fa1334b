"""Who calls, as far as the database knows: looked up by the digest of a credential, and remembered for a moment."""

import json
from datetime import datetime, timedelta
from typing import Literal, NamedTuple, cast

from anyio import to_thread
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from app.credentials import Prefix
from app.store.db import Busy, Database, wait_at_most
from app.store.keys import TOUCHED_EVERY, find_key, touch_key
from app.store.rows import Action, KeyRow, Scope, Subject, TokenRow
from app.store.tokens import find_token

Refusal = Literal["missing", "malformed", "mistyped", "unknown", "revoked", "expired"]

KNOWN_FOR = timedelta(seconds=5)
"""How long it is trusted what was read of a credential, and so the longest that a revoked one still lets readers in.

The look-up is a fifth of the time that reading one interview takes.
"""

PATIENCE = 0.05
"""Seconds that a reader waits for others to note that its key was used."""

MOST = 10_000
"""How many credentials are remembered."""


class Unauthorized(Exception):
    """Nobody we know asks; `reason` says in one stable word why not, `str()` in a sentence."""

    def __init__(self, reason: Refusal) -> None:
        super().__init__(_SENTENCES[reason])
        self.reason: Refusal = reason


_SENTENCES: dict[Refusal, str] = {
    "missing": "Send a key: Authorization: Bearer aw_live_...",
    "malformed": "A key is aw_live_ or aw_test_, a client token aw_client_, and 36 letters and digits after it.",
    "mistyped": "The checksum does not match: a character was lost or mistyped.",
    "unknown": "There is no such key or client token.",
    "revoked": "The key was revoked.",
    "expired": "The key or client token has expired.",
}


class Caller(NamedTuple):
    """Somebody with a key, or a page with a client token, and what they may do."""

    account_id: str
    id: str
    """Of the key or the token."""
    key: KeyRow
    """The key itself, or the one that made the token."""
    scopes: frozenset[Scope]
    """Of a key."""
    token: TokenRow | None = None
    actions: frozenset[Action] = frozenset()
    """Of a token."""
    origins: frozenset[str] = frozenset()
    """The pages that may use a token, as long as its account allows them."""
    subject: Subject | None = None
    """What alone a token may see."""


class Register:
    """Every credential of a database: asked each time before something is written, remembered for readers."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self._known: dict[str, tuple[datetime, Caller]] = {}

    async def find(self, prefix: Prefix, digest: str, now: datetime) -> Caller:
        """Who calls, for whoever is in the event loop; that a key was used is noted. Raises Unauthorized."""
        known = self._remembered(digest, now)
        caller = _admit(known, now) if known else await to_thread.run_sync(self._look_up, prefix, digest, now)
        if _is_noted_late(caller, now):
            self._note(digest, caller, now)
            await to_thread.run_sync(self._touch, caller.key, now)
        return caller

    def recall(self, connection: Connection, prefix: Prefix, digest: str, now: datetime) -> Caller:
        """Who calls, as it was found a moment ago: reading need not ask again each time. Raises Unauthorized."""
        known = self._remembered(digest, now)
        return _admit(known, now) if known else self.ask(connection, prefix, digest, now)

    def ask(self, connection: Connection, prefix: Prefix, digest: str, now: datetime) -> Caller:
        """Who calls, as the database has it at this moment. Raises Unauthorized."""
        found = _read_token(connection, digest) if prefix == "aw_client_" else _read_key(connection, digest)
        if found is None:
            raise Unauthorized("unknown")
        if len(self._known) >= MOST:
            self._known.clear()
        self._known[digest] = (now, found)
        return _admit(found, now)

    def _remembered(self, digest: str, now: datetime) -> Caller | None:
        looked_up_at, known = self._known.get(digest, (now, None))
        return known if looked_up_at <= now < looked_up_at + KNOWN_FOR else None

    def _look_up(self, prefix: Prefix, digest: str, now: datetime) -> Caller:
        with self.database.peek() as connection:
            return self.ask(connection, prefix, digest, now)

    def _note(self, digest: str, caller: Caller, now: datetime) -> None:
        # First in memory: of many requests at once one writes.
        looked_up_at, known = self._known.get(digest, (now, caller))
        if known is caller:  # and nobody has read anew meanwhile that it was revoked
            self._known[digest] = looked_up_at, caller._replace(key=caller.key._replace(last_used_at=now))

    def _touch(self, key: KeyRow, now: datetime) -> None:
        try:
            with self.database.begin(PATIENCE) as connection, wait_at_most(connection, PATIENCE):
                touch_key(connection, key, now)
        except (Busy, DBAPIError, PoolTimeoutError):
            pass  # readers wait for no writer, and a database that cannot be written to is still good for reading


def _is_noted_late(caller: Caller, now: datetime) -> bool:
    used = caller.key.last_used_at
    return caller.token is None and (used is None or now - used >= TOUCHED_EVERY)


def _read_key(connection: Connection, digest: str) -> Caller | None:
    key = find_key(connection, digest)
    return key and Caller(key.account_id, key.id, key, frozenset(cast(list[Scope], (key.scopes or "").split())))


def _read_token(connection: Connection, digest: str) -> Caller | None:
    issued = find_token(connection, digest)
    if issued is None:
        return None
    token, key, allowed = issued
    return Caller(
        token.account_id,
        token.id,
        key,
        scopes=frozenset(),
        token=token,
        actions=frozenset(cast(list[Action], token.actions.split())),
        origins=frozenset(json.loads(token.origins)).intersection(json.loads(allowed)),
        subject=Subject(token.interview_id, token.candidate_email),
    )


def _admit(caller: Caller, now: datetime) -> Caller:
    if caller.key.revoked_at is not None:  # whatever the time: `now` may be that before a wait, or another clock's
        raise Unauthorized("revoked")
    ends = (caller.key.expires_at, caller.token and caller.token.expires_at)
    if any(end is not None and end <= now for end in ends):
        raise Unauthorized("expired")
    return caller
