import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import TypeAdapter
from sqlalchemy import delete
from sqlalchemy.event import listen

from app.announcing import announce_due
from app.erasing import remove_interviews
from app.rules.facts import Event, Interview, NextRoundScheduled, Withdrawn
from app.rules.planner import plan
from app.rules.plans import Plan
from app.rules.policy import load_policies
from app.scheduling import (
    AHEAD,
    Settled,
    Unfit,
    UnknownPolicy,
    as_step,
    change_interview,
    choose_policy,
    facts_of,
    localize,
    lock_interview,
    plan_of,
    record_event,
    replan,
    store_interview,
    take_back_event,
    with_ids,
)
from app.store.db import Database, Session
from app.store.find import NotFound, find_interview
from app.store.follow_ups import follow_ups_of
from app.store.interviews import Taken
from app.store.keys import find_or_insert_account
from app.store.rows import FollowUpRow, InterviewRow
from app.store.tables import Message
from tests.northwind import NORTHWIND, snapshot
from tests.subscribers import deliveries, messages, subscribe, told, types_told

POLICIES = load_policies()
EVENT: TypeAdapter[Event] = TypeAdapter(Event)
NOW = datetime(2065, 11, 19, 12, tzinfo=UTC)
"""The day before the interview."""

FIRST: dict[str, Any] = {"external_id": None, "application_ref": "app-1"}
SECOND = FIRST | {"starts_at": "2065-11-27T15:00:00-05:00", "ends_at": "2065-11-27T16:00:00-05:00"}


def interview(**changes: Any) -> Interview:
    return Interview.model_validate(NORTHWIND | {"external_id": None, "application_ref": None} | changes)


def happened(what: str, at: datetime = NOW, **members: Any) -> Event:
    return EVENT.validate_python({"type": what, "occurred_at": at, **members})


@pytest.fixture
def account_id(database: Database) -> str:
    with database.begin() as connection:
        return find_or_insert_account(connection, "default", NOW)


@pytest.fixture
def session(database: Database, account_id: str) -> Iterator[Session]:
    with database.begin() as connection:
        yield Session(connection, account_id)


@contextmanager
def begin(database: Database, account_id: str) -> Iterator[Session]:
    with database.begin() as connection:
        yield Session(connection, account_id)


def store(session: Session, now: datetime = NOW, **changes: Any) -> InterviewRow:
    return store_interview(session, interview(**changes), POLICIES, now)


def record(session: Session, row: InterviewRow, what: str, now: datetime = NOW, **members: Any) -> str:
    return record_event(session, row, happened(what, **{"at": now} | members), POLICIES, now).id


def kept(session: Session, row: InterviewRow) -> dict[str, FollowUpRow]:
    """The follow-ups of an interview by key, which have to be those of its plan."""
    found = follow_ups_of(session, row.id)
    planned = plan_of(session, find_interview(session, row.id), POLICIES, NOW)
    expected = {step.key: (step.id, *as_step(step)) for step in planned.follow_ups}
    assert {each.key: (each.id, *each[3:10]) for each in found} == {
        key: (id, key, kind, status, *(instant.astimezone(UTC) for instant in instants), body)
        for id, key, kind, status, *instants, body in expected.values()
    }
    return {each.key: each for each in found}


def superseded(session: Session, *rows: InterviewRow) -> list[bool]:
    """Of which of these interviews the check-in is cancelled in favour of a next round."""
    return ['"cancelled_because":"superseded"' in kept(session, row)["check_in"].body for row in rows]


# Single steps


def test_a_policy_is_chosen_by_its_name() -> None:
    assert choose_policy(POLICIES, "classic").name == "classic"
    with pytest.raises(UnknownPolicy) as caught:
        choose_policy(POLICIES, "nobody")
    assert caught.value.name == "nobody"
    assert all(name in str(caught.value) for name in POLICIES)


