import logging
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from threading import Barrier, Event
from typing import Any

import pytest
from pydantic import TypeAdapter
from sqlalchemy import update

from app.announcing import Announced, accounts_due, announce_due, next_ring
from app.rules import facts
from app.rules.facts import Interview
from app.rules.policy import load_policies
from app.scheduling import change_interview, lock_interview, record_event, store_interview, take_back_event
from app.store import tables
from app.store.db import Database, Session
from app.store.find import find_interview
from app.store.follow_ups import follow_ups_of
from app.store.keys import find_or_insert_account
from app.store.rows import FollowUpRow, InterviewRow
from tests.northwind import NORTHWIND
from tests.subscribers import deliveries, messages, pending, subscribe, told, types_told

POLICIES = load_policies()
EVENT: TypeAdapter[facts.Event] = TypeAdapter(facts.Event)
BEFORE = datetime(2065, 11, 19, 12, tzinfo=UTC)
THANKS = datetime(2065, 11, 20, 22, tzinfo=UTC)
"""When both thank-yous are due, at 17:00 in New York."""
THANKS_CLOSE = datetime(2065, 11, 21, 21, tzinfo=UTC)
CHECK_IN = datetime(2065, 12, 2, 14, tzinfo=UTC)
CHECK_IN_CLOSES = CHECK_IN + timedelta(days=7)
HOUR = timedelta(hours=1)
INSTANT = timedelta(microseconds=1)
DUE, MISSED, CANCELLED = "follow_up.due", "follow_up.missed", "follow_up.cancelled"


@pytest.fixture
def account_id(database: Database) -> str:
    with database.begin() as connection:
        return find_or_insert_account(connection, "default", BEFORE)


@pytest.fixture
def session(database: Database, account_id: str) -> Iterator[Session]:
    with database.begin() as connection:
        yield Session(connection, account_id)


@contextmanager
def begin(database: Database, account_id: str) -> Iterator[Session]:
    with database.begin() as connection:
        yield Session(connection, account_id)


def store(session: Session, now: datetime = BEFORE, **changes: Any) -> InterviewRow:
    given = NORTHWIND | {"external_id": None, "application_ref": None} | changes
    return store_interview(session, Interview.model_validate(given), POLICIES, now)


def happen(session: Session, row: InterviewRow, what: str, at: datetime, **members: Any) -> str:
    event = EVENT.validate_python({"type": what, "occurred_at": at, **members})
    return record_event(session, row, event, POLICIES, at).id


def announce(session: Session, now: datetime, **options: Any) -> Announced:
    return announce_due(session, POLICIES, now, **options)


def kept(session: Session, row: InterviewRow) -> dict[str, FollowUpRow]:
    return {each.key: each for each in follow_ups_of(session, row.id)}


def damage(session: Session, row: InterviewRow, **columns: Any) -> None:
    """As rows are that another version wrote, or nobody we know."""
    table = tables.Interview.__table__
    session.connection.execute(update(table).where(table.c.id == row.id).values(columns))


# What is announced


def test_nothing_is_announced_before_its_time_and_everything_at_it(session: Session) -> None:
    subscribe(session)
    store(session)
    assert announce(session, THANKS - INSTANT) == Announced((), 0, more=False)
    assert messages(session) == []
    assert announce(session, THANKS) == Announced((0.0, 0.0), 0, more=False)
    assert types_told(session) == [DUE, DUE]
    assert len(pending(session)) == 2


def test_a_due_says_all_that_the_standard_and_the_plan_know_and_no_person(session: Session) -> None:
    subscribe(session)
    row = store(session, external_id="ats-1", application_ref="app-1")
    announce(session, CHECK_IN + timedelta(seconds=1.2344), public_url="https://afterword.example.com")
    (data,) = told(session, DUE)
    step = kept(session, row)["check_in"]
    assert data == {
        "interview_id": row.id,
        "external_id": "ats-1",
        "application_ref": "app-1",
        "follow_up_id": step.id,
        "kind": "check_in",
        "key": "check_in",
        "channel": "email",
        "opens_at": "2065-12-02T09:00:00-05:00",
        "due_at": "2065-12-02T09:00:00-05:00",
        "closes_at": "2065-12-09T09:00:00-05:00",
        "why": "Northwind said it would decide by 1 December; the first working morning after that is Wednesday the "
        "2nd at 09:00 in New York.",
        "late_by_seconds": 1.234,
        "email_url": f"https://afterword.example.com/v1/follow-ups/{step.id}/email",
    }
    (message,) = [each for each in messages(session) if each.type == DUE]
    assert message.moment == CHECK_IN
    assert all(name not in (message.payload or "") for name in ("Ana", "Lee", "@"))


