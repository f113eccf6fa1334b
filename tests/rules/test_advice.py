"""Each piece of advice is shown when it applies, and not a moment before or after."""

import pytest

from app.rules.advice import CONDITIONS
from app.rules.catalogue import RULES
from app.rules.facts import Event
from tests.rules.situations import ADA, BEN, LATER, advised, happened, make_plan

THANKS = "thank_you/ada-park"
DURING = "2026-11-20T15:59:59-05:00"
END = "2026-11-20T16:00:00-05:00"
LAST_SECOND = "2026-11-21T15:59:59-05:00"
CLOSED = "2026-11-21T16:00:00-05:00"
CHECK_IN_CLOSES = "2026-12-07T09:00:00-05:00"
JUST_BEFORE = "2026-12-07T08:59:59-05:00"
ADDRESSED = ADA | {"postal_address": "1 Main Street"}
WAITING = ("keep_applying", "prepare_next", "update_resume")

THANKED = happened("follow_up_sent", "2026-11-20T17:05:00-05:00", key=THANKS)
CHECKED_IN = happened("follow_up_sent", "2026-11-30T10:00:00-05:00", key="check_in")
REPLIED = happened("reply_received", "2026-12-01T10:00:00-05:00")
RECEIPT = happened("reply_received", "2026-12-01T10:00:00-05:00", acknowledgement=True)
NAMED = happened("decision_date_stated", "2026-12-01T10:00:00-05:00", decision_by="2026-12-10")
NEXT_ROUND = happened("next_round_scheduled", "2026-12-01T10:00:00-05:00")
OFFERED = happened("offer_received", "2026-12-01T10:00:00-05:00")
REJECTED = happened("rejected", "2026-12-01T10:00:00-05:00")
WITHDRAWN = happened("withdrawn", "2026-12-01T10:00:00-05:00")
CALLED_OFF = happened("interview_cancelled", "2026-11-19T10:00:00-05:00")
DECIDING = [OFFERED, REJECTED, WITHDRAWN, CALLED_OFF]


def test_advice_stands_in_the_order_of_the_catalogue_with_its_text() -> None:
    assert list(CONDITIONS) == [rule for rule in RULES if rule.startswith("advice.")]
    found = make_plan(as_of=END).advice
    assert [advice.rule for advice in found] == [rule for rule in CONDITIONS if rule in {a.rule for a in found}]
    assert [advice.text for advice in found] == [RULES[advice.rule].text for advice in found]


def test_before_the_end_of_the_interview() -> None:
    assert advised(make_plan(as_of="2026-11-01T00:00:00Z")) == ["ask_for_date", "state_intent"]


def test_at_the_end_of_the_interview() -> None:
    assert advised(make_plan(as_of=END)) == ["ask_for_date", "digest", *WAITING]


def test_asking_for_a_date_is_advised_while_none_is_known() -> None:
    assert "ask_for_date" in advised(make_plan())
    assert "ask_for_date" not in advised(make_plan(decision_by="2026-12-01"))
    assert "ask_for_date" not in advised(make_plan(NAMED))


def test_a_date_before_the_interview_is_none() -> None:
    assert "ask_for_date" in advised(make_plan(decision_by="2026-11-19"))


@pytest.mark.parametrize("event", [*DECIDING, CHECKED_IN], ids=lambda event: event.type)
def test_asking_for_a_date_is_advised_no_more_after(event: Event) -> None:
    assert "ask_for_date" not in advised(make_plan(event, as_of=LATER))


@pytest.mark.parametrize(
    "event",
    [REPLIED, NEXT_ROUND, THANKED, happened("follow_up_skipped", "2026-11-30T10:00:00-05:00", key="check_in")],
    ids=lambda event: event.type,
)
def test_asking_for_a_date_is_still_advised_after(event: Event) -> None:
    assert "ask_for_date" in advised(make_plan(event, as_of=LATER))


def test_saying_that_you_will_follow_up_is_advised_until_the_end_of_the_interview() -> None:
    assert "state_intent" in advised(make_plan(as_of=DURING))
    assert "state_intent" not in advised(make_plan(as_of=END))


def test_saying_that_you_will_follow_up_is_not_advised_where_there_is_no_interview() -> None:
    assert "state_intent" not in advised(make_plan(CALLED_OFF, as_of=DURING))
    assert "state_intent" not in advised(make_plan(WITHDRAWN, as_of=DURING))


def test_digesting_is_advised_from_the_end_until_the_thank_yous_have_closed() -> None:
    assert "digest" not in advised(make_plan(as_of=DURING))
    assert "digest" in advised(make_plan(as_of=END))
    assert "digest" in advised(make_plan(as_of=LAST_SECOND))
    assert "digest" not in advised(make_plan(as_of=CLOSED))


def test_digesting_is_advised_until_the_last_thank_you_of_a_panel_is_sent() -> None:
    ben = happened("follow_up_sent", "2026-11-20T17:05:00-05:00", key="thank_you/ben-ito")
    assert "digest" in advised(make_plan(THANKED, as_of=LAST_SECOND, interviewers=[ADA, BEN]))
    assert "digest" not in advised(make_plan(THANKED, ben, as_of=LAST_SECOND, interviewers=[ADA, BEN]))


def test_going_on_is_advised_from_the_end_of_the_interview() -> None:
    assert not set(WAITING) & set(advised(make_plan(as_of=DURING)))
    assert set(WAITING) < set(advised(make_plan(as_of=END)))
    assert set(WAITING) < set(advised(make_plan(REPLIED, NEXT_ROUND, as_of=LATER)))


