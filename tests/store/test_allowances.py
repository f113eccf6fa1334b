"""What processes take out of a minute that they share, on the database that they can share."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select

from app.store.allowances import APART, remove_past, take_block
from app.store.db import Database
from app.store.tables import Allowance

MINUTE = 29_871_234


pytestmark = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


def _rows(database: Database) -> list[tuple[str, int, int]]:
    with database.read() as connection:
        return [tuple(row) for row in connection.execute(select(Allowance.__table__).order_by("subject"))]


def test_every_block_adds_to_what_all_have_taken(database: Database) -> None:
    assert [take_block(database, "key_1", MINUTE, block) for block in (12, 12, 5)] == [12, 24, 29]
    assert _rows(database) == [("key_1", MINUTE, 29)]


def test_each_key_and_each_address_has_its_own(database: Database) -> None:
    assert [take_block(database, subject, MINUTE, 7) for subject in ("key_1", "key_2", "key_1")] == [7, 7, 14]


def test_a_new_minute_begins_with_nothing_taken(database: Database) -> None:
    take_block(database, "key_1", MINUTE, 12)
    assert take_block(database, "key_1", MINUTE + 1, 12) == 12
    assert _rows(database) == [("key_1", MINUTE + 1, 12)]


@pytest.mark.parametrize("behind", [1, 2, APART])
def test_whose_clock_is_behind_takes_out_of_the_minute_that_has_begun(database: Database, behind: int) -> None:
    minutes = (MINUTE, MINUTE + behind, MINUTE, MINUTE + behind)
    assert [take_block(database, "key_1", minute, 10) for minute in minutes] == [10, 10, 20, 30]
    assert _rows(database) == [("key_1", MINUTE + behind, 30)]


def test_a_clock_that_was_far_ahead_locks_nobody_out(database: Database) -> None:
    take_block(database, "key_1", MINUTE + APART + 1, 600)
    assert take_block(database, "key_1", MINUTE, 12) == 12


def test_no_block_is_given_out_twice(database: Database) -> None:
    with ThreadPoolExecutor(8) as threads:
        taken = list(threads.map(lambda _: take_block(database, "key_1", MINUTE, 3), range(200)))
    assert sorted(taken) == list(range(3, 601, 3))


def test_past_minutes_are_removed_and_the_present_one_is_not(database: Database) -> None:
    for subject, minute in (("key_1", MINUTE - 1), ("key_2", MINUTE), ("key_3", MINUTE - 9)):
        take_block(database, subject, minute, 1)
    with database.begin() as connection:
        assert remove_past(connection, MINUTE) == 2
    assert _rows(database) == [("key_2", MINUTE, 1)]
