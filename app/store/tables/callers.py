"""Accounts, and whoever may call for them."""

from datetime import datetime

from sqlalchemy import ForeignKeyConstraint, Index
from sqlmodel import Field

from app.store.tables.base import Row, partial_index


class Account(Row, table=True):
    """Whoever owns the rows."""

    id: str = Field(primary_key=True)
    name: str = Field(unique=True)
    mode: str = Field(sa_column_kwargs={"server_default": "live"})  # live, test
    # JSON, a list: the pages from which browsers may call.
    allowed_origins: str = Field(sa_column_kwargs={"server_default": "[]"})
    retention_days: int | None = None  # null: as long as the service keeps what nobody says otherwise of
    created_at: datetime


class ApiKey(Row, table=True):
    """A secret key of an account, as its digest: whoever reads the table cannot sign in."""

    __tablename__ = "api_key"
    __table_args__ = (ForeignKeyConstraint(["account_id"], ["account.id"], ondelete="CASCADE"),)

    account_id: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    name: str
    hint: str | None = None  # its last four characters, by which its owner knows it again; of old keys null
    digest: str = Field(unique=True)
    scopes: str | None = None  # what it may do, with spaces between; null is nothing
    created_at: datetime
    last_used_at: datetime | None = None
    revoked_at: datetime | None = None
    expires_at: datetime | None = None


class ClientToken(Row, table=True):
    """A credential for a page in somebody's browser, as its digest: for an hour at most, and for little."""

    __tablename__ = "client_token"
    __table_args__ = (
        ForeignKeyConstraint(["account_id", "key_id"], ["api_key.account_id", "api_key.id"], ondelete="CASCADE"),
        ForeignKeyConstraint(
            ["account_id", "interview_id"], ["interview.account_id", "interview.id"], ondelete="CASCADE"
        ),
        Index(None, "expires_at"),
        partial_index("account_id", "interview_id", where="interview_id IS NOT NULL"),
        partial_index("account_id", "candidate_email", where="candidate_email IS NOT NULL"),
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


class KeptAnswer(Row, table=True):
    """What was answered to a request with an Idempotency-Key."""

    __tablename__ = "kept_answer"
    __table_args__ = (
        ForeignKeyConstraint(["account_id"], ["account.id"], ondelete="CASCADE"),
        Index(None, "created_at"),
        partial_index("account_id", "about", where="about IS NOT NULL"),
    )

    account_id: str = Field(primary_key=True)
    key: str = Field(primary_key=True)  # the caller's, as a digest
    fingerprint: str  # of the request
    answer: str | None = None  # sealed; null once its interview is forgotten
    about: str | None = None  # what it tells of: an id, or a candidate's email in lower case
    created_at: datetime


class Allowance(Row, table=True):
    """How many requests of this minute were given out to processes, for one key or one address."""

    subject: str = Field(primary_key=True)
    minute: int  # since 1970
    given: int
