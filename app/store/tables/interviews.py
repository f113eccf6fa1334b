"""Interviews, what happened after them, and their plans."""

from datetime import datetime

from sqlalchemy import ForeignKeyConstraint, Index, UniqueConstraint
from sqlmodel import Field

from app.store.tables.base import Row, partial_index


class Interview(Row, table=True):
    """One interview: the facts as they were given, and the few of them that are searched for as columns."""

    __table_args__ = (
        ForeignKeyConstraint(["account_id"], ["account.id"], ondelete="CASCADE"),
        UniqueConstraint("account_id", "external_id"),
        Index(None, "account_id", "starts_at", "id"),
        Index(None, "account_id", "created_at", "id"),
        partial_index("account_id", "application_ref", where="application_ref IS NOT NULL"),
        partial_index("account_id", "candidate_email", where="candidate_email IS NOT NULL"),
    )

    account_id: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    external_id: str | None = None
    application_ref: str | None = None
    candidate_email: str | None = None  # in lower case
    company: str
    job_title: str
    stage: str
    starts_at: datetime
    timezone: str
    facts: str  # JSON, exactly as it was validated
    version: int
    created_at: datetime
    updated_at: datetime


class Event(Row, table=True):
    """Something that happened after an interview."""

    __table_args__ = (
        ForeignKeyConstraint(
            ["account_id", "interview_id"], ["interview.account_id", "interview.id"], ondelete="CASCADE"
        ),
        Index(None, "account_id", "interview_id", "occurred_at", "position"),
    )

    account_id: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    interview_id: str
    type: str
    occurred_at: datetime
    position: int  # among the interview's events, in the order of arrival: decides between equal instants
    data: str  # JSON
    created_at: datetime


class FollowUp(Row, table=True):
    """One step of an interview's plan, as planned last."""

    __tablename__ = "follow_up"
    __table_args__ = (
        ForeignKeyConstraint(
            ["account_id", "interview_id"], ["interview.account_id", "interview.id"], ondelete="CASCADE"
        ),
        UniqueConstraint("account_id", "interview_id", "key"),
        Index(None, "account_id", "due_at", "id"),
        # What rings next: whoever it belongs to, and of one account.
        partial_index("next_ring_at", "account_id", where="next_ring_at IS NOT NULL"),
        partial_index("account_id", "next_ring_at", where="next_ring_at IS NOT NULL"),
    )

    account_id: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    interview_id: str
    key: str
    kind: str
    status: str  # open, sent, skipped, cancelled
    opens_at: datetime
    due_at: datetime
    closes_at: datetime
    body: str  # JSON: the step as it was planned
    next_ring_at: datetime | None = None  # when there is something to announce: at due_at, then at closes_at
    announced_due_at: datetime | None = None  # the due_at that subscribers were told of last
    announced_closes_at: datetime | None = None  # the closes_at that they were told was missed
