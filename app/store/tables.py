"""Every table. `account_id` stands first in keys and indexes, so that the rows can be spread by account."""

from datetime import datetime
from typing import ClassVar

from sqlalchemy import ForeignKeyConstraint, Index, MetaData, String, Table, UniqueConstraint, text
from sqlmodel import AutoString, Field, SQLModel

NAMING_CONVENTION = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

_EVERY_SCOPE = "interviews:read interviews:write emails webhooks keys erase"
"""What the keys may do that were made before there were scopes."""

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
    mode: str = Field(sa_column_kwargs={"server_default": "live"})  # live, test
    # JSON, a list: the pages from which browsers may call.
    allowed_origins: str = Field(sa_column_kwargs={"server_default": "[]"})
    retention_days: int | None = None  # null: as long as the service keeps what nobody says otherwise of
    created_at: datetime


class ApiKey(_Row, table=True):
    """A secret key of an account, as its digest: whoever reads the table cannot sign in."""

    __tablename__ = "api_key"
    __table_args__ = (ForeignKeyConstraint(["account_id"], ["account.id"], ondelete="CASCADE"),)

    account_id: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    name: str
    hint: str | None = None  # its last four characters, by which its owner knows it again; of old keys null
    digest: str = Field(unique=True)
    scopes: str = Field(sa_column_kwargs={"server_default": _EVERY_SCOPE})  # with spaces between
    created_at: datetime
    last_used_at: datetime | None = None
    revoked_at: datetime | None = None
    expires_at: datetime | None = None


class ClientToken(_Row, table=True):
    """A credential for a page in somebody's browser, as its digest: for an hour at most, and for little."""

    __tablename__ = "client_token"
    __table_args__ = (
        ForeignKeyConstraint(["account_id", "key_id"], ["api_key.account_id", "api_key.id"], ondelete="CASCADE"),
        ForeignKeyConstraint(
            ["account_id", "interview_id"], ["interview.account_id", "interview.id"], ondelete="CASCADE"
        ),
        Index(None, "expires_at"),
        _partial_index("account_id", "interview_id", where="interview_id IS NOT NULL"),
        _partial_index("account_id", "candidate_email", where="candidate_email IS NOT NULL"),
    )

    account_id: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    key_id: str  # that made it: they end together
    digest: str = Field(unique=True)
    interview_id: str | None = None  # what it is bound to: this one
    candidate_email: str | None = None  # or all of this candidate's, in lower case
    actions: str  # with spaces between
    origins: str  # JSON, a list: the pages that may use it
    created_at: datetime
    expires_at: datetime


class KeptAnswer(_Row, table=True):
    """What was answered to a request with an Idempotency-Key."""

    __tablename__ = "kept_answer"
    __table_args__ = (
        ForeignKeyConstraint(["account_id"], ["account.id"], ondelete="CASCADE"),
        Index(None, "created_at"),
        _partial_index("account_id", "interview_id", where="interview_id IS NOT NULL"),
    )

    account_id: str = Field(primary_key=True)
    key: str = Field(primary_key=True)  # the caller's
    fingerprint: str  # of the request
    answer: str | None = None  # sealed; null once its interview is forgotten
    interview_id: str | None = None  # that it tells of
    created_at: datetime


class Allowance(_Row, table=True):
    """How many requests of this minute were given out to processes, for one key or one address."""

    subject: str = Field(primary_key=True)
    minute: int  # since 1970
    given: int


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
        # What rings next: whoever it belongs to, and of one account.
        _partial_index("next_ring_at", "account_id", where="next_ring_at IS NOT NULL"),
        _partial_index("account_id", "next_ring_at", where="next_ring_at IS NOT NULL"),
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


class WebhookEndpoint(_Row, table=True):
    """Where an account wants to be told of what happens."""

    __tablename__ = "webhook_endpoint"
    __table_args__ = (ForeignKeyConstraint(["account_id"], ["account.id"], ondelete="CASCADE"),)

    account_id: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    url: str
    events: str | None = None  # JSON, a list of types; null: all of them
    description: str | None = None
    include_email: bool
    enabled: bool
    disabled_because: str | None = None  # owner, gone, failing
    secrets: str  # JSON: every secret still valid, sealed, the newest first
    created_at: datetime
    updated_at: datetime


