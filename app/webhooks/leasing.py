"""Leasing: a worker takes deliveries out of their lanes for a while. If it is lost, its leases end by themselves.

Settle before you lease, if both are to be one transaction: to settle waits for locks, to lease waits for none.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from secrets import token_hex
from typing import Any, NamedTuple

from sqlalchemy import Boolean, Connection, Integer, Row, bindparam, column, func, select

from app.store.rows import EndpointRow, LaneRow
from app.store.tables import Account, Lane, Message, Pending, WebhookEndpoint
from app.webhooks.batches import Batch
from app.webhooks.fairness import Leases, Limits
from app.webhooks.lanes import FIRSTS, OF_LANE

NO_PACE: Mapping[str, int] = {}
LANES = 50
"""How many lanes a worker looks into at once."""

_LANE = Lane.__table__
_PENDING = Pending.__table__
_MESSAGE = Message.__table__
_ENDPOINT = WebhookEndpoint.__table__
_ACCOUNT = Account.__table__
_WIDTH = len(LaneRow._fields)
_HOLD_DUE = (
    select(*_LANE.c, *_ENDPOINT.c)
    .join_from(_LANE, _ENDPOINT, OF_LANE)
    .join(_ACCOUNT, _ACCOUNT.c.id == _LANE.c.account_id)
    .where(_LANE.c.next_at <= bindparam("now"))
    .order_by(_LANE.c.next_at)
    .limit(LANES)
    # The account, as what is leased of it is counted; the endpoint, as it could be seen as it was before a change.
    .with_for_update(skip_locked=True, key_share=True)
)
_NEXT = select(func.min(_LANE.c.next_at)).where(_LANE.c.next_at.is_not(None))
_COUNT_LEASES = Batch(
    """
    SELECT p.account_id, p.endpoint_id, substr(p.claim, 1, :width) = :own AS mine,
        count(*) AS leases, min(p.available_at) AS ends
    FROM {given} JOIN pending AS p ON p.account_id = given.id
    WHERE p.claim IS NOT NULL AND p.available_at > :now GROUP BY 1, 2, 3
    """,
    id="text",
).returning(
    _PENDING.c.account_id,
    _PENDING.c.endpoint_id,
    column("mine", Boolean),
    column("leases", Integer),
    column("ends", _PENDING.c.available_at.type),
)
_FIND = """
    SELECT due.account_id, due.delivery_id, due.endpoint_id, due.message_id, due.tries + 1 AS tries,
        due.available_at, m.type, m.follow_up_id, m.payload, m.traceparent, due.expired
    FROM ({due}) AS due JOIN message AS m ON m.account_id = due.account_id AND m.id = due.message_id
    WHERE due.place <= due.share ORDER BY due.place, due.lane
"""
# Of each lane, the first attempts and the retries that are due are two stretches of one index, and no more than the
# lane's share of them is looked at: in one stretch, all that waits for a retry would stand in the way.
_DUE_POSTGRESQL = """
    SELECT given.lane, given.share, p.*, p.claim IS NOT NULL AS expired FROM {given} CROSS JOIN LATERAL (
        SELECT of_lane.*, row_number() OVER (ORDER BY retry, available_at) AS place FROM (
            (SELECT * FROM pending WHERE account_id = given.account_id AND endpoint_id = given.endpoint_id
                AND retry = false AND available_at <= :now ORDER BY available_at LIMIT given.share)
            UNION ALL
            (SELECT * FROM pending WHERE account_id = given.account_id AND endpoint_id = given.endpoint_id
                AND retry = true AND available_at <= :now ORDER BY available_at LIMIT given.share)
        ) AS of_lane
    ) AS p
"""
_DUE_SQLITE = """
    SELECT given.lane, given.share, p.*, p.claim IS NOT NULL AS expired,
        row_number() OVER (PARTITION BY given.lane ORDER BY p.retry, p.available_at) AS place
    FROM {given} CROSS JOIN pending AS p WHERE p.rowid IN (
        SELECT id FROM (SELECT rowid AS id FROM pending WHERE account_id = given.account_id
            AND endpoint_id = given.endpoint_id AND retry = 0 AND available_at <= :now
            ORDER BY available_at LIMIT :deepest)
        UNION ALL
        SELECT id FROM (SELECT rowid AS id FROM pending WHERE account_id = given.account_id
            AND endpoint_id = given.endpoint_id AND retry = 1 AND available_at <= :now
            ORDER BY available_at LIMIT :deepest)
    )
