"""When to try again: what the answer to one attempt means for its delivery."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Literal, NamedTuple

from app.webhooks.attempts import Answer

LONGEST = timedelta(hours=24)
"""The longest that a receiver may put us off."""

JITTER = 0.1
"""How much a delay may grow at most, so that what failed together does not come back together."""

_GONE = 410
_OVERLOADED = {502, 504}
_PUTS_OFF = {429, 503}
_DIGITS = len(str(LONGEST // timedelta(seconds=1)))


class Verdict(NamedTuple):
    """What becomes of a delivery."""

    state: Literal["delivered", "open", "failed"]
    available_at: datetime | None = None
    """Of an open one: its next turn."""
    throttles: bool = False
    """The receiver is in trouble: one at a time, until it succeeds."""
    gone: bool = False
    """The receiver wants no more of anything."""


LOST = Verdict("failed")
"""For a delivery that every worker was lost with that took it: it is not sent again."""


def judge(answer: Answer, tries: int, schedule: Sequence[float], now: datetime, jitter: float) -> Verdict:
    """What the answer to the attempt `tries` (from 1) means. `jitter` is from 0 up to 1, and stretches the delay."""
    if answer.failure is None:
        return Verdict("delivered")
    if answer.status == _GONE:
        return Verdict("failed", gone=True)
    throttles = answer.failure == "timeout" or answer.status in _OVERLOADED
    if tries > len(schedule):
        return Verdict("failed", throttles=throttles)
    delay = timedelta(seconds=schedule[tries - 1] * (1 + JITTER * jitter))
    return Verdict("open", now + max(delay, _put_off(answer, now)), throttles)


def read_schedule(text: str) -> tuple[float, ...]:
    """The seconds to wait before each retry, out of a setting. Raises ValueError."""
    return tuple(float(part) for part in text.split(","))


def _put_off(answer: Answer, now: datetime) -> timedelta:
    """How long the receiver asks us to wait, within reason; nothing for what cannot be read."""
    if answer.status not in _PUTS_OFF or answer.retry_after is None:
        return timedelta(0)
    asked = answer.retry_after.strip()
    if not (asked.isascii() and asked.isdecimal()):
        return min(_until(asked, now), LONGEST)
    # Looked at before it is read: a number may have as many digits as fit into a header.
    return LONGEST if len(asked.lstrip("0")) > _DIGITS else min(timedelta(seconds=int(asked)), LONGEST)


def _until(date: str, now: datetime) -> timedelta:
    try:
        then = parsedate_to_datetime(date)
        return (then if then.tzinfo else then.replace(tzinfo=UTC)) - now
    except (ValueError, OverflowError, TypeError, IndexError):
        return timedelta(0)
