"""Very much at once, two workers at once, and everything down for days: each follow-up is told of once."""

from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from app.rules.planner import plan
from app.store import tables
from tests.faults.processes import wait_until, worker
from tests.faults.receivers import Receiver, receiver
from tests.faults.scenes import POLICIES, Scene, interview_due

ACCOUNTS = 10
DOWN = timedelta(days=3)


def furnish(scene: Scene, hook: Receiver, each: int, due_at: datetime) -> list[Scene]:
    """Ten accounts with an endpoint, and so many interviews, of which something is due then."""
    scenes = [Scene.of(scene.database, f"account-{number}") for number in range(ACCOUNTS)]
    for number, one in enumerate(scenes):
        one.add_endpoint(f"{hook.url}/{number}")
        one.add_many_interviews(each, due_at)
    return scenes


def assert_once_each(scenes: list[Scene], hook: Receiver, each: int) -> None:
    """Every follow-up that was due has one message, and that came once, to its own account's endpoint."""
    for number, scene in enumerate(scenes):
        messages = {row.id: row.follow_up_id for row in scene.rows(tables.Message)}
        came = [request.id for request in hook.received if request.path == f"/hook/{number}"]
        assert len(messages) == len(set(messages.values())) == each
        assert sorted(came) == sorted(messages)


def is_settled(scenes: list[Scene], each: int) -> bool:
    return all(scene.states() == ["delivered"] * each for scene in scenes)


@pytest.mark.long
def test_ten_thousand_due_at_once_are_each_told_of_once(scene: Scene, database_url: str, tmp_path: Path) -> None:
    each = 1000
    with receiver() as hook:
        scenes = furnish(scene, hook, each, datetime.now(UTC) + timedelta(seconds=5))
        with worker(database_url, tmp_path):
            wait_until(lambda: len(hook.received) >= ACCOUNTS * each, patience=120)
            wait_until(lambda: is_settled(scenes, each))
        assert_once_each(scenes, hook, each)


def test_two_workers_at_once_tell_of_each_once(scene: Scene, database_url: str, tmp_path: Path) -> None:
    each = 50
    with receiver() as hook, ExitStack() as stack:
        scenes = furnish(scene, hook, each, datetime.now(UTC) + timedelta(seconds=3))
        for _ in range(2):
            stack.enter_context(worker(database_url, tmp_path))
        wait_until(lambda: len(hook.received) >= ACCOUNTS * each)
        wait_until(lambda: is_settled(scenes, each))
        stack.close()
        assert_once_each(scenes, hook, each)


def test_after_three_days_down_all_that_fell_due_is_told_late_and_once(
    scene: Scene, database_url: str, tmp_path: Path
) -> None:
    now = datetime.now(UTC)
    stopped_at = now - DOWN
    just_after = stopped_at + timedelta(hours=1)
    days_before = find_late_check_in(now, stopped_at)
    with receiver() as hook:
        scene.add_endpoint(hook.url)
        (closed,) = scene.add_interviews(1, just_after, now=stopped_at)
        (late,) = scene.add_interviews(1, now - timedelta(days=days_before), now=stopped_at)
        due = {(row.interview_id, row.kind): row for row in scene.rows(tables.FollowUp)}
        for _ in range(2):
            with worker(database_url, tmp_path):
                wait_until(lambda: scene.states() == ["delivered"] * 3)
    told = {(each["type"], each["data"]["interview_id"], each["data"]["kind"]): each for each in hook.payloads()}
    assert set(told) == {
        ("follow_up.missed", closed, "thank_you"),
        ("follow_up.missed", late, "thank_you"),
        ("follow_up.due", late, "check_in"),
    }
    assert len(hook.received) == 3
    data: dict[str, Any] = told["follow_up.due", late, "check_in"]["data"]
    assert datetime.fromisoformat(data["due_at"]) == due[late, "check_in"].due_at
    assert data["late_by_seconds"] >= (now - due[late, "check_in"].due_at).total_seconds()


def find_late_check_in(now: datetime, stopped_at: datetime) -> int:
    """So many days ago there was an interview whose check-in fell due after we stopped, and is open still."""
    for days in range(6, 20):
        interview = interview_due(now - timedelta(days=days))
        steps = plan(interview, [], POLICIES[interview.policy], stopped_at).follow_ups
        (check_in,) = (step for step in steps if step.kind == "check_in")
        if stopped_at < check_in.due_at < now < check_in.closes_at - timedelta(hours=1):
            return days
    raise AssertionError("no check-in fell due on any of these days")
