"""The statements on follow-ups: the rows that a plan leaves, kept equal to the latest plan."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, and_, bindparam, delete, insert, select

from app.rules.plans import State, read_state
from app.store.db import Session
from app.store.ids import new_id
from app.store.interviews import seen_by
from app.store.many import among, by_dialect, update_many
from app.store.paging import Listing, Page, read_page
from app.store.rows import FollowUpRow, Status
from app.store.tables import FollowUp, Interview

_TABLE = FollowUp.__table__
_INTERVIEW = Interview.__table__


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
_OF_MANY = by_dialect(
    lambda dialect: select(_TABLE).where(
        _TABLE.c.account_id == bindparam("account_id"), among(_TABLE.c.interview_id, "ids", dialect)
    )
)
_INSERT = insert(_TABLE)
_STEP = slice(FollowUpRow._fields.index("key"), FollowUpRow._fields.index("body") + 1)
_RING: tuple[str, ...] = ("next_ring_at", "announced_due_at", "announced_closes_at")
_PLANNED: tuple[str, ...] = (*Step._fields, *_RING)
_DELETE = delete(_TABLE).where(
    _TABLE.c.account_id == bindparam("account_id"), _TABLE.c.id.in_(bindparam("ids", expanding=True))
)


Pair = tuple[FollowUpRow | None, FollowUpRow | None]
"""One follow-up before and after; None where it was not there."""


class Replacement(NamedTuple):
    """The rows of one interview before and after it was planned anew; those after stand in the plan's order."""

    before: tuple[FollowUpRow, ...]
    after: tuple[FollowUpRow, ...]

    def pairs(self) -> list[Pair]:
        """Each follow-up before and after: those of the plan in its order, then those that are gone."""
        known = {row.id: row for row in self.before}
        kept: list[Pair] = [(known.pop(row.id, None), row) for row in self.after]
        return kept + [(row, None) for row in known.values()]


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
    rows = _make_rows(session, interview_id, steps, now)
    _insert(session, rows)
    return rows


def replace_follow_ups(session: Session, interview_id: str, steps: Sequence[Step], now: datetime) -> Replacement:
    """Make the interview's rows equal to the plan, matched by key: what stays keeps its id, what is gone goes.

    Lock the interview first. Writes only what differs.
    """
    replacement = match_steps(session, interview_id, follow_ups_of(session, interview_id), steps, now)
    write_replacements(session, [replacement])
    return replacement


def match_steps(
    session: Session, interview_id: str, before: Sequence[FollowUpRow], steps: Sequence[Step], now: datetime
) -> Replacement:
    """What an interview's rows become by a plan, not written yet."""
    known = {row.key: row for row in before}
    added = _make_rows(session, interview_id, [step for step in steps if step.key not in known], now)
    made = {row.key: row for row in added}
    after = (made.get(step.key) or _follow(known[step.key], step) for step in steps)
    return Replacement(tuple(before), tuple(after))


def write_replacements(session: Session, replacements: Iterable[Replacement]) -> None:
    """Write what differs between the rows before and after, of any number of interviews."""
    pairs = [pair for replacement in replacements for pair in replacement.pairs()]
    stayed = [(was, row) for was, row in pairs if was and row and was != row]
    _delete(session, [was.id for was, row in pairs if was and not row])
    _update(session, _PLANNED, [row for was, row in stayed if differ(was, row)])
    _update(session, _RING, [row for was, row in stayed if not differ(was, row)])
    _insert(session, [row for was, row in pairs if row and not was])


def differ(before: FollowUpRow, after: FollowUpRow) -> bool:
    """Whether a follow-up is planned otherwise; what was announced of it is no part of the plan."""
    return before[_STEP] != after[_STEP]


def _follow(row: FollowUpRow, step: Step) -> FollowUpRow:
    return let_ring(row if row[_STEP] == step else row._replace(**_in_utc(step)._asdict()))


def let_ring(row: FollowUpRow) -> FollowUpRow:
    """The row with the moment at which there is something to announce of it: its due, then its close.

    Once it is settled, cancelled or due at another moment, that it was announced as due does not hold any more: should
    it ever come back, it rings again.
    """
    is_open = row.status == "open"
    told = is_open and row.announced_due_at == row.due_at
    over = not is_open or row.announced_closes_at == row.closes_at
    rings_at = None if over else row.closes_at if told else row.due_at
    told_at = row.due_at if told else None
    if (row.next_ring_at, row.announced_due_at) == (rings_at, told_at):
        return row
    return row._replace(next_ring_at=rings_at, announced_due_at=told_at)


def follow_ups_of(session: Session, interview_id: str) -> tuple[FollowUpRow, ...]:
    """The follow-ups of one interview, in the order of `due_at`."""
    found = session.connection.execute(_OF, {"account_id": session.account_id, "interview_id": interview_id})
    # Sorted here: asked to sort, SQLite walks all that the account has in that order.
    return tuple(sorted((FollowUpRow._make(row) for row in found), key=lambda row: (row.due_at, row.id)))


def follow_ups_of_many(session: Session, interview_ids: Sequence[str]) -> dict[str, list[FollowUpRow]]:
    """The follow-ups of several interviews, by interview, in no order."""
    rows: dict[str, list[FollowUpRow]] = {id: [] for id in interview_ids}
    given = {"account_id": session.account_id, "ids": interview_ids}
    for found in session.connection.execute(_OF_MANY[session.connection.dialect.name], given).all():
        row = FollowUpRow._make(found)
        rows[row.interview_id].append(row)
    return rows


def list_follow_ups(
    session: Session, filters: FollowUpFilter, now: datetime, *, limit: int, cursor: str | None = None
) -> Page[FollowUpRow]:
    """One page of the follow-ups in the order of `due_at`; states are those they have `now`. Raises BadCursor."""
    conditions = list(_conditions(filters, now))
    if session.subject is not None:
        own = select(_INTERVIEW.c.id).where(_INTERVIEW.c.account_id == session.account_id, seen_by(session.subject))
        conditions.append(_TABLE.c.interview_id.in_(own))
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


def _make_rows(session: Session, interview_id: str, steps: Sequence[Step], now: datetime) -> tuple[FollowUpRow, ...]:
    ids = sorted(new_id("fu", now) for _ in steps)  # steps that are due at one instant keep their order
    return tuple(
        let_ring(FollowUpRow(session.account_id, id, interview_id, **_in_utc(step)._asdict()))
        for id, step in zip(ids, steps, strict=True)
    )


def _insert(session: Session, rows: Sequence[FollowUpRow]) -> None:
    if rows:
        session.connection.execute(_INSERT, [row._asdict() for row in rows])


def _update(session: Session, names: Sequence[str], rows: Sequence[FollowUpRow]) -> None:
    update_many(session.connection, _TABLE, names, session.account_id, [row._asdict() for row in rows])


def _delete(session: Session, ids: Sequence[str]) -> None:
    if ids:
        session.connection.execute(_DELETE, {"account_id": session.account_id, "ids": sorted(ids)})
