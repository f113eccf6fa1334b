"""What a worker holds: deliveries in line, in flight, and those that came back and are to be settled."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable

from app.store.rows import EndpointRow
from app.webhooks.leasing import Leased, Taken
from app.webhooks.settling import Outcome
from app.worker.lines import Lines

Send = Callable[[Leased, EndpointRow], Awaitable[Outcome | None]]
"""Makes one attempt; None where nothing was sent, and it is to go back. Never raises."""

WINDOW, WIDER, WIDEN_AFTER = 100, 50, 0.01
"""Receivers that answer at once are served best by few connections; for slow ones there are more every 0.01 seconds."""


class Courier:
    """Carries what was leased: to each endpoint and for each account only so many at once, the others wait in line."""

    def __init__(self, send: Send, returned: Callable[[], None], per_endpoint: int, per_account: int) -> None:
        """`returned` is called whenever something came back."""
        self._send = send
        self._returned = returned
        self._per_endpoint, self._per_account = per_endpoint, per_account
        self._lines = Lines()
        # Of endpoints for which something is held.
        self._endpoints: dict[str, EndpointRow] = {}
        self._throttled: set[str] = set()
        self._flying: Counter[str] = Counter()  # by account, and by endpoint
        self._flights: set[asyncio.Task[None]] = set()
        self._outcomes: list[Outcome] = []
        self._unsent: list[Leased] = []
        self._window = WINDOW
        self._widening: asyncio.TimerHandle | None = None
        self._blocked: dict[str, None] = {}  # accounts that wait for the window, in their order
        self._up = 0

    @property
    def load(self) -> int:
        """How many are held: in line or in flight. What came back is not."""
        return len(self._lines) + self._up

    @property
    def has_news(self) -> bool:
        """Whether something came back."""
        return bool(self._outcomes or self._unsent)

    def take(self, taken: Taken) -> None:
        """Put what was leased in line, and send what may go at once."""
        self._endpoints |= taken.endpoints
        # And not less than before: somebody may have timed out while these were leased. See `_heed` and `_forget`.
        self._throttled |= taken.throttled & taken.endpoints.keys()
        self._lines.append(taken.deliveries)
        for account_id in {leased.account_id for leased in taken.deliveries}:
            self._launch(account_id)

    def collect(self) -> tuple[list[Outcome], list[Leased]]:
        """What came back since the last time: with an outcome, and unsent."""
        collected = self._outcomes, self._unsent
        self._outcomes, self._unsent = [], []
        return collected

    def keep(self, outcomes: Iterable[Outcome], unsent: Iterable[Leased]) -> None:
        """Hold on to what could not be settled just now."""
        self._outcomes += outcomes
        self._unsent += unsent

    def abandon(self) -> None:
        """Break off what is in flight: its leases end by themselves."""
        for flight in self._flights:
            flight.cancel()

    def turn_back(self) -> None:
        """Send nothing more of what waits in line."""
        for account_id in self._lines.accounts():
            for endpoint_id in self._lines.endpoints(account_id):
                self._give_back(self._lines.clear(account_id, endpoint_id))

    def turn_back_stale(self) -> None:
        """Send nothing of what has waited in line for too long."""
        for account_id in self._lines.accounts():
            self._give_back(self._lines.take_stale(account_id))

    def _give_back(self, unsent: Iterable[Leased]) -> None:
        for leased in unsent:
            self._unsent.append(leased)
            self._forget(leased)

    def _forget(self, leased: Leased) -> None:
        """Forget the endpoint, if nothing is held for it any more."""
        if leased.endpoint_id not in self._flying and not self._lines.has(leased.account_id, leased.endpoint_id):
            self._endpoints.pop(leased.endpoint_id, None)
            self._throttled.discard(leased.endpoint_id)

    def _launch(self, account_id: str) -> None:
        """Send what may go of an account's lines, as far as the window allows."""
        self._give_back(self._lines.take_stale(account_id))
        for endpoint_id in self._lines.endpoints(account_id):
            while self._lines.has(account_id, endpoint_id) and self._may_fly(account_id, endpoint_id):
                if self._up >= self._window:
                    self._wait_for_window(account_id)
                    return
                self._start(self._lines.pop(account_id, endpoint_id))

    def _may_fly(self, account_id: str, endpoint_id: str) -> bool:
        limit = 1 if endpoint_id in self._throttled else self._per_endpoint
        return self._flying[endpoint_id] < min(limit, self._per_account - self._flying[account_id])

    def _wait_for_window(self, account_id: str) -> None:
        self._blocked[account_id] = None
        if self._widening is None:
            self._widening = asyncio.get_running_loop().call_later(WIDEN_AFTER, self._widen)

    def _widen(self) -> None:
        self._widening = None
        self._window += WIDER
        self._unblock()

    def _unblock(self) -> None:
        while self._blocked and self._up < self._window:
            account_id = next(iter(self._blocked))
            del self._blocked[account_id]
            self._launch(account_id)
        if not self._up:
            self._window = WINDOW

    def _start(self, leased: Leased) -> None:
        self._flying[leased.endpoint_id] += 1
        self._flying[leased.account_id] += 1
        self._up += 1
        flight = asyncio.create_task(self._fly(leased))
        self._flights.add(flight)
        flight.add_done_callback(self._flights.discard)

    async def _fly(self, leased: Leased) -> None:
        try:
            outcome = await self._send(leased, self._endpoints[leased.endpoint_id])
            if outcome is None:
                self._unsent.append(leased)
            else:
                self._outcomes.append(outcome)
                self._heed(outcome)
        finally:
            self._land(leased)

    def _heed(self, outcome: Outcome) -> None:
        """After a timeout one at a time is enough, after a 410 none: what waits in line goes back."""
        account_id, endpoint_id = outcome.leased.account_id, outcome.leased.endpoint_id
        if outcome.verdict.throttles or outcome.verdict.gone:
            self._throttled.add(endpoint_id)
            self._give_back(self._lines.clear(account_id, endpoint_id))
        elif outcome.verdict.state == "delivered":
            self._throttled.discard(endpoint_id)

    def _land(self, leased: Leased) -> None:
        self._up -= 1
        for name in (leased.endpoint_id, leased.account_id):
            self._flying[name] -= 1
            if not self._flying[name]:
                del self._flying[name]
        self._forget(leased)
        self._launch(leased.account_id)
        self._unblock()
        self._returned()
