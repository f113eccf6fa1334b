"""What each kind of email says, and what it leaves out."""

import re
from datetime import UTC, datetime
from typing import Any

import pytest

from app.drafting import Undraftable
from app.examples import INTERVIEW
from app.rules.addressing import UnknownRecipient
from app.rules.facts import OfferReceived, SituationChanged
from app.rules.plans import Kind
from tests.drafting.situations import NOW, PRIYA, alone, email, interview, needs, said

Json = dict[str, Any]
OFFER = "another company has made me an offer"


def changed(change: str, **members: str) -> SituationChanged:
    return SituationChanged.model_validate({"occurred_at": NOW, "change": change} | members)


def test_that_the_first_sentence_thanks_and_names_something_real() -> None:
    written = email("thank_you", alone("the on-call rota"))
    first = written.elements[0]
    assert first.rule == "content.thanks"
    assert "hank" in first.text
    assert "the on-call rota" in first.text


def test_that_one_topic_is_enough_for_five_sentences() -> None:
    written = email("thank_you", alone("the on-call rota"))
    assert (written.sentences, written.findings) == (5, ())


@pytest.mark.parametrize(
    ("stage", "policy", "least", "most"),
    [
        ("phone_screen", "balanced", 2, 3),
        ("phone_screen", "capstone", 2, 3),
        ("first_round", "balanced", 5, 7),
        ("first_round", "two-touch", 5, 7),
        ("panel", "classic", 5, 7),
        ("panel", "capstone", 5, 9),
        ("final_round", "steady", 6, 10),
        ("final_round", "decision-date", 6, 10),
    ],
)
def test_that_a_thank_you_keeps_its_measure(stage: str, policy: str, least: int, most: int) -> None:
    rich = interview(stage=stage, policy=policy)
    poor = alone("Kafka", stage=stage, policy=policy)
    assert least <= email("thank_you", poor).sentences <= email("thank_you", rich, "Priya Shah").sentences <= most


@pytest.mark.parametrize("stage", ["first_round", "panel", "final_round"])
def test_that_a_short_thank_you_has_three_or_four_sentences(stage: str) -> None:
    assert email("thank_you", interview(stage=stage), "Tom Berg", length="short").sentences in {3, 4}


def test_that_a_thank_you_without_a_topic_is_refused_with_the_member_and_the_sentence() -> None:
    with pytest.raises(Undraftable, match=r"“Thank you for your time today, .* talking me through …") as refused:
        email("thank_you", alone())
    assert refused.value.path == ("interview", "interviewers", 0, "topics")


def test_that_a_topic_that_says_nothing_counts_as_none() -> None:
    with pytest.raises(Undraftable):
        email("thank_you", alone("???", "n/a"))


def test_that_a_topic_of_the_interview_serves_everybody() -> None:
    assert "data contracts between teams" in email("thank_you", alone(notes=interview().notes)).text


def test_that_a_missing_fact_drops_its_sentence_whole_and_says_what_would_bring_it_back() -> None:
    written = email("thank_you", alone("Kafka"))
    assert ("content.fit", ("notes.fit",)) in needs(written)
    assert ("content.fit", ("notes.contribution",)) in needs(written)
    assert said(written, "content.fit") == ""


def test_that_a_fact_for_which_there_is_no_room_is_named_too() -> None:
    long = "I led it. It grew. It held. It was sold. I stayed. I learned a lot."
    written = email("thank_you", alone("Kafka", notes={"fit": long}))
    assert ("content.fit", ("notes.fit",)) in needs(written, "too_long")
    assert written.sentences <= 7


def test_that_a_long_fact_goes_to_one_member_of_a_panel_only() -> None:
    long = "twelve years of building data pipelines for hospitals, banks and a railway in three countries"
    panel = interview(notes=interview().notes.model_copy(update={"fit": long}))
    written = [email("thank_you", panel, who.name) for who in panel.interviewers]
    assert sum(long in one.text for one in written) == 1
    assert sum(("content.fit", ("notes.fit",)) in needs(one, "told_to_another") for one in written) == 2


def test_that_a_panel_member_hears_of_another_ones_insight_by_name() -> None:
    panel = interview()
    assert "Tom" in said(email("thank_you", panel, "Priya Shah"), "content.other_panelist")
    assert said(email("thank_you", panel, "Tom Berg"), "content.other_panelist") == ""
    assert "most bugs hide at the seams" in said(email("thank_you", panel, "Tom Berg"), "content.specific")


