import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.announcing import announce_due
from app.erasing import AT_ONCE, Erased, erase_candidate, forget_old, hold_interviews
from app.rules.facts import Withdrawn
from app.scheduling import change_interview, lock_interview, record_event, store_interview
from app.store import tables
from app.store.db import Database
from app.store.find import NotFound, find_interview
from app.store.interviews import Stale
from app.store.rows import InterviewRow
from app.webhooks.fairness import Limits
from app.webhooks.leasing import lease
from app.webhooks.retry import Verdict
from app.webhooks.settling import Outcome, settle
from tests.faults.scenes import POLICIES, Scene, interview_due
from tests.northwind import rows
from tests.webhooks.queues import OK

ANA, BOB = "ana@example.com", "bob@example.com"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
LIMITS = Limits(in_flight=10, per_account=50, lease=timedelta(minutes=1))


@pytest.fixture
def scene(database: Database) -> Scene:
    return Scene.of(database)


@pytest.fixture
def now() -> datetime:
    return datetime.now(UTC)


def add(scene: Scene, due_at: datetime, email: str = ANA, **changes: Any) -> InterviewRow:
    candidate = {"name": email.partition("@")[0].title(), "email": email}
    with scene.begin() as session:
        interview = interview_due(due_at, candidate=candidate, **changes)
        return store_interview(session, interview, POLICIES, due_at - DAY)


def erase(scene: Scene, email: str = ANA) -> Erased:
    with scene.begin() as session:
        return erase_candidate(session, email, POLICIES, datetime.now(UTC))


def superseded(scene: Scene) -> set[str]:
    """The interviews whose thank-yous a next round has cancelled."""
    return {row.interview_id for row in scene.rows(tables.FollowUp) if row.status == "cancelled"}


def test_what_is_left_of_an_application_is_planned_anew(scene: Scene, now: datetime) -> None:
    first, last = [add(scene, now + days * DAY, BOB, application_ref="app-1") for days in (1, 9)]
    for days in (3, 5, 7):
        add(scene, now + days * DAY, application_ref="app-1")
    before = superseded(scene)
    assert first.id in before
    assert erase(scene).interviews == 3
    assert {row.id for row in scene.rows(tables.Interview)} == {first.id, last.id}
    assert first.id in superseded(scene)
    assert erase(scene, BOB).interviews == 2
    assert rows(scene.database) == (0, 0, 0)


def test_the_earlier_round_of_somebody_else_loses_its_next_one(scene: Scene, now: datetime) -> None:
    first = add(scene, now + DAY, BOB, application_ref="app-1")
    add(scene, now + 3 * DAY, application_ref="app-1")
    assert superseded(scene) == {first.id}
    erase(scene)
    assert superseded(scene) == set()


def test_two_thousand_interviews_are_erased_at_once(scene: Scene, now: datetime) -> None:
    for _ in range(2):
        scene.add_endpoint("http://127.0.0.1:9/")
    other = add(scene, now + DAY, BOB)
    scene.add_many_interviews(2000, now - HOUR)
    assert scene.announce() == 2000
    erased = erase(scene)
    assert (erased.interviews, erased.messages, erased.deliveries_cancelled) == (2000, 2000, 4000)
    assert [row.id for row in scene.rows(tables.Interview)] == [other.id]
    assert {row.payload for row in scene.rows(tables.Message) if row.type == "follow_up.due"} == {None}


def test_of_what_was_announced_and_is_taken_back_no_name_is_left(scene: Scene, now: datetime) -> None:
    scene.add_endpoint("http://127.0.0.1:9/")
    add(scene, now - HOUR, interviewers=[{"name": "Priya Shah"}, {"name": "Tom Berg"}])
    assert scene.announce() == 2
    assert any("priya" in row.payload for row in scene.rows(tables.Message))
    erase(scene)
    told = scene.rows(tables.Message)
    assert {row.type for row in told} >= {"follow_up.due", "follow_up.cancelled"}
    assert not any("priya" in (row.payload or "") for row in told)


def test_what_was_on_its_way_is_not_written_down_any_more(scene: Scene, now: datetime) -> None:
    scene.add_endpoint("http://127.0.0.1:9/")
    add(scene, now - HOUR)
    scene.announce()
    with scene.database.begin() as connection:
        taken = lease(connection, "a", datetime.now(UTC), LIMITS, 10).deliveries
    assert erase(scene).deliveries_cancelled == len(taken) == 1
    with scene.database.begin() as connection:
        outcome = Outcome(taken[0], OK._replace(body="Dear Ana"), Verdict("delivered"))
        assert settle(connection, "a", [outcome], datetime.now(UTC)).late == (outcome,)
    assert scene.rows(tables.Attempt) == []


def test_an_interview_that_moved_to_another_application_is_not_held(scene: Scene, now: datetime) -> None:
    row = add(scene, now + DAY, application_ref="app-1")
    with scene.begin() as session:
        moved = interview_due(now + DAY, application_ref="app-2")
        change_interview(session, lock_interview(session, row.id, "app-2"), moved, POLICIES, now)
    with scene.begin() as session, pytest.raises(Stale):
        hold_interviews(session, [row])


