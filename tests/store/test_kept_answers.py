from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from hashlib import sha256
from time import monotonic

import pytest
from sqlalchemy import select

from app.store.db import Busy, Database, Session
from app.store.kept_answers import KEPT_FOR, claim, find_answer, forget_answers, keep_answer, remove_old
from app.store.rows import KeptAnswerRow
from app.store.tables import KeptAnswer
from tests.store.examples import NOW, new_account

WAIT = 0.2
INT = "int_" + "0" * 32


@pytest.fixture
def other(database_url: str) -> Iterator[Database]:
    """Another process, as far as the database can tell."""
    database = Database(database_url)
    yield database
    database.dispose()


def _claim(session: Session, key: str = "k", fingerprint: str = "f", later: timedelta = timedelta(0)) -> object:
    return claim(session, key, fingerprint, NOW + later, WAIT)


def _keep(session: Session, key: str = "k", about: str | None = None, later: timedelta = timedelta(0)) -> None:
    assert _claim(session, key, later=later) is None
    keep_answer(session, key, "sealed", about)


def _all(session: Session) -> list[KeptAnswerRow]:
    return [KeptAnswerRow._make(row) for row in session.connection.execute(select(KeptAnswer.__table__))]


def test_the_first_finds_nothing_and_everybody_else_what_it_left(session: Session) -> None:
    _keep(session, about=INT)
    kept = KeptAnswerRow(session.account_id, "k", "f", "sealed", sha256(INT.encode()).hexdigest(), NOW)
    assert _claim(session) == kept
    assert _claim(session, fingerprint="another") == kept
    assert find_answer(session, "k", NOW) == kept
    assert find_answer(session, "another", NOW) is None


def test_another_account_may_use_the_same_key(database: Database) -> None:
    for name in ("one", "another"):
        account_id = new_account(database, name)
        with database.begin() as connection:
            _keep(Session(connection, account_id))


def test_after_a_day_it_is_as_if_there_were_nothing(session: Session) -> None:
    _keep(session, about=INT)
    just_before = KEPT_FOR - timedelta(microseconds=1)
    assert find_answer(session, "k", NOW + just_before)
    assert _claim(session, later=just_before)
    assert find_answer(session, "k", NOW + KEPT_FOR) is None
    assert _claim(session, fingerprint="another", later=KEPT_FOR) is None
    assert _all(session) == [KeptAnswerRow(session.account_id, "k", "another", None, None, NOW + KEPT_FOR)]


def test_a_claim_that_comes_to_nothing_was_never_made(database: Database, account_id: str) -> None:
    def fail(session: Session) -> None:
        _keep(session)
        raise ValueError("too late")

    with pytest.raises(ValueError, match="too late"), database.begin() as connection:
        fail(Session(connection, account_id))
    with database.begin() as connection:
        assert _claim(Session(connection, account_id)) is None


def test_whoever_comes_second_waits_for_the_first(database: Database, other: Database, account_id: str) -> None:
    def come_second() -> object:
        with other.begin() as connection:
            return claim(Session(connection, account_id), "k", "f", NOW, 30)

    with ThreadPoolExecutor(1) as pool:
        with database.begin() as connection:
            assert _claim(Session(connection, account_id)) is None
            second = pool.submit(come_second)
            keep_answer(Session(connection, account_id), "k", "sealed", None)
        assert second.result(30) == KeptAnswerRow(account_id, "k", "f", "sealed", None, NOW)


@pytest.mark.parametrize("same_process", [True, False])
def test_nobody_waits_for_longer_than_they_were_to(
    database: Database, other: Database, account_id: str, *, same_process: bool
) -> None:
    with database.begin() as first:
        assert _claim(Session(first, account_id)) is None
        second, started = database if same_process else other, monotonic()
        with pytest.raises(Busy), second.begin(WAIT) as connection:
            _claim(Session(connection, account_id))
        assert monotonic() - started >= WAIT * 0.9
    with second.begin(WAIT) as connection:
        assert _claim(Session(connection, account_id)) is not None


def test_waiting_is_as_it_was_afterwards(database: Database, other: Database, account_id: str) -> None:
    sqlite = database.dialect == "sqlite"
    asked, usual = ("PRAGMA busy_timeout", 30_000) if sqlite else ("SHOW lock_timeout", "10s")
    with other.begin() as first:
        _claim(Session(first, account_id))
        with pytest.raises(Busy), database.begin(WAIT) as connection:
            _claim(Session(connection, account_id))
    for _ in range(2):
        with database.begin(WAIT) as connection:
            _claim(Session(connection, account_id))
            assert connection.exec_driver_sql(asked).scalar_one() == usual


def test_what_is_forgotten_is_blotted_out_and_its_key_stays_taken(session: Session) -> None:
    another = "int_" + "1" * 32
    for key, about in (("a", INT), ("b", another), ("c", None)):
        _keep(session, key, about)
    assert forget_answers(session, [INT]) == 1
    assert forget_answers(session, [INT]) == 0
    assert forget_answers(session, []) == 0
    assert {row.key: row.answer for row in _all(session)} == {"a": None, "b": "sealed", "c": "sealed"}
    assert _claim(session, "a") == KeptAnswerRow(session.account_id, "a", "f", None, None, NOW)


def test_another_accounts_answers_are_not_forgotten(database: Database, account_id: str) -> None:
    with database.begin() as connection:
        _keep(Session(connection, account_id), about=INT)
    stranger = new_account(database, "another")
    with database.begin() as connection:
        assert forget_answers(Session(connection, stranger), [INT]) == 0


def test_what_is_old_is_removed_a_batch_at_a_time(session: Session) -> None:
    for number in range(5):
        _keep(session, f"old-{number}")
    _keep(session, "new", later=KEPT_FOR)
    removed = [remove_old(session.connection, NOW + KEPT_FOR, most=2) for _ in range(4)]
    assert removed == [2, 2, 1, 0]
    assert [row.key for row in _all(session)] == ["new"]


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_what_somebody_takes_over_at_this_moment_is_not_removed(
    database: Database, other: Database, account_id: str
) -> None:
    with database.begin() as connection:
        _keep(Session(connection, account_id))

    with database.begin() as connection:
        assert _claim(Session(connection, account_id), later=KEPT_FOR) is None
        with other.begin() as elsewhere:
            assert remove_old(elsewhere, NOW + KEPT_FOR, most=9) == 0  # and it is not waited for
    with database.read() as connection:
        assert [row.key for row in _all(Session(connection, account_id))] == ["k"]
