"""The statements on follow-ups: the rows that a plan leaves, kept equal to the latest plan."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, and_, bindparam, delete, insert, select, update

from app.rules.plans import State, read_state
from app.store.db import Session
from app.store.ids import new_id
from app.store.paging import Listing, Page, read_page
from app.store.rows import FollowUpRow, Status
from app.store.tables import FollowUp

_TABLE = FollowUp.__table__


class Step(NamedTuple):
    """One step of a plan, as it is to be kept; `body` is its JSON. Keys are unique within a plan."""

    key: str
    kind: str
    status: Status
    opens_at: datetime
    due_at: datetime
    closes_at: datetime
    body: str


_OF = select(_TABLE).where(
    _TABLE.c.account_id == bindparam("account_id"), _TABLE.c.interview_id == bindparam("interview_id")
)
_INSERT = insert(_TABLE)
_UPDATE = (
    update(_TABLE)
    .where(_TABLE.c.account_id == bindparam("own_account"), _TABLE.c.id == bindparam("own_id"))
    .values({name: bindparam(name) for name in Step._fields})
)


@dataclass(frozen=True, slots=True)
class FollowUpFilter:
    """What listed follow-ups have in common; `due_after` includes its instant, `due_before` does not."""

    state: State | None = None
    kind: str | None = None
    interview_id: str | None = None
    due_after: datetime | None = None
    due_before: datetime | None = None


def insert_follow_ups(
    session: Session, interview_id: str, steps: Sequence[Step], now: datetime
) -> tuple[FollowUpRow, ...]:
    """Keep the steps of a plan whose keys the interview does not have yet. The rows stand in the order of the steps."""
    ids = sorted(new_id("fu", now) for _ in steps)  # steps that are due at one instant keep their order
    rows = tuple(
        FollowUpRow(session.account_id, id, interview_id, **_in_utc(step)._asdict())
        for id, step in zip(ids, steps, strict=True)
    )
    if rows:
        session.connection.execute(_INSERT, [row._asdict() for row in rows])
    return rows


def replace_follow_ups(
    session: Session, interview_id: str, steps: Sequence[Step], now: datetime
) -> tuple[FollowUpRow, ...]:
    """Make the interview's rows equal to the plan, matched by key: what stays keeps its id, what is gone goes.

    Lock the interview first. Writes only what differs. The rows stand in the order of the steps.
    """
    before = {row.key: row for row in follow_ups_of(session, interview_id)}
    after = {step.key: before[step.key]._replace(**_in_utc(step)._asdict()) for step in steps if step.key in before}
    _delete(session, interview_id, before.keys() - after.keys())
    _update(session, [row for row in after.values() if row != before[row.key]])
    added = insert_follow_ups(session, interview_id, [step for step in steps if step.key not in before], now)
    after |= {row.key: row for row in added}
    return tuple(after[step.key] for step in steps)


def follow_ups_of(session: Session, interview_id: str) -> tuple[FollowUpRow, ...]:
    """The follow-ups of one interview, in the order of `due_at`."""
    found = session.connection.execute(_OF, {"account_id": session.account_id, "interview_id": interview_id})
    # Sorted here: asked to sort, SQLite walks all that the account has in that order.
    return tuple(sorted((FollowUpRow._make(row) for row in found), key=lambda row: (row.due_at, row.id)))


def list_follow_ups(
    session: Session, filters: FollowUpFilter, now: datetime, *, limit: int, cursor: str | None = None
) -> Page[FollowUpRow]:
    """One page of the follow-ups in the order of `due_at`; states are those they have `now`. Raises BadCursor."""
    conditions = list(_conditions(filters, now))
    narrow = filters.interview_id is not None
    listing = Listing(_TABLE, session.account_id, "due_at", asdict(filters), conditions, narrow)
    return read_page(session, listing, FollowUpRow._make, limit=limit, cursor=cursor)


def state_of(row: FollowUpRow, now: datetime) -> State:
    """What an open follow-up has come to by `now`; what was sent, skipped or cancelled stays so."""
    return read_state(row.due_at, row.closes_at, now) if row.status == "open" else row.status


def _conditions(filters: FollowUpFilter, now: datetime) -> Iterable[ColumnElement[bool]]:
    if filters.state is not None:
        yield _has_state(filters.state, now)
    if filters.kind is not None:
        yield _TABLE.c.kind == filters.kind
    if filters.interview_id is not None:
        yield _TABLE.c.interview_id == filters.interview_id
    if filters.due_after is not None:
        yield _TABLE.c.due_at >= filters.due_after
    if filters.due_before is not None:
        yield _TABLE.c.due_at < filters.due_before


def _has_state(state: State, now: datetime) -> ColumnElement[bool]:
    """The same as `state_of`, for the database."""
    is_open = _TABLE.c.status == "open"
    match state:
        case "planned":
            return and_(is_open, _TABLE.c.due_at > now)
        case "due":
            return and_(is_open, _TABLE.c.due_at <= now, _TABLE.c.closes_at > now)
        case "missed":
            return and_(is_open, _TABLE.c.closes_at <= now)
    return _TABLE.c.status == state


def _in_utc(step: Step) -> Step:
    return step._replace(
        opens_at=step.opens_at.astimezone(UTC),
        due_at=step.due_at.astimezone(UTC),
        closes_at=step.closes_at.astimezone(UTC),
    )


def _update(session: Session, rows: Sequence[FollowUpRow]) -> None:
    if rows:
        own = [row._asdict() | {"own_account": row.account_id, "own_id": row.id} for row in rows]
        session.connection.execute(_UPDATE, own)


def _delete(session: Session, interview_id: str, keys: Iterable[str]) -> None:
    gone = sorted(keys)
    if gone:
        session.connection.execute(
            delete(_TABLE).where(
                _TABLE.c.account_id == session.account_id,
                _TABLE.c.interview_id == interview_id,
                _TABLE.c.key.in_(gone),
            )
        )
