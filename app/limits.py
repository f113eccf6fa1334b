"""How many requests a minute are let through: of one key, and from one address that has none.

Counted here, in one process. Where several share a PostgreSQL, each takes blocks out of one row: together they never
let more through than one of them would; what each has left over at the end of the minute is nobody's.
"""

import logging
from asyncio import Lock
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from ipaddress import ip_address, ip_network
from math import ceil
from typing import NamedTuple

from anyio import to_thread
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from app.store.allowances import take_block
from app.store.db import Database

WINDOW = 60
"""Seconds."""

BLOCKS = 50
"""Into how many blocks a minute's allowance is cut where several processes share it."""

logger = logging.getLogger(__name__)


class Allowance(NamedTuple):
    """What is left to somebody after a request that was let through, or was not."""

    granted: bool
    limit: int
    remaining: int
    resets_in: int
    """Seconds until there is more."""


@dataclass(slots=True)
class _Count:
    """What this process may let through of somebody this minute, what it did, and what nobody has taken yet."""

    allowed: int
    used: int = 0
    left: int = 0
    exhausted: bool = False


class Limiter:
    """Counts by the minute of the clock."""

    def __init__(self, database: Database, secret: str) -> None:
        """Where addresses leave this process they do so as a hash that takes the secret to make."""
        self._database = database
        self._hash_key = blake2b(secret.encode()).digest()
        self._is_shared = database.dialect == "postgresql"
        self._minute = 0
        self._counts: dict[str, _Count] = {}
        self._refilling = Lock()

    async def take(self, subject: str, limit: int, now: datetime) -> Allowance:
        """Let one request of this subject through, if as many as `limit` were not this minute."""
        minute, passed = divmod(now.timestamp(), WINDOW)
        if minute != self._minute:
            self._minute = int(minute)
            self._counts.clear()
        count = self._counts.setdefault(subject, _Count(0 if self._is_shared else limit))
        if count.used >= count.allowed and self._is_shared and not count.exhausted:
            await self._refill(subject, count, limit)
        granted = count.used < count.allowed
        count.used += granted
        return Allowance(granted, limit, count.allowed - count.used + count.left, ceil(WINDOW - passed))

    def name_address(self, address: str) -> str:
        """What an address is counted by: of IPv6 the network, of which everybody has as many addresses as they like."""
        try:
            parsed = ip_address(address)
        except ValueError:
            return "address:unknown"
        whole = parsed if parsed.version == 4 else ip_network((parsed, 64), strict=False)  # noqa: PLR2004 - IPv4
        return "address:" + blake2b(str(whole).encode(), key=self._hash_key, digest_size=16).hexdigest()

    async def _refill(self, subject: str, count: _Count, limit: int) -> None:
        async with self._refilling:
            if count.used < count.allowed:
                return  # somebody else has just done so
            block = max(1, limit // BLOCKS)
            try:
                given = await to_thread.run_sync(take_block, self._database, subject, self._minute, block)
            except (DBAPIError, PoolTimeoutError) as error:
                logger.warning("Requests are counted by this process alone: %s", type(error).__name__)
                given, block = 0, limit
            granted = max(0, min(block, limit - (given - block)))
            count.allowed += granted
            count.left = max(0, limit - given)
            count.exhausted = granted < block
