"""The rows as we hand them out: plain tuples with names, one for each table, in the order of its columns."""

from datetime import datetime
from typing import Literal, NamedTuple

Status = Literal["open", "sent", "skipped", "cancelled"]
DeliveryState = Literal["open", "delivered", "failed", "cancelled"]
DisabledBecause = Literal["owner", "gone", "failing"]
Mode = Literal["live", "test"]
Scope = Literal["interviews:read", "interviews:write", "emails", "webhooks", "keys", "erase"]
"""What a key may do."""
Action = Literal["read", "render", "check", "record"]
"""What a client token may do."""


class AccountRow(NamedTuple):
    id: str
    name: str
    mode: Mode
    allowed_origins: str
    retention_days: int | None
    created_at: datetime


class KeyRow(NamedTuple):
    account_id: str
    id: str
    name: str
    hint: str | None
    digest: str
    scopes: str | None
    created_at: datetime
    last_used_at: datetime | None
    revoked_at: datetime | None
    expires_at: datetime | None


class TokenRow(NamedTuple):
    account_id: str
    id: str
    key_id: str
    digest: str
    interview_id: str | None
    candidate_email: str | None
    actions: str
    origins: str
    created_at: datetime
    expires_at: datetime


class KeptAnswerRow(NamedTuple):
    account_id: str
    key: str
    fingerprint: str
    answer: str | None
    about: str | None
    created_at: datetime


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


class Subject(NamedTuple):
    """What a client token is bound to: one interview, or all of one candidate's, by email in lower case."""

    interview_id: str | None
    candidate_email: str | None

    def covers(self, row: InterviewRow) -> bool:
        """Whether the token may see this interview."""
        if self.interview_id is not None:
            return row.id == self.interview_id
        return self.candidate_email is not None and row.candidate_email == self.candidate_email


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
    next_ring_at: datetime | None = None
    announced_due_at: datetime | None = None
    announced_closes_at: datetime | None = None


class EndpointRow(NamedTuple):
    account_id: str
    id: str
    url: str
    events: str | None
    description: str | None
    include_email: bool
    enabled: bool
    disabled_because: DisabledBecause | None
    secrets: str
    created_at: datetime
    updated_at: datetime


class LaneRow(NamedTuple):
    account_id: str
    endpoint_id: str
    next_at: datetime | None
    throttled: bool
    failing_since: datetime | None
    failed_at: datetime | None


class MessageRow(NamedTuple):
    account_id: str
    id: str
    type: str
    interview_id: str | None
    follow_up_id: str | None
    moment: datetime | None
    payload: str | None
    traceparent: str | None
    created_at: datetime


class DeliveryRow(NamedTuple):
    account_id: str
    id: str
    endpoint_id: str
    message_id: str
    state: DeliveryState
    attempts: int
    created_at: datetime
    settled_at: datetime | None


class PendingRow(NamedTuple):
    account_id: str
    delivery_id: str
    endpoint_id: str
    message_id: str
    retry: bool
    available_at: datetime
    tries: int
    claim: str | None


class AttemptRow(NamedTuple):
    account_id: str
    delivery_id: str
    number: int
    started_at: datetime
    milliseconds: int
    status: int | None
    failure: str | None
    body: str | None
    truncated: bool


class RecoveryRow(NamedTuple):
    account_id: str
    id: str
    endpoint_id: str
    since: datetime
    after: str
    until: str
    recovered: int
    created_at: datetime
    finished_at: datetime | None
