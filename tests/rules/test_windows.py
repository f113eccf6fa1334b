"""The table of windows, row by row: hours are elapsed time, days are days on the wall."""

from datetime import date, datetime

import pytest

from app.rules.clauses import FinalCheckIn
from app.rules.facts import OfferReceived, SituationChanged
from app.rules.policy import BUILT_IN
from app.rules.windows import (
    Case,
    Window,
    check_in_window,
    final_check_in_window,
    offer_reply_window,
    read_decision_date,
    rejection_window,
    situation_update_window,
    thank_you_window,
)
from tests.rules.situations import POLICIES, case, happened, make_plan, step, window

COUNTED_IN_HOURS = ("balanced", "classic", "two-touch", "steady")
WEEK_TO_THE_HOUR = ("balanced", "two-touch", "decision-date", "capstone")
WEEK_TO_THE_DAY = ("classic", "steady")
DECISION = date(2026, 12, 1)

LAST_WORD = FinalCheckIn(rule="timing.final_check_in", days_after_check_in=7, open_days=7)


def ending(end: str, zone: str = "America/New_York", policy: str = "balanced", country: str | None = "US") -> Case:
    """An interview that ends then."""
    return case(policy, starts_at=end, ends_at=end, timezone=zone, country=country, subdivision=None)


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


def told(found: Window) -> tuple[str, str, str]:
    return found.opens_at.isoformat(), found.due_at.isoformat(), found.closes_at.isoformat()


def offered(at: str, respond_by: str | None = None) -> tuple[str, str, str]:
    event = happened("offer_received", at, respond_by=respond_by)
    assert isinstance(event, OfferReceived)
    return told(offer_reply_window(case(), event))


def changed(at: str, respond_by: str | None = None, not_before: str | None = None) -> tuple[str, str, str]:
    event = happened("situation_changed", at, change="patent", respond_by=respond_by)
    assert isinstance(event, SituationChanged)
    return told(situation_update_window(case(), event, instant(not_before) if not_before else None))


@pytest.mark.parametrize(
    ("policies", "found"),
    [
        (COUNTED_IN_HOURS, ("2026-11-20T17:00:00-05:00", "2026-11-20T17:00:00-05:00", "2026-11-21T16:00:00-05:00")),
        (("decision-date",), ("2026-11-21T08:00:00-05:00", "2026-11-21T09:00:00-05:00", "2026-11-22T00:00:00-05:00")),
        (("capstone",), ("2026-11-20T17:00:00-05:00", "2026-11-20T19:00:00-05:00", "2026-11-22T16:00:00-05:00")),
    ],
)
def test_a_thank_you_under_each_policy(policies: tuple[str, ...], found: tuple[str, str, str]) -> None:
    for policy in policies:
        assert told(thank_you_window(case(policy), None)) == found


@pytest.mark.parametrize(
    ("policies", "due", "closes"),
    [
        (WEEK_TO_THE_HOUR, "2026-11-30T09:00:00-05:00", "2026-12-07T09:00:00-05:00"),
        (WEEK_TO_THE_DAY, "2026-11-27T09:00:00-05:00", "2026-12-04T09:00:00-05:00"),
    ],
)
def test_a_check_in_without_a_date_under_each_policy(policies: tuple[str, ...], due: str, closes: str) -> None:
    for policy in policies:
        assert told(check_in_window(case(policy), None, None)) == (due, due, closes)


@pytest.mark.parametrize("policy", BUILT_IN)
def test_a_check_in_after_a_stated_date_under_each_policy(policy: str) -> None:
    due, closes = ("08", "15") if policy == "decision-date" else ("02", "09")
    due, closes = f"2026-12-{due}T09:00:00-05:00", f"2026-12-{closes}T09:00:00-05:00"
    assert told(check_in_window(case(policy), DECISION, None)) == (due, due, closes)


