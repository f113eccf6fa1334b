from copy import deepcopy
from dataclasses import fields
from datetime import date
from typing import Any

import pytest
from pydantic import TypeAdapter

from app.errors import Problem
from app.examples import DRAFT, DRAFT_REQUEST, EMAIL_REQUEST, EVENTS, INTERVIEW, SCHEDULE_REQUEST
from app.rules import drafts, facts
from app.schemas import (
    DraftRequest,
    EmailRequest,
    EventOut,
    InterviewIn,
    InterviewOut,
    InterviewPatch,
    OptionsQuery,
    QueryInstant,
    ScheduleRequest,
    StoredDraftRequest,
    StoredEmailRequest,
    read,
)
from app.schemas.emails import OptionsIn
from app.schemas.places import COUNTRIES, ZONES, subdivisions
from app.wording import MOST


def _with(**members: Any) -> dict[str, Any]:
    return {**deepcopy(INTERVIEW), **members}


def _faults(tree: Any) -> dict[str | None, str]:
    with pytest.raises(Problem) as caught:
        read(InterviewIn, tree)
    return {fault.pointer: fault.detail for fault in caught.value.faults}


def _event_faults(**event: Any) -> dict[str | None, str]:
    with pytest.raises(Problem) as caught:
        read(ScheduleRequest, {"interview": INTERVIEW, "events": [event]})
    return {fault.pointer: fault.detail for fault in caught.value.faults}


def test_the_example_is_accepted_as_it_is() -> None:
    interview = read(InterviewIn, INTERVIEW)
    assert isinstance(interview, facts.Interview)
    assert [person.name for person in interview.interviewers] == ["Priya Shah", "Tom Berg", "Lee Wong"]
    assert len(read(ScheduleRequest, SCHEDULE_REQUEST).events) == 2


def test_the_required_members_are_enough() -> None:
    required = ("candidate", "company", "job_title", "stage", "starts_at", "timezone", "interviewers")
    tree = {name: INTERVIEW[name] for name in required} | {
        "candidate": {"name": "Ana"},
        "interviewers": [{"name": "B"}],
    }
    interview = read(InterviewIn, tree)
    assert (interview.policy, interview.interviewers[0].role, interview.notes.topics) == ("balanced", "other", ())
    for name in required:
        assert _faults({key: value for key, value in tree.items() if key != name}) == {f"/{name}": "is required"}


@pytest.mark.parametrize("name", ["company", "job_title"])
@pytest.mark.parametrize("blank", ["", "   ", "\u3000\u00a0"])
def test_a_required_text_is_not_blank(name: str, blank: str) -> None:
    assert _faults(_with(**{name: blank})) == {f"/{name}": "must not be empty"}


def test_blanks_in_an_optional_text_are_nothing() -> None:
    interviewer = {"name": "Priya", "email": "  ", "salutation": " ", "title": "", "insight": " ", "postal_address": ""}
    assert read(InterviewIn, _with(interviewers=[interviewer])).interviewers[0].model_dump() == {
        "name": "Priya",
        "email": None,
        "salutation": None,
        "title": None,
        "role": "other",
        "postal_address": None,
        "topics": (),
        "insight": None,
    }


def test_texts_are_stripped_at_their_ends() -> None:
    assert read(InterviewIn, _with(company="  Northwind  Traders ")).company == "Northwind  Traders"


@pytest.mark.parametrize(
    ("member", "limit"), [("company", 200), ("job_title", 200), ("external_id", 200), ("application_ref", 200)]
)
def test_texts_have_limits(member: str, limit: int) -> None:
    read(InterviewIn, _with(**{member: "\U0001f600" * limit}))
    assert _faults(_with(**{member: "a" * (limit + 1)})) == {f"/{member}": f"must have at most {limit} characters"}


