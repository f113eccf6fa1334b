"""Whom a message is for, and to which step of the plan it belongs."""

from typing import Any

import pytest

from app.rules.addressing import UnknownRecipient, find_recipient, find_step, find_thanked
from app.rules.facts import Event, Interview, Person
from app.rules.plans import Channel, Kind
from tests.rules.situations import ADA, BEN, CLEO, happened, interview, make_plan, step

RITA = {"name": "Rita Rossi", "email": "rita@northwind.example"}
PRIYA = {"name": "Priya Shah", "email": "priya@northwind.example", "topics": ["Kafka"]}
OTHER_PRIYA = {"name": "PRIYA SHAH", "email": "p.shah@northwind.example"}
THANKED = "thank_you/ada-park"
PANEL = interview(interviewers=[CLEO, ADA, BEN])
NAMESAKES = interview(interviewers=[PRIYA, OTHER_PRIYA, BEN])


def refused(told: Interview, kind: Kind, named: str | None) -> str:
    """What is said of somebody who cannot be found."""
    with pytest.raises(UnknownRecipient) as caught:
        find_recipient(told, kind, named)
    return str(caught.value)


# The recipient


@pytest.mark.parametrize("kind", ["thank_you", "check_in"])
@pytest.mark.parametrize(
    "named", ["Ben Ito", "BEN ITO", " ben ito ", "ben@northwind.example", "Ben@Northwind.Example", "thank_you/ben-ito"]
)
def test_that_a_name_an_address_and_a_key_are_found(kind: Kind, named: str) -> None:
    assert find_recipient(PANEL, kind, named) is PANEL.interviewers[2]


def test_that_the_key_of_a_card_means_the_same_person() -> None:
    assert find_recipient(PANEL, "thank_you", "thank_you/ben-ito/card") is PANEL.interviewers[2]


@pytest.mark.parametrize(
    "named", ["Ben", "ito", "Nobody", "", "  ", "thank_you/ben", "thank_you/ben-ito-2", "check_in"]
)
def test_that_a_stranger_is_told_who_there_is(named: str) -> None:
    told = interview(interviewers=[CLEO, {"name": "Ben Ito"}], contact=RITA)
    assert refused(told, "check_in", named) == "must be the name or the address of one of Cleo Roy, Ben Ito, Rita Rossi"


def test_that_unnamed_it_is_whom_the_plan_would_write_to() -> None:
    assert find_recipient(PANEL, "check_in", None) is PANEL.interviewers[1], "the hiring manager"
    assert find_recipient(interview(interviewers=[CLEO, BEN]), "check_in", None).name == "Ben Ito", "the recruiter"
    assert find_recipient(interview(interviewers=[CLEO]), "check_in", None).name == "Cleo Roy", "whoever was there"
    absent = interview(contact=RITA)
    assert find_recipient(absent, "check_in", None) is absent.contact


def test_that_unnamed_the_only_one_is_thanked_and_of_a_panel_nobody() -> None:
    assert find_recipient(interview(), "thank_you", None).name == "Ada Park"
    assert refused(PANEL, "thank_you", None) == "must be the name or the address of one of Cleo Roy, Ada Park, Ben Ito"


@pytest.mark.parametrize("named", ["Rita Rossi", "rita@northwind.example"])
def test_that_only_an_interviewer_is_thanked(named: str) -> None:
    absent = interview(contact=RITA)
    assert find_recipient(absent, "check_in", named) is absent.contact
    assert refused(absent, "thank_you", named) == "must be the name or the address of one of Ada Park"
    assert find_recipient(absent, "thank_you", None).name == "Ada Park"


@pytest.mark.parametrize(
    "contact",
    [
        {"name": "A. Park", "email": "ADA@northwind.example"},
        {"name": "ada park", "email": None},
        {"name": "Ada Park", "email": "ada@northwind.example"},
    ],
)
def test_that_a_contact_who_was_there_comes_as_the_interviewer(contact: dict[str, Any]) -> None:
    told = interview(interviewers=[CLEO, ADA], contact=contact)
    assert find_recipient(told, "check_in", None) is told.interviewers[1]
    assert find_recipient(told, "check_in", "Ada Park") is told.interviewers[1]
    assert refused(told, "check_in", "Nobody").endswith(" one of Cleo Roy, Ada Park")


