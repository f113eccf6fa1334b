"""The statements on interviews. A row holds the facts as text, and as columns what is searched and sorted by."""

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any, Literal, NamedTuple

from sqlalchemy import ColumnElement, bindparam, delete, func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError

from app.rules import facts
from app.store.db import Session
from app.store.ids import new_id
from app.store.many import among, by_dialect
from app.store.paging import Listing, Page, Sort, read_page
from app.store.rows import InterviewRow, Subject
from app.store.tables import Interview

_TABLE = Interview.__table__
_INDEXED = ("external_id", "application_ref", "candidate_email")
_UNIQUE = ["account_id", "external_id"]
_INSERT = {
    name: statement.execution_options(preserve_rowcount=True)  # which an INSERT does not count by default
    for name, statement in {
        "sqlite": sqlite.insert(_TABLE).on_conflict_do_nothing(index_elements=_UNIQUE),
        "postgresql": postgresql.insert(_TABLE).on_conflict_do_nothing(index_elements=_UNIQUE),
    }.items()
}
_ROUNDS = by_dialect(
    lambda dialect: select(_TABLE.c.application_ref, _TABLE.c.id, _TABLE.c.starts_at, _TABLE.c.created_at).where(
        _TABLE.c.account_id == bindparam("account_id"), among(_TABLE.c.application_ref, "refs", dialect)
    )
)

_LOCK = by_dialect(
    lambda dialect: (
        select(_TABLE)
        .where(_TABLE.c.account_id == bindparam("account_id"), among(_TABLE.c.id, "ids", dialect))
        .order_by(_TABLE.c.id)
        .with_for_update(key_share=True)
    )
)
_DELETE = by_dialect(
    lambda dialect: delete(_TABLE).where(
        _TABLE.c.account_id == bindparam("account_id"), among(_TABLE.c.id, "ids", dialect)
    )
)


class Taken(Exception):
    """Another interview of the account has this value already; `member` names it as the API does."""

    def __init__(self, member: str) -> None:
        super().__init__(f"another interview has this {member}")
        self.member = member


class Stale(Exception):
    """The interview changed or went away after it was read: try again in a new transaction."""


class Sibling(NamedTuple):
    """Another interview of the same application."""

    id: str
    starts_at: datetime
    created_at: datetime


@dataclass(frozen=True, slots=True)
class InterviewFilter:
    """What listed interviews have in common: each given value as it stands, an email in upper or lower case."""

    company: str | None = None
    job_title: str | None = None
    stage: str | None = None
    external_id: str | None = None
    application_ref: str | None = None
    candidate_email: str | None = None


def insert_interview(session: Session, interview: facts.Interview, text: str, now: datetime) -> InterviewRow:
    """Keep a new interview; `text` is its JSON.

    Raises Taken when the account has one with its `external_id`, in which case nothing was written and the
    transaction can go on, with the other one in sight.
    """
    row = InterviewRow(
        account_id=session.account_id,
        id=new_id("int", now),
        **_columns(interview),
        facts=text,
        version=1,
        created_at=now.astimezone(UTC),
        updated_at=now.astimezone(UTC),
    )
    inserted = session.connection.execute(_INSERT[session.connection.dialect.name], row._asdict())
    if inserted.rowcount == 0:
        raise Taken("external_id")
    return row


def replace_facts(
    session: Session, row: InterviewRow, interview: facts.Interview, text: str, now: datetime
) -> InterviewRow:
    """Let the interview be what `interview` says (`text` is its JSON), one version on. The same text writes nothing.

    Raises Taken, after which the transaction is lost, or Stale when `row` is not the latest version.
    """
    if text == row.facts:
        return row
    values = _columns(interview) | {"facts": text, "version": row.version + 1, "updated_at": now.astimezone(UTC)}
    statement = update(_TABLE).where(
        _TABLE.c.account_id == session.account_id, _TABLE.c.id == row.id, _TABLE.c.version == row.version
    )
    try:
        updated = session.connection.execute(statement.values(values))
    except IntegrityError as error:
        if "external_id" in str(error.orig).partition("\n")[0]:  # the constraint's name, not anybody's value
            raise Taken("external_id") from error
        raise
    if updated.rowcount == 0:
        raise Stale(f"{row.id} is not at version {row.version}")
    return row._replace(**values)