def test_an_interview_is_kept_at_the_offset_of_its_own_zone() -> None:
    given = interview(starts_at="2065-11-20T20:00:00Z", ends_at=None, timezone="Asia/Kathmandu")
    local = localize(given)
    assert local.starts_at.isoformat() == "2065-11-21T01:45:00+05:45"
    assert local.starts_at == given.starts_at
    assert local.ends_at is None
    assert localize(local) == local
    assert local == given.model_copy(update={"starts_at": local.starts_at})


def test_a_plan_gets_the_ids_that_are_known() -> None:
    planned = plan(interview(), [], POLICIES["balanced"], NOW)
    named = with_ids(planned, {"check_in": "fu_1", "final_check_in": "fu_2"})
    assert [step.id for step in named.follow_ups] == [None, None, "fu_1"]
    assert with_ids(named, {}) == planned


@pytest.mark.parametrize(
    ("events", "as_of", "statuses"),
    [
        ([], NOW, ["open", "open", "open"]),
        ([], NOW + timedelta(days=365), ["open", "open", "open"]),
        ([happened("reply_received")], NOW, ["open", "open", "cancelled"]),
        ([happened("follow_up_sent", key="thank_you/tom-berg")], NOW, ["open", "sent", "open"]),
        ([happened("follow_up_skipped", key="check_in")], NOW, ["open", "open", "skipped"]),
    ],
)
def test_a_step_is_kept_as_settled_cancelled_or_open_whatever_the_hour(
    events: list[Event], as_of: datetime, statuses: list[str]
) -> None:
    planned = plan(interview(), events, POLICIES["balanced"], as_of)
    steps = [as_step(each) for each in planned.follow_ups]
    assert [step.status for step in steps] == statuses
    assert all('"state"' not in step.body and '"id":null' not in step.body for step in steps)


# Interviews


def test_a_stored_interview_has_the_rows_of_its_plan(session: Session) -> None:
    for policy in POLICIES:
        row = store(session, policy=policy)
        assert set(kept(session, row)) >= {"thank_you/priya-shah", "thank_you/tom-berg", "check_in"}


def test_a_change_keeps_the_ids_and_makes_the_rows_the_new_plan(session: Session) -> None:
    row = store(session)
    before = kept(session, row)
    changed = change_interview(session, row, interview(decision_by="2065-12-03"), POLICIES, NOW)
    after = kept(session, changed)
    assert {key: each.id for key, each in after.items()} == {key: each.id for key, each in before.items()}
    assert after["check_in"].due_at == datetime(2065, 12, 4, 14, tzinfo=UTC)
    assert changed.version == row.version + 1


def test_the_same_facts_change_nothing(session: Session) -> None:
    row = store(session)
    same = interview(starts_at="2065-11-20T20:00:00Z")
    assert change_interview(session, row, same, POLICIES, NOW + timedelta(days=1)) == row
    assert find_interview(session, row.id) == row


def test_planning_anew_without_a_reason_changes_nothing(database: Database, account_id: str) -> None:
    with begin(database, account_id) as session:
        row = store(session)
        record(session, row, "offer_received")
    before = snapshot(database)
    with begin(database, account_id) as session:
        replan(session, row, POLICIES, NOW + timedelta(days=300))
    assert snapshot(database) == before


def test_what_cannot_be_planned_is_not_stored(database: Database, account_id: str) -> None:
    with pytest.raises(UnknownPolicy), begin(database, account_id) as session:
        store(session, policy="nobody")
    with begin(database, account_id) as session:
        row = store(session)
    before = snapshot(database)
    with pytest.raises(UnknownPolicy), begin(database, account_id) as session:
        change_interview(session, row, interview(policy="nobody"), POLICIES, NOW)
    assert snapshot(database) == before


def test_a_taken_external_id_stores_nothing(database: Database, account_id: str) -> None:
    with begin(database, account_id) as session:
        store(session, external_id="ats-1")
        row = store(session)
    before = snapshot(database)
    with pytest.raises(Taken), begin(database, account_id) as session:
        store(session, external_id="ats-1")
    with pytest.raises(Taken), begin(database, account_id) as session:
        change_interview(session, row, interview(external_id="ats-1"), POLICIES, NOW)
    assert snapshot(database) == before


