import sqlite3
import stat
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from sqlalchemy import Connection, Insert, exc, insert, make_url, select, text, update

from app.store.db import CONNECTIONS, Database, Session
from app.store.find import find_interview
from app.store.interviews import replace_facts
from app.store.tables import Account
from tests.store.examples import NOW, interview, keep, new_account

ACCOUNT = Account.__table__
THREADS = 40


def _names(database: Database) -> list[str]:
    with database.read() as connection:
        return list(connection.execute(select(ACCOUNT.c.name).order_by(ACCOUNT.c.name)).scalars())


def _insert(name: str) -> Insert:
    return insert(ACCOUNT).values(id=f"acc_{name}", name=name, created_at=NOW)


def test_a_block_that_ends_is_kept(database: Database) -> None:
    with database.begin() as connection:
        connection.execute(_insert("one"))
    assert _names(database) == ["one"]


def _insert_and_fail(connection: Connection) -> None:
    connection.execute(_insert("one"))
    raise ValueError("too late")


def test_a_block_that_raises_is_not_kept_and_the_next_one_can_write(database: Database) -> None:
    with pytest.raises(ValueError, match="too late"), database.begin() as connection:
        _insert_and_fail(connection)
    new_account(database, "two")
    assert _names(database) == ["two"]


def test_a_reader_sees_one_snapshot_while_others_write(database: Database) -> None:
    counting = text("SELECT count(*) FROM account")
    with database.read() as reader:
        assert reader.execute(counting).scalar_one() == 0
        new_account(database)
        assert reader.execute(counting).scalar_one() == 0
    with database.read() as reader:
        assert reader.execute(counting).scalar_one() == 1


def test_forty_threads_that_count_in_one_row_lose_nothing(database: Database) -> None:
    account_id = new_account(database)
    with database.begin() as connection:
        row = keep(Session(connection, account_id))

    def count(number: int) -> None:
        with database.begin() as connection:
            session = Session(connection, account_id)
            read = find_interview(session, row.id, lock=True)
            replace_facts(session, read, interview(company=f"Number {number}"), f"{read.facts} {number}", NOW)

    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(count, range(480)))
    with database.read() as connection:
        last = find_interview(Session(connection, account_id), row.id)
    assert last.version == 481
    assert sorted(map(int, last.facts.removeprefix(row.facts).split())) == list(range(480))


def test_two_applications_over_one_database_lose_nothing_either(database: Database, database_url: str) -> None:
    """As two processes would: their threads do not share a queue."""
    other = Database(database_url)
    new_account(database, "0")

    def count(number: int) -> None:
        with (database, other)[number % 2].begin() as connection:
            read = connection.execute(select(ACCOUNT.c.name).with_for_update()).scalar_one()
            connection.execute(update(ACCOUNT).values(name=str(int(read) + 1)))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(count, range(200)))
    other.dispose()
    assert _names(database) == ["200"]


def test_forty_threads_hold_a_connection_each_and_none_waits(database: Database) -> None:
    everybody = threading.Barrier(THREADS)

    def hold(_: int) -> None:
        with database.read() as connection:
            connection.execute(text("SELECT 1"))
            everybody.wait(timeout=20)

    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(hold, range(THREADS)))
    assert CONNECTIONS > THREADS


def test_what_is_wrong_with_a_statement_says_nothing_about_people(database: Database) -> None:
    new_account(database, "Ada")
    with pytest.raises(exc.IntegrityError) as caught, database.begin() as connection:
        connection.execute(_insert("Ada"))
    assert "parameters hidden" in str(caught.value)


@pytest.mark.parametrize("name", ["a\x00b", "\ud800"])
def test_a_text_that_cannot_be_kept_is_kept_whole_or_refused_aloud(database: Database, name: str) -> None:
    """What we accept is checked long before; here it must only not vanish."""
    try:
        with database.begin() as connection:
            connection.execute(_insert(name))
    except (exc.DataError, UnicodeEncodeError):
        assert _names(database) == []
    else:
        assert _names(database) == [name]


@pytest.mark.parametrize(
    "url", ["", "x", "mysql://localhost/x", "sqlite://", "sqlite:///:memory:", "postgresql+asyncpg://u:hidden@host/x"]
)
def test_any_other_url_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(ValueError, match="sqlite:///path/to/file or postgresql://") as caught:
        Database(url)
    assert "hidden" not in str(caught.value)


def test_a_url_of_postgres_is_one_of_postgresql() -> None:
    assert Database("postgres://user@host/name").dialect == "postgresql"


# SQLite


