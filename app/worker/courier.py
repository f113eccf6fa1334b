"""What a worker holds: deliveries in line, in flight, and those that came back and are to be settled."""

import asyncio
from collections import Counter, defaultdict, deque
from collections.abc import Awaitable, Callable

from app.store.rows import EndpointRow
from app.webhooks.leasing import Leased, Taken
from app.webhooks.settling import Outcome

Send = Callable[[Leased, EndpointRow], Awaitable[Outcome | None]]
"""Makes one attempt; None where it came too late to make it. Never raises."""


class Courier:
    """Carries what was leased: to each endpoint and for each account only so many at once, the others wait in line."""

    def __init__(self, send: Send, returned: Callable[[], None], per_endpoint: int, per_account: int) -> None:
        """`returned` is called whenever something came back."""
        self._send = send
        self._returned = returned
        self._per_endpoint, self._per_account = per_endpoint, per_account
        self._lines: dict[str, dict[str, deque[Leased]]] = defaultdict(dict)  # by account, by endpoint
        self._endpoints: dict[str, EndpointRow] = {}
        self._throttled: set[str] = set()
        self._flying: Counter[str] = Counter()  # by account, and by endpoint
        self._flights: set[asyncio.Task[None]] = set()
        self._outcomes: list[Outcome] = []
        self._unsent: list[Leased] = []
        self._waiting = 0

    @property
    def load(self) -> int:
        """How many are held: in line, in flight, or back and not settled yet."""
        return self._waiting + len(self._flights) + len(self._outcomes) + len(self._unsent)

    @property
    def has_news(self) -> bool:
        """Whether something came back."""
        return bool(self._outcomes or self._unsent)

    def take(self, taken: Taken) -> None:
        """Put what was leased in line, and send what may go at once."""
        self._endpoints |= taken.endpoints
        self._throttled -= taken.endpoints.keys()
        self._throttled |= taken.throttled
        for leased in taken.deliveries:
            self._lines[leased.account_id].setdefault(leased.endpoint_id, deque()).append(leased)
            self._waiting += 1
        for account_id in {leased.account_id for leased in taken.deliveries}:
            self._launch(account_id)

    def collect(self) -> tuple[list[Outcome], list[Leased]]:
        """What came back since the last time: with an outcome, and unsent."""
        collected = self._outcomes, self._unsent
        self._outcomes, self._unsent = [], []
        return collected

    def keep(self, outcomes: list[Outcome], unsent: list[Leased]) -> None:
        """Hold on to what could not be settled just now."""
        self._outcomes += outcomes
        self._unsent += unsent

    def turn_back(self) -> None:
        """Send nothing more of what waits in line."""
        for lines in self._lines.values():
            for endpoint_id in list(lines):
                self._turn_back(lines, endpoint_id)

    def _turn_back(self, lines: dict[str, deque[Leased]], endpoint_id: str) -> None:
        line = lines.pop(endpoint_id, deque())
        self._waiting -= len(line)
        self._unsent += line

    def _launch(self, account_id: str) -> None:
        lines = self._lines[account_id]
        for endpoint_id, line in list(lines.items()):
            limit = 1 if endpoint_id in self._throttled else self._per_endpoint
            while line and self._flying[endpoint_id] < limit and self._flying[account_id] < self._per_account:
                self._waiting -= 1
                self._start(line.popleft())
            if not line:
                del lines[endpoint_id]
        if not lines:
            del self._lines[account_id]

    def _start(self, leased: Leased) -> None:
        self._flying[leased.endpoint_id] += 1
        self._flying[leased.account_id] += 1
        flight = asyncio.create_task(self._fly(leased))
        self._flights.add(flight)
        flight.add_done_callback(self._flights.discard)

    async def _fly(self, leased: Leased) -> None:
        try:
            outcome = await self._send(leased, self._endpoints[leased.endpoint_id])
            if outcome is not None:
                self._outcomes.append(outcome)
                self._heed(outcome)
        finally:
            self._land(leased)

    def _heed(self, outcome: Outcome) -> None:
        """After a timeout one at a time is enough: what waits in line goes back, so that others may have the room."""
        account_id, endpoint_id = outcome.leased.account_id, outcome.leased.endpoint_id
        if outcome.verdict.throttles:
            self._throttled.add(endpoint_id)
            self._turn_back(self._lines[account_id], endpoint_id)
        elif outcome.verdict.state == "delivered":
            self._throttled.discard(endpoint_id)

    def _land(self, leased: Leased) -> None:
        for name in (leased.endpoint_id, leased.account_id):
            self._flying[name] -= 1
            if not self._flying[name]:
                del self._flying[name]
        if leased.endpoint_id not in self._flying and leased.endpoint_id not in self._lines[leased.account_id]:
            self._endpoints.pop(leased.endpoint_id, None)
        self._launch(leased.account_id)
        self._returned()
