"""Rows for a burst, through the service's own functions: one follow-up of each interview falls due at one instant."""

import json
import math
import time
from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select

from app.rules.facts import Interview, Interviewer, Person
from app.rules.policy import load_policies
from app.scheduling import Policies, store_interview
from app.store.db import Database, Session
from app.store.endpoints import insert_endpoint
from app.store.ids import new_id
from app.store.keys import find_or_insert_account
from app.store.rows import EndpointRow
from app.store.tables import FollowUp
from app.vault import Vault
from app.webhooks.signing import make_secret
from bench.webhook_shapes import Shape

THANK_YOU_AFTER = timedelta(hours=1)  # in the policy `balanced`
NOON = 12  # no thank-you is due at night
TRIED = 200
"""Interviews by which it is found out how long one takes."""
SPARE = 1.6
"""How much longer than that it may take."""
SECONDS_BEFORE = 7
"""What is left, then, for a worker to start and to come to rest."""
IN_ONE_TRANSACTION = 200


def fill(database: Database, urls: list[str], shape: Shape, vault: Vault) -> datetime:
    """Store an account with an endpoint and its interviews for each URL; the instant, seconds ahead, they are due."""
    policies = load_policies(None)
    with database.begin() as connection:
        spare = find_or_insert_account(connection, "without an endpoint", datetime.now(UTC))
        accounts = [find_or_insert_account(connection, url, datetime.now(UTC)) for url in urls]
        for account_id, url in zip(accounts, urls, strict=True):
            insert_endpoint(Session(connection, account_id), _endpoint(account_id, url, vault))
    instant = _choose_instant(database, spare, shape, policies)
    for account_id in accounts:
        _store(database, account_id, shape.each, instant, policies)
    _check(database, instant, shape)
    return instant


def _endpoint(account_id: str, url: str, vault: Vault) -> EndpointRow:
    now = datetime.now(UTC)
    return EndpointRow(
        account_id=account_id,
        id=new_id("ep", now),
        url=url,
        events=json.dumps(["follow_up.due"]),
        description=None,
        include_email=False,
        enabled=True,
        disabled_because=None,
        secrets=json.dumps([{"sealed": vault.seal(make_secret()), "until": None}]),
        created_at=now,
        updated_at=now,
    )


def _choose_instant(database: Database, account_id: str, shape: Shape, policies: Policies) -> datetime:
    """The first full second by which everything will be stored, judged by a few interviews of another day."""
    started_at = time.perf_counter()
    _store(database, account_id, TRIED, datetime.now(UTC) + timedelta(days=1), policies)
    each = (time.perf_counter() - started_at) / TRIED
    seconds = math.ceil(time.time() + shape.total * each * SPARE + SECONDS_BEFORE)
    return datetime.fromtimestamp(seconds, UTC)


def _store(database: Database, account_id: str, count: int, instant: datetime, policies: Policies) -> None:
    interview = _interview(instant)
    for first in range(0, count, IN_ONE_TRANSACTION):
        with database.begin() as connection:
            for _ in range(min(IN_ONE_TRANSACTION, count - first)):
                store_interview(Session(connection, account_id), interview, policies, datetime.now(UTC))


def _interview(instant: datetime) -> Interview:
    """One that has a single thank-you, due at that instant, in a zone where it is about noon then."""
    return Interview(
        candidate=Person(name="Ana López", email="ana.lopez@example.com"),
        company="Northwind",
        job_title="Data Engineer",
        stage="first_round",
        starts_at=instant - 2 * THANK_YOU_AFTER,
        ends_at=instant - THANK_YOU_AFTER,
        timezone=f"Etc/GMT{instant.hour - NOON:+d}",  # turned round: west is positive
        interviewers=(Interviewer(name="Priya Shah", email="priya.shah@northwind.example", role="hiring_manager"),),
    )


def _check(database: Database, instant: datetime, shape: Shape) -> None:
    left = instant.timestamp() - time.time()
    if left < SECONDS_BEFORE / 2:
        raise RuntimeError(f"{left:.1f} seconds are left once everything is stored: this machine is too busy")
    due = select(func.count()).where(FollowUp.__table__.c.due_at == instant)
    with database.read() as connection:
        found = connection.execute(due).scalar_one()
    if found != shape.total:
        raise RuntimeError(f"{found} follow-ups are due at {instant}, not {shape.total}")
