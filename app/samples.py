"""The examples of the OpenAPI document: one answer for every operation, made by the code that makes the real ones."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from pydantic import TypeAdapter

from app.answers import (
    answer_email,
    show_account,
    show_client_token,
    show_delivery,
    show_endpoint,
    show_event,
    show_event_type,
    show_follow_up,
    show_full_message,
    show_interview,
    show_key,
    show_message,
    show_page,
    show_plan,
    show_recovery,
    show_review,
    show_secret,
)
from app.callers import Caller
from app.drafting import draft_email
from app.erasing import Erased
from app.examples import AS_OF, DRAFT, DRAFT_REQUEST, EMAIL_OPTIONS, EMAIL_REQUEST, EVENTS, INTERVIEW
from app.exporting import Kept, show_candidate
from app.negotiation import MEDIA_TYPES
from app.reviewing import review
from app.routers.me import show_caller
from app.routers.webhook_events import describe_event
from app.rules.catalogue import ENTRIES
from app.rules.dossier import Dossier
from app.rules.drafts import Email, Options
from app.rules.facts import Event, Interview
from app.rules.planner import plan
from app.rules.policy import load_policies
from app.scheduling import as_step, localize, with_ids
from app.schemas import StoredDraftRequest
from app.schemas.callers import NEW_KEY, NEW_TOKEN
from app.schemas.candidates import AnswerOut
from app.schemas.webhook_events import EXAMPLES
from app.schemas.webhooks import SUBSCRIPTION
from app.store.messages import Progress
from app.store.rows import (
    AccountRow,
    AttemptRow,
    DeliveryRow,
    EndpointRow,
    EventRow,
    FollowUpRow,
    InterviewRow,
    KeyRow,
    MessageRow,
    RecoveryRow,
    TokenRow,
)

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

_DUE_AT = datetime(2026, 12, 2, 14, tzinfo=UTC)
_SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"  # noqa: S105 - an example, published with the standard
_ENDPOINT = EndpointRow(
    account_id="",
    id=_id("ep", 1),
    url=SUBSCRIPTION["url"],
    events=json.dumps(SUBSCRIPTION["events"]),
    description=SUBSCRIPTION["description"],
    include_email=False,
    enabled=True,
    disabled_because=None,
    secrets="",
    created_at=_STORED_AT,
    updated_at=_STORED_AT,
)
_DISABLED = _ENDPOINT._replace(enabled=False, disabled_because="owner", updated_at=_DUE_AT)
_MESSAGE = MessageRow(
    account_id="",
    id=_id("msg", 1),
    type="follow_up.due",
    interview_id=_ROW.id,
    follow_up_id=_OPEN.id,
    moment=_DUE_AT,
    payload=json.dumps(EXAMPLES["follow_up.due"]),
    traceparent=None,
    created_at=_DUE_AT,
)
_ON_ITS_WAY = Progress(
    DeliveryRow("", _id("dlv", 1), _ENDPOINT.id, _MESSAGE.id, "open", 1, _DUE_AT, None),
    _MESSAGE.type,
    _DUE_AT + timedelta(seconds=6),
    held=False,
)
_PING = Progress(
    DeliveryRow("", _id("dlv", 2), _ENDPOINT.id, _id("msg", 2), "open", 0, _DUE_AT, None), "ping", _DUE_AT, held=False
)
_ATTEMPT = AttemptRow("", _id("dlv", 1), 1, _DUE_AT, 41, 503, "status", "deploying, back in a minute", truncated=False)
_RECOVERY = RecoveryRow("", _id("rec", 1), _ENDPOINT.id, _DUE_AT, "", "", 0, _DUE_AT + timedelta(hours=3), None)

_CHANGES_ACCOUNT = {"allowed_origins": NEW_TOKEN["origins"], "retention_days": 365}
_ACCOUNT = AccountRow("", "northwind", "live", json.dumps(_CHANGES_ACCOUNT["allowed_origins"]), 365, _STORED_AT)
_KEY = KeyRow(
    account_id="",
    id=_id("key", 1),
    name=NEW_KEY["name"],
    hint="Evt4",
    digest="",
    scopes=" ".join(NEW_KEY["scopes"]),
    created_at=_STORED_AT,
    last_used_at=_DUE_AT,
    revoked_at=None,
    expires_at=None,
)
_KEY_TEXT = "aw_live_ExampleExampleExampleExample422SEvt4"
_TOKEN = TokenRow(
    account_id="",
    id=_id("tok", 1),
    key_id=_KEY.id,
    digest="",
    interview_id=_ROW.id,
    candidate_email=None,
    actions=" ".join(NEW_TOKEN["actions"]),
    origins=json.dumps(NEW_TOKEN["origins"]),
    created_at=_DUE_AT,
    expires_at=_DUE_AT + timedelta(minutes=15),
)
_TOKEN_TEXT = "aw_client_ExampleExampleExampleExample4220U4oi"  # noqa: S105 - an example
_CANDIDATE = show_candidate(
    _INTERVIEW.candidate.email or "",
    [Kept(_ROW, _EVENT_ROWS, _FOLLOW_UPS, [(_MESSAGE, [_ON_ITS_WAY])], {_ATTEMPT.delivery_id: [_ATTEMPT]})],
    [_TOKEN],
    [AnswerOut(answered_at=_STORED_AT, status=201, body=json.loads(show_interview(_ROW)))],
    _NOW,
)
_ERASED = Erased(1, len(_EVENT_ROWS), len(_FOLLOW_UPS), 1, 1, 1, 0, 1)
_CALLER = Caller("", _KEY.id, _KEY, frozenset(NEW_KEY["scopes"]))

IDS: Final[Mapping[str, str]] = {
    "interview_id": _ROW.id,
    "event_id": _EVENT_ROWS[0].id,
    "follow_up_id": _OPEN.id,
    "external_id": "ats-8123",
    "name": "capstone",
    "rule_id": "timing.thank_you",
    "kind": "thank_you",
    "endpoint_id": _ENDPOINT.id,
    "key_id": _KEY.id,
    "email": _INTERVIEW.candidate.email or "",
    "message_id": _MESSAGE.id,
    "delivery_id": _ATTEMPT.delivery_id,
    "event_type": _MESSAGE.type,
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
    "export_candidate": _CANDIDATE,
    "erase_candidate": json.dumps(_ERASED._asdict()),
    "create_key": show_key(_KEY._replace(last_used_at=None), "live", _KEY_TEXT),
    "list_keys": show_page([show_key(_KEY, "live")]),
    "create_client_token": show_client_token(_TOKEN, _TOKEN_TEXT),
    "get_account": show_account(_ACCOUNT),
    "patch_account": show_account(_ACCOUNT),
    "get_me": show_caller(_CALLER, _ACCOUNT),
    "create_endpoint": show_endpoint(_ENDPOINT, None, _SECRET),
    "list_endpoints": show_page([show_endpoint(_ENDPOINT, None)]),
    "get_endpoint": show_endpoint(_ENDPOINT, _DUE_AT),
    "patch_endpoint": show_endpoint(_DISABLED, None),
    "rotate_secret": show_secret(_SECRET, _DUE_AT + timedelta(days=1)),
    "ping_endpoint": show_delivery(_PING),
    "recover_endpoint": show_recovery(_RECOVERY),
    "list_endpoint_deliveries": show_page([show_delivery(_ON_ITS_WAY)]),
    "list_messages": show_page([show_message(_MESSAGE)]),
    "get_message": show_full_message(_MESSAGE, [_ON_ITS_WAY], {_ATTEMPT.delivery_id: [_ATTEMPT]}),
    "retry_delivery": show_delivery(_ON_ITS_WAY),
    "list_event_types": show_page(show_event_type(each, describe_event(each)) for each in EXAMPLES),
    "get_event_example": json.dumps(EXAMPLES["follow_up.due"]),
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
    "create_key": NEW_KEY,
    "create_client_token": NEW_TOKEN,
    "patch_account": _CHANGES_ACCOUNT,
    "create_endpoint": SUBSCRIPTION,
    "patch_endpoint": {"enabled": False},
    "rotate_secret": {"overlap_seconds": 3600},
    "recover_endpoint": {"since": "2026-12-02T09:00:00-05:00"},
}
"""The body of every operation that takes one, by its operationId."""
