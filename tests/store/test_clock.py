"""What time it is by a database, whatever the machine says."""

from datetime import UTC, datetime, timedelta

import pytest
from time_machine import travel

from app.store.clock import Clock
from app.store.db import Database

HOUR = timedelta(hours=1)
BY_A_MOMENT = timedelta(seconds=1)


def test_until_it_is_set_it_goes_by_the_machine() -> None:
    clock = Clock(lambda: datetime.now(UTC) - HOUR)
    assert abs(clock.now() - datetime.now(UTC)) < BY_A_MOMENT
    clock.set()
    assert abs(clock.now() - (datetime.now(UTC) - HOUR)) < BY_A_MOMENT


def test_it_goes_on() -> None:
    clock = Clock(lambda: datetime.now(UTC))
    clock.set()
    assert clock.now() < clock.now()


@pytest.mark.parametrize("ahead", [HOUR, -HOUR])
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_machine_whose_clock_is_wrong_or_moved_goes_by_the_server(database: Database, ahead: timedelta) -> None:
    right = datetime.now(UTC)
    with travel(right + ahead):
        database.clock.set()
        assert abs(database.clock.now() - right) < BY_A_MOMENT
    assert abs(database.clock.now() - right) < BY_A_MOMENT


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_file_has_the_clock_of_its_machine(database: Database) -> None:
    with travel(datetime.now(UTC) + HOUR):
        database.clock.set()
        assert abs(database.clock.now() - datetime.now(UTC)) < BY_A_MOMENT
