"""What an index is there for is found by it. SQLite's plans do not depend on what happens to be in the tables."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, suppress
from typing import Any

import pytest
from sqlalchemy import event

from app.store.db import Database, Session
from app.store.events import delete_event, list_events
from app.store.find import (
    NotFound,
    find_by_external_id,
    find_delivery,
    find_endpoint,
    find_event,
    find_follow_up,
    find_interview,
    find_message,
)
from app.store.follow_ups import FollowUpFilter, follow_ups_of, insert_follow_ups, list_follow_ups
from app.store.interviews import (
    InterviewFilter,
    delete_interviews,
    interviews_of,
    list_interviews,
    lock_interviews,
    siblings,
)
from app.store.keys import find_key
from app.store.retention import find_old, still_old, terms
from tests.store.examples import NOW, keep, new_account, step

INT, EVT, FU, EP, MSG, DLV = (f"{prefix}_{'0' * 32}" for prefix in ("int", "evt", "fu", "ep", "msg", "dlv"))


@pytest.fixture
def session(new_sqlite: Callable[[], AbstractContextManager[str]]) -> Iterator[Session]:
    with new_sqlite() as url:
        database = Database(url)
        account_id = new_account(database)
        with database.begin() as connection:
            yield Session(connection, account_id)
        database.dispose()


def _plans(session: Session, ask: Callable[[], object]) -> list[str]:
    asked: list[tuple[str, Any]] = []

    def note(_c: object, _d: object, statement: str, parameters: Any, *_: object) -> None:
        asked.append((statement, parameters))

    event.listen(session.connection, "before_cursor_execute", note)
    with suppress(NotFound):
        ask()
    event.remove(session.connection, "before_cursor_execute", note)
    run = session.connection.exec_driver_sql
    return [
        "; ".join(row.detail for row in run(f"EXPLAIN QUERY PLAN {statement}", values)) for statement, values in asked
    ]


FOUND_BY: dict[str, tuple[Callable[[Session], object], str]] = {
    "find_key": (lambda session: find_key(session.connection, "x"), "digest=?"),
    "find_interview": (lambda session: find_interview(session, INT), "account_id=? AND id=?"),
    "find_by_external_id": (lambda session: find_by_external_id(session, "x"), "account_id=? AND external_id=?"),
    "find_event": (lambda session: find_event(session, INT, EVT), "account_id=? AND id=?"),
    "find_follow_up": (lambda session: find_follow_up(session, FU), "account_id=? AND id=?"),
    "find_endpoint": (lambda session: find_endpoint(session, EP), "account_id=? AND id=?"),
    "find_message": (lambda session: find_message(session, MSG), "account_id=? AND id=?"),
    "find_delivery": (lambda session: find_delivery(session, DLV), "account_id=? AND id=?"),
    "delete_interviews": (lambda session: delete_interviews(session, [INT]), "account_id=? AND id=?"),
    "delete_event": (lambda session: delete_event(session, INT, EVT), "account_id=? AND id=?"),
    "lock_interviews": (lambda session: lock_interviews(session, [INT]), "account_id=? AND id=?"),
    "interviews_of": (lambda session: interviews_of(session, "x"), "account_id=? AND candidate_email=?"),
    "find_old": (lambda session: find_old(session, NOW, 50), "account_id=? AND starts_at<?"),
    "still_old": (lambda session: still_old(session, [INT], NOW), "account_id=? AND id=?"),
    "terms": (lambda session: terms(session.connection, NOW, 30), "account_id=?"),
    "siblings": (lambda session: siblings(session, "x", besides=INT), "account_id=? AND application_ref=?"),
    "list_events": (lambda session: list_events(session, INT), "account_id=? AND interview_id=?"),
    "follow_ups_of": (lambda session: follow_ups_of(session, INT), "account_id=? AND interview_id=?"),
}


@pytest.mark.parametrize("name", FOUND_BY)
def test_rows_are_found_by_an_index(session: Session, name: str) -> None:
    ask, found_by = FOUND_BY[name]
    (plan,) = _plans(session, lambda: ask(session))
    assert f"({found_by})" in plan


def _plans_of_two_pages(session: Session, filters: InterviewFilter) -> list[str]:
    def ask() -> None:
        page = list_interviews(session, filters, sort="-created_at", limit=1)
        list_interviews(session, filters, sort="-created_at", limit=1, cursor=page.next_cursor)

    return _plans(session, ask)


def test_pages_of_interviews_are_found_in_their_order(session: Session) -> None:
    for _ in range(2):
        keep(session)
    first, following = _plans_of_two_pages(session, InterviewFilter(stage="panel"))
    assert "(account_id=?)" in first
    assert "(account_id=? AND (created_at,id)<(?,?))" in following
    assert "B-TREE" not in first + following


@pytest.mark.parametrize("name", ["application_ref", "candidate_email"])
def test_pages_of_a_few_interviews_are_found_by_what_they_have_in_common(session: Session, name: str) -> None:
    for _ in range(2):
        keep(session, application_ref="x", candidate={"name": "X", "email": "x"})
    first, following = _plans_of_two_pages(session, InterviewFilter(**{name: "x"}))
    assert f"(account_id=? AND {name}=?)" in first
    assert f"(account_id=? AND {name}=?)" in following


def test_the_one_interview_with_an_external_id_is_found_by_it(session: Session) -> None:
    keep(session, external_id="x")
    first, *_ = _plans_of_two_pages(session, InterviewFilter(external_id="x"))
    assert "(account_id=? AND external_id=?)" in first


def test_pages_of_follow_ups_are_found_by_an_index(session: Session) -> None:
    interview_id = keep(session).id
    insert_follow_ups(session, interview_id, [step("check_in"), step("offer_reply")], NOW)

    def ask(filters: FollowUpFilter) -> None:
        page = list_follow_ups(session, filters, NOW, limit=1)
        list_follow_ups(session, filters, NOW, limit=1, cursor=page.next_cursor)

    first, following = _plans(session, lambda: ask(FollowUpFilter(interview_id=interview_id)))
    assert "(account_id=? AND interview_id=?)" in first
    assert "(account_id=? AND interview_id=?)" in following
    first, following = _plans(session, lambda: ask(FollowUpFilter(state="due", due_before=NOW)))
    assert "(account_id=? AND due_at<?)" in first
    first, following = _plans(session, lambda: ask(FollowUpFilter(kind="check_in")))
    assert "(account_id=?)" in first
    assert "B-TREE" not in first + following