def test_lists_have_limits() -> None:
    assert _faults(_with(interviewers=[])) == {"/interviewers": "must have at least 1 item"}
    assert _faults(_with(interviewers=[{"name": "A"}] * 21)) == {"/interviewers": "must have at most 20 items"}
    assert _faults(_with(notes={"topics": ["a"] * 21})) == {"/notes/topics": "must have at most 20 items"}
    assert _faults(_with(notes={"topics": ["a", "b" * 501]})) == {"/notes/topics/1": "must have at most 500 characters"}
    assert _faults(_with(notes={"fit": "a" * 2001})) == {"/notes/fit": "must have at most 2000 characters"}
    events = [{"type": "withdrawn", "occurred_at": "2026-11-24T09:00:00Z"}] * 201
    with pytest.raises(Problem, match="/events must have at most 200 items"):
        read(ScheduleRequest, {"interview": INTERVIEW, "events": events})


@pytest.mark.parametrize("zone", ["America/New_York", "UTC", "US/Eastern", "Asia/Kathmandu", "Singapore", "Eire"])
def test_zones_are_the_names_of_places(zone: str) -> None:
    assert read(InterviewIn, _with(timezone=zone)).timezone == zone


@pytest.mark.parametrize(
    "zone",
    [
        "",
        "Europe",
        "../../etc/passwd",
        "/etc/passwd",
        "localtime",
        "Factory",
        "posix/Europe/Paris",
        "right/UTC",
        "posixrules",
        "Etc/GMT+5",
        "Etc/UTC",
        "EST",
        "EST5EDT",
        "CET",
        "GMT",
        "GMT+0",
        "GMT0",
        "Zulu",
        "america/new_york",
        "America/New_York ",
        "America/New_York/../Chicago",
        "a" * 20_000,
    ],
)
def test_other_zones_are_refused(zone: str) -> None:
    assert list(_faults(_with(timezone=zone))) == ["/timezone"]


def test_every_zone_can_be_loaded() -> None:
    from zoneinfo import ZoneInfo

    assert len(ZONES) > 500
    for name in ZONES:
        ZoneInfo(name)


@pytest.mark.parametrize("code", ["", "us", "USA", "UK", "XX", "United States", "U\u0405"])
def test_an_unknown_country_is_refused(code: str) -> None:
    assert list(_faults(_with(country=code, subdivision=None))) == ["/country"]


def test_a_subdivision_is_one_of_its_country() -> None:
    assert read(InterviewIn, _with(country="DE", subdivision="BY")).subdivision == "BY"
    assert _faults(_with(country=None)) == {"/subdivision": "must come with a country"}
    assert _faults(_with(country="GB")) == {"/subdivision": "must be one of ENG, NIR, SCT, WLS (in GB)"}
    assert _faults(_with(country="IS")) == {"/subdivision": "must be left out (in IS)"}
    assert list(_faults(_with(country="XX"))) == ["/country"]
    assert len(COUNTRIES) > 200
    assert "NY" in subdivisions("US")


@pytest.mark.parametrize("ends_at", ["2026-11-20T15:00:00-05:00", "2026-11-20T14:59:00-05:00", "2026-11-20T20:00:00Z"])
def test_an_interview_ends_after_it_starts(ends_at: str) -> None:
    assert _faults(_with(ends_at=ends_at)) == {"/ends_at": "must be after starts_at, by 24 hours at most"}


def test_an_interview_lasts_a_day_at_most() -> None:
    read(InterviewIn, _with(ends_at="2026-11-21T15:00:00-05:00"))
    assert list(_faults(_with(ends_at="2026-11-21T15:00:01-05:00"))) == ["/ends_at"]
    assert list(_faults(_with(starts_at="soon", ends_at="2026-11-21T15:00:01-05:00"))) == ["/starts_at"]


@pytest.mark.parametrize(
    "link",
    [
        "https://ana.example.com",
        "HTTP://ana.example.com/",
        "ana.example",
        "my_page.ana-lopez.example/cv.pdf?lang=en#top",
        "ana.example:8080",
        "https://github.example?tab=ana",
        "b\u00fccher.example/caf\u00e9",
        "https://\u0939\u093f\u0928\u094d\u0926\u0940.\u092d\u093e\u0930\u0924",
        "192.0.2.7/ana",
    ],
)
def test_a_link_is_a_web_address_with_or_without_its_scheme(link: str) -> None:
    assert OptionsIn.model_validate({"signature": {"links": [f" {link} "]}}).signature.links == (link,)