def test_a_last_message_follows_a_week_after_the_day_of_the_check_in() -> None:
    friday = instant("2026-11-27T09:00:00-05:00")
    due, closes = "2026-12-04T09:00:00-05:00", "2026-12-11T09:00:00-05:00"
    assert told(final_check_in_window(case("classic"), LAST_WORD, friday, None)) == (due, due, closes)
    new_year = instant("2026-12-25T15:00:00-05:00")  # a week later is a holiday, and then a weekend
    assert told(final_check_in_window(case("classic"), LAST_WORD, new_year, None))[1] == "2027-01-04T09:00:00-05:00"


def test_no_other_policy_has_a_last_message() -> None:
    assert [name for name, policy in POLICIES.items() if policy.final_check_in] == ["classic"]


@pytest.mark.parametrize(
    ("end", "hours_24", "hours_48"),
    [
        ("2026-03-07T16:00:00-05:00", "2026-03-08T17:00:00-04:00", "2026-03-09T17:00:00-04:00"),
        ("2026-10-31T16:00:00-04:00", "2026-11-01T15:00:00-05:00", "2026-11-02T15:00:00-05:00"),
    ],
)
def test_the_hours_of_a_thank_you_are_elapsed_time_over_a_change_of_the_clocks(
    end: str, hours_24: str, hours_48: str
) -> None:
    assert thank_you_window(ending(end), None).closes_at.isoformat() == hours_24
    assert thank_you_window(ending(end, policy="capstone"), None).closes_at.isoformat() == hours_48


def test_half_an_hour_at_lord_howe_counts_too() -> None:
    found = told(thank_you_window(ending("2026-10-03T16:00:00+10:30", "Australia/Lord_Howe", country=None), None))
    assert found == ("2026-10-03T17:00:00+10:30", "2026-10-03T17:00:00+10:30", "2026-10-04T16:30:00+11:00")


@pytest.mark.parametrize(
    ("end", "due"),
    [
        ("2026-03-05T09:00:00-05:00", "2026-03-12T09:00:00-04:00"),  # 167 hours
        ("2026-03-05T09:00:01-05:00", "2026-03-13T09:00:00-04:00"),
        ("2026-10-29T09:00:00-04:00", "2026-11-05T09:00:00-05:00"),  # 169 hours
        ("2028-02-22T08:00:00-05:00", "2028-02-29T09:00:00-05:00"),
        ("2026-12-31T23:30:00-05:00", "2027-01-08T09:00:00-05:00"),
    ],
)
def test_the_week_before_a_check_in_is_seven_days_on_the_wall(end: str, due: str) -> None:
    assert check_in_window(ending(end), None, None).due_at.isoformat() == due


def test_the_week_in_which_a_check_in_is_open_is_seven_days_on_the_wall() -> None:
    found = check_in_window(ending("2026-02-23T16:00:00-05:00"), date(2026, 3, 3), None)
    assert told(found)[1:] == ("2026-03-04T09:00:00-05:00", "2026-03-11T09:00:00-04:00")


@pytest.mark.parametrize(
    ("end", "due"),
    [
        ("2026-11-20T06:59:59-05:00", "2026-11-20T09:00:00-05:00"),
        ("2026-11-20T07:00:00-05:00", "2026-11-20T08:00:00-05:00"),
        ("2026-11-20T20:00:00-05:00", "2026-11-20T21:00:00-05:00"),
        ("2026-11-20T20:00:01-05:00", "2026-11-21T09:00:00-05:00"),
        ("2026-12-31T23:30:00-05:00", "2027-01-01T09:00:00-05:00"),
        ("2026-11-26T10:00:00-05:00", "2026-11-26T11:00:00-05:00"),
        ("2026-03-07T23:30:00-05:00", "2026-03-08T09:00:00-04:00"),
    ],
)
def test_a_thank_you_is_due_at_a_civil_hour_of_any_day(end: str, due: str) -> None:
    assert thank_you_window(ending(end), None).due_at.isoformat() == due


