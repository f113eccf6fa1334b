"""Lanes: the queue of one endpoint each. Whoever changes what waits in a lane holds it first.

Lanes are locked before deliveries, always, and in the order of their ids: so nobody waits in a circle.
"""

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import NamedTuple

from sqlalchemy import and_, bindparam, case, exists, or_, select, update

from app.store.db import Session
from app.store.rows import EndpointRow, LaneRow
from app.store.tables import Lane, WebhookEndpoint

_LANE = Lane.__table__
_ENDPOINT = WebhookEndpoint.__table__
OF_LANE = and_(_ENDPOINT.c.account_id == _LANE.c.account_id, _ENDPOINT.c.id == _LANE.c.endpoint_id)
_WIDTH = len(EndpointRow._fields)
_HOLD = (
    select(*_ENDPOINT.c, *_LANE.c)
    .join_from(_LANE, _ENDPOINT, OF_LANE)
    .where(_LANE.c.account_id == bindparam("account_id"))
    .order_by(_LANE.c.endpoint_id)
    # Both, as what is not locked would be seen as it was before the wait for a lane. SQLite has one writer anyway.
    .with_for_update(key_share=True)
)
_AT = bindparam("at", type_=_LANE.c.next_at.type)
_WAKE = (
    update(_LANE)
    .where(_LANE.c.account_id == bindparam("own_account"), _LANE.c.endpoint_id.in_(bindparam("ids", expanding=True)))
    .where(exists().where(OF_LANE, _ENDPOINT.c.enabled))
    # In the value, not in the condition: a lane that a claim has just put to sleep must not be passed over.
    .values(next_at=case((or_(_LANE.c.next_at.is_(None), _LANE.c.next_at > _AT), _AT), else_=_LANE.c.next_at))
)

FIRSTS = """(
    SELECT min(available_at) AS at FROM pending
    WHERE account_id = lane.account_id AND endpoint_id = lane.endpoint_id AND retry = false
    UNION ALL
    SELECT min(available_at) AS at FROM pending
    WHERE account_id = lane.account_id AND endpoint_id = lane.endpoint_id AND retry = true
) AS firsts"""
"""Of a lane, in SQL: the earliest first attempt and the earliest retry, each at the end of a stretch of an index."""


class Subscriber(NamedTuple):
    """An endpoint and its lane."""

    endpoint: EndpointRow
    lane: LaneRow

    def wants(self, event_type: str) -> bool:
        """Whether the endpoint asked for events of this type."""
        return self.endpoint.events is None or event_type in json.loads(self.endpoint.events)


def hold_lanes(session: Session) -> tuple[Subscriber, ...]:
    """Every lane of the account with its endpoint, in the order of their ids, held until the transaction ends.

    Lock interviews before, deliveries after. Who holds the lanes already may ask again.
    """
    found = session.connection.execute(_HOLD, {"account_id": session.account_id}).all()
    return tuple(Subscriber(EndpointRow._make(row[:_WIDTH]), LaneRow._make(row[_WIDTH:])) for row in found)


def wake(session: Session, endpoint_ids: Iterable[str], at: datetime) -> None:
    """Have the lanes looked into at `at`, if nobody would do so earlier. Hold them first.

    The lane of a disabled endpoint sleeps on.
    """
    ids = sorted(set(endpoint_ids))
    if ids:
        given = {"own_account": session.account_id, "ids": ids, "at": at.astimezone(UTC)}
        session.connection.execute(_WAKE, given)
