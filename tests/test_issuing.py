import json
from datetime import timedelta
from typing import get_args

import pytest

from app.auth import MayCheck, MayRead, MayRecord, MayRender
from app.credentials import Prefix, digest, read_prefix
from app.issuing import SCOPES, SCOPES_BEHIND, create_key, issue_key, issue_token, revoke_key
from app.store.db import Database, Session
from app.store.kept_answers import claim, find_answer, keep_answer
from app.store.keys import find_account, find_key, find_or_insert_account
from app.store.rows import Action, Mode, Scope, Subject
from app.store.tokens import find_token
from tests.store.examples import NOW

BOB = Subject(None, "bob@example.com")


@pytest.mark.parametrize(
    ("mode", "prefix", "account"), [("live", "aw_live_", "acme"), ("test", "aw_test_", "acme (test)")]
)
def test_a_key_says_what_it_is_for_and_belongs_to_an_account_for_that(
    database: Database, mode: Mode, prefix: Prefix, account: str
) -> None:
    with database.begin() as connection:
        text = create_key(connection, name="curl", account="acme", now=NOW, mode=mode)
        assert read_prefix(text) == prefix
        row = find_key(connection, digest(text))
        assert row is not None
        whose = find_account(Session(connection, row.account_id))
    assert (whose.name, whose.mode) == (account, mode)
    assert (row.name, row.hint, row.created_at) == ("curl", text[-4:], NOW)
    assert (row.last_used_at, row.revoked_at, row.expires_at) == (None, None, None)


def test_a_key_may_do_everything_unless_it_is_said_what(database: Database) -> None:
    with database.begin() as connection:
        whole = create_key(connection, name="curl", account="acme", now=NOW)
        ends = NOW + timedelta(days=1)
        part = create_key(connection, name="curl", account="acme", now=NOW, scopes=["keys", "emails"], expires_at=ends)
        everything, little = (find_key(connection, digest(text)) for text in (whole, part))
    assert everything is not None
    assert little is not None
    assert (everything.scopes or "").split() == list(get_args(Scope)) == list(SCOPES)
    assert (little.scopes, little.expires_at) == ("emails keys", ends)


def test_a_token_is_kept_as_a_digest_with_the_key_that_made_it(database: Database) -> None:
    with database.begin() as connection:
        session = Session(connection, find_or_insert_account(connection, "acme", NOW))
        key = issue_key(session, "curl", "live", SCOPES, NOW, None).row
        row, text = issue_token(
            session,
            key.id,
            BOB,
            actions=["render", "read"],
            origins=["https://b.example", "https://a.example"],
            now=NOW,
            expires_at=NOW + timedelta(hours=1),
        )
        found = find_token(connection, digest(text))
    assert read_prefix(text) == "aw_client_"
    assert found == (row, key, "[]")
    assert not any(text[10:20] in str(value) for value in row)
    assert (row.actions.split(), json.loads(row.origins)) == (
        ["read", "render"],
        ["https://a.example", "https://b.example"],
    )


def test_the_text_of_a_key_that_is_revoked_is_answered_to_nobody_again(database: Database) -> None:
    with database.begin() as connection:
        account_id = find_or_insert_account(connection, "acme", NOW)
        session = Session(connection, account_id)
        key, _ = issue_key(session, "curl", "live", SCOPES, NOW, None)
        claim(session, "k", "f", NOW, 1)
        keep_answer(session, "k", "sealed", key.id)
        revoke_key(session, key.id, NOW)
        kept = find_answer(session, "k", NOW)
    assert kept is not None
    assert kept.answer is None


def test_behind_every_action_of_a_token_stands_the_scope_that_a_key_needs_for_the_same() -> None:
    doors = [each.__metadata__[0].dependency for each in (MayRead, MayRender, MayCheck, MayRecord)]  # type: ignore[attr-defined]  # of Annotated
    assert {door.action: door.scope for door in doors} == SCOPES_BEHIND
    assert SCOPES_BEHIND.keys() == set(get_args(Action))
