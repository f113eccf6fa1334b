import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from starlette.requests import Request

from app.answers import (
    answer,
    answer_email,
    link_next,
    show_email,
    show_event,
    show_follow_up,
    show_interview,
    show_page,
    show_plan,
    show_review,
)
from app.envelopes import pack_email
from app.negotiation import MEDIA_TYPES, Form
from app.rules import facts
from app.rules.drafts import Email
from app.rules.planner import plan
from app.rules.plans import Recipient
from app.rules.policy import load_policies
from app.scheduling import as_step, localize
from app.schemas import Review
from app.store.rows import EventRow, FollowUpRow, InterviewRow
from tests.northwind import NORTHWIND

NOW = datetime(2026, 11, 20, 21, 30, 0, 123456, tzinfo=UTC)
INTERVIEW = localize(facts.Interview.model_validate(NORTHWIND))
ROW = InterviewRow(
    account_id="acc_1",
    id="int_1",
    external_id="ats-8123",
    application_ref="app-77",
    candidate_email="ana.lopez@example.com",
    company="Northwind",
    job_title="Data Engineer",
    stage="panel",
    starts_at=INTERVIEW.starts_at,
    timezone="America/New_York",
    facts=INTERVIEW.model_dump_json(),
    version=3,
    created_at=NOW,
    updated_at=datetime(2026, 7, 1, 12, tzinfo=UTC),
)
PLAN = plan(INTERVIEW, [], load_policies()["balanced"], NOW)


def _event(event: facts.Event) -> EventRow:
    return EventRow("acc_1", "evt_1", "int_1", event.type, event.occurred_at, 0, event.model_dump_json(), NOW)


def test_an_interview_is_shown_with_all_its_facts_and_none_of_ours() -> None:
    shown = json.loads(show_interview(ROW))
    assert shown == NORTHWIND | {
        "id": "int_1",
        "created_at": "2026-11-20T16:30:00.123456-05:00",
        "updated_at": "2026-07-01T08:00:00-04:00",
    }
    assert next(iter(shown)) == "id"


def test_an_event_is_shown_with_every_instant_in_the_zone_of_its_interview() -> None:
    snoozed = facts.FollowUpSnoozed(
        occurred_at=datetime(2026, 11, 20, 22, tzinfo=UTC),
        key="check_in",
        until=datetime(2026, 7, 1, 12, tzinfo=UTC),
    )
    assert json.loads(show_event(_event(snoozed), "Asia/Kathmandu")) == {
        "id": "evt_1",
        "interview_id": "int_1",
        "type": "follow_up_snoozed",
        "occurred_at": "2026-11-21T03:45:00+05:45",
        "key": "check_in",
        "until": "2026-07-01T17:45:00+05:45",
        "created_at": "2026-11-21T03:15:00.123456+05:45",
    }


def test_a_day_of_an_event_stays_the_day_that_was_said() -> None:
    offer = facts.OfferReceived.model_validate({"occurred_at": NOW, "respond_by": "2026-12-04"})
    assert json.loads(show_event(_event(offer), "Pacific/Kiritimati"))["respond_by"] == "2026-12-04"


@pytest.mark.parametrize(
    ("at", "state"),
    [
        ("2065-12-02T08:59:59-05:00", "planned"),
        ("2065-12-02T09:00:00-05:00", "due"),
        ("2065-12-09T09:00:00-05:00", "missed"),
    ],
)
def test_a_follow_up_is_shown_as_the_plan_shows_it_in_the_state_that_it_has_come_to(at: str, state: str) -> None:
    planned = PLAN.follow_ups[-1]
    row = FollowUpRow("acc_1", "fu_1", "int_1", *as_step(planned))
    then = plan(INTERVIEW, [], load_policies()["balanced"], datetime.fromisoformat(at))
    expected: dict[str, Any] = json.loads(show_plan(then))["follow_ups"][-1]
    shown = json.loads(show_follow_up(row, datetime.fromisoformat(at)))
    assert shown == expected | {"id": "fu_1", "interview_id": "int_1"}
    assert shown["state"] == state


def test_a_plan_is_shown_with_the_offset_of_its_own_zone() -> None:
    shown = json.loads(show_plan(PLAN))
    assert shown["as_of"] == "2026-11-20T16:30:00.123456-05:00"
    assert shown["next_due_at"] == "2065-11-20T17:00:00-05:00"
    assert [step["id"] for step in shown["follow_ups"]] == [None, None, None]


