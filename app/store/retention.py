"""The statements on interviews whose time is over."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from sqlalchemy import Connection, and_, bindparam, func, select

from app.store.db import Session
from app.store.many import among, by_dialect
from app.store.rows import InterviewRow
from app.store.tables import Account, Event, Interview

_ACCOUNT = Account.__table__
_TABLE = Interview.__table__
_EVENT = Event.__table__
_DAYS = func.coalesce(_ACCOUNT.c.retention_days, bindparam("days"))
_FIRST = select(func.min(_TABLE.c.starts_at)).where(_TABLE.c.account_id == _ACCOUNT.c.id).scalar_subquery()
_ACCOUNTS = select(_ACCOUNT.c.id, _DAYS, _FIRST).where(_DAYS > 0).order_by(_ACCOUNT.c.id)
_BEFORE = bindparam("before", type_=_TABLE.c.starts_at.type)
# Asked interview by interview: as a condition it would be a join with all events.
_LATEST = (
    select(func.max(_EVENT.c.created_at))
    .where(_EVENT.c.account_id == _TABLE.c.account_id, _EVENT.c.interview_id == _TABLE.c.id)
    .scalar_subquery()
)
_OLD = select(_TABLE).where(
    _TABLE.c.account_id == bindparam("account_id"),
    and_(_TABLE.c.starts_at < _BEFORE, _TABLE.c.updated_at < _BEFORE),
    func.coalesce(_LATEST, _TABLE.c.updated_at) < _BEFORE,
)
_FIND = _OLD.order_by(_TABLE.c.starts_at, _TABLE.c.id).limit(bindparam("most"))
_STILL = by_dialect(lambda dialect: _OLD.where(among(_TABLE.c.id, "ids", dialect)))


class Term(NamedTuple):
    """An account, and the instant before which everything has to lie of an interview that is forgotten."""

    account_id: str
    before: datetime


def terms(connection: Connection, now: datetime, days: int) -> list[Term]:
    """Those of the accounts that may have something to forget. `days` are for who says nothing else; 0 is never."""
    found = connection.execute(_ACCOUNTS, {"days": days}).all()
    ends = ((Term(id, now - timedelta(days=own_days)), first) for id, own_days, first in found)
    return [term for term, first in ends if first is not None and first < term.before]


def find_old(session: Session, before: datetime, most: int) -> tuple[InterviewRow, ...]:
    """Interviews that began, changed last and were last told of before then: the first to begin, at most so many."""
    given = {"account_id": session.account_id, "before": before.astimezone(UTC), "most": most}
    return tuple(map(InterviewRow._make, session.connection.execute(_FIND, given)))


def still_old(session: Session, interview_ids: Sequence[str], before: datetime) -> tuple[InterviewRow, ...]:
    """Those of these interviews of which that is still so."""
    given = {"account_id": session.account_id, "before": before.astimezone(UTC), "ids": interview_ids}
    return tuple(map(InterviewRow._make, session.connection.execute(_STILL[session.connection.dialect.name], given)))
