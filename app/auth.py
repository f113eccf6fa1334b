"""Who may call: a secret key in `Authorization: Bearer`, made here and kept as a digest.

A handler gets at the store only through its `Gate`, and the gate opens only for a caller who is known.
"""

import hashlib
import re
import secrets
import string
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Literal
from weakref import WeakKeyDictionary

from fastapi import Depends, Request
from fastapi.openapi.models import HTTPBearer
from fastapi.security.base import SecurityBase
from sqlalchemy import Connection

from app.store import keys
from app.store.db import Database, Session
from app.store.ids import new_id
from app.store.rows import KeyRow

Refusal = Literal["missing", "malformed", "mistyped", "unknown", "revoked", "expired"]

KNOWN_FOR = timedelta(seconds=5)
"""How long a gate trusts what it read about a key, and so the longest that a revoked one still opens it.

The look-up is a fifth of the time that reading one interview takes.
"""

_known: WeakKeyDictionary[Database, dict[str, tuple[datetime, KeyRow]]] = WeakKeyDictionary()

_PREFIX = "aw_live_"
_ALPHABET = string.digits + string.ascii_uppercase + string.ascii_lowercase
_SECRET_LENGTH = 30
_CHECKSUM_LENGTH = 6
_SHAPE = re.compile(rf"{_PREFIX}[0-9A-Za-z]{{{_SECRET_LENGTH + _CHECKSUM_LENGTH}}}")


class Unauthorized(Exception):
    """Nobody we know asks; `reason` says in one stable word why not, `str()` in a sentence."""

    def __init__(self, reason: Refusal) -> None:
        super().__init__(_SENTENCES[reason])
        self.reason: Refusal = reason


_SENTENCES: dict[Refusal, str] = {
    "missing": "Send a key: Authorization: Bearer aw_live_...",
    "malformed": f"A key is {_PREFIX} and {_SECRET_LENGTH + _CHECKSUM_LENGTH} letters and digits.",
    "mistyped": "The key's checksum does not match: a character was lost or mistyped.",
    "unknown": "There is no such key.",
    "revoked": "The key was revoked.",
    "expired": "The key has expired.",
}


def create_key(connection: Connection, *, name: str, account: str, now: datetime) -> str:
    """A new key of the account of that name, which is made if it is new. Returned here and never again."""
    secret = "".join(secrets.choice(_ALPHABET) for _ in range(_SECRET_LENGTH))
    key_text = _PREFIX + secret + _checksum(_PREFIX + secret)
    row = KeyRow(
        account_id=keys.find_or_insert_account(connection, account, now),
        id=new_id("key", now),
        name=name,
        digest=_digest(key_text),
        created_at=now,
        last_used_at=None,
        revoked_at=None,
        expires_at=None,
    )
    keys.insert_key(connection, row)
    return key_text


def check_key(key_text: str) -> None:
    """Tell a typo from a key without a look-up. Raises Unauthorized."""
    if not _SHAPE.fullmatch(key_text):
        raise Unauthorized("malformed")
    if _checksum(key_text[:-_CHECKSUM_LENGTH]) != key_text[-_CHECKSUM_LENGTH:]:
        raise Unauthorized("mistyped")


@dataclass(frozen=True, slots=True)
class Gate:
    """The way from a request into the store. Every way through it signs the caller in."""

    database: Database
    key_text: str
    committed: Callable[[], None]
    """Called after each write."""

    @contextmanager
    def begin(self, now: datetime) -> Iterator[Session]:
        """A transaction that may write, of the caller's account. Raises Unauthorized."""
        with self.database.begin() as connection:
            yield Session(connection, _admit(keys.find_key(connection, _digest(self.key_text)), now))
        self.committed()

    @contextmanager
    def read(self, now: datetime) -> Iterator[Session]:
        """A transaction that reads one snapshot, of the caller's account. Raises Unauthorized."""
        with self.database.read() as connection:
            yield Session(connection, _admit(self._recall_key(connection, now), now))

    @contextmanager
    def peek(self, now: datetime) -> Iterator[Session]:
        """For what one statement reads: the caller's account without a transaction. Raises Unauthorized."""
        with self.database.peek() as connection:
            yield Session(connection, _admit(self._recall_key(connection, now), now))

    def _recall_key(self, connection: Connection, now: datetime) -> KeyRow | None:
        """The key as it was found a moment ago: reading need not ask again each time."""
        known = _known.setdefault(self.database, {})
        digest = _digest(self.key_text)
        if digest in known:
            looked_up_at, key = known[digest]
            if looked_up_at <= now < looked_up_at + KNOWN_FOR:
                return key
        found = keys.find_key(connection, digest)
        if found is not None:
            known[digest] = (now, found)
        return found


class KeyScheme(SecurityBase):
    """The security scheme: takes the key out of the header, and refuses what cannot be one, without the database."""

    def __init__(self) -> None:
        self.scheme_name = "key"
        self.model = HTTPBearer(description="A secret key, as `python -m app keys create` prints it.")

    async def __call__(self, request: Request) -> Gate:
        """The gate, still closed. The database and the bell are the application's: those of `app.state`."""
        scheme, _, key_text = request.headers.get("Authorization", "").partition(" ")
        key_text = key_text.strip()
        if scheme.lower() != "bearer" or not key_text:
            raise Unauthorized("missing")
        check_key(key_text)
        state = request.app.state
        return Gate(state.database, key_text, state.bell.ring)


SignedIn = Annotated[Gate, Depends(KeyScheme())]
"""What a handler asks for when its rows belong to an account: `with gate.begin(now) as session: ...`."""


def _admit(key: KeyRow | None, now: datetime) -> str:
    """The account that the key belongs to."""
    if key is None:
        raise Unauthorized("unknown")
    if key.revoked_at is not None and key.revoked_at <= now:
        raise Unauthorized("revoked")
    if key.expires_at is not None and key.expires_at <= now:
        raise Unauthorized("expired")
    return key.account_id


def _digest(key_text: str) -> str:
    return hashlib.sha256(key_text.encode()).hexdigest()


def _checksum(text: str) -> str:
    number, digits = zlib.crc32(text.encode()), ""
    for _ in range(_CHECKSUM_LENGTH):
        number, rest = divmod(number, len(_ALPHABET))
        digits = _ALPHABET[rest] + digits
    return digits