def test_a_window_that_closed_unsent_is_missed_and_says_so_once(session: Session) -> None:
    subscribe(session)
    row = store(session)
    announce(session, THANKS)
    assert announce(session, THANKS_CLOSE - INSTANT).count == 0
    assert announce(session, THANKS_CLOSE) == Announced((), 2, more=False)
    assert announce(session, THANKS_CLOSE + HOUR).count == 0
    assert types_told(session) == [DUE, DUE, MISSED, MISSED]
    assert [data["key"] for data in told(session, MISSED)] == ["thank_you/priya-shah", "thank_you/tom-berg"]
    assert {each.moment for each in messages(session)} == {THANKS, THANKS_CLOSE}
    assert kept(session, row)["thank_you/tom-berg"].next_ring_at is None


def test_an_interview_that_is_stored_late_is_announced_at_once_and_what_has_closed_is_only_missed(
    session: Session,
) -> None:
    subscribe(session)
    store(session, now=CHECK_IN + HOUR)
    assert announce(session, CHECK_IN + HOUR) == Announced((3600.0,), 2, more=False)
    assert sorted(types_told(session)) == [DUE, MISSED, MISSED]
    assert [data["late_by_seconds"] for data in told(session, DUE)] == [3600.0]


def test_after_three_days_of_silence_all_is_told_late_once_and_with_the_moment_that_it_was_due_at(
    session: Session,
) -> None:
    subscribe(session)
    for _ in range(5):
        store(session)
    announce(session, THANKS)
    back = CHECK_IN + timedelta(days=3)
    assert announce(session, back) == Announced((259200.0,) * 5, 10, more=False)
    assert announce(session, back + HOUR).count == 0
    late = [data for data in told(session, DUE) if data["kind"] == "check_in"]
    assert {(data["due_at"], data["late_by_seconds"]) for data in late} == {("2065-12-02T09:00:00-05:00", 259200.0)}
    assert len(late) == 5


def test_what_was_sent_skipped_or_cancelled_never_rings(session: Session) -> None:
    subscribe(session, DUE, MISSED)
    row = store(session)
    happen(session, row, "follow_up_sent", BEFORE, key="thank_you/tom-berg")
    happen(session, row, "follow_up_skipped", BEFORE, key="thank_you/priya-shah")
    happen(session, row, "reply_received", BEFORE)
    assert next_ring(session.connection) is None
    assert announce(session, CHECK_IN_CLOSES + HOUR).count == 0
    assert messages(session) == []


def test_who_has_no_endpoint_is_not_told_and_not_told_afterwards_either(session: Session) -> None:
    store(session)
    assert announce(session, THANKS).count == 2
    subscribe(session)
    assert announce(session, THANKS + HOUR).count == 0
    assert messages(session) == []


def test_a_snoozed_follow_up_rings_again_at_its_new_moment_and_the_old_news_of_it_is_taken_back(
    session: Session,
) -> None:
    subscribe(session, DUE, CANCELLED)
    row = store(session)
    announce(session, CHECK_IN)
    later = CHECK_IN + timedelta(days=1)
    happen(session, row, "follow_up_snoozed", CHECK_IN + HOUR, key="check_in", until=later)
    assert [each.state for each in deliveries(session)] == ["cancelled"]
    assert announce(session, later - INSTANT).count == 0
    assert announce(session, later).count == 1
    assert announce(session, later).count == 0
    assert [data["due_at"] for data in told(session)] == ["2065-12-02T09:00:00-05:00", "2065-12-03T09:00:00-05:00"]


def test_a_follow_up_that_comes_back_rings_again(session: Session) -> None:
    subscribe(session, DUE, CANCELLED)
    row = store(session)
    announce(session, CHECK_IN)
    event_id = happen(session, row, "reply_received", CHECK_IN + HOUR)
    assert announce(session, CHECK_IN + HOUR).count == 0
    take_back_event(session, row, event_id, POLICIES, CHECK_IN + 2 * HOUR)
    assert announce(session, CHECK_IN + 2 * HOUR) == Announced((7200.0,), 0, more=False)
    assert announce(session, CHECK_IN + 3 * HOUR).count == 0
    assert types_told(session) == [DUE, CANCELLED, DUE]


# The plan of this moment


def test_what_the_facts_do_not_ask_for_any_more_is_not_announced_whatever_the_rows_say(session: Session) -> None:
    subscribe(session)
    row = store(session)
    event = facts.ReplyReceived(occurred_at=BEFORE)
    happened = tables.Event.__table__.insert().values(
        account_id=row.account_id,
        id="evt_1",
        interview_id=row.id,
        type=event.type,
        occurred_at=BEFORE,
        position=0,
        data=event.model_dump_json(),
        created_at=BEFORE,
    )
    session.connection.execute(happened)
    assert kept(session, row)["check_in"].next_ring_at == CHECK_IN
    announce(session, CHECK_IN)
    assert DUE not in types_told(session)
    assert kept(session, row)["check_in"].status == "cancelled"
    changed = {each["key"]: each["status"] for data in told(session, "plan.changed") for each in data["changed"]}
    assert changed == {"check_in": "cancelled"}