@pytest.mark.parametrize(
    "link",
    [
        "x",
        "<b>x</b>",
        "<b>x.example</b>",
        "https://a.example/<b>",
        'https://a.example/"onclick',
        "a b.example",
        "a.example/b c",
        "a.example/b\u00a0c",
        "a.example/b\u2028c",
        "localhost:3000",
        "in/ana.html",
        "https://ana",
        "https://",
        "https:///a.example",
        "//a.example",
        "ana..example",
        ".example",
        "ana@example.com",
        "https://ana@example.com",
        "mailto:ana@example.com",
        "ftp://a.example",
        "javascript:alert(1)",
        "javascript:a.b",
        "data:text/html,a.b",
        "https://a.example:port",
        "https://https://a.example",
        "{page}.example",
        "[link].example",
        "ana,example.com",
        "",
        "a." * 100_000,
        7,
    ],
    ids=lambda link: ascii(link)[:40],
)
def test_what_is_no_web_address_is_no_link(link: Any) -> None:
    with pytest.raises(Problem) as caught:
        read(StoredEmailRequest, {"options": {"signature": {"links": [link]}}})
    assert [fault.pointer for fault in caught.value.faults] == ["/options/signature/links/0"]


@pytest.mark.parametrize(
    "instant",
    [
        "2026-11-20",
        "2026-11-20T15:00:00",
        "2026-11-20 15:00",
        "15:00",
        1795000000,
        "1795000001",
        True,
        None,
        {},
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-12:00",
        "1989-12-31T23:59:59Z",
        "2101-01-01T00:00:00Z",
        "2026-02-30T15:00:00Z",
        "2026-11-20T25:00:00Z",
        "2026-11-20T15:00:00+25:00",
        "\u0662\u0660\u0662\u0666-11-20T15:00:00Z",
        "2026-11-20T15:00:00Z\n",
        "0" * 20_000,
    ],
)
def test_an_instant_is_aware_and_of_our_time(instant: Any) -> None:
    assert "/starts_at" in _faults(_with(starts_at=instant))


@pytest.mark.parametrize(
    "day", ["2026-12-01T00:00:00Z", "1.12.2026", "2026-12-32", "0001-01-01", "9999-12-31", 20261201, True, ""]
)
def test_a_day_is_a_date_of_our_time(day: Any) -> None:
    assert list(_faults(_with(decision_by=day))) == ["/decision_by"]


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("ana@example.com", "ana@example.com"),
        ("Ana.Lopez@EXAMPLE.com", "Ana.Lopez@example.com"),
        (" ana@example.com ", "ana@example.com"),
        ("a@northwind.test", "a@northwind.test"),
        ("a@northwind.example", "a@northwind.example"),
        ("a@printer.local", "a@printer.local"),
        ("root@localhost", "root@localhost"),
        ("jos\u00e9@ejemplo.es", "jos\u00e9@ejemplo.es"),
        ("\u674e@\u4f8b\u5b50.\u516c\u53f8", "\u674e@\u4f8b\u5b50.\u516c\u53f8"),
        ("o'neil+jobs@example.com", "o'neil+jobs@example.com"),
    ],
)
def test_an_address_is_kept_with_its_domain_in_lower_case(given: str, kept: str) -> None:
    assert read(InterviewIn, _with(candidate={"name": "Ana", "email": given})).candidate.email == kept


@pytest.mark.parametrize(
    "address",
    [
        "ana",
        "@example.com",
        "ana@",
        "ana@@example.com",
        "ana@example..com",
        "ana@example.com, bo@example.com",
        "Ana <ana@example.com>",
        '"ana b"@example.com',
        "ana@[127.0.0.1]",
        "ana@example.com\r\nBcc: bo@example.com",
        "=?utf-8?q?a=0D=0ABcc:_x?=@example.com",
        "ana b@example.com",
        "a" * 65 + "@example.com",
        "ana@" + "a" * 400 + ".com",
        7,
    ],
)
def test_what_is_no_address_is_refused_without_being_repeated(address: Any) -> None:
    detail = _faults(_with(candidate={"name": "Ana", "email": address}))["/candidate/email"]
    assert detail in {
        "must be an email address, such as ana@example.com",
        "must have at most 320 characters",
        "must be a string",
    }


