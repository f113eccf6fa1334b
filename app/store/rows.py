"""The rows as we hand them out: plain tuples with names, one for each table, in the order of its columns."""

from datetime import datetime
from typing import Literal, NamedTuple

Status = Literal["open", "sent", "skipped", "cancelled"]


class KeyRow(NamedTuple):
    account_id: str
    id: str
    name: str
    digest: str
    created_at: datetime
    last_used_at: datetime | None
    revoked_at: datetime | None
    expires_at: datetime | None


class InterviewRow(NamedTuple):
    account_id: str
    id: str
    external_id: str | None
    application_ref: str | None
    candidate_email: str | None
    company: str
    job_title: str
    stage: str
    starts_at: datetime
    timezone: str
    facts: str
    version: int
    created_at: datetime
    updated_at: datetime


class EventRow(NamedTuple):
    account_id: str
    id: str
    interview_id: str
    type: str
    occurred_at: datetime
    position: int
    data: str
    created_at: datetime


class FollowUpRow(NamedTuple):
    account_id: str
    id: str
    interview_id: str
    key: str
    kind: str
    status: Status
    opens_at: datetime
    due_at: datetime
    closes_at: datetime
    body: str
