"""What holds of every plan: any interview, whatever happened, under every policy, at any instant."""

import os
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta
from datetime import time as clock
from functools import cache
from itertools import groupby

from holidays import HolidayBase, country_holidays
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from app.rules.catalogue import RULES
from app.rules.facts import Event, Interview
from app.rules.plans import FollowUp, Plan
from tests.rules.generated import SETTLING, Situation, events, instants_near, keep_ties, situations
from tests.rules.situations import case, happened, window

EVENTS: TypeAdapter[list[Event]] = TypeAdapter(list[Event])
CHECK_INS = ("check_in", "final_check_in")
COUNTED = (*CHECK_INS, "thank_you")
OPEN = ("planned", "due")
SETTLED = ("sent", "skipped")
SATURDAY = 5


def in_order(situation: Situation) -> list[Event]:
    """The events as they happened."""
    return sorted(situation.events, key=lambda event: event.occurred_at)


def read_decision_date(situation: Situation) -> date | None:
    """The date D, read from the facts as section 8 says."""
    told = [event.decision_by for event in in_order(situation) if event.type == "decision_date_stated"]
    named = told[-1] if told else situation.interview.decision_by
    ended = local_day_of_the_end(situation)
    return None if named is None or named < ended else max(named, ended + timedelta(days=1))


def local_day_of_the_end(situation: Situation) -> date:
    return case(**dict(situation.interview)).day


def settled_positions(situation: Situation) -> dict[str, tuple[str, int]]:
    """How and when each key was settled first."""
    found: dict[str, tuple[str, int]] = {}
    for position, event in enumerate(in_order(situation)):
        if event.type in ("follow_up_sent", "follow_up_skipped"):
            found.setdefault(event.key, (event.type, position))
    return found


def last_answer(situation: Situation) -> int:
    """The position of the last event that answers the messages before it, else -1."""
    sent = [
        position
        for key, (what, position) in settled_positions(situation).items()
        if what == "follow_up_sent" and "check_in" in key
    ]
    answered = -1
    for position, event in enumerate(in_order(situation)):
        replied = event.type == "reply_received" and not event.acknowledgement
        named = event.type == "decision_date_stated" and any(position > check_in for check_in in sent)
        answered = position if replied or named else answered
    return answered


def is_worked(interview: Interview, day: date) -> bool:
    """What the calendar itself says of a day."""
    if interview.country is None:
        return day.weekday() < SATURDAY
    known = holidays_of(interview.country, interview.subdivision, day.year)
    return day.weekday() != SATURDAY and not known.is_weekend(day) and day not in known


@cache
def holidays_of(country: str, subdivision: str | None, year: int) -> HolidayBase:
    return country_holidays(country, subdiv=subdivision, years=year)


def touch(step: FollowUp) -> str:
    """The message that a follow-up is part of: a panel is thanked once."""
    return "thank_you" if step.kind == "thank_you" else step.key


def is_second(step: FollowUp) -> bool:
    """Whether this is the card that goes out besides an email."""
    return step.key.count("/") == 2


def settled_in(found: Plan) -> dict[str, FollowUp]:
    return {step.key: step for step in found.follow_ups if step.state in SETTLED}


@contextmanager
def process_zone(name: str) -> Iterator[None]:
    """The whole process in another time zone."""
    before = os.environ.get("TZ")
    os.environ["TZ"] = name
    time.tzset()
    try:
        yield
    finally:
        if before is None:
            del os.environ["TZ"]
        else:
            os.environ["TZ"] = before
        time.tzset()


@given(situations())
def test_a_window_opens_before_it_is_due_and_closes_after(situation: Situation) -> None:
    for step in situation.plan().follow_ups:
        assert step.opens_at <= step.due_at <= step.closes_at, step


@given(situations())
def test_no_check_in_falls_on_or_before_the_stated_date(situation: Situation) -> None:
    decision = read_decision_date(situation)
    for step in situation.at(max(situation.as_of, situation.last)).plan().follow_ups:
        if step.kind in CHECK_INS and step.state in OPEN and decision is not None:
            assert step.opens_at.date() > decision, step
            assert step.due_at.date() > decision, step


