"""What an operator sees: counters and times for Prometheus, of this process."""

import logging
import time
from typing import Final

from prometheus_client import CONTENT_TYPE_LATEST, Counter, Gauge, Histogram, disable_created_metrics, generate_latest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

# A third of the lines, and nobody asks when a counter began.
disable_created_metrics()  # type: ignore[no-untyped-call]  # the library gives it no types

CONTENT_TYPE: Final = CONTENT_TYPE_LATEST

logger = logging.getLogger("app.access")

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
"""Those that are counted by name: callers may invent others, and every name takes room for ever."""

_LAGS = (0.01, 0.05, 0.1, 0.5, 1, 5, 15, 60, 300, 3600, 86_400)

REQUESTS = Histogram("afterword_request_seconds", "How long requests take.", ["method", "route", "status"])
DUE_LAG = Histogram(
    "afterword_due_lag_seconds", "From the moment something falls due until it is announced.", buckets=_LAGS
)
ANNOUNCED = Counter("afterword_announced", "What was announced, by type of event.", ["type"])
DELIVERIES = Counter("afterword_deliveries", "Attempts at deliveries, by what came of them.", ["outcome"])
DELIVERY_SECONDS = Histogram("afterword_delivery_seconds", "How long attempts at deliveries take.")
LEASE_EXPIRIES = Counter("afterword_lease_expiries", "Leases that ended before their worker settled them.")
LATE_OUTCOMES = Counter("afterword_late_outcomes", "Attempts whose lease was over, or whose delivery was cancelled.")
QUEUE_DEPTH = Gauge("afterword_queue_depth", "Open deliveries, those that wait for a retry included.")
QUEUE_AGE = Gauge("afterword_queue_oldest_seconds", "For how long the oldest delivery has been waiting for its turn.")


def show_metrics() -> bytes:
    """Everything in Prometheus's text format."""
    return generate_latest()


class Measured:
    """An application whose requests are timed, by the template of their route and never by their path."""

    def __init__(self, app: ASGIApp, *, logged: bool = False) -> None:
        """`logged` ones leave a line each, too."""
        self._app = app
        self._logged = logged

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        start, status = time.perf_counter(), 500  # what whoever is above us makes of an exception

        async def note_status(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, note_status)
        finally:
            route = getattr(scope.get("route"), "path", "none")
            method = scope["method"] if scope["method"] in _METHODS else "other"
            seconds = time.perf_counter() - start
            REQUESTS.labels(method, route, status).observe(seconds)
            if self._logged:
                logger.info("%s %s %d %.1f ms", method, route, status, 1000 * seconds)
