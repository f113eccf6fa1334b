"""The examples of the OpenAPI document: one answer for every operation, made by the code that makes the real ones."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final

from pydantic import TypeAdapter

from app.answers import answer_email, show_event, show_follow_up, show_interview, show_page, show_plan, show_review
from app.drafting import draft_email
from app.examples import AS_OF, DRAFT, DRAFT_REQUEST, EMAIL_OPTIONS, EMAIL_REQUEST, EVENTS, INTERVIEW
from app.negotiation import MEDIA_TYPES
from app.reviewing import review
from app.rules.catalogue import ENTRIES
from app.rules.dossier import Dossier
from app.rules.drafts import Email, Options
from app.rules.facts import Event, Interview
from app.rules.planner import plan
from app.rules.policy import load_policies
from app.scheduling import as_step, localize, with_ids
from app.schemas import StoredDraftRequest
from app.store.rows import EventRow, FollowUpRow, InterviewRow

_STORED_AT = datetime(2026, 11, 20, 21, 5, 12, 345678, tzinfo=UTC)
_NOW = datetime.fromisoformat(AS_OF)
_INTERVIEW = localize(Interview.model_validate(INTERVIEW))
_EVENTS: list[Event] = TypeAdapter(list[Event]).validate_python(EVENTS)
_POLICIES = load_policies()
_PLAN = plan(_INTERVIEW, _EVENTS, _POLICIES["balanced"], _NOW)


def _id(prefix: str, number: int) -> str:
    return f"{prefix}_019aa2c1f4d97c3e9b0f6d1e2a4b5c{number:02x}"


def _in_every_form(email: Email) -> dict[str, Any]:
    sender = _INTERVIEW.candidate
    told = {media: bytes(answer_email(email, sender, form).body).decode() for form, media in MEDIA_TYPES.items()}
    return {media: json.loads(body) if media == MEDIA_TYPES["json"] else body for media, body in told.items()}


_ROW = InterviewRow(
    account_id="",
    id=_id("int", 1),
    external_id=_INTERVIEW.external_id,
    application_ref=_INTERVIEW.application_ref,
    candidate_email=_INTERVIEW.candidate.email,
    company=_INTERVIEW.company,
    job_title=_INTERVIEW.job_title,
    stage=_INTERVIEW.stage,
    starts_at=_INTERVIEW.starts_at,
    timezone=_INTERVIEW.timezone,
    facts=_INTERVIEW.model_dump_json(),
    version=1,
    created_at=_STORED_AT,
    updated_at=_STORED_AT,
)
_EVENT_ROWS = [
    EventRow("", _id("evt", n), _ROW.id, event.type, event.occurred_at, n, event.model_dump_json(), event.occurred_at)
    for n, event in enumerate(_EVENTS)
]
_FOLLOW_UPS = [FollowUpRow("", _id("fu", n), _ROW.id, *as_step(step)) for n, step in enumerate(_PLAN.follow_ups)]
_SENT = next(row for row in _FOLLOW_UPS if row.status == "sent")
_OPEN = _FOLLOW_UPS[-1]

_FACTS = Dossier(_INTERVIEW, _EVENTS, _POLICIES["balanced"])
_THANK_YOU = draft_email(_FACTS, "thank_you", "Priya Shah", Options.model_validate(EMAIL_OPTIONS), _NOW)
_CHECK_IN = draft_email(_FACTS, "check_in", None, Options(), _NOW, _OPEN.key)
_REVIEW = review(StoredDraftRequest.model_validate(DRAFT), _FACTS, _NOW, None)
_PROOFREAD = replace(_REVIEW, proofreading="done")  # as it is where the library is installed: no word is misspelt

IDS: Final[Mapping[str, str]] = {
    "interview_id": _ROW.id,
    "event_id": _EVENT_ROWS[0].id,
    "follow_up_id": _OPEN.id,
    "external_id": "ats-8123",
    "name": "capstone",
    "rule_id": "timing.thank_you",
    "kind": "thank_you",
}
"""A value of every parameter in an address."""

_SHOWN: Mapping[str, str | bytes] = {
    "plan_schedule": show_plan(_PLAN),
    "get_schedule": show_plan(with_ids(_PLAN, {row.key: row.id for row in _FOLLOW_UPS})),
    "create_interview": show_interview(_ROW),
    "list_interviews": show_page([show_interview(_ROW)]),
    "put_interview": show_interview(_ROW),
    "get_interview": show_interview(_ROW),
    "patch_interview": show_interview(_ROW),
    "create_event": show_event(_EVENT_ROWS[0], _ROW.timezone),
    "list_events": show_page(show_event(row, _ROW.timezone) for row in _EVENT_ROWS),
    "list_follow_ups": show_page([show_follow_up(_OPEN, _NOW)]),
    "get_follow_up": show_follow_up(_OPEN, _NOW),
    "mark_sent": show_follow_up(_SENT, _NOW),
    "mark_skipped": show_follow_up(_SENT._replace(status="skipped"), _NOW),
    "snooze": show_follow_up(_OPEN, _NOW),
    "check_draft": show_review(_PROOFREAD),
    "check_stored_draft": show_review(_PROOFREAD),
    "list_policies": show_page([_POLICIES["capstone"].model_dump_json()]),
    "get_policy": _POLICIES["capstone"].model_dump_json(),
    "list_rules": show_page([ENTRIES["timing.thank_you"].model_dump_json()]),
    "get_rule": ENTRIES["timing.thank_you"].model_dump_json(),
    "show_liveness": '{"status":"ok"}',
    "show_readiness": '{"status":"ok"}',
}

_EMAILS = {"render_email": _THANK_YOU, "render_stored_email": _THANK_YOU, "get_follow_up_email": _CHECK_IN}

ANSWERS: Final[Mapping[str, Mapping[str, Any]]] = {
    **{operation: {"application/json": json.loads(shown)} for operation, shown in _SHOWN.items()},
    **{operation: _in_every_form(email) for operation, email in _EMAILS.items()},
}
"""The usual answer of every operation that answers with a body, by its operationId and by its media type."""

BODIES: Final[Mapping[str, Any]] = {
    "plan_schedule": {"interview": INTERVIEW, "events": EVENTS, "as_of": AS_OF},
    "create_interview": INTERVIEW,
    "put_interview": INTERVIEW,
    "patch_interview": {"decision_by": "2026-12-04", "notes": {"fit": "ten years of building data pipelines"}},
    "create_event": EVENTS[1],
    "mark_sent": {"occurred_at": "2026-12-02T09:12:00-05:00"},
    "mark_skipped": {"occurred_at": "2026-12-02T09:12:00-05:00"},
    "snooze": {"until": "2026-12-03T14:00:00-05:00"},
    "render_email": EMAIL_REQUEST,
    "render_stored_email": {"recipient": "Priya Shah", "options": EMAIL_OPTIONS},
    "check_draft": DRAFT_REQUEST,
    "check_stored_draft": DRAFT,
}
"""The body of every operation that takes one, by its operationId."""


def illustrate(document: dict[str, Any]) -> None:
    """Put the examples where they belong in an OpenAPI document."""
    for path in document["paths"].values():
        for operation in path.values():
            _illustrate_operation(operation, operation["operationId"])


def describe(document: dict[str, Any]) -> None:
    """Let what comes out be described as what goes in: `RejectedOut` as `RejectedIn`, `FollowUpOut` as `FollowUp`."""
    schemas = document["components"]["schemas"]
    for name, schema in schemas.items():
        base = name.removesuffix("Out")
        told = schemas.get(f"{base}In", schemas.get(base, {})).get("properties", {})
        for member, shape in schema.get("properties", {}).items():
            if description := told.get(member, {}).get("description"):
                shape.setdefault("description", description)


def _illustrate_operation(operation: dict[str, Any], name: str) -> None:
    for parameter in operation.get("parameters", ()):
        if parameter["in"] == "path":
            parameter["example"] = IDS[parameter["name"]]
    if "requestBody" in operation:
        for content in operation["requestBody"]["content"].values():
            content["example"] = BODIES[name]
    for status, response in operation["responses"].items():
        if status.startswith("2") and "content" in response:
            for media, content in response["content"].items():
                content["example"] = ANSWERS[name][media]
