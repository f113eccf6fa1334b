"""The statements on kept answers: what was answered first to a request with an Idempotency-Key."""

from collections.abc import Collection, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, bindparam, delete, select, tuple_, update
from sqlalchemy.dialects import postgresql, sqlite

from app.store.db import Session, wait_at_most
from app.store.many import in_parts
from app.store.rows import KeptAnswerRow
from app.store.tables import KeptAnswer

KEPT_FOR = timedelta(hours=24)
"""So long an answer is given again; one that is older counts as not there."""

_TABLE = KeptAnswer.__table__
_BEFORE = bindparam("before", type_=_TABLE.c.created_at.type)
_OWN = and_(_TABLE.c.account_id == bindparam("own_account"), _TABLE.c.key == bindparam("own_key"))
_FIND = select(_TABLE).where(_OWN)
_KEEP = update(_TABLE).where(_OWN).values(answer=bindparam("told"), about=bindparam("whom"))


def _claiming(new: Any) -> Any:
    """Insert a row, or take over one that is too old; answers its key where it did either."""
    fresh = {column.name: new.excluded[column.name] for column in _TABLE.c if not column.primary_key}
    taken = new.on_conflict_do_update(
        index_elements=["account_id", "key"], set_=fresh, where=_TABLE.c.created_at <= _BEFORE
    )
    return taken.returning(_TABLE.c.key)


_CLAIM = {"sqlite": _claiming(sqlite.insert(_TABLE)), "postgresql": _claiming(postgresql.insert(_TABLE))}


def claim(session: Session, key: str, fingerprint: str, now: datetime, wait_seconds: float) -> KeptAnswerRow | None:
    """Be the first with this key, in which case there is nothing yet; or what is kept of whoever was.

    Where somebody is at it just now, waits for their transaction to end. Raises Busy when that takes too long.
    """
    connection, now = session.connection, now.astimezone(UTC)
    row = KeptAnswerRow(session.account_id, key, fingerprint, None, None, now)
    with wait_at_most(connection, wait_seconds):
        claimed = connection.execute(
            _CLAIM[connection.dialect.name], row._asdict() | {"before": now - KEPT_FOR}
        ).one_or_none()
    return None if claimed else _find(session, key)


def find_answer(session: Session, key: str, now: datetime) -> KeptAnswerRow | None:
    """What is kept under this key, if anything is."""
    row = _find(session, key)
    return None if row is None or row.created_at <= now - KEPT_FOR else row


def keep_answer(session: Session, key: str, answer: str, about: str | None) -> None:
    """Keep the answer to a request whose key was claimed in this transaction."""
    own = {"own_account": session.account_id, "own_key": key}
    session.connection.execute(_KEEP, own | {"told": answer, "whom": about and _blur(about)})


def answers_about(session: Session, about: Collection[str]) -> tuple[KeptAnswerRow, ...]:
    """What is kept that tells of any of these, the oldest first."""
    found = [
        row
        for each in in_parts(_blur_all(about))
        for row in session.connection.execute(select(_TABLE).where(_tells(session, each)))
    ]
    return tuple(sorted(map(KeptAnswerRow._make, found), key=lambda row: (row.created_at, row.key)))


def forget_answers(session: Session, about: Collection[str]) -> int:
    """Blot out every answer that tells of any of these; their keys stay taken. Says how many there were."""
    blotted = update(_TABLE).values(answer=None, about=None)
    parts = in_parts(_blur_all(about))
    return sum(session.connection.execute(blotted.where(_tells(session, each))).rowcount for each in parts)


def remove_old(connection: Connection, before: datetime, most: int) -> int:
    """Remove at most `most` answers from before then, whoever's; says how many there were."""
    before = before.astimezone(UTC)
    # What somebody takes over just now is not waited for.
    oldest = select(_TABLE.c.account_id, _TABLE.c.key).where(_TABLE.c.created_at < before).limit(most)
    oldest = oldest.with_for_update(skip_locked=True)
    # The time is asked once more, of the row as it is now.
    gone = delete(_TABLE).where(tuple_(_TABLE.c.account_id, _TABLE.c.key).in_(oldest), _TABLE.c.created_at < before)
    return connection.execute(gone).rowcount


def _blur(about: str) -> str:
    """What stands there for an id or an address: it only has to be found again by whoever knows it."""
    return sha256(about.encode()).hexdigest()


def _blur_all(about: Collection[str]) -> list[str]:
    return sorted(map(_blur, about))


def _tells(session: Session, about: Sequence[str]) -> ColumnElement[bool]:
    return and_(_TABLE.c.account_id == session.account_id, _TABLE.c.about.in_(about))


def _find(session: Session, key: str) -> KeptAnswerRow | None:
    row = session.connection.execute(_FIND, {"own_account": session.account_id, "own_key": key}).one_or_none()
    return None if row is None else KeptAnswerRow._make(row)
