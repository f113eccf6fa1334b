"""Days are named as a person there would name them on that day."""

from datetime import date, timedelta

import pytest

from app.language.times import say_day, write_date

FRIDAY = date(2026, 11, 20)


@pytest.mark.parametrize(
    ("country", "since", "written"),
    [
        ("US", FRIDAY, "Friday, November 20"),
        ("GB", FRIDAY, "Friday 20 November"),
        (None, FRIDAY, "Friday 20 November"),
        ("US", date(2027, 1, 4), "Friday, November 20, 2026"),
        ("DE", date(2027, 1, 4), "Friday 20 November 2026"),
    ],
)
def test_a_date_is_written_as_its_country_does_with_the_year_where_it_is_another(
    country: str | None, since: date, written: str
) -> None:
    assert write_date(FRIDAY, country, since) == written


@pytest.mark.parametrize(
    ("days", "said"),
    [
        (0, "today"),
        (1, "yesterday"),
        (2, "on Friday"),
        (6, "on Friday"),
        (7, "on Friday, November 20"),
        (60, "on Friday, November 20, 2026"),
        (-1, "on Friday, November 20"),
    ],
)
def test_a_day_is_named_by_how_long_ago_it_was(days: int, said: str) -> None:
    assert say_day(FRIDAY, FRIDAY + timedelta(days=days), "US") == said
