"""The statements on webhook endpoints. Each has a lane from its first moment: the queue of what it is to be sent."""

from datetime import datetime

from sqlalchemy import Connection, and_, bindparam, delete, func, insert, select, update

from app.store.db import Session
from app.store.find import NotFound
from app.store.interviews import hold
from app.store.rows import EndpointRow, LaneRow
from app.store.tables import Lane, WebhookEndpoint

_TABLE = WebhookEndpoint.__table__
_LANE = Lane.__table__
_OF = _TABLE.c.account_id == bindparam("account_id")
_COUNT = select(func.count()).select_from(_TABLE).where(_OF)
_LIST = (
    select(_TABLE, _LANE.c.failing_since)
    .join(_LANE, and_(_LANE.c.account_id == _TABLE.c.account_id, _LANE.c.endpoint_id == _TABLE.c.id))
    .where(_OF)
    .order_by(_TABLE.c.id)
)

MOST_ENDPOINTS = 50
"""How many an account may have: each of them takes a part in every message."""


class Crowded(Exception):
    """The account has as many endpoints as it may have."""

    def __init__(self) -> None:
        super().__init__(f"more than {MOST_ENDPOINTS} endpoints are not kept")


def insert_endpoint(session: Session, row: EndpointRow) -> None:
    """Keep a new endpoint, nothing in its lane. Raises Crowded, of any number who try at once."""
    hold(session, "endpoints", "")
    if session.connection.execute(_COUNT, {"account_id": session.account_id}).scalar_one() >= MOST_ENDPOINTS:
        raise Crowded
    lane = LaneRow(session.account_id, row.id, next_at=None, throttled=False, failing_since=None, failed_at=None)
    session.connection.execute(insert(_TABLE), row._asdict())
    session.connection.execute(insert(_LANE), lane._asdict())


def list_endpoints(session: Session) -> tuple[tuple[EndpointRow, datetime | None], ...]:
    """Every endpoint of the account, the oldest first, each with the moment since which it fails, if it does."""
    found = session.connection.execute(_LIST, {"account_id": session.account_id})
    return tuple((EndpointRow._make(row[:-1]), row[-1]) for row in found)


def find_any_secrets(connection: Connection) -> str | None:
    """The secrets of some endpoint, of whichever account; None where there is none."""
    found: str | None = connection.execute(select(_TABLE.c.secrets).limit(1)).scalar()
    return found


def find_failing_since(session: Session, endpoint_id: str) -> datetime | None:
    """The moment since which an endpoint that is there fails, if it does."""
    statement = _LIST.where(_TABLE.c.id == endpoint_id)
    failing_since: datetime | None = session.connection.execute(statement, {"account_id": session.account_id}).one()[-1]
    return failing_since


def replace_endpoint(session: Session, row: EndpointRow) -> None:
    """Let the endpoint be as this row says. Hold its lane first."""
    own = and_(_TABLE.c.account_id == session.account_id, _TABLE.c.id == row.id)
    values = {name: value for name, value in row._asdict().items() if name not in {"account_id", "id"}}
    session.connection.execute(update(_TABLE).where(own).values(values))


def forgive(session: Session, endpoint_id: str) -> None:
    """Begin anew with an endpoint that failed: nothing is held against it. Hold its lane first."""
    own = and_(_LANE.c.account_id == session.account_id, _LANE.c.endpoint_id == endpoint_id)
    clean = {"throttled": False, "failing_since": None, "failed_at": None}
    session.connection.execute(update(_LANE).where(own).values(clean))


def delete_endpoint(session: Session, endpoint_id: str) -> None:
    """Forget the endpoint with its lane. What was sent to it stays in the log. Raises NotFound."""
    statement = delete(_TABLE).where(_TABLE.c.account_id == session.account_id, _TABLE.c.id == endpoint_id)
    if session.connection.execute(statement).rowcount == 0:
        raise NotFound("webhook endpoint", endpoint_id)
