from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, timedelta
from typing import Any, get_args

import pytest
from sqlalchemy import event, update

from app.rules.plans import State
from app.store.db import Session
from app.store.find import find_follow_up
from app.store.follow_ups import (
    FollowUpFilter,
    Step,
    follow_ups_of,
    follow_ups_of_many,
    insert_follow_ups,
    let_ring,
    list_follow_ups,
    replace_follow_ups,
    state_of,
)
from app.store.keys import find_or_insert_account
from app.store.rows import FollowUpRow, Status
from app.store.tables import FollowUp
from tests.store.examples import NOW, keep, step

HOUR = timedelta(hours=1)
PLAN = (step("thank_you/grace"), step("thank_you/alan"), step("check_in", 7 * 24 * HOUR))


@contextmanager
def _statements(session: Session) -> Iterator[list[str]]:
    seen: list[str] = []

    def note(_c: object, _d: object, statement: str, *_: object) -> None:
        seen.append(statement.split(maxsplit=1)[0])

    event.listen(session.connection, "before_cursor_execute", note)
    yield seen
    event.remove(session.connection, "before_cursor_execute", note)


def _list(session: Session, **filters: object) -> tuple[FollowUpRow, ...]:
    return list_follow_ups(session, FollowUpFilter(**filters), NOW, limit=100).rows  # type: ignore[arg-type]


def test_the_steps_of_a_plan_come_back_in_their_order(session: Session) -> None:
    interview_id = keep(session).id
    rows = insert_follow_ups(session, interview_id, PLAN, NOW)
    assert [row.key for row in rows] == [step.key for step in PLAN]
    assert follow_ups_of(session, interview_id) == rows
    assert rows[0].due_at == PLAN[0].due_at
    assert rows[0].body == PLAN[0].body


def test_a_plan_without_steps_leaves_no_rows(session: Session) -> None:
    interview_id = keep(session).id
    assert insert_follow_ups(session, interview_id, (), NOW) == ()
    assert follow_ups_of(session, interview_id) == ()


def test_the_same_plan_again_writes_nothing(session: Session) -> None:
    interview_id = keep(session).id
    before = replace_follow_ups(session, interview_id, PLAN, NOW).after
    with _statements(session) as seen:
        assert replace_follow_ups(session, interview_id, PLAN, NOW + HOUR).after == before
    assert seen == ["SELECT"]


def test_rows_are_made_equal_to_a_new_plan_and_keep_their_ids(session: Session) -> None:
    interview_id = keep(session).id
    grace, _, check_in = replace_follow_ups(session, interview_id, PLAN, NOW).after
    moved = step("check_in", 9 * 24 * HOUR, status="cancelled")
    plan = (step("offer_reply", 2 * HOUR), PLAN[0], moved)
    with _statements(session) as seen:
        rows = replace_follow_ups(session, interview_id, plan, NOW).after
    assert seen == ["SELECT", "DELETE", "UPDATE", "INSERT"]
    assert [row.key for row in rows] == ["offer_reply", "thank_you/grace", "check_in"]
    assert rows[1] == grace
    assert (rows[2].id, rows[2].due_at, rows[2].status) == (check_in.id, moved.due_at, "cancelled")
    assert sorted(follow_ups_of(session, interview_id)) == sorted(rows)


def test_only_the_interviews_own_rows_are_replaced(session: Session) -> None:
    one, other = keep(session).id, keep(session).id
    replace_follow_ups(session, one, PLAN, NOW)
    kept = replace_follow_ups(session, other, PLAN, NOW).after
    replace_follow_ups(session, one, (), NOW)
    assert follow_ups_of(session, one) == ()
    assert follow_ups_of(session, other) == kept


def _state_examples(session: Session) -> dict[State, FollowUpRow]:
    """One row in each state, and each of the open ones right at the instant at which it enters it."""
    times = {"planned": timedelta(microseconds=1), "due": 0 * HOUR, "missed": -2 * HOUR}
    statuses: tuple[Status, ...] = ("sent", "skipped", "cancelled")
    steps = [step(name, due_in) for name, due_in in times.items()]
    steps += [step(status, status=status) for status in statuses]
    rows = insert_follow_ups(session, keep(session).id, steps, NOW)
    return dict(zip(get_args(State), sorted(rows, key=lambda row: get_args(State).index(row.key)), strict=True))


def test_the_state_of_a_row_follows_from_its_status_and_the_time(session: Session) -> None:
    assert {state: state_of(row, NOW) for state, row in _state_examples(session).items()} == {
        state: state for state in get_args(State)
    }


@pytest.mark.parametrize("state", get_args(State))
def test_follow_ups_are_filtered_by_the_state_they_have_now(session: Session, state: State) -> None:
    wanted = _state_examples(session)[state]
    assert _list(session, state=state) == (wanted,)


def test_a_window_that_closes_when_it_falls_due_is_missed_at_once(session: Session) -> None:
    (row,) = insert_follow_ups(session, keep(session).id, [step("check_in", 0 * HOUR, closes_at=NOW)], NOW)
    assert state_of(row, NOW) == "missed"
    assert _list(session, state="missed") == (row,)
    assert _list(session, state="due") == ()


