"""Days are read on the wall clock of the place, whatever its clock and its calendar do."""

from datetime import UTC, date, datetime, time, timedelta, timezone

import pytest

from app.rules.workdays import MIDNIGHT, ONE_DAY, Place, days_off, place

NEW_YORK = place("America/New_York", "US", "NY")
APIA = place("Pacific/Apia", None, None)
UTC_ALONE = place("UTC", None, None)


def at(zone: str, day: str, clock: time) -> str:
    return place(zone, None, None).at(date.fromisoformat(day), clock).isoformat()


def from_text(instant: str) -> datetime:
    return datetime.fromisoformat(instant)


def first_working_day(where: Place, day: str) -> str:
    return where.working_morning_on_or_after(date.fromisoformat(day)).date().isoformat()


def works(country: str | None, subdivision: str | None, day: str) -> bool:
    return place("UTC", country, subdivision).is_working_day(date.fromisoformat(day))


@pytest.mark.parametrize(
    ("zone", "day", "clock", "instant"),
    [
        ("America/New_York", "2026-03-08", time(2, 30), "2026-03-08T03:30:00-04:00"),
        ("Europe/Berlin", "2026-03-29", time(2), "2026-03-29T03:00:00+02:00"),
        ("Australia/Sydney", "2026-10-04", time(2, 59), "2026-10-04T03:59:00+11:00"),
        ("Australia/Lord_Howe", "2026-10-04", time(2, 10), "2026-10-04T02:40:00+11:00"),
        ("America/Sao_Paulo", "2018-11-04", MIDNIGHT, "2018-11-04T01:00:00-02:00"),
        ("Africa/Cairo", "2026-04-24", time(0, 45), "2026-04-24T01:45:00+03:00"),
        ("Pacific/Apia", "2011-12-30", time(9), "2011-12-31T09:00:00+14:00"),
    ],
)
def test_a_local_time_that_does_not_exist_moves_forward_by_the_gap(
    zone: str, day: str, clock: time, instant: str
) -> None:
    assert at(zone, day, clock) == instant


@pytest.mark.parametrize(
    ("zone", "day", "clock", "instant"),
    [
        ("America/New_York", "2026-11-01", time(1, 30), "2026-11-01T01:30:00-04:00"),
        ("Europe/Berlin", "2026-10-25", time(2, 30), "2026-10-25T02:30:00+02:00"),
        ("Australia/Lord_Howe", "2026-04-05", time(1, 45), "2026-04-05T01:45:00+11:00"),
        ("America/Sao_Paulo", "2018-02-17", time(23, 30), "2018-02-17T23:30:00-02:00"),
    ],
)
def test_of_a_local_time_that_comes_twice_the_first_counts(zone: str, day: str, clock: time, instant: str) -> None:
    assert at(zone, day, clock) == instant


def test_a_morning_has_the_offset_of_its_own_day() -> None:
    assert at("America/New_York", "2026-03-07", time(9)) == "2026-03-07T09:00:00-05:00"
    assert at("America/New_York", "2026-03-08", time(9)) == "2026-03-08T09:00:00-04:00"
    assert at("Asia/Kathmandu", "2026-03-08", time(9)) == "2026-03-08T09:00:00+05:45"
    assert at("UTC", "2026-03-08", time(9)) == "2026-03-08T09:00:00+00:00"


@pytest.mark.parametrize(
    ("zone", "first", "second"),
    [
        ("America/New_York", "2026-11-01T01:30:00-04:00", "2026-11-01T01:30:00-05:00"),
        ("Australia/Lord_Howe", "2026-04-05T01:45:00+11:00", "2026-04-05T01:45:00+10:30"),
    ],
)
def test_two_instants_that_share_a_wall_clock_time_stay_apart(zone: str, first: str, second: str) -> None:
    where = place(zone, None, None)
    earlier, later = (where.local(from_text(text).astimezone(UTC)) for text in (first, second))
    assert (earlier.isoformat(), later.isoformat()) == (first, second)
    assert earlier < later
    assert later - earlier == earlier.utcoffset() - later.utcoffset()  # type: ignore[operator]  # both are aware


def test_every_instant_carries_a_fixed_offset() -> None:
    found = [
        NEW_YORK.local(datetime(2026, 11, 20, tzinfo=UTC)),
        NEW_YORK.at(date(2026, 11, 20)),
        NEW_YORK.end_of(date(2026, 11, 20)),
        NEW_YORK.working_morning_on_or_after(date(2026, 11, 20)),
    ]
    assert {type(instant.tzinfo) for instant in found} == {timezone}


