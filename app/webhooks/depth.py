"""How full the queue is, over all accounts: for the figures that an operator sees."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, case, func, select

from app.store.tables import Pending

_TABLE = Pending.__table__
_DEPTH = select(func.count(), func.min(case((_TABLE.c.claim.is_(None), _TABLE.c.available_at))))


class Depth(NamedTuple):
    """Open deliveries, and since when the oldest of those that nobody has taken could have been."""

    open: int
    oldest: datetime | None


def measure_depth(connection: Connection) -> Depth:
    """Looks at every open delivery: ask now and then."""
    return Depth._make(connection.execute(_DEPTH).one())
