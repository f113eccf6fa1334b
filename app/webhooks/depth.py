"""How full the queue is, over all accounts and enabled endpoints: for the figures that an operator sees."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, and_, case, func, select

from app.store.tables import Pending, WebhookEndpoint

_TABLE = Pending.__table__
_ENDPOINT = WebhookEndpoint.__table__
_TAKEN_UP = and_(
    _ENDPOINT.c.account_id == _TABLE.c.account_id, _ENDPOINT.c.id == _TABLE.c.endpoint_id, _ENDPOINT.c.enabled
)
_DEPTH = select(func.count(), func.min(case((_TABLE.c.claim.is_(None), _TABLE.c.available_at)))).join_from(
    _TABLE, _ENDPOINT, _TAKEN_UP
)


class Depth(NamedTuple):
    """Open deliveries, and since when the oldest of those that nobody has taken could have been."""

    open: int
    oldest: datetime | None


def measure_depth(connection: Connection) -> Depth:
    """Looks at every open delivery: ask now and then."""
    return Depth._make(connection.execute(_DEPTH).one())