def test_what_the_facts_moved_rings_then_and_not_now(session: Session) -> None:
    subscribe(session)
    row = store(session)
    damage(session, row, facts=row.facts.replace('"decision_by":"2065-12-01"', '"decision_by":"2065-12-03"'))
    announce(session, CHECK_IN)
    assert DUE not in types_told(session)
    assert kept(session, row)["check_in"].next_ring_at == CHECK_IN + timedelta(days=2)
    assert announce(session, CHECK_IN + timedelta(days=2)).count == 1


def test_a_next_round_counts_at_the_last_moment(session: Session) -> None:
    subscribe(session)
    row = store(session, application_ref="app-1")
    other = store(session, starts_at="2065-11-27T15:00:00-05:00", ends_at=None)
    damage(session, other, application_ref="app-1")
    announce(session, CHECK_IN)
    assert kept(session, row)["check_in"].status == "cancelled"
    assert [data["interview_id"] for data in told(session, DUE)] == [other.id]


@pytest.mark.parametrize(
    "columns", [{"facts": "{}"}, {"facts": "no JSON"}, {"facts": '{"policy":"nobody"}'}], ids=["bare", "text", "policy"]
)
def test_an_interview_that_cannot_be_planned_rests_for_ten_minutes_and_the_others_are_announced(
    session: Session, caplog: pytest.LogCaptureFixture, columns: dict[str, str]
) -> None:
    subscribe(session)
    bad, good = store(session), store(session)
    if "policy" in columns["facts"]:
        columns = {"facts": bad.facts.replace('"policy":"balanced"', '"policy":"nobody"')}
    damage(session, bad, **columns)
    with caplog.at_level(logging.WARNING):
        assert announce(session, THANKS).count == 2
        assert announce(session, THANKS).count == 0
    assert {data["interview_id"] for data in told(session)} == {good.id}
    assert [record.message for record in caplog.records if bad.id in record.message] != []
    assert "Ana" not in caplog.text
    assert next_ring(session.connection) == THANKS + timedelta(minutes=10)
    damage(session, bad, facts=bad.facts)
    assert announce(session, THANKS + timedelta(minutes=10)) == Announced((600.0, 600.0), 0, more=False)


# Whose turn it is


def test_the_accounts_with_something_due_are_named_whoever_waits_longest_first(database: Database) -> None:
    names = ("early", "late", "idle")
    with database.begin() as connection:
        early, late, idle = [Session(connection, find_or_insert_account(connection, name, BEFORE)) for name in names]
        assert next_ring(connection) is None
        store(late, starts_at="2065-11-20T16:00:00-05:00", ends_at=None)
        store(early)
        store(idle, starts_at="2066-01-20T16:00:00-05:00", ends_at=None)
        assert next_ring(connection) == THANKS
        assert accounts_due(connection, THANKS - INSTANT) == []
        assert accounts_due(connection, THANKS) == [early.account_id]
        both = [early.account_id, late.account_id]
        assert accounts_due(connection, THANKS + HOUR) == both
        announce(early, THANKS + HOUR)
        assert accounts_due(connection, THANKS + HOUR) == [late.account_id]


def test_one_transaction_takes_up_so_many_interviews_and_says_that_there_are_more(session: Session) -> None:
    subscribe(session)
    for _ in range(5):
        store(session)
    found = [announce(session, THANKS, most=2) for _ in range(4)]
    assert [each.count for each in found] == [4, 4, 2, 0]
    assert [each.more for each in found] == [True, True, False, False]
    assert max(Counter(data["follow_up_id"] for data in told(session)).values()) == 1


def test_nothing_is_announced_of_another_account(session: Session) -> None:
    other = Session(session.connection, find_or_insert_account(session.connection, "other", BEFORE))
    subscribe(session), subscribe(other)
    store(other)
    assert announce(session, THANKS).count == 0
    assert announce(other, THANKS).count == 2
    assert messages(session) == []


# Exactly once


def test_an_announcement_that_is_not_committed_has_not_been_made(database: Database, account_id: str) -> None:
    with begin(database, account_id) as session:
        subscribe(session)
        store(session)

    def announce_in_vain() -> None:
        with begin(database, account_id) as session:
            assert announce(session, THANKS).count == 2
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        announce_in_vain()
    with begin(database, account_id) as session:
        assert messages(session) == []
        assert announce(session, THANKS).count == 2


