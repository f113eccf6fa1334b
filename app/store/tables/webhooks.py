"""Who is told of what falls due, what they are told, and how that went."""

from datetime import datetime

from sqlalchemy import ForeignKeyConstraint, Index, UniqueConstraint, text
from sqlmodel import Field

from app.store.tables.base import Row, partial_index


class WebhookEndpoint(Row, table=True):
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


class Lane(Row, table=True):
    """The queue of one endpoint: when to look into it next, and how its receiver has been doing."""

    __table_args__ = (
        ForeignKeyConstraint(
            ["account_id", "endpoint_id"], ["webhook_endpoint.account_id", "webhook_endpoint.id"], ondelete="CASCADE"
        ),
        # Across accounts: whose turn it is.
        partial_index("next_at", where="next_at IS NOT NULL"),
    )

    account_id: str = Field(primary_key=True)
    endpoint_id: str = Field(primary_key=True)
    next_at: datetime | None = None  # null: nothing waits, or the endpoint is disabled
    throttled: bool  # one at a time, until it succeeds
    failing_since: datetime | None = None  # the first failure after the last success
    failed_at: datetime | None = None  # the latest failure


class Message(Row, table=True):
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
        partial_index("account_id", "interview_id", where="interview_id IS NOT NULL"),
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


class Delivery(Row, table=True):
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


class Pending(Row, table=True):
    """An open delivery in its endpoint's lane: apart from the log, so that taking one costs the same for ever."""

    __table_args__ = (
        ForeignKeyConstraint(["account_id", "delivery_id"], ["delivery.account_id", "delivery.id"], ondelete="CASCADE"),
        Index(None, "account_id", "endpoint_id", "retry", "available_at"),
        partial_index("account_id", "endpoint_id", "available_at", where="claim IS NOT NULL"),
    )

    account_id: str = Field(primary_key=True)
    delivery_id: str = Field(primary_key=True)
    endpoint_id: str
    message_id: str
    retry: bool  # first attempts go first
    available_at: datetime  # when it may be taken: its turn, or the end of the lease of whoever has it
    tries: int  # counted when it is taken; its place in the schedule of retries
    claim: str | None = None  # the worker that has it, and by which lease


class Attempt(Row, table=True):
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


class Recovery(Row, table=True):
    """An owner's wish to send again what an endpoint missed, carried out in steps that survive a crash."""

    __table_args__ = (
        ForeignKeyConstraint(
            ["account_id", "endpoint_id"], ["webhook_endpoint.account_id", "webhook_endpoint.id"], ondelete="CASCADE"
        ),
        partial_index("created_at", where="finished_at IS NULL"),
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