def test_an_end_that_is_not_known_is_half_an_hour_or_an_hour_after_the_start() -> None:
    assert case(stage="phone_screen", ends_at=None).end.isoformat() == "2026-11-20T15:30:00-05:00"
    for stage in ("first_round", "panel", "final_round"):
        assert case(stage=stage, ends_at=None).end.isoformat() == "2026-11-20T16:00:00-05:00"


def test_the_day_is_the_local_date_of_the_end() -> None:
    found = ending("2026-11-20T20:30:00Z", "Asia/Tokyo", country="JP")
    assert (found.end.isoformat(), found.day) == ("2026-11-21T05:30:00+09:00", date(2026, 11, 21))
    over_midnight = case("decision-date", starts_at="2026-11-20T23:30:00-05:00", ends_at="2026-11-21T00:30:00-05:00")
    assert thank_you_window(over_midnight, None).due_at.isoformat() == "2026-11-22T09:00:00-05:00"


def test_the_day_of_a_thank_you_ends_at_midnight_also_where_midnight_is_left_out() -> None:
    found = thank_you_window(ending("2018-11-02T16:00:00-03:00", "America/Sao_Paulo", "decision-date", "BR"), None)
    assert told(found) == ("2018-11-03T08:00:00-03:00", "2018-11-03T09:00:00-03:00", "2018-11-04T01:00:00-02:00")


@pytest.mark.parametrize(
    ("decision_by", "stated", "found"),
    [
        (None, None, None),
        ("2026-12-01", None, date(2026, 12, 1)),
        ("2026-12-01", date(2026, 12, 8), date(2026, 12, 8)),
        (None, date(2026, 11, 21), date(2026, 11, 21)),
        (None, date(2026, 11, 20), date(2026, 11, 21)),
        ("2026-11-20", None, date(2026, 11, 21)),
        ("2026-11-19", None, None),
        (None, date(2026, 11, 19), None),
        ("2026-12-01", date(2026, 11, 19), None),
    ],
)
def test_a_decision_date_before_the_interview_counts_as_none_and_one_on_its_day_as_the_next(
    decision_by: str | None, stated: date | None, found: date | None
) -> None:
    assert read_decision_date(case(decision_by=decision_by), stated) == found


@pytest.mark.parametrize(
    ("decision", "due"),
    [
        (date(2026, 11, 25), "2026-11-27T09:00:00-05:00"),  # then comes Thanksgiving
        (date(2026, 12, 4), "2026-12-07T09:00:00-05:00"),  # a Friday
        (date(2026, 12, 31), "2027-01-04T09:00:00-05:00"),
        (date(2028, 2, 28), "2028-02-29T09:00:00-05:00"),
        (date(2026, 3, 7), "2026-03-09T09:00:00-04:00"),
    ],
)
def test_a_check_in_waits_for_the_first_working_morning_after_the_day(decision: date, due: str) -> None:
    assert check_in_window(case(), decision, None).due_at.isoformat() == due


@pytest.mark.parametrize(
    ("at", "due", "closes"),
    [
        ("2026-11-24T07:59:00-05:00", "2026-11-24T09:00:00-05:00", "2026-11-27T18:00:00-05:00"),
        ("2026-11-24T18:00:00-05:00", "2026-11-24T18:00:00-05:00", "2026-11-27T18:00:00-05:00"),
        ("2026-11-24T18:00:01-05:00", "2026-11-25T09:00:00-05:00", "2026-11-27T18:00:00-05:00"),
        ("2026-11-21T12:00:00-05:00", "2026-11-21T12:00:00-05:00", "2026-11-24T18:00:00-05:00"),
        ("2026-12-31T20:00:00-05:00", "2027-01-01T09:00:00-05:00", "2027-01-05T18:00:00-05:00"),
    ],
)
def test_an_offer_is_answered_at_a_civil_hour_of_any_day_within_two_working_days(
    at: str, due: str, closes: str
) -> None:
    assert offered(at) == (at, due, closes)