@pytest.mark.parametrize(
    ("zone", "instant", "days", "later"),
    [
        ("America/New_York", "2026-03-07T10:00:00-05:00", 1, "2026-03-08T10:00:00-04:00"),
        ("America/New_York", "2026-10-31T10:00:00-04:00", 1, "2026-11-01T10:00:00-05:00"),
        ("America/New_York", "2026-03-01T02:30:00-05:00", 7, "2026-03-08T03:30:00-04:00"),
        ("America/New_York", "2026-11-01T01:30:00-05:00", 7, "2026-11-08T01:30:00-05:00"),
        ("Australia/Lord_Howe", "2026-03-29T12:00:00+11:00", 7, "2026-04-05T12:00:00+10:30"),
        ("Australia/Lord_Howe", "2026-09-27T02:15:00+10:30", 7, "2026-10-04T02:45:00+11:00"),
        ("America/Sao_Paulo", "2018-10-28T00:10:00-03:00", 7, "2018-11-04T01:10:00-02:00"),
        ("Pacific/Apia", "2011-12-23T16:00:00-10:00", 7, "2011-12-31T16:00:00+14:00"),
        ("Pacific/Apia", "2011-12-28T16:00:00-10:00", 7, "2012-01-04T16:00:00+14:00"),
        ("Asia/Kathmandu", "2028-02-22T16:00:00+05:45", 7, "2028-02-29T16:00:00+05:45"),
        ("UTC", "2026-12-31T23:59:59+00:00", 1, "2027-01-01T23:59:59+00:00"),
    ],
)
def test_days_later_it_is_the_same_time_on_the_wall(zone: str, instant: str, days: int, later: str) -> None:
    assert place(zone, None, None).days_later(from_text(instant), days).isoformat() == later


@pytest.mark.parametrize(
    ("zone", "day", "end"),
    [
        ("America/New_York", "2026-11-20", "2026-11-21T00:00:00-05:00"),
        ("America/Sao_Paulo", "2018-11-03", "2018-11-04T01:00:00-02:00"),
        ("Africa/Cairo", "2026-04-23", "2026-04-24T01:00:00+03:00"),
        ("Pacific/Apia", "2011-12-29", "2011-12-31T00:00:00+14:00"),
        ("UTC", "2028-02-28", "2028-02-29T00:00:00+00:00"),
    ],
)
def test_a_day_ends_where_the_next_one_begins(zone: str, day: str, end: str) -> None:
    where = place(zone, None, None)
    found = where.end_of(date.fromisoformat(day))
    assert found.isoformat() == end
    assert where.local(found - timedelta(microseconds=1)).date().isoformat() == day


def test_a_day_that_a_zone_jumps_over_has_no_working_morning() -> None:
    assert date(2011, 12, 30).strftime("%A") == "Friday"
    assert APIA.working_morning_on_or_after(date(2011, 12, 30)).isoformat() == "2012-01-02T09:00:00+14:00"
    thursday_noon = from_text("2011-12-29T12:00:00-10:00")
    assert APIA.working_morning_after(thursday_noon).isoformat() == "2012-01-02T09:00:00+14:00"
    assert APIA.morning_from(thursday_noon).isoformat() == "2011-12-31T09:00:00+14:00"


def test_a_holiday_counts_in_the_year_before_where_it_is_observed_there() -> None:
    assert not works("US", None, "2021-12-31")  # for Saturday 1 January 2022
    assert works("US", None, "2022-12-30")
    assert first_working_day(NEW_YORK, "2027-12-31") == "2028-01-03"


def test_a_holiday_of_a_subdivision_counts_there_alone() -> None:
    assert not works("DE", "BY", "2026-01-06")
    assert works("DE", "BE", "2026-01-06")
    assert works("DE", None, "2026-01-06")
    assert not works("GB", "SCT", "2026-01-02")
    assert works("GB", "ENG", "2026-01-02")


def test_thanksgiving_is_no_working_day_and_the_friday_after_it_only_in_some_states() -> None:
    assert first_working_day(NEW_YORK, "2026-11-26") == "2026-11-27"
    assert first_working_day(place("America/Los_Angeles", "US", "CA"), "2026-11-26") == "2026-11-30"
    assert first_working_day(place("America/Toronto", "CA", "ON"), "2026-11-26") == "2026-11-26"


@pytest.mark.parametrize(("zone", "country"), [("Asia/Jerusalem", "IL"), ("Africa/Cairo", "EG")])
def test_where_friday_and_saturday_are_the_weekend_sunday_is_worked(zone: str, country: str) -> None:
    assert first_working_day(place(zone, country, None), "2026-11-19") == "2026-11-19"
    assert first_working_day(place(zone, country, None), "2026-11-20") == "2026-11-22"


def test_a_weekend_that_a_country_moved_counts_from_then() -> None:
    assert (works("AE", None, "2021-10-29"), works("AE", None, "2021-10-31")) == (False, True)
    assert (works("AE", None, "2023-10-27"), works("AE", None, "2023-10-29")) == (True, False)