def test_that_an_interviewer_without_an_address_is_the_contact_of_that_name() -> None:
    told = interview(interviewers=[CLEO, {"name": "Ada Park"}], contact={"name": "Ada Park", "email": "ada@x.example"})
    assert find_recipient(told, "check_in", None) is told.interviewers[1]


# Two of one name


@pytest.mark.parametrize("kind", ["thank_you", "check_in"])
@pytest.mark.parametrize("named", ["Priya Shah", "priya shah"])
def test_that_a_name_that_two_share_is_told_what_tells_them_apart(kind: Kind, named: str) -> None:
    assert refused(NAMESAKES, kind, named) == (
        "is shared by 2 people; what tells them apart is an address that only one of them has, or the key"
        " (thank_you/priya-shah, thank_you/priya-shah-2)"
    )


@pytest.mark.parametrize("kind", ["thank_you", "check_in"])
def test_that_the_address_and_the_key_do_tell_them_apart(kind: Kind) -> None:
    for named in ("priya@northwind.example", "thank_you/priya-shah"):
        assert find_recipient(NAMESAKES, kind, named) is NAMESAKES.interviewers[0]
    for named in ("p.shah@northwind.example", "thank_you/priya-shah-2"):
        assert find_recipient(NAMESAKES, kind, named) is NAMESAKES.interviewers[1]


@pytest.mark.parametrize("named", [None, "Nobody"])
def test_that_two_of_one_name_are_listed_with_their_keys(named: str | None) -> None:
    assert refused(NAMESAKES, "thank_you", named) == (
        "must be the name or the address of one of"
        " Priya Shah (thank_you/priya-shah), PRIYA SHAH (thank_you/priya-shah-2), Ben Ito"
    )


def test_that_an_address_that_two_share_is_told_their_keys() -> None:
    told = interview(interviewers=[ADA | {"email": "jobs@x.example"}, CLEO, BEN | {"email": "jobs@x.example"}])
    assert refused(told, "thank_you", "jobs@x.example").endswith("the key (thank_you/ada-park, thank_you/ben-ito)")


def test_that_a_contact_of_the_same_name_is_another_person_by_another_address() -> None:
    told = interview(interviewers=[PRIYA, BEN], contact=OTHER_PRIYA)
    assert find_recipient(told, "check_in", None) is told.contact
    assert find_recipient(told, "check_in", "p.shah@northwind.example") is told.contact
    assert find_recipient(told, "check_in", "thank_you/priya-shah") is told.interviewers[0]
    assert find_recipient(told, "thank_you", "Priya Shah") is told.interviewers[0]
    assert refused(told, "check_in", "Priya Shah").endswith(
        "that only one of them has, or the key (thank_you/priya-shah)"
    )
    assert "Priya Shah (thank_you/priya-shah), Ben Ito, PRIYA SHAH (the contact)" in refused(told, "check_in", "Nobody")


# The one whom a key thanks


def test_that_a_key_leads_to_the_one_whom_it_thanks() -> None:
    assert find_thanked(PANEL, "thank_you/cleo-roy") is PANEL.interviewers[0]
    assert find_thanked(PANEL, "thank_you/cleo-roy/card") is PANEL.interviewers[0]
    assert find_thanked(NAMESAKES, "thank_you/priya-shah") is NAMESAKES.interviewers[0]
    assert find_thanked(NAMESAKES, "thank_you/priya-shah-2/card") is NAMESAKES.interviewers[1]


@pytest.mark.parametrize("key", ["thank_you/rita-rossi", "thank_you/priya-shah-3", "check_in", "Cleo Roy", ""])
def test_that_a_key_of_nobody_who_was_there_leads_to_nobody(key: str) -> None:
    assert find_thanked(interview(interviewers=[CLEO], contact=RITA), key) is None


# The step


def sent(key: str, at: str) -> Event:
    return happened("follow_up_sent", at, key=key)


POSTED = [who | {"postal_address": "1 Pier Road"} for who in (ADA, BEN)]