@given(situations())
def test_no_more_messages_are_asked_for_than_the_limit_leaves(situation: Situation) -> None:
    found, answered, settled = situation.plan(), last_answer(situation), settled_positions(situation)
    counted = [step for step in found.follow_ups if step.kind in COUNTED]
    used = {touch(step) for step in counted if step.state == "sent" and settled[step.key][1] > answered}
    asked = {touch(step) for step in counted if step.state in OPEN}
    assert len(used | asked) <= max(situation.policy.limit.messages, len(used))


@given(situations(), situations(most=2))
def test_a_plan_is_the_same_twice_and_after_others_and_in_a_thread(situation: Situation, other: Situation) -> None:
    found = situation.plan()
    assert situation.plan() == found
    other.plan()
    with ThreadPoolExecutor(2) as threads:
        beside, again = threads.submit(other.plan), threads.submit(situation.plan)
        assert again.result() == found
        assert beside.result() == other.plan()


@given(situations(), st.sampled_from(["Pacific/Apia", "America/New_York", "Asia/Kathmandu"]))
def test_a_plan_does_not_read_the_zone_of_the_process(situation: Situation, zone: str) -> None:
    found = situation.plan()
    with process_zone(zone):
        assert situation.plan() == found


@given(situations())
def test_a_plan_leaves_its_arguments_as_they_were(situation: Situation) -> None:
    before = situation.interview.model_dump_json(), EVENTS.dump_json(list(situation.events))
    situation.plan()
    assert (situation.interview.model_dump_json(), EVENTS.dump_json(list(situation.events))) == before


@given(situations())
def test_events_that_were_stored_and_read_again_give_the_same_plan(situation: Situation) -> None:
    stored = EVENTS.validate_json(EVENTS.dump_json(list(situation.events)))
    read = Interview.model_validate_json(situation.interview.model_dump_json())
    assert replace(situation, interview=read, events=tuple(stored)).plan() == situation.plan()


@given(situations(most=8), st.data())
def test_the_order_in_which_events_are_told_does_not_matter(situation: Situation, data: st.DataObject) -> None:
    order = data.draw(st.permutations(range(len(situation.events))))
    shuffled = keep_ties(situation.events, order)
    assert replace(situation, events=tuple(shuffled)).plan() == situation.plan()


@given(situations())
def test_every_key_stands_once_and_begins_with_its_kind(situation: Situation) -> None:
    found = situation.plan().follow_ups
    assert len({step.key for step in found}) == len(found)
    assert all(step.key.split("/")[0] == step.kind for step in found)


@given(situations(most=0))
def test_everybody_who_is_to_be_thanked_is_thanked_once(situation: Situation) -> None:
    panel = situation.interview.interviewers
    recruiters = [person for person in panel if person.role == "recruiter"]
    thanked = recruiters if recruiters and situation.interview.stage == "phone_screen" else panel
    thanks = [step for step in situation.plan().follow_ups if step.kind == "thank_you"]
    emails = [step.recipient for step in thanks if not is_second(step)]
    assert [recipient and recipient.name for recipient in emails] == [person.name for person in thanked]


@given(situations())
def test_follow_ups_stand_in_the_order_of_due_instant_kind_and_interviewer(situation: Situation) -> None:
    found = situation.plan().follow_ups
    assert list(found) == sorted(found, key=lambda step: (step.due_at, step.kind))
    for _, together in groupby(found, key=lambda step: (step.due_at, step.kind)):
        emails = [step for step in together if step.kind == "thank_you" and not is_second(step)]
        panel = iter([person.name for person in situation.interview.interviewers])
        assert all(step.recipient and step.recipient.name in panel for step in emails)


@given(situations())
def test_the_next_due_instant_is_the_earliest_that_is_planned(situation: Situation) -> None:
    found = situation.plan()
    assert found.next_due_at == min((step.due_at for step in found.follow_ups if step.state == "planned"), default=None)