@pytest.mark.parametrize(
    ("at", "respond_by", "due", "closes"),
    [
        ("2026-11-24T10:00:00-05:00", "2026-11-28", "2026-11-24T10:00:00-05:00", "2026-11-29T00:00:00-05:00"),
        ("2026-11-24T22:00:00-05:00", "2026-11-25", "2026-11-25T09:00:00-05:00", "2026-11-26T00:00:00-05:00"),
        ("2026-11-24T22:00:00-05:00", "2026-11-24", "2026-11-24T22:00:00-05:00", "2026-11-25T00:00:00-05:00"),
        ("2026-11-25T00:30:00-05:00", "2026-11-24", "2026-11-25T09:00:00-05:00", "2026-11-30T18:00:00-05:00"),
        ("2026-11-25T02:00:00Z", "2026-11-24", "2026-11-24T21:00:00-05:00", "2026-11-25T00:00:00-05:00"),
    ],
    ids=["days", "the next day", "too short for the next morning", "over before the offer", "told in UTC"],
)
def test_an_offer_closes_with_the_day_that_the_company_named(at: str, respond_by: str, due: str, closes: str) -> None:
    assert offered(at, respond_by)[1:] == (due, closes)


@pytest.mark.parametrize(
    ("at", "due", "closes"),
    [
        ("2026-11-24T08:59:59-05:00", "2026-11-24T09:00:00-05:00", "2026-12-01T09:00:00-05:00"),
        ("2026-11-24T09:00:00-05:00", "2026-11-25T09:00:00-05:00", "2026-12-02T09:00:00-05:00"),
        ("2026-11-25T10:00:00-05:00", "2026-11-27T09:00:00-05:00", "2026-12-04T09:00:00-05:00"),
        ("2026-11-27T18:00:00-05:00", "2026-11-30T09:00:00-05:00", "2026-12-07T09:00:00-05:00"),
    ],
)
def test_a_rejection_is_answered_on_the_next_working_morning(at: str, due: str, closes: str) -> None:
    assert told(rejection_window(case(), instant(at), 7)) == (at, due, closes)


def test_what_was_told_in_utc_is_read_on_the_clock_of_the_place() -> None:
    evening = ("2026-11-24T20:30:00-05:00", "2026-11-25T09:00:00-05:00", "2026-12-02T09:00:00-05:00")
    assert told(rejection_window(case(), instant("2026-11-25T01:30:00Z"), 7)) == evening
    assert changed("2026-11-25T01:30:00Z") == evening


@pytest.mark.parametrize(
    ("at", "due", "closes"),
    [
        ("2026-11-24T08:00:00-05:00", "2026-11-24T08:00:00-05:00", "2026-12-01T08:00:00-05:00"),
        ("2026-11-24T18:00:00-05:00", "2026-11-24T18:00:00-05:00", "2026-12-01T18:00:00-05:00"),
        ("2026-11-24T07:59:59-05:00", "2026-11-24T09:00:00-05:00", "2026-12-01T09:00:00-05:00"),
        ("2026-11-24T18:00:01-05:00", "2026-11-25T09:00:00-05:00", "2026-12-02T09:00:00-05:00"),
        ("2026-11-21T12:00:00-05:00", "2026-11-23T09:00:00-05:00", "2026-11-30T09:00:00-05:00"),
        ("2026-11-26T12:00:00-05:00", "2026-11-27T09:00:00-05:00", "2026-12-04T09:00:00-05:00"),
    ],
)
def test_news_is_told_at_once_in_working_hours_else_on_the_next_working_morning(at: str, due: str, closes: str) -> None:
    assert changed(at) == (at, due, closes)