def test_a_locked_interview_is_the_latest_and_one_that_is_not_there_is_not_found(session: Session) -> None:
    row = store(session)
    changed = change_interview(session, row, interview(company="Contoso"), POLICIES, NOW)
    assert lock_interview(session, row.id, None, "app-1") == changed
    remove_interviews(session, [changed], POLICIES, NOW)
    with pytest.raises(NotFound):
        lock_interview(session, row.id)


def test_who_changes_an_interview_waits_for_who_holds_it(database: Database, account_id: str) -> None:
    with begin(database, account_id) as session:
        row = store(session)
    everybody = threading.Barrier(8)

    def count_up(_: int) -> None:
        everybody.wait(timeout=20)
        for _ in range(3):
            with begin(database, account_id) as session:
                held = lock_interview(session, row.id, "app-1")
                known = Interview.model_validate_json(held.facts)
                longer = known.model_copy(update={"company": known.company + "!"})
                change_interview(session, held, longer, POLICIES, NOW)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(count_up, range(8)))
    with begin(database, account_id) as session:
        assert find_interview(session, row.id).company == "Northwind" + "!" * 24


# Several rounds


@pytest.mark.parametrize("order", [1, -1])
def test_a_later_round_supersedes_an_earlier_one_in_whichever_order_they_come(session: Session, order: int) -> None:
    rows = [store(session, **given) for given in (FIRST, SECOND)[::order]]
    assert superseded(session, *rows[::order]) == [True, False]


def test_rounds_of_another_account_are_nobodys_business(session: Session) -> None:
    other = Session(session.connection, find_or_insert_account(session.connection, "other", NOW))
    row = store(session, **FIRST)
    store(other, **SECOND)
    assert superseded(session, row) == [False]


def test_a_round_that_is_told_of_afterwards_was_known_when_it_began_at_the_latest(session: Session) -> None:
    row = store(session, **FIRST)
    a_year_later = NOW + timedelta(days=365)
    second = store(session, a_year_later, **SECOND)
    _, events = facts_of(session, row)
    assert events == [NextRoundScheduled(occurred_at=second.starts_at)]
    assert superseded(session, row) == [True]


def test_a_round_that_was_arranged_after_the_check_in_had_closed_does_not_supersede_it(session: Session) -> None:
    row = store(session, **FIRST)
    store(session, NOW + timedelta(days=60), **FIRST | {"starts_at": "2066-03-01T15:00:00-05:00", "ends_at": None})
    assert superseded(session, row) == [False]


def test_a_change_of_the_application_is_followed_on_both_sides(session: Session) -> None:
    first, other = store(session, **FIRST), store(session, **FIRST | {"application_ref": "app-2"})
    second = store(session, **SECOND)
    for application_ref, expected in (("app-2", [False, True]), (None, [False, False]), ("app-1", [True, False])):
        given = interview(**SECOND | {"application_ref": application_ref})
        second = change_interview(session, second, given, POLICIES, NOW)
        assert superseded(session, first, other) == expected


def test_a_removed_round_is_undone(database: Database, account_id: str) -> None:
    with begin(database, account_id) as session:
        first = store(session, **FIRST)
    before = snapshot(database)
    with begin(database, account_id) as session:
        second = store(session, **SECOND)
        assert superseded(session, first) == [True]
    with begin(database, account_id) as session:
        remove_interviews(session, [lock_interview(session, second.id)], POLICIES, NOW)
    assert snapshot(database) == before


