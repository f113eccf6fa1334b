"""How a worker waits, and how it goes on after an error."""

import asyncio
import logging
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.exc import IntegrityError, OperationalError

from app.worker import alarms
from app.worker.alarms import LONGEST_SLEEP, Alarm, keep_going, seconds_until

NOW = datetime(2026, 11, 20, 21, 0, tzinfo=UTC)
FOR_EVER = 3600.0


async def test_a_ring_wakes_whoever_sleeps() -> None:
    alarm = Alarm()
    asyncio.get_running_loop().call_soon(alarm.ring)
    await asyncio.wait_for(alarm.sleep(FOR_EVER), 10)


async def test_a_ring_before_the_sleep_is_not_lost() -> None:
    alarm = Alarm()
    alarm.ring()
    await asyncio.wait_for(alarm.sleep(FOR_EVER), 10)


async def test_a_ring_counts_once() -> None:
    alarm = Alarm()
    alarm.ring()
    await alarm.sleep(FOR_EVER)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(alarm.sleep(FOR_EVER), 0.05)


@pytest.mark.parametrize("seconds", [0, -1, 0.001])
async def test_without_a_ring_it_is_over_by_itself(seconds: float) -> None:
    await asyncio.wait_for(Alarm().sleep(seconds), 10)


@pytest.mark.parametrize(
    ("moment", "seconds"),
    [(None, LONGEST_SLEEP), (NOW + timedelta(days=1), LONGEST_SLEEP), (NOW + timedelta(seconds=0.25), 0.25)],
)
def test_a_worker_sleeps_until_the_next_moment_and_never_for_long(moment: datetime | None, seconds: float) -> None:
    assert seconds_until(moment, NOW) == seconds


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Backoffs a hundred times as short."""
    monkeypatch.setattr(alarms, "SHORTEST_BACKOFF", 0.01)
    monkeypatch.setattr(alarms, "LONGEST_BACKOFF", 0.05)


async def _fail(times: int, error: Exception) -> int:
    """How many steps were taken until one succeeded, the first `times` having failed."""
    alarm, steps = Alarm(), 0

    async def step() -> float:
        nonlocal steps
        steps += 1
        alarm.ring()  # which shortens no backoff
        if steps <= times:
            raise error
        return 0

    await asyncio.wait_for(keep_going(step, alarm, lambda: steps > times), 10)
    return steps


async def test_after_any_error_the_next_step_is_taken(caplog: pytest.LogCaptureFixture) -> None:
    assert await _fail(3, ValueError("somewhere")) == 4
    assert [record.levelno for record in caplog.records] == [logging.ERROR] * 3
    assert "somewhere" in caplog.text


async def test_a_database_that_is_away_is_said_in_one_line_and_asked_less_and_less_often(
    caplog: pytest.LogCaptureFixture,
) -> None:
    assert await _fail(4, OperationalError("SELECT", {}, Exception("gone"))) == 5
    assert not any(record.exc_info for record in caplog.records)
    waits = [float(record.getMessage().split()[-2]) for record in caplog.records]
    assert waits == [0.01, 0.02, 0.04, 0.05]


async def test_a_statement_that_is_wrong_is_logged_with_its_traceback(caplog: pytest.LogCaptureFixture) -> None:
    await _fail(1, IntegrityError("INSERT", {}, Exception("duplicate")))
    assert caplog.records[0].exc_info


async def test_a_backoff_ends_when_it_is_over() -> None:
    over = False

    async def fail() -> float:
        nonlocal over
        over = True
        raise ValueError

    await asyncio.wait_for(keep_going(fail, Alarm(), lambda: over), 10)
