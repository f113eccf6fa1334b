"""Machines whose clocks are an hour off: what they do together is what one with a good clock would do."""

import time
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.store import tables
from tests.faults.processes import wait_until, worker
from tests.faults.receivers import Received, receiver
from tests.faults.scenes import Scene

pytestmark = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)

HOUR, SOON = timedelta(hours=1), timedelta(seconds=3)
MESSAGES = 10


@pytest.mark.parametrize("ahead", [HOUR, -HOUR])
def test_a_worker_whose_clock_is_an_hour_off_rings_when_it_is_time(
    scene: Scene, database_url: str, tmp_path: Path, ahead: timedelta
) -> None:
    with receiver() as hook:
        scene.add_endpoint(hook.url)
        due_at = datetime.now(UTC) + SOON
        scene.add_interviews(1, due_at)
        scene.add_interviews(1, due_at + HOUR / 2)
        with worker(database_url, tmp_path, ahead):
            wait_until(lambda: hook.received)
            time.sleep(0.5)
        (only,) = hook.received
        assert abs(only.at - due_at.timestamp()) < 1


@pytest.mark.parametrize(("first", "second"), [(timedelta(), HOUR), (-HOUR, timedelta())])
def test_of_two_workers_whose_clocks_are_an_hour_apart_none_takes_what_the_other_has(
    scene: Scene, database_url: str, tmp_path: Path, first: timedelta, second: timedelta
) -> None:
    def answer_slowly(_: Received) -> int:
        time.sleep(1.5)
        return 204

    with receiver(behave=answer_slowly) as hook, ExitStack() as workers:
        scene.add_endpoint(hook.url)
        scene.add_interviews(MESSAGES, datetime.now(UTC))
        workers.enter_context(worker(database_url, tmp_path, first))
        wait_until(lambda: len(hook.received) == MESSAGES)
        workers.enter_context(worker(database_url, tmp_path, second))
        wait_until(lambda: scene.states() == ["delivered"] * MESSAGES)
        assert set(hook.ids().values()) == {1}
        assert hook.ids().keys() == {row.id for row in scene.rows(tables.Message)}