@pytest.mark.parametrize("hours", [1, -1])
def test_a_clock_that_jumps_an_hour_tells_nothing_twice_and_loses_nothing(session: Session, hours: int) -> None:
    subscribe(session, DUE, MISSED)
    store(session)
    ticks = [THANKS - HOUR + timedelta(minutes=10) * n for n in range(12)]
    ticks = [ticks[n] + (hours * HOUR if n % 3 else timedelta(0)) for n in range(12)]
    for now in [*ticks, THANKS_CLOSE, THANKS_CLOSE + hours * HOUR, THANKS_CLOSE - HOUR, THANKS_CLOSE + HOUR]:
        announce(session, now)
    assert Counter((data["key"], row.type) for data, row in zip(told(session), messages(session), strict=True)) == {
        (key, what): 1 for key in ("thank_you/priya-shah", "thank_you/tom-berg") for what in (DUE, MISSED)
    }


def test_ten_thousand_that_are_due_at_one_moment_are_announced_once_each_by_two_at_once(
    database: Database, account_id: str
) -> None:
    people = [{"name": f"Person {n}", "email": f"p{n}@northwind.example"} for n in range(100)]
    with begin(database, account_id) as session:
        subscribe(session, DUE)
        for _ in range(100):
            store(session, interviewers=people)
    together = Barrier(2)

    def run(clock: timedelta) -> int:
        together.wait(timeout=20)
        count = 0
        while True:
            with begin(database, account_id) as session:
                result = announce(session, THANKS + clock, most=7)
            count += result.count
            with database.read() as connection:
                if not accounts_due(connection, THANKS):
                    return count

    with ThreadPoolExecutor(2) as pool:
        assert sum(pool.map(run, (timedelta(0), HOUR))) == 10_000
    with begin(database, account_id) as session:
        found = messages(session)
        assert len(found) == len({each.follow_up_id for each in found}) == 10_000
        assert len(deliveries(session)) == len(pending(session)) == 10_000


def test_what_somebody_is_changing_is_left_for_later_and_not_waited_for(
    database: Database, account_id: str, database_url: str
) -> None:
    with begin(database, account_id) as session:
        subscribe(session, DUE)
        held, free = store(session), store(session)
    changing, go = Event(), Event()

    def change() -> None:
        with begin(database, account_id) as session:
            row = lock_interview(session, held.id)
            changing.set()
            assert go.wait(timeout=20)
            happen(session, row, "withdrawn", THANKS - HOUR)

    with ThreadPoolExecutor(2) as pool:
        changed = pool.submit(change)
        assert changing.wait(timeout=20)

        def announce_now() -> Announced:
            with begin(database, account_id) as session:
                return announce(session, THANKS)

        announced = pool.submit(announce_now)
        if database_url.startswith("postgresql"):
            assert announced.result(timeout=20).count == 2
        wait([announced], timeout=0.2)
        go.set()
        changed.result(timeout=20)
        assert announced.result(timeout=20).count == 2
    with begin(database, account_id) as session:
        assert announce(session, THANKS).count == 0
        assert {data["interview_id"] for data in told(session)} == {free.id}


def test_changes_and_announcements_at_once_tell_of_nothing_that_is_over(database: Database, account_id: str) -> None:
    """Whatever the order: no due stays open for a follow-up that is not open, and no follow-up rings twice."""
    with begin(database, account_id) as session:
        subscribe(session)
        rows = [store(session, application_ref=f"app-{n % 3}") for n in range(24)]
    together = Barrier(3)

    def change(part: int) -> None:
        together.wait(timeout=20)
        for row in rows[part::2]:
            with begin(database, account_id) as session:
                locked = lock_interview(session, row.id, "app-1")
                happen(session, locked, "withdrawn", THANKS)
            with begin(database, account_id) as session:
                locked = lock_interview(session, row.id, "app-1")
                given = Interview.model_validate_json(locked.facts).model_copy(update={"application_ref": "app-1"})
                change_interview(session, locked, given, POLICIES, THANKS)

    def announce_all() -> None:
        together.wait(timeout=20)
        for _ in range(12):
            with begin(database, account_id) as session:
                announce(session, THANKS, most=4)

    with ThreadPoolExecutor(3) as pool:
        for running in [pool.submit(change, 0), pool.submit(change, 1), pool.submit(announce_all)]:
            running.result(timeout=60)
    with begin(database, account_id) as session:
        assert announce(session, THANKS).count == 0
        cancelled = {data["follow_up_id"] for data in told(session, CANCELLED)}
        due = [each for each in messages(session) if each.type == DUE]
        assert cancelled == {each.follow_up_id for each in due}
        assert len(due) == len(cancelled)
        of_due = {each.id for each in due}
        assert all(each.state == "cancelled" for each in deliveries(session) if each.message_id in of_due)
        assert all(step.status == "cancelled" for row in rows for step in kept(session, row).values())
        assert find_interview(session, rows[0].id).application_ref == "app-1"