class Lane(_Row, table=True):
    """The queue of one endpoint: when to look into it next, and how its receiver has been doing."""

    __table_args__ = (
        ForeignKeyConstraint(
            ["account_id", "endpoint_id"], ["webhook_endpoint.account_id", "webhook_endpoint.id"], ondelete="CASCADE"
        ),
        # Across accounts: whose turn it is.
        _partial_index("next_at", where="next_at IS NOT NULL"),
    )

    account_id: str = Field(primary_key=True)
    endpoint_id: str = Field(primary_key=True)
    next_at: datetime | None = None  # null: nothing waits, or the endpoint is disabled
    throttled: bool  # one at a time, until it succeeds
    failing_since: datetime | None = None  # the first failure after the last success
    failed_at: datetime | None = None  # the latest failure


class Message(_Row, table=True):
    """Something that subscribers are told: the same id and the same words for each of them."""

    __table_args__ = (
        ForeignKeyConstraint(["account_id"], ["account.id"], ondelete="CASCADE"),
        # What "once per due_at" rests on, whatever else goes wrong.
        Index(
            None,
            "account_id",
            "follow_up_id",
            "type",
            "moment",
            unique=True,
            sqlite_where=text("moment IS NOT NULL"),
            postgresql_where=text("moment IS NOT NULL"),
        ),
        _partial_index("account_id", "interview_id", where="interview_id IS NOT NULL"),
    )

    account_id: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    type: str
    interview_id: str | None = None
    follow_up_id: str | None = None
    moment: datetime | None = None  # the due_at or closes_at that rang
    payload: str | None = None  # JSON; null once its interview is forgotten
    traceparent: str | None = None  # of the request that it came of
    created_at: datetime


class Delivery(_Row, table=True):
    """One message on its way to one endpoint, and what became of it."""

    __table_args__ = (
        ForeignKeyConstraint(["account_id", "message_id"], ["message.account_id", "message.id"], ondelete="CASCADE"),
        UniqueConstraint("account_id", "message_id", "endpoint_id"),
        Index(None, "account_id", "endpoint_id", "id"),
    )

    account_id: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    endpoint_id: str
    message_id: str
    state: str  # open, delivered, failed, cancelled
    attempts: int  # that were made and settled
    created_at: datetime
    settled_at: datetime | None = None


class Pending(_Row, table=True):
    """An open delivery in its endpoint's lane: apart from the log, so that taking one costs the same for ever."""

    __table_args__ = (
        ForeignKeyConstraint(["account_id", "delivery_id"], ["delivery.account_id", "delivery.id"], ondelete="CASCADE"),
        Index(None, "account_id", "endpoint_id", "retry", "available_at"),
        _partial_index("account_id", "endpoint_id", "available_at", where="claim IS NOT NULL"),
    )

    account_id: str = Field(primary_key=True)
    delivery_id: str = Field(primary_key=True)
    endpoint_id: str
    message_id: str
    retry: bool  # first attempts go first
    available_at: datetime  # when it may be taken: its turn, or the end of the lease of whoever has it
    tries: int  # counted when it is taken; its place in the schedule of retries
    claim: str | None = None  # the worker that has it


class Attempt(_Row, table=True):
    """One request that was made for a delivery, and what came of it."""

    __table_args__ = (
        ForeignKeyConstraint(["account_id", "delivery_id"], ["delivery.account_id", "delivery.id"], ondelete="CASCADE"),
    )

    account_id: str = Field(primary_key=True)
    delivery_id: str = Field(primary_key=True)
    number: int = Field(primary_key=True)
    started_at: datetime
    milliseconds: int
    status: int | None = None  # of the answer, where there was one
    failure: str | None = None  # its class; null for a success
    body: str | None = None  # the beginning of the answer
    truncated: bool  # there was more of it, or it broke off


class Recovery(_Row, table=True):
    """An owner's wish to send again what an endpoint missed, carried out in steps that survive a crash."""

    __table_args__ = (
        ForeignKeyConstraint(
            ["account_id", "endpoint_id"], ["webhook_endpoint.account_id", "webhook_endpoint.id"], ondelete="CASCADE"
        ),
        _partial_index("created_at", where="finished_at IS NULL"),
    )

    account_id: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    endpoint_id: str
    since: datetime
    after: str  # the id of the last message that was looked at
    until: str  # of the last one to look at
    recovered: int
    created_at: datetime
    finished_at: datetime | None = None


for _column in (column for table in metadata.tables.values() for column in table.c):
    if isinstance(_column.type, AutoString):
        _column.type = String()  # SQLModel's own type looks at every text that is read, which takes a tenth of a query
