from datetime import timedelta

import pytest

from app.issuing import create_key, issue_key
from app.store.db import Database, Session
from app.store.find import NotFound
from app.store.ids import new_id
from app.store.keys import (
    TOUCHED_EVERY,
    change_account,
    find_account,
    find_key,
    find_or_insert_account,
    has_keys,
    list_all_keys,
    list_keys,
    revoke_key,
    touch_key,
)
from app.store.rows import KeyRow
from tests.store.examples import NOW

INSTANT = timedelta(microseconds=1)


def _keep(session: Session, number: int = 0) -> KeyRow:
    return issue_key(session, f"key {number}", "live", ["emails"], NOW + timedelta(seconds=number), None).row


def _stranger(session: Session) -> Session:
    return Session(session.connection, find_or_insert_account(session.connection, "another", NOW))


def _read(session: Session, key: KeyRow) -> KeyRow:
    found = find_key(session.connection, key.digest)
    assert found is not None
    return found


def test_a_database_without_keys_says_so(database: Database) -> None:
    with database.read() as connection:
        assert not has_keys(connection)
    with database.begin() as connection:
        create_key(connection, name="tests", account="default", now=NOW)
    with database.read() as connection:
        assert has_keys(connection)


def test_an_account_is_made_once_and_one_for_trying_out_is_another(session: Session) -> None:
    live, test = (find_or_insert_account(session.connection, "acme", NOW, mode) for mode in ("live", "test"))
    assert find_or_insert_account(session.connection, "acme", NOW) == live != test
    assert find_or_insert_account(session.connection, "acme", NOW, "test") == test
    told = [find_account(Session(session.connection, account_id)) for account_id in (live, test)]
    assert [(each.name, each.mode) for each in told] == [("acme", "live"), ("acme (test)", "test")]
    assert [(each.allowed_origins, each.retention_days) for each in told] == [("[]", None)] * 2


def test_an_account_is_changed_alone_and_by_nothing_not_at_all(session: Session) -> None:
    before, other = find_account(session), find_account(_stranger(session))
    assert change_account(session, {}) == before
    changed = change_account(session, {"allowed_origins": '["https://a.example"]', "retention_days": 30})
    assert changed == before._replace(allowed_origins='["https://a.example"]', retention_days=30)
    assert find_account(session) == changed
    assert find_account(_stranger(session)) == other


def test_a_key_is_found_by_its_digest_and_an_unknown_one_is_not(session: Session) -> None:
    key = _keep(session)
    assert find_key(session.connection, key.digest) == key
    assert find_key(session.connection, "0" * 64) is None


def test_keys_are_listed_a_page_at_a_time_the_newest_first_and_ones_own_alone(session: Session) -> None:
    made = [_keep(session, number) for number in range(5)]
    _keep(_stranger(session), 9)
    revoke_key(session, made[1].id, NOW)
    seen: list[str] = []
    cursor = None
    while len(seen) < 10:
        page = list_keys(session, limit=2, cursor=cursor)
        seen += [row.id for row in page.rows]
        cursor = page.next_cursor
        if cursor is None:
            break
    assert seen == [each.id for each in reversed(made)]


def test_whoever_runs_the_service_sees_the_keys_of_all_accounts(session: Session) -> None:
    own, other = _keep(session), _keep(_stranger(session), 1)
    assert list_all_keys(session.connection) == (("default", own), ("another", other))


def test_that_a_key_was_used_is_written_down_once_a_minute_at_most(session: Session) -> None:
    key, other = _keep(session), _keep(session, 1)
    for at, written in (
        (NOW, True),
        (NOW, False),
        (NOW + TOUCHED_EVERY - INSTANT, False),
        (NOW - TOUCHED_EVERY, False),
        (NOW + TOUCHED_EVERY, True),
    ):
        assert touch_key(session.connection, key, at) is written
    assert _read(session, key).last_used_at == NOW + TOUCHED_EVERY
    assert _read(session, other).last_used_at is None


def test_a_revoked_key_stays_revoked_from_the_moment_on_at_which_it_was(session: Session) -> None:
    key = _keep(session)
    for number in range(3):
        revoke_key(session, key.id, NOW + timedelta(hours=number))
    assert _read(session, key).revoked_at == NOW


def test_only_ones_own_key_can_be_revoked(session: Session) -> None:
    foreign = _keep(_stranger(session))
    for id in (foreign.id, new_id("key", NOW), "key_1", "", "' OR 1=1 --", "\x00"):
        with pytest.raises(NotFound):
            revoke_key(session, id, NOW)
    assert _read(session, foreign).revoked_at is None
