"""One attempt at a delivery: what is to be said, signed for its endpoint, sent, and judged."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from random import random
from secrets import token_hex

from app.metrics import DELIVERIES, DELIVERY_SECONDS
from app.store.rows import EndpointRow
from app.vault import Vault
from app.webhooks.attempts import Answer
from app.webhooks.keyring import read_secrets
from app.webhooks.leasing import Leased
from app.webhooks.retry import LOST, judge
from app.webhooks.sender import Sender
from app.webhooks.settling import Outcome
from app.webhooks.signing import headers_of
from app.worker.alarms import is_away, is_contended

logger = logging.getLogger(__name__)

REST = 1.0
"""Seconds after which a delivery goes back for whose email the database could not be asked."""

Enclose = Callable[[Leased], Awaitable[bytes]]
"""The payload of a message together with the email of its follow-up."""


class Attempter:
    """Makes attempts, each within `timeout` and on the `schedule` of retries (seconds)."""

    def __init__(
        self,
        sender: Sender,
        vault: Vault,
        enclose: Enclose,
        timeout: timedelta,
        schedule: Sequence[float],
        now: Callable[[], datetime],
    ) -> None:
        """`now` is what time it is by the clock that leases go by."""
        self._sender, self._vault, self._enclose = sender, vault, enclose
        self._timeout, self._schedule, self._now = timeout, schedule, now

    async def attempt(self, leased: Leased, endpoint: EndpointRow) -> Outcome | None:
        """Make one attempt; None where nothing was sent, and no try is spent. Never raises.

        So it is where its lease could end before the attempt does, or the database could not be asked for its email.
        """
        if leased.tries > 1 + len(self._schedule):
            DELIVERIES.labels("lost").inc()
            return Outcome(leased, None, LOST)
        started_at = self._now()
        try:
            body = await self._enclose(leased) if endpoint.include_email else _read_payload(leased)
            now = self._now()
            if now + self._timeout >= leased.until:
                return None
            headers = headers_of(read_secrets(self._vault, endpoint.secrets, now), leased.message_id, now, body)
            if leased.traceparent is not None:
                headers["traceparent"] = _continue_trace(leased.traceparent)
            answer = await self._sender.send(endpoint.url, body, headers)
        except Exception as error:
            if is_away(error) or is_contended(error):
                logger.warning("Delivery %s waits for the database: %s", leased.delivery_id, type(error).__name__)
                await asyncio.sleep(REST)
                return None
            logger.exception("Delivery %s could not be made", leased.delivery_id)
            answer = Answer(started_at, 0, None, "payload", None, truncated=False, retry_after=None)
        DELIVERIES.labels(answer.failure or "delivered").inc()
        DELIVERY_SECONDS.observe(answer.milliseconds / 1000)
        verdict = judge(answer, leased.tries, self._schedule, self._now(), random())  # noqa: S311 - jitter is no secret
        return Outcome(leased, answer, verdict, endpoint.url)


def _continue_trace(traceparent: str) -> str:
    """The same trace as W3C Trace Context has it, version 00, with this attempt as the parent of what comes of it."""
    version, trace_id, _, flags = traceparent.split("-")
    return f"{version}-{trace_id}-{token_hex(8)}-{flags}"


def _read_payload(leased: Leased) -> bytes:
    if leased.payload is None:
        raise ValueError("the message was forgotten")
    return leased.payload.encode()
