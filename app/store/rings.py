"""The statements on what rings: follow-ups of which there is something to announce."""

from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ARRAY, Connection, Select, String, bindparam, func, select, update

from app.store.db import Dialect, Session
from app.store.many import among, by_dialect
from app.store.rows import InterviewRow
from app.store.tables import FollowUp, Interview

MOST_RINGING = 200_000
"""How many ringing follow-ups are looked at for whom they belong to; the rest have their turn later."""

COMPANY = 4
"""How many may announce what rings of one account side by side."""

_TABLE = FollowUp.__table__
_INTERVIEW = Interview.__table__
_RINGS_AT = _TABLE.c.next_ring_at
_NOW = bindparam("now", type_=_RINGS_AT.type)
_RINGING = (
    select(_TABLE.c.account_id, _RINGS_AT).where(_RINGS_AT <= _NOW).order_by(_RINGS_AT).limit(MOST_RINGING).subquery()
)
_ACCOUNTS = select(_RINGING.c.account_id).group_by(_RINGING.c.account_id).order_by(func.min(_RINGING.c.next_ring_at))
_NEXT = select(func.min(_RINGS_AT)).where(_RINGS_AT.is_not(None))
_FIRST = (
    select(_TABLE.c.interview_id)
    .where(_TABLE.c.account_id == bindparam("account_id"), _RINGS_AT <= _NOW)
    .order_by(_RINGS_AT)
    .limit(bindparam("most"))
)


def _hold(dialect: Dialect) -> Select[Any]:
    own = (_INTERVIEW.c.account_id == bindparam("account_id"), among(_INTERVIEW.c.id, "ids", dialect))
    held = select(_INTERVIEW).where(*own).limit(bindparam("most"))
    if dialect == "sqlite":
        return held
    turn = func.array_position(bindparam("ids", type_=ARRAY(String)), _INTERVIEW.c.id)
    # What others hold they are changing, or announcing: it is not waited for, and the next in turn is taken.
    return held.order_by(turn).with_for_update(key_share=True, skip_locked=True)


_HOLD = by_dialect(_hold)
_PUT_OFF = (
    update(_TABLE)
    .where(
        _TABLE.c.account_id == bindparam("own_account"),
        _TABLE.c.interview_id.in_(bindparam("ids", expanding=True)),
        _RINGS_AT <= _NOW,
    )
    .values(next_ring_at=bindparam("until", type_=_RINGS_AT.type))
)


def accounts_due(connection: Connection, now: datetime) -> list[str]:
    """The accounts of which something rings, whoever has waited longest first."""
    return list(connection.execute(_ACCOUNTS, {"now": now.astimezone(UTC)}).scalars())


def next_ring(connection: Connection) -> datetime | None:
    """When something rings next, of whichever account."""
    found: datetime | None = connection.execute(_NEXT).scalar_one()
    return found


def list_ringing(session: Session, now: datetime, most: int) -> list[str]:
    """The ids of the interviews to which the `most` follow-ups belong that have rung longest, in that order."""
    given = {"account_id": session.account_id, "now": now.astimezone(UTC), "most": most}
    return list(dict.fromkeys(session.connection.execute(_FIRST, given).scalars()))


def hold_ringing(session: Session, now: datetime, most: int) -> tuple[InterviewRow, ...]:
    """Interviews with follow-ups that ring, locked: at most so many, those first that have waited longest.

    What others hold is left out; at most `COMPANY` who do so at once do not get in each other's way.
    """
    # Read first: joined, they might be found by walking through all interviews of the account.
    return hold_free(session, list_ringing(session, now, COMPANY * most), most)


def hold_free(session: Session, interview_ids: Sequence[str], most: int) -> tuple[InterviewRow, ...]:
    """The first `most` of these interviews that nobody else holds, locked, in the order of their ids as given."""
    if not interview_ids:
        return ()
    dialect = session.connection.dialect.name
    # SQLite has one writer: nobody else holds any.
    ids = list(interview_ids[:most] if dialect == "sqlite" else interview_ids)
    given = {"account_id": session.account_id, "ids": ids, "most": most}
    held = [InterviewRow._make(row) for row in session.connection.execute(_HOLD[dialect], given)]
    return tuple(sorted(held, key=lambda row: ids.index(row.id)))


def put_off(session: Session, interview_ids: Collection[str], now: datetime, until: datetime) -> None:
    """Let what rings of these interviews ring again at `until`, and not before."""
    if interview_ids:
        given = {
            "own_account": session.account_id,
            "ids": sorted(interview_ids),
            "now": now.astimezone(UTC),
            "until": until.astimezone(UTC),
        }
        session.connection.execute(_PUT_OFF, given)
