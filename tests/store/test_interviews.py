import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from app.rules.facts import Withdrawn
from app.store import tables
from app.store.db import Database, Session
from app.store.events import insert_event
from app.store.find import NotFound, find_by_external_id, find_interview
from app.store.follow_ups import insert_follow_ups
from app.store.interviews import (
    InterviewFilter,
    Stale,
    Taken,
    delete_interviews,
    hold,
    list_interviews,
    replace_facts,
    siblings,
)
from app.store.keys import find_or_insert_account
from app.store.rows import InterviewRow
from tests.store.examples import NOW, interview, keep, step

LATER = NOW + timedelta(days=1)


def _count(session: Session, table: type[tables.Interview | tables.Event | tables.FollowUp]) -> int:
    return session.connection.execute(select(func.count()).select_from(table.__table__)).scalar_one()


def test_what_is_kept_comes_back_as_it_was(session: Session) -> None:
    given = interview(external_id="ats-1", application_ref="app-7")
    row = keep(session, external_id="ats-1", application_ref="app-7")
    assert find_interview(session, row.id) == row
    assert row.facts == given.model_dump_json()
    assert row.candidate_email == "ada@example.org"
    assert row.starts_at == datetime(2026, 11, 20, 20, tzinfo=UTC)
    assert row.starts_at.tzinfo is UTC
    assert (row.version, row.created_at, row.updated_at) == (1, NOW, NOW)


def test_the_text_of_the_facts_is_kept_to_the_letter(session: Session) -> None:
    text = '{"b": 1.0,  "a":"\u00e9 e\u0301 \U0001f600 \u2028 \\u0000 \'%s :x"}'
    row = replace_facts(session, keep(session), interview(), text, NOW)
    assert find_interview(session, row.id).facts == text


def test_an_interview_without_an_email_has_none(session: Session) -> None:
    assert keep(session, candidate={"name": "Ada"}).candidate_email is None


def test_a_taken_external_id_is_told_and_the_transaction_goes_on(session: Session) -> None:
    first = keep(session, external_id="ats-1")
    with pytest.raises(Taken) as caught:
        keep(session, external_id="ats-1")
    assert caught.value.member == "external_id"
    assert find_by_external_id(session, "ats-1") == first


def test_an_external_id_belongs_to_one_account_only(session: Session) -> None:
    other = Session(session.connection, find_or_insert_account(session.connection, "other", NOW))
    assert keep(session, external_id="ats-1").id != keep(other, external_id="ats-1").id


def test_any_number_of_interviews_have_no_external_id(session: Session) -> None:
    keep(session)
    keep(session)
    assert _count(session, tables.Interview) == 2


def test_of_those_who_create_the_same_external_id_at_once_one_succeeds(database: Database, account_id: str) -> None:
    everybody = threading.Barrier(20)

    def create(_: int) -> InterviewRow | Taken:
        everybody.wait(timeout=20)
        with database.begin() as connection:
            try:
                return keep(Session(connection, account_id), external_id="ats-1")
            except Taken as error:
                # The winner is in sight, so that create-or-replace can go on here.
                find_by_external_id(Session(connection, account_id), "ats-1", lock=True)
                return error

    with ThreadPoolExecutor(20) as pool:
        made = list(pool.map(create, range(20)))
    assert sum(isinstance(each, Taken) for each in made) == 19
    with database.read() as connection:
        assert _count(Session(connection, account_id), tables.Interview) == 1


def test_new_facts_are_the_next_version(session: Session) -> None:
    row = keep(session)
    given = interview(company="Contoso", external_id="ats-2")
    replaced = replace_facts(session, row, given, given.model_dump_json(), LATER)
    assert replaced == find_interview(session, row.id)
    assert (replaced.version, replaced.company, replaced.external_id) == (2, "Contoso", "ats-2")
    assert (replaced.created_at, replaced.updated_at) == (NOW, LATER)


def test_the_same_facts_write_nothing(session: Session) -> None:
    row = keep(session)
    assert replace_facts(session, row, interview(), row.facts, LATER) == row
    assert find_interview(session, row.id) == row


