"""Settling: what became of leased deliveries is written down, and their lanes are woken.

A lease is known by its worker and its token: once it is over, or its delivery cancelled, it settles nothing.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from sqlalchemy import Connection, Text, and_, bindparam, column, select

from app.store.rows import LaneRow
from app.store.tables import Lane, Pending, WebhookEndpoint
from app.webhooks.attempts import Answer
from app.webhooks.batches import Batch
from app.webhooks.lanes import FIRSTS
from app.webhooks.leasing import Leased, claim_of
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
_FIND_HELD = Batch(
    """
    SELECT p.delivery_id, given.lease, e.url FROM {given}
    JOIN pending AS p ON p.account_id = given.account_id AND p.delivery_id = given.delivery_id
        AND p.claim = given.claim
    JOIN webhook_endpoint AS e ON e.account_id = p.account_id AND e.id = p.endpoint_id
    """,
    account_id="text",
    delivery_id="text",
    claim="text",
    lease="text",
).returning(_PENDING.c.delivery_id, column("lease", Text), _ENDPOINT.c.url)
_CLOSE = Batch(
    "DELETE FROM pending WHERE (account_id, delivery_id) IN (SELECT account_id, delivery_id FROM {given})",
    account_id="text",
    delivery_id="text",
)
_REOPEN = Batch(
    """
    UPDATE pending SET claim = NULL, retry = true, available_at = given.available_at FROM {given}
    WHERE pending.account_id = given.account_id AND pending.delivery_id = given.delivery_id
    """,
    account_id="text",
    delivery_id="text",
    available_at="timestamptz",
)
_RELEASE = Batch(
    """
    UPDATE pending SET claim = NULL, available_at = given.available_at, tries = pending.tries - 1 FROM {given}
    WHERE pending.account_id = given.account_id AND pending.delivery_id = given.delivery_id
    """,
    account_id="text",
    delivery_id="text",
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
    addresses = _find_held(connection, worker, leased)
    counted = tuple(outcome for outcome in outcomes if _key(outcome.leased) in addresses)
    _close(connection, counted)
    _reopen(connection, counted)
    _log(connection, counted, now)
    _put_back(connection, [each for each in unsent if _key(each) in addresses])
    for outcome in counted:
        lane = lanes[outcome.leased.endpoint_id]
        if outcome.url == addresses[_key(outcome.leased)]:
            lanes[lane.endpoint_id] = _note_health(lane, outcome, now)
    _wake(connection, lanes, {each.endpoint_id for each in leased}, now)
    return Settled(counted, tuple(outcome for outcome in outcomes if _key(outcome.leased) not in addresses))


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


def _key(leased: Leased) -> tuple[str, str]:
    return leased.delivery_id, leased.token


def _find_held(connection: Connection, worker: str, leased: Iterable[Leased]) -> dict[tuple[str, str], str]:
    """Those that the worker has still, each with the address of its endpoint by now. Hold the lanes first."""
    rows = [(each.account_id, each.delivery_id, claim_of(worker, each.token), each.token) for each in leased]
    found = _FIND_HELD.execute(connection, rows) if rows else ()
    return {(delivery_id, token): url for delivery_id, token, url in found}


def _close(connection: Connection, outcomes: Sequence[Outcome]) -> None:
    rows = [_ids(outcome) for outcome in outcomes if outcome.verdict.state != "open"]
    if rows:
        _CLOSE.execute(connection, rows)


def _reopen(connection: Connection, outcomes: Sequence[Outcome]) -> None:
    rows = [(*_ids(each), each.verdict.available_at) for each in outcomes if each.verdict.state == "open"]
    if rows:
        _REOPEN.execute(connection, rows)


def _put_back(connection: Connection, unsent: Sequence[Leased]) -> None:
    rows = [(each.account_id, each.delivery_id, each.available_at) for each in unsent]
    if rows:
        _RELEASE.execute(connection, rows)


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