@pytest.mark.parametrize(
    ("at", "respond_by", "due", "closes"),
    [
        ("2026-11-24T12:00:00-05:00", "2026-11-25", "2026-11-24T12:00:00-05:00", "2026-11-26T00:00:00-05:00"),
        ("2026-11-21T12:00:00-05:00", "2026-11-22", "2026-11-21T12:00:00-05:00", "2026-11-23T00:00:00-05:00"),
        ("2026-11-21T12:00:00-05:00", "2026-11-20", "2026-11-23T09:00:00-05:00", "2026-11-30T09:00:00-05:00"),
    ],
    ids=["days", "too short for the next working morning", "over before the change"],
)
def test_news_closes_with_the_day_by_which_it_matters(at: str, respond_by: str, due: str, closes: str) -> None:
    assert changed(at, respond_by)[1:] == (due, closes)


@pytest.mark.parametrize(
    ("policy", "not_before", "due", "closes"),
    [
        ("balanced", "2026-11-23T07:00:00-05:00", "2026-11-23T09:00:00-05:00", "2026-11-24T06:00:00-05:00"),
        ("balanced", "2026-11-23T10:00:00-05:00", "2026-11-23T10:00:00-05:00", "2026-11-24T09:00:00-05:00"),
        ("capstone", "2026-11-23T10:00:00-05:00", "2026-11-23T12:00:00-05:00", "2026-11-25T09:00:00-05:00"),
        ("capstone", "2026-11-23T20:00:00-05:00", "2026-11-24T09:00:00-05:00", "2026-11-25T19:00:00-05:00"),
        ("decision-date", "2026-11-23T08:00:00-05:00", "2026-11-23T09:00:00-05:00", "2026-11-24T00:00:00-05:00"),
        ("decision-date", "2026-11-23T12:00:00-05:00", "2026-11-23T12:00:00-05:00", "2026-11-24T04:00:00-05:00"),
    ],
)
def test_a_thank_you_that_must_wait_keeps_the_length_of_its_window(
    policy: str, not_before: str, due: str, closes: str
) -> None:
    found = thank_you_window(case(policy), instant(not_before))
    assert told(found) == (not_before, due, closes)
    assert found.held


@pytest.mark.parametrize(
    ("not_before", "due", "closes"),
    [
        ("2026-12-09T09:00:00-05:00", "2026-12-09T09:00:00-05:00", "2026-12-16T09:00:00-05:00"),
        ("2026-12-09T12:00:00-05:00", "2026-12-10T09:00:00-05:00", "2026-12-17T09:00:00-05:00"),
        ("2026-12-12T03:00:00Z", "2026-12-14T09:00:00-05:00", "2026-12-21T09:00:00-05:00"),
    ],
)
def test_a_check_in_that_must_wait_opens_on_a_working_morning(not_before: str, due: str, closes: str) -> None:
    found = check_in_window(case(), DECISION, instant(not_before))
    assert told(found) == (due, due, closes)
    assert found.held
    assert told(
        final_check_in_window(case("classic"), LAST_WORD, instant("2026-11-27T09:00:00-05:00"), instant(not_before))
    ) == (
        due,
        due,
        closes,
    )


def test_an_instruction_is_read_on_the_clock_of_the_place() -> None:
    auckland = ending("2026-11-20T16:00:00+13:00", "Pacific/Auckland", country="NZ")
    noon_on_the_10th = instant("2026-12-09T23:00:00Z")
    found = check_in_window(auckland, DECISION, noon_on_the_10th)
    assert found.due_at.isoformat() == "2026-12-11T09:00:00+13:00"
    assert thank_you_window(auckland, noon_on_the_10th).opens_at.isoformat() == "2026-12-10T12:00:00+13:00"


def test_news_that_must_wait_is_due_in_working_hours_and_keeps_the_length_of_its_window() -> None:
    thanksgiving = "2026-11-26T10:00:00-05:00"
    found = changed("2026-11-24T10:00:00-05:00", not_before=thanksgiving)
    assert found == (thanksgiving, "2026-11-27T09:00:00-05:00", "2026-12-03T10:00:00-05:00")