@pytest.mark.parametrize("value", [1, 0, "true", "yes", None])
def test_a_boolean_is_true_or_false_and_nothing_like_it(value: Any) -> None:
    event = {"type": "reply_received", "occurred_at": "2026-11-24T09:00:00Z", "acknowledgement": value}
    assert _event_faults(**event) == {"/events/0/acknowledgement": "must be true or false"}


def test_an_event_is_told_apart_by_its_type() -> None:
    when = "2026-11-24T09:00:00Z"
    assert _event_faults(occurred_at=when) == {"/events/0/type": "is required"}
    assert _event_faults(type="resigned", occurred_at=when)["/events/0/type"].startswith("must be one of 'reply_")
    assert _event_faults(type="withdrawn") == {"/events/0/occurred_at": "is required"}
    assert _event_faults(type="withdrawn", occurred_at=when, key="x") == {"/events/0/key": "is not known here"}
    assert list(_event_faults(type="follow_up_sent", occurred_at=when, key="x y")) == ["/events/0/key"]
    assert list(_event_faults(type="follow_up_snoozed", occurred_at=when, key="check_in")) == ["/events/0/until"]


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"salary": 7}, "/salary"),
        ({"candidate": {"name": "Ana", "phone": "7"}}, "/candidate/phone"),
        ({"interviewers": [{"name": "B"}, {"name": "C", "nick/name~": 1}]}, "/interviewers/1/nick~1name~0"),
        ({"notes": {"mood": "good"}}, "/notes/mood"),
    ],
)
def test_an_unknown_member_is_named(change: dict[str, Any], pointer: str) -> None:
    assert _faults(_with(**change)) == {pointer: "is not known here"}


def test_of_very_many_faults_some_are_told() -> None:
    faults = _faults(_with(**{f"unknown_{number}": 1 for number in range(1000)}))
    assert len(faults) == MOST + 1
    assert faults[""] == "has 980 more faults like these"


@pytest.mark.parametrize("value", [None, 7, "text", [], True])
def test_a_wrong_kind_of_value_is_said_plainly(value: Any) -> None:
    details = _faults(_with(candidate=value, interviewers={"name": "B"}, stage=value, company={}))
    assert details["/candidate"] == "must be an object"
    assert details["/interviewers"] == "must be a list"
    assert details["/stage"] == "must be 'phone_screen', 'first_round', 'panel' or 'final_round'"
    assert details["/company"] == "must be a string"


def test_a_patch_says_what_changes_and_nothing_else() -> None:
    patch = read(InterviewPatch, {"notes": {"fit": None}, "contact": None, "candidate": {"email": "A@EXAMPLE.com"}})
    assert patch.model_dump(mode="json") == {
        "candidate": {"email": "A@example.com"},
        "contact": None,
        "notes": {"fit": None},
    }


@pytest.mark.parametrize(
    "name", ["candidate", "company", "job_title", "stage", "starts_at", "timezone", "interviewers"]
)
def test_a_patch_cannot_take_a_required_member_away(name: str) -> None:
    with pytest.raises(Problem, match=f"/{name} must be "):
        read(InterviewPatch, {name: None})


def test_a_patch_has_every_member_of_an_interview_and_requires_none() -> None:
    assert InterviewPatch.model_fields.keys() == InterviewIn.model_fields.keys()
    assert "required" not in InterviewPatch.model_json_schema()


def test_what_was_stored_under_other_limits_can_be_read() -> None:
    stored = _with(company="a" * 5000, timezone="Nowhere", ends_at="2026-11-20T14:00:00-05:00")
    times = {"created_at": "2026-11-20T16:05:00Z", "updated_at": "2026-11-20T16:05:00Z"}
    assert InterviewOut.model_validate({"id": "int_1", **stored, **times}).company == "a" * 5000
    event: Any = {"type": "rejected", "occurred_at": "2026-11-24T09:00:00Z", "id": "evt_1", "interview_id": "int_1"}
    kept: Any = TypeAdapter(EventOut).validate_python({**event, "created_at": "2026-11-24T09:00:00Z"})
    assert kept.went_well is False


