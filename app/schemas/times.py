"""The instants and days that we accept: those of our time."""

from datetime import date
from typing import Annotated, TypeVar

from pydantic import AfterValidator

from app.rules import facts

YEARS = range(1990, 2101)

WhenT = TypeVar("WhenT", bound=date)


def _of_our_time(value: WhenT) -> WhenT:
    # Compared without any conversion: year 1 at +14:00 has no UTC.
    if value.year not in YEARS:
        raise ValueError("must lie between 1990 and 2100")
    return value


Instant = Annotated[facts.Instant, AfterValidator(_of_our_time)]
"""An aware instant between 1990 and 2100."""

Day = Annotated[facts.Day, AfterValidator(_of_our_time)]
"""A calendar date between 1990 and 2100."""
