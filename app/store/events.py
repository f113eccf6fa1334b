"""The statements on events: what happened after an interview."""

from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy import bindparam, delete, func, insert, select

from app.rules import facts
from app.store.db import Session
from app.store.find import NotFound
from app.store.ids import new_id
from app.store.many import among, by_dialect
from app.store.rows import EventRow
from app.store.tables import Event

_TABLE = Event.__table__
_OF = (
    select(_TABLE)
    .where(_TABLE.c.account_id == bindparam("account_id"), _TABLE.c.interview_id == bindparam("interview_id"))
    .order_by(_TABLE.c.occurred_at, _TABLE.c.position)
)
_OF_MANY = by_dialect(
    lambda dialect: (
        select(_TABLE)
        .where(_TABLE.c.account_id == bindparam("account_id"), among(_TABLE.c.interview_id, "ids", dialect))
        .order_by(_TABLE.c.occurred_at, _TABLE.c.position)
    )
)
_DELETE_OF_MANY = by_dialect(
    lambda dialect: delete(_TABLE).where(
        _TABLE.c.account_id == bindparam("account_id"), among(_TABLE.c.interview_id, "ids", dialect)
    )
)
_NEXT_POSITION = (
    select(func.coalesce(func.max(_TABLE.c.position) + 1, 0))
    .where(_TABLE.c.account_id == bindparam("own_account"), _TABLE.c.interview_id == bindparam("own_interview"))
    .scalar_subquery()
)
_INSERT = insert(_TABLE).values(position=_NEXT_POSITION).returning(_TABLE.c.position)


def insert_event(session: Session, interview_id: str, event: facts.Event, text: str, now: datetime) -> EventRow:
    """Keep what happened, after all that was kept before; `text` is its JSON. The interview is there, and locked."""
    row = EventRow(
        account_id=session.account_id,
        id=new_id("evt", now),
        interview_id=interview_id,
        type=event.type,
        occurred_at=event.occurred_at.astimezone(UTC),
        position=0,
        data=text,
        created_at=now.astimezone(UTC),
    )
    values = row._asdict() | {"own_account": session.account_id, "own_interview": interview_id}
    del values["position"]
    return row._replace(position=session.connection.execute(_INSERT, values).scalar_one())


def list_events(session: Session, interview_id: str) -> tuple[EventRow, ...]:
    """All that happened, in the order in which it counts."""
    found = session.connection.execute(_OF, {"account_id": session.account_id, "interview_id": interview_id})
    return tuple(EventRow._make(row) for row in found)


def list_events_of_many(session: Session, interview_ids: Sequence[str]) -> dict[str, list[EventRow]]:
    """All that happened after several interviews, by interview."""
    rows: dict[str, list[EventRow]] = {id: [] for id in interview_ids}
    given = {"account_id": session.account_id, "ids": interview_ids}
    for found in session.connection.execute(_OF_MANY[session.connection.dialect.name], given).all():
        row = EventRow._make(found)
        rows[row.interview_id].append(row)
    return rows


def delete_event(session: Session, interview_id: str, event_id: str) -> None:
    """Take back what turned out not to have happened. Raises NotFound."""
    statement = delete(_TABLE).where(
        _TABLE.c.account_id == session.account_id, _TABLE.c.id == event_id, _TABLE.c.interview_id == interview_id
    )
    if session.connection.execute(statement).rowcount == 0:
        raise NotFound("event", event_id)


def delete_events_of_many(session: Session, interview_ids: Sequence[str]) -> int:
    """Forget all that happened after these interviews; says how much it was."""
    given = {"account_id": session.account_id, "ids": interview_ids}
    return session.connection.execute(_DELETE_OF_MANY[session.connection.dialect.name], given).rowcount