def test_every_event_that_can_be_posted_can_be_answered() -> None:
    incoming = TypeAdapter(ScheduleRequest).json_schema()["$defs"]
    posted = {name.removesuffix("In") for name in incoming if "type" in incoming[name]["properties"]}
    answered = TypeAdapter(EventOut).json_schema()["$defs"]
    assert posted == {name.removesuffix("Out") for name in answered}


def test_a_plus_that_a_query_turned_into_a_space_is_read_as_a_plus() -> None:
    assert str(TypeAdapter(QueryInstant).validate_python("2026-12-01T09:00:00 01:00")) == "2026-12-01 09:00:00+01:00"


def test_the_examples_of_requests_are_accepted_as_they_are() -> None:
    assert read(EmailRequest, EMAIL_REQUEST).recipient == "Priya Shah"
    draft = read(DraftRequest, DRAFT_REQUEST)
    assert draft.interview == read(InterviewIn, INTERVIEW)
    assert draft.text == DRAFT["text"]
    assert read(StoredDraftRequest, DRAFT).text == draft.text


def test_an_email_is_asked_for_with_nothing_but_an_interview() -> None:
    asked = read(EmailRequest, {"interview": INTERVIEW})
    assert (asked.events, asked.recipient, asked.options) == ((), None, OptionsIn())
    assert read(StoredEmailRequest, {}).options == OptionsIn()
    assert OptionsIn().model_dump() == drafts.Options().model_dump()


def test_the_query_knows_the_options_that_are_no_objects() -> None:
    names = {field.name for field in fields(OptionsQuery)}
    assert names == drafts.Options.model_fields.keys() - {"signature", "channel"}
    assert OptionsQuery().options() == drafts.Options()
    asked = OptionsQuery("formal", "short", "more_time", date(2026, 12, 4), with_feedback=True)
    assert asked.options().model_dump(exclude_defaults=True) == {
        "tone": "formal",
        "length": "short",
        "intent": "more_time",
        "until": date(2026, 12, 4),
        "with_feedback": True,
    }


def test_a_draft_is_neither_stripped_nor_normalised() -> None:
    text = "  Hi e\u0301,\r\n\n\tthanks. \n"
    draft = read(StoredDraftRequest, {"kind": "thank_you", "text": text, "other_drafts": [text]})
    assert (draft.text, draft.other_drafts) == (text, (text,))
    assert {"text", "other_drafts"} == StoredDraftRequest.VERBATIM == DraftRequest.VERBATIM
    assert StoredDraftRequest.model_fields.keys() >= StoredDraftRequest.VERBATIM


def test_events_come_with_the_interview_that_they_follow() -> None:
    tree = {"kind": "thank_you", "text": "Hi", "events": EVENTS}
    with pytest.raises(Problem, match="/events must come with the interview"):
        read(DraftRequest, tree)
    assert len(read(DraftRequest, {**tree, "interview": INTERVIEW}).events) == 2
    with pytest.raises(Problem) as caught:
        read(DraftRequest, {**tree, "interview": 7})
    assert [fault.pointer for fault in caught.value.faults] == ["/interview"]


def test_a_salutation_is_like_a_name() -> None:
    assert (
        read(InterviewIn, _with(interviewers=[{"name": "Priya", "salutation": " Dr Shah "}])).interviewers[0].salutation
        == "Dr Shah"
    )
    assert _faults(_with(interviewers=[{"name": "Priya", "salutation": "a" * 201}])) == {
        "/interviewers/0/salutation": "must have at most 200 characters"
    }


@pytest.mark.parametrize(
    "shape",
    [
        ScheduleRequest,
        InterviewPatch,
        InterviewOut,
        EmailRequest,
        StoredEmailRequest,
        DraftRequest,
        StoredDraftRequest,
    ],
)
def test_every_shape_says_what_it_is(shape: Any) -> None:
    schema = shape.model_json_schema()
    for definition in [schema, *schema.get("$defs", {}).values()]:
        assert definition["title"]
        assert definition["description"]
    if shape is not InterviewOut:  # the facts themselves are described in the code
        undescribed = [
            (definition["title"], name)
            for definition in [schema, *schema.get("$defs", {}).values()]
            for name, member in definition["properties"].items()
            if "description" not in member and name != "type"
        ]
        assert undescribed == []