def test_that_a_final_round_names_the_others_and_answers_the_concern() -> None:
    text = email("thank_you", interview(stage="final_round"), "Priya Shah").text
    assert "Tom and Lee" in text
    assert "I ported our parser to it this year." in text
    assert "I would make the sinks idempotent." in text


def test_that_capstone_confirms_revisits_refers_and_asks_one_question() -> None:
    written = email("thank_you", interview(policy="capstone"), "Tom Berg")
    rules = {element.rule for element in written.elements}
    asked = {
        "content.confirm_understanding",
        "content.revisit_answer",
        "content.references",
        "content.unasked_question",
    }
    assert asked <= rules
    assert written.text.count("?") == 1


def test_that_capstone_asks_about_the_role_where_no_question_was_left() -> None:
    written = email("thank_you", alone("Kafka", policy="capstone"))
    assert said(written, "content.one_question").endswith("?")


def test_that_steady_underlines_a_qualification_and_asks_about_next_steps() -> None:
    written = email("thank_you", interview(policy="steady"), "Lee Wong")
    assert "underline" in said(written, "content.fit")
    assert said(written, "content.next_steps").endswith("?")


def test_that_decision_date_names_the_date_or_asks_for_it() -> None:
    known = email("thank_you", interview(policy="decision-date"), "Tom Berg")
    assert "Tuesday, December 1" in said(known, "content.next_steps")
    unknown = email("thank_you", alone("Kafka", policy="decision-date"))
    assert said(unknown, "content.next_steps").endswith("?")


@pytest.mark.parametrize(
    ("as_of", "when"),
    [
        ("2026-11-20T18:00:00-05:00", "today"),
        ("2026-11-21T09:00:00-05:00", "yesterday"),
        ("2026-11-24T09:00:00-05:00", "on Friday"),
        ("2026-12-04T09:00:00-05:00", "on Friday, November 20"),
        ("2026-11-21T02:00:00Z", "today"),
    ],
)
def test_that_days_are_told_from_the_day_on_which_it_goes_out(as_of: str, when: str) -> None:
    assert f" {when}" in email("thank_you", interview(), "Priya Shah", as_of=as_of).elements[0].text


def test_that_a_planned_email_goes_out_when_it_is_due_on_whatever_channel_and_any_other_now() -> None:
    decision = interview(policy="decision-date")
    assert "yesterday" in email("thank_you", decision, "Tom Berg").text
    assert email("thank_you", decision, "Tom Berg", channel="card").as_of.isoformat() == "2026-11-21T09:00:00-05:00"
    assert email("check_in", decision, channel="phone").findings == ()
    later = datetime(2027, 1, 8, 12, tzinfo=UTC)
    assert "November 20, 2026" in email("feedback_request", interview(), now=later).text


def test_that_dates_are_written_as_the_country_writes_them() -> None:
    assert "Friday, November 20" in email("check_in", interview()).text
    assert "Friday 20 November" in email("check_in", interview(country="GB", subdivision=None)).text
    later = email("check_in", interview(), as_of="2027-01-08T09:00:00-05:00").text
    assert "Friday, November 20, 2026" in later


def test_that_a_check_in_says_which_interview_asks_once_and_has_three_paragraphs_at_most() -> None:
    written = email("check_in", interview())
    assert "Friday, November 20" in said(written, "content.interview_date")
    assert written.text.count("?") == 1
    assert written.paragraphs <= 3
    assert written.to[0].name == "Lee Wong"


def test_that_a_check_in_after_the_stated_date_refers_to_it() -> None:
    assert "You had hoped to decide by Tuesday, December 1" in email("check_in", interview()).text
    assert "December" not in email("check_in", interview(decision_by=None)).text


def test_that_an_offer_is_accepted_with_the_one_exclamation_mark_there_is() -> None:
    assert email("offer_reply", interview(), intent="accept").text.count("!") == 1
    assert "!" not in email("offer_reply", interview(), intent="decline").text


def test_that_a_request_for_time_says_until_when_if_that_is_known() -> None:
    until = email("offer_reply", interview(), intent="more_time", until="2026-12-11")
    assert "by Friday, December 11" in until.text
    without = email("offer_reply", interview(), intent="more_time")
    assert ("content.offer.more_time", ("options.until",)) in needs(without)
    assert "by ?" not in without.text


def test_that_an_offer_is_discussed_where_nothing_else_is_said() -> None:
    events = [OfferReceived.model_validate({"occurred_at": NOW})]
    assert (
        email("offer_reply", interview(), events=events).text
        == email("offer_reply", interview(), events=events, intent="discuss").text
    )


