"""What waits in line at a worker: a line for each endpoint, by account."""

import time
from collections import defaultdict, deque
from collections.abc import Iterable

from app.webhooks.leasing import Leased

FRESH_SECONDS = 0.5
"""So old may be what is known of a delivery that is sent: it may have been cancelled meanwhile, its endpoint changed.

What has waited longer in line goes back unsent.
"""


class Lines:
    """Whoever came first is first, for as long as it is fresh."""

    def __init__(self) -> None:
        # Each with the moment from which on it is stale.
        self._lines: defaultdict[str, dict[str, deque[tuple[Leased, float]]]] = defaultdict(dict)
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def accounts(self) -> list[str]:
        """Those of which something waits."""
        return list(self._lines)

    def endpoints(self, account_id: str) -> list[str]:
        """Those of the account for which something waits."""
        return list(self._lines.get(account_id, ()))

    def has(self, account_id: str, endpoint_id: str) -> bool:
        """Whether something waits for the endpoint."""
        return endpoint_id in self._lines.get(account_id, ())

    def append(self, deliveries: Iterable[Leased]) -> None:
        """Each goes to the end of its line."""
        stale_at = time.monotonic() + FRESH_SECONDS
        for leased in deliveries:
            self._lines[leased.account_id].setdefault(leased.endpoint_id, deque()).append((leased, stale_at))
            self._count += 1

    def pop(self, account_id: str, endpoint_id: str) -> Leased:
        """Take the first of a line in which something waits."""
        lines = self._lines[account_id]
        leased, _ = lines[endpoint_id].popleft()
        self._count -= 1
        if not lines[endpoint_id]:
            del lines[endpoint_id]
        if not lines:
            del self._lines[account_id]
        return leased

    def clear(self, account_id: str, endpoint_id: str) -> list[Leased]:
        """Take all of a line."""
        taken = []
        while self.has(account_id, endpoint_id):
            taken.append(self.pop(account_id, endpoint_id))
        return taken

    def take_stale(self, account_id: str) -> list[Leased]:
        """Take what has waited for too long in any line of the account."""
        taken, now = [], time.monotonic()
        for endpoint_id in self.endpoints(account_id):
            while self.has(account_id, endpoint_id) and self._lines[account_id][endpoint_id][0][1] < now:
                taken.append(self.pop(account_id, endpoint_id))
        return taken
