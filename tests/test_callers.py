import asyncio
from datetime import datetime, timedelta
from time import monotonic

import pytest
from sqlalchemy import make_url, select, update

from app import callers
from app.callers import KNOWN_FOR, Caller, Refusal, Register, Unauthorized
from app.credentials import Prefix, digest, make_credential
from app.issuing import SCOPES, create_key, issue_token
from app.store.db import Database, Session
from app.store.keys import TOUCHED_EVERY, list_all_keys, revoke_key
from app.store.rows import Subject
from app.store.tables import ApiKey
from tests.callers import let_in
from tests.conftest import NewDatabase
from tests.store.examples import NOW

INSTANT = timedelta(microseconds=1)
ANA = Subject(None, "ana.lopez@example.com")


def _key(database: Database) -> str:
    with database.begin() as connection:
        return digest(create_key(connection, name="tests", account="default", now=NOW))


def _token(database: Database, seconds: int = 900) -> str:
    with database.begin() as connection:
        ((_, key),) = list_all_keys(connection)
        session = Session(connection, key.account_id)
        let_in(session, "https://a.example")
        ends = NOW + timedelta(seconds=seconds)
        about = {"actions": ["read", "check"], "origins": ["https://a.example"], "now": NOW, "expires_at": ends}
        return digest(issue_token(session, key.id, ANA, **about)[1])  # type: ignore[arg-type]  # as they are named


def _last_used(database: Database) -> datetime | None:
    with database.read() as connection:
        used: datetime | None = connection.execute(select(ApiKey.__table__.c.last_used_at)).scalar_one()
        return used


def _revoke(database: Database, at: datetime = NOW) -> None:
    with database.begin() as connection:
        ((_, key),) = list_all_keys(connection)
        revoke_key(Session(connection, key.account_id), key.id, at)


async def _refusal(register: Register, prefix: Prefix, kept: str, now: datetime = NOW) -> Refusal:
    with pytest.raises(Unauthorized) as caught:
        await register.find(prefix, kept, now)
    return caught.value.reason


async def _find(register: Register, kept: str, now: datetime) -> Caller:
    return await register.find("aw_live_", kept, now)


async def test_a_key_is_known_with_all_that_it_may_do(database: Database) -> None:
    caller = await _find(Register(database), _key(database), NOW)
    assert caller.id == caller.key.id
    assert caller.scopes == set(SCOPES)
    assert not any((caller.token, caller.actions, caller.origins, caller.subject))


async def test_a_token_is_known_with_the_key_that_made_it_and_may_nothing_that_keys_may(database: Database) -> None:
    key = await _find(Register(database), _key(database), NOW)
    caller = await Register(database).find("aw_client_", _token(database), NOW)
    assert (caller.account_id, caller.key.id) == (key.account_id, key.id)
    assert caller.token is not None
    assert caller.id == caller.token.id
    assert not caller.scopes
    assert caller.actions == {"read", "check"}
    assert caller.origins == {"https://a.example"}
    assert caller.subject == ANA


async def test_a_token_is_none_of_the_keys_and_a_key_none_of_the_tokens(database: Database) -> None:
    key, token, register = _key(database), _token(database), Register(database)
    assert await _refusal(register, "aw_client_", key) == "unknown"
    assert await _refusal(register, "aw_live_", token) == "unknown"
    assert await _refusal(register, "aw_live_", digest(make_credential("aw_live_"))) == "unknown"


async def test_a_token_is_good_until_its_time_is_over(database: Database) -> None:
    _key(database)
    token, register = _token(database, 900), Register(database)
    end = NOW + timedelta(seconds=900)
    await register.find("aw_client_", token, end - INSTANT)
    assert await _refusal(register, "aw_client_", token, end) == "expired"
    assert await _refusal(Register(database), "aw_client_", token, end) == "expired"


async def test_a_token_ends_with_its_key(database: Database) -> None:
    _key(database)
    token, register = _token(database), Register(database)
    await register.find("aw_client_", token, NOW)
    _revoke(database)
    assert await _refusal(register, "aw_client_", token, NOW + KNOWN_FOR) == "revoked"


async def test_that_a_key_is_used_is_noted_once_a_minute(database: Database) -> None:
    kept, register = _key(database), Register(database)
    for passed, noted in ((0, 0), (1, 0), (30, 0), (59, 0), (60, 60), (61, 60), (119, 60), (125, 125)):
        await _find(register, kept, NOW + timedelta(seconds=passed))
        await _find(Register(database), kept, NOW + timedelta(seconds=passed))
        assert _last_used(database) == NOW + timedelta(seconds=noted)


async def test_a_key_that_is_used_all_the_time_is_noted_every_minute(database: Database) -> None:
    kept, register = _key(database), Register(database)
    for passed in range(0, 150, 3):  # less than what is read of a key is trusted for
        now = NOW + timedelta(seconds=passed)
        await _find(register, kept, now)
        with database.begin() as connection:
            register.ask(connection, "aw_live_", kept, now)
    assert _last_used(database) == NOW + timedelta(seconds=120)


async def test_a_process_that_has_not_heard_of_it_does_not_note_the_same_minute_again(database: Database) -> None:
    kept, one, other = _key(database), Register(database), Register(database)
    await _find(one, kept, NOW)
    await _find(other, kept, NOW + timedelta(seconds=58))
    await _find(one, kept, NOW + TOUCHED_EVERY)
    await _find(other, kept, NOW + timedelta(seconds=61))
    assert _last_used(database) == NOW + TOUCHED_EVERY


async def test_many_at_once_are_all_let_in_and_note_one_moment(database: Database) -> None:
    kept, register = _key(database), Register(database)
    moments = [NOW + timedelta(milliseconds=number) for number in range(30)]
    found = await asyncio.gather(*(_find(register, kept, now) for now in moments))
    assert len({caller.id for caller in found}) == 1
    assert _last_used(database) in moments


async def test_neither_who_is_refused_nor_a_token_counts_as_use_of_a_key(database: Database) -> None:
    kept = _key(database)
    await Register(database).find("aw_client_", _token(database), NOW)
    _revoke(database)
    assert await _refusal(Register(database), "aw_live_", kept) == "revoked"
    assert _last_used(database) is None


async def test_a_database_that_cannot_be_written_to_still_lets_readers_in(new_postgresql: NewDatabase) -> None:
    with new_postgresql() as url:
        database = Database(url)
        kept = _key(database)
        only = make_url(url).update_query_dict({"options": "-c default_transaction_read_only=on"})
        standby = Database(only.render_as_string(hide_password=False))
        register = Register(standby)
        for passed in (0, 1, 61):
            assert (await _find(register, kept, NOW + timedelta(seconds=passed))).scopes
        assert _last_used(database) is None
        standby.dispose()
        database.dispose()


async def test_only_so_many_are_remembered(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(callers, "MOST", 3)
    register = Register(database)
    for _ in range(5):
        await _find(register, _key(database), NOW)
    assert len(register._known) <= 3  # noqa: SLF001 - it is what must not grow


async def test_readers_do_not_wait_for_a_writer_to_note_that_a_key_was_used(database: Database) -> None:
    key = _key(database)
    register = Register(database)
    with database.begin() as connection:
        connection.execute(update(ApiKey.__table__).values(name="held"))
        started = monotonic()
        assert (await register.find("aw_live_", key, NOW)).account_id
        assert monotonic() - started < 5
    assert _last_used(database) is None
