"""Ids of messages stand in the order of time: a stretch of time is a stretch of the one index that they need anyway."""

from datetime import UTC, datetime

from app.store.ids import new_id

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_INSTANT = len("msg_") + 16
"""The characters of an id that say when it was made; what follows them is random."""


def first_id(at: datetime) -> str:
    """What comes before the ids of all messages from this instant on, and after those of all others."""
    return new_id("msg", max(at, _EPOCH))[:_INSTANT]