def interviews_of(session: Session, candidate_email: str) -> tuple[InterviewRow, ...]:
    """Every interview of one candidate, by the address in lower case, in the order of their times."""
    statement = select(_TABLE).where(
        _TABLE.c.account_id == session.account_id, _TABLE.c.candidate_email == candidate_email
    )
    found = map(InterviewRow._make, session.connection.execute(statement))
    # Sorted here: asked to sort, SQLite walks all that the account has in that order.
    return tuple(sorted(found, key=lambda row: (row.starts_at, row.id)))


def lock_interviews(session: Session, interview_ids: Sequence[str]) -> tuple[InterviewRow, ...]:
    """Those of these interviews that are still there, locked, in the order of their ids. Hold applications first."""
    given = {"account_id": session.account_id, "ids": interview_ids}
    return tuple(map(InterviewRow._make, session.connection.execute(_LOCK[session.connection.dialect.name], given)))


def delete_interviews(session: Session, interview_ids: Sequence[str]) -> int:
    """Forget interviews with their events, follow-ups and client tokens; says how many there were."""
    given = {"account_id": session.account_id, "ids": interview_ids}
    return session.connection.execute(_DELETE[session.connection.dialect.name], given).rowcount


def list_interviews(
    session: Session, filters: InterviewFilter, *, sort: Sort, limit: int, cursor: str | None = None
) -> Page[InterviewRow]:
    """One page of the account's interviews. Raises BadCursor."""
    wanted = asdict(filters) | {"candidate_email": _lower(filters.candidate_email)}
    conditions = [_TABLE.c[name] == value for name, value in wanted.items() if value is not None]
    if session.subject is not None:
        conditions.append(seen_by(session.subject))
    narrow = any(wanted[name] is not None for name in _INDEXED)
    listing = Listing(_TABLE, session.account_id, sort, wanted, conditions, narrow)
    return read_page(session, listing, InterviewRow._make, limit=limit, cursor=cursor)


def seen_by(subject: Subject) -> ColumnElement[bool]:
    """Whether an interview is one that a client token is bound to."""
    if subject.interview_id is not None:
        return _TABLE.c.id == subject.interview_id
    return _TABLE.c.candidate_email == subject.candidate_email


def hold(session: Session, kind: Literal["external_id", "application", "interview", "endpoints"], name: str) -> None:
    """Wait until nobody else holds what this names; from now to the end of the transaction nobody will.

    Hold an application before siblings are read or added. Otherwise two new rounds, stored at once, would not see each
    other.
    """
    if session.connection.dialect.name == "postgresql":  # SQLite has one writer anyway
        key = f"{session.account_id} {kind} {name}"
        session.connection.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(key, 0))))


def siblings(session: Session, application_ref: str, *, besides: str) -> tuple[Sibling, ...]:
    """The interviews of the application other than the one with the id `besides`, in the order of their times."""
    statement = (
        select(_TABLE.c.id, _TABLE.c.starts_at, _TABLE.c.created_at)
        .where(_TABLE.c.account_id == session.account_id, _TABLE.c.application_ref == application_ref)
        .where(_TABLE.c.id != besides)
    )
    found = session.connection.execute(statement)
    # Sorted here: asked to sort, SQLite walks all that the account has in that order.
    return tuple(sorted((Sibling._make(row) for row in found), key=lambda sibling: (sibling.starts_at, sibling.id)))


def rounds_of_many(session: Session, application_refs: Collection[str]) -> dict[str, list[Sibling]]:
    """Every interview of several applications, by application, in no order."""
    rounds: dict[str, list[Sibling]] = {ref: [] for ref in application_refs}
    if rounds:
        given = {"account_id": session.account_id, "refs": sorted(rounds)}
        found = session.connection.execute(_ROUNDS[session.connection.dialect.name], given).all()
        for application_ref, *row in found:
            rounds[application_ref].append(Sibling(*row))
    return rounds


def _columns(interview: facts.Interview) -> dict[str, Any]:
    return {
        "external_id": interview.external_id,
        "application_ref": interview.application_ref,
        "candidate_email": _lower(interview.candidate.email),
        "company": interview.company,
        "job_title": interview.job_title,
        "stage": interview.stage,
        "starts_at": interview.starts_at.astimezone(UTC),
        "timezone": interview.timezone,
    }


def _lower(email: str | None) -> str | None:
    return None if email is None else email.lower()