def test_facts_are_not_replaced_by_who_read_an_older_version(session: Session) -> None:
    row = keep(session)
    replace_facts(session, row, interview(company="Contoso"), "{}", LATER)
    with pytest.raises(Stale):
        replace_facts(session, row, interview(company="Fabrikam"), '{"": 1}', LATER)
    assert find_interview(session, row.id).company == "Contoso"


def test_facts_cannot_take_the_external_id_of_another(database: Database, account_id: str) -> None:
    with database.begin() as connection:
        keep(Session(connection, account_id), external_id="ats-1")
        row = keep(Session(connection, account_id))
    with pytest.raises(Taken) as caught, database.begin() as connection:
        replace_facts(Session(connection, account_id), row, interview(external_id="ats-1"), "{}", LATER)
    assert caught.value.member == "external_id"


def test_another_broken_constraint_is_not_taken_for_a_taken_external_id(database: Database, account_id: str) -> None:
    with database.begin() as connection:
        row = keep(Session(connection, account_id))
    nothing: Any = None
    with pytest.raises(IntegrityError), database.begin() as connection:
        replace_facts(Session(connection, account_id), row, interview(external_id="ats-1"), nothing, LATER)


def test_a_deleted_interview_takes_its_events_and_follow_ups_along(session: Session) -> None:
    row, other = keep(session), keep(session)
    for each in (row, other):
        insert_event(session, each.id, Withdrawn(occurred_at=NOW), "{}", NOW)
        insert_follow_ups(session, each.id, [step("check_in")], NOW)
    assert delete_interviews(session, [row.id]) == 1
    with pytest.raises(NotFound):
        find_interview(session, row.id)
    assert [_count(session, table) for table in (tables.Interview, tables.Event, tables.FollowUp)] == [1, 1, 1]


def test_only_ones_own_interview_can_be_deleted(session: Session) -> None:
    row = keep(session)
    other = Session(session.connection, find_or_insert_account(session.connection, "other", NOW))
    assert delete_interviews(other, [row.id]) == 0
    assert find_interview(session, row.id) == row


FILTERS = {
    "company": "Contoso",
    "job_title": "Writer",
    "stage": "final_round",
    "external_id": "ats-1",
    "application_ref": "app-7",
    "candidate_email": "BOB@example.org",
}


@pytest.mark.parametrize(("member", "value"), FILTERS.items())
def test_interviews_are_filtered_by(session: Session, member: str, value: str) -> None:
    keep(session)
    other = Session(session.connection, find_or_insert_account(session.connection, "other", NOW))
    given: dict[str, Any] = FILTERS | {"candidate": {"name": "Bob", "email": "Bob@Example.org"}}
    del given["candidate_email"]
    keep(other, **given)
    wanted = keep(session, **given)
    page = list_interviews(session, InterviewFilter(**{member: value}), sort="starts_at", limit=10)
    assert page.rows == (wanted,)


def test_every_filter_is_tried_above() -> None:
    assert FILTERS.keys() == {field.name for field in fields(InterviewFilter)}


def test_siblings_are_the_other_interviews_of_the_application(session: Session) -> None:
    second = keep(session, application_ref="app-7", starts_at=NOW + timedelta(days=7))
    first = keep(session, application_ref="app-7", starts_at=NOW)
    keep(session, application_ref="app-8")
    keep(session)
    other = Session(session.connection, find_or_insert_account(session.connection, "other", NOW))
    keep(other, application_ref="app-7")
    third = keep(session, application_ref="app-7")
    found = siblings(session, "app-7", besides=third.id)
    assert found == ((first.id, first.starts_at, NOW), (second.id, second.starts_at, NOW))


def test_two_rounds_that_are_stored_at_once_see_each_other(database: Database, account_id: str) -> None:
    both = threading.Barrier(2)

    def store(_: int) -> int:
        both.wait(timeout=20)
        with database.begin() as connection:
            session = Session(connection, account_id)
            hold(session, "application", "app-7")
            row = keep(session, application_ref="app-7")
            return len(siblings(session, "app-7", besides=row.id))

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(store, range(2))) == [0, 1]