def test_that_a_rejection_reply_asks_for_feedback_only_if_told_to() -> None:
    assert "better" not in email("rejection_reply", interview()).text
    assert "better" in email("rejection_reply", interview(), with_feedback=True).text


@pytest.mark.parametrize("change", ["competing_offer", "publication", "patent"])
def test_that_each_change_is_told_even_without_a_detail(change: str) -> None:
    written = email("situation_update", interview(), events=[changed(change)])
    assert said(written, "content.update")
    assert ("content.update", ("events.respond_by",)) in needs(written)


def test_that_the_latest_change_counts_and_its_detail_is_told() -> None:
    events = [changed("patent"), changed("competing_offer", detail="an offer from Contoso", respond_by="2026-11-30")]
    text = email("situation_update", interview(), events=events).text
    assert "an offer from Contoso" in text
    assert "Monday, November 30" in text
    assert OFFER not in text


def test_that_a_deadline_that_has_passed_is_not_told() -> None:
    events = [changed("competing_offer", respond_by="2026-11-22")]
    assert "November 22" not in email("situation_update", interview(), events=events).text


def test_that_any_other_change_needs_its_detail() -> None:
    with pytest.raises(Undraftable, match="what changed") as refused:
        email("situation_update", interview(), events=[changed("other")])
    assert refused.value.path == ("events",)


def test_that_an_update_needs_news() -> None:
    with pytest.raises(Undraftable, match="situation_changed") as refused:
        email("situation_update", interview())
    assert refused.value.path == ("events",)


@pytest.mark.parametrize(
    ("kind", "options", "member"),
    [
        ("check_in", {"intent": "accept"}, "intent"),
        ("offer_reply", {"until": "2026-12-11"}, "until"),
        ("offer_reply", {"intent": "accept", "until": "2026-12-11"}, "until"),
        ("thank_you", {"with_feedback": True}, "with_feedback"),
        ("check_in", {"channel": "card"}, "channel"),
        ("thank_you", {"channel": "phone"}, "channel"),
    ],
)
def test_that_an_option_that_does_not_go_with_the_kind_is_refused(kind: Kind, options: Json, member: str) -> None:
    with pytest.raises(Undraftable) as refused:
        email(kind, interview(), "Priya Shah", **options)
    assert refused.value.path == ("options", member)


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"company": "[Company]"}, ("interview", "company")),
        ({"job_title": "{{ job_title }}"}, ("interview", "job_title")),
        ({"candidate": {"name": "[Your Name]"}}, ("interview", "candidate", "name")),
        ({"interviewers": [PRIYA | {"name": "<Interviewer Name>", "topics": ["Kafka"]}]}, ("recipient",)),
    ],
)
def test_that_a_name_still_to_be_filled_in_is_refused(changes: Json, path: tuple[str, ...]) -> None:
    with pytest.raises(Undraftable, match="filled in") as refused:
        email("thank_you", alone("Kafka", **changes))
    assert refused.value.path == path


def test_that_a_fact_still_to_be_filled_in_counts_as_missing() -> None:
    written = email("thank_you", alone("Kafka", notes={"fit": "my work on [project]"}))
    assert "[" not in written.text
    assert ("content.fit", ("notes.fit",)) in needs(written)


def test_that_warm_and_formal_differ_in_greeting_contractions_and_closing() -> None:
    warm = email("thank_you", interview(), "Priya Shah").text
    formal = email("thank_you", interview(), "Priya Shah", tone="formal").text
    assert warm.startswith("Hi Priya,\n")
    assert formal.startswith("Dear Priya Shah,\n")
    assert "I'm" in warm
    assert "'" not in formal.replace("Tom Berg's", "")
    assert ("Best wishes,\nAna López\n" in warm, "Kind regards,\nAna López\n" in formal) == (True, True)


def test_that_a_salutation_is_used_as_it_is_given() -> None:
    about = alone("Kafka", interviewers=[PRIYA | {"topics": ["Kafka"], "salutation": "Dr. Shah"}])
    assert email("thank_you", about).text.startswith("Hi Dr. Shah,\n")
    assert email("check_in", about, tone="formal").text.startswith("Dear Dr. Shah,\n")


def test_that_phone_and_links_stand_below_the_name_but_not_on_a_card() -> None:
    signature = {"phone": "+1 555 0100", "links": ["ana.example/cv", "https://ana.example"]}
    letter = email("thank_you", interview(), "Priya Shah", signature=signature)
    assert letter.text.endswith("Ana López\n+1 555 0100\nana.example/cv\nhttps://ana.example\n")
    card = email("thank_you", interview(), "Priya Shah", signature=signature, channel="card")
    assert card.text.endswith("\n\nAna López\n")
    assert card.mailto is None