@pytest.mark.parametrize("starts_at", ["2065-11-20T15:00:00-05:00", "2065-12-04T15:00:00-05:00"])
def test_a_round_whose_policy_is_not_loaded_any_more_stays_as_it_is_and_hinders_no_other(
    database: Database, account_id: str, starts_at: str
) -> None:
    with begin(database, account_id) as session:
        times = {"starts_at": starts_at, "ends_at": None}
        orphan = store_interview(session, interview(**FIRST | times, policy="steady"), POLICIES, NOW)
        before = follow_ups_of(session, orphan.id)
    fewer = {name: policy for name, policy in POLICIES.items() if name != "steady"}
    with begin(database, account_id) as session:
        row = store_interview(session, interview(**SECOND), fewer, NOW)
        assert follow_ups_of(session, orphan.id) == before
    for changes in ({"company": "Contoso"}, {"starts_at": "2065-11-25T15:00:00-05:00", "ends_at": None}):
        with begin(database, account_id) as session:
            row = change_interview(session, lock_interview(session, row.id), interview(**SECOND | changes), fewer, NOW)
            assert follow_ups_of(session, orphan.id) == before
    with begin(database, account_id) as session:
        remove_interviews(session, [lock_interview(session, row.id)], fewer, NOW)
        assert follow_ups_of(session, orphan.id) == before
        assert find_interview(session, orphan.id) == orphan


def test_rounds_that_are_stored_moved_and_removed_at_once_end_up_in_step(database: Database, account_id: str) -> None:
    everybody = threading.Barrier(6)
    days = range(1, 7)

    def churn(day: int) -> InterviewRow:
        everybody.wait(timeout=20)
        times = {"starts_at": f"2065-12-{day:02}T15:00:00-05:00", "ends_at": None}
        with begin(database, account_id) as session:
            row = store(session, **FIRST | times)
        for application_ref in ("app-2", "app-1"):
            with begin(database, account_id) as session:
                held = lock_interview(session, row.id, application_ref)
                given = interview(**FIRST | times | {"application_ref": application_ref})
                row = change_interview(session, held, given, POLICIES, NOW)
        with begin(database, account_id) as session:
            record(session, find_interview(session, row.id, lock=True), "reply_received", acknowledgement=True)
        return row

    with ThreadPoolExecutor(6) as pool:
        rows = list(pool.map(churn, days))
    with begin(database, account_id) as session:
        assert superseded(session, *rows) == [True] * 5 + [False]
    with begin(database, account_id) as session:
        remove_interviews(session, [lock_interview(session, rows[-1].id)], POLICIES, NOW)
        assert superseded(session, *rows[:-1]) == [True] * 4 + [False]


def test_who_waited_for_an_interview_holds_the_application_that_it_belongs_to_by_then(
    database: Database, account_id: str
) -> None:
    with begin(database, account_id) as session:
        row = store(session, **FIRST)
    held, go = threading.Event(), threading.Event()

    def postpone() -> None:
        with begin(database, account_id) as session:
            mine = lock_interview(session, row.id)
            held.set()
            assert go.wait(timeout=20)
            later = interview(application_ref=mine.application_ref, starts_at="2065-12-20T15:00:00-05:00", ends_at=None)
            change_interview(session, mine, later, POLICIES, NOW)

    def add() -> InterviewRow:
        with begin(database, account_id) as session:
            return store(session, **SECOND | {"application_ref": "app-2"})

    with ThreadPoolExecutor(2) as pool:
        with begin(database, account_id) as session:
            mine = lock_interview(session, row.id, "app-2")
            postponed = pool.submit(postpone)
            wait([postponed], timeout=0.2)  # until it waits, too
            change_interview(session, mine, interview(application_ref="app-2"), POLICIES, NOW)
        assert held.wait(timeout=20)
        added = pool.submit(add)
        wait([added], timeout=0.2)
        go.set()
        postponed.result(timeout=20)
        other = added.result(timeout=20)
    with begin(database, account_id) as session:
        assert superseded(session, row, other) == [False, True]


# Events


def test_an_event_may_lie_five_minutes_ahead_to_the_microsecond(session: Session) -> None:
    row = store(session)
    record(session, row, "reply_received", at=NOW + AHEAD, acknowledgement=True)
    with pytest.raises(Unfit) as caught:
        record(session, row, "withdrawn", at=NOW + AHEAD + timedelta(microseconds=1))
    assert caught.value.member == "occurred_at"
    assert timedelta(minutes=5) == AHEAD


def test_a_key_that_is_not_in_the_plan_is_unfit_and_the_refusal_names_those_that_are(session: Session) -> None:
    row = store(session)
    with pytest.raises(Unfit, match="thank_you/priya-shah, thank_you/tom-berg, check_in") as caught:
        record(session, row, "follow_up_sent", key="final_check_in")
    assert caught.value.member == "key"