def test_the_file_of_sqlite_is_made_with_its_folder(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/deep/er/x.db")
    with database.begin() as connection:
        connection.execute(text("CREATE TABLE t (x)"))
    database.dispose()
    assert (tmp_path / "deep/er/x.db").exists()


def test_every_connection_to_sqlite_is_set_up(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/x.db")
    pragmas = ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
    with database.read() as one, database.read() as other:
        for connection in (one, other):
            found = [connection.execute(text(f"PRAGMA {pragma}")).scalar_one() for pragma in pragmas]
            assert found == ["wal", 1, 1, 30_000]
    database.dispose()


def test_a_busy_file_of_sqlite_is_waited_for_and_then_told(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/x.db", wait_seconds=0.1)
    stranger = sqlite3.connect(tmp_path / "x.db", isolation_level=None)
    stranger.execute("BEGIN IMMEDIATE")
    with pytest.raises(exc.OperationalError, match="locked"), database.begin():
        pass
    stranger.close()
    with database.begin():
        pass
    database.dispose()


def test_a_thread_that_writes_within_its_own_writing_is_told(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/x.db", wait_seconds=0.1)
    with database.begin(), pytest.raises(exc.TimeoutError), database.begin():
        pass
    database.dispose()


def _logged(file: Path) -> int:
    return file.with_name(f"{file.name}-wal").stat().st_size


@pytest.fixture
def logged(tmp_path: Path) -> Iterator[Database]:
    """An SQLite file `x.db` with a table `t`, which stands in its log still."""
    database = Database(f"sqlite:///{tmp_path}/x.db")
    with database.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE t (x)")
    yield database
    database.dispose()


def test_what_was_overwritten_is_folded_into_the_file_and_the_log_is_empty(logged: Database, tmp_path: Path) -> None:
    assert _logged(tmp_path / "x.db") > 0
    logged.fold_in()
    assert _logged(tmp_path / "x.db") == 0


def test_folding_in_keeps_no_writer_waiting_where_somebody_reads(logged: Database, tmp_path: Path) -> None:
    with ThreadPoolExecutor(1) as pool, logged.read() as reader:
        reader.exec_driver_sql("SELECT * FROM t").all()
        with logged.begin() as connection:
            connection.exec_driver_sql("INSERT INTO t VALUES (1)")
        pool.submit(logged.fold_in).result(5)
        with logged.begin(1) as connection:
            connection.exec_driver_sql("INSERT INTO t VALUES (2)")
    assert _logged(tmp_path / "x.db") > 0
    logged.fold_in()
    assert _logged(tmp_path / "x.db") == 0


def test_folding_in_is_left_to_the_next_time_where_somebody_writes(logged: Database) -> None:
    with ThreadPoolExecutor(1) as pool, logged.begin():
        pool.submit(logged.fold_in).result(5)


# PostgreSQL


@pytest.fixture
def postgresql_url(new_postgresql: Callable[[], AbstractContextManager[str]]) -> Iterator[str]:
    with new_postgresql() as url:
        yield url


@pytest.fixture
def postgresql(postgresql_url: str) -> Iterator[Database]:
    database = Database(postgresql_url)
    yield database
    database.dispose()


def _show(connection: Connection, *settings: str) -> list[str]:
    return [connection.execute(text(f"SHOW {setting}")).scalar_one() for setting in settings]


def test_nothing_on_postgresql_may_take_for_ever(postgresql: Database) -> None:
    settings = ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout", "timezone")
    with postgresql.begin() as connection:
        assert _show(connection, *settings) == ["15s", "10s", "1min", "UTC"]
        assert _show(connection, "application_name") == ["afterword"]


def test_what_the_url_says_wins(postgresql_url: str) -> None:
    given = {"application_name": "mine", "options": "-c lock_timeout=7s"}
    url = make_url(postgresql_url).update_query_dict(given)
    database = Database(url.render_as_string(hide_password=False))
    with database.begin() as connection:
        assert _show(connection, "application_name", "lock_timeout", "statement_timeout") == ["mine", "7s", "15s"]
    database.dispose()


def test_a_reader_on_postgresql_cannot_write(postgresql: Database) -> None:
    with pytest.raises(exc.DBAPIError, match="read-only transaction"), postgresql.read() as connection:
        connection.execute(_insert("one"))


def test_connections_that_the_server_closed_are_replaced_before_anybody_notices(postgresql: Database) -> None:
    def use(_: int) -> None:
        with postgresql.begin() as connection:
            connection.execute(text("SELECT pg_sleep(0.05)"))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(use, range(8)))
        with postgresql.begin() as connection:
            ended = text(
                "SELECT count(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            assert connection.execute(ended).scalar_one() == 7
        list(pool.map(use, range(40)))


def test_a_file_is_made_for_nobody_elses_eyes(tmp_path: Path) -> None:
    file = tmp_path / "new.db"
    database = Database(f"sqlite:///{file}")
    with database.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE t (x)")
        assert [stat.S_IMODE(each.stat().st_mode) for each in tmp_path.glob("new.db*")] == [0o600] * 3
    database.dispose()
