"""Every date has a reason: one plain sentence that a person can read aloud, and that is true."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from app.rules.clauses import FinalCheckIn, Limit
from app.rules.facts import Event
from app.rules.plans import Plan
from app.rules.policy import BUILT_IN
from tests.rules.situations import POLICIES, happened, make_plan, step

THANKS = "thank_you/ada-park"
LATE = "2026-11-24T20:00:00-05:00"
WAIT = happened("instruction_given", "2026-11-20T17:00:00-05:00", not_before="2027-01-04T12:00:00-05:00")


def news(change: str, at: str = LATE) -> Event:
    return happened("situation_changed", at, change=change)


def why(key: str, *events: Event, policy: str = "balanced", **changes: Any) -> str:
    return step(make_plan(*events, policy=policy, **changes), key).why


def ending(end: str) -> dict[str, str]:
    return {"starts_at": end, "ends_at": end}


def test_the_sentence_of_a_check_in_after_a_stated_date() -> None:
    assert why("check_in", decision_by="2026-12-01") == (
        "Northwind said it would decide by 1 December; "
        "the first working morning after that is Wednesday the 2nd at 09:00 in New York."
    )
    assert why("check_in", decision_by="2026-12-01", policy="decision-date") == (
        "Northwind said it would decide by 1 December; "
        "the first working morning a week after that is Tuesday the 8th at 09:00 in New York."
    )


def test_a_date_that_was_stated_later_is_the_one_that_is_named() -> None:
    stated = happened("decision_date_stated", LATE, decision_by="2026-12-30")
    assert why("check_in", stated, decision_by="2026-12-01") == (
        "Northwind said it would decide by 30 December; "
        "the first working morning after that is Thursday the 31st at 09:00 in New York."
    )


@pytest.mark.parametrize(
    ("decision_by", "said", "due"),
    [
        ("2026-11-30", "30 November", "Tuesday 1 December at 09:00"),
        ("2026-12-31", "31 December", "Monday 4 January 2027 at 09:00"),
        ("2027-01-14", "14 January 2027", "Friday the 15th at 09:00"),
        ("2027-12-23", "23 December 2027", "Monday the 27th at 09:00"),
        ("2028-02-28", "28 February 2028", "Tuesday the 29th at 09:00"),
    ],
)
def test_a_month_and_a_year_are_named_where_they_change(decision_by: str, said: str, due: str) -> None:
    assert why("check_in", decision_by=decision_by) == (
        f"Northwind said it would decide by {said}; the first working morning after that is {due} in New York."
    )


@pytest.mark.parametrize(
    ("decision_by", "ordinal"),
    [
        ("2026-11-30", "1 December"),
        ("2026-12-02", "the 3rd"),
        ("2026-12-03", "the 4th"),
        ("2026-12-10", "the 11th"),
        ("2027-01-11", "the 12th"),
        ("2027-01-12", "the 13th"),
        ("2026-12-20", "the 21st"),
        ("2026-12-21", "the 22nd"),
        ("2026-12-22", "the 23rd"),
        ("2026-12-23", "the 24th"),
    ],
)
def test_days_are_counted_as_people_count_them(decision_by: str, ordinal: str) -> None:
    assert f" {ordinal} at 09:00" in why("check_in", decision_by=decision_by)


def test_the_sentence_of_a_check_in_without_a_date() -> None:
    assert why("check_in") == (
        "No decision date is known; "
        "the first working morning a week after the interview is Monday the 30th at 09:00 in New York."
    )


def test_the_sentence_of_a_thank_you() -> None:
    assert why(THANKS) == (
        "The interview ended on Friday 20 November at 16:00; "
        "an hour to collect your thoughts makes it 17:00 in New York."
    )
    assert why(THANKS, policy="capstone") == (
        "The interview ended on Friday 20 November at 16:00; "
        "3 hours to collect your thoughts makes it 19:00 in New York."
    )
    assert why(THANKS, policy="decision-date") == (
        "The interview was on Friday 20 November, "
        "and this policy thanks on the next day: Saturday the 21st at 09:00 in New York."
    )


@pytest.mark.parametrize(
    ("end", "ended", "morning"),
    [
        ("2026-11-20T22:15:00-05:00", "Friday 20 November at 22:15", "Saturday the 21st at 09:00"),
        ("2026-11-30T22:15:00-05:00", "Monday 30 November at 22:15", "Tuesday 1 December at 09:00"),
        ("2026-12-31T23:30:00-05:00", "Thursday 31 December at 23:30", "Friday 1 January 2027 at 09:00"),
    ],
)
def test_the_sentence_of_a_thank_you_that_waits_for_the_morning(end: str, ended: str, morning: str) -> None:
    assert why(THANKS, **ending(end)) == (
        f"The interview ended on {ended}, which leaves no good hour that day; "
        f"the next morning is {morning} in New York."
    )


def test_the_sentence_of_a_last_message() -> None:
    assert why("final_check_in", policy="classic") == (
        "The check-in falls on Friday 27 November; "
        "the first working morning a week later is Friday 4 December at 09:00 in New York."
    )
    assert why("final_check_in", policy="classic", decision_by="2026-12-24") == (
        "The check-in falls on Monday 28 December; "
        "the first working morning a week later is Monday 4 January 2027 at 09:00 in New York."
    )


def test_the_sentence_of_an_answer_to_an_offer() -> None:
    assert why("offer_reply", happened("offer_received", LATE)) == (
        "Northwind made an offer on Tuesday 24 November at 20:00; "
        "the first good hour to answer is Wednesday the 25th at 09:00 in New York."
    )
    until = happened("offer_received", "2026-12-31T10:00:00-05:00", respond_by="2027-01-08")
    assert why("offer_reply", until) == (
        "Northwind made an offer on Thursday 31 December at 10:00 and wants an answer by 8 January 2027; "
        "there is no reason to wait, so answer from Thursday the 31st at 10:00 in New York on."
    )
    over = happened("offer_received", LATE, respond_by="2026-11-23")
    assert "wants an answer" not in why("offer_reply", over)


def test_the_sentence_of_an_answer_to_a_rejection() -> None:
    assert why("rejection_reply", happened("rejected", LATE)) == (
        "Northwind said no on Tuesday 24 November; "
        "answer it on the next working morning, Wednesday the 25th at 09:00 in New York."
    )
    assert why("feedback_request", happened("rejected", "2026-12-31T10:00:00-05:00", went_well=True)) == (
        "Northwind said no on Thursday 31 December; the interview went well, "
        "so ask for feedback on the next working morning, Monday 4 January 2027 at 09:00 in New York."
    )


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ("competing_offer", "Another offer"),
        ("publication", "A publication"),
        ("patent", "A patent"),
        ("other", "A change in your situation"),
    ],
)
def test_the_sentence_of_news(change: str, what: str) -> None:
    assert why("situation_update", news(change)) == (
        f"{what} is news that Northwind should have before it decides: "
        "tell them Wednesday the 25th at 09:00 in New York."
    )


@pytest.mark.parametrize("key", [THANKS, "check_in", "situation_update"])
def test_the_sentence_of_what_the_company_wants_later(key: str) -> None:
    found = why(key, WAIT, news("patent"), policy="classic")
    assert found.startswith("Northwind asked to hear nothing earlier; the first good moment after that is ")
    assert re.search(r"(Monday 4|Tuesday 5) January 2027 at \d\d:\d\d in New York\.$", found)


def test_a_month_that_is_the_same_of_another_year_is_named_with_its_year() -> None:
    wait = happened("instruction_given", "2026-11-20T17:00:00-05:00", not_before="2027-11-22T08:30:00-05:00")
    assert why("check_in", wait).endswith(" after that is Monday 22 November 2027 at 09:00 in New York.")


def test_the_sentence_of_what_was_put_off() -> None:
    snooze = happened("follow_up_snoozed", "2026-11-30T10:00:00-05:00", key="check_in", until="2026-12-03T19:30:00Z")
    assert why("check_in", snooze) == "You put this off until Thursday 3 December at 14:30 in New York."


@pytest.mark.parametrize(
    ("event", "key", "sentence"),
    [
        (happened("reply_received", LATE), "check_in", "Northwind replied, so there is nothing left to check on."),
        (
            happened("next_round_scheduled", LATE),
            "check_in",
            "The next round is arranged, so there is nothing left to check on.",
        ),
        (
            happened("instruction_given", LATE, no_contact=True),
            "check_in",
            "Northwind asked you not to write, so this check-in stays unsent.",
        ),
        (happened("offer_received", LATE), "check_in", "Northwind made an offer, which is what to answer now."),
        (happened("rejected", LATE), "check_in", "Northwind said no, which is what to answer now."),
        (happened("withdrawn", LATE), "check_in", "You withdrew, so nothing more is sent."),
        (
            happened("interview_cancelled", LATE),
            "check_in",
            "The interview was cancelled, so there is nothing to follow up.",
        ),
    ],
    ids=lambda value: value.type if not isinstance(value, str) else "",
)
def test_the_sentence_of_what_is_cancelled(event: Event, key: str, sentence: str) -> None:
    assert why(key, event) == sentence


def test_the_sentence_of_what_the_limit_forbids() -> None:
    for messages, said in ((1, "1 unanswered message"), (2, "2 unanswered messages")):
        limit = Limit(rule="limit.messages", messages=messages)
        found = make_plan(policy=POLICIES["classic"].model_copy(update={"limit": limit}))
        assert step(found, "final_check_in").why == f"This policy allows {said} and no more."


def test_the_sentence_of_what_nothing_asks_for_any_more() -> None:
    stray = {"key": "thank_you/somebody-else"}
    assert why(stray["key"], happened("follow_up_sent", LATE, **stray)) == "It was sent before the facts changed."
    skipped = happened("follow_up_skipped", LATE, **stray)
    assert why(stray["key"], skipped) == "It was skipped before the facts changed."


@pytest.mark.parametrize(
    ("timezone", "place"),
    [
        ("UTC", " UTC."),
        ("America/Argentina/Buenos_Aires", " in Buenos Aires."),
        ("America/North_Dakota/New_Salem", " in New Salem."),
        ("America/Port-au-Prince", " in Port-au-Prince."),
        ("Asia/Kathmandu", " in Kathmandu."),
    ],
)
def test_a_sentence_names_the_city_of_the_zone(timezone: str, place: str) -> None:
    assert why("check_in", timezone=timezone).endswith(f" at 09:00{place}")


def reasons_of(company: str, **changes: Any) -> Iterator[tuple[str, str]]:
    """Every kind of reason, under every policy, with its follow-up."""
    histories: list[tuple[Event, ...]] = [
        (),
        (happened("reply_received", LATE),),
        (happened("next_round_scheduled", LATE),),
        (happened("instruction_given", LATE, no_contact=True),),
        (WAIT, news("patent")),
        (news("competing_offer"), news("other")),
        (happened("offer_received", LATE),),
        (happened("offer_received", LATE, respond_by="2027-01-08"),),
        (happened("rejected", LATE),),
        (happened("rejected", LATE, went_well=True),),
        (happened("withdrawn", LATE),),
        (happened("interview_cancelled", "2026-11-19T10:00:00-05:00"),),
        (happened("follow_up_sent", LATE, key="thank_you/somebody-else"),),
    ]
    for policy in BUILT_IN:
        for history in histories:
            found: Plan = make_plan(*history, policy=policy, company=company, **changes)
            yield from ((f"{policy}: {step.key}", step.why) for step in found.follow_ups)


@pytest.mark.parametrize(
    "company", ["Northwind", "Acme Inc.", "{curly} %s", "{company}", "%(name)s", "Müller & Söhne", "\\1"]
)
@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"decision_by": "2026-12-31"},
        {"timezone": "UTC", "country": None, "subdivision": None},
        {"timezone": "America/Argentina/Buenos_Aires", "country": "AR", "subdivision": None},
        ending("2026-12-31T23:30:00-05:00"),
    ],
    ids=["as it is", "over the year's end", "UTC", "Buenos Aires", "on New Year's Eve"],
)
def test_every_reason_is_one_sentence_with_a_capital_and_a_full_stop(company: str, changes: dict[str, str]) -> None:
    for whose, reason in reasons_of(company, **changes):
        said = reason.replace(company, "Northwind")
        assert re.fullmatch(r"[A-Z][^.\n{}%]*\.", said), f"{whose}: {reason}"
        assert "  " not in said, f"{whose}: {reason}"


def test_the_name_of_a_company_stands_as_it_was_given() -> None:
    reply = happened("reply_received", LATE)
    assert why("check_in", reply, company="{curly} %s") == "{curly} %s replied, so there is nothing left to check on."
    assert why("check_in", company="{limit}", decision_by="2026-12-01").startswith("{limit} said it would decide by ")


def test_the_sentence_of_a_thank_you_after_a_night_does_not_call_the_same_day_the_next() -> None:
    found = why(THANKS, **ending("2026-11-20T05:30:00-05:00"))
    assert step(make_plan(**ending("2026-11-20T05:30:00-05:00")), THANKS).due_at.day == 20
    assert "leaves no good hour that day" not in found
    assert "the next morning" not in found


def test_the_company_is_not_said_to_have_named_another_day_than_it_did() -> None:
    assert "Northwind said it would decide by 21 November" not in why("check_in", decision_by="2026-11-20")


def test_the_sentence_of_a_last_message_counts_the_days_of_its_policy() -> None:
    later = FinalCheckIn(rule="timing.final_check_in", days_after_check_in=14, open_days=7)
    found = make_plan(policy=POLICIES["classic"].model_copy(update={"final_check_in": later}))
    assert step(found, "final_check_in").why == (
        "The check-in falls on Friday 27 November; "
        "the first working morning 14 days later is Friday 11 December at 09:00 in New York."
    )