def test_a_snooze_fits_from_the_opening_to_the_closing_and_no_instant_beyond(session: Session) -> None:
    row = store(session)
    window = kept(session, row)["check_in"]
    for until in (window.opens_at, window.closes_at):
        record(session, row, "follow_up_snoozed", key="check_in", until=until)
        assert kept(session, row)["check_in"].due_at == until
    instant = timedelta(microseconds=1)
    for until in (window.opens_at - instant, window.closes_at + instant):
        with pytest.raises(Unfit) as caught:
            record(session, row, "follow_up_snoozed", key="check_in", until=until)
        assert caught.value.member == "until"


def test_a_follow_up_can_be_put_off_until_the_moment_at_which_it_is_missed(session: Session) -> None:
    row = store(session)
    window = kept(session, row)["check_in"]
    last = window.closes_at - timedelta(microseconds=1)
    record(session, row, "follow_up_snoozed", last, key="check_in", until=window.closes_at)
    with pytest.raises(Settled, match="missed"):
        record(session, row, "follow_up_snoozed", window.closes_at, key="check_in", until=window.closes_at)


def test_what_is_settled_stays_so(session: Session) -> None:
    row = store(session)
    record(session, row, "follow_up_sent", key="check_in")
    for what in ("follow_up_sent", "follow_up_skipped"):
        with pytest.raises(Settled, match="sent already"):
            record(session, row, what, key="check_in")


def test_an_event_that_is_refused_leaves_nothing(database: Database, account_id: str) -> None:
    with begin(database, account_id) as session:
        row = store(session)
    before = snapshot(database)
    for what, members in (
        ("follow_up_sent", {"key": "check_in/2"}),
        ("follow_up_snoozed", {"key": "check_in", "until": NOW}),
        ("withdrawn", {"at": NOW + timedelta(hours=1)}),
    ):
        with pytest.raises(Unfit), begin(database, account_id) as session:
            record(session, row, what, **members)
    assert snapshot(database) == before


def test_an_event_that_is_taken_back_leaves_nothing(database: Database, account_id: str) -> None:
    with begin(database, account_id) as session:
        row = store(session)
    before = snapshot(database)
    with begin(database, account_id) as session:
        event_id = record(session, row, "rejected")
        assert "rejection_reply" in kept(session, row)
    with begin(database, account_id) as session:
        take_back_event(session, row, event_id, POLICIES, NOW)
    assert snapshot(database) == before
    with pytest.raises(NotFound), begin(database, account_id) as session:
        take_back_event(session, row, event_id, POLICIES, NOW)


def test_an_event_is_taken_back_only_from_its_own_interview(session: Session) -> None:
    row, other = store(session), store(session)
    event_id = record(session, other, "withdrawn")
    with pytest.raises(NotFound):
        take_back_event(session, row, event_id, POLICIES, NOW)
    assert facts_of(session, other)[1] == [Withdrawn(occurred_at=NOW)]


def test_a_plan_at_another_instant_has_the_same_ids_and_other_states(session: Session) -> None:
    row = store(session)
    plans: list[Plan] = [plan_of(session, row, POLICIES, NOW + timedelta(days=days)) for days in (0, 14, 100)]
    assert [[step.state for step in each.follow_ups] for each in plans] == [
        ["planned", "planned", "planned"],
        ["missed", "missed", "due"],
        ["missed", "missed", "missed"],
    ]
    assert len({tuple(step.id for step in each.follow_ups) for each in plans}) == 1
    assert all(step.id for step in plans[0].follow_ups)


# What subscribers hear of it


HOUR = timedelta(hours=1)
DUE_AT = datetime(2065, 12, 2, 14, tzinfo=UTC)
"""When the check-in is due."""

CLEAR = {"interviewers": NORTHWIND["interviewers"][:1]}


