"""The kinds of text, number and address that we accept, each with its limit.

Control characters, surrogates and the like never get here: `app.reading` refuses them in every string.
"""

from functools import lru_cache
from typing import Annotated, TypeVar

import email_validator
from pydantic import AfterValidator, BeforeValidator, StringConstraints, WithJsonSchema

from app.schemas.times import Instant

# `ana@team.local` and `ana@localhost` are right inside a company; the library leaves this list to its users.
email_validator.SPECIAL_USE_DOMAIN_NAMES.clear()

ADDRESSES_REMEMBERED = 10_000
"""The same few people are named again and again, and checking an address takes fifty times as long as finding it."""


ItemT = TypeVar("ItemT")


def once(items: tuple[ItemT, ...]) -> tuple[ItemT, ...]:
    """What is said twice counts once."""
    return tuple(dict.fromkeys(items))


def whole(value: object) -> object:
    """Before an `int`: lets 7.0 be 7."""
    # JSON has one kind of number: 7.0 is 7, but neither true nor "7" is.
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError("must be a whole number")  # noqa: TRY004 - what pydantic takes for a fault of the input
    return value


def _or_none(text: str) -> str | None:
    return text or None


def _with_plus(value: object) -> object:
    return f"{value[:-6]}+{value[-5:]}" if isinstance(value, str) and value[-6:-5] == " " else value


@lru_cache(ADDRESSES_REMEMBERED)
def _as_address(text: str) -> str | None:
    if not text:
        return None
    try:
        # "=?" would begin an encoded word, which a mail program could decode into another header.
        if "=?" not in text:
            return email_validator.validate_email(
                text, strict=True, check_deliverability=False, globally_deliverable=False
            ).normalized
    except email_validator.EmailNotValidError:
        pass  # its reasons repeat parts of the address
    raise ValueError("must be an email address, such as ana@example.com")


def _given(address: str | None) -> str:
    if address is None:
        raise ValueError("must be an email address, such as ana@example.com")
    return address


Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
"""A name of a person, a company, a post: required wherever it is asked for."""

Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]
"""One of a list of short texts."""

Paragraph = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)]
"""A required text of some sentences."""

OptionalName = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200), AfterValidator(_or_none)] | None
"""A name or nothing, and blanks are nothing."""

OptionalLine = Annotated[str, StringConstraints(strip_whitespace=True, max_length=500), AfterValidator(_or_none)] | None
"""A short text or nothing, and blanks are nothing."""

OptionalParagraph = (
    Annotated[str, StringConstraints(strip_whitespace=True, max_length=2000), AfterValidator(_or_none)] | None
)
"""Some sentences or nothing, and blanks are nothing."""

_Address = Annotated[str, StringConstraints(strip_whitespace=True, max_length=320), AfterValidator(_as_address)]
_ADDRESS = {"type": "string", "maxLength": 320, "format": "email"}
_BLANKS = {"type": "string", "maxLength": 320, "pattern": r"^\s*$"}

GivenAddress = Annotated[_Address, AfterValidator(_given), WithJsonSchema(_ADDRESS)]
"""An email address, its domain in lower case. Blanks are none."""

OptionalAddress = Annotated[_Address, WithJsonSchema({"anyOf": [_ADDRESS, _BLANKS]})] | None
"""An email address, its domain in lower case, or nothing; nobody is asked whether it can be reached."""

Reference = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
"""An id of the caller's own."""

QueryInstant = Annotated[Instant, BeforeValidator(_with_plus)]
"""An instant in a query, where an unescaped + reads as a space."""
