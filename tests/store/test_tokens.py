from collections.abc import Collection
from datetime import timedelta

from sqlalchemy import delete

from app.issuing import issue_key, issue_token
from app.store.db import Session
from app.store.keys import find_or_insert_account
from app.store.rows import KeyRow, Subject, TokenRow
from app.store.tables import Interview
from app.store.tokens import Issued, find_token, remove_expired, remove_tokens, tokens_about
from tests.store.examples import NOW, keep

ANA, BOB = "ana@example.com", "bob@example.com"


def _key(session: Session) -> KeyRow:
    return issue_key(session, "tests", "live", ["interviews:read"], NOW, None).row


def _keep(session: Session, key: KeyRow, interview_id: str | None = None, email: str | None = None) -> TokenRow:
    about = Subject(interview_id, email)
    ends = NOW + timedelta(minutes=15)
    return issue_token(session, key.id, about, actions=["read"], origins=["https://a.b"], now=NOW, expires_at=ends)[0]


def _left(session: Session, tokens: Collection[TokenRow]) -> list[TokenRow]:
    return [each for each in tokens if find_token(session.connection, each.digest)]


def test_a_token_is_found_by_its_digest_with_its_key(session: Session) -> None:
    one, other = _key(session), _key(session)
    tokens = {key: _keep(session, key, email=ANA) for key in (one, other)}
    for key, token in tokens.items():
        assert find_token(session.connection, token.digest) == Issued(token, key, "[]")
    assert find_token(session.connection, one.digest) is None


def test_a_token_goes_with_the_interview_that_it_is_bound_to(session: Session) -> None:
    key, gone, left = _key(session), keep(session), keep(session)
    tokens = [_keep(session, key, gone.id), _keep(session, key, left.id), _keep(session, key, email=ANA)]
    session.connection.execute(delete(Interview.__table__).where(Interview.__table__.c.id == gone.id))
    assert _left(session, tokens) == tokens[1:]


def test_tokens_about_somebody_are_those_of_their_interviews_and_of_their_address(session: Session) -> None:
    key, own, other = _key(session), keep(session), keep(session)
    stranger = Session(session.connection, find_or_insert_account(session.connection, "another", NOW))
    about = [_keep(session, key, own.id), _keep(session, key, email=ANA)]
    rest = [
        _keep(session, key, other.id),
        _keep(session, key, email=BOB),
        _keep(stranger, _key(stranger), email=ANA),
    ]
    assert set(tokens_about(session, [own.id], ANA)) == set(about)
    assert remove_tokens(session, [own.id], ANA) == 2
    assert _left(session, [*about, *rest]) == rest
    assert remove_tokens(session, [own.id], ANA) == 0


def test_what_is_over_is_removed_so_many_at_a_time(session: Session) -> None:
    key = _key(session)
    tokens = [_keep(session, key, email=ANA) for _ in range(3)]
    ends = tokens[0].expires_at
    assert remove_expired(session.connection, ends - timedelta(microseconds=1), most=9) == 0
    assert [remove_expired(session.connection, ends, most=2) for _ in range(3)] == [2, 1, 0]
    assert _left(session, tokens) == []


def test_the_tokens_of_more_interviews_than_a_statement_can_name_are_removed(session: Session) -> None:
    token = _keep(session, _key(session), email=ANA)
    many = [f"int_{number:032}" for number in range(70_000)]
    assert tokens_about(session, many, ANA) == (token,)
    assert remove_tokens(session, many, ANA) == 1