@pytest.mark.parametrize("cursor", [None, "abc", 'a"b\\'])
def test_a_page_is_json_whatever_it_holds(cursor: str | None) -> None:
    assert json.loads(show_page([], cursor)) == {"data": [], "next_cursor": cursor}
    assert json.loads(show_page(['{"a":1}', '{"b":2}'], cursor)) == {
        "data": [{"a": 1}, {"b": 2}],
        "next_cursor": cursor,
    }


def test_an_answer_is_json_and_carries_its_headers() -> None:
    response = answer(b"{}", 201, {"ETag": '"1"'})
    assert (response.status_code, response.body, response.headers["ETag"]) == (201, b"{}", '"1"')
    assert response.headers["Content-Type"] == "application/json"


def _asked(query: str) -> Request:
    scope = {"type": "http", "method": "GET", "path": "/v1/interviews", "headers": [(b"host", b"test")]}
    return Request(scope | {"query_string": query.encode(), "scheme": "http", "server": ("test", 80)})


def test_the_last_page_links_to_nothing() -> None:
    assert link_next(_asked("limit=2"), None) == {}


@pytest.mark.parametrize(
    ("query", "following"),
    [
        ("", "cursor=x%3D"),
        ("limit=2&company=A%26B+%C3%A9", "limit=2&company=A%26B+%C3%A9&cursor=x%3D"),
        ("cursor=old&limit=2", "limit=2&cursor=x%3D"),
    ],
)
def test_the_next_page_is_the_same_question_with_another_cursor(query: str, following: str) -> None:
    assert link_next(_asked(query), "x=") == {"Link": f'</v1/interviews?{following}>; rel="next"'}


EMAIL = Email(
    kind="check_in",
    channel="email",
    to=(Recipient("Lee Wong", "lee@northwind.example"),),
    as_of=datetime(2026, 12, 2, 14, tzinfo=UTC),
    subject="The interview of Friday",
    text="Hi Lee,\n\nIs there any news?\n\nAna\n",
    html="<!doctype html><p>Hi Lee,</p>",
    mailto="mailto:lee@northwind.example",
    sentences=1,
    paragraphs=1,
    elements=(),
    omitted=(),
)
SENDER = INTERVIEW.candidate


def test_an_email_is_shown_with_all_its_parts() -> None:
    shown = json.loads(show_email(EMAIL))
    assert shown["to"] == [{"name": "Lee Wong", "email": "lee@northwind.example"}]
    assert (shown["text"], shown["html"], shown["findings"]) == (EMAIL.text, EMAIL.html, [])


@pytest.mark.parametrize(
    ("form", "content"),
    [
        ("json", show_email(EMAIL)),
        ("text", EMAIL.text.encode()),
        ("html", EMAIL.html.encode()),
        ("eml", pack_email(EMAIL, SENDER)),
    ],
)
def test_an_email_is_answered_in_the_form_that_was_asked_for(form: Form, content: bytes) -> None:
    response = answer_email(EMAIL, SENDER, form)
    assert response.body == content
    assert response.headers["content-type"].partition(";")[0] == MEDIA_TYPES[form]
    assert (response.headers["vary"], response.headers["x-content-type-options"]) == ("Accept", "nosniff")
    assert ("content-security-policy" in response.headers) == (form == "html")
    assert ("content-disposition" in response.headers) == (form == "eml")


@pytest.mark.parametrize(
    ("name", "file"),
    [("Lee Wong", "lee-wong"), ("a/b; c\r\n", "a-b-c"), ("李", "interviewer"), ("a " * 100, "a-" * 29 + "a")],
)
def test_a_file_is_named_after_what_it_holds(name: str, file: str) -> None:
    response = answer_email(replace(EMAIL, to=(Recipient(name, None),)), SENDER, "eml")
    assert response.headers["content-disposition"] == f'attachment; filename="check-in-{file}.eml"'


def test_a_review_is_shown_with_all_its_parts() -> None:
    assert json.loads(show_review(Review("ready", 6, 3, (), "done"))) == {
        "verdict": "ready",
        "sentences": 6,
        "paragraphs": 3,
        "findings": [],
        "proofreading": "done",
    }