def test_that_capstone_writes_a_card_where_there_is_a_postal_address() -> None:
    people = [PRIYA | {"topics": ["Kafka"], "postal_address": "1 Pier Road"}]
    assert email("thank_you", alone(policy="capstone", interviewers=people)).channel == "card"
    assert email("thank_you", alone(policy="capstone", interviewers=people), channel="email").channel == "email"
    assert email("thank_you", alone(policy="steady", interviewers=people)).channel == "email"


def test_that_a_phone_script_has_three_lines() -> None:
    script = email("check_in", interview(), channel="phone")
    assert script.text.startswith("Hello, Lee, this is Ana López;")
    assert script.text.count("\n") == 3
    assert script.mailto is None


@pytest.mark.parametrize(
    ("kind", "options", "rules"),
    [
        ("check_in", {}, {"content.interview_date", "content.interest", "content.next_steps"}),
        ("final_check_in", {}, {"content.interview_date", "content.interest", "content.next_steps"}),
        ("offer_reply", {"intent": "more_time", "until": "2026-12-11"}, {"content.offer", "content.offer.more_time"}),
        ("rejection_reply", {"with_feedback": True}, {"content.rejection", "content.feedback"}),
        ("feedback_request", {}, {"content.feedback", "content.thanks"}),
        ("situation_update", {}, {"content.update", "content.interest"}),
    ],
)
def test_that_a_short_one_still_says_what_it_is_for(kind: Kind, options: Json, rules: set[str]) -> None:
    events = [changed("competing_offer", respond_by="2026-11-30")]
    short = email(kind, interview(), events=events, length="short", **options)
    full = email(kind, interview(), events=events, **options)
    assert rules <= {element.rule for element in short.elements}
    assert short.sentences <= full.sentences
    assert "I won't write again" not in full.text or "I won't write again" in short.text


def test_that_a_short_one_says_what_full_length_would_bring_back() -> None:
    assert ("content.offer_more", ("options.length",)) in needs(
        email("check_in", interview(), length="short"), "too_long"
    )


def test_that_namesakes_get_their_own_words_by_the_key_of_their_thank_you() -> None:
    people = [{"name": "Li Wei", "topics": ["Kafka"]}, {"name": "Li Wei", "topics": ["Kafka"]}]
    panel = interview(interviewers=people, contact=None)
    first, second = (email("thank_you", panel, f"thank_you/li-wei{suffix}").text for suffix in ("", "-2"))
    assert first != second
    with pytest.raises(UnknownRecipient):
        email("thank_you", panel, "Li Wei")


def test_that_the_recipients_own_insight_is_never_kept_from_them() -> None:
    long = "most of the bugs that ever hurt a customer were hiding at the seams between two teams"
    panel = interview(interviewers=[who | {"insight": long} for who in INTERVIEW["interviewers"]])
    for who in panel.interviewers:
        assert long in said(email("thank_you", panel, who.name), "content.specific").casefold()


@pytest.mark.parametrize(
    "title",
    ["the Data Engineer", "Role: Data Engineer", "Data Engineer role", "Data Engineer @ Northwind", "Data Engineer."],
)
def test_that_a_job_title_stands_alone_in_its_sentence(title: str) -> None:
    written = email("check_in", interview(job_title=title))
    assert "the Data Engineer role on" in written.text
    assert written.subject.startswith("Data Engineer: ")


def test_that_nobody_is_thanked_for_a_conversation_at_which_they_were_not() -> None:
    absent = interview(contact={"name": "Rita Rossi", "email": "rita@northwind.example"})
    for kind in ("check_in", "final_check_in"):
        assert said(email(kind, absent), "content.thanks") != said(email(kind, interview()), "content.thanks")
        assert "conversation" not in said(email(kind, absent), "content.thanks")
    with pytest.raises(UnknownRecipient):
        email("thank_you", absent, "Rita Rossi")


def test_that_nobody_is_thanked_for_telling_what_the_candidate_told() -> None:
    written = email("thank_you", alone("my background in nursing", "Kafka"))
    assert "my background in nursing" in written.text
    assert not re.search("telling|told|open about|through my|shared", written.elements[0].text)


def test_that_two_of_one_first_name_are_told_apart() -> None:
    people = [PRIYA | {"topics": ["Kafka"]}, {"name": "Priya Nair", "insight": "most bugs hide at the seams"}]
    assert "Priya Nair" in said(
        email("thank_you", interview(interviewers=people), "Priya Shah"), "content.other_panelist"
    )


