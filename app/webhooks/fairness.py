"""How the places that a worker has are shared out: fair between endpoints and between accounts, whoever else works."""

from collections import Counter, defaultdict, deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from app.store.rows import LaneRow

AHEAD = 2
"""A worker alone leases so many times what may be under way, so that the next are at hand while it settles the last.

It does so at first, and whenever something was delivered. What waits behind a receiver that is silent goes back unsent,
and is not leased again before there is a place for it.
"""

QUICK = 4
"""Where that is more, it leases so many times what it delivered since: who is quick should not wait for us."""


class Limits(NamedTuple):
    """How much may be under way to one endpoint and for one account, and how long a lease is."""

    in_flight: int
    per_account: int
    lease: timedelta


@dataclass(slots=True)
class _Tally:
    mine: int = 0
    others: int = 0
    ends: datetime | None = None

    def add(self, count: int, ends: datetime, *, mine: bool) -> None:
        self.mine += count * mine
        self.others += count * (not mine)
        self.ends = min(ends, self.ends or ends)

    @property
    def held(self) -> int:
        return self.mine + self.others

    def room(self, most: int, pace: int) -> int:
        is_silent = self.mine and not pace
        ahead = most if self.others or is_silent else max(AHEAD * most, QUICK * pace)
        return max(0, ahead - self.held)


class Leases:
    """What is leased of some accounts, to this worker and to others, and the room that leaves."""

    def __init__(self, limits: Limits, pace: Mapping[str, int]) -> None:
        """`pace`: how many this worker has delivered since it leased last, by account and by endpoint."""
        self._limits, self._pace = limits, pace
        self._of_account: defaultdict[str, _Tally] = defaultdict(_Tally)
        self._of_endpoint: defaultdict[str, _Tally] = defaultdict(_Tally)

    def add(self, account_id: str, endpoint_id: str, count: int, ends: datetime, *, mine: bool) -> None:
        """So many more, of which the first ends then."""
        self._of_account[account_id].add(count, ends, mine=mine)
        self._of_endpoint[endpoint_id].add(count, ends, mine=mine)

    def share_out(self, lanes: Sequence[LaneRow], most: int) -> Mapping[str, int]:
        """Places by endpoint: one for each lane in turn, as long as there are any and lane and account have room."""
        rooms = {lane.endpoint_id: self._room(lane) for lane in lanes}
        accounts = {lane.account_id: self._account_room(lane) for lane in lanes}
        shares, waiting = Counter[str](), deque(lanes)
        while waiting and most > 0:
            lane = waiting.popleft()
            held = self._of_endpoint[lane.endpoint_id].held + shares[lane.endpoint_id]
            if shares[lane.endpoint_id] < rooms[lane.endpoint_id] and held < accounts[lane.account_id]:
                shares[lane.endpoint_id] += 1
                accounts[lane.account_id] -= 1
                most -= 1
                waiting.append(lane)
        return shares

    def wait(self, lane: LaneRow, now: datetime, *, served: bool) -> datetime | None:
        """When to look again into a lane in which something that is due had to stay."""
        if not self._room(lane):
            return self._of_endpoint[lane.endpoint_id].ends
        if not self._left(lane):
            return self._of_account[lane.account_id].ends
        # There was room, and not a place for all: whoever had none is first next time.
        return now if served else lane.next_at

    def _room(self, lane: LaneRow) -> int:
        tally = self._of_endpoint[lane.endpoint_id]
        if lane.throttled:
            return max(0, 1 - tally.held)
        return tally.room(self._limits.in_flight, self._pace.get(lane.endpoint_id, 0))

    def _left(self, lane: LaneRow) -> int:
        # No endpoint has more than is left for the others of its account: those that hang cannot take all of it.
        return max(0, self._account_room(lane) - self._of_endpoint[lane.endpoint_id].held)

    def _account_room(self, lane: LaneRow) -> int:
        tally = self._of_account[lane.account_id]
        return tally.room(self._limits.per_account, self._pace.get(lane.account_id, 0))
