"""Ids: a prefix that says what it names, and a UUIDv7, so that ids sort in the order in which they were made."""

import re
import secrets
from datetime import UTC, datetime, timedelta
from typing import Literal, get_args

Prefix = Literal["acc", "key", "tok", "int", "evt", "fu", "ep", "msg", "dlv", "rec"]

_SHAPES = {prefix: re.compile(rf"{prefix}_[0-9a-f]{{32}}") for prefix in get_args(Prefix)}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_INSTANT = len("msg_") + 16
"""The characters of an id that say when it was made; what follows them is random."""


def new_id(prefix: Prefix, now: datetime) -> str:
    """An id that nobody has yet, such as `int_0197f3c2a5d07c3e9b0f6d1e2a4b5c6d`, made at `now` (aware)."""
    milliseconds, rest = divmod((now - _EPOCH) // _MICROSECOND, 1000)
    # RFC 9562, 6.2, method 3: the twelve bits after the version hold the fraction of the millisecond.
    value = milliseconds << 80 | 7 << 76 | (rest * 4096 // 1000) << 64 | 0b10 << 62 | secrets.randbits(62)
    return f"{prefix}_{value:032x}"


def is_id(prefix: Prefix, text: str) -> bool:
    """Whether the text could be an id of this kind at all."""
    return _SHAPES[prefix].fullmatch(text) is not None


def first_message_id(at: datetime) -> str:
    """What comes before the ids of all messages from this instant on, and after those of all others.

    So a stretch of time is a stretch of the one index that messages need anyway.
    """
    return new_id("msg", max(at, _EPOCH))[:_INSTANT]
