"""Days as a person says them."""

from datetime import date

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
_DAYS_BY_NAME = 6
"""So many days back a weekday's name alone says which day it was."""


def write_date(day: date, country: str | None, since: date) -> str:
    """The date as its country writes it, "Friday, November 20" in the US; with a year that is not that of `since`."""
    weekday, month = WEEKDAYS[day.weekday()], MONTHS[day.month - 1]
    year = "" if day.year == since.year else str(day.year)
    if country == "US":
        return f"{weekday}, {month} {day.day}" + (f", {year}" if year else "")
    return f"{weekday} {day.day} {month}" + (f" {year}" if year else "")


def say_day(day: date, today: date, country: str | None) -> str:
    """How somebody names the day: "today", "yesterday", "on Friday" within the last week, else "on" and the date."""
    passed = (today - day).days
    if passed in (0, 1):
        return ("today", "yesterday")[passed]
    if 0 < passed <= _DAYS_BY_NAME:
        return f"on {WEEKDAYS[day.weekday()]}"
    return f"on {write_date(day, country, today)}"
