"""What no longer applies is cancelled with its reason; what was sent or skipped stays, and the limit holds."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from app.rules.clauses import Limit
from app.rules.facts import Event
from app.rules.plans import Plan
from app.rules.policy import Policy
from tests.rules.situations import ADA, BEN, CLEO, LATER, POLICIES, happened, keys, make_plan, step, window

THANKS = "thank_you/ada-park"
CHANGED = happened("situation_changed", "2026-11-20T16:30:00-05:00", change="patent")
OFFERED = happened("offer_received", "2026-11-20T17:30:00-05:00")
REJECTED = happened("rejected", "2026-11-20T17:30:00-05:00")
LATE = "2026-11-20T18:00:00-05:00"
"""An hour at which every window above is still open."""
NAMED = "2026-12-10"


def cancelled(found: Plan) -> dict[str, str]:
    """Why each cancelled follow-up of a plan is cancelled."""
    return {step.key: step.cancelled_because for step in found.follow_ups if step.cancelled_because}


def sent(key: str, at: str) -> Event:
    return happened("follow_up_sent", at, key=key)


def skipped(key: str, at: str) -> Event:
    return happened("follow_up_skipped", at, key=key)


def stated(at: str, decision_by: str = NAMED) -> Event:
    return happened("decision_date_stated", at, decision_by=decision_by)


def replied(at: str, *, acknowledgement: bool = False) -> Event:
    return happened("reply_received", at, acknowledgement=acknowledgement)


def allowing(messages: int, policy: str = "balanced") -> Policy:
    """A policy with another limit."""
    return POLICIES[policy].model_copy(update={"limit": Limit(rule="limit.messages", messages=messages)})


@pytest.mark.parametrize(
    ("event", "reason"),
    [
        (replied(LATE), "replied"),
        (happened("next_round_scheduled", LATE), "superseded"),
        (happened("instruction_given", LATE, no_contact=True), "instructed"),
    ],
    ids=["a reply", "a next round", "an instruction"],
)
def test_check_ins_alone_are_cancelled_by(event: Event, reason: str) -> None:
    found = make_plan(CHANGED, event, policy="classic")
    assert cancelled(found) == {"check_in": reason, "final_check_in": reason}
    assert {THANKS, "situation_update"} < set(keys(found))


@pytest.mark.parametrize(
    "event",
    [
        replied(LATE, acknowledgement=True),
        happened("instruction_given", LATE),
        happened("instruction_given", LATE, channel="phone", not_before="2026-12-01T09:00:00-05:00"),
        stated(LATE),
        sent(THANKS, LATE),
        skipped(THANKS, LATE),
    ],
    ids=["an acknowledgement", "an empty instruction", "a wish", "a date", "a thank-you sent", "a thank-you skipped"],
)
def test_nothing_is_cancelled_by(event: Event) -> None:
    assert cancelled(make_plan(CHANGED, event, policy="classic")) == {}


def test_an_offer_cancels_check_ins_and_news_and_answers_to_a_rejection() -> None:
    found = make_plan(CHANGED, REJECTED, happened("offer_received", LATE))
    assert cancelled(found) == {
        THANKS: "rejected",
        "situation_update": "rejected",
        "check_in": "rejected",
        "rejection_reply": "offer",
    }
    assert cancelled(make_plan(CHANGED, OFFERED)) == {"situation_update": "offer", "check_in": "offer"}
    well = happened("rejected", "2026-11-20T17:30:00-05:00", went_well=True)
    assert cancelled(make_plan(well, happened("offer_received", LATE)))["feedback_request"] == "offer"


def test_a_rejection_cancels_thank_yous_check_ins_news_and_the_answer_to_an_offer() -> None:
    found = make_plan(CHANGED, OFFERED, happened("rejected", LATE), policy="classic")
    assert cancelled(found) == {
        THANKS: "rejected",
        "situation_update": "offer",
        "check_in": "offer",
        "final_check_in": "offer",
        "offer_reply": "rejected",
    }
    assert step(found, "rejection_reply").state == "planned"


@pytest.mark.parametrize(
    ("what", "reason"), [("withdrawn", "withdrawn"), ("interview_cancelled", "interview_cancelled")]
)
def test_everything_is_cancelled_by(what: str, reason: str) -> None:
    event = happened(what, LATE)
    assert set(cancelled(make_plan(CHANGED, event, policy="classic")).values()) == {reason}
    assert cancelled(make_plan(OFFERED, event))["offer_reply"] == reason
    assert cancelled(make_plan(REJECTED, event))["rejection_reply"] == reason
    assert cancelled(make_plan(happened("rejected", LATE, went_well=True), event))["feedback_request"] == reason


def test_an_offer_after_a_withdrawal_asks_for_no_answer() -> None:
    found = make_plan(happened("withdrawn", "2026-11-20T17:00:00-05:00"), happened("offer_received", LATE))
    assert cancelled(found)["offer_reply"] == "withdrawn"


def test_the_answer_to_news_is_not_cancelled_by_what_came_before_it() -> None:
    after_rejection = make_plan(REJECTED, happened("offer_received", LATE))
    assert step(after_rejection, "offer_reply").state == "planned"
    after_offer = make_plan(OFFERED, happened("rejected", LATE))
    assert step(after_offer, "rejection_reply").state == "planned"


def test_news_after_an_offer_or_a_rejection_is_not_told() -> None:
    for known, reason in ((OFFERED, "offer"), (REJECTED, "rejected")):
        found = make_plan(known, happened("situation_changed", LATE, change="publication"))
        assert cancelled(found)["situation_update"] == reason


def test_only_what_happened_before_a_window_closed_cancels() -> None:
    in_time = happened("rejected", "2026-11-21T15:59:59-05:00")
    too_late = happened("rejected", "2026-11-21T16:00:00-05:00")
    assert step(make_plan(in_time, as_of=LATER), THANKS).cancelled_because == "rejected"
    missed = step(make_plan(too_late, as_of=LATER), THANKS)
    assert (missed.state, missed.cancelled_because) == ("missed", None)


def test_the_earliest_event_gives_the_reason_whatever_the_order_of_telling() -> None:
    reply, offer = replied("2026-11-23T10:00:00-05:00"), happened("offer_received", "2026-11-24T10:00:00-05:00")
    for events in ((reply, offer), (offer, reply)):
        assert step(make_plan(*events), "check_in").cancelled_because == "replied"
    offer_first = happened("offer_received", "2026-11-22T10:00:00-05:00")
    assert step(make_plan(reply, offer_first), "check_in").cancelled_because == "offer"


def test_of_two_events_of_one_instant_the_one_listed_first_gives_the_reason() -> None:
    reply, next_round = replied(LATE), happened("next_round_scheduled", LATE)
    assert step(make_plan(reply, next_round), "check_in").cancelled_because == "replied"
    assert step(make_plan(next_round, reply), "check_in").cancelled_because == "superseded"


def test_what_was_sent_or_skipped_stays_so() -> None:
    events = (
        sent(THANKS, "2026-11-20T17:05:00-05:00"),
        skipped("check_in", "2026-11-20T17:06:00-05:00"),
        happened("withdrawn", LATE),
    )
    found = make_plan(*events, policy="classic")
    assert (step(found, THANKS).state, step(found, "check_in").state) == ("sent", "skipped")
    assert cancelled(found) == {"final_check_in": "withdrawn"}


def test_a_ban_counts_from_when_it_was_first_given_until_it_is_lifted() -> None:
    ban = happened("instruction_given", "2026-11-23T10:00:00-05:00", no_contact=True)
    reply = replied("2026-11-24T10:00:00-05:00")
    again = happened("instruction_given", "2026-11-25T10:00:00-05:00", no_contact=True)
    lifted = happened("instruction_given", "2026-11-26T10:00:00-05:00")
    assert cancelled(make_plan(ban, reply, again)) == {"check_in": "instructed"}
    assert cancelled(make_plan(ban, reply, again, lifted)) == {"check_in": "replied"}
    assert cancelled(make_plan(ban, lifted)) == {}
    banned_anew = happened("instruction_given", "2026-11-27T10:00:00-05:00", no_contact=True)
    assert cancelled(make_plan(ban, lifted, banned_anew)) == {"check_in": "instructed"}


def test_a_date_stated_with_or_after_a_reply_plans_the_cancelled_check_in_again() -> None:
    reply = replied("2026-11-23T10:00:00-05:00")
    for at in ("2026-11-23T10:00:00-05:00", "2026-11-25T10:00:00-05:00"):
        for events in ((reply, stated(at)), (stated(at), reply)):
            check_in = step(make_plan(*events), "check_in")
            assert (check_in.state, check_in.due_at.isoformat()) == ("planned", "2026-12-11T09:00:00-05:00")


def test_a_reply_after_the_stated_date_was_named_cancels() -> None:
    named, reply = stated("2026-11-23T10:00:00-05:00"), replied("2026-11-24T10:00:00-05:00")
    assert cancelled(make_plan(named, reply)) == {"check_in": "replied"}
    assert cancelled(make_plan(reply, decision_by=NAMED)) == {"check_in": "replied"}


def test_a_date_before_the_interview_plans_nothing_again() -> None:
    events = (replied("2026-11-23T10:00:00-05:00"), stated("2026-11-23T10:00:00-05:00", "2026-11-19"))
    assert cancelled(make_plan(*events)) == {"check_in": "replied"}


def test_a_date_brings_no_last_message_back() -> None:
    events = (replied("2026-11-23T10:00:00-05:00"), stated("2026-11-23T10:00:00-05:00"))
    assert cancelled(make_plan(*events, policy="classic")) == {"final_check_in": "replied"}


@pytest.mark.parametrize("settle", [sent, skipped])
def test_a_date_stated_after_a_settled_check_in_plans_one_more_under_the_next_key(
    settle: Callable[[str, str], Event],
) -> None:
    first = settle("check_in", "2026-11-30T10:00:00-05:00")
    named = stated("2026-12-01T10:00:00-05:00")
    found = make_plan(first, named, policy="classic")
    assert [key for key in keys(found) if "check_in" in key] == ["check_in", "final_check_in", "check_in/2"]
    assert cancelled(found) == {"final_check_in": "replied"}
    assert step(found, "check_in/2").due_at.isoformat() == "2026-12-11T09:00:00-05:00"
    second = settle("check_in/2", "2026-12-11T10:00:00-05:00")
    named_again = stated("2026-12-12T10:00:00-05:00", "2026-12-18")
    third = step(make_plan(first, named, second, named_again), "check_in/3")
    assert third.due_at.isoformat() == "2026-12-21T09:00:00-05:00"


def test_a_date_plans_one_more_check_in_and_no_second_once_that_is_settled() -> None:
    events = (
        sent("check_in", "2026-11-30T10:00:00-05:00"),
        stated("2026-12-01T10:00:00-05:00"),
        sent("check_in/2", "2026-12-11T10:00:00-05:00"),
    )
    assert keys(make_plan(*events)) == [THANKS, "check_in", "check_in/2"]


def test_an_answer_that_was_given_is_asked_for_again_only_by_a_new_offer_or_new_news() -> None:
    answered = (OFFERED, sent("offer_reply", LATE))
    assert "offer_reply/2" not in keys(make_plan(*answered))
    again = happened("offer_received", "2026-11-24T10:00:00-05:00")
    assert step(make_plan(*answered, again), "offer_reply/2").opens_at == again.occurred_at
    told = (CHANGED, sent("situation_update", LATE))
    assert "situation_update/2" not in keys(make_plan(*told))
    more = happened("situation_changed", "2026-11-24T10:00:00-05:00", change="publication")
    assert step(make_plan(*told, more), "situation_update/2").opens_at == more.occurred_at


def test_after_a_rejection_there_is_one_message_whatever_was_said_later() -> None:
    answered = (REJECTED, sent("rejection_reply", LATE))
    well = happened("rejected", "2026-11-24T10:00:00-05:00", went_well=True)
    found = keys(make_plan(*answered, well))
    assert [key for key in found if key in ("rejection_reply", "feedback_request")] == ["rejection_reply"]
    assert "feedback_request" in keys(make_plan(REJECTED, well))
    assert "rejection_reply" not in keys(make_plan(REJECTED, well))


def test_without_a_new_date_a_sent_check_in_is_the_only_one() -> None:
    first = sent("check_in", "2026-11-30T10:00:00-05:00")
    assert keys(make_plan(first, replied("2026-12-01T10:00:00-05:00"))) == [THANKS, "check_in"]
    assert keys(make_plan(stated("2026-11-25T10:00:00-05:00"), first)) == [THANKS, "check_in"]
    invalid = stated("2026-12-01T10:00:00-05:00", "2026-11-19")
    assert keys(make_plan(first, invalid)) == [THANKS, "check_in"]


def test_a_date_stated_before_the_check_in_answers_nothing() -> None:
    thanked = sent(THANKS, "2026-11-20T17:05:00-05:00")
    events = (thanked, stated("2026-11-23T10:00:00-05:00"), sent("check_in", "2026-12-11T10:00:00-05:00"))
    assert cancelled(make_plan(*events, policy="classic")) == {}
    assert cancelled(make_plan(*events, policy=allowing(2, "classic"))) == {"final_check_in": "limit_reached"}


def test_a_sent_check_in_keeps_the_window_that_it_had_when_it_was_sent() -> None:
    first = sent("check_in", "2026-11-30T10:00:00-05:00")
    before = step(make_plan(first), "check_in")
    after = step(make_plan(first, stated("2026-12-01T10:00:00-05:00")), "check_in")
    assert window(after) == window(before)
    assert before.due_at.isoformat() == "2026-11-30T09:00:00-05:00"


def test_the_messages_beyond_the_limit_are_cancelled_the_last_ones_first() -> None:
    assert cancelled(make_plan(policy=allowing(3, "classic"))) == {}
    assert cancelled(make_plan(policy=allowing(2, "classic"))) == {"final_check_in": "limit_reached"}
    assert cancelled(make_plan(policy=allowing(1, "classic"))) == {
        "check_in": "limit_reached",
        "final_check_in": "limit_reached",
    }


def test_the_thank_yous_of_a_panel_with_their_cards_are_one_message() -> None:
    panel = [person | {"postal_address": "1 Main Street"} for person in (ADA, BEN, CLEO)]
    found = make_plan(policy=allowing(1, "steady"), interviewers=panel, stage="panel")
    assert sum(step.kind == "thank_you" for step in found.follow_ups) == 6
    assert cancelled(found) == {"check_in": "limit_reached"}
    some = [sent(f"thank_you/{slug}", "2026-11-20T17:05:00-05:00") for slug in ("ada-park", "ben-ito/card")]
    assert cancelled(make_plan(*some, policy=allowing(1, "steady"), interviewers=panel, stage="panel")) == {
        "check_in": "limit_reached"
    }


def test_answers_and_news_count_towards_no_limit() -> None:
    events = (CHANGED, sent("situation_update", "2026-11-20T16:45:00-05:00"))
    assert cancelled(make_plan(*events, policy=allowing(2))) == {}
    answered = (OFFERED, sent("offer_reply", LATE), sent(THANKS, LATE))
    assert "limit_reached" not in cancelled(make_plan(*answered, policy=allowing(1))).values()
    assert (
        step(make_plan(*answered, happened("rejected", LATE), policy=allowing(1)), "rejection_reply").state == "planned"
    )


def test_a_message_that_was_skipped_counts_towards_no_limit() -> None:
    assert cancelled(make_plan(skipped(THANKS, LATE), policy=allowing(1))) == {}
    assert cancelled(make_plan(sent(THANKS, LATE), policy=allowing(1))) == {"check_in": "limit_reached"}


def test_a_reply_answers_the_messages_before_it_and_an_acknowledgement_does_not() -> None:
    thanked, named = sent(THANKS, "2026-11-20T17:05:00-05:00"), stated("2026-11-23T11:00:00-05:00")
    answer, receipt = (replied("2026-11-23T10:00:00-05:00", acknowledgement=ack) for ack in (False, True))
    assert cancelled(make_plan(thanked, answer, named, policy=allowing(1))) == {}
    assert cancelled(make_plan(thanked, receipt, named, policy=allowing(1))) == {"check_in": "limit_reached"}


def test_a_date_answers_the_messages_before_it_once_a_check_in_was_sent() -> None:
    thanked, named = sent(THANKS, "2026-11-20T17:05:00-05:00"), stated("2026-12-01T10:00:00-05:00")
    at = "2026-11-30T10:00:00-05:00"
    assert cancelled(make_plan(thanked, sent("check_in", at), named, policy=allowing(1))) == {}
    assert cancelled(make_plan(thanked, skipped("check_in", at), named, policy=allowing(1))) == {
        "check_in/2": "limit_reached"
    }


def test_an_answer_that_was_told_too_early_is_not_asked_for_twice_and_keeps_its_window() -> None:
    offer = happened("offer_received", "2026-11-24T10:00:00-05:00")
    answered = sent("offer_reply", "2026-11-24T09:59:00-05:00")
    found = make_plan(offer, answered)
    assert [key for key in keys(found) if "offer" in key] == ["offer_reply"]
    another = happened("offer_received", "2026-11-30T10:00:00-05:00")
    assert window(step(make_plan(offer, answered, another), "offer_reply")) == window(step(found, "offer_reply"))


def test_a_card_that_was_sent_to_somebody_who_was_removed_since_stays_a_card() -> None:
    carded = [ADA | {"postal_address": "1 Main Street"}]
    events = (sent(THANKS, LATE), sent(f"{THANKS}/card", LATE))
    for people in (carded, [ADA], [BEN], [BEN, CLEO]):
        found = make_plan(*events, policy="steady", interviewers=people)
        assert {key: step(found, key).channel for key in (THANKS, f"{THANKS}/card")} == {
            THANKS: "email",
            f"{THANKS}/card": "card",
        }
        assert step(found, f"{THANKS}/card").state == "sent"


@pytest.mark.parametrize("settle", [sent, skipped])
@pytest.mark.parametrize("early", ["2026-11-20T16:10:00-05:00", LATE, "2026-11-24T09:00:00-05:00"])
@pytest.mark.parametrize(
    ("key", "news"),
    [("offer_reply", OFFERED), ("situation_update", CHANGED), ("check_in", stated("2026-11-20T17:30:00-05:00"))],
)
def test_a_second_step_that_was_told_to_be_over_before_the_first_asks_for_no_third(
    settle: Callable[[str, str], Event], early: str, key: str, news: Event
) -> None:
    first = sent(key, "2026-11-24T10:00:00-05:00")
    again = news.model_copy(update={"occurred_at": first.occurred_at + timedelta(days=1)})
    assert f"{key}/2" in keys(make_plan(news, first, again))
    found = make_plan(news, first, again, settle(f"{key}/2", early))
    assert [other for other in keys(found) if other.startswith(key)].count(f"{key}/3") == 0
    assert step(found, key).state == "sent"
    assert step(found, f"{key}/2").state == ("sent" if settle is sent else "skipped")
    assert step(found, key).rules
    assert step(found, f"{key}/2").rules