@pytest.mark.parametrize("event", DECIDING, ids=lambda event: event.type)
def test_going_on_is_advised_no_more_once_all_is_decided(event: Event) -> None:
    assert not set(WAITING) & set(advised(make_plan(event, as_of=LATER)))


def test_a_card_is_advised_where_an_address_is_known_until_the_thank_yous_are_sent_or_closed() -> None:
    assert "card" in advised(make_plan(as_of=DURING, interviewers=[ADDRESSED]))
    assert "card" in advised(make_plan(as_of=LAST_SECOND, interviewers=[BEN, ADDRESSED]))
    assert "card" not in advised(make_plan(as_of=CLOSED, interviewers=[ADDRESSED]))
    assert "card" not in advised(make_plan(THANKED, as_of=LAST_SECOND, interviewers=[ADDRESSED]))
    assert "card" not in advised(make_plan())


@pytest.mark.parametrize("policy", ["classic", "decision-date", "two-touch", "capstone", "steady"])
def test_a_card_is_advised_under_balanced_alone(policy: str) -> None:
    assert "card" not in advised(make_plan(policy=policy, interviewers=[ADDRESSED]))


def test_a_way_to_reach_somebody_is_advised_while_an_email_without_an_address_is_pending() -> None:
    unknown = ADA | {"email": None}
    found = make_plan(interviewers=[unknown], as_of=LAST_SECOND)
    assert "no_email" in advised(found)
    assert "no_email" not in advised(make_plan(interviewers=[unknown], as_of=CHECK_IN_CLOSES))
    assert "no_email" not in advised(make_plan(interviewers=[ADA], as_of=LAST_SECOND))


def test_a_missing_address_is_no_matter_where_no_email_is_to_be_sent() -> None:
    carded = ADA | {"email": None, "postal_address": "1 Main Street"}
    phone = happened("instruction_given", END, channel="phone")
    assert "no_email" not in advised(make_plan(phone, policy="capstone", interviewers=[carded]))
    assert "no_email" in advised(make_plan(phone, policy="balanced", interviewers=[carded]))
    contact = {"name": "Dana Fox", "email": "dana@northwind.example"}
    assert "no_email" not in advised(make_plan(policy="capstone", interviewers=[carded], contact=contact))
    assert "no_email" in advised(make_plan(contact={"name": "Dana Fox"}))


def test_that_silence_is_no_verdict_is_said_once_a_check_in_was_sent_or_missed() -> None:
    assert "not_personal" not in advised(make_plan(as_of=JUST_BEFORE))
    assert "not_personal" in advised(make_plan(as_of=CHECK_IN_CLOSES))
    assert "not_personal" in advised(make_plan(CHECKED_IN, as_of="2026-11-30T10:00:00-05:00"))
    assert "not_personal" in advised(make_plan(CHECKED_IN, RECEIPT, as_of=LATER))


@pytest.mark.parametrize("event", [REPLIED, NAMED, NEXT_ROUND, *DECIDING], ids=lambda event: event.type)
def test_that_silence_is_no_verdict_is_not_said_after(event: Event) -> None:
    assert "not_personal" not in advised(make_plan(CHECKED_IN, event, as_of="2026-12-02T10:00:00-05:00"))


def test_that_silence_is_no_verdict_is_not_said_of_a_check_in_that_was_skipped() -> None:
    skipped = happened("follow_up_skipped", "2026-11-30T10:00:00-05:00", key="check_in")
    assert "not_personal" not in advised(make_plan(skipped, as_of=LATER))


def test_moving_on_is_advised_once_the_limit_is_reached_and_the_last_window_has_closed() -> None:
    assert "move_on" not in advised(make_plan(THANKED, CHECKED_IN, as_of=JUST_BEFORE))
    assert "move_on" in advised(make_plan(THANKED, CHECKED_IN, as_of=CHECK_IN_CLOSES))
    assert "move_on" in advised(make_plan(THANKED, CHECKED_IN, RECEIPT, as_of=CHECK_IN_CLOSES))


def test_moving_on_is_not_advised_before_as_many_messages_as_the_limit_were_sent() -> None:
    assert "move_on" not in advised(make_plan(as_of=LATER))
    assert "move_on" not in advised(make_plan(THANKED, as_of=LATER))
    assert "move_on" not in advised(make_plan(THANKED, CHECKED_IN, policy="classic", as_of=LATER))
    final = happened("follow_up_sent", "2026-12-07T10:00:00-05:00", key="final_check_in")
    assert "move_on" in advised(make_plan(THANKED, CHECKED_IN, final, policy="classic", as_of=LATER))


@pytest.mark.parametrize("event", [REPLIED, NAMED, NEXT_ROUND, *DECIDING], ids=lambda event: event.type)
def test_moving_on_is_not_advised_after(event: Event) -> None:
    assert "move_on" not in advised(make_plan(THANKED, CHECKED_IN, event, as_of=LATER))


def test_staying_in_touch_is_advised_after_a_rejection_alone() -> None:
    assert "stay_in_touch" in advised(make_plan(REJECTED, as_of=LATER))
    for event in (OFFERED, WITHDRAWN, CALLED_OFF, REPLIED):
        assert "stay_in_touch" not in advised(make_plan(event, as_of=LATER))


def test_nothing_is_advised_about_an_interview_that_was_called_off() -> None:
    assert advised(make_plan(CALLED_OFF, as_of=LATER)) == []