"""
_TAKE = Batch(
    """
    UPDATE pending SET claim = :claim, available_at = :until, tries = pending.tries + 1 FROM {given}
    WHERE pending.account_id = given.account_id AND pending.delivery_id = given.delivery_id
    """,
    account_id="text",
    delivery_id="text",
)
_FIND_DUE = Batch(
    {"postgresql": _FIND.format(due=_DUE_POSTGRESQL), "sqlite": _FIND.format(due=_DUE_SQLITE)},
    lane="integer",
    account_id="text",
    endpoint_id="text",
    share="integer",
).returning(
    *(_PENDING.c[name] for name in ("account_id", "delivery_id", "endpoint_id", "message_id", "tries")),
    _PENDING.c.available_at,
    *(_MESSAGE.c[name] for name in ("type", "follow_up_id", "payload", "traceparent")),
    column("expired", Boolean),
)
_SLEEP = Batch(
    f"""
    UPDATE lane SET next_at = (
        SELECT CASE WHEN min(at) <= :now THEN given.otherwise ELSE min(at) END FROM {FIRSTS}
    ) FROM {{given}} WHERE lane.account_id = given.account_id AND lane.endpoint_id = given.endpoint_id
    """,  # noqa: S608 - a text of ours
    account_id="text",
    endpoint_id="text",
    otherwise="timestamptz",
)


class Leased(NamedTuple):
    """A delivery that a worker has until the lease ends, with its message."""

    account_id: str
    delivery_id: str
    endpoint_id: str
    message_id: str
    tries: int
    """This one included: more than the limit where those who had it were all lost, and then it is not to be sent."""
    available_at: datetime
    """When its turn came."""
    type: str
    follow_up_id: str | None
    payload: str | None
    traceparent: str | None
    expired: bool
    """It had been leased before, and that lease ended."""
    until: datetime
    """The end of the lease."""
    token: str
    """Of all that one call of `lease` took, and of nothing else: the same worker may take a delivery again."""


class Taken(NamedTuple):
    """What one worker took: deliveries of all lanes in turn, and the endpoints they go to, by id."""

    deliveries: tuple[Leased, ...] = ()
    endpoints: Mapping[str, EndpointRow] = {}
    throttled: frozenset[str] = frozenset()
    """Endpoints that get one request at a time."""


def lease(
    connection: Connection, worker: str, now: datetime, limits: Limits, most: int, pace: Mapping[str, int] = NO_PACE
) -> Taken:
    """Take at most `most` deliveries that are due. Lanes and accounts that somebody holds are passed over as they are.

    `pace`: how many the worker has delivered since it leased last, by account and by endpoint.
    """
    if most <= 0:
        return Taken()
    found = connection.execute(_HOLD_DUE, {"now": now}).all()
    if not found:
        return Taken()
    lanes = [LaneRow._make(row[:_WIDTH]) for row in found]
    leases = Leases(limits, pace)
    _count_leases(connection, worker, {lane.account_id for lane in lanes}, now, leases)
    shares = leases.share_out(lanes, most)
    due = _find_due(connection, lanes, shares, now)
    deliveries = _take(connection, worker, due, now.astimezone(UTC) + limits.lease)
    for leased in deliveries:
        leases.add(leased.account_id, leased.endpoint_id, 1, leased.until, mine=True)
    served = {leased.endpoint_id for leased in deliveries}
    waits = [leases.wait(lane, now, served=lane.endpoint_id in served) for lane in lanes]
    own = ((lane.account_id, lane.endpoint_id) for lane in lanes)
    _SLEEP.execute(connection, [(*ids, wait) for ids, wait in zip(own, waits, strict=True)], now=now)
    endpoints = {row.id: row for row in (EndpointRow._make(row[_WIDTH:]) for row in found) if row.id in served}
    return Taken(deliveries, endpoints, _throttled(lanes))


def next_moment(connection: Connection) -> datetime | None:
    """When there is something to take next; it may be over already, and is None if nothing waits."""
    moment: datetime | None = connection.execute(_NEXT).scalar_one()
    return moment


def claim_of(worker: str, token: str) -> str:
    """How it is known in the database who has a delivery, and by which lease."""
    return f"{worker}.{token}"


def _count_leases(
    connection: Connection, worker: str, account_ids: Collection[str], now: datetime, leases: Leases
) -> None:
    """Count what is leased of the accounts, which are held, so that it stays so."""
    rows, own = [(account_id,) for account_id in account_ids], claim_of(worker, "")
    for account_id, endpoint_id, mine, count, ends in _COUNT_LEASES.execute(
        connection, rows, now=now, own=own, width=len(own)
    ):
        leases.add(account_id, endpoint_id, count, ends, mine=mine)


def _find_due(
    connection: Connection, lanes: Sequence[LaneRow], shares: Mapping[str, int], now: datetime
) -> Sequence[Row[Any]]:
    rows = [
        (place, lane.account_id, lane.endpoint_id, shares[lane.endpoint_id])
        for place, lane in enumerate(lanes)
        if shares[lane.endpoint_id]
    ]
    return _FIND_DUE.execute(connection, rows, now=now, deepest=max(shares.values())).all() if rows else ()


def _take(connection: Connection, worker: str, due: Sequence[Row[Any]], until: datetime) -> tuple[Leased, ...]:
    token = token_hex(8)
    taken = tuple(Leased._make((*row, until, token)) for row in due)
    if taken:
        ids = [(each.account_id, each.delivery_id) for each in taken]
        _TAKE.execute(connection, ids, claim=claim_of(worker, token), until=until)
    return taken


def _throttled(lanes: Sequence[LaneRow]) -> frozenset[str]:
    return frozenset(lane.endpoint_id for lane in lanes if lane.throttled)
