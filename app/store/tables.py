"""Every table. `account_id` stands first in keys and indexes, so that the rows can be spread by account."""

from datetime import datetime
from typing import ClassVar

from sqlalchemy import ForeignKeyConstraint, Index, MetaData, Table, UniqueConstraint, text
from sqlmodel import Field, SQLModel

NAMING_CONVENTION = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

metadata = MetaData(naming_convention=NAMING_CONVENTION)


class _Row(SQLModel):
    metadata: ClassVar[MetaData] = metadata
    __table__: ClassVar[Table]


def _partial_index(*columns: str, where: str) -> Index:
    return Index(None, *columns, sqlite_where=text(where), postgresql_where=text(where))


class Account(_Row, table=True):
    """Whoever owns the rows."""

    id: str = Field(primary_key=True)
    name: str = Field(unique=True)
    created_at: datetime


class ApiKey(_Row, table=True):
    """A secret key of an account, as its digest: whoever reads the table cannot sign in."""

    __tablename__ = "api_key"
    __table_args__ = (ForeignKeyConstraint(["account_id"], ["account.id"], ondelete="CASCADE"),)

    account_id: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    name: str
    digest: str = Field(unique=True)
    created_at: datetime
    last_used_at: datetime | None = None
    revoked_at: datetime | None = None
    expires_at: datetime | None = None


class Interview(_Row, table=True):
    """One interview: the facts as they were given, and the few of them that are searched for as columns."""

    __table_args__ = (
        ForeignKeyConstraint(["account_id"], ["account.id"], ondelete="CASCADE"),
        UniqueConstraint("account_id", "external_id"),
        Index(None, "account_id", "starts_at", "id"),
        Index(None, "account_id", "created_at", "id"),
        _partial_index("account_id", "application_ref", where="application_ref IS NOT NULL"),
        _partial_index("account_id", "candidate_email", where="candidate_email IS NOT NULL"),
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


class Event(_Row, table=True):
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


class FollowUp(_Row, table=True):
    """One step of an interview's plan, as planned last."""

    __tablename__ = "follow_up"
    __table_args__ = (
        ForeignKeyConstraint(
            ["account_id", "interview_id"], ["interview.account_id", "interview.id"], ondelete="CASCADE"
        ),
        UniqueConstraint("account_id", "interview_id", "key"),
        Index(None, "account_id", "due_at", "id"),
        # The one index across accounts: what falls due next, whoever it belongs to.
        _partial_index("due_at", where="status = 'open'"),
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
