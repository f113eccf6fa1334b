"""How many requests a minute are let through: of one key, and from one address that comes without.

Counted here, in one process, by the minute of the clock. Processes that share a PostgreSQL take blocks out of one row:
together they let through what one of them would, but for what is left of their last blocks when the minute ends.
"""

import logging
from asyncio import Lock
from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import blake2b
from ipaddress import IPv6Address, ip_address
from math import ceil
from typing import NamedTuple

from anyio import CapacityLimiter, fail_after, to_thread
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from app.store.allowances import take_block
from app.store.db import Database

WINDOW = 60
"""Seconds."""

BLOCKS = 50
"""Into how many blocks a minute's allowance is cut where several processes share it."""

MOST = 50_000
"""How many keys and addresses are remembered (20 MB); beyond, those that came first this minute are forgotten.

Whoever comes from so many addresses may send more than this process could answer, without any being forgotten.
"""

PATIENCE = 3.0
"""Seconds that a request waits for a block before it does without."""

REFILLS_AT_ONCE = 4
"""Threads that fetch blocks: apart from those that serve requests, so that neither waits for the other."""

logger = logging.getLogger(__name__)


class Remainder(NamedTuple):
    """What is left to somebody after a request that was let through, or was not."""

    granted: bool
    remaining: int
    resets_in: int
    """Seconds until there is more."""


@dataclass(slots=True)
class _Count:
    """What this process may let through of somebody this minute, what it did, and what nobody has taken yet."""

    allowed: int
    used: int = 0
    left: int = 0
    is_final: bool = True
    """There is no more to be had."""
    refilling: Lock = field(default_factory=Lock)


class Limiter:
    """Counts by the minute of the clock."""

    def __init__(self, database: Database, secret: str) -> None:
        """Where addresses leave this process they do so as a hash that takes the secret to make."""
        self._database = database
        self._hash_key = blake2b(secret.encode()).digest()
        self._is_shared = database.dialect == "postgresql"
        self._is_alone = False
        self._minute = 0
        self._counts: OrderedDict[str, _Count] = OrderedDict()
        self._threads = CapacityLimiter(REFILLS_AT_ONCE)

    async def take(self, subject: str, limit: int, now: datetime) -> Remainder:
        """Let one request of this subject through, if as many as `limit` were not this minute."""
        self._turn_to(int(now.timestamp()) // WINDOW)
        count = self._count_of(subject, limit)
        if count.used >= count.allowed and not count.is_final:
            await self._refill(subject, count, limit)
        granted = count.used < count.allowed
        count.used += granted
        resets_in = ceil((self._minute + 1) * WINDOW - now.timestamp())
        return Remainder(granted, count.allowed - count.used + count.left, max(resets_in, 1))

    def name_address(self, address: str) -> str:
        """What an address is counted by: of IPv6 the network, of which everybody has as many addresses as they like."""
        try:
            parsed = ip_address(address)
        except ValueError:
            return "address:unknown"
        if isinstance(parsed, IPv6Address):
            # An IPv4 client of a socket for both comes as ::ffff:192.0.2.1: all of them are one such network.
            packed = parsed.ipv4_mapped.packed if parsed.ipv4_mapped else parsed.packed[:8]
        else:
            packed = parsed.packed
        return "address:" + blake2b(packed, key=self._hash_key, digest_size=16).hexdigest()

    def _turn_to(self, minute: int) -> None:
        """Begin a new minute. What comes late out of the last one, by whatever clock, counts in this one."""
        if self._minute - 1 <= minute <= self._minute:
            return
        self._minute, self._is_alone = minute, False
        self._counts.clear()

    def _count_of(self, subject: str, limit: int) -> _Count:
        count = self._counts.get(subject)
        if count is None:
            count = self._counts[subject] = _Count(0, is_final=False) if self._is_shared else _Count(limit)
            if len(self._counts) > MOST:
                self._counts.popitem(last=False)
        return count

    async def _refill(self, subject: str, count: _Count, limit: int) -> None:
        """Add a block; what is left, if that is less; everything, if nobody can be asked."""
        async with count.refilling:
            if count.used < count.allowed or count.is_final:
                return  # somebody else has just done so
            block = max(1, limit // BLOCKS)
            given = await self._fetch(subject, block)
            if given is None:
                count.allowed, count.left, count.is_final = limit, 0, True
                return
            count.allowed += max(0, min(block, limit - given + block))
            count.left = max(0, limit - given)
            count.is_final = given >= limit

    async def _fetch(self, subject: str, block: int) -> int | None:
        """How many requests of this minute all have taken, this block included; None while this process is alone."""
        try:
            with fail_after(PATIENCE):
                return await to_thread.run_sync(
                    self._take_block, subject, block, abandon_on_cancel=True, limiter=self._threads
                )
        except (DBAPIError, PoolTimeoutError, TimeoutError) as error:
            if not self._is_alone:
                logger.warning("Requests are counted by this process alone: %s", type(error).__name__)
            self._is_alone = True  # until the minute ends: then the next one finds out, and the others need not wait
            return None

    def _take_block(self, subject: str, block: int) -> int | None:
        return None if self._is_alone else take_block(self._database, subject, self._minute, block)
