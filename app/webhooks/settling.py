"""Settling: what became of leased deliveries is written down, and their lanes are woken.

A lease is known by its worker and its number of tries: once it is over, or its delivery cancelled, it settles nothing.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from sqlalchemy import Connection, and_, bindparam, select

from app.store.rows import LaneRow
from app.store.tables import Lane, Pending, WebhookEndpoint
from app.webhooks.attempts import Answer
from app.webhooks.batches import Batch
from app.webhooks.lanes import FIRSTS
from app.webhooks.leasing import Leased
from app.webhooks.retry import Verdict

_LANE = Lane.__table__
_PENDING = Pending.__table__
_ENDPOINT = WebhookEndpoint.__table__

APART = timedelta(hours=12)
"""How far apart the first and the latest failure of an endpoint are at least before it is given up."""

_HOLD_LANES = f"""
    SELECT {", ".join(column.name for column in _LANE.c)} FROM lane
    WHERE account_id IN (SELECT id FROM {{given}}) ORDER BY account_id, endpoint_id
"""  # noqa: S608 - names of ours
_HOLD = Batch({"sqlite": _HOLD_LANES, "postgresql": f"{_HOLD_LANES} FOR NO KEY UPDATE"}, id="text").returning(*_LANE.c)
_CLOSE = Batch(
    """
    DELETE FROM pending WHERE (account_id, delivery_id, tries, claim) IN (
        SELECT account_id, delivery_id, tries, :worker FROM {given}
    ) RETURNING pending.delivery_id, pending.tries
    """,
    account_id="text",
    delivery_id="text",
    tries="integer",
).returning(_PENDING.c.delivery_id, _PENDING.c.tries)
_REOPEN = Batch(
    """
    UPDATE pending SET claim = NULL, retry = true, available_at = given.available_at FROM {given}
    WHERE pending.account_id = given.account_id AND pending.delivery_id = given.delivery_id
        AND pending.tries = given.tries AND pending.claim = :worker
    RETURNING pending.delivery_id, pending.tries
    """,
    account_id="text",
    delivery_id="text",
    tries="integer",
    available_at="timestamptz",
)
_RELEASE = Batch(
    """
    UPDATE pending SET claim = NULL, available_at = given.available_at, tries = pending.tries - 1 FROM {given}
    WHERE pending.account_id = given.account_id AND pending.delivery_id = given.delivery_id
        AND pending.tries = given.tries AND pending.claim = :worker
    """,
    account_id="text",
    delivery_id="text",
    tries="integer",
    available_at="timestamptz",
)
_COUNT = Batch(
    """
    UPDATE delivery SET state = given.state, settled_at = given.settled_at, attempts = delivery.attempts + 1
    FROM {given} WHERE delivery.account_id = given.account_id AND delivery.id = given.delivery_id
    """,
    account_id="text",
    delivery_id="text",
    state="text",
    settled_at="timestamptz",
)
_LOG = Batch(
    """
    INSERT INTO attempt (
        account_id, delivery_id, number, started_at, milliseconds, status, failure, body, truncated
    ) SELECT given.account_id, given.delivery_id, d.attempts, given.started_at, given.milliseconds, given.status,
        given.failure, given.body, given.truncated
    FROM {given} JOIN delivery AS d ON d.account_id = given.account_id AND d.id = given.delivery_id
    """,
    account_id="text",
    delivery_id="text",
    started_at="timestamptz",
    milliseconds="integer",
    status="integer",
    failure="text",
    body="text",
    truncated="boolean",
)
_WAKE = Batch(
    f"""
    UPDATE lane SET throttled = given.throttled, failing_since = given.failing_since, failed_at = given.failed_at,
        next_at = CASE WHEN EXISTS (
            SELECT 1 FROM webhook_endpoint AS e
            WHERE e.account_id = lane.account_id AND e.id = lane.endpoint_id AND e.enabled
        ) THEN (SELECT CASE WHEN min(at) < :now THEN :now ELSE min(at) END FROM {FIRSTS}) END
    FROM {{given}} WHERE lane.account_id = given.account_id AND lane.endpoint_id = given.endpoint_id
    """,  # noqa: S608 - a text of ours
    account_id="text",
    endpoint_id="text",
    throttled="boolean",
    failing_since="timestamptz",
    failed_at="timestamptz",
)
# These keep the instant at which their turn came: they have waited for room in their account, and go first.
_WAKE_SIBLINGS = Batch(
    f"""
    UPDATE lane SET next_at = (SELECT min(at) FROM {FIRSTS})
    FROM {{given}} WHERE lane.account_id = given.account_id AND lane.endpoint_id = given.endpoint_id
        AND (SELECT min(at) FROM {FIRSTS}) <= :now
    """,  # noqa: S608 - a text of ours
    account_id="text",
    endpoint_id="text",
)
_FAILING = (
    select(_LANE)
    .join(_ENDPOINT, and_(_ENDPOINT.c.account_id == _LANE.c.account_id, _ENDPOINT.c.id == _LANE.c.endpoint_id))
    .where(_ENDPOINT.c.enabled, _LANE.c.failing_since <= bindparam("since"))
    .order_by(_LANE.c.account_id, _LANE.c.endpoint_id)
)


class Outcome(NamedTuple):
    """What came of a leased delivery, and what that means; no answer: nobody ever came back with one."""

    leased: Leased
    answer: Answer | None
    verdict: Verdict
    url: str = ""
    """Where it was sent to."""


class Settled(NamedTuple):
    """The outcomes that were written down, and those whose lease was over or whose delivery was cancelled."""

    counted: tuple[Outcome, ...]
    late: tuple[Outcome, ...]


def settle(
    connection: Connection, worker: str, outcomes: Sequence[Outcome], now: datetime, unsent: Sequence[Leased] = ()
) -> Settled:
    """Write down what came of deliveries that the worker leased: each is closed, or waits for its next turn.

    Those that were not sent after all go back as if they had never been taken. The lanes of all are locked at once, in
    their order: one call a transaction.
    """
    leased = [*(outcome.leased for outcome in outcomes), *unsent]
    lanes = _hold_lanes(connection, leased)
    tokens = _close(connection, worker, outcomes) | _reopen(connection, worker, outcomes)
    counted = tuple(outcome for outcome in outcomes if _token(outcome.leased) in tokens)
    _log(connection, counted, now)
    _put_back(connection, worker, unsent)
    for outcome in counted:
        lane = lanes[outcome.leased.endpoint_id]
        lanes[lane.endpoint_id] = _note_health(lane, outcome, now)
    _wake(connection, lanes, {each.endpoint_id for each in leased}, now)
    return Settled(counted, tuple(outcome for outcome in outcomes if _token(outcome.leased) not in tokens))


def release(connection: Connection, worker: str, leased: Sequence[Leased], now: datetime) -> None:
    """Put deliveries back as if the worker had never taken them."""
    settle(connection, worker, (), now, leased)


def failing(connection: Connection, now: datetime, disable_after: timedelta) -> tuple[LaneRow, ...]:
    """The lanes of enabled endpoints that have only failed for so long, and not just once: disable each by itself."""
    rows = map(LaneRow._make, connection.execute(_FAILING, {"since": now - disable_after}))
    return tuple(
        row for row in rows if row.failing_since and row.failed_at and row.failed_at - row.failing_since >= APART
    )


def _hold_lanes(connection: Connection, leased: Iterable[Leased]) -> dict[str, LaneRow]:
    """All lanes of the accounts concerned, by endpoint: room in one may be what another waits for."""
    account_ids = sorted({each.account_id for each in leased})
    if not account_ids:
        return {}
    rows = map(LaneRow._make, _HOLD.execute(connection, [(account_id,) for account_id in account_ids]))
    return {row.endpoint_id: row for row in rows}


def _token(leased: Leased) -> tuple[str, int]:
    return leased.delivery_id, leased.tries


def _close(connection: Connection, worker: str, outcomes: Sequence[Outcome]) -> set[tuple[str, int]]:
    rows = [
        (leased.account_id, leased.delivery_id, leased.tries)
        for leased, _, verdict, _ in outcomes
        if verdict.state != "open"
    ]
    return {(id, tries) for id, tries in _CLOSE.execute(connection, rows, worker=worker).all()} if rows else set()


def _reopen(connection: Connection, worker: str, outcomes: Sequence[Outcome]) -> set[tuple[str, int]]:
    rows = [
        (leased.account_id, leased.delivery_id, leased.tries, verdict.available_at)
        for leased, _, verdict, _ in outcomes
        if verdict.state == "open"
    ]
    return {(id, tries) for id, tries in _REOPEN.execute(connection, rows, worker=worker)} if rows else set()


def _put_back(connection: Connection, worker: str, unsent: Sequence[Leased]) -> None:
    rows = [(each.account_id, each.delivery_id, each.tries, each.available_at) for each in unsent]
    if rows:
        _RELEASE.execute(connection, rows, worker=worker)


def _log(connection: Connection, outcomes: Sequence[Outcome], now: datetime) -> None:
    if not outcomes:
        return
    states = [(*_ids(outcome), outcome.verdict.state, _end(outcome.verdict, now)) for outcome in outcomes]
    _COUNT.execute(connection, states)
    _LOG.execute(connection, [(*_ids(outcome), *_describe(outcome.answer, now)) for outcome in outcomes])


def _ids(outcome: Outcome) -> tuple[str, str]:
    return outcome.leased.account_id, outcome.leased.delivery_id


def _end(verdict: Verdict, now: datetime) -> datetime | None:
    return None if verdict.state == "open" else now


def _describe(answer: Answer | None, now: datetime) -> tuple[object, ...]:
    """An attempt as its row has it, from `started_at` on."""
    if answer is None:
        return now, 0, None, "lost", None, False
    return answer.started_at, answer.milliseconds, answer.status, answer.failure, answer.body, answer.truncated


def _note_health(lane: LaneRow, outcome: Outcome, now: datetime) -> LaneRow:
    if outcome.verdict.state == "delivered":
        return lane._replace(throttled=False, failing_since=None)
    if outcome.answer is None or outcome.answer.failure == "payload":
        return lane  # no fault of the receiver's
    return lane._replace(
        throttled=lane.throttled or outcome.verdict.throttles,
        failing_since=lane.failing_since or now.astimezone(UTC),
        failed_at=now.astimezone(UTC),
    )


def _wake(connection: Connection, lanes: dict[str, LaneRow], touched: Collection[str], now: datetime) -> None:
    """Have the touched lanes looked into when something is due, and others that waited for room in their account."""
    own = [lane for lane in lanes.values() if lane.endpoint_id in touched]
    if own:
        rows = [(row.account_id, row.endpoint_id, row.throttled, row.failing_since, row.failed_at) for row in own]
        _WAKE.execute(connection, rows, now=now)
    asleep = [
        (row.account_id, row.endpoint_id)
        for row in lanes.values()
        if row.endpoint_id not in touched and row.next_at is not None and row.next_at > now
    ]
    if asleep:
        _WAKE_SIBLINGS.execute(connection, asleep, now=now)
