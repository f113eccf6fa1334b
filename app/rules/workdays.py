"""Mornings, hours, weekends, holidays and zones: how a date is counted (section 7 of the rules).

Hours are elapsed time; days are wall-clock days. Every instant in and out carries a fixed offset, the one that its
zone had at that moment, so that two instants compare as instants and never as two readings of one wall clock.
"""

import warnings
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from functools import cache, lru_cache
from zoneinfo import ZoneInfo

from holidays import country_holidays

MORNING = time(9)
MIDNIGHT = time(0)
ONE_DAY = timedelta(days=1)
SATURDAY, SUNDAY = 5, 6


@lru_cache(maxsize=1024)
def days_off(country: str | None, subdivision: str | None, year: int) -> frozenset[date]:
    """Every weekend day and public holiday of a year; Saturdays always, Sundays too where no country is known."""
    first = date(year, 1, 1)
    days = [first + n * ONE_DAY for n in range((date(year + 1, 1, 1) - first).days)]
    if country is None:
        return frozenset(day for day in days if day.weekday() in (SATURDAY, SUNDAY))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # some calendars end in 2035, and beyond that only weekends are known
        known = country_holidays(country, subdiv=subdivision, years=year, expand=False)
    return frozenset(day for day in days if day.weekday() == SATURDAY or known.is_weekend(day) or day in known)


@dataclass(frozen=True, slots=True)
class Place:
    """Where an interview took place: its zone, and whose working days count."""

    zone: ZoneInfo
    country: str | None
    subdivision: str | None

    def local(self, instant: datetime) -> datetime:
        """The same instant at the offset that the zone has then."""
        wall = instant.astimezone(self.zone)
        return wall.replace(tzinfo=_fixed(wall.utcoffset()), fold=0)

    def at(self, day: date, clock: time = MORNING) -> datetime:
        """A wall-clock time on a day; one that a change of the clocks leaves out moves forward by the gap."""
        return self.local(datetime.combine(day, clock, self.zone).astimezone(UTC))

    def end_of(self, day: date) -> datetime:
        """24:00 of a day."""
        return self.at(day + ONE_DAY, MIDNIGHT)

    def days_later(self, instant: datetime, days: int) -> datetime:
        """The same wall-clock time on another date."""
        return self.at(instant.date() + days * ONE_DAY, instant.time())

    def is_working_day(self, day: date) -> bool:
        """Neither a weekend day nor a public holiday here."""
        return day not in days_off(self.country, self.subdivision, day.year)

    def working_day_after(self, day: date, count: int) -> date:
        """The `count`-th working day after a day."""
        while count:
            day += ONE_DAY
            count -= self.is_working_day(day) and self.at(day).date() == day  # not one that the zone jumps over
        return day

    def working_morning_on_or_after(self, day: date) -> datetime:
        """09:00 on the first working day that is not before `day`."""
        while True:
            # A zone that jumps over the date line leaves out a whole day, which is then no working day either.
            if self.is_working_day(day) and (morning := self.at(day)).date() == day:
                return morning
            day += ONE_DAY

    def working_morning_from(self, instant: datetime) -> datetime:
        """The first working morning that is not before an instant."""
        morning = self.working_morning_on_or_after(instant.date())
        return morning if morning >= instant else self.working_morning_on_or_after(instant.date() + ONE_DAY)

    def working_morning_after(self, instant: datetime) -> datetime:
        """The first working morning later than an instant."""
        morning = self.working_morning_on_or_after(instant.date())
        return morning if morning > instant else self.working_morning_on_or_after(instant.date() + ONE_DAY)

    def morning_from(self, instant: datetime) -> datetime:
        """The first 09:00, on any day, that is not before an instant."""
        morning = self.at(instant.date())
        return morning if morning >= instant else self.at(instant.date() + ONE_DAY)

    def next_within(self, instant: datetime, earliest: time, latest: time) -> datetime:
        """The instant itself if its local time is within both, inclusive; else the first 09:00 after it, on any day."""
        return instant if earliest <= instant.time() <= latest else self.morning_from(instant)


@cache
def _fixed(offset: timedelta | None) -> timezone:
    # One object an offset: instants that share it are compared without asking it.
    return timezone(offset or timedelta(0))


@lru_cache(maxsize=1024)
def place(timezone_name: str, country: str | None, subdivision: str | None) -> Place:
    """The place of an interview; the same one for the same names."""
    return Place(ZoneInfo(timezone_name), country, subdivision)