@pytest.mark.parametrize("country", ["IR", "BN", "DJ", "US", None])
def test_saturday_is_a_weekend_day_everywhere(country: str | None) -> None:
    saturdays = [date(2026, 1, 3) + timedelta(weeks=week) for week in range(52)]
    assert not [day for day in saturdays if place("UTC", country, None).is_working_day(day)]


def test_sunday_is_a_weekend_day_only_where_the_country_says_so() -> None:
    assert works("IR", None, "2026-11-22")
    assert not works("US", None, "2026-11-22")


def test_without_a_country_there_are_weekends_and_no_holidays() -> None:
    off = days_off(None, None, 2026)
    assert {day.strftime("%a") for day in off} == {"Sat", "Sun"}
    assert len(off) == 104
    assert first_working_day(UTC_ALONE, "2026-12-25") == "2026-12-25"


def test_the_days_off_of_a_year_lie_in_it_to_the_last_day() -> None:
    assert {day.year for day in days_off("US", "NY", 2028)} == {2028}
    assert date(2028, 12, 31) in days_off(None, None, 2028)  # a Sunday, the 366th day


@pytest.mark.parametrize(
    ("day", "count", "found"),
    [
        ("2026-11-20", 1, "2026-11-23"),
        ("2026-11-20", 2, "2026-11-24"),
        ("2026-11-21", 1, "2026-11-23"),
        ("2026-11-25", 1, "2026-11-27"),
        ("2026-12-31", 1, "2027-01-04"),
    ],
)
def test_working_days_are_counted_from_the_day_after(day: str, count: int, found: str) -> None:
    assert NEW_YORK.working_day_after(date.fromisoformat(day), count).isoformat() == found


@pytest.mark.parametrize(
    ("instant", "not_before", "after"),
    [
        ("2026-11-19T08:59:59-05:00", "2026-11-19T09:00:00-05:00", "2026-11-19T09:00:00-05:00"),
        ("2026-11-19T09:00:00-05:00", "2026-11-19T09:00:00-05:00", "2026-11-20T09:00:00-05:00"),
        ("2026-11-19T09:00:01-05:00", "2026-11-20T09:00:00-05:00", "2026-11-20T09:00:00-05:00"),
        ("2026-11-20T09:00:01-05:00", "2026-11-23T09:00:00-05:00", "2026-11-23T09:00:00-05:00"),
        ("2026-11-21T08:00:00-05:00", "2026-11-23T09:00:00-05:00", "2026-11-23T09:00:00-05:00"),
        ("2026-12-31T12:00:00-05:00", "2027-01-04T09:00:00-05:00", "2027-01-04T09:00:00-05:00"),
    ],
)
def test_a_working_morning_from_an_instant_may_be_that_instant_and_one_after_it_may_not(
    instant: str, not_before: str, after: str
) -> None:
    assert NEW_YORK.working_morning_from(from_text(instant)).isoformat() == not_before
    assert NEW_YORK.working_morning_after(from_text(instant)).isoformat() == after


@pytest.mark.parametrize(
    ("instant", "found"),
    [
        ("2026-11-20T07:59:59-05:00", "2026-11-20T09:00:00-05:00"),
        ("2026-11-20T08:00:00-05:00", "2026-11-20T08:00:00-05:00"),
        ("2026-11-20T21:00:00-05:00", "2026-11-20T21:00:00-05:00"),
        ("2026-11-20T21:00:01-05:00", "2026-11-21T09:00:00-05:00"),
        ("2026-11-21T12:34:56-05:00", "2026-11-21T12:34:56-05:00"),
        ("2026-11-26T00:00:00-05:00", "2026-11-26T09:00:00-05:00"),
        ("2026-03-07T22:00:00-05:00", "2026-03-08T09:00:00-04:00"),
    ],
)
def test_a_civil_hour_is_the_instant_itself_within_both_hours_else_the_next_morning_of_any_day(
    instant: str, found: str
) -> None:
    assert NEW_YORK.next_within(from_text(instant), time(8), time(21)).isoformat() == found


def test_the_same_names_give_the_same_place() -> None:
    assert place("America/New_York", "US", "NY") is NEW_YORK
    assert place("America/New_York", "US", None) != NEW_YORK
    assert NEW_YORK.at(date(2026, 11, 20)) + ONE_DAY == NEW_YORK.at(date(2026, 11, 21))


def test_a_day_that_a_zone_jumps_over_is_not_counted_as_a_working_day() -> None:
    assert APIA.working_day_after(date(2011, 12, 29), 2) == date(2012, 1, 3)


def test_a_year_that_a_countrys_calendar_does_not_reach_has_its_weekends_without_a_warning() -> None:
    assert date(2050, 1, 2) in days_off("IN", None, 2050)  # a Sunday; any warning fails a test