def test_an_instruction_to_wait_for_what_comes_later_anyway_moves_nothing() -> None:
    earlier, decided = instant("2026-11-20T17:00:00-05:00"), instant("2026-12-02T09:00:00-05:00")
    for told_to_wait, free in (
        (thank_you_window(case(), earlier), thank_you_window(case(), None)),
        (check_in_window(case(), DECISION, decided), check_in_window(case(), DECISION, None)),
        (check_in_window(case(), None, earlier), check_in_window(case(), None, None)),
    ):
        assert told_to_wait == free
        assert not told_to_wait.held


def test_answers_to_an_offer_or_a_rejection_are_never_held() -> None:
    waits = happened("instruction_given", "2026-11-23T10:00:00-05:00", not_before="2027-01-04T09:00:00-05:00")
    offer = happened("offer_received", "2026-11-24T10:00:00-05:00")
    assert window(step(make_plan(waits, offer), "offer_reply")) == offered("2026-11-24T10:00:00-05:00")
    rejected = happened("rejected", "2026-11-24T10:00:00-05:00")
    found = step(make_plan(waits, rejected), "rejection_reply")
    assert window(found) == told(rejection_window(case(), rejected.occurred_at, 7))


def test_the_latest_instruction_replaces_the_earlier_ones_whole() -> None:
    waits = happened("instruction_given", "2026-11-23T10:00:00-05:00", not_before="2027-01-04T09:00:00-05:00")
    calls = happened("instruction_given", "2026-11-24T10:00:00-05:00", channel="phone")
    plain = step(make_plan(), "check_in")
    both = step(make_plan(waits, calls), "check_in")
    assert (window(both), both.channel) == (window(plain), "phone")
    assert step(make_plan(waits), "check_in").due_at.isoformat() == "2027-01-04T09:00:00-05:00"


@pytest.mark.parametrize(
    ("until", "moved"),
    [
        ("2026-12-03T15:00:00Z", True),
        ("2026-12-02T09:00:00-05:00", True),
        ("2026-12-09T09:00:00-05:00", True),
        ("2026-12-02T08:59:59-05:00", False),
        ("2026-12-09T09:00:01-05:00", False),
    ],
)
def test_a_snooze_moves_the_due_instant_alone_and_only_within_the_window(until: str, *, moved: bool) -> None:
    plain = step(make_plan(decision_by="2026-12-01"), "check_in")
    snooze = happened("follow_up_snoozed", "2026-12-02T09:30:00-05:00", key="check_in", until=until)
    found = step(make_plan(snooze, decision_by="2026-12-01"), "check_in")
    assert (found.opens_at, found.closes_at) == (plain.opens_at, plain.closes_at)
    assert found.due_at == (instant(until) if moved else plain.due_at)
    assert found.due_at.utcoffset() == plain.due_at.utcoffset()


def test_a_snooze_that_no_longer_fits_after_a_change_does_nothing() -> None:
    snooze = happened(
        "follow_up_snoozed", "2026-11-30T10:00:00-05:00", key="check_in", until="2026-12-01T10:00:00-05:00"
    )
    assert step(make_plan(snooze), "check_in").due_at.isoformat() == "2026-12-01T10:00:00-05:00"
    named = happened("decision_date_stated", "2026-11-30T11:00:00-05:00", decision_by="2026-12-10")
    assert step(make_plan(snooze, named), "check_in").due_at.isoformat() == "2026-12-11T09:00:00-05:00"


def test_a_thank_you_of_the_next_day_has_a_window_also_where_the_zone_jumps_over_that_day() -> None:
    thursday = ending("2011-12-29T16:00:00-10:00", "Pacific/Apia", "decision-date", None)
    found = thank_you_window(thursday, None)
    assert found.opens_at <= found.due_at <= found.closes_at
    assert told(found) == ("2011-12-31T08:00:00+14:00", "2011-12-31T09:00:00+14:00", "2012-01-01T00:00:00+14:00")