def test_follow_ups_are_filtered_by_kind_interview_and_time(session: Session) -> None:
    first = insert_follow_ups(session, keep(session).id, PLAN, NOW)
    second = insert_follow_ups(session, keep(session).id, [step("check_in", 8 * 24 * HOUR)], NOW)
    assert _list(session) == first + second
    assert _list(session, kind="check_in") == (first[2], *second)
    assert _list(session, interview_id=second[0].interview_id) == second
    assert _list(session, due_after=first[2].due_at) == (first[2], *second)
    assert _list(session, due_before=first[2].due_at) == first[:2]
    assert _list(session, due_after=NOW, due_before=NOW) == ()


def test_another_accounts_follow_ups_are_never_listed(session: Session) -> None:
    insert_follow_ups(session, keep(session).id, PLAN, NOW)
    other = Session(session.connection, find_or_insert_account(session.connection, "other", NOW))
    assert _list(other) == ()


def test_a_follow_up_knows_its_interview(session: Session) -> None:
    (row,) = insert_follow_ups(session, keep(session).id, PLAN[:1], NOW)
    assert find_follow_up(session, row.id).interview_id == row.interview_id


# Rings


def _ring(session: Session, *told: tuple[str, object], **members: Any) -> FollowUpRow:
    """A row of which so much was announced, as it is after the plan that these members make."""
    interview_id = keep(session).id
    replace_follow_ups(session, interview_id, [step("check_in")], NOW)
    columns = dict(told)
    session.connection.execute(update(FollowUp.__table__).values(columns)) if columns else None
    (row,) = replace_follow_ups(session, interview_id, [step("check_in", **members)], NOW).after
    assert follow_ups_of(session, interview_id) == (row,)
    assert let_ring(row) == row
    return row


STEP = step("check_in")
DUE: tuple[str, object] = ("announced_due_at", STEP.due_at.astimezone(UTC))
CLOSED: tuple[str, object] = ("announced_closes_at", STEP.closes_at.astimezone(UTC))


def test_an_open_step_rings_when_it_is_due_and_then_when_it_closes(session: Session) -> None:
    assert _ring(session).next_ring_at == STEP.due_at
    assert _ring(session, DUE).next_ring_at == STEP.closes_at
    assert _ring(session, DUE, CLOSED).next_ring_at is None
    assert _ring(session, CLOSED).next_ring_at is None  # one whose window had closed before it was ever told


@pytest.mark.parametrize("status", ["sent", "skipped", "cancelled"])
def test_a_step_that_is_over_does_not_ring_and_is_not_announced_any_more(session: Session, status: Status) -> None:
    for told in ((), (DUE,), (DUE, CLOSED)):
        row = _ring(session, *told, status=status)
        assert (row.next_ring_at, row.announced_due_at) == (None, None)
        assert row.announced_closes_at == dict(told).get("announced_closes_at")


def test_a_step_that_moved_rings_again(session: Session) -> None:
    later = STEP.due_at + timedelta(minutes=1)
    row = _ring(session, DUE, due_at=later)
    assert (row.next_ring_at, row.announced_due_at) == (later, None)
    row = _ring(session, DUE, CLOSED, due_at=later, closes_at=later + HOUR)
    assert (row.next_ring_at, row.announced_due_at, row.announced_closes_at) == (later, None, STEP.closes_at)


def test_a_step_of_which_only_the_words_changed_was_announced_all_the_same(session: Session) -> None:
    row = _ring(session, DUE, body='{"why":"other"}')
    assert (row.next_ring_at, row.announced_due_at) == (STEP.closes_at, STEP.due_at)


def test_a_window_that_closes_later_is_missed_later(session: Session) -> None:
    later = STEP.closes_at + HOUR
    assert _ring(session, DUE, CLOSED, closes_at=later).next_ring_at == later


def test_a_replacement_pairs_what_was_with_what_is(session: Session) -> None:
    interview_id = keep(session).id
    grace, alan, check_in = replace_follow_ups(session, interview_id, PLAN, NOW).after
    moved = step("check_in", 9 * 24 * HOUR)
    replacement = replace_follow_ups(session, interview_id, (step("offer_reply"), moved, PLAN[0]), NOW)
    (none, offer), (was, now), same, gone = replacement.pairs()
    assert (none, offer and offer.key) == (None, "offer_reply")
    assert (was, now) == (check_in, check_in._replace(due_at=moved.due_at.astimezone(UTC), **_times(moved)))
    assert same == (grace, grace)
    assert gone == (alan, None)


def _times(step: Step) -> dict[str, Any]:
    times = {name: getattr(step, name).astimezone(UTC) for name in ("opens_at", "closes_at")}
    return {**times, "next_ring_at": step.due_at.astimezone(UTC)}


def test_the_follow_ups_of_several_interviews_are_read_at_once(session: Session) -> None:
    one, other, empty = (keep(session).id for _ in range(3))
    for interview_id in (one, other):
        insert_follow_ups(session, interview_id, PLAN, NOW)
    found = follow_ups_of_many(session, [one, other, empty])
    assert {id: tuple(sorted(rows)) for id, rows in found.items()} == {
        one: tuple(sorted(follow_ups_of(session, one))),
        other: tuple(sorted(follow_ups_of(session, other))),
        empty: (),
    }