@given(situations())
def test_a_check_in_falls_on_a_working_morning_unless_it_was_put_off(situation: Situation) -> None:
    put_off = {event.key for event in situation.events if event.type == "follow_up_snoozed"}
    for step in situation.plan().follow_ups:
        if step.kind in CHECK_INS and step.state not in SETTLED:
            assert step.opens_at.time() == clock(9), step
            assert is_worked(situation.interview, step.opens_at.date()), step
            assert step.due_at == step.opens_at or step.key in put_off, step


@given(situations())
def test_a_state_follows_from_the_window_and_the_instant_alone(situation: Situation) -> None:
    settled = settled_positions(situation)
    for step in situation.plan().follow_ups:
        if step.key in settled:
            assert f"follow_up_{step.state}" == settled[step.key][0]
            assert step.cancelled_because is None
        elif step.cancelled_because:
            assert step.state == "cancelled"
        else:
            passed = (situation.as_of >= step.due_at) + (situation.as_of >= step.closes_at)
            assert step.state == ("planned", "due", "missed")[passed]


@given(situations(), st.data())
def test_another_instant_changes_states_and_advice_and_nothing_else(situation: Situation, data: st.DataObject) -> None:
    found = situation.plan()
    later = situation.at(data.draw(instants_near(found))).plan()
    assert [replace(step, state="due") for step in later.follow_ups] == [
        replace(step, state="due") for step in found.follow_ups
    ]
    assert (later.policy, later.timezone) == (found.policy, found.timezone)


@given(situations())
def test_everything_that_was_sent_or_skipped_is_in_the_plan(situation: Situation) -> None:
    states = {step.key: step.state for step in situation.plan().follow_ups}
    for key, (what, _) in settled_positions(situation).items():
        assert what == f"follow_up_{states[key]}"


@given(situations(), st.data())
def test_what_was_sent_stays_sent_whatever_is_told_later(situation: Situation, data: st.DataObject) -> None:
    before = situation.plan()
    event = data.draw(events(before))
    after = settled_in(situation.told(event).plan())
    # Somebody may only correct how one of them ended, by an event that lies before the one that said so.
    corrected = event.key if event.type in SETTLING else None  # type: ignore[union-attr]  # these two have a key
    for key, step in settled_in(before).items():
        assert after[key].state == step.state or key == corrected


@given(situations(), st.data())
def test_what_happens_later_changes_nothing_about_what_was_sent(situation: Situation, data: st.DataObject) -> None:
    before = situation.plan()
    after = settled_in(situation.told(data.draw(events(before, earliest=situation.last))).plan())
    for key, step in settled_in(before).items():
        assert (window(after[key]), after[key].recipient, after[key].channel, after[key].why) == (
            window(step),
            step.recipient,
            step.channel,
            step.why,
        )


@given(situations())
def test_every_rule_that_is_cited_is_in_the_catalogue(situation: Situation) -> None:
    found = situation.plan()
    assert all(RULES[rule.id] is rule for step in found.follow_ups for rule in step.rules)
    assert all(RULES[advice.rule].text == advice.text for advice in found.advice)


@given(situations())
def test_no_follow_up_cites_a_rule_twice(situation: Situation) -> None:
    for step in situation.plan().follow_ups:
        assert len({rule.id for rule in step.rules}) == len(step.rules), step


@given(situations(), st.data())
def test_a_withdrawal_cancels_all_that_is_not_settled_and_closes_later(
    situation: Situation, data: st.DataObject
) -> None:
    at = data.draw(instants_near(situation.plan()))
    found = situation.told(happened("withdrawn", at.isoformat())).plan()
    for step in found.follow_ups:
        if step.state not in SETTLED and step.closes_at > at:
            assert step.cancelled_because is not None, step


@given(situations())
def test_every_reason_is_one_sentence(situation: Situation) -> None:
    for step in situation.plan().follow_ups:
        said = step.why.replace(situation.interview.company, "Northwind")
        assert said[0].isupper(), said
        assert said.endswith("."), said
        assert "." not in said[:-1], said


@given(situations())
def test_every_instant_carries_the_offset_of_the_interviews_zone(situation: Situation) -> None:
    here = case(**dict(situation.interview)).place
    for step in situation.plan().follow_ups:
        for instant in (step.opens_at, step.due_at, step.closes_at):
            assert instant.isoformat() == here.local(instant).isoformat()