@pytest.mark.parametrize("policy", ["balanced", "classic", "two-touch", "capstone", "steady"])
def test_that_everyone_on_a_panel_hears_what_another_one_said(policy: str) -> None:
    people = [
        {
            "name": name,
            "topics": ["Kafka"],
            "insight": f"most bugs of all that we found hide at the {place} of the house",
        }
        for name, place in (("Ada Park", "top"), ("Ben Ito", "back"), ("Cy Lee", "front"))
    ]
    panel = interview(interviewers=people, policy=policy)
    written = [email("thank_you", panel, who.name) for who in panel.interviewers]
    assert all(said(one, "content.other_panelist") for one in written)
    told = [said(one, "content.other_panelist").partition("hide")[0] for one in written]
    assert len(set(told)) == 3


def test_that_until_must_not_have_passed() -> None:
    with pytest.raises(Undraftable, match="before the day") as refused:
        email("offer_reply", interview(), intent="more_time", until="2020-01-01")
    assert refused.value.path == ("options", "until")


def test_that_the_day_of_the_decision_is_waited_for_by_nobody() -> None:
    late = email("thank_you", interview(), "Priya Shah", as_of="2026-12-01T09:00:00-05:00")
    assert "December 1" not in late.text


@pytest.mark.parametrize("salutation", ["Dear Dr Shah,", "Dr Shah", "Hi Dr Shah!"])
def test_that_a_salutation_is_greeted_once(salutation: str) -> None:
    about = alone("Kafka", interviewers=[PRIYA | {"topics": ["Kafka"], "salutation": salutation}])
    assert email("thank_you", about, tone="formal").text.startswith("Dear Dr Shah,\n")


@pytest.mark.parametrize(
    ("options", "changes", "path"),
    [
        ({"signature": {"phone": "[phone]"}}, {}, ("options", "signature", "phone")),
        ({}, {"salutation": "[Name]"}, ("interview", "interviewers", 0, "salutation")),
    ],
)
def test_that_blanks_around_the_text_are_refused(options: Json, changes: Json, path: tuple[str | int, ...]) -> None:
    about = alone("Kafka", interviewers=[PRIYA | {"topics": ["Kafka"]} | changes])
    with pytest.raises(Undraftable) as refused:
        email("thank_you", about, **options)
    assert refused.value.path == path


def test_that_a_card_holds_no_link_and_names_the_day() -> None:
    card = email("thank_you", alone("https://northwind.example/blog", "Kafka"), channel="card")
    assert "https" not in card.text
    assert "on Friday, November 20" in card.text


def test_that_the_recipient_is_found_by_name_or_address_and_has_to_be_one() -> None:
    assert email("thank_you", interview(), "TOM.BERG@northwind.example").to[0].name == "Tom Berg"
    assert email("check_in", interview(), "priya shah").to[0].name == "Priya Shah"
    with pytest.raises(UnknownRecipient, match="Priya Shah, Tom Berg, Lee Wong"):
        email("thank_you", interview())
    with pytest.raises(UnknownRecipient):
        email("thank_you", interview(), "Nobody")


def test_that_the_contacts_address_serves_an_interviewer_without_one() -> None:
    people = [{"name": "Lee Wong", "topics": ["Kafka"]}]
    assert email("check_in", interview(interviewers=people)).to[0].email == "lee.wong@northwind.example"


def test_that_the_link_opens_the_same_text() -> None:
    from urllib.parse import parse_qs, urlsplit

    written = email("thank_you", alone("C++ & C#, 100 % (?)"))
    link = urlsplit(written.mailto or "")
    query = parse_qs(link.query, strict_parsing=True)
    assert (link.scheme, link.path) == ("mailto", "priya@northwind.example")
    assert query == {"subject": [written.subject], "body": [written.text.replace("\n", "\r\n")]}


def test_that_values_are_never_compiled_and_html_is_escaped() -> None:
    written = email("thank_you", alone("{% raw 7 * 7 against <script>alert(1)</script>"))
    assert "{% raw 7 * 7 against <script>alert(1)</script>" in written.text
    assert "<script>" not in written.html
    assert "&lt;script&gt;" in written.html


def test_that_text_and_page_hold_the_same_words() -> None:
    import html
    import re

    written = email("thank_you", interview(), "Priya Shah", signature={"links": ["ana.example"]})
    body = written.html.partition("<body")[2].partition(">")[2]
    assert html.unescape(re.sub(r"<[^>]+>", " ", body)).split() == written.text.split()