def test_an_interview_that_became_somebody_elses_meanwhile_stays(scene: Scene, now: datetime) -> None:
    row = add(scene, now + DAY)
    held_by_other = threading.Event()

    def hand_over() -> None:
        with scene.begin() as session:
            held = lock_interview(session, row.id)
            held_by_other.set()
            time.sleep(0.2)  # for the erasure to find it; should that come later, it finds nothing
            given = interview_due(now + DAY, candidate={"name": "Bob", "email": BOB})
            change_interview(session, held, given, POLICIES, now)

    with ThreadPoolExecutor(1) as pool:
        handed_over = pool.submit(hand_over)
        held_by_other.wait(20)
        assert erase(scene).interviews == 0
        handed_over.result()
    assert [each.candidate_email for each in scene.rows(tables.Interview)] == [BOB]


def test_who_changes_interviews_and_who_erases_them_wait_for_each_other(scene: Scene, now: datetime) -> None:
    everybody = threading.Barrier(6)
    scene.add_endpoint("http://127.0.0.1:9/")

    def churn(number: int) -> None:
        everybody.wait(20)
        for turn in range(5):
            row = add(scene, now + number * DAY + turn * HOUR, (ANA, BOB)[turn % 2], application_ref="app-1")
            try:
                with scene.begin() as session:
                    held = lock_interview(session, row.id)
                    record_event(session, held, Withdrawn(occurred_at=now), POLICIES, now)
            except NotFound:
                pass  # erased already

    def erase_often(email: str) -> int:
        everybody.wait(20)
        return sum(erase(scene, email).interviews for _ in range(5))

    with ThreadPoolExecutor(6) as pool:
        churning = [pool.submit(churn, number) for number in range(1, 5)]
        erasing = [pool.submit(erase_often, email) for email in (ANA, BOB)]
        for each in churning:
            each.result()
        erased = sum(each.result() for each in erasing)
    assert erased + sum(erase(scene, email).interviews for email in (ANA, BOB)) == 20
    assert rows(scene.database) == (0, 0, 0)


# Retention


@pytest.fixture
def old(scene: Scene, now: datetime) -> InterviewRow:
    """An interview of which nothing was heard for a hundred days."""
    return add(scene, now - 100 * DAY, BOB)


def forget(scene: Scene, before: datetime) -> int:
    with scene.begin() as session:
        return forget_old(session, before, POLICIES, datetime.now(UTC))


def test_what_is_old_is_forgotten_in_batches(scene: Scene, now: datetime) -> None:
    scene.add_interviews(2 * AT_ONCE + 1, now - 100 * DAY, now - 101 * DAY)
    young = add(scene, now - DAY)
    assert [forget(scene, now - 30 * DAY) for _ in range(4)] == [AT_ONCE, AT_ONCE, 1, 0]
    assert [row.id for row in scene.rows(tables.Interview)] == [young.id]


def test_of_what_was_missed_long_ago_subscribers_hear_nothing_more(scene: Scene, now: datetime) -> None:
    scene.add_endpoint("http://127.0.0.1:9/")
    scene.add_interviews(1, now - 100 * DAY, now - 101 * DAY)
    with scene.begin() as session:
        for at in (now - 100 * DAY, now - 90 * DAY, now):
            announce_due(session, POLICIES, at)
    told = sorted(row.type for row in scene.rows(tables.Message))
    assert {"follow_up.due", "follow_up.missed"} == set(told)
    assert forget(scene, now - 30 * DAY) == 1
    assert sorted(row.type for row in scene.rows(tables.Message)) == told
    assert {row.payload for row in scene.rows(tables.Message)} == {None}
    assert set(scene.states()) == {"cancelled"}


def test_what_is_still_due_is_taken_back(scene: Scene, now: datetime) -> None:
    scene.add_endpoint("http://127.0.0.1:9/")
    scene.add_interviews(1, now - HOUR, now - DAY)
    scene.announce()
    assert forget(scene, now + DAY) == 1
    assert sorted(row.type for row in scene.rows(tables.Message)) == ["follow_up.cancelled", "follow_up.due"]


def test_what_happened_a_moment_ago_keeps_an_old_interview(scene: Scene, old: InterviewRow, now: datetime) -> None:
    with scene.begin() as session:
        record_event(session, lock_interview(session, old.id), Withdrawn(occurred_at=now), POLICIES, now)
    assert forget(scene, now - 30 * DAY) == 0
    assert forget(scene, now + DAY) == 1


def test_an_interview_that_lies_ahead_is_not_forgotten(scene: Scene, now: datetime) -> None:
    row = add(scene, now + DAY)
    assert forget(scene, now) == 0
    with scene.begin() as session:
        assert find_interview(session, row.id) == row