def announced(session: Session, **changes: Any) -> InterviewRow:
    """An interview whose check-in subscribers were told of, and of nothing else yet."""
    row = store(session, **changes)
    announce_due(session, POLICIES, DUE_AT)
    session.connection.execute(delete(Message.__table__).where(Message.__table__.c.type == "follow_up.missed"))
    return row


def test_a_new_interview_is_no_news_and_a_plan_that_stays_is_none(session: Session) -> None:
    subscribe(session)
    row = store(session)
    change_interview(session, row, interview(), POLICIES, NOW)
    row = change_interview(session, row, interview(external_id="ats-2"), POLICIES, NOW)
    record(session, row, "reply_received", acknowledgement=True)
    remove_interviews(session, [row], POLICIES, NOW)
    assert types_told(session) == []


def test_a_plan_that_changed_is_told_with_each_follow_up_that_did(session: Session) -> None:
    subscribe(session)
    row = store(session, external_id="ats-1", application_ref="app-1")
    before = kept(session, row)
    given = interview(external_id="ats-1", application_ref="app-1", decision_by="2065-12-03", **CLEAR)
    change_interview(session, row, given, POLICIES, NOW)
    assert told(session) == [
        {
            "interview_id": row.id,
            "external_id": "ats-1",
            "application_ref": "app-1",
            "next_due_at": "2065-11-20T17:00:00-05:00",
            "changed": [
                {
                    "follow_up_id": before["check_in"].id,
                    "key": "check_in",
                    "status": "open",
                    "due_at": "2065-12-04T09:00:00-05:00",
                },
                {
                    "follow_up_id": before["thank_you/tom-berg"].id,
                    "key": "thank_you/tom-berg",
                    "status": "removed",
                    "due_at": "2065-11-20T17:00:00-05:00",
                },
            ],
        }
    ]
    assert types_told(session) == ["plan.changed"]


def test_what_is_sent_or_added_is_a_change_of_the_plan_too(session: Session) -> None:
    subscribe(session)
    row = store(session)
    record(session, row, "follow_up_sent", key="thank_you/tom-berg")
    event_id = record(session, row, "situation_changed", NOW + HOUR, change="patent")
    take_back_event(session, row, event_id, POLICIES, NOW + 2 * HOUR)
    changed = [{each["key"]: each["status"] for each in data["changed"]} for data in told(session, "plan.changed")]
    assert changed == [{"thank_you/tom-berg": "sent"}, {"situation_update": "open"}, {"situation_update": "removed"}]
    assert told(session)[0]["next_due_at"] == "2065-11-20T17:00:00-05:00"


def test_a_plan_with_nothing_left_to_do_has_no_next_moment(session: Session) -> None:
    subscribe(session)
    record(session, store(session), "withdrawn")
    assert [data["next_due_at"] for data in told(session)] == [None]


def test_what_was_never_announced_is_cancelled_without_a_word_of_its_own(session: Session) -> None:
    subscribe(session)
    record(session, store(session), "withdrawn")
    assert types_told(session) == ["plan.changed"]


def test_what_was_announced_is_taken_back_when_it_is_cancelled(session: Session) -> None:
    subscribe(session)
    row = announced(session)
    record(session, row, "reply_received", DUE_AT + HOUR)
    assert types_told(session) == ["follow_up.due", "follow_up.cancelled", "plan.changed"]
    due, cancelled, _ = told(session)
    assert cancelled == {name: due[name] for name in cancelled.keys() - {"why", "cancelled_because"}} | {
        "why": "Northwind replied, so there is nothing left to check on.",
        "cancelled_because": "replied",
    }
    assert [each.state for each in deliveries(session)] == ["cancelled", "open", "open"]
    record(session, row, "withdrawn", DUE_AT + 2 * HOUR)
    assert types_told(session).count("follow_up.cancelled") == 1


@pytest.mark.parametrize("what", ["follow_up_sent", "follow_up_skipped"])
def test_what_was_announced_and_is_settled_waits_no_longer_and_is_no_cancellation(session: Session, what: str) -> None:
    subscribe(session)
    row = announced(session)
    record(session, row, what, DUE_AT + HOUR, key="check_in")
    assert types_told(session) == ["follow_up.due", "plan.changed"]
    assert [each.state for each in deliveries(session)] == ["cancelled", "open"]


