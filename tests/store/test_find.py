from collections.abc import Callable

import pytest
from sqlalchemy import event

from app.rules.facts import Withdrawn
from app.store.db import Session
from app.store.events import insert_event
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
from app.store.follow_ups import insert_follow_ups
from app.store.ids import new_id
from app.store.keys import find_or_insert_account
from tests.store.examples import NOW, keep, step

MALFORMED = ["", "int_1", "\x00", "int_\ud800", "' OR 1=1 --", "int_" + "0" * 33, "int_" + "0" * 10_000]


def _find_event(session: Session, id: str) -> object:
    return find_event(session, new_id("int", NOW), id)


FINDERS: list[tuple[Callable[[Session, str], object], str]] = [
    (find_interview, "interview"),
    (_find_event, "event"),
    (find_follow_up, "follow-up"),
    (find_endpoint, "webhook endpoint"),
    (find_message, "message"),
    (find_delivery, "delivery"),
]


@pytest.mark.parametrize("lock", [False, True])
def test_what_was_kept_is_found(session: Session, *, lock: bool) -> None:
    row = keep(session, external_id="ats-1")
    assert find_interview(session, row.id, lock=lock) == row
    assert find_by_external_id(session, "ats-1", lock=lock) == row
    (follow_up,) = insert_follow_ups(session, row.id, [step("check_in")], NOW)
    assert find_follow_up(session, follow_up.id, lock=lock) == follow_up


@pytest.mark.parametrize(("find", "what"), FINDERS)
def test_an_unknown_id_is_not_found(session: Session, find: Callable[[Session, str], object], what: str) -> None:
    for prefix in ("int", "evt", "fu", "ep", "msg", "dlv"):
        with pytest.raises(NotFound) as caught:
            find(session, new_id(prefix, NOW))
        assert caught.value.what == what


@pytest.mark.parametrize("id", MALFORMED)
@pytest.mark.parametrize(("find", "what"), FINDERS)
def test_what_cannot_be_an_id_is_not_found_and_not_looked_for(
    session: Session, find: Callable[[Session, str], object], what: str, id: str
) -> None:
    seen: list[str] = []

    @event.listens_for(session.connection, "before_cursor_execute")
    def note(_c: object, _d: object, statement: str, *_: object) -> None:
        seen.append(statement)

    with pytest.raises(NotFound) as caught:
        find(session, id)
    assert (caught.value.what, caught.value.id, seen) == (what, id, [])


def test_another_accounts_rows_are_not_found(session: Session) -> None:
    row = keep(session, external_id="ats-1")
    kept = insert_event(session, row.id, Withdrawn(occurred_at=NOW), "{}", NOW)
    (follow_up,) = insert_follow_ups(session, row.id, [step("check_in")], NOW)
    stranger = Session(session.connection, find_or_insert_account(session.connection, "another", NOW))
    assert stranger.account_id != session.account_id
    for find in (
        lambda: find_interview(stranger, row.id),
        lambda: find_by_external_id(stranger, "ats-1"),
        lambda: find_event(stranger, row.id, kept.id),
        lambda: find_follow_up(stranger, follow_up.id),
    ):
        with pytest.raises(NotFound):
            find()


def test_an_event_of_another_interview_is_not_found(session: Session) -> None:
    one, other = keep(session), keep(session)
    kept = insert_event(session, one.id, Withdrawn(occurred_at=NOW), "{}", NOW)
    assert find_event(session, one.id, kept.id) == kept
    with pytest.raises(NotFound):
        find_event(session, other.id, kept.id)
