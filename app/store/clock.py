"""What time it is, as all have it who share a database: by its server's clock, however wrong a machine's own is."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from time import monotonic


class Clock:
    """Goes by the machine's own clock until it is set; then by one that nobody moves.

    Without a server to `ask` it is never set: an SQLite file is on this machine, as are all who write to it.
    """

    def __init__(self, ask: Callable[[], datetime] | None = None) -> None:
        self._ask = ask
        self._set_at: tuple[datetime, float] | None = None

    def set(self) -> None:
        """Ask the server; half of the time that it took to answer is over by then."""
        if self._ask is not None:
            before = monotonic()
            told = self._ask()
            self._set_at = told, (before + monotonic()) / 2

    def now(self) -> datetime:
        """The instant, in UTC."""
        if self._set_at is None:
            return datetime.now(UTC)
        told, at = self._set_at
        return told + timedelta(seconds=monotonic() - at)