def test_what_was_announced_and_moves_waits_no_longer_and_is_no_cancellation(session: Session) -> None:
    subscribe(session)
    row = announced(session)
    change_interview(session, row, interview(decision_by="2065-12-10"), POLICIES, DUE_AT + HOUR)
    assert types_told(session) == ["follow_up.due", "plan.changed"]
    assert [each.state for each in deliveries(session)] == ["cancelled", "open"]


def test_what_was_announced_and_is_not_in_the_plan_any_more_was_removed(session: Session) -> None:
    subscribe(session, "follow_up.cancelled")
    row = store(session)
    announce_due(session, POLICIES, datetime(2065, 11, 20, 22, tzinfo=UTC))
    change_interview(session, row, interview(**CLEAR), POLICIES, NOW)
    (cancelled,) = told(session)
    assert (cancelled["key"], cancelled["cancelled_because"]) == ("thank_you/tom-berg", "removed")
    assert cancelled["why"] == "The facts changed, and nothing asks for it any more."


def test_what_was_only_missed_is_not_taken_back(session: Session) -> None:
    subscribe(session)
    row = store(session)
    announce_due(session, POLICIES, datetime(2065, 11, 22, tzinfo=UTC))
    record(session, row, "withdrawn", datetime(2065, 11, 22, 1, tzinfo=UTC), at=NOW)
    assert types_told(session) == ["follow_up.missed"] * 2 + ["plan.changed"]


def test_of_a_removed_interview_what_was_announced_is_taken_back_and_nothing_else_stays(session: Session) -> None:
    subscribe(session)
    row, other = announced(session), store(session)
    record(session, other, "withdrawn", DUE_AT + HOUR)
    remove_interviews(session, [row], POLICIES, DUE_AT + 2 * HOUR)
    assert types_told(session) == ["follow_up.due", "plan.changed", "follow_up.cancelled"]
    due, _, last = messages(session)
    assert due.payload is None
    assert json.loads(last.payload or "")["data"]["cancelled_because"] == "removed"
    assert [each.state for each in deliveries(session)] == ["cancelled", "open", "open"]


def test_a_round_that_supersedes_what_was_announced_takes_it_back_and_its_removal_lets_it_ring(
    session: Session,
) -> None:
    subscribe(session, "follow_up.due", "follow_up.cancelled", "plan.changed")
    first = announced(session, **FIRST)
    second = store(session, DUE_AT + HOUR, **FIRST | {"starts_at": "2065-12-05T15:00:00-05:00", "ends_at": None})
    assert types_told(session) == ["follow_up.due", "follow_up.cancelled", "plan.changed"]
    assert {data["interview_id"] for data in told(session)} == {first.id}
    remove_interviews(session, [lock_interview(session, second.id)], POLICIES, DUE_AT + 2 * HOUR)
    assert announce_due(session, POLICIES, DUE_AT + 3 * HOUR).count == 1
    assert types_told(session)[3:] == ["plan.changed", "follow_up.due"]


def test_a_change_that_is_refused_tells_nobody(database: Database, account_id: str) -> None:
    with begin(database, account_id) as session:
        subscribe(session)
        row = store(session)
    with pytest.raises(UnknownPolicy), begin(database, account_id) as session:
        change_interview(session, row, interview(policy="nobody"), POLICIES, NOW)
    with begin(database, account_id) as session:
        assert types_told(session) == []


def test_who_has_no_endpoint_pays_one_statement_for_news_and_none_without(session: Session) -> None:
    row = store(session)
    statements: list[str] = []

    def note(_c: object, _d: object, statement: str, *_: object) -> None:
        statements.append(statement)

    listen(session.connection, "before_cursor_execute", note)
    store(session)
    record(session, row, "reply_received", acknowledgement=True)
    assert not [each for each in statements if "lane" in each or "message" in each]
    record(session, row, "withdrawn")
    assert len([each for each in statements if "lane" in each or "message" in each]) == 1