def test_that_a_thank_you_is_its_recipients_own() -> None:
    planned = make_plan(interviewers=[CLEO, ADA, BEN])
    for who, key in zip(PANEL.interviewers, ("cleo-roy", "ada-park", "ben-ito"), strict=True):
        assert find_step(planned, PANEL, "thank_you", who) is step(planned, f"thank_you/{key}")


def test_that_each_of_two_of_one_name_has_a_step_even_where_all_they_say_is_the_same() -> None:
    told = interview(interviewers=[{"name": "Li Wei"}, {"name": "Li Wei"}])
    planned = make_plan(interviewers=told.interviewers)
    found = [find_step(planned, told, "thank_you", who) for who in told.interviewers]
    assert [one and one.key for one in found] == ["thank_you/li-wei", "thank_you/li-wei-2"]


def test_that_a_thank_you_is_an_email_unless_a_card_is_meant() -> None:
    told = interview(interviewers=POSTED)
    planned = make_plan(policy="steady", interviewers=POSTED)
    ben = told.interviewers[1]
    meant: dict[Channel | None, str] = {
        None: "thank_you/ben-ito",
        "email": "thank_you/ben-ito",
        "card": "thank_you/ben-ito/card",
    }
    for channel, key in meant.items():
        assert find_step(planned, told, "thank_you", ben, channel) is step(planned, key)


def test_that_a_channel_that_is_not_planned_falls_back_on_the_kind() -> None:
    told = interview()
    planned = make_plan()
    assert find_step(planned, told, "thank_you", told.interviewers[0], "card") is step(planned, THANKED)
    assert find_step(planned, told, "check_in", told.interviewers[0], "phone") is step(planned, "check_in")


def test_that_whoever_is_not_thanked_has_no_thank_you() -> None:
    told = interview(contact=RITA)
    assert told.contact
    assert find_step(make_plan(contact=RITA), told, "thank_you", told.contact) is None
    assert find_step(make_plan(), told, "thank_you", Person(name="Ada Park")) is None


def test_that_anything_else_belongs_to_its_kind_whoever_gets_it() -> None:
    planned = make_plan(interviewers=[CLEO, ADA, BEN])
    for who in (*PANEL.interviewers, Person(name="Zoë")):
        assert find_step(planned, PANEL, "check_in", who) is step(planned, "check_in")


def test_that_a_kind_that_is_not_planned_has_no_step() -> None:
    told = interview()
    assert find_step(make_plan(), told, "offer_reply", told.interviewers[0]) is None


def test_that_of_several_it_is_the_last_that_is_still_open_else_the_last() -> None:
    told = interview()
    ada = told.interviewers[0]
    offer = happened("offer_received", "2026-11-24T09:00:00-05:00")
    answered = sent("offer_reply", "2026-11-24T10:00:00-05:00")
    better = happened("offer_received", "2026-11-25T09:00:00-05:00")
    at_noon = "2026-11-25T12:00:00-05:00"
    open_again = make_plan(offer, answered, better, as_of=at_noon)
    assert find_step(open_again, told, "offer_reply", ada) is step(open_again, "offer_reply/2")
    settled = make_plan(offer, answered, better, sent("offer_reply/2", at_noon), as_of=at_noon)
    assert find_step(settled, told, "offer_reply", ada) is step(settled, "offer_reply/2")
    once = make_plan(offer, answered, as_of=at_noon)
    assert find_step(once, told, "offer_reply", ada) is step(once, "offer_reply")


def test_that_one_that_is_over_gives_way_to_an_open_one_wherever_it_stands() -> None:
    told = interview()
    stated = happened("decision_date_stated", "2026-11-23T12:00:00-05:00", decision_by="2026-11-24")
    planned = make_plan(sent("check_in", "2026-11-23T11:00:00-05:00"), stated, as_of="2026-11-23T13:00:00-05:00")
    check_ins = [(one.key, one.state) for one in planned.follow_ups if one.kind == "check_in"]
    assert check_ins == [("check_in/2", "planned"), ("check_in", "sent")]
    assert find_step(planned, told, "check_in", told.interviewers[0]) is step(planned, "check_in/2")
